"""Overlapping ranges to flat marks, against every character looked at by itself."""

from itertools import pairwise

from hypothesis import given, settings
from hypothesis import strategies as st

from harness.report.content.marks import flatten_marks

RANGES = st.lists(
    st.tuples(st.integers(0, 30), st.integers(0, 30), st.sampled_from("abc")).map(
        lambda r: (min(r[:2]), max(r[:2]), r[2])
    ),
    max_size=12,
)


@settings(deadline=None)
@given(RANGES)
def test_each_character_has_the_words_of_all_ranges_over_it(
    ranges: list[tuple[int, int, str]],
) -> None:
    marks = flatten_marks(ranges)
    for place in range(31):
        expected = {word for start, end, word in ranges if start <= place < end}
        found = [words for start, end, words in marks if start <= place < end]
        assert [set(one) for one in found] == ([expected] if expected else [])


@settings(deadline=None)
@given(RANGES)
def test_marks_are_in_order_not_empty_and_as_few_as_can_be(
    ranges: list[tuple[int, int, str]],
) -> None:
    marks = flatten_marks(ranges)
    assert all(start < end and list(words) == sorted(set(words)) for start, end, words in marks)
    for (_, end, words), (start, _, others) in pairwise(marks):
        assert end < start or (end == start and words != others)


def test_a_range_within_another_parts_it() -> None:
    assert flatten_marks([(0, 10, "evidence"), (4, 6, "answer")]) == (
        (0, 4, ("evidence",)),
        (4, 6, ("answer", "evidence")),
        (6, 10, ("evidence",)),
    )
