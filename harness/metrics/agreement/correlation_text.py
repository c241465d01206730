"""Correlations and shares in a few letters, as papers print them: ".42 [.38, .46]"."""

from harness.stats import Interval


def number(value: float | None, digits: int = 2) -> str:
    """Return a number without the zero before its point, "-" for none.

    >>> number(0.417), number(-0.05), number(1.0), number(-0.001)
    ('.42', '-.05', '1.00', '.00')
    """
    if value is None:
        return "-"
    text = f"{value:.{digits}f}"
    if not text.strip("-0."):
        text = text.removeprefix("-")
    return text.replace("0.", ".", 1) if text.lstrip("-").startswith("0.") else text


def with_interval(value: float | None, interval: Interval | None, digits: int = 2) -> str:
    """Return a number with its interval, if it has one: ".42 [.38, .46]"."""
    if value is None or interval is None:
        return number(value, digits)
    return (
        f"{number(value, digits)} [{number(interval.low, digits)}, {number(interval.high, digits)}]"
    )
