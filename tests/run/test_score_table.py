"""Scores that are kept in a file once they are many."""

import math

import numpy as np

from harness.run.score_table import ScoreTable


def test_what_is_passed_over_has_no_score_or_what_stands_for_none() -> None:
    table = ScoreTable({"rouge1": 0.0, "support": math.nan})
    table.put(1, {"rouge1": 0.5, "support": 0.25})
    table.put(2, {"rouge1": 0.75})
    table.extend(4)
    assert len(table) == 4
    assert [table.row(place) for place in range(4)] == [
        {"rouge1": 0.0}, {"rouge1": 0.5, "support": 0.25}, {"rouge1": 0.75}, {"rouge1": 0.0},
    ]  # fmt: skip
    assert table.column("rouge1").tolist() == [0.0, 0.5, 0.75, 0.0]
    np.testing.assert_array_equal(table.column("support"), [math.nan, 0.25, math.nan, math.nan])


def test_more_than_lies_in_memory_is_read_back_as_it_was_written() -> None:
    count = 70_000  # rows of 16 bytes: more than a mebibyte
    table = ScoreTable({"a": 0.0, "b": 0.0})
    for place in range(count):
        table.put(place, {"a": place / 7, "b": -place / 7})
    assert table.column("a").tolist() == [place / 7 for place in range(count)]
    assert table.row(69_999) == {"a": 69_999 / 7, "b": -69_999 / 7}
    assert table.row(0) == {"a": 0.0, "b": 0.0}
