"""Numbers as the page prints them. Scores stand times 100, with one decimal."""

from harness.report.content.group import Value

MINUS = "\N{MINUS SIGN}"
NONE = "–"


def points(score: float | None) -> str:
    """Return a score or mean in points.

    >>> points(0.4408), points(None)
    ('44.1', '–')
    """
    return NONE if score is None else _minus(f"{100 * score:.1f}")


def figure(value: Value, number: float | None) -> str:
    """Return a number of a metric: of a share in points, of another as it is."""
    if number is not None and value.is_difference:
        return signed(number)
    if number is None or value.is_share:
        return points(number)
    return _minus(f"{number:.1f}")


def interval_figure(value: Value) -> str:
    """Return the interval of a metric beside others, in short: shares in whole points."""
    if value.interval is None:
        return ""
    ends = (value.interval.low, value.interval.high)
    if not value.is_share:
        return " to ".join(figure(value, end) for end in ends)
    texts = [f"{100 * end:{'+' if value.is_difference else ''}.0f}" for end in ends]
    return " to ".join("0" if text in ("+0", "-0") else _minus(text) for text in texts)


def signed(difference: float) -> str:
    """Return a difference in points, with its sign; no sign for what rounds to nothing.

    >>> signed(0.0312), signed(-0.2), signed(-0.0001)
    ('+3.1', '−20.0', '0.0')
    """
    text = f"{100 * difference:+.1f}"
    return "0.0" if text in ("+0.0", "-0.0") else _minus(text)


def percent(share: float | None) -> str:
    """Return a share in percent.

    >>> percent(0.126), percent(-1.3), percent(None)
    ('13 %', '−130 %', '–')
    """
    if share is None:
        return NONE
    text = f"{100 * share:.0f}"
    return f"{_minus('0' if text == '-0' else text)} %"


def seconds(time: float | None) -> str:
    """Return a time in seconds.

    >>> seconds(31.04), seconds(0.002), seconds(0), seconds(4321)
    ('31.0', '<0.1', '0.0', '4,321')
    """
    if time is None:
        return NONE
    if 0 < time < 0.1:
        return "<0.1"
    return f"{time:,.0f}" if time >= 1000 else f"{time:.1f}"


def rate(per_second: float | None) -> str:
    """Return tokens a second.

    >>> rate(20.07), rate(None)
    ('20.1', '–')
    """
    return NONE if per_second is None else f"{per_second:,.1f}"


def megabytes(size: int | None) -> str:
    """Return a size in MB of a million bytes.

    >>> megabytes(98362432), megabytes(14_483_000_000), megabytes(None)
    ('98', '14,483', '–')
    """
    return NONE if size is None else f"{size / 1e6:,.0f}"


def probability(p: float) -> str:
    """Return a p-value with two digits that count.

    >>> probability(0.0625), probability(0.00002), probability(1.0)
    ('0.062', '<0.001', '1')
    """
    if p < 0.001:
        return "<0.001"
    return "1" if p >= 0.9995 else f"{p:.3f}"


def _minus(text: str) -> str:
    return text.replace("-", MINUS)
