"""Numbers of a metric as a person reads them: shares times 100, others as they are."""

from harness.leaderboard.numbers import IntervalLine
from harness.metrics.declaration import Declaration


def score_text(value: float | None, declaration: Declaration, digits: int = 1) -> str:
    """Return a score or mean; "-" for none.

    >>> from harness.metrics.declaration import SHARE
    >>> score_text(0.256, SHARE), score_text(None, SHARE)
    ('25.6', '-')
    """
    if value is None:
        return "-"
    if declaration.is_difference:
        return difference_text(value, declaration)
    return f"{100 * value if declaration.is_share else value:.{digits}f}"


def difference_text(value: float, declaration: Declaration) -> str:
    """Return a difference of two scores with its sign; no zero has one.

    >>> from harness.metrics.declaration import SHARE
    >>> difference_text(-0.0314, SHARE), difference_text(0.00001, SHARE)
    ('-3.1', '0.0')
    """
    text = f"{100 * value if declaration.is_share else value:+.1f}"
    return "0.0" if text in ("+0.0", "-0.0") else text


def probability_text(p: float | None) -> str:
    """Return a p-value, which is never 0; "-" for none.

    >>> probability_text(0.0625), probability_text(0.0001), probability_text(None)
    ('0.062', '<0.001', '-')
    """
    if p is None:
        return "-"
    return "<0.001" if p < 0.001 else f"{p:.3f}"


def interval_text(interval: IntervalLine, declaration: Declaration, signed: bool = False) -> str:
    """Return the ends of an interval, with their signs where it is of a difference."""
    text = difference_text if signed else score_text
    return f"[{text(interval.low, declaration)}, {text(interval.high, declaration)}]"
