"""Correlations of a measure with people at three levels: per article, pooled, and of systems."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from scipy.stats import kendalltau

from harness.agreement.correlations.draws import LEAST_SYSTEMS, Draws, interval
from harness.agreement.correlations.layout import Layout, Rows
from harness.agreement.correlations.weighted import (
    Centred,
    Floats,
    centred_pooled_ranks,
    centred_ranks,
    centred_values,
    correlation,
    kendall,
    signs,
)
from harness.stats import Interval


@dataclass(frozen=True, slots=True)
class Coefficient:
    """A coefficient, `None` where there is none, and its intervals by bootstrap.

    `articles` is over articles drawn again, `both` over articles and systems.
    """

    value: float | None = None
    articles: Interval | None = None
    both: Interval | None = None


NO_COEFFICIENT = Coefficient()


@dataclass(frozen=True, slots=True)
class Level:
    """A measure against people at one level; `n` counts groups, texts or systems."""

    n: int
    spearman: Coefficient = NO_COEFFICIENT
    kendall: Coefficient = NO_COEFFICIENT
    pearson: Coefficient = NO_COEFFICIENT


@dataclass(frozen=True, slots=True)
class ArticleLevel:
    """The mean over groups of the correlation within each.

    Of `groups` with at least three texts, `constant_scores` have no differences between people's
    scores, and `constant_measure` of the others none between the measure's: they are in no mean.
    `by_group` has Spearman's of each group, NaN where it does not count.
    """

    level: Level
    groups: int
    constant_scores: int
    constant_measure: int
    by_group: Floats


@dataclass(frozen=True, slots=True)
class _Side:
    values: Centred
    ranks: Centred
    signs: Floats


def _side(values: Floats, weights: Floats) -> _Side:
    return _Side(centred_values(values, weights), centred_ranks(values, weights), signs(values))


def _correlations(left: _Side, right: _Side, weights: Floats) -> Floats:
    """Return Spearman's, Kendall's and Pearson's, (3, rows, draws)."""
    return np.stack(
        [
            correlation(left.ranks, right.ranks, weights),
            kendall(left.signs, right.signs, weights),
            correlation(left.values, right.values, weights),
        ]
    )


def article_levels(
    layout: Layout,
    measures: Sequence[Floats],
    scores: Sequence[Floats],
    pairs: Sequence[tuple[int, int]],
    draws: Draws,
) -> list[ArticleLevel]:
    """Return the article level of pairs of a measure and an aspect's scores, each (texts,)."""
    rows = layout.rows
    if not len(rows):
        empty = ArticleLevel(Level(0), 0, 0, 0, np.empty(0))
        return [empty for _ in pairs]
    measure_rows = [rows.of(values) for values in measures]
    score_rows = [rows.of(values) for values in scores]
    once = rows.present[:, :, None].astype(np.float64)
    lefts = [_side(values, once) for values in measure_rows]
    rights = [_side(values, once) for values in score_rows]
    found = [_correlations(lefts[m], rights[s], once)[:, :, 0] for m, s in pairs]
    by_both: list[list[Floats]] = [[] for _ in pairs]
    if draws.systems is not None:
        for batch in draws.batches(rows.present.size):
            # A text whose system is not drawn is not there.
            taken = batch.systems[layout.system[rows.index]] if batch.systems is not None else once
            weights = np.where(rows.present[:, :, None], taken, 0.0)
            _draw_both(rows, (measure_rows, score_rows), pairs, (batch, weights), by_both)
    article_weights = draws.articles[rows.article]
    levels = []
    for (m, s), values, drawn in zip(pairs, found, by_both, strict=True):
        counts = np.isfinite(values[0])
        over_articles = _weighted_means(values[:, :, None], article_weights)
        over_both = np.concatenate(drawn, axis=1) if drawn else None
        constant_scores = ~np.isfinite(rights[s].ranks.spread[:, 0])
        constant_measure = ~np.isfinite(lefts[m].ranks.spread[:, 0]) & ~constant_scores
        levels.append(
            ArticleLevel(
                _level(
                    int(counts.sum()),
                    [float(row[counts].mean()) if counts.any() else None for row in values],
                    over_articles,
                    over_both,
                ),
                len(rows),
                int(constant_scores.sum()),
                int(constant_measure.sum()),
                values[0],
            )
        )
    return levels


def _draw_both(
    rows: Rows,
    sides: tuple[Sequence[Floats], Sequence[Floats]],
    pairs: Sequence[tuple[int, int]],
    batch_and_weights: tuple[Draws, Floats],
    by_both: list[list[Floats]],
) -> None:
    """Add to each pair what draws of articles and systems gave, (3, draws)."""
    batch, weights = batch_and_weights
    lefts = [_side(values, weights) for values in sides[0]]
    rights = [_side(values, weights) for values in sides[1]]
    article_weights = batch.articles[rows.article]
    for (m, s), drawn in zip(pairs, by_both, strict=True):
        found = _correlations(lefts[m], rights[s], weights)
        drawn.append(_weighted_means(found, article_weights))


def _weighted_means(values: Floats, weights: Floats) -> Floats:
    """Return means over groups of (3, groups, draws or 1) by weights (groups, draws)."""
    finite = np.isfinite(values)
    total = np.einsum("cgd,gd->cd", np.broadcast_to(finite, (3, *weights.shape)), weights)
    sums = np.einsum(
        "cgd,gd->cd", np.broadcast_to(np.where(finite, values, 0.0), (3, *weights.shape)), weights
    )
    means: Floats = sums / np.where(total > 0, total, np.nan)
    return means


def system_level(layout: Layout, measure: Floats, scores: Floats, draws: Draws) -> Level:
    """Return the correlation of systems' means; no numbers for fewer than four systems."""
    known = layout.system >= 0
    systems, place = np.unique(layout.system[known], return_inverse=True)
    if len(systems) < LEAST_SYSTEMS:
        return Level(len(systems))
    shape = (len(systems), draws.articles.shape[0])
    cells = np.ravel_multi_index((place, layout.article[known]), shape)
    counts, measure_sums, score_sums = (
        np.bincount(cells, weights=values, minlength=shape[0] * shape[1]).reshape(shape)
        for values in (None, measure[known], scores[known])
    )
    everything = np.ones((shape[1], 1))

    def correlations(article_weights: Floats, system_weights: Floats | None) -> Floats:
        taken = counts @ article_weights
        present = taken > 0
        sums = [values @ article_weights for values in (measure_sums, score_sums)]
        left, right = (
            np.where(present, values / np.where(present, taken, 1), 0) for values in sums
        )
        weights = present.astype(np.float64) if system_weights is None else present * system_weights
        sides = [_side(side.T, weights.T[:, :, None]) for side in (left, right)]
        return _correlations(sides[0], sides[1], weights.T[:, :, None])[:, :, 0]

    values = [_or_none(value) for value in correlations(everything, None)[:, 0]]
    over_articles = correlations(draws.articles, None)
    over_both = None
    if draws.systems is not None:
        over_both = correlations(draws.articles, draws.systems[systems])
    return _level(len(systems), values, over_articles, over_both)


def pooled_level(layout: Layout, measure: Floats, scores: Floats, draws: Draws) -> Level:
    """Return the correlation over all texts at once, with intervals over articles.

    Kendall's has none: it would take every pair of texts in every draw.
    """
    if len(layout) < 3:
        return Level(len(layout))

    def correlations(weights: Floats) -> Floats:
        left, right = (centred_pooled_ranks(values, weights) for values in (measure, scores))
        by_value = [centred_values(values[None], weights[None]) for values in (measure, scores)]
        return np.concatenate(
            [
                correlation(left, right, weights[None]),
                correlation(by_value[0], by_value[1], weights[None]),
            ]
        )

    spearman, pearson = correlations(np.ones((len(layout), 1)))[:, 0]
    drawn = np.concatenate(
        [correlations(batch.articles[layout.article]) for batch in draws.batches(4 * len(layout))],
        axis=1,
    )
    if not np.isfinite(spearman):
        return Level(len(layout))
    return Level(
        len(layout),
        Coefficient(float(spearman), interval(drawn[0])),
        Coefficient(float(kendalltau(measure, scores).statistic)),
        Coefficient(float(pearson), interval(drawn[1])),
    )


def _level(
    n: int, values: Sequence[float | None], over_articles: Floats, over_both: Floats | None
) -> Level:
    spearman, kendalls, pearson = (
        Coefficient(
            value,
            interval(over_articles[place]),
            None if over_both is None else interval(over_both[place]),
        )
        if value is not None
        else NO_COEFFICIENT
        for place, value in enumerate(values)
    )
    return Level(n, spearman, kendalls, pearson)


def _or_none(value: float) -> float | None:
    return float(value) if np.isfinite(value) else None
