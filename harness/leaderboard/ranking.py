"""Where rows stand among each other: intervals, comparisons, ranks, and what all that can show."""

import dataclasses
import hashlib
import sys
from array import array
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import product

import numpy as np

from harness.leaderboard.leaderboard import ComparisonLine, IntervalLine, Number, PowerLine, Row
from harness.leaderboard.power_statement import sensitivity
from harness.metrics import PRIMARY
from harness.records import SCOPES, TASKS, Scope, Scored, Task
from harness.stats import (
    Comparison,
    Interval,
    beaten,
    compare_all,
    estimates,
    holm,
    rank_groups,
)
from harness.stats.clusters import Floats


@dataclass(frozen=True)
class Standings:
    """The rows with their intervals and ranks, and what the ranks rest on."""

    rows: list[Row]
    comparisons: list[ComparisonLine]
    power: list[PowerLine]


@dataclass(frozen=True)
class _Alike:
    """Rows that were scored on the same examples, and their scores by metric and row."""

    rows: list[Row]
    articles: list[str]
    scores: Mapping[str, list[Floats]]

    def compared(self) -> list[int]:
        return [i for i, row in enumerate(self.rows) if row.role in ("model", "floor")]


def standings(
    rows: Sequence[Row],
    scored: Mapping[tuple[str, Task, Scope], Sequence[Scored]],
    primaries: Mapping[Task, str] = PRIMARY,
) -> Standings:
    """Return the rows with intervals and ranks, every comparison, and what the suite can show.

    `scored` holds the scores of each row. Rows are compared only if they were scored on the same
    examples; those that are ranked are the largest set of such rows.
    """
    made: list[Row] = []
    comparisons: list[ComparisonLine] = []
    power: list[PowerLine] = []
    for task, scope in product(TASKS, SCOPES):
        here = [row for row in rows if (row.task, row.scope) == (task, scope)]
        if not here:
            continue
        alike = _alike(here, scored)
        placed = {row.model: row for row in here}
        for some in alike:
            placed |= {row.model: row for row in _with_intervals(some)}
        primary = primaries[task]
        found = _compare(alike, primary)
        comparisons += [
            _line(some, one, primary)
            for some, several in zip(alike, found, strict=True)
            for one in several
        ]
        best = max(range(len(alike)), key=lambda i: len(alike[i].compared()), default=None)
        if best is not None and alike[best].compared():
            ranks = _ranks(alike[best], found[best], primary)
            placed |= {
                name: placed[name].model_copy(update=update) for name, update in ranks.items()
            }
            count = sum(len(several) for several in found)
            power.append(_power(alike[best], found[best], count, here))
        made += placed.values()
    return Standings(made, comparisons, power)


def _alike(
    rows: Sequence[Row], scored: Mapping[tuple[str, Task, Scope], Sequence[Scored]]
) -> list[_Alike]:
    """Return the rows in sets scored on the same examples; those without scores are in none."""
    sets: dict[bytes, _Alike] = {}
    for row in rows:
        examples = hashlib.sha256()
        clusters: list[str] = []
        values = {name: array("d") for name in row.metrics}
        for one in scored.get((row.model, row.task, row.scope), ()):
            if one.scores:
                examples.update(one.example.id.encode() + b"\n")
                clusters.append(sys.intern(one.example.cluster))
                for name, kept in values.items():
                    kept.append(one.scores[name])
        if clusters:
            same = sets.setdefault(examples.digest(), _Alike([], clusters, {n: [] for n in values}))
            same.rows.append(row)
            for name, kept in values.items():
                same.scores[name].append(np.frombuffer(kept))
    return list(sets.values())


def _with_intervals(some: _Alike) -> list[Row]:
    """Return the rows with intervals; all numbers share the bootstrap's draws."""
    names = list(some.scores)
    # A metric's mean of ones may round to a little more than 1.
    every = np.vstack([row for name in names for row in some.scores[name]])
    found = iter(estimates(np.clip(every, 0, 1), some.articles, noun=some.rows[0].scope))
    numbers: list[dict[str, Number]] = [{} for _ in some.rows]
    for name in names:
        for row, kept in zip(some.rows, numbers, strict=True):
            one = next(found)
            kept[name] = row.metrics[name].model_copy(
                update={
                    "interval": _interval(one.interval),
                    "bootstrap": _interval(one.bootstrap),
                    "clusters": one.clusters,
                    "caution": one.caution,
                }
            )
    return [
        row.model_copy(update={"metrics": kept})
        for row, kept in zip(some.rows, numbers, strict=True)
    ]


def _compare(alike: Sequence[_Alike], metric: str) -> list[list[Comparison]]:
    """Return each set's comparisons, best row first; Holm's p is over all sets together."""
    found = []
    for some in alike:
        order = _order(some, metric)
        scores = [some.scores[metric][i] for i in order]
        pairs = compare_all(scores, some.articles) if len(order) > 1 else []
        found.append([dataclasses.replace(one, a=order[one.a], b=order[one.b]) for one in pairs])
    adjusted = iter(holm([one.p for several in found for one in several]))
    return [
        [dataclasses.replace(one, p_holm=next(adjusted)) for one in several] for several in found
    ]


def _order(some: _Alike, metric: str) -> list[int]:
    """Return the compared rows, best first, as the leaderboard sorts them."""

    def place(i: int) -> tuple[float, str]:
        return -(some.rows[i].metrics[metric].mean or 0.0), some.rows[i].model

    return sorted(some.compared(), key=place)


def _line(some: _Alike, one: Comparison, metric: str) -> ComparisonLine:
    a, b = some.rows[one.a], some.rows[one.b]
    return ComparisonLine(
        task=a.task,
        scope=a.scope,
        metric=metric,
        a=a.model,
        b=b.model,
        difference=one.difference,
        interval=_interval(one.interval),
        p=one.p,
        p_holm=one.p_holm,
        wins=one.wins,
        ties=one.ties,
        losses=one.losses,
    )


def _ranks(some: _Alike, pairs: Sequence[Comparison], metric: str) -> dict[str, dict[str, object]]:
    beats = beaten(pairs, len(some.rows))
    order = _order(some, metric)
    return {
        some.rows[i].model: {
            "rank": group,
            "beats": [some.rows[j].model for j in order if j in beats[i]],
        }
        for i, group in rank_groups(order, beats).items()
    }


def _power(some: _Alike, pairs: Sequence[Comparison], count: int, rows: Sequence[Row]) -> PowerLine:
    between_models = [
        one for one in pairs if some.rows[one.a].role == some.rows[one.b].role == "model"
    ]
    ranked = {some.rows[i].model for i in some.compared()}
    return sensitivity(
        task=some.rows[0].task,
        scope=some.rows[0].scope,
        clusters=len(set(some.articles)),
        rows=len(ranked),
        comparisons=count,
        errors=[one.standard_error for one in between_models or pairs],
        unranked=sorted(
            row.model for row in rows if row.role in ("model", "floor") and row.model not in ranked
        ),
    )


def _interval(one: Interval | None) -> IntervalLine | None:
    return IntervalLine(low=one.low, high=one.high, method=one.method) if one else None
