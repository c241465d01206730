import pytest

from harness.text import normalize_spaces, word_places, words


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


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("महापौर ने दिन", ["महापौर", "ने", "दिन"]),  # marks belong to their letter (UAX #29)
        ("مُحَمَّد، ١٢", ["مُحَمَّد", "١٢"]),
        ("Cafe\u0301s", ["cafés"]),  # composed, as most texts have it (NFC)
        ("محـــمد", ["محمد"]),  # what only stretches is nothing
        ("می\u200cخواهم Stra\u00adße", ["میخواهم", "strasse"]),  # what only joins is nothing
        ("2024年，佐々木", ["2024", "年", "佐々", "木"]),  # no spaces: letter by letter
        ("น้ำดี", ["น้ำ", "ดี"]),
        ("１９１１年ｶﾞｽ", ["1911", "年", "ガ", "ス"]),  # of full and half width
        (" \u0301x y", ["x", "y"]),  # a mark of no letter
        ("İstanbul’da", ["istanbul'da"]),
        ("\U00013000\U00013001 \ue000", ["\U00013000\U00013001"]),  # hieroglyphs, and what is none
    ],
)
def test_words_of_every_script(text: str, expected: list[str]) -> None:
    assert words(text) == expected


@pytest.mark.parametrize(
    ("text", "count"),
    [
        ("", 0),
        ("It’s 3.5 %\u00a0– e-mail\tus.\n", 6),  # as str.split() has it
        ("महापौर ने दिन।", 3),
        ("市长，2024年", 4),  # letter by letter, and what stands between them
        ("น้ำดี", 2),
        ("می\u200cخواهم", 1),
    ],
)
def test_words_as_people_count_them(text: str, count: int) -> None:
    assert len(word_places(text)) == count
