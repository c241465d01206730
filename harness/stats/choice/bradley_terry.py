"""How strong each row is, from which of two won: the model of Bradley and Terry.

Bradley & Terry, "Rank Analysis of Incomplete Block Designs: I. The Method of Paired Comparisons"
(1952): i wins over j with the probability 1 / (1 + exp(s_j - s_i)). A tie is half a win for each,
as packages that know no ties, such as `choix`, take it. These give no intervals: they are made here
from the likelihood, so that it is fitted here too.
"""

from dataclasses import dataclass

import numpy as np

from harness.stats.clusters import Floats
from harness.stats.distributions import student_quantile
from harness.stats.student import Interval

# So many ties are added between every two rows. A row that wins always would be infinitely strong
# without, and one that met only some of the others could not be placed among the rest.
TIES_ADDED = 1.0

# Newton's steps are over when none moves a strength by more.
_PRECISION = 1e-13
_MOST_STEPS = 100


@dataclass(frozen=True, slots=True)
class Strength:
    """A row's strength, in log odds: 0 is the mean of the rows. And its interval."""

    value: float
    interval: Interval | None


def bradley_terry(
    wins: Floats, *, ties_added: float = TIES_ADDED, confidence: float = 0.95
) -> list[Strength]:
    """Return the strength of each row, of which there are two at least.

    `wins`, (clusters, rows, rows), has how often row i won over row j in each cluster; a win may be
    parted between both. Strengths are those of the greatest likelihood, with `ties_added` between
    every two rows.

    The intervals are Student's t over clusters, with as many degrees of freedom as there are
    clusters less one. The variance is the sandwich's, with each cluster's part of the score summed
    (Cameron & Miller, "A Practitioner's Guide to Cluster-Robust Inference", 2015, equation 11 and
    section VII.A), or the likelihood's own, as of pairs that have nothing to do with one another,
    whichever is greater: where a row wins over all in every cluster the first would be 0. `None`
    for one cluster. Raises ValueError for wins of another shape, and below 0 or not finite.

    >>> [round(strength.value, 3) for strength in bradley_terry(np.array([[[0, 3.0], [0, 0]]]))]
    [0.973, -0.973]
    """
    values = np.asarray(wins, dtype=np.float64)
    if values.ndim != 3 or values.shape[1] != values.shape[2] or min(values.shape) < 1:
        raise ValueError(f"wins are of clusters, rows and rows, not {values.shape}")
    if not np.isfinite(values).all() or (values < 0).any():
        raise ValueError("a number of wins is below 0 or not finite")
    clusters, rows, _ = values.shape
    added = ties_added / 2 * (1 - np.eye(rows))
    strengths = _fitted(values.sum(axis=0) + added)
    errors = _errors(values, added, strengths)
    quantile = student_quantile(clusters - 1, (1 + confidence) / 2) if clusters > 1 else None
    return [
        Strength(
            value,
            None
            if quantile is None
            else Interval(value - quantile * error, value + quantile * error, "bradley-terry"),
        )
        for value, error in zip(strengths.tolist(), errors.tolist(), strict=True)
    ]


def _fitted(wins: Floats) -> Floats:
    """Return the strengths of greatest likelihood, of mean 0, by Newton's method."""
    strengths = np.zeros(len(wins))
    for _ in range(_MOST_STEPS):
        step = np.linalg.solve(_information(wins, strengths), _scores(wins, strengths))
        # Far from the top a whole step may go too far: no strength moves by more than 1 at once.
        strengths = strengths + step / max(1.0, float(np.abs(step).max()))
        if np.abs(step).max() < _PRECISION:
            break
    centred: Floats = strengths - strengths.mean()
    return centred


def _probabilities(strengths: Floats) -> Floats:
    probabilities: Floats = np.exp(-np.logaddexp(0, strengths[None, :] - strengths[:, None]))
    return probabilities


def _scores(wins: Floats, strengths: Floats) -> Floats:
    """Return the derivative of the log likelihood, (…, rows), of wins (…, rows, rows)."""
    met = wins + np.swapaxes(wins, -1, -2)
    scores: Floats = (wins - met * _probabilities(strengths)).sum(axis=-1)
    return scores


def _information(wins: Floats, strengths: Floats) -> Floats:
    """Return the information, (rows, rows), with what holds the mean of the strengths at 0."""
    probabilities = _probabilities(strengths)
    weights = (wins + wins.T) * probabilities * probabilities.T
    information: Floats = np.diag(weights.sum(axis=1)) - weights + 1 / len(wins)
    return information


def _errors(wins: Floats, added: Floats, strengths: Floats) -> Floats:
    """Return each strength's standard error, (rows,)."""
    clusters, rows, _ = wins.shape
    inverse = np.linalg.inv(_information(wins.sum(axis=0) + added, strengths))
    by_cluster = _scores(wins, strengths)
    by_cluster = by_cluster - by_cluster.mean(axis=0)
    correction = clusters / (clusters - 1) if clusters > 1 else 0.0
    sandwich = inverse @ (by_cluster.T @ by_cluster * correction) @ inverse
    own = np.diag(inverse) - 1 / rows  # less what held the mean
    errors: Floats = np.sqrt(np.maximum(np.diag(sandwich), own))
    return errors
