"""What changed from one run to another, as the page has it: largest losses first."""

from collections.abc import Mapping, Sequence

from harness.compare.changes import Change as Changed
from harness.compare.pairs import RowPair, compare
from harness.leaderboard.prediction_lines import Line
from harness.leaderboard.run_folder import Run
from harness.report.building.numbers import interval
from harness.report.content.comparison import Change, Comparison, Loss, RowChange
from harness.report.safety.visible_text import brief, shown
from harness.report.task_group import Asked
from harness.stats.paired import SAME

MOST_LOSSES = 200


def before_lines(asked: Asked, base: Run) -> dict[str, list[Line | None]]:
    """Return the base's lines for a group's examples, by model, for models that the base has."""
    place = {example.id: at for at, example in enumerate(asked.examples)}
    found: dict[str, list[Line | None]] = {}
    for row in base.board.rows:
        if (row.task, row.scope) == (asked.task, asked.scope) and row.model in asked.lines:
            said: list[Line | None] = [None] * len(asked.examples)
            for line in base.of(row):
                if line.example in place:
                    said[place[line.example]] = line
            found[row.model] = said
    return found


def comparison(
    base: Run,
    head: Run,
    groups: Sequence[Asked],
    before: Sequence[Mapping[str, Sequence[Line | None]]],
) -> Comparison:
    """Return what changed; `before` are the base's lines, a group each."""
    found = compare(base, head)
    names = {(one.task, one.scope): one.id for one in groups}
    refused = {
        (names[one.name.task, one.name.scope], one.name.model)
        for one in found.rows
        if one.refused and (one.name.task, one.name.scope) in names
    }
    losses = _losses(groups, before, refused)
    return Comparison(
        base=shown(found.base),
        head=shown(found.head),
        rows=tuple(
            _row(one, names[one.name.task, one.name.scope])
            for one in found.rows
            if (one.name.task, one.name.scope) in names
        ),
        only_base=tuple(shown(str(name)) for name in found.only_base),
        only_head=tuple(shown(str(name)) for name in found.only_head),
        losses=tuple(losses[:MOST_LOSSES]),
        losses_total=len(losses),
    )


def _losses(
    groups: Sequence[Asked],
    before: Sequence[Mapping[str, Sequence[Line | None]]],
    refused: set[tuple[str, str]],
) -> list[Loss]:
    """Return every example on which a comparable row scores less than it did."""
    found = []
    for asked, lines in zip(groups, before, strict=True):
        for model, row in enumerate(asked.rows):
            if row.model not in lines or (asked.id, row.model) in refused:
                continue
            sides = zip(asked.examples, lines[row.model], asked.lines[row.model], strict=True)
            for example, was, now in sides:
                base, head = asked.score(was), asked.score(now)
                if base is not None and head is not None and base - head > SAME:
                    found.append(
                        Loss(
                            group=asked.id,
                            example=shown(example.id),
                            model=model,
                            base=base,
                            head=head,
                        )
                    )
    return sorted(found, key=lambda one: (one.head - one.base, one.group, one.example, one.model))


def _row(pair: RowPair, group: str) -> RowChange:
    scores = pair.scores
    return RowChange(
        group=group,
        model=shown(pair.name.model),
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
        improved=scores.improved if scores else 0,
        worse=scores.worse if scores else 0,
        equal=scores.equal if scores else 0,
        other_outputs=pair.other_outputs,
        missing=tuple(map(shown, pair.missing)),
        added=tuple(map(shown, pair.added)),
        failed=tuple(map(shown, pair.failed)),
        recovered=tuple(map(shown, pair.recovered)),
    )


def _change(one: Changed) -> Change:
    return Change(
        part=one.part, name=shown(one.name), base=brief(one.base, 300), head=brief(one.head, 300)
    )
