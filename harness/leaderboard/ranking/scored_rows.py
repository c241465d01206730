"""What each row scored, and the sets of rows in which two can be compared example by example."""

import hashlib
import math
from array import array
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import combinations

import numpy as np
from numpy.typing import NDArray

from harness.leaderboard.leaderboard import Row
from harness.metrics.declaration import Declaration
from harness.records import Scope, ScoredPrediction, Task
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

    A partial metric is NaN where an example has no score by it.

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


def row_scores(
    rows: Sequence[Row], scored: Mapping[tuple[str, Task, Scope], Sequence[ScoredPrediction]]
) -> list[RowScores]:
    """Return the scores of the rows that have some: of `ScoredStream` the very arrays it has."""
    sets: dict[bytes, ExampleSet] = {}
    numbers: dict[str, int] = {}  # of clusters, in the order in which they come
    gathered = []
    for row in rows:
        row_scored = scored.get((row.model, row.task, row.scope), ())
        columns = row_scored.columns if isinstance(row_scored, ScoredStream) else None
        ids, clusters, kept = array("q"), array("q"), bytearray()
        values_by_metric = {metric: array("d") for metric in row.metrics}
        first_text, constant = None, row.role != "people"  # people's scores are of no one text
        for scored_prediction in row_scored:
            kept.append(bool(scored_prediction.scores))
            if not scored_prediction.scores:
                continue
            example = scored_prediction.example
            ids.append(hash(example.id))  # of one process alone; it tells examples apart, no more
            clusters.append(numbers.setdefault(example.cluster, len(numbers)))
            if columns is None:
                for metric, metric_values in values_by_metric.items():
                    metric_values.append(scored_prediction.scores.get(metric, math.nan))
            for text in scored_prediction.texts:
                first_text = text if first_text is None else first_text
                constant = constant and text == first_text
        if not clusters:
            continue
        examples = sets.setdefault(
            hashlib.sha256(ids).digest(),
            ExampleSet(np.frombuffer(ids, np.int64), np.frombuffer(clusters, np.int64)),
        )
        if columns is None:
            values = {metric: np.frombuffer(own) for metric, own in values_by_metric.items()}
        else:
            values = {metric: np.frombuffer(columns[metric]) for metric in row.metrics}
            if not all(kept):
                mask = np.frombuffer(kept, bool)
                values = {metric: own[mask] for metric, own in values.items()}
        gathered.append(RowScores(row, examples, values, constant and len(clusters) > 1))
    return _numbered_by_name(gathered, numbers)


def _numbered_by_name(rows: Sequence[RowScores], numbers: Mapping[str, int]) -> list[RowScores]:
    """Return the rows with their clusters numbered in the order of their names."""
    names = list(numbers)
    places = np.empty(len(names), dtype=np.int64)
    places[sorted(range(len(names)), key=names.__getitem__)] = np.arange(len(names))
    renumbered = {
        id(row.examples): ExampleSet(row.examples.ids, places[row.examples.clusters])
        for row in rows
    }
    return [replace(row, examples=renumbered[id(row.examples)]) for row in rows]


def scored_by(rows: Sequence[RowScores], metric: str) -> list[RowScores]:
    """Return the rows on those examples alone that have a score by a metric; none without any."""
    kept = {id(row): ~np.isnan(row.scores[metric]) for row in rows}
    if all(known.all() for known in kept.values()):
        return list(rows)
    sets: dict[bytes, ExampleSet] = {}  # rows scored alike share their examples
    scored = []
    for row in rows:
        known = kept[id(row)]
        if not known.any():
            continue
        ids, clusters = row.examples.ids[known], row.examples.clusters[known]
        examples = sets.setdefault(ids.tobytes(), ExampleSet(ids, clusters))
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
        values = [rows[place].scores[metric] for place in places]
        if first.examples is not last.examples:
            kept = first.examples.common(last.examples)
            clusters = clusters[kept]
            values = [values[0][kept], values[1][last.examples.common(first.examples)]]
        floors = [i for i, place in enumerate(places) if rows[place].row.role == "floor"]
        yield ScoredRows(
            np.vstack(values),
            clusters,
            frozenset(floors),
            declaration.greatest_difference,
            declaration.sign,
        )
