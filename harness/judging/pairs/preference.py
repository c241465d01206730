"""Which of two texts a judge prefers, by what it said of them in either order."""

from dataclasses import dataclass

from harness.models.judges.chat.preference import FIRST, SECOND, TIE
from harness.models.judges.opinion import Opinion


@dataclass(frozen=True, slots=True)
class Preference:
    """How much of a win over b is a's, from 0 to 1, and whether who wins changed with the order."""

    of_a: float
    changed: bool


def preference(a_first: Opinion, b_first: Opinion) -> Preference | None:
    """Return what a judge prefers of a and b by its opinions in both orders.

    A win in one order counts half, and a tie half of that: a judge that prefers whatever stands
    first prefers none. Where it gave probabilities, they are parted so. The winner of an order is
    what has the most, neither where two have. `None` where an opinion is none of two texts.

    >>> preference(
    ...     Opinion({"first": 1.0, "second": 0.0, "tie": 0.0}),
    ...     Opinion({"first": 1.0, "second": 0.0, "tie": 0.0}),
    ... )
    Preference(of_a=0.5, changed=True)
    >>> preference(
    ...     Opinion({"first": 0.75, "second": 0.25, "tie": 0.0}),
    ...     Opinion({"first": 0.25, "second": 0.25, "tie": 0.5}),
    ... )
    Preference(of_a=0.625, changed=True)
    """
    if not all({FIRST, SECOND, TIE} <= own.numbers.keys() for own in (a_first, b_first)):
        return None
    first, second = (
        a_first.numbers[FIRST] + a_first.numbers[TIE] / 2,
        b_first.numbers[SECOND] + b_first.numbers[TIE] / 2,
    )
    winners = _winner(a_first, "a", "b"), _winner(b_first, "b", "a")
    return Preference((first + second) / 2, winners[0] != winners[1])


def _winner(opinion: Opinion, first: str, second: str) -> str | None:
    """Return who wins in one order; `None` for neither."""
    numbers = opinion.numbers
    best = max(numbers[name] for name in (FIRST, SECOND, TIE))
    winners = [name for name in (FIRST, SECOND, TIE) if numbers[name] == best]
    return {FIRST: first, SECOND: second}.get(winners[0]) if len(winners) == 1 else None
