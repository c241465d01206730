"""Bootstrap intervals: whole clusters are drawn again, BCa where it is defined."""

from collections.abc import Iterator

import numpy as np

from harness.stats.clusters import MOST_DRAWN, ClusterSums, Floats
from harness.stats.distributions import normal_probability, normal_quantile
from harness.stats.student import NO_SPREAD, Interval

DRAWS = 10_000
SEED = 0

# The most numbers held of one batch of draws: 8 MB.
BATCH = 1_000_000
# About so many draws of a cluster are counted at once: what a processor's cache holds.
_COUNTED = 10_000


def bootstrap_intervals(
    data: ClusterSums,
    confidence: float = 0.95,
    draws: int = DRAWS,
    seed: int = SEED,
    errors: Floats | None = None,
) -> list[Interval | None]:
    """Return each row's bootstrap interval of the mean over examples, clusters drawn again.

    BCa (Efron 1987, "Better Bootstrap Confidence Intervals"), its acceleration by the jackknife
    over clusters; the percentile interval where that is not defined, because all draws fall on
    one side of the mean or the acceleration is too great. `None` for one cluster, and where no two
    clusters differ. All rows share the draws, which are those of
    `numpy.random.default_rng(seed).integers`. More than 10,000 clusters are drawn in groups; where
    `data` has groups already, `errors` are the standard errors, (rows,), over what is in them.
    """
    if data.clusters < 2:
        return [None] * len(data.sums)
    errors = data.standard_errors() if errors is None else errors
    data = data.merged(MOST_DRAWN)
    drawn_means = _drawn_means(data, draws, seed)
    accelerations = _acceleration(data)
    return [
        _interval(drawn, mean, acceleration, confidence) if error > NO_SPREAD else None
        for drawn, mean, acceleration, error in zip(
            drawn_means, data.means.tolist(), accelerations.tolist(), errors.tolist(), strict=True
        )
    ]


def _drawn_means(data: ClusterSums, draws: int, seed: int) -> Floats:
    """Return the mean of each row in each draw, (rows, draws)."""
    values = np.vstack([data.sums, data.sizes]).T
    drawn_sums = np.empty((draws, values.shape[1]))
    start = 0
    for weights in _weights(data.clusters, draws, seed):
        np.matmul(weights, values, out=drawn_sums[start : start + len(weights)])
        start += len(weights)
    means, sizes = drawn_sums.T[:-1], drawn_sums.T[-1]
    means /= sizes
    return means


def _weights(clusters: int, draws: int, seed: int) -> Iterator[Floats]:
    """Yield how often each draw takes each cluster, in batches of (draws, clusters).

    A batch is gone when the next one is asked for: both lie in the same memory.
    """
    rng = np.random.default_rng(seed)
    size = min(draws, max(1, BATCH // clusters))
    weights = np.empty((size, clusters))
    # Draws of few clusters are counted many at a time: each draw has cells of its own numbers.
    together = min(size, max(1, _COUNTED // clusters))
    first_cells = np.arange(together)[:, None] * clusters
    for start in range(0, draws, size):
        batch = weights[: draws - start]
        for begin in range(0, len(batch), together):
            counted = batch[begin : begin + together]
            cells = rng.integers(0, clusters, counted.shape) + first_cells[: len(counted)]
            counted[:] = np.bincount(cells.ravel(), minlength=counted.size).reshape(counted.shape)
        yield batch


def _acceleration(data: ClusterSums) -> Floats:
    """Return each row's acceleration, (rows,), from the means with one cluster left out."""
    squares, cubes = np.empty((2, len(data.sums)))
    for place, sums in enumerate(data.sums):  # one at a time: each is copied several times
        jackknife_means = (sums.sum() - sums) / (data.n - data.sizes)
        deviations = jackknife_means.mean() - jackknife_means
        squares[place], cubes[place] = (deviations**2).sum(), (deviations**3).sum()
    with np.errstate(invalid="ignore", divide="ignore"):
        acceleration: Floats = cubes / (6 * squares**1.5)
    return acceleration


def _interval(drawn: Floats, mean: float, acceleration: float, confidence: float) -> Interval:
    tail = (1 - confidence) / 2
    below = float(((drawn < mean - NO_SPREAD).mean() + (drawn <= mean + NO_SPREAD).mean()) / 2)
    if 0 < below < 1 and np.isfinite(acceleration):
        bias, reach = normal_quantile(below), normal_quantile(tail)
        shifted = np.array([bias + reach, bias - reach])
        stretch = 1 - acceleration * shifted
        if (stretch > 0).all():
            ends = [normal_probability(end) for end in (bias + shifted / stretch).tolist()]
            low, high = np.quantile(drawn, ends).tolist()
            return Interval(low, high, "bca")
    low, high = np.quantile(drawn, [tail, 1 - tail]).tolist()
    return Interval(low, high, "percentile")
