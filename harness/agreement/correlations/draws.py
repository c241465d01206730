"""The draws of the bootstrap: how often each takes each article, and each system.

Deutsch, Dror & Roth (2021), "A Statistical Analysis of Summarization Evaluation Metrics Using
Resampling Methods", section 4: articles alone are drawn again (their Boot-Inputs), or articles and
systems both (Boot-Both), which says what to expect of other articles and other systems.
Percentile intervals, as there.
"""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from harness.agreement.correlations.layout import Layout, Places
from harness.agreement.correlations.weighted import Floats
from harness.stats import Interval

DRAWS = 1_000
SEED = 0

# Fewer systems have no order to speak of: three can stand in six orders only.
LEAST_SYSTEMS = 4
# Where more of the draws than this have no number, there is no interval.
_MOST_UNDEFINED = 0.1
# The most numbers held of one batch of draws: 16 MB.
_BATCH = 2_000_000


@dataclass(frozen=True, slots=True)
class Draws:
    """How often each draw takes what: `articles` (places, draws), `systems` (places, draws).

    Places that the layout does not have are never taken. `systems` is `None` where fewer than four
    are known: then all count in each draw.
    """

    articles: Floats
    systems: Floats | None

    @property
    def count(self) -> int:
        """How many draws there are."""
        return int(self.articles.shape[1])

    def batches(self, texts: int) -> Iterator["Draws"]:
        """Yield the draws in batches, so that an array of (texts, draws) is small."""
        step = max(1, _BATCH // max(texts, 1))
        for start in range(0, self.count, step):
            part = slice(start, start + step)
            yield Draws(
                self.articles[:, part], None if self.systems is None else self.systems[:, part]
            )


def draw(layout: Layout, count: int = DRAWS, seed: int = SEED) -> Draws:
    """Return draws of the articles and systems of a layout, the same for the same seed."""
    rng = np.random.default_rng(seed)
    articles = _drawn(layout.article, layout.articles, count, rng)
    known = layout.system[layout.system >= 0]
    enough = len(np.unique(known)) >= LEAST_SYSTEMS and len(known) == len(layout)
    systems = _drawn(known, len(layout.systems), count, rng) if enough else None
    return Draws(articles, systems)


class DrawnLayouts:
    """Layouts of some of a set's texts, each with draws of its own, which are made once."""

    def __init__(self, layout: Layout, count: int, seed: int) -> None:
        """Take the layout of all texts, and how to draw."""
        self.whole = layout
        self._count = count
        self._seed = seed
        self._made: dict[bytes, tuple[Layout, Draws]] = {}

    def of(self, kept: NDArray[np.bool_]) -> tuple[Layout, Draws]:
        """Return the layout of the texts that are kept, (texts,), and its draws."""
        key = kept.tobytes()
        if key not in self._made:
            layout = self.whole.only(kept)
            self._made[key] = layout, draw(layout, self._count, self._seed)
        return self._made[key]


def interval(values: Floats, confidence: float = 0.95) -> Interval | None:
    """Return the percentile interval of what some draws gave, (draws,).

    `None` where more than a tenth of them gave no number, or all the same.
    """
    finite = values[np.isfinite(values)]
    if len(finite) < (1 - _MOST_UNDEFINED) * len(values) or not len(finite):
        return None
    tail = (1 - confidence) / 2
    low, high = np.quantile(finite, [tail, 1 - tail]).tolist()
    return Interval(low, high, "percentile") if high > low else None


def _drawn(places: Places, size: int, count: int, rng: np.random.Generator) -> Floats:
    present = np.unique(places)
    weights = np.zeros((size, count))
    if len(present):
        shares = np.full(len(present), 1 / len(present))
        weights[present] = rng.multinomial(len(present), shares, size=count).T
    return weights
