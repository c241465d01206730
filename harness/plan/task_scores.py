"""The scores of a run's rows on one task, and the pair of rows that is planned for."""

from collections.abc import Iterable
from dataclasses import dataclass
from itertools import combinations

import numpy as np
from numpy.typing import NDArray

from harness.errors import DataError
from harness.leaderboard.leaderboard import Leaderboard
from harness.leaderboard.prediction_lines import PredictionLine
from harness.records import Task
from harness.stats import (
    NO_SPREAD,
    JointSpread,
    cluster_sums,
    joint_spread,
    variance_components,
)
from harness.suite.suite import Suite


@dataclass(frozen=True)
class TaskScores:
    """The rows that a table compares: `names`, and the places of those that are floors.

    `values` is (rows, examples), NaN where a row has no score; `articles` is (examples,), a number
    for each article.
    """

    names: list[str]
    floors: frozenset[int]
    values: NDArray[np.float64]
    articles: NDArray[np.intp]

    def median_pair(self) -> tuple[int, int] | None:
        """Return the two models whose difference has the median standard error.

        Of models and floors if there are no two models that differ by more on one article than on
        another; `None` if there are no two rows such.
        """
        rows = range(len(self.names))
        models = [row for row in rows if row not in self.floors]
        return self._median_pair(models) or self._median_pair(rows)

    def spread_of(self, planned: tuple[int, int]) -> JointSpread:
        """Return how the rows spread together, on the articles that the planned pair has.

        Of the other rows those that have a score on each of these articles. The pairs are those of
        the table: two floors are none, unless all rows are floors.
        """
        shared = self._shared(planned)
        articles, codes, sizes = np.unique(
            self.articles[shared], return_inverse=True, return_counts=True
        )
        # Where each example's article stands among those of the pair, if it does.
        place = np.searchsorted(articles, self.articles).clip(max=len(articles) - 1)
        inside = np.equal(articles[place], self.articles)
        means = np.full((len(self.names), len(articles)), np.nan)
        for row, values in enumerate(self.values):
            kept = inside & (shared if row in planned else np.isfinite(values))
            counts = np.bincount(place[kept], minlength=len(articles))
            sums = np.bincount(place[kept], weights=values[kept], minlength=len(articles))
            np.divide(sums, counts, out=means[row], where=counts > 0)
        rows = np.flatnonzero(np.isfinite(means).all(axis=1)).tolist()
        pairs = [pair for pair in combinations(rows, 2) if not self.floors.issuperset(pair)]
        pairs = pairs or list(combinations(rows, 2))
        a, b = planned
        places = {row: place for place, row in enumerate(rows)}
        return joint_spread(
            means[rows],
            [(places[left], places[right]) for left, right in pairs],
            pairs.index(planned),
            variance_components(self.values[a, shared] - self.values[b, shared], codes),
            sizes.astype(np.float64),
        )

    def differences(self, pair: tuple[int, int]) -> tuple[NDArray[np.float64], NDArray[np.intp]]:
        """Return how two rows differ on the examples that both have, and their articles."""
        shared = self._shared(pair)
        return self.values[pair[0], shared] - self.values[pair[1], shared], self.articles[shared]

    def _shared(self, pair: tuple[int, int]) -> NDArray[np.bool_]:
        """Return which examples both rows have a score on, (examples,)."""
        a, b = pair
        shared: NDArray[np.bool_] = np.isfinite(self.values[a] + self.values[b])
        return shared

    def _median_pair(self, rows: Iterable[int]) -> tuple[int, int] | None:
        errors: list[tuple[float, tuple[int, int]]] = []
        for a, b in combinations(rows, 2):
            shared = self._shared((a, b))
            if not shared.any():
                continue
            differences = self.values[a, shared] - self.values[b, shared]
            error = float(cluster_sums(differences, self.articles[shared]).standard_errors()[0])
            if error > NO_SPREAD:  # not NaN, as of a single article, and not rows alike
                errors.append((error, (a, b)))
        return sorted(errors)[(len(errors) - 1) // 2][1] if errors else None


def read_task_scores(
    board: Leaderboard, suite: Suite, lines: Iterable[PredictionLine], task: Task, metric: str
) -> TaskScores:
    """Return the scores of a run's models and floors on single articles; raise DataError.

    That is where a line has not the metric that the leaderboard has, unless some texts have none.
    """
    known = board.metrics.get(metric)
    partial = known is not None and known.partial
    examples = suite.examples(task)
    place_by_example = {example.id: place for place, example in enumerate(examples)}
    roles = {
        row.model: row.role
        for row in board.rows
        if row.task == task and row.role in ("model", "floor")
    }
    names = sorted(roles)
    row_by_name = {name: row for row, name in enumerate(names)}
    values = np.full((len(names), len(examples)), np.nan)
    try:
        for line in lines:
            row, place = row_by_name.get(line.model), place_by_example.get(line.example)
            if line.task == task and row is not None and place is not None and line.scores:
                values[row, place] = (
                    line.scores.get(metric, np.nan) if partial else line.scores[metric]
                )
    except KeyError:
        raise DataError(
            "predictions.jsonl: not of the leaderboard beside it; run `harness eval` again"
        ) from None
    _, articles = np.unique([example.cluster for example in examples], return_inverse=True)
    floors = frozenset(row for name, row in row_by_name.items() if roles[name] == "floor")
    return TaskScores(names, floors, values, articles)
