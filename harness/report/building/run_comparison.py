"""What changed from one run to another, as the page has it: largest losses first."""

from collections.abc import Mapping, Sequence

from harness.compare.changes import Change as Changed
from harness.compare.pairs import RowPair, compare
from harness.leaderboard.positions import Positions
from harness.leaderboard.prediction_lines import PredictionLine
from harness.leaderboard.run_folder import Run
from harness.report.building.numbers import interval
from harness.report.content.comparison import (
    Change,
    Comparison,
    Loss,
    NamedExamples,
    RowChange,
)
from harness.report.task_group import TaskGroup, beside_examples
from harness.stats.paired import SCORE_TOLERANCE
from harness.visible import visible_excerpt, visible_text

MOST_LOSSES = 200
MOST_NAMED = 100


def base_lines(group: TaskGroup, base: Run) -> dict[str, Sequence[PredictionLine | None]]:
    """Return the base's lines for a group's examples, by model, for models that the base has."""
    lines_by_model = {}
    positions = Positions(example.id for example in group.examples)
    for row in base.board.rows:
        if (row.task, row.scope) == (group.task, group.scope) and row.model in group.lines:
            lines = base.lines_of(row)
            at = positions.of(line.example for line in lines)
            lines_by_model[row.model] = beside_examples(lines, at, len(group.examples))
    return lines_by_model


def run_comparison(
    base: Run,
    head: Run,
    groups: Sequence[TaskGroup],
    base_lines_by_group: Sequence[Mapping[str, Sequence[PredictionLine | None]]],
) -> Comparison:
    """Return what changed; `before` are the base's lines, a group each."""
    run_pair = compare(base, head)
    names = {(group.task, group.scope): group.id for group in groups}
    refused = {
        (names[row_pair.name.task, row_pair.name.scope], row_pair.name.model)
        for row_pair in run_pair.rows
        if row_pair.refused and (row_pair.name.task, row_pair.name.scope) in names
    }
    losses, losses_total = _losses(groups, base_lines_by_group, refused)
    return Comparison(
        base=visible_text(run_pair.base),
        head=visible_text(run_pair.head),
        rows=tuple(
            _row_change(row_pair, names[row_pair.name.task, row_pair.name.scope])
            for row_pair in run_pair.rows
            if (row_pair.name.task, row_pair.name.scope) in names
        ),
        only_base=tuple(visible_text(str(name)) for name in run_pair.only_base),
        only_head=tuple(visible_text(str(name)) for name in run_pair.only_head),
        losses=tuple(losses),
        losses_total=losses_total,
    )


def _losses(
    groups: Sequence[TaskGroup],
    base_lines_by_group: Sequence[Mapping[str, Sequence[PredictionLine | None]]],
    refused: set[tuple[str, str]],
) -> tuple[list[Loss], int]:
    """Return the examples on which comparable rows lose most, the largest first, of how many."""
    losses: list[Loss] = []
    total = 0
    for group, lines_by_model in zip(groups, base_lines_by_group, strict=True):
        sign = group.declarations[group.metric].sign
        for model_index, row in enumerate(group.rows):
            if row.model not in lines_by_model or (group.id, row.model) in refused:
                continue
            line_pairs = zip(
                group.examples, lines_by_model[row.model], group.lines[row.model], strict=True
            )
            for example, base_line, head_line in line_pairs:
                base_score, head_score = group.score(base_line), group.score(head_line)
                if (
                    base_score is not None
                    and head_score is not None
                    and sign * (base_score - head_score) > SCORE_TOLERANCE
                ):
                    losses.append(
                        Loss(
                            group=group.id,
                            example=visible_text(example.id),
                            model=model_index,
                            base=base_score,
                            head=head_score,
                        )
                    )
                    total += 1
                    if len(losses) > 2 * MOST_LOSSES:
                        losses = _largest(losses)
    return _largest(losses), total


def _largest(losses: Sequence[Loss]) -> list[Loss]:
    return sorted(
        losses, key=lambda loss: (-abs(loss.head - loss.base), loss.group, loss.example, loss.model)
    )[:MOST_LOSSES]


def _named(examples: Sequence[str]) -> NamedExamples:
    """Return the examples with the first of their ids: a page of all would be too large."""
    return NamedExamples(count=len(examples), ids=tuple(map(visible_text, examples[:MOST_NAMED])))


def _row_change(pair: RowPair, group: str) -> RowChange:
    scores = pair.scores
    return RowChange(
        group=group,
        model=visible_text(pair.name.model),
        metric=pair.metric,
        refused=tuple(map(_change, pair.refused)),
        changes=tuple(map(_change, pair.changes)),
        n=scores.n if scores else 0,
        clusters=scores.clusters if scores else 0,
        base=scores.base if scores else None,
        head=scores.head if scores else None,
        difference=scores.difference if scores else None,
        interval=interval(scores.interval) if scores else None,
        p=scores.p if scores else None,
        simultaneous=interval(scores.simultaneous) if scores else None,
        p_adjusted=scores.p_adjusted if scores else None,
        improved=scores.improved if scores else 0,
        worse=scores.worse if scores else 0,
        equal=scores.equal if scores else 0,
        other_outputs=pair.other_outputs,
        missing=_named(pair.missing),
        added=_named(pair.added),
        failed=_named(pair.failed),
        recovered=_named(pair.recovered),
    )


def _change(change: Changed) -> Change:
    return Change(
        part=change.part,
        name=visible_text(change.name),
        base=visible_excerpt(change.base, 300),
        head=visible_excerpt(change.head, 300),
    )
