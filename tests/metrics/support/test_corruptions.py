"""Corrupted references, written out by hand."""

import pytest

from harness.metrics.support.corruptions import CORRUPTIONS, Original

ARTICLE = (
    "In Rome, Ann Lee’s firm paid 1,200 euros on Monday. By 3 p.m. it was the 2nd of four payments, "
    "1,201 and 3.5 among them. Later Bob Ray called."
)
OTHER = "Rain fell in Oslo."


@pytest.mark.parametrize(
    ("kind", "reference", "expected"),
    [
        # 1,201 is in the article, so it is no change.
        ("number changed", "It paid 1,200 euros.", "It paid 1,202 euros."),
        ("number changed", "It paid 1200 euros.", "It paid 1202 euros."),
        ("number changed", "It paid 3.5 euros.", "It paid 4.5 euros."),
        # The article has 3 and four; "one" is left alone, and so is a number that it lacks.
        ("number changed", "Two payments of one firm.", "Five payments of one firm."),
        ("number changed", "Some of 77 payments.", None),
        ("number changed", "Twelve came.", "13 came."),
        ("number changed", f"It paid {'9' * 5000} euros.", None),
        # Of the article's names that it says behind a sentence's first word, without the one there.
        ("name swapped", "Later Monday came.", {"Later Rome came.", "Later Ann Lee came.", "Later Bob Ray came."}),
        ("name swapped", "By Ann Lee’s firm.", {"By Rome’s firm.", "By Monday’s firm.", "By Bob Ray’s firm."}),
        ("name swapped", "Nobody came.", None),
        ("name swapped", "In Oslo it rained.", None),  # no name of the article
        ("negated", "It was Ann.", "It was not Ann."),
        ("negated", "It was not Ann.", "It was Ann."),
        ("negated", "Ann paid.", "It is not true that Ann paid."),
        ("negated", "", None),
        ("sentence of another article", "Ann paid.", "Ann paid. Rain fell in Oslo."),
        ("doubled", "Ann paid.", "Ann paid. Ann paid."),
        ("doubled", " ", None),
        ("cut", "Ann Lee paid in Rome.", "Ann Lee"),
        ("cut", "Ann", None),
        ("emptied", "Ann paid.", ""),
        ("emptied", "", None),
        ("whole article", "Ann paid.", ARTICLE),
    ],
)  # fmt: skip
def test_by_hand(kind: str, reference: str, expected: str | set[str] | None) -> None:
    for seed in range(5):
        corrupted = CORRUPTIONS[kind](Original(ARTICLE, reference, [OTHER], seed))
        if isinstance(expected, set):
            assert corrupted in expected
        else:
            assert corrupted == expected


def test_the_seed_chooses_among_what_there_is() -> None:
    swap = CORRUPTIONS["name swapped"]
    chosen = [swap(Original(ARTICLE, "Later Monday came.", [], seed)) for seed in range(20)]
    assert len(set(chosen)) == 3
    again = [swap(Original(ARTICLE, "Later Monday came.", [], seed)) for seed in range(20)]
    assert again == chosen


def test_without_another_article_there_is_no_sentence_of_it() -> None:
    added = CORRUPTIONS["sentence of another article"]
    assert added(Original(ARTICLE, "Ann paid.")) is None
    # What the article has itself says nothing false.
    assert added(Original(f"{ARTICLE} {OTHER}", "Ann paid.", [OTHER])) is None
