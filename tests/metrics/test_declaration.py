"""What a metric says of its numbers, and numbers that are none of its."""

import math
from collections.abc import Mapping, Sequence

import pytest

from harness.errors import MetricError
from harness.metrics import PRIMARY, metrics
from harness.metrics.blind_spot import BlindSpot
from harness.metrics.declaration import Declaration, Direction, MetricRole
from harness.metrics.scorer import score_pairs
from harness.records import TASKS


class Words:
    """A metric of a caller's own: words of the prediction, or what `wrong` says instead."""

    def __init__(self, wrong: float | None = None) -> None:
        self._wrong = wrong

    signatures: Mapping[str, str] = {"words": "words|v1"}
    declarations: Mapping[str, Declaration] = {
        "words": Declaration(0, math.inf, "neither", "shown")
    }
    blind_spot: BlindSpot | None = None

    def score(self, prediction: str, references: Sequence[str]) -> dict[str, float]:
        wrong = self._wrong if "x" in prediction else None
        return {"words": float(len(prediction.split())) if wrong is None else wrong}


def test_each_metric_of_the_harness_declares_itself_and_the_primary_one_ranks() -> None:
    for task in TASKS:
        family = metrics(task)
        assert family.declarations.keys() == family.signatures.keys()
        assert family.declarations[PRIMARY[task]].role == "ranked"
        for declaration in family.declarations.values():
            assert declaration.never_above in (None, *family.declarations)


def test_a_length_may_be_more_than_one() -> None:
    assert score_pairs(Words(), [("a b c", [])], str) == [{"words": 3.0}]


@pytest.mark.parametrize("wrong", [math.nan, math.inf, -1.0])
def test_a_score_that_is_none_names_its_example(wrong: float) -> None:
    pairs: list[tuple[str, list[str]]] = [("a b", []), ("x", [])]
    with pytest.raises(MetricError, match=r"item 1: words is .*, which is none of its scores"):
        score_pairs(Words(wrong), pairs, lambda i: f"item {i}")


@pytest.mark.parametrize(
    ("low", "high", "direction", "role", "told"),
    [
        (1.0, 1.0, "higher", "ranked", "from 1 to 1 is empty"),
        (math.nan, 1.0, "higher", "ranked", "is empty"),
        (0.0, 1.0, "neither", "gated", "gated needs a direction"),
        (0.0, 1.0, "neither", "ranked", "ranked needs a direction"),
    ],
)
def test_what_contradicts_itself_is_refused(
    low: float, high: float, direction: Direction, role: MetricRole, told: str
) -> None:
    with pytest.raises(ValueError, match=told):
        Declaration(low, high, direction, role)


def test_rounding_is_no_number_outside() -> None:
    share = Declaration()
    assert share.holds(1 + 1e-15)
    assert not share.holds(1.001)
    assert Declaration(direction="lower").sign == -1
