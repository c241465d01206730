"""Novel n-grams, counted by hand."""

import pytest

from harness.metrics.support.novelty import ngrams, novel_share


@pytest.mark.parametrize(
    ("n", "expected"),
    [
        (1, 1 / 6),  # the, cat, sat, on, the, sofa: the last
        (2, 1 / 5),  # the cat, cat sat, sat on, on the, the sofa: the last
        (3, 1 / 4),  # the cat sat, cat sat on, sat on the, on the sofa: the last
        (6, 1),
        (7, None),
    ],
)
def test_by_hand(n: int, expected: float | None) -> None:
    article = "the cat sat down and the dog sat on the cat sat on top".split()
    summary = "the cat sat on the sofa".split()
    assert novel_share(ngrams(summary, n), frozenset(ngrams(article, n))) == expected


def test_an_ngram_counts_as_often_as_the_summary_has_it() -> None:
    assert novel_share(ngrams("x x a".split(), 1), frozenset(ngrams(["a"], 1))) == 2 / 3
