import pytest

from harness.text import normalize_spaces, sentences, words


@pytest.mark.parametrize(
    "parts",
    [
        ["He left.", "She stayed."],
        ["Mr. Trump met Ms. Takaichi.", "They signed."],
        ["The U.S. president arrived.", "He spoke."],
        ["The U.S. Army and the U.K. Navy met in Washington, D.C. on Monday."],
        ["They met in the U.S.", "The deal followed."],
        ["J. R. R. Tolkien wrote it.", "It sold."],
        ["It cost $3.5 billion.", "Prices rose 2.5% to 17.04."],
        ["Tokyo pledged $550 billion.", "Trump agreed."],
        ["“We are allies.”", "The crowd cheered."],
        ["“Why now?” Mr. Xi asked.", "Nobody knew."],
        ["“Stop!” she told them.", "They did."],
        ["It was a “big deal.”", "He left (at last).", "Then it rained."],
        ["Acme Inc. bought it.", "Smith Jr. sold it."],
        ["He works for Acme Inc.", "The firm is old."],
        ["Really?!", "Yes…", "No."],
        ["He paused … then went on."],
        ["See No. 5 of vol. 3.", "Done."],
        ["He left on Oct. 28.", "She stayed."],
        ["第一句。", "第二句！", "第三句"],
        ["No full stop"],
    ],
)
def test_sentences_on_one_line(parts: list[str]) -> None:
    joined = " ".join(parts)
    if not joined.isascii() and "。" in joined:
        joined = "".join(parts)
    assert [span.text for span in sentences(joined)] == parts


def test_a_line_break_ends_a_sentence_and_offsets_point_into_the_text() -> None:
    text = "  A headline\n\nFirst one. Second\tone.  \n"
    spans = sentences(text)
    assert [s.text for s in spans] == ["A headline", "First one.", "Second\tone."]
    assert all(text[s.start : s.end] == s.text for s in spans)


@pytest.mark.parametrize("text", ["", " \n\t\n", "\u00a0"])
def test_no_text_has_no_sentences(text: str) -> None:
    assert sentences(text) == []


def test_offsets_count_characters_not_bytes() -> None:
    text = "🙂 é́ ok. Ö two."
    assert [text[s.start : s.end] for s in sentences(text)] == ["🙂 é́ ok.", "Ö two."]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("\u00a0New Delhi:\u00a0 After", "New Delhi: After"),
        ("a\u200bb\ufeff", "ab"),
        ("one\ntwo\t three", "one\ntwo three"),
        ("Takachi’s  2009", "Takachi’s 2009"),
    ],
)
def test_spaces_become_regular_and_wording_stays(text: str, expected: str) -> None:
    assert normalize_spaces(text) == expected


def test_words() -> None:
    assert words("The U.S.–Japan deal: $3.5 billion, “rare-earths”!") == [
        "the", "u.s", "japan", "deal", "3.5", "billion", "rare-earths",
    ]  # fmt: skip
