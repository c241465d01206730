"""The leaderboard as a person reads it: a table for each task and scope, scores times 100."""

import itertools
from collections.abc import Iterable, Mapping, Sequence

from harness.leaderboard.leaderboard import Leaderboard, Row
from harness.leaderboard.numbers import Number
from harness.leaderboard.printing.squad_table import squad_table
from harness.metrics.blind_spot import BlindSpot, spot_about
from harness.records import SCOPES
from harness.tables.table import Note, Notes, Part, Style, Table, TableRow, columns_going

SUPERSCRIPTS = str.maketrans("0123456789-", "⁰¹²³⁴⁵⁶⁷⁸⁹⁻")

LEGEND = (
    "Scores are means times 100. * marks the primary metric: it sorts and ranks, with its 95 % "
    "interval over articles. rank: the places that a row may truly have, the first being 1 and "
    "one for each row that beats it; the small numbers are the rows (#) that it beats, adjusted "
    "for all comparisons. In parentheses: no models, but floors, an oracle that has seen the "
    "references, and people against people. share: how far the model has come from the best floor "
    "(0) to the ceiling (100): people or the oracle, or every answer right."
)


def tables(board: Leaderboard) -> list[Part]:
    """Return a table for each task and scope, each with what must be known to read it."""
    parts: list[Part] = []
    for task, scope in itertools.product(board.primary, SCOPES):
        rows = [row for row in board.rows if (row.task, row.scope) == (task, scope)]
        if not rows:
            continue
        primary = board.primary[task]
        parts.append(_table(task if scope == "article" else f"{task}: event", rows, primary))
        if task == "answer" and board.suite.data and (official := squad_table(rows)):
            parts.append(official)
        power = [line.sentence for line in board.power if (line.task, line.scope) == (task, scope)]
        parts.append(Notes((*map(Note, power), *_row_notes(rows, primary))))
    return [*parts, Notes((Note(LEGEND),))]


def _table(title: str, rows: Sequence[Row], primary: str) -> Table:
    row_numbers = {row.model: number for number, row in enumerate(rows, start=1)}
    metrics = list(rows[0].metrics)
    cells: dict[str, list[str]] = {
        title: [_name(row) for row in rows],
        "#": [str(number) for number in row_numbers.values()],
        "rank": [_rank(row, row_numbers) for row in rows],
    }
    for name in metrics:
        is_primary = name == primary
        cells[f"{name} *" if is_primary else name] = [
            _number(row.metrics[name], interval=is_primary) for row in rows
        ]
    cells |= {
        "share": [_percent(row.metrics[primary].share, digits=0) for row in rows],
        "n": [str(row.counts.ok) for row in rows],
        "failed": [str(row.counts.error) for row in rows],
        "cut": [str(row.counts.truncated) for row in rows],
    }
    if any(row.counts.unfinished for row in rows):
        cells["unfinished"] = [str(row.counts.unfinished) for row in rows]
    cells |= {
        "seconds": [f"{row.seconds:.1f}" for row in rows],
        "tokens/s": [_decimal(row.tokens_per_second or None, digits=1) for row in rows],
        "MB": [f"{row.peak_memory_bytes / 1e6:.0f}" for row in rows],
    }
    if any(row.cost is not None for row in rows):
        cells["cost"] = [_decimal(row.cost, digits=4) for row in rows]
    going = list(_going(rows, [name for name in metrics if name != primary]))
    styles: list[Style] = ["plain" if row.role == "model" else "dim" for row in rows]
    return Table(
        columns_going(list(cells), going),
        tuple(map(TableRow, zip(*cells.values(), strict=True), styles)),
    )


def _going(rows: Sequence[Row], secondary: Sequence[str]) -> Iterable[str]:
    """Yield the columns in the order in which they go where the width is too small for all.

    The name, the rank, the primary metric with its interval and n stay; so do failures where there
    are some, and the rows' numbers where a rank names them. A count that is 0 in all rows is
    needed little, and one that a note repeats.
    """
    cut = any(row.counts.truncated for row in rows)
    yield from ("MB", "tokens/s")
    if not any(row.beats for row in rows):
        yield "#"
    if not any(row.counts.error for row in rows):
        yield "failed"
    yield from ([] if cut else ["cut"])
    yield from ("seconds", "unfinished", *reversed(secondary), "cost", "share")
    yield from (["cut"] if cut else [])


def _row_notes(rows: Sequence[Row], primary: str) -> list[Note]:
    """Return what is to be known of single rows, and what to beware of."""
    trained = [
        f"! {row.model} was trained on this data ({', '.join(row.trained_on)}): its scores "
        "show what it remembers."
        for row in rows
        if row.trained_on
    ]
    plain = [_truncation_note(row, primary) for row in rows if row.counts.truncated]
    plain += [unfinished_note(row) for row in rows if row.counts.unfinished]
    plain += [_batch_note(row) for row in rows if row.batch]
    plain += [told for row in rows if (told := served_note(row))]
    warnings = [*trained, *cautions(rows, primary)]
    return [*(Note(text, "warning") for text in warnings), *map(Note, plain)]


def _name(row: Row) -> str:
    """Return a row's name: in parentheses if it is no model, marked if it knew the data."""
    name = row.model if row.role == "model" else f"({row.model})"
    return f"{name} !" if row.trained_on else name


def _rank(row: Row, row_numbers: Mapping[str, int]) -> str:
    """Return the row's ranks with the places of the rows it beats, runs of them drawn together."""
    if row.rank is None:
        return ""
    runs: list[list[int]] = []
    for number in sorted(row_numbers[name] for name in row.beats):
        if runs and runs[-1][-1] == number - 1:
            runs[-1].append(number)
        else:
            runs.append([number])
    row_ranges = [f"{run[0]}-{run[-1]}" if len(run) > 1 else str(run[0]) for run in runs]
    small = [text.translate(SUPERSCRIPTS) for text in row_ranges]
    return " ".join([rank_text(row.rank, row.worst_rank), *small])


def rank_text(best: int, worst: int | None) -> str:
    """Return from which rank to which.

    >>> rank_text(1, 4), rank_text(2, 2)
    ('1-4', '2')
    """
    return str(best) if worst in (best, None) else f"{best}-{worst}"


def cautions(rows: Sequence[Row], metric: str) -> list[str]:
    """Return what to beware of in the rows' numbers, each once with the rows that it is about.

    `metric` is the one with an interval; letters that are not seen are told of any.
    """
    models_by_caution: dict[str, list[str]] = {}
    for row in rows:
        number = row.metrics[metric]
        if number.caution and number.clusters > 1:  # of one article the sentence above has said it
            for text in number.caution.split("; "):
                models_by_caution.setdefault(text, []).append(row.model)
    return unseen_letters(rows) + [
        f"Caution: {text}."
        if len(models) == len(rows)
        else f"Caution, {', '.join(models)}: {text}."
        for text, models in models_by_caution.items()
    ]


def unseen_letters(rows: Sequence[Row]) -> list[str]:
    """Return what share of the letters of their texts some of the rows' metrics do not see."""
    shares: dict[BlindSpot, list[float]] = {}
    for row in rows:
        for spot, share in {
            spot: number.unseen
            for name, number in row.metrics.items()
            if number.unseen is not None and (spot := spot_about(name))
        }.items():
            shares.setdefault(spot, []).append(share)
    return [f"Caution: {spot.caution(some)}." for spot, some in shares.items()]


def _truncation_note(row: Row, metric: str) -> str:
    """Return what a row's cut sources mean for its primary metric."""
    share = _percent(row.counts.truncated / row.counts.ok, digits=0)
    note = f"Cut, {row.model}: {row.counts.truncated} of {row.counts.ok} sources ({share} %)"
    for subset, description in (
        (row.uncut, "seen whole"),
        (row.evidence_seen, "whose evidence was seen"),
        (row.evidence_cut, "whose evidence was cut"),
    ):
        if subset is not None:
            score = f": {metric} {_percent(subset.means[metric])}" if subset.n else ""
            note += f"; {subset.n} {description}{score}"
    return f"{note}."


def unfinished_note(row: Row) -> str:
    """Return what it means that a limit of tokens ended texts of a row."""
    limit = f" of {row.output_limit} tokens" if row.output_limit else ""
    return (
        f"Unfinished, {row.model}: {row.counts.unfinished} of {row.counts.ok} texts ended at their "
        f"limit{limit}, perhaps in the middle of a sentence."
    )


def served_note(row: Row) -> str | None:
    """Return that a server names another model than was asked for, or several; `None` if not.

    A name within the other is the same: servers add a date, a path or a tag.
    """
    asked = str(row.identity.get("model", "")).lower()
    served = [name.lower() for name in row.served_by]
    if len(served) < 2 and all(asked in name or name in asked for name in served):
        return None
    return (
        f"{row.model}: by the server's word {' and '.join(row.served_by)} answered; "
        f"{row.identity.get('model')} was asked for."
    )


def _batch_note(row: Row) -> str:
    """Return what a row's batches mean for its texts."""
    return (
        f"{row.model}: in {row.identity['dtype']}, up to {row.batch} predictions decoded together; "
        "in batches of other sizes some may have other words."
    )


def _number(number: Number, interval: bool) -> str:
    mean = _percent(number.mean)
    if not interval or number.interval is None:
        return mean
    return f"{mean} [{_percent(number.interval.low)}, {_percent(number.interval.high)}]"


def _percent(value: float | None, digits: int = 1) -> str:
    return "-" if value is None else f"{100 * value:.{digits}f}"


def _decimal(value: float | None, digits: int) -> str:
    return "" if value is None else f"{value:.{digits}f}"
