import pytest

from harness.text import normalize_spaces, words


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
