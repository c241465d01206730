"""What paired scores decide: whether a loss is shown, or shown to be smaller than a margin."""

from dataclasses import dataclass
from typing import Literal

from harness.compare.pairs import PairedScores
from harness.gate.standards import Standard
from harness.metrics.declaration import Declaration
from harness.stats import NO_SPREAD
from harness.stats.one_sided import detectable_mean, one_sided_bounds

# Two losses this near are equal but for rounding.
ROUNDING = 1e-12

Outcome = Literal["passed", "failed", "told"]


@dataclass(frozen=True, slots=True)
class Decision:
    """How a metric meets its standard. Losses are in its direction and unit: below 0 is a gain.

    `loss_low` and `loss_high` are the one-sided 95 % bounds of the loss, each by itself, `None`
    for one article that changed. `detectable_loss` is, of what passed by regression, the least
    true loss that it would have shown with 80 % power, if differences spread as they do here:
    `None` where that is not known, for one article and where no two articles differ.
    `possible_loss` is all that the base can lose; `None` without an end of the range.
    """

    outcome: Outcome
    loss: float
    loss_low: float | None
    loss_high: float | None
    detectable_loss: float | None
    possible_loss: float | None


def decide(scores: PairedScores, standard: Standard, declaration: Declaration) -> Decision:
    """Hold paired scores to a standard.

    Both are one-sided t tests over articles at 5 % (see `harness.stats.one_sided`), with the
    standard error and the degrees of freedom of the paired difference. Regression fails if the
    lower bound of the loss is above the tolerance. Non-inferiority passes if its upper bound is
    below the margin. Where every article moved by the very same, or no score differs, there is no
    spread to weigh and the loss stands for both bounds. One article that changed has no bounds: by
    regression it is told, by non-inferiority it fails.
    """
    loss = -declaration.sign * scores.difference + 0.0  # so that no zero is negative
    bounds = _bounds(scores, loss, declaration.greatest_difference)
    low, high = bounds or (None, None)
    if standard.name == "regression":
        outcome: Outcome = "told" if low is None else "passed"
        if low is not None and low > standard.allowance + ROUNDING:
            outcome = "failed"
    else:
        shown = high is not None and high < standard.allowance - ROUNDING
        outcome = "passed" if shown else "failed"
    detectable = None
    if (standard.name, outcome) == ("regression", "passed"):
        detectable = _detectable_loss(scores, standard.allowance)
    return Decision(outcome, loss, low, high, detectable, _possible_loss(scores, declaration))


def has_spread(scores: PairedScores) -> bool:
    """Whether articles differ in how they moved, so that there is something to weigh."""
    return scores.standard_error is not None and scores.standard_error > NO_SPREAD


def _bounds(scores: PairedScores, loss: float, greatest: float) -> tuple[float, float] | None:
    """Return both bounds of the loss, cut at the most that a loss or gain can be."""
    if scores.improved + scores.worse == 0:
        return 0.0, 0.0
    if scores.standard_error is None or scores.freedom is None:
        return None
    low, high = one_sided_bounds(loss, scores.standard_error, scores.freedom)
    return max(low, -greatest), min(high, greatest)


def _detectable_loss(scores: PairedScores, tolerance: float) -> float | None:
    if not has_spread(scores) or scores.standard_error is None or scores.freedom is None:
        return None
    return tolerance + detectable_mean(scores.standard_error, scores.freedom)


def _possible_loss(scores: PairedScores, declaration: Declaration) -> float | None:
    end = declaration.low if declaration.sign > 0 else declaration.high
    possible = declaration.sign * (scores.base - end)
    return possible if possible < float("inf") else None
