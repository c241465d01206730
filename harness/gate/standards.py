"""The two standards that the gate holds a metric to, and which metrics may be held to them."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

from harness.compare.number_text import size_text
from harness.errors import UsageError
from harness.leaderboard.judged_metrics import AT, judged_declaration
from harness.leaderboard.run_folder import Run
from harness.metrics.declaration import Declaration
from harness.records import Scope

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

    A name may have a scope, `f1@event`: it is of the rows of that scope alone, and goes before the
    name without one. A primary metric that is in neither is held to regression without tolerance.
    Raises UsageError for a name that is in both.
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
        """The metrics that are named, with their scopes if they have some."""
        return [*self.tolerances, *self.margins]

    def of(self, metric: str, scope: Scope) -> Standard:
        """Return what a metric is held to in a row of a scope."""
        for name in (f"{metric}{AT}{scope}", metric):
            if name in self.margins:
                return Standard("non-inferiority", self.margins[name])
            if name in self.tolerances:
                return Standard("regression", self.tolerances[name])
        return Standard("regression", 0.0)


def refuse_unfit(standards: Standards, base: Run, head: Run) -> None:
    """Raise UsageError for a metric that a run lacks or only shows, and for too large a loss."""
    for option, allowances in (
        ("--tolerance", standards.tolerances),
        ("--non-inferiority", standards.margins),
    ):
        for name, allowance in allowances.items():
            declaration = judged_declaration(option, name, [base, head])
            _refuse_too_much(option, name, allowance, declaration)


def _refuse_too_much(option: str, name: str, allowance: float, declaration: Declaration) -> None:
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
