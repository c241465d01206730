"""Sums without an error, held against the standard library's."""

import math
import random

import pytest

from harness.stats.exact_sum import ExactSum


@pytest.mark.parametrize("spread", [1, 1e8, 1e300])
def test_sums_are_those_of_fsum(spread: float) -> None:
    rng = random.Random(3)
    values = [rng.uniform(-1, 1) * spread ** rng.uniform(-1, 1) for _ in range(2_000)]
    total = ExactSum()
    for number, value in enumerate(values, start=1):
        total.add(value)
        if number % 400 == 0:
            assert total.total == math.fsum(values[:number])
    assert total.count == 2_000
    assert total.mean == math.fsum(values) / 2_000


def test_of_nothing_there_is_no_mean() -> None:
    assert (ExactSum().total, ExactSum().mean) == (0.0, None)
