"""A dry run as a person reads it, and as a machine does."""

import json
import math
from collections.abc import Iterator, Sequence
from dataclasses import asdict

from harness.eval.dry_run import DryRun, DryRunRow
from harness.eval.judges.panel_estimate import PanelEstimate
from harness.tables.cells import csv_text
from harness.tables.table import Column, Note, Notes, Part, Table, TableRow

# How long each column stays where the width is too small for all.
_COLUMNS = (
    Column("model", align="left", names=True),
    Column("task", align="left"),
    Column("examples", keep=2),
    Column("stored", keep=4),
    Column("to predict"),
    Column("calls", keep=3),
    Column("tokens in", keep=5),
    Column("tokens out", keep=5),
    Column("cut", keep=1),
    Column("cost", keep=6),
    Column("at most"),
)


def dry_run_parts(run: DryRun, max_cost: float | None = None) -> Sequence[Part]:
    """Return the table, and below it a line for each thing that a number does not say."""
    rows = [_cells(row) for row in run.rows]
    filled = [at for at, _ in enumerate(_COLUMNS) if any(row[at] for row in rows)]
    table = Table(
        tuple(_COLUMNS[at] for at in filled),
        tuple(TableRow(tuple(row[at] for at in filled)) for row in rows),
    )
    return [table, Notes(tuple(map(Note, _notes(run, max_cost))))]


def dry_run_csv(run: DryRun) -> str:
    """Return a row for each model, task and scope, numbers in full."""
    header = ["model", "task", "scope", "examples", "stored", "to_predict", "calls", "tokens_in",
              "max_tokens_in", "tokens_out", "cut", "cost", "max_cost", "repeats"]  # fmt: skip
    rows: list[list[object]] = []
    for row in run.rows:
        tokens = row.tokens
        counts = [tokens.input, tokens.max_input, tokens.max_output] if tokens else [None] * 3
        rows.append([row.model, row.task, row.scope, row.examples, row.stored, row.to_predict,
                     row.calls, *counts, row.cut, row.cost, row.max_cost, row.repeats])  # fmt: skip
    return csv_text(header, rows)


def dry_run_json(run: DryRun) -> str:
    """Return all facts as JSON."""
    rows = [asdict(row) | {"to_predict": row.to_predict} for row in run.rows]
    facts = asdict(run) | {"rows": rows, "cost": run.cost, "max_cost": run.max_cost}
    return json.dumps(facts, indent=2)


def _judged_text(judge: PanelEstimate) -> str:
    """Return what a judge would be asked about, at most."""
    told = [f"{judge.texts:,} summaries"] if judge.texts else []
    told += [f"{judge.pairs:,} pairs of summaries, in both orders"] if judge.pairs else []
    told += [f"{judge.answers:,} answers"] if judge.answers else []
    return " and ".join(told) or "nothing"


def duration_text(seconds: float) -> str:
    """Return how long something takes, as a person says it.

    >>> duration_text(0.4), duration_text(75), duration_text(5400), duration_text(90000)
    ('1 s', '75 s', '90 min', '25 h')
    """
    if seconds < 120:
        return f"{math.ceil(seconds)} s"
    return f"{seconds / 60:.0f} min" if seconds < 7200 else f"{seconds / 3600:.0f} h"


def _cells(row: DryRunRow) -> list[str]:
    tokens = row.tokens
    about = "~" if tokens and tokens.input != tokens.max_input else ""
    return [
        row.model,
        _task(row),
        f"{row.examples:,}",
        f"{row.stored:,}",
        f"{row.to_predict:,}",
        f"{row.calls:,}",
        f"{about}{tokens.input:,}" if tokens else "",
        f"≤ {tokens.max_output:,}" if tokens and tokens.max_output else "",
        f"{row.cut:,}" if row.cut is not None else "",
        f"~{row.cost:.4g}" if row.cost is not None else "",
        f"{row.max_cost:.4g}" if row.max_cost is not None else "",
    ]


def _task(row: DryRunRow) -> str:
    return f"{row.task}: event" if row.scope == "event" else row.task


def _notes(run: DryRun, max_cost: float | None) -> Iterator[str]:
    to_predict = sum(row.to_predict for row in run.rows)
    calls = sum(row.calls for row in run.rows)
    yield (
        f"{to_predict:,} predictions to make in {calls:,} calls, "
        f"{sum(row.stored for row in run.rows):,} stored in {run.out}. Nothing was run or written."
    )
    if run.reader:
        yield (
            f"Then {run.reader} is asked about the summaries: at most {run.most_judgments:,} short "
            "questions, which are in no number here; --reader none asks none."
        )
    for judge in run.judges:
        told = f"Then the judge {judge.judge} is asked about at most {_judged_text(judge)}"
        if judge.calls is not None and judge.tokens is not None:
            told += f", in about {judge.calls:,} calls and {judge.tokens:,} tokens"
            told += "" if judge.cost is None else f", for about {judge.cost:.4g}"
            told += ", as for the references"
        if judge.seconds is None:
            told += "; how long it takes is known when it has judged something here"
        else:
            told += (
                f"; about {duration_text(judge.seconds)}, by what its {judge.timed:,} stored "
                "judgments took"
            )
        yield f"{told}; what is stored is not taken off, and it is in no number here."
    if run.cost is not None and run.max_cost is not None:
        yield (
            f"By the roster's prices about {run.cost:.4g}, at most {run.max_cost:.4g}. About: as "
            "the replies that are stored, else a token for four bytes of a prompt and the longest "
            "replies. At most: a token for each byte."
        )
        if max_cost is not None:
            enough = "is enough" if run.max_cost <= max_cost else "may stop it before the end"
            yield f"--max-cost {max_cost:g} {enough}."
    reasons = dict.fromkeys(row.unknown for row in run.rows if row.unknown is not None)
    for reason in reasons:
        models = dict.fromkeys(row.model for row in run.rows if row.unknown == reason)
        yield f"Tokens are not known of {', '.join(models)}: {reason}"
    for row in run.rows:
        name = f"{row.model} {_task(row)}"
        if row.failing:
            yield f"{name}: {row.failing:,} cannot be predicted; the first: {row.reason}"
        if row.repeats > 1:
            yield f"{name}: {row.examples:,} examples, each asked {row.repeats} times"
        if row.cut:
            yield f"{name}: {row.cut:,} sources do not fit the window whole"
