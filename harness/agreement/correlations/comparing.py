"""Paired tests between two measures, whether one is closer to people on the same texts.

Per article, the correlations of both measures within a group are one article's two numbers: if the
measures were alike, they might as well have changed places. That is what swapping all of an
article's scores between the measures does: the test PERM-INPUTS of Deutsch, Dror & Roth (2021), "A
Statistical Analysis of Summarization Evaluation Metrics Using Resampling Methods", section 5, on
the mean correlation per article. Pooled, the scores themselves change places by article, as ranks,
since measures have different scales.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import combinations
from typing import Literal

import numpy as np
from scipy.stats import rankdata

from harness.agreement.correlations.draws import Draws, interval
from harness.agreement.correlations.layout import Layout, Places
from harness.agreement.correlations.weighted import Floats
from harness.stats import Interval
from harness.stats.signflip import DRAWS, SEED, sign_flip_test

Adjustment = Literal["maxt", "holm"]

# Two statistics this near are a tie that rounding has parted; ties count.
_ROUNDING = 1e-9


@dataclass(frozen=True, slots=True)
class Comparison:
    """Measure `a` against `b`: how much more one agrees with people on an aspect.

    `difference` is of Spearman's correlation, per article over the `n` groups in which both have
    one, or pooled over `n` texts, or of another figure that `level` names; its `interval` is over
    articles drawn again. `p` is two-sided, `p_adjusted` is it for all pairs of the aspect: by
    step-down maxT (Romano & Wolf 2005), or Holm's (1979).
    """

    a: str
    b: str
    aspect: str
    source: str | None
    level: str
    n: int
    difference: float
    interval: Interval | None
    p: float
    p_adjusted: float
    adjustment: Adjustment


@dataclass(frozen=True, slots=True)
class Subject:
    """What a comparison is of, beside the measures."""

    aspect: str
    source: str | None
    level: str


def compare_by_group(
    subject: Subject,
    names: Sequence[str],
    by_group: Sequence[Floats],
    article: Places,
    draws: Draws,
) -> list[Comparison]:
    """Compare measures by one number a group each, (groups,), NaN where it has none.

    `article` is (groups,). The sign of an article's differences is drawn (`harness.stats`).
    """
    pairs = list(combinations(range(len(names)), 2))
    differences = [by_group[a] - by_group[b] for a, b in pairs]
    usable = [place for place, row in enumerate(differences) if np.isfinite(row).any()]
    if not usable:
        return []
    size = draws.articles.shape[0]
    sums = np.stack(
        [np.bincount(article, np.nan_to_num(differences[i]), minlength=size) for i in usable]
    )
    counts = np.stack(
        [np.bincount(article, np.isfinite(differences[i]), minlength=size) for i in usable]
    )
    drawn_counts = counts @ draws.articles
    drawn = (sums @ draws.articles) / np.where(drawn_counts > 0, drawn_counts, np.nan)
    # A row of zeros to hold each difference against: the test is of pairs of rows.
    rows = np.vstack([sums, np.zeros(size)])
    last = np.full(len(usable), len(usable))
    flips = sign_flip_test(rows, np.arange(len(usable)), last)
    return [
        Comparison(
            names[pairs[i][0]],
            names[pairs[i][1]],
            subject.aspect,
            subject.source,
            subject.level,
            int(counts[row].sum()),
            float(sums[row].sum() / counts[row].sum()),
            interval(drawn[row]),
            float(flips.p[row]),
            float(flips.adjusted_p[row]),
            "maxt",
        )
        for row, i in enumerate(usable)
    ]


def compare_pooled(
    subject: Subject,
    names: Sequence[str],
    measures: Sequence[Floats],
    scores: Floats,
    layout: Layout,
    draws: Draws,
) -> list[Comparison]:
    """Compare measures, each (texts,) with a value of every text, by Spearman's over all texts."""
    if len(layout) < 3 or len(names) < 2:
        return []
    n = len(layout)
    people = _standard(rankdata(scores))
    # All that a correlation needs are sums over articles, so no text is ever swapped or drawn.
    sums = np.stack([_sums(_standard(rankdata(values)), people, layout) for values in measures])
    observed = sums[:, 2].sum(axis=1) / n
    taken = sums @ _patterns(layout.articles)
    whole = sums.sum(axis=2)[:, :, None]
    drawn = _drawn_correlations(sums, people, layout, draws)
    comparisons, ps = [], []
    for a, b in combinations(range(len(names)), 2):
        difference = float(observed[a] - observed[b])
        swapped = _correlation(whole[a] - taken[a] + taken[b], n) - _correlation(
            whole[b] - taken[b] + taken[a], n
        )
        reached = np.abs(swapped) >= abs(difference) - _ROUNDING
        ps.append((float(reached.sum()) + 1) / (len(swapped) + 1))
        comparisons.append((names[a], names[b], difference, interval(drawn[a] - drawn[b])))
    return [
        Comparison(
            a, b, subject.aspect, subject.source, subject.level,
            n, difference, between, p, adjusted, "holm",
        )
        for (a, b, difference, between), p, adjusted in zip(comparisons, ps, holm(ps), strict=True)
    ]  # fmt: skip


def holm(ps: Sequence[float]) -> list[float]:
    """Return p-values adjusted for their number.

    Holm (1979), "A Simple Sequentially Rejective Multiple Test Procedure".

    >>> [round(p, 3) for p in holm([0.01, 0.04, 0.03])]
    [0.03, 0.06, 0.06]
    """
    order = np.argsort(ps, kind="stable")
    steps = np.array(ps)[order] * np.arange(len(ps), 0, -1)
    adjusted = np.empty(len(ps))
    adjusted[order] = np.minimum(np.maximum.accumulate(steps), 1.0)
    values: list[float] = adjusted.tolist()
    return values


def _standard(values: Floats) -> Floats:
    """Return values with mean 0 and variance 1; 0 where they do not differ."""
    centred = values - values.mean()
    spread = np.sqrt(np.mean(centred**2))
    standard: Floats = centred / spread if spread > 0 else np.zeros_like(centred)
    return standard


def _patterns(articles: int) -> Floats:
    """Return which articles change places in each pattern, (articles, patterns), 0 or 1."""
    rng = np.random.default_rng(SEED)
    return rng.integers(0, 2, (articles, DRAWS)).astype(np.float64)


def _sums(values: Floats, people: Floats, layout: Layout) -> Floats:
    """Return sums by article of values, their squares, and their products, (3, articles)."""
    return np.stack(
        [
            np.bincount(layout.article, row, minlength=layout.articles)
            for row in (values, values**2, values * people)
        ]
    )


def _correlation(sums: Floats, n: int) -> Floats:
    """Return correlations with people's ranks, of mean 0 and variance 1, from sums (3, ...)."""
    variance = sums[1] / n - (sums[0] / n) ** 2
    values: Floats = sums[2] / n / np.sqrt(np.where(variance > 0, variance, np.inf))
    return values


def _drawn_correlations(sums: Floats, people: Floats, layout: Layout, draws: Draws) -> Floats:
    """Return each measure's correlation of ranks in each draw of articles, (measures, draws)."""
    first, square, product = np.moveaxis(sums @ draws.articles, 1, 0)
    size = layout.articles
    n, mean, squares = (
        np.bincount(layout.article, row, minlength=size) @ draws.articles
        for row in (np.ones(len(layout)), people, people**2)
    )
    covariance = product / n - first * mean / n**2
    variances = (square / n - (first / n) ** 2) * (squares / n - (mean / n) ** 2)
    correlations: Floats = covariance / np.sqrt(np.where(variances > 0, variances, np.nan))
    return correlations
