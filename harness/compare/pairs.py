"""Two runs, row by row and example by example."""

from collections.abc import Sequence
from dataclasses import dataclass
from statistics import fmean

from harness.compare.changes import Change, changes, refusals
from harness.leaderboard import Row
from harness.records import Role, Scope, Task
from harness.runs import Line, Run
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
    before = {line.example: line for line in base_run.of(base_row)}
    after = {line.example: line for line in head_run.of(head_row)}
    both = [(line, after[example]) for example, line in before.items() if example in after]
    scored = [(one, two) for one, two in both if one.error is None and two.error is None]
    if not refused:
        refused = _same_text_other_score(scored, metric)
    return RowPair(
        name=name,
        role=base_row.role,
        metric=metric,
        refused=tuple(refused),
        changes=tuple(changes(base_row, head_row)),
        scores=_scores(scored, metric) if scored and not refused else None,
        missing=tuple(example for example in before if example not in after),
        added=tuple(example for example in after if example not in before),
        failed=tuple(one.example for one, two in both if one.error is None and two.error),
        recovered=tuple(one.example for one, two in both if one.error and two.error is None),
        other_outputs=sum(one.text != two.text for one, two in both),
    )


def _same_text_other_score(scored: Sequence[tuple[Line, Line]], metric: str) -> list[Change]:
    """Return a change of the metric that its signature has not told."""
    for one, two in scored:
        left, right = one.scores[metric], two.scores[metric]
        if one.text == two.text and abs(left - right) > SAME:
            name = f"the same text of {one.example} scores"
            return [Change("metric", name, f"{left:.6f}", f"{right:.6f}")]
    return []


def _scores(scored: Sequence[tuple[Line, Line]], metric: str) -> Scores:
    before = [one.scores[metric] for one, _ in scored]
    after = [two.scores[metric] for _, two in scored]
    articles = [one.cluster for one, _ in scored]
    clusters = len(set(articles))
    found = paired(after, before, articles)
    worst = sorted(
        (pair for pair in scored if pair[1].scores[metric] - pair[0].scores[metric] < -SAME),
        key=lambda pair: pair[1].scores[metric] - pair[0].scores[metric],
    )
    return Scores(
        n=len(scored),
        clusters=clusters,
        base=fmean(before),
        head=fmean(after),
        difference=found.difference,
        interval=found.interval,
        p=found.p if clusters > 1 else None,
        improved=found.wins,
        worse=found.losses,
        equal=found.ties,
        losses=tuple(
            Loss(one.example, one.scores[metric], two.scores[metric], one.text, two.text)
            for one, two in worst[:LOSSES]
        ),
    )
