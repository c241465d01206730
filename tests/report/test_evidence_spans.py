"""Where answers and evidence stand in an article."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from harness.records import Article, Evidence, Part, Question
from harness.report.examples.evidence_spans import (
    Searchable,
    acceptable_answer_spans,
    answer_span,
    evidence_spans,
)

TEXT = "Tokyo signed. In Tokyo, 5 of 550 came.\nShe said: “We  are\nfriends.” Tokyo’s day."


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        ("Tokyo", ["Tokyo", "Tokyo", "Tokyo"]),
        ("5", ["5"]),  # not within 550
        ("toky", []),
        ("TOKYO SIGNED", ["Tokyo signed"]),
        ('"we are friends."', ["“We  are\nfriends.”"]),
        ("Tokyo's day", ["Tokyo’s day"]),
        (" In Tokyo, ", ["In Tokyo,"]),
        ("", []),
        ("  \n", []),
        ("Paris", []),
    ],
)
def test_words_are_found_whole(words: str, expected: list[str]) -> None:
    assert [TEXT[start:end] for start, end in Searchable(TEXT).find(words)] == expected


SOURCES = st.text(st.sampled_from("aB1 \n\tİß“’.,"), max_size=40)


@settings(deadline=None)
@given(SOURCES, st.data())
def test_every_piece_that_ends_between_words_is_found_where_it_is(
    text: str, data: st.DataObject
) -> None:
    start = data.draw(st.integers(0, len(text)))
    end = data.draw(st.integers(start, len(text)))
    piece = text[start:end]
    cut = any(
        0 < at < len(text) and text[at - 1].isalnum() and text[at].isalnum() for at in (start, end)
    )
    if cut or not piece or piece != piece.strip():
        return
    # As it is; and with what loose search does not look at made different.
    exact = Searchable(text).find(piece)
    assert all(text[a:b] == piece for a, b in exact)
    assert any(a < end and start < b for a, b in exact)  # it, or one before that it overlaps
    folded = " ".join(piece.split()).upper().replace("“", '"').replace("’", "'")
    if "İ" not in piece and "ß" not in piece:  # upper case of these is longer
        for a, b in Searchable(text).find(folded):
            found = " ".join(text[a:b].split()).upper().replace("“", '"').replace("’", "'")
            assert found == folded


def test_letters_that_grow_in_lower_case_move_no_place() -> None:
    text = "İİ  İstanbul\n\n wins"
    found = Searchable(text).find("istanbul WINS")
    assert found == []  # İ is no i
    found = Searchable(text).find("İSTANBUL wins")
    assert [text[start:end] for start, end in found] == ["İstanbul\n\n wins"]


def test_of_several_places_the_one_in_the_evidence_counts() -> None:
    evidence = [(14, 38)]
    found = answer_span("Tokyo", Searchable(TEXT), evidence)
    assert found == (
        (17, 22), False, 3,
        "the words stand in 3 places; marked is the one in the evidence",
    )  # fmt: skip


def test_without_evidence_the_first_place_counts_and_it_says_so() -> None:
    found = answer_span("Tokyo", Searchable(TEXT), [])
    assert found == ((0, 5), False, 3, "the words stand in 3 places; marked is the first one")


def test_a_place_outside_the_evidence_says_so() -> None:
    found = answer_span("friends", Searchable(TEXT), [(0, 13)])
    assert found
    assert found.description == "the only place with these words, outside the evidence"


def test_the_place_that_the_model_gave_counts() -> None:
    found = answer_span("Tokyo", Searchable(TEXT), [(14, 38)], recorded=(0, 5))
    assert found == (
        (0, 5), True, 3,
        "where the model found it, outside the evidence; the same words stand in 3 places",
    )  # fmt: skip


def test_words_that_are_not_there_have_no_place() -> None:
    assert answer_span("Paris", Searchable(TEXT), []) is None
    assert answer_span("", Searchable(TEXT), []) is None


def test_evidence_of_an_event_is_looked_for_in_its_own_article() -> None:
    text = "One:\n\nIt rained.\n\nTwo:\n\nIt rained. It snowed."
    parts = (Part("one", 6, 16), Part("two", 24, 45))
    event = Article("event", text, "f", "0", parts=parts)
    question = Question(
        "q", "Rain?", "what", ("rained",), (Evidence("two", "It rained."), Evidence("one", "No."))
    )
    places, lost = evidence_spans(question, event)
    assert (places, lost) == ([(24, 34)], ["No."])
    assert acceptable_answer_spans(("rained", "It rained"), places, text) == [(24, 33)]
