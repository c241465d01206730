"""Correlations of items that count as often as a draw of the bootstrap has them.

A draw takes items several times or not at all: each has a weight, a whole number. So no array is
drawn, and all draws of a group are a few matrix products. With weights of 1 these are the usual
correlations. Rows are padded: an item that is not there has weight 0.

Shapes: `values` are (rows, items), `weights` (rows, items, draws), results (rows, draws). A result
is NaN where either side is constant among the items drawn.
"""

from dataclasses import dataclass
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

Floats: TypeAlias = NDArray[np.float64]

# Measures are shares of some hundred words: no two that differ are nearer.
_DIGITS = 12

# A sum of squares this small, relative to the weights, is rounding.
_NO_SPREAD = 1e-12


@dataclass(frozen=True, slots=True)
class Centred:
    """One side of a correlation: values less their mean, (rows, items, draws), and their spread.

    `spread` is (rows, draws), the root of the weighted sum of squares; NaN where there is none.
    """

    values: Floats
    spread: Floats


def ties_restored(values: Floats) -> Floats:
    """Return values with those equal that only rounding has parted, and that are a tie.

    2 * P * R / (P + R) is 0.4 for many pairs of P and R, but for the last bit.
    """
    return np.round(values, _DIGITS)


def correlation(left: Centred, right: Centred, weights: Floats) -> Floats:
    """Return the correlation of two sides that were centred with these weights."""
    product: Floats = np.einsum("gmd,gmd,gmd->gd", weights, left.values, right.values)
    return product / (left.spread * right.spread)


def centred_values(values: Floats, weights: Floats) -> Centred:
    """Return values as Pearson's correlation has them."""
    total = weights.sum(axis=1)
    total = np.where(total > 0, total, np.nan)
    means = np.einsum("gm,gmd->gd", values, weights) / total
    # Rounding leaves something of constant values: it is held against their size.
    scale = np.abs(values).max(axis=1, initial=0.0)[:, None]
    return _centred(values[:, :, None] - means[:, None, :], weights, total, scale)


def centred_ranks(values: Floats, weights: Floats) -> Centred:
    """Return ranks as Spearman's correlation has them, equal values sharing their mean rank.

    Half the sum of the signs of an item's differences to all others is its rank less the mean one.
    """
    ranks = 0.5 * (signs(values) @ weights)
    total = weights.sum(axis=1)
    return _centred(ranks, weights, np.where(total > 0, total, np.nan), total)


def signs(values: Floats) -> Floats:
    """Return the sign of each item's difference to each other, (rows, items, items)."""
    differences: Floats = np.sign(values[:, :, None] - values[:, None, :])
    return differences


def kendall(left_signs: Floats, right_signs: Floats, weights: Floats) -> Floats:
    """Return Kendall's tau-b from the signs of both sides (Kendall 1945).

    Concordant less discordant pairs, over the root of the pairs not tied on the left times those
    not tied on the right.
    """
    balance = _pairs(left_signs * right_signs, weights)
    untied = _pairs(np.abs(left_signs), weights) * _pairs(np.abs(right_signs), weights)
    return balance / np.sqrt(np.where(untied > 0, untied, np.nan))


def pooled_ranks(values: Floats, weights: Floats) -> Floats:
    """Return the weighted mean ranks of one long row: `values` (items,), `weights` (items, draws).

    As `centred_ranks` without the sign of every pair: by what stands below in sorted order.
    """
    order = np.argsort(values, kind="stable")
    ordered = values[order]
    starts = np.flatnonzero(np.concatenate(([True], ordered[1:] != ordered[:-1])))
    sums = np.add.reduceat(weights[order], starts, axis=0)
    below = np.cumsum(sums, axis=0) - sums
    tied = np.repeat(below + sums / 2, np.diff(np.append(starts, len(values))), axis=0)
    ranks = np.empty_like(tied)
    ranks[order] = tied - weights.sum(axis=0) / 2
    return ranks


def centred_pooled_ranks(values: Floats, weights: Floats) -> Centred:
    """Return one long row as Spearman's correlation has it; shapes as of one row."""
    ranks = pooled_ranks(values, weights)[None]
    total = weights.sum(axis=0)[None]
    return _centred(ranks, weights[None], np.where(total > 0, total, np.nan), total)


def _pairs(pair_values: Floats, weights: Floats) -> Floats:
    total: Floats = np.einsum("gmd,gmd->gd", weights, pair_values @ weights)
    return total


def _centred(values: Floats, weights: Floats, total: Floats, scale: Floats) -> Centred:
    squares = np.einsum("gmd,gmd,gmd->gd", weights, values, values)
    least = _NO_SPREAD * np.square(scale) * total
    spread = np.sqrt(np.where(squares > least, squares, np.nan))
    return Centred(values, spread)
