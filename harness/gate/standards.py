"""The two standards that the gate holds a metric to, and which metrics may be held to them."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

from harness.compare.number_text import size_text
from harness.errors import UsageError, did_you_mean
from harness.leaderboard.leaderboard import Leaderboard
from harness.metrics.declaration import Declaration

StandardName = Literal["regression", "non-inferiority"]


@dataclass(frozen=True, slots=True)
class Standard:
    """What a metric is held to: `allowance` is the tolerance, or the margin, in its own unit.

    regression: it fails if a loss beyond the tolerance is shown. non-inferiority: it fails unless
    the loss is shown to be smaller than the margin.
    """

    name: StandardName
    allowance: float


@dataclass(frozen=True)
class Standards:
    """What was asked for by metric: tolerances (regression) and margins (non-inferiority).

    A primary metric that is in neither is held to regression without tolerance. Raises UsageError
    for a metric that is in both.
    """

    tolerances: Mapping[str, float] = field(default_factory=dict)
    margins: Mapping[str, float] = field(default_factory=dict)

    def __post_init__(self) -> None:
        """Refuse what contradicts itself."""
        for name in self.tolerances:
            if name in self.margins:
                raise UsageError(
                    f"--tolerance and --non-inferiority: {name} can be held to one standard only; "
                    "give one of them"
                )

    @property
    def metrics(self) -> list[str]:
        """The metrics that are named."""
        return [*self.tolerances, *self.margins]

    def of(self, metric: str) -> Standard:
        """Return what a metric is held to."""
        if metric in self.margins:
            return Standard("non-inferiority", self.margins[metric])
        return Standard("regression", self.tolerances.get(metric, 0.0))


def refuse_unfit(standards: Standards, base: Leaderboard, head: Leaderboard) -> None:
    """Raise UsageError for a metric that the runs lack or only show, and for too large a loss."""
    declared = {
        name: board.metrics[name].declaration
        for board in (base, head)
        for row in board.rows
        if row.role != "people"
        for name in row.metrics
    }
    for option, allowances in (
        ("--tolerance", standards.tolerances),
        ("--non-inferiority", standards.margins),
    ):
        for name, allowance in allowances.items():
            _refuse_unfit(option, name, allowance, declared)


def _refuse_unfit(
    option: str, name: str, allowance: float, declared: Mapping[str, Declaration]
) -> None:
    fit = [metric for metric, declaration in declared.items() if declaration.role != "shown"]
    if name not in declared:
        raise UsageError(f"{option}: no metric {name!r} in these runs{did_you_mean(name, fit)}")
    declaration = declared[name]
    if name not in fit:
        raise UsageError(
            f"{option}: {name} is only shown, so that no loss of it is judged; there are "
            f"{', '.join(fit)}"
        )
    if allowance >= declaration.greatest_difference:
        raise UsageError(
            f"{option}: {name} goes from {declaration.low:g} to {declaration.high:g}, so that "
            f"{name}={allowance:g} would pass whatever is lost; "
            + (
                "0.02 is two points"
                if declaration.is_share
                else f"give less than {size_text(declaration.greatest_difference, declaration)}"
            )
        )
