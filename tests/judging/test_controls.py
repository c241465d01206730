"""The texts that a summary's coverage is held against."""

import pytest

from harness.files import sha256
from harness.judging.controls import DRAWS, SEED, lead, random_sentences
from harness.records import Article, Part
from harness.text import word_places

TEXT = "One two three. Four five six seven. Eight nine."


def _article(text: str = TEXT) -> Article:
    return Article("a", text, "a.txt", "")


def _event() -> Article:
    text = "Outlet:\n\na1 a2 a3.\n\nOther:\n\nb1 b2 b3 b4 b5 b6."
    parts = [Part(name, text.index(first), text.index(last) + len(last))
             for name, first, last in (("a", "a1", "a3."), ("b", "b1", "b6."))]  # fmt: skip
    return Article("e", text, "a.txt, b.txt", "", parts=tuple(parts))


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        (0, ""),
        (1, "One"),
        (3, "One two three."),
        (5, "One two three. Four five"),
        (9, TEXT),
        (10_000, TEXT),
    ],
)
def test_a_lead_has_whole_words_as_many_as_asked_for(words: int, expected: str) -> None:
    assert lead(_article(), words) == expected


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        (1, "a1"),
        (2, "a1\nb1"),
        (5, "a1 a2 a3.\nb1 b2"),
        (7, "a1 a2 a3.\nb1 b2 b3 b4"),
        (9, "a1 a2 a3.\nb1 b2 b3 b4 b5 b6."),
        (50, "a1 a2 a3.\nb1 b2 b3 b4 b5 b6."),
    ],
)
def test_of_an_event_each_article_gives_its_first_words(words: int, expected: str) -> None:
    assert lead(_event(), words) == expected


def test_a_lead_in_a_script_without_spaces_counts_letters() -> None:
    assert lead(_article("首相は会談した。"), 3) == "首相は"


@pytest.mark.parametrize("words", [1, 3, 4, 8, 9, 40])
def test_random_sentences_have_as_many_words(words: int) -> None:
    for draw in range(1, DRAWS + 1):
        drawn = random_sentences(_article(), words, draw)
        assert sum(len(word_places(sentence)) for sentence in drawn) == min(words, 9)
        assert all(
            any(part.startswith(line) for part in ("One two three.", "Four five six seven.", "Eight nine."))
            for line in drawn
        )  # fmt: skip


def test_a_draw_is_the_order_of_the_hashes_of_its_number_and_the_sentences() -> None:
    parts = ["One two three.", "Four five six seven.", "Eight nine."]
    for draw in (1, 2, 3):
        lots = [sha256(f"{SEED}\n{draw}\n{i}\n{text}") for i, text in enumerate(parts)]
        order = sorted(range(3), key=lots.__getitem__)
        assert random_sentences(_article(), 9, draw) == [parts[i] for i in order]


def test_of_an_event_sentences_are_of_its_articles_and_no_outlets() -> None:
    drawn = random_sentences(_event(), 9, 1)
    assert sorted(drawn) == ["a1 a2 a3.", "b1 b2 b3 b4 b5 b6."]
