"""A verification as a person reads it, and as machines do."""

import dataclasses
import json

from harness.tables.cells import csv_text
from harness.tables.markdown import markdown_text
from harness.tables.table import Column, Lines, Note, Notes, Part, Table, TableRow
from harness.verify.verification import Verification

# So many differences are shown; CSV and JSON have all.
MAX_SHOWN = 40


def verification_parts(verification: Verification) -> list[Part]:
    """Return where the leaderboard differs, what could not be looked at, and the outcome."""
    shown = verification.differences[:MAX_SHOWN]
    lines = [*map(str, shown), *_more(verification)]
    lines += [f"Note: {note}." for note in verification.notes]
    return [Lines((*lines, _outcome(verification)))]


def verification_markdown(verification: Verification) -> str:
    """Return the same with a table of the differences."""
    headers = ("where", "stored", "recomputed")
    rows = tuple(
        TableRow((difference.where, difference.stored, difference.recomputed))
        for difference in verification.differences[:MAX_SHOWN]
    )
    table = Table(tuple(Column(header, align="left") for header in headers), rows)
    texts = [*_more(verification), *verification.notes, _outcome(verification)]
    return markdown_text([*([table] if rows else []), Notes(tuple(map(Note, texts)))])


def verification_csv(verification: Verification) -> str:
    """Return a line for each difference."""
    differences = map(dataclasses.astuple, verification.differences)
    return csv_text(["where", "stored", "recomputed", "by"], differences)


def verification_json(verification: Verification) -> str:
    """Return all as JSON text."""
    equal = not verification.differences
    return json.dumps({"equal": equal, **dataclasses.asdict(verification)}, indent=2)


def _more(verification: Verification) -> list[str]:
    more = len(verification.differences) - MAX_SHOWN
    return [f"... and {more} more; --json has all"] if more > 0 else []


def _outcome(verification: Verification) -> str:
    counts = f"{verification.rows} rows and {verification.predictions} predictions"
    if verification.judgments:
        counts += f" and {verification.judgments} judgments"
    count = len(verification.differences)
    return (
        f"{verification.path}: {counts} recomputed: {f'{count} differ' if count else 'all equal'}"
    )
