"""What is printed of a run, and of a shard: with what merges it."""

import argparse
import json
import re
import shlex
from collections.abc import Sequence
from pathlib import Path

from harness.eval.finished_run import Evaluation
from harness.eval.shards.shard_run import ShardRun
from harness.leaderboard.printing.flat import leaderboard_csv
from harness.leaderboard.printing.tables import tables
from harness.progress import warn
from harness.tables.cells import csv_text
from harness.tables.formats import Result, result_text
from harness.tables.table import Lines, Note, Notes
from harness.visible import visible_text


def evaluation_text(
    evaluation: Evaluation, report: Path | None, options: argparse.Namespace
) -> str:
    """Return a run's leaderboard in the format that is asked for, and where it was written."""
    board = evaluation.leaderboard
    result = Result(
        table=lambda: tables(board, options.wide),
        csv=lambda: leaderboard_csv(board),
        json=board.to_json,
    )
    text = result_text(result, options)
    if options.format == "table":
        text += f"\nLeaderboard: {visible_text(str(evaluation.path))}\n"
        text += f"Report: {visible_text(str(report))}\n" if report else ""
    return text


def exit_code(failures: Sequence[str]) -> int:
    """Say what failed, and return the exit code of a run that is finished."""
    for failure in failures:
        warn(failure)
    return 3 if failures else 0


def shard_text(run: ShardRun, options: argparse.Namespace) -> str:
    """Return what was predicted of a shard, in the format that is asked for."""
    facts = {
        "shard": str(run.shard),
        "folder": str(run.folder),
        "examples": run.examples,
        "predictions": run.predictions,
        "judgments": run.judgments,
        "failed_rows": len(run.failures),
        "merge": merge_command(run),
    }
    judgments = f" and {run.judgments:,} judgments" if run.judgments else ""
    told = (
        f"Shard {run.shard}: {run.examples:,} examples, {run.predictions:,} predictions{judgments} "
        f"in {run.folder}. When all {run.shard.count} are predicted:"
    )
    result = Result(
        table=lambda: [Notes((Note(told),)), Lines((merge_command(run),))],
        csv=lambda: csv_text(list(facts), [list(facts.values())]),
        json=lambda: json.dumps(facts, indent=2),
    )
    return result_text(result, options)


def merge_command(run: ShardRun) -> str:
    """Return the command that merges a run's shards, if their folders are called alike.

    >>> from harness.run.shard import Shard
    >>> merge_command(ShardRun(Shard(3, 16), Path("runs/run-3"), 1, 1, 0, []))
    'harness merge runs/run-*/ --out runs/run'
    """
    name = run.folder.name
    places = [*re.finditer(rf"(?<!\d)0*{run.shard.number}(?!\d)", name)]
    if not places:
        return f"harness merge {shlex.quote(str(run.folder))} ... --out RUN"
    before, after = name[: places[0].start()], name[places[0].end() :]
    folder = "" if run.folder.parent == Path() else f"{run.folder.parent}/"
    pattern = "*".join(shlex.quote(text) if text else "" for text in (f"{folder}{before}", after))
    merged = run.folder.with_name(f"{before.rstrip('-_.')}{after}".lstrip("-_.") or "merged")
    return f"harness merge {pattern}/ --out {shlex.quote(str(merged))}"
