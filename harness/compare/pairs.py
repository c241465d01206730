"""Two runs, row by row and example by example."""

import sys
from array import array
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from statistics import fmean

from harness.compare.changes import Change, changes, refusals
from harness.leaderboard.leaderboard import Row
from harness.leaderboard.prediction_lines import Line, pick
from harness.leaderboard.run_folder import Run
from harness.records import Role, Scope, Task
from harness.stats import Interval
from harness.stats import compare as paired
from harness.stats.paired import SAME

# How many of a row's largest losses are kept.
LOSSES = 10


@dataclass(frozen=True, slots=True)
class RowName:
    """What makes a row of one run the same row in another."""

    model: str
    task: Task
    scope: Scope

    def __str__(self) -> str:
        return f"{self.model} {self.task}{': event' if self.scope == 'event' else ''}"


@dataclass(frozen=True, slots=True)
class Loss:
    """An example that scores less than it did, and both outputs."""

    example: str
    base: float
    head: float
    base_text: str
    head_text: str


@dataclass(frozen=True, slots=True)
class Scores:
    """The primary metric on the examples that both runs scored: head less base.

    `interval` is the 95 % interval of the difference, clustered by article, and `p` the paired
    sign-flip test's; both are `None` for one article, the interval also where all articles moved
    by the same. Means are over the `n` examples in `clusters` articles.
    """

    n: int
    clusters: int
    base: float
    head: float
    difference: float
    interval: Interval | None
    p: float | None
    improved: int
    worse: int
    equal: int
    losses: tuple[Loss, ...]


@dataclass(frozen=True, slots=True)
class RowPair:
    """One row in both runs. If `refused` says why they are not comparable, nothing was compared.

    `scores` is `None` then, and where no example was scored in both. `missing` are examples of
    the base that the head lacks, `added` those that it has more. `failed` were scored in the base
    and failed in the head, `recovered` the other way.
    """

    name: RowName
    role: Role
    metric: str
    refused: tuple[Change, ...]
    changes: tuple[Change, ...]
    scores: Scores | None
    missing: tuple[str, ...]
    added: tuple[str, ...]
    failed: tuple[str, ...]
    recovered: tuple[str, ...]
    other_outputs: int


@dataclass(frozen=True)
class RunPair:
    """Two runs: the rows that both have, and those that only one has."""

    base: str
    head: str
    rows: tuple[RowPair, ...]
    only_base: tuple[RowName, ...]
    only_head: tuple[RowName, ...]


def compare(base: Run, head: Run) -> RunPair:
    """Compare two runs by each row's primary metric; people, who predict nothing, are left out.

    Raises DataError for a run whose predictions are not those that its leaderboard counts.
    """
    before, after = _named(base), _named(head)
    return RunPair(
        base=str(base.folder),
        head=str(head.folder),
        rows=tuple(
            _pair(name, (base, row), (head, after[name]))
            for name, row in before.items()
            if name in after
        ),
        only_base=tuple(name for name in before if name not in after),
        only_head=tuple(name for name in after if name not in before),
    )


def _named(run: Run) -> dict[RowName, Row]:
    return {
        RowName(row.model, row.task, row.scope): row
        for row in run.board.rows
        if row.role != "people"
    }


def _pair(name: RowName, base: tuple[Run, Row], head: tuple[Run, Row]) -> RowPair:
    (base_run, base_row), (head_run, head_row) = base, head
    metric = base_run.board.primary[name.task]
    refused = refusals((base_run.board, base_row), (head_run.board, head_row))
    before, after = base_run.of(base_row), head_run.of(head_row)
    places = {line.example: place for place, line in enumerate(after)}
    in_both = array("q", (i for i, line in enumerate(before) if line.example in places))
    paired_with = array("q", (places[line.example] for line in pick(before, in_both)))
    missing = tuple(line.example for line in before if line.example not in places)
    shared = set(paired_with) if len(paired_with) < len(after) else range(len(after))
    added = tuple(example for example, place in places.items() if place not in shared)
    told = _told(
        zip(pick(before, in_both), pick(after, paired_with), strict=True),
        None if refused else metric,
    )
    if not refused:
        refused = told.same_text_other_score
    return RowPair(
        name=name,
        role=base_row.role,
        metric=metric,
        refused=tuple(refused),
        changes=tuple(changes(base_row, head_row)),
        scores=_scores(told) if told.articles and not refused else None,
        missing=missing,
        added=added,
        failed=tuple(told.failed),
        recovered=tuple(told.recovered),
        other_outputs=told.other_outputs,
    )


@dataclass(slots=True)
class _Told:
    """What was seen of the examples of both runs: scores where both have one, and the rest."""

    before: "array[float]"
    after: "array[float]"
    articles: list[str]
    losses: list[Loss]
    same_text_other_score: list[Change]
    failed: list[str]
    recovered: list[str]
    other_outputs: int = 0


def _told(both: Iterable[tuple[Line, Line]], metric: str | None) -> _Told:
    """Go through the lines of both runs once; the largest losses alone keep their texts.

    Without a metric that both have, only what is no score is looked at.
    """
    told = _Told(array("d"), array("d"), [], [], [], [], [])
    for one, two in both:
        told.other_outputs += one.text != two.text
        if one.error is not None or two.error is not None:
            if one.error is None:
                told.failed.append(one.example)
            elif two.error is None:
                told.recovered.append(one.example)
            continue
        if metric is None:
            continue
        left, right = one.scores[metric], two.scores[metric]
        told.before.append(left)
        told.after.append(right)
        told.articles.append(sys.intern(one.cluster))
        if right - left < -SAME:
            told.losses.append(Loss(one.example, left, right, one.text, two.text))
            if len(told.losses) > 10 * LOSSES:
                told.losses = _largest(told.losses)
        if one.text == two.text and abs(left - right) > SAME and not told.same_text_other_score:
            name = f"the same text of {one.example} scores"
            change = Change("metric", name, f"{left:.6f}", f"{right:.6f}")
            told.same_text_other_score.append(change)
    told.losses = _largest(told.losses)
    return told


def _largest(losses: Sequence[Loss]) -> list[Loss]:
    """Return the largest losses; of equal ones the first."""
    return sorted(losses, key=lambda one: one.head - one.base)[:LOSSES]


def _scores(told: _Told) -> Scores:
    clusters = len(set(told.articles))
    found = paired(told.after, told.before, told.articles)
    return Scores(
        n=len(told.before),
        clusters=clusters,
        base=fmean(told.before),
        head=fmean(told.after),
        difference=found.difference,
        interval=found.interval,
        p=found.p if clusters > 1 else None,
        improved=found.wins,
        worse=found.losses,
        equal=found.ties,
        losses=tuple(told.losses),
    )
