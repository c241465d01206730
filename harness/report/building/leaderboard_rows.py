"""The leaderboard of one group: its rows, and the floor and ceiling that they stand between."""

from collections.abc import Sequence
from statistics import fmean

from harness.leaderboard.leaderboard import Leaderboard, PromptLine, Row
from harness.leaderboard.numbers import AboveFloor as AboveFloorLine
from harness.leaderboard.printing.disagreement_note import disagreement_notes
from harness.leaderboard.printing.judges.judge_note import judge_notes
from harness.leaderboard.printing.notes import (
    cautions,
    empty_notes,
    low_ceiling_notes,
    served_note,
    unfinished_notes,
)
from harness.leaderboard.printing.place_notes import place_notes
from harness.leaderboard.printing.repeats_note import repeats_note
from harness.leaderboard.printing.tables import ONLY_IN_JSON, split_names
from harness.records import Scope, Task
from harness.report.building.numbers import interval, minor_metrics, value
from harness.report.content.group import AboveFloor, Band, BoardRow, Cost, Prompt
from harness.report.examples.unseen_source import unseen_share
from harness.report.task_group import TaskGroup
from harness.visible import visible_text

CEILING_ROLES = ("people", "oracle")


def leaderboard_rows(group: TaskGroup) -> tuple[BoardRow, ...]:
    """Return a group's rows, in the leaderboard's order."""
    places = {row.model: place for place, row in enumerate(group.rows, start=1)}
    metric = group.metric
    minor = minor_metrics(group.rows[0].metrics)
    return tuple(
        BoardRow(
            model=visible_text(row.model),
            role=row.role,
            kind=visible_text(row.kind),
            place=places[row.model],
            rank=row.rank,
            worst_rank=row.worst_rank,
            beats=tuple(sorted(places[name] for name in row.beats if name in places)),
            primary=value(metric, row.metrics[metric], group.declarations[metric]),
            secondary=tuple(
                value(name, number, group.declarations[name], minor=name in minor)
                for name, number in row.metrics.items()
                if name not in {metric, *ONLY_IN_JSON}
            ),
            above_floor=_above_floor(row.above_floor),
            by_reference=tuple(row.by_reference),
            splits=_splits(group, row),
            expected=row.counts.expected,
            ok=row.counts.ok,
            failed=row.counts.error,
            missing=row.counts.missing,
            cut=row.counts.truncated,
            cut_share=_cut_share(group, row),
            unfinished=row.counts.unfinished,
            cost=Cost(
                seconds=None if row.role in CEILING_ROLES else row.seconds,
                tokens_per_second=row.tokens_per_second,
                peak_memory_bytes=row.peak_memory_bytes or None,
                weights_bytes=row.weights_bytes,
                price=row.cost,
            ),
            licence=None if row.licence is None else visible_text(row.licence),
            weights=_weights_text(row),
            prompt=_prompt(row.prompt) if row.prompt else None,
        )
        for row in group.rows
    )


def floor_and_ceiling(
    rows: Sequence[Row], task: Task, metric: str
) -> tuple[Band | None, Band | None]:
    """Return the best floor, and the ceiling.

    Of answers that is every one right, of summaries the better of people and oracle, but none where
    a model stands above both.
    """
    floor = _best_band([row for row in rows if row.role == "floor"], metric)
    if task == "answer":
        return floor, Band(name="every answer acceptable", mean=1.0, interval=None)
    ceiling = _best_band([row for row in rows if row.role in CEILING_ROLES], metric)
    best = _best_band([row for row in rows if row.role == "model"], metric)
    return floor, None if ceiling and best and best.mean > ceiling.mean else ceiling


def caution_texts(group: TaskGroup, board: Leaderboard) -> tuple[str, ...]:
    """Return what to beware of in the rows' intervals and texts, each once, and who was asked."""
    rows, metric = group.rows, group.metric
    low_ceiling = low_ceiling_notes(rows, metric, group.declarations[metric])
    unfinished = [*empty_notes(rows), *unfinished_notes(rows)]
    served = [told for row in rows if (told := served_note(row))]
    declaration = group.declarations[metric]
    served += [told for row in rows if (told := repeats_note(row, metric, declaration))]
    places = place_notes((row.model, row.environments) for row in rows)
    judged = next(iter(board.primary)) if "summarize" not in board.primary else "summarize"
    judges = [note.text for note in judge_notes(board)] if group.task == judged else []
    texts = (*cautions(rows, metric), *low_ceiling, *unfinished, *served, *places, *judges)
    return tuple(map(visible_text, texts))


def disagreement_sentences(board: Leaderboard, task: Task, scope: Scope) -> tuple[str, ...]:
    """Return which measures disagree on the order of which rows of a group, in sentences."""
    lines = [line for line in board.disagreements if (line.task, line.scope) == (task, scope)]
    return tuple(map(visible_text, disagreement_notes(lines)))


def power_sentence(board: Leaderboard, task: Task, scope: Scope) -> str | None:
    """Return what the suite can show of a group, in a sentence."""
    sentences = [
        power_line.sentence
        for power_line in board.power
        if (power_line.task, power_line.scope) == (task, scope)
    ]
    return visible_text(sentences[0]) if sentences else None


def _above_floor(above: AboveFloorLine | None) -> AboveFloor | None:
    if above is None:
        return None
    return AboveFloor(
        floor=visible_text(above.floor),
        difference=above.difference,
        interval=interval(above.interval),
    )


def _splits(group: TaskGroup, row: Row) -> tuple[float | None, ...]:
    names = split_names(group.metric)
    if not any(name in (other.squad or {}) for other in group.rows for name in names):
        return ()
    values = [(row.squad or {}).get(name) for name in names]
    return tuple(None if percent is None else percent / 100 for percent in values)


def _best_band(rows: Sequence[Row], metric: str) -> Band | None:
    scored = [(mean, row) for row in rows if (mean := row.metrics[metric].mean) is not None]
    if not scored:
        return None
    mean, row = max(scored, key=lambda mean_and_row: mean_and_row[0])
    return Band(
        name=visible_text(row.model), mean=mean, interval=interval(row.metrics[metric].interval)
    )


def _cut_share(group: TaskGroup, row: Row) -> float | None:
    """Return the mean share of the source that a row did not see; as a rule there is none."""
    if not row.counts.truncated and row.counts.ok + row.counts.missing:
        return None if row.role in CEILING_ROLES else 0.0  # no line is read
    shares = [
        unseen_share(line, example.article)
        for line, example in zip(group.lines.get(row.model, ()), group.examples, strict=False)
        if line is not None and line.error is None
    ]
    return fmean(shares) if shares and row.role not in CEILING_ROLES else None


def _prompt(line: PromptLine) -> Prompt:
    return Prompt(name=visible_text(line.name), version=line.version, sha256=line.sha256)


def _weights_text(row: Row) -> str | None:
    """Return where the weights are from, and the beginning of their hash or commit."""
    if row.weights is None:
        return None
    parts = [
        text[:12] if name in ("sha256", "revision") else text
        for name, text in row.weights.items()
        if name != "files" and isinstance(text, str)
    ]
    return visible_text(" ".join(parts))
