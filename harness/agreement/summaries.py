"""How far measures of summaries agree with people, on one set."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from harness.agreement.correlations.comparing import (
    Comparison,
    Subject,
    compare_by_group,
    compare_pooled,
)
from harness.agreement.correlations.draws import DRAWS, SEED, DrawnLayouts
from harness.agreement.correlations.layout import layout_of
from harness.agreement.correlations.levels import (
    ArticleLevel,
    Level,
    article_levels,
    pooled_level,
    system_level,
)
from harness.agreement.correlations.ties import PairAccuracy, pair_accuracy
from harness.agreement.correlations.weighted import Floats, ties_restored
from harness.agreement.judgments.judgments import JudgedSet
from harness.agreement.measures import Values

LevelName = Literal["article", "pooled"]


@dataclass(frozen=True, slots=True)
class Figure:
    """One measure against people on one aspect, at each level, over all sources or one.

    `n` texts have both a value and a score. Signs are turned so that more is better on both sides:
    a measure that agrees has a correlation above 0, whichever way it or the aspect counts.
    """

    measure: str
    aspect: str
    source: str | None
    n: int
    article: ArticleLevel
    pooled: Level
    system: Level
    pairs: PairAccuracy

    @property
    def level(self) -> LevelName:
        """The level that it is quoted at: per article, where articles have several texts."""
        return "article" if self.article.groups else "pooled"

    @property
    def quoted(self) -> Level:
        """The numbers at that level."""
        return self.article.level if self.level == "article" else self.pooled


@dataclass(frozen=True, slots=True)
class Side:
    """Values of all texts of a set, oriented, and a name: of a measure or an aspect."""

    name: str
    values: Floats


def summary_figures(
    judged: JudgedSet,
    measures: Sequence[Values],
    aspects: Sequence[str],
    draws: int = DRAWS,
    seed: int = SEED,
) -> tuple[list[Figure], list[Comparison]]:
    """Return each measure's figures on each aspect, and the comparisons of every two measures.

    Over all texts, and over those of each source where the set mixes several.
    """
    layout = layout_of(judged.judgments)
    sides = [
        Side(m.measure, ties_restored(-m.values if m.direction == "lower" else m.values))
        for m in measures
    ]
    people = [Side(aspect, ties_restored(judged.scores_of(aspect))) for aspect in aspects]
    figures: list[Figure] = []
    comparisons: list[Comparison] = []
    for source in (None, *judged.sources):
        there = np.array([source is None or j.source == source for j in judged.judgments])
        scope = _Scope(DrawnLayouts(layout, draws, seed), source, there)
        for aspect in people:
            added = scope.figures(sides, aspect)
            figures += added
            comparisons += scope.comparisons(sides, aspect, added)
    return figures, comparisons


class _Scope:
    """The texts of one source, or all of a set."""

    def __init__(self, layouts: DrawnLayouts, source: str | None, there: NDArray[np.bool_]) -> None:
        self._layouts = layouts
        self._source = source
        self._there = there

    def figures(self, sides: Sequence[Side], aspect: Side) -> list[Figure]:
        """Return the figure of each measure that differs on some texts, as the aspect does."""
        by_texts: dict[bytes, list[Side]] = {}
        for side in sides:
            kept = self._kept(side, aspect)
            if _differ(side.values[kept]) and _differ(aspect.values[kept]):
                by_texts.setdefault(kept.tobytes(), []).append(side)
        figures = {f.measure: f for alike in by_texts.values() for f in self._alike(alike, aspect)}
        return [figures[side.name] for side in sides if side.name in figures]

    def _kept(self, side: Side, aspect: Side) -> NDArray[np.bool_]:
        kept: NDArray[np.bool_] = (
            self._there & np.isfinite(side.values) & np.isfinite(aspect.values)
        )
        return kept

    def _alike(self, sides: Sequence[Side], aspect: Side) -> Iterator[Figure]:
        """Yield the figures of measures that have values of the same texts."""
        kept = self._kept(sides[0], aspect)
        layout, draws = self._layouts.of(kept)
        scores = aspect.values[kept]
        values = [side.values[kept] for side in sides]
        pairs = [(place, 0) for place in range(len(sides))]
        for side, measure, article in zip(
            sides, values, article_levels(layout, values, [scores], pairs, draws), strict=True
        ):
            yield Figure(
                side.name,
                aspect.name,
                self._source,
                len(layout),
                article,
                pooled_level(layout, measure, scores, draws),
                system_level(layout, measure, scores, draws),
                pair_accuracy(layout, measure, scores, draws),
            )

    def comparisons(
        self, sides: Sequence[Side], aspect: Side, figures: Sequence[Figure]
    ) -> list[Comparison]:
        """Return the comparisons of every two measures, per article where there is a level."""
        by_name = {side.name: side for side in sides}
        names = [figure.measure for figure in figures]
        if len(names) < 2:
            return []
        kept_by_name = {name: self._kept(by_name[name], aspect) for name in names}
        if any(figure.article.groups for figure in figures):
            layout, draws = self._layouts.of(self._there & np.isfinite(aspect.values))
            whole = self._layouts.whole
            groups = int(whole.group.max()) + 1
            article = np.zeros(groups, dtype=np.intp)
            article[whole.group] = whole.article
            by_group = []
            for figure in figures:
                row = np.full(groups, np.nan)
                rows = self._layouts.of(kept_by_name[figure.measure])[0].rows
                row[rows.group] = figure.article.by_group
                by_group.append(row)
            subject = Subject(aspect.name, self._source, "article")
            return compare_by_group(subject, names, by_group, article, draws)
        kept = np.logical_and.reduce([*kept_by_name.values()])
        layout, draws = self._layouts.of(kept)
        measures = [by_name[name].values[kept] for name in names]
        subject = Subject(aspect.name, self._source, "pooled")
        return compare_pooled(subject, names, measures, aspect.values[kept], layout, draws)


def _differ(values: Floats) -> bool:
    return len(values) > 1 and bool((values != values[0]).any())
