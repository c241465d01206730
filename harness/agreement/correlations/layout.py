"""How the texts of a set lie in groups, articles and systems: what correlations are taken over."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from harness.agreement.correlations.weighted import Floats
from harness.agreement.judgments.judgments import Judgment

Places = NDArray[np.intp]

# Fewer texts have no order to speak of: two always correlate by 1, -1 or not at all.
LEAST_IN_GROUP = 3


@dataclass(frozen=True)
class Layout:
    """Texts in a row, and of each the place of its group, article and system.

    All are (texts,). A system that is not known has the place -1. `systems` are the names, and
    `articles` is how many places of articles there are in the whole set.
    """

    group: Places
    article: Places
    system: Places
    systems: tuple[str, ...]
    articles: int

    def __len__(self) -> int:
        return len(self.group)

    def only(self, kept: NDArray[np.bool_]) -> "Layout":
        """Return the layout of some of the texts; places stay as they are."""
        return replace(
            self, group=self.group[kept], article=self.article[kept], system=self.system[kept]
        )

    @cached_property
    def rows(self) -> "Rows":
        """The groups of at least three texts, as padded rows."""
        return grouped(self, LEAST_IN_GROUP)


@dataclass(frozen=True, slots=True)
class Rows:
    """Groups as rows of one width.

    `index` are the texts, (groups, width), 0 where there is none; `present` says where one is.
    `group` and `article` are the places of each, (groups,).
    """

    index: Places
    present: NDArray[np.bool_]
    group: Places
    article: Places

    def __len__(self) -> int:
        return len(self.article)

    def of(self, values: Floats) -> Floats:
        """Return values of the texts, (texts,), as rows; where there is no text they are 0."""
        return np.where(self.present, values[self.index], 0.0)


def layout_of(judgments: Sequence[Judgment]) -> Layout:
    """Return the layout of some judgments; a group belongs to the article of its first text."""
    systems = sorted({j.system for j in judgments if j.system is not None})
    places = {name: place for place, name in enumerate(systems)}
    article = _places([j.article_id for j in judgments])
    return Layout(
        _places([j.group for j in judgments]),
        article,
        np.array([-1 if j.system is None else places[j.system] for j in judgments], dtype=np.intp),
        tuple(systems),
        int(article.max(initial=-1)) + 1,
    )


def grouped(layout: Layout, least: int) -> Rows:
    """Return the groups that have at least so many texts."""
    order = np.argsort(layout.group, kind="stable")
    groups, starts, sizes = np.unique(layout.group[order], return_index=True, return_counts=True)
    kept = sizes >= least
    groups, starts, sizes = groups[kept], starts[kept], sizes[kept]
    width = int(sizes.max(initial=0))
    steps = np.arange(width)
    present = steps[None, :] < sizes[:, None]
    places = np.where(present, starts[:, None] + steps[None, :], 0)
    index = np.where(present, order[places] if len(order) else places, 0)
    return Rows(index, present, groups, layout.article[order[starts]] if len(starts) else starts)


def _places(names: Sequence[str]) -> Places:
    """Return the place of each name among the distinct ones, in the order of the data."""
    known: dict[str, int] = {}
    return np.array([known.setdefault(name, len(known)) for name in names], dtype=np.intp)
