"""What each row scored, and the sets of rows in which two can be compared example by example."""

import hashlib
import math
from array import array
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import combinations
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from harness.leaderboard.leaderboard import Row
from harness.leaderboard.ranking.cluster_numbers import ClusterNumbers
from harness.metrics.declaration import Declaration
from harness.models.checkpoint.memory import trim_memory
from harness.records import Scope, ScoredPrediction, Task
from harness.run.score_table import ScoreTable
from harness.run.scoring import ScoredStream
from harness.stats import ScoredRows
from harness.stats.clusters import Floats


@dataclass(frozen=True)
class ExampleSet:
    """The examples that a row was scored on, in the suite's order: hashes, and each's cluster.

    Clusters are numbered in the order of their names, the same in all sets.
    """

    ids: NDArray[np.int64]
    clusters: NDArray[np.int64]

    def common(self, other: "ExampleSet") -> NDArray[np.bool_]:
        """Return which of these examples another set has too, (examples,)."""
        return np.isin(self.ids, other.ids)


@dataclass(frozen=True)
class RowScores:
    """A row and its scores by metric, each (examples,); rows scored alike share their examples.

    A partial metric is NaN where an example has no score by it. Scores may be read anew each time
    that a metric is asked for.

    `constant` says that the row's texts are all one text.
    """

    row: Row
    examples: ExampleSet
    scores: Mapping[str, Floats]
    constant: bool

    @property
    def is_compared(self) -> bool:
        """Whether it is a model or a floor."""
        return self.row.role in ("model", "floor")


class _TableScores(Mapping[str, Floats]):
    """The scores in a table, some rows left out; each metric is read when it is asked for."""

    def __init__(self, table: ScoreTable, metrics: Sequence[str], kept: bytes) -> None:
        self._table, self._metrics = table, tuple(metrics)
        self._kept = None if all(kept) else np.frombuffer(kept, bool)

    def __len__(self) -> int:
        return len(self._metrics)

    def __iter__(self) -> Iterator[str]:
        return iter(self._metrics)

    def __contains__(self, metric: object) -> bool:
        return metric in self._metrics

    def __getitem__(self, metric: str) -> Floats:
        if metric not in self._metrics:
            raise KeyError(metric)
        values = self._table.column(metric)
        return values if self._kept is None else values[self._kept]


def row_scores(
    rows: Sequence[Row], scored: Mapping[tuple[str, Task, Scope], Sequence[ScoredPrediction]]
) -> list[RowScores]:
    """Return the scores of the rows that have some, read from where `ScoredStream` has them."""
    numbers = ClusterNumbers()
    sets: dict[bytes, tuple[array[int], array[int]]] = {}  # by a hash of their examples
    gathered = []
    for row in rows:
        one = _gathered(row, scored.get((row.model, row.task, row.scope), ()), numbers)
        if one.ids:
            digest = hashlib.sha256(one.ids).digest()
            sets.setdefault(digest, (one.ids, one.clusters))
            gathered.append((row, digest, one.scores, one.constant and len(one.ids) > 1))
    examples = {
        digest: ExampleSet(np.frombuffer(ids, np.int64), numbers.of(clusters))
        for digest, (ids, clusters) in sets.items()
    }
    return [
        RowScores(row, examples[digest], scores, constant)
        for row, digest, scores, constant in gathered
    ]


class _Gathered(NamedTuple):
    """What a row was scored on and got: hashes of ids and clusters, and whether it said one thing.

    Hashes are of one process alone; they tell examples apart, no more.
    """

    ids: "array[int]"
    clusters: "array[int]"
    scores: Mapping[str, Floats]
    constant: bool


def _gathered(
    row: Row, row_scored: Sequence[ScoredPrediction], numbers: ClusterNumbers
) -> _Gathered:
    written = row_scored.table if isinstance(row_scored, ScoredStream) else None
    table = ScoreTable(dict.fromkeys(row.metrics, math.nan)) if written is None else written
    ids, clusters, kept = array("q"), array("q"), bytearray()
    first_text, constant = None, row.role != "people"  # people's scores are of no one text
    for place, scored_prediction in enumerate(row_scored):
        kept.append(bool(scored_prediction.scores))
        if not scored_prediction.scores:
            continue
        if written is None:
            table.put(place, scored_prediction.scores)
        ids.append(hash(scored_prediction.example.id))
        clusters.append(numbers.add(scored_prediction.example.cluster))
        for text in scored_prediction.texts:
            first_text = text if first_text is None else first_text
            constant = constant and text == first_text
    table.extend(len(kept))
    return _Gathered(ids, clusters, _TableScores(table, [*row.metrics], bytes(kept)), constant)


def scored_by(rows: Sequence[RowScores], metric: str) -> list[RowScores]:
    """Return the rows on those examples alone that have a score by a metric; none without any."""
    kept = [~np.isnan(row.scores[metric]) for row in rows]
    if all(known.all() for known in kept):
        return list(rows)
    sets: dict[bytes, ExampleSet] = {}  # rows scored alike share their examples
    scored = []
    for row, known in zip(rows, kept, strict=True):
        if not known.any():
            continue
        ids, clusters = row.examples.ids[known], row.examples.clusters[known]
        digest = hashlib.sha256(ids.tobytes()).digest()
        examples = sets.setdefault(digest, ExampleSet(ids, clusters))
        scores = {metric: row.scores[metric][known]}
        scored.append(replace(row, examples=examples, scores=scores))
    return scored


def by_examples(rows: Sequence[RowScores]) -> list[list[RowScores]]:
    """Return the rows in groups that were scored on the same examples."""
    groups: dict[int, list[RowScores]] = {}
    for scores in rows:
        groups.setdefault(id(scores.examples), []).append(scores)
    return list(groups.values())


def comparable_pairs(rows: Sequence[RowScores]) -> list[list[tuple[int, int]]]:
    """Return the pairs of rows, by their places, in sets that are compared on the same examples.

    Rows scored on the same examples are one set; two rows that were not are a set of their own, if
    they have examples in common.
    """
    sets: dict[int, list[tuple[int, int]]] = {}
    alone = []
    for a, b in combinations(range(len(rows)), 2):
        if rows[a].examples is rows[b].examples:
            sets.setdefault(id(rows[a].examples), []).append((a, b))
        elif rows[a].examples.common(rows[b].examples).any():
            alone.append([(a, b)])
    return [*sets.values(), *alone]


def scored_sets(
    rows: Sequence[RowScores],
    pair_sets: Sequence[Sequence[tuple[int, int]]],
    metric: str,
    declaration: Declaration,
) -> Iterator[ScoredRows]:
    """Yield the scores of each set of pairs, its rows in order, on the examples that all have."""
    for pairs in pair_sets:
        places = sorted({place for pair in pairs for place in pair})
        first, last = rows[places[0]], rows[places[-1]]  # of more than two all have the same
        clusters = first.examples.clusters
        kept: tuple[NDArray[np.bool_], ...] = ()
        if first.examples is not last.examples:
            kept = (first.examples.common(last.examples), last.examples.common(first.examples))
            clusters = clusters[kept[0]]
        floors = [i for i, place in enumerate(places) if rows[place].row.role == "floor"]
        yield ScoredRows(
            _stacked([rows[place].scores for place in places], metric, kept),
            clusters,
            frozenset(floors),
            declaration.greatest_difference,
            declaration.sign,
        )
    trim_memory()  # what summing the last set took: whoever asks for another is done with it


def _stacked(
    scores: Sequence[Mapping[str, Floats]], metric: str, kept: Sequence[NDArray[np.bool_]]
) -> Floats:
    """Return scores of several rows by a metric, (rows, examples), as far as they are kept.

    They are read one after the other, so that none is held twice.
    """
    first = scores[0][metric]
    stacked = np.empty((len(scores), int(kept[0].sum()) if kept else len(first)))
    for place, row in enumerate(scores):
        values = first if place == 0 else row[metric]
        stacked[place] = values[kept[place]] if kept else values
    return stacked
