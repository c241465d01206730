"""The leaderboard's numbers as the page has them."""

from collections.abc import Collection

from harness.leaderboard.numbers import IntervalLine, Number
from harness.leaderboard.printing.tables import FIRST_TO_GO
from harness.metrics.blind_spot import spot_about
from harness.metrics.declaration import Declaration
from harness.report.content.group import Value
from harness.report.content.part import Interval
from harness.stats import Interval as Computed

# Their columns have their intervals too: what a summary tells, and whether that is so.
_WITH_INTERVAL = frozenset(("support", "coverage", "above_lead"))
# Where the article is known, other overlap tells little beside the primary metric.
_OVERLAP = ("rouge1", "rouge2", "rougeL")


def minor_metrics(metrics: Collection[str]) -> frozenset[str]:
    """Return which of a table's metrics are needed little."""
    return frozenset((*FIRST_TO_GO, *(_OVERLAP if "support" in metrics else ())))


def interval(computed: IntervalLine | Computed | None) -> Interval | None:
    """Return an interval for the page."""
    if computed is None:
        return None
    return Interval(low=computed.low, high=computed.high, method=computed.method)


def value(metric: str, number: Number, declaration: Declaration, *, minor: bool = False) -> Value:
    """Return one metric of a row for the page."""
    return Value(
        metric=metric,
        mean=number.mean,
        interval=interval(number.interval),
        n=number.n,
        clusters=number.clusters,
        is_share=declaration.is_share,
        is_difference=declaration.is_difference,
        with_interval=metric in _WITH_INTERVAL,
        minor=minor,
        signature=number.signature,
        signature_short=number.signature_short,
        caution=_caution(metric, number),
    )


def _caution(metric: str, number: Number) -> str | None:
    spot = spot_about(metric)
    unseen = spot.caution([number.unseen]) if spot and number.unseen is not None else None
    return "; ".join(text for text in (unseen, number.caution) if text) or None
