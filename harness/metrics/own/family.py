"""A task's metrics with metrics of one's own beside them."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any, Protocol, cast

from harness.errors import MetricError
from harness.metrics import Metrics
from harness.metrics.blind_spot import BlindSpot
from harness.metrics.declaration import Declaration


class SideMetric(Protocol):
    """One metric that stands beside a family: `harness.metrics.own.metric.OwnMetric`, or alike."""

    @property
    def name(self) -> str:
        """What the leaderboard calls it."""

    @property
    def label(self) -> str:
        """How a message names where it is from."""

    @property
    def signature(self) -> str:
        """What pins its numbers."""

    @property
    def declaration(self) -> Declaration:
        """What it says of itself."""

    def scores(
        self,
        predictions: Iterable[str],
        references: Iterable[Sequence[str]],
        articles: Iterable[str] | None,
    ) -> Sequence[float | None]:
        """Return each prediction's score; none at all where it needs articles and has none."""


class WithOwn:
    """The family `base` and the metrics `own`; raises MetricError for a name given twice."""

    def __init__(self, base: Metrics, own: Sequence[SideMetric]) -> None:
        self.base = base
        self.own = own
        names = [*base.signatures]
        for metric in own:
            if metric.name in names:
                raise MetricError(
                    f"the metric {metric.label}: another one is called {metric.name!r}; "
                    "give it another name"
                )
            names.append(metric.name)

    @property
    def signatures(self) -> Mapping[str, str]:
        """The signature of each metric."""
        return {**self.base.signatures, **{metric.name: metric.signature for metric in self.own}}

    @property
    def declarations(self) -> Mapping[str, Declaration]:
        """What each metric says of itself."""
        own = {metric.name: metric.declaration for metric in self.own}
        return {**self.base.declarations, **own}

    @property
    def blind_spot(self) -> BlindSpot | None:
        """That of the family."""
        return self.base.blind_spot

    def score(self, prediction: str, references: Sequence[str]) -> dict[str, float]:
        """Return what needs no article."""
        return next(self.score_many([prediction], [references]))

    def score_many(
        self, predictions: Iterable[str], references: Iterable[Sequence[str]]
    ) -> Iterator[dict[str, float]]:
        """Yield what `score` returns, one after the other."""
        texts, accepted = list(predictions), list(references)
        yield from self._joined(_scored(self.base, texts, accepted), texts, accepted, None)

    def score_with_article(
        self, prediction: str, references: Sequence[str], article: str
    ) -> dict[str, float]:
        """Return all metrics."""
        return next(self.score_many_with_articles([prediction], [references], [article]))

    def score_many_with_articles(
        self,
        predictions: Iterable[str],
        references: Iterable[Sequence[str]],
        articles: Iterable[str],
    ) -> Iterator[dict[str, float]]:
        """Yield what `score_with_article` returns, one after the other."""
        texts, accepted, sources = list(predictions), list(references), list(articles)
        base = _scored(self.base, texts, accepted, sources)
        yield from self._joined(base, texts, accepted, sources)

    def own_scores(
        self, texts: Sequence[str], references: Sequence[Sequence[str]], article: str
    ) -> list[dict[str, float]]:
        """Return what the metrics of one's own say of texts on one article."""
        empty: list[dict[str, float]] = [{} for _ in texts]
        return list(self._joined(empty, texts, references, [article] * len(texts)))

    def _joined(
        self,
        base: Iterable[Mapping[str, float]],
        texts: Sequence[str],
        references: Sequence[Sequence[str]],
        articles: Sequence[str] | None,
    ) -> Iterator[dict[str, float]]:
        columns = {
            metric.name: values
            for metric in self.own
            if (values := metric.scores(texts, references, articles))
        }
        for place, scores in enumerate(base):
            own = {name: values[place] for name, values in columns.items()}
            yield {**scores, **{name: value for name, value in own.items() if value is not None}}


def _scored(
    family: Metrics,
    texts: Sequence[str],
    references: Sequence[Sequence[str]],
    articles: Sequence[str] | None = None,
) -> Iterator[dict[str, float]]:
    """Yield a family's own scores, in the fastest way that it has."""
    way = cast("Any", family)
    if articles is not None and hasattr(family, "score_many_with_articles"):
        return cast(
            "Iterator[dict[str, float]]", way.score_many_with_articles(texts, references, articles)
        )
    if articles is not None and hasattr(family, "score_with_article"):
        return map(way.score_with_article, texts, references, articles)
    if hasattr(family, "score_many"):
        return cast("Iterator[dict[str, float]]", way.score_many(texts, references))
    return map(family.score, texts, references)
