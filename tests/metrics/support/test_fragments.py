"""Extractive fragments by hand, and by the steps of the paper's algorithm one by one."""

from collections.abc import Sequence

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from harness.metrics.support.fragments import (
    IndexedWords,
    extractive_coverage,
    extractive_density,
    fragment_lengths,
)


@pytest.mark.parametrize(
    ("summary", "article", "lengths"),
    [
        # "the cat sat" is found first, "the cat sat down" later, which is longer.
        ("the cat sat down on the mat", "the cat sat on the mat the cat sat down", [4, 3]),
        ("the dog sat", "the cat sat", [1, 1]),
        ("dogs bark", "the cat sat", []),
        ("a b c", "a b c", [3]),
        # Twice from the same place.
        ("a b a b", "a b c", [2, 2]),
        # Read from the left: "a b" is taken, and the longer "b c d" that begins within it is not.
        ("a b c d", "a b x b c d", [2, 2]),
        # "a a" is found at the article's first word, and the reading goes on behind it: the longer
        # "a a b" begins within it and is missed.
        ("a a b", "a a a b", [2, 1]),
        ("", "a b", []),
        ("a b", "", []),
    ],
)
def test_fragments_by_hand(summary: str, article: str, lengths: list[int]) -> None:
    assert fragment_lengths(summary.split(), IndexedWords(article.split())) == lengths


def test_coverage_and_density_by_hand() -> None:
    """Seven words, all in fragments of 4 and 3: 7/7, and (16 + 9)/7. Of three 1 + 1: 2/3, 2/3."""
    assert extractive_coverage([4, 3], 7) == 1
    assert extractive_density([4, 3], 7) == 25 / 7
    assert extractive_coverage([1, 1], 3) == extractive_density([1, 1], 3) == 2 / 3
    assert extractive_coverage([], 2) == extractive_density([], 2) == 0


def _fragments_by_the_paper(summary: Sequence[str], article: Sequence[str]) -> list[int]:
    """Return the fragments' lengths by the procedure of Grusky et al. (2018) for F(A, S), 1-based."""
    fragments = []
    i = j = 1
    while i <= len(summary):
        fragment = 0
        while j <= len(article):
            if summary[i - 1] == article[j - 1]:
                i_end, j_end = i, j
                while (
                    i_end <= len(summary)
                    and j_end <= len(article)
                    and summary[i_end - 1] == article[j_end - 1]
                ):
                    i_end, j_end = i_end + 1, j_end + 1
                fragment = max(fragment, i_end - i)
                j = j_end
            else:
                j += 1
        i, j = i + max(fragment, 1), 1
        if fragment:
            fragments.append(fragment)
    return fragments


LETTERS = st.lists(st.sampled_from("abc"), max_size=14)


@settings(deadline=None)
@given(summary=LETTERS, article=LETTERS)
def test_fragments_are_those_of_the_papers_algorithm(
    summary: list[str], article: list[str]
) -> None:
    expected = _fragments_by_the_paper(summary, article)
    assert fragment_lengths(summary, IndexedWords(article)) == expected
