"""How often the rule of the tables tells two rows from each other, on suites like a run's."""

import math
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from harness.stats.clusters import ClusterSums
from harness.stats.distributions import (
    noncentral_t_above,
    normal_probability,
    student_quantile,
)
from harness.stats.planning.joint_spread import JointSpread
from harness.stats.planning.power import POWER
from harness.stats.ranks import SIGNIFICANCE_LEVEL
from harness.stats.signflip import smallest_p

SEED = 0

# Up to so many articles suites are simulated; of more the formula says the same (see the tests).
SIMULATED_ARTICLES = 64

# Suites of one size; fewer where there are many pairs, so that 20 rows take seconds.
MOST_SUITES, LEAST_SUITES = 2_000, 1_000
PAIR_SUITES = 100_000
# Suites that share the random patterns of signs, so that what these err by evens out.
BATCH = 50

# Patterns of signs of one suite, the one as observed among them: 19 of them are just below 5 %.
PATTERNS = 381
# Two statistics this near are a tie, in single precision.
ROUNDING = 1e-5

# Tables without a true difference, of which the critical value is.
TABLES = 40_000

# A difference of so many standard errors that is not shown is shown by none.
FAR = 1000.0

MAX_NEEDED = 10_000_000


@dataclass(frozen=True, slots=True)
class Power:
    """A share of suites, and its standard error where they were simulated."""

    value: float
    error: float | None


@dataclass(frozen=True)
class TablePower:
    """The power of step-down maxT over joint sign flips (`sign_flip_test`) to tell one pair.

    The suites are made by the random effects of `JointSpread`, normal ones, as is usual for power
    by simulation (Gelman & Hill 2007, "Data Analysis Using Regression and Multilevel/Hierarchical
    Models", chapter 20): the test itself assumes no distribution, and sums over an article's
    examples are near normal. Articles are as large as those of the run. The planned pair's rows
    differ by the true difference and all other rows lie halfway between, so that the pair is held
    against the whole family: where others are farther apart, the step-down leaves them out.

    Up to 64 articles a suite's signs are flipped: in all ways up to 9 articles, of more at random.
    Of more articles it is the noncentral t distribution, with the family's critical value at
    many articles: the quantile of the greatest of the pairs' correlated normal statistics. The
    random numbers are the same at every call.
    """

    spread: JointSpread

    def power(self, articles: int, difference: float) -> Power:
        """Return how often the planned pair, `difference` apart, is told on so many articles."""
        if articles < 2 or smallest_p(articles) >= SIGNIFICANCE_LEVEL:
            return Power(0.0, None)
        if articles > SIMULATED_ARTICLES:
            return Power(self._by_formula(articles, difference), None)
        told = self._simulated(articles, difference)
        share = float(told.mean())
        # The error of a share of all suites or none is that of one suite more or less.
        variance = max(share * (1 - share), 1 / len(told))
        return Power(share, math.sqrt(variance / len(told)))

    def articles_needed(self, difference: float) -> int:
        """Return how many articles show a true difference with 80 % power, six at least.

        Raises ValueError unless `difference` is above 0, and if over ten million would be needed.
        """
        if not difference > 0:
            raise ValueError(f"a difference to look for must be above 0, not {difference:g}")
        low, high = 1, SIMULATED_ARTICLES + 1
        while self.power(high, difference).value < POWER:
            low, high = high, 2 * high
            if high > MAX_NEEDED:
                raise ValueError(f"no suite can be large enough to show {difference:g}")
        while high - low > 1:
            middle = (low + high) // 2
            enough = self.power(middle, difference).value >= POWER
            low, high = (low, middle) if enough else (middle, high)
        return high

    def articles_interval(
        self, difference: float, confidence: float = 0.95
    ) -> tuple[int, int | None]:
        """Return how few and how many articles may be needed for all that the run's spread tells.

        The variance of the planned pair is that of a sample of articles: so many degrees of freedom
        times it over the true one is distributed as chi-squared (Cochran 1934). The second is
        `None` where over ten million may be needed.
        """
        from scipy.special import chdtri

        tail = (1 - confidence) / 2
        ratios = [
            math.sqrt(float(chdtri(self._freedom, p)) / self._freedom) for p in (tail, 1 - tail)
        ]
        low = self.articles_needed(difference * ratios[0])
        try:
            return low, self.articles_needed(difference * ratios[1])
        except ValueError:
            return low, None

    def minimum_difference(self, articles: int) -> float | None:
        """Return the least true difference that so many articles show, `None` if they show none.

        They show none below six, and where one article is so large that no sign but its own counts.
        Within 1 %, as near as the simulation tells it.
        """
        if articles < 2 or smallest_p(articles) >= SIGNIFICANCE_LEVEL:
            return None
        # What is shown in half of suites at most, and in 80 % if a statistic were normal.
        low, high = (self._error(articles) * (self.critical_value + more) for more in (0.0, 0.84))
        while self.power(articles, high).value < POWER:
            low, high = high, 1.5 * high
            if high > FAR * self._error(articles):
                return None
        while high - low > 0.01 * high:
            middle = (low + high) / 2
            enough = self.power(articles, middle).value >= POWER
            low, high = (low, middle) if enough else (middle, high)
        return high

    def questions_needed(self, difference: float, articles: int, least: float) -> int | None:
        """Return how many questions on each of `articles` show a difference; `None` if none do.

        `least` is the least difference that is shown with as many questions as now. Statistics do
        not change with the scale of scores, so that what `articles` show goes with the spread of an
        article's mean; more questions cannot take away how the articles themselves differ.
        """
        components = self.spread.components
        variance = (components.deviation(components.per_cluster) * difference / least) ** 2
        between = components.correlation * components.sd**2
        within = components.sd**2 - between
        if variance <= between:
            return None
        questions = max(1, math.ceil(within / (variance - between) - 1e-9))
        return questions if questions <= MAX_NEEDED else None

    def _simulated(self, articles: int, difference: float) -> NDArray[np.bool_]:
        """Return of each simulated suite whether the planned pair is told, the right way round."""
        spread = self.spread
        left, right = np.array(spread.pairs, dtype=np.intp).T
        a, b = spread.pairs[spread.planned]
        truth = np.zeros(len(spread.factor))
        truth[[a, b]] = difference / 2, -difference / 2
        places = (np.arange(articles) + 0.5) / articles
        sizes = np.quantile(spread.sizes, places, method="inverted_cdf")
        deviation = spread.components.deviation(sizes)
        rng = np.random.default_rng(SEED)
        suites = min(MOST_SUITES, max(LEAST_SUITES, PAIR_SUITES // len(spread.pairs)))
        told = []
        for patterns in _patterns(articles, suites // BATCH, rng):
            noise = spread.factor @ rng.standard_normal((BATCH, len(truth), articles))
            sums = sizes * (truth[:, None] + deviation * noise)
            p = _planned_p(sums.astype(np.float32), patterns, left, right, spread.planned)
            told.append(
                (p < SIGNIFICANCE_LEVEL) & (sums[:, a].sum(axis=1) > sums[:, b].sum(axis=1))
            )
        return np.concatenate(told)

    def _by_formula(self, articles: int, difference: float) -> float:
        """Return the power of a t test at the level that the family leaves to one pair.

        That is the two-sided level of `critical_value` in a normal distribution. For the degrees of
        freedom articles of other sizes count as so many of one size as have as many.
        """
        freedom = (self._freedom + 1) * articles / len(self.spread.sizes) - 1
        noncentrality = difference / self._error(articles)
        if freedom <= 0:
            return 0.0
        critical = -student_quantile(freedom, normal_probability(-self.critical_value))
        return noncentral_t_above(freedom, noncentrality, critical)

    def _error(self, articles: int) -> float:
        """Return the standard error of the planned pair's difference on so many articles."""
        sizes = self.spread.sizes
        error = float(np.linalg.norm(sizes * self.spread.components.deviation(sizes))) / sizes.sum()
        return float(error * math.sqrt(len(sizes) / articles))

    @cached_property
    def _freedom(self) -> float:
        """The degrees of freedom of a standard error over the run's articles."""
        sizes = self.spread.sizes
        return ClusterSums(np.zeros((1, len(sizes))), sizes).freedom

    @cached_property
    def critical_value(self) -> float:
        """The value below which no pair's statistic is in 95 % of tables without a difference."""
        rng = np.random.default_rng(SEED)
        rows = self.spread.factor @ rng.standard_normal((len(self.spread.factor), TABLES))
        greatest = np.zeros(TABLES)
        for a, b in self.spread.pairs:
            difference = rows[a] - rows[b]
            norm = float(np.linalg.norm(self.spread.factor[a] - self.spread.factor[b]))
            if norm > 0:
                np.maximum(greatest, np.abs(difference) / norm, out=greatest)
        return float(np.quantile(greatest, 1 - SIGNIFICANCE_LEVEL))


def _patterns(
    articles: int, batches: int, rng: np.random.Generator
) -> Iterator[NDArray[np.float32]]:
    """Yield each batch's patterns of signs, (patterns, articles), the one as observed first.

    All of them where there are no more than are drawn else; a pattern with all signs turned is none
    of its own.
    """
    count = 2 ** (articles - 1)
    everything = 1.0 - 2.0 * (np.arange(min(count, PATTERNS))[:, None] >> np.arange(articles) & 1)
    for _ in range(batches):
        if count <= PATTERNS:
            yield everything.astype(np.float32)
            continue
        drawn = 1.0 - 2.0 * rng.integers(0, 2, (PATTERNS, articles))
        drawn[0] = 1.0
        yield drawn.astype(np.float32)


def _planned_p(
    sums: NDArray[np.float32],
    patterns: NDArray[np.float32],
    left: NDArray[np.intp],
    right: NDArray[np.intp],
    planned: int,
) -> NDArray[np.float64]:
    """Return the planned pair's adjusted p in each suite, by step-down maxT as `sign_flip_test`.

    `sums` is (suites, rows, articles): the same for many suites at once, in single precision.
    """
    suites = np.arange(len(sums))
    signed = sums @ patterns.T
    differences = sums[:, left] - sums[:, right]
    norms = np.sqrt(np.einsum("spa,spa->sp", differences, differences))
    norms[norms == 0] = np.inf
    observed = np.abs(differences.sum(axis=2)) / norms
    ascending = np.argsort(observed, axis=1)
    greatest = np.zeros((len(sums), len(patterns)), dtype=np.float32)
    p = np.zeros(len(sums))
    reached = np.zeros(len(sums), dtype=bool)
    for pair in ascending.T:
        statistics = np.abs(signed[suites, left[pair]] - signed[suites, right[pair]])
        statistics /= norms[suites, pair][:, None]
        np.maximum(greatest, statistics, out=greatest)
        reached |= pair == planned
        if not reached.any():
            continue
        threshold = observed[suites, pair] * (1 - ROUNDING)
        share = (greatest >= threshold[:, None]).mean(axis=1)
        # No pair's p falls below that of one that differs more.
        p = np.where(reached, np.maximum(p, share), 0.0)
    return p
