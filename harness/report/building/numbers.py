"""The leaderboard's numbers as the page has them."""

from harness.leaderboard.numbers import IntervalLine, Number
from harness.leaderboard.printing.tables import FIRST_TO_GO
from harness.metrics.blind_spot import spot_about
from harness.report.content.group import Value
from harness.report.content.part import Interval
from harness.stats import Interval as Computed


def interval(computed: IntervalLine | Computed | None) -> Interval | None:
    """Return an interval for the page."""
    if computed is None:
        return None
    return Interval(low=computed.low, high=computed.high, method=computed.method)


def value(metric: str, number: Number, is_share: bool) -> Value:
    """Return one metric of a row for the page."""
    return Value(
        metric=metric,
        mean=number.mean,
        interval=interval(number.interval),
        n=number.n,
        clusters=number.clusters,
        is_share=is_share,
        minor=metric in FIRST_TO_GO,
        signature=number.signature,
        signature_short=number.signature_short,
        caution=_caution(metric, number),
    )


def _caution(metric: str, number: Number) -> str | None:
    spot = spot_about(metric)
    unseen = spot.caution([number.unseen]) if spot and number.unseen is not None else None
    return "; ".join(text for text in (unseen, number.caution) if text) or None
