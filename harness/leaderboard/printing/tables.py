"""The leaderboard as a person reads it: a table for each task and scope, scores times 100."""

import itertools
from collections.abc import Collection, Iterable, Mapping, Sequence

from harness.leaderboard.leaderboard import Leaderboard, Row
from harness.leaderboard.numbers import Number
from harness.leaderboard.printing.agreement_notes import agreement_notes
from harness.leaderboard.printing.data_note import data_notes
from harness.leaderboard.printing.disagreement_note import disagreement_notes
from harness.leaderboard.printing.judges.judge_note import judge_notes
from harness.leaderboard.printing.judges.preference_tables import preference_tables
from harness.leaderboard.printing.notes import pair_notes, row_notes
from harness.leaderboard.printing.number_text import difference_text, interval_text, score_text
from harness.leaderboard.printing.pair_table import PAIR_LEGEND, PAIRWISE, model_pairs, pair_table
from harness.leaderboard.printing.part_note import part_notes
from harness.leaderboard.printing.sentence_notes import sentence_notes
from harness.leaderboard.printing.squad_table import squad_table
from harness.metrics.declaration import Declaration
from harness.records import SCOPES
from harness.tables.table import Note, Notes, Part, Style, Table, TableRow, columns_going

# The kinds of questions apart: those that an answer stands to, and those that none does.
SPLITS = ("HasAns", "NoAns")
# Means by so many references are listed; of more the least and the greatest are shown.
MAX_REFERENCES = 4

_OFFICIAL_NAMES = {"exact_match": "exact"}

# One order of n-grams is enough in a table.
ONLY_IN_JSON = frozenset(("novel_1grams", "novel_3grams"))

# Metrics that are needed little where the width is too small for all: how much is copied, and what
# others say more plainly; and those that are needed most beside the primary one.
FIRST_TO_GO = (
    "extractive_density", "extractive_coverage", "novel_2grams", "source_rouge2_precision",
    "support_least", "number_f1", "number_exact_match", "token_recall", "made_up", "above_random",
    "told",
)  # fmt: skip
# What contains an answer is not shown without the length that it rewards.
_LAST_TO_GO = ("contains", "unsupported", "words", "above_lead", "coverage", "support")

# Beside the primary metric what is told with its interval where there is room, the first to go
# first: measures that are nothing without it.
_INTERVALS = ("coverage", "above_lead")

# What is not called as its metric is: what a row is above, as `above floor`, and what it makes up.
_COLUMNS = {"above_lead": "above lead", "above_random": "above random", "made_up": "made up"}

SUPERSCRIPTS = str.maketrans("0123456789-", "⁰¹²³⁴⁵⁶⁷⁸⁹⁻")

_LEGEND = (
    "Scores are means times 100, counts and lengths means as they are. * marks the primary "
    "metric: it sorts and ranks, with its 95 % interval over {clusters}. rank: the places that a "
    "row may truly have, the first being 1 and one for each row that beats it{beaten}. In "
    "parentheses: no models, but floors, an oracle that has seen the references, and people "
    "against people."
)
_BEATEN = "; the small numbers are the rows (#) that it beats, adjusted for all comparisons"
# What a column is whose name does not tell it, as far as no other note does.
_COLUMN_LEGENDS = {
    "support": "support: how far the article's words bear the summary out.",
    "unsupported": "unsupported: how many numbers, names and quotes the article does not have.",
    "contains": "contains: whether an acceptable answer stands in the reply.",
    "HasAns": "HasAns, NoAns: the primary metric on questions with an answer, and without.",
    "above floor": "above floor: points above the best floor, on the examples of both, with the "
    "95 % interval of this difference alone.",
    "by reference": "by reference: the primary metric by each reference alone; texts by one hand "
    "are no sample, so no interval follows.",
}


def tables(board: Leaderboard, wide: bool = False) -> list[Part]:
    """Return a table for each task and scope, each with what must be known to read it.

    How far metrics agree with people is told of a few, and with `wide` of all.
    """
    parts: list[Part] = []
    for task, scope in itertools.product(board.primary, SCOPES):
        rows = [row for row in board.rows if (row.task, row.scope) == (task, scope)]
        if not rows:
            continue
        primary = board.primary[task]
        title = task if scope == "article" else f"{task}: event"
        declarations = {name: line.declaration for name, line in board.metrics.items()}
        own = {name for name, line in board.metrics.items() if line.code}
        parts.append(_table(title, rows, primary, declarations, own))
        pairs = [line for line in board.comparisons if (line.task, line.scope) == (task, scope)]
        if scope == "article" and (shown := model_pairs(rows, pairs, wide)):
            parts.append(pair_table(shown, declarations[primary]))
        if task == "answer" and board.suite.data and (official := squad_table(rows)):
            parts.append(official)
        power = [line.sentence for line in board.power if (line.task, line.scope) == (task, scope)]
        notes = row_notes(rows, primary, declarations[primary])
        notes += map(Note, sentence_notes(rows))
        notes += pair_notes(pairs)
        part = part_notes(board.suite, task, scope)
        opposite_orders = disagreement_notes(
            line for line in board.disagreements if (line.task, line.scope) == (task, scope)
        )
        parts.append(Notes((*part, *map(Note, opposite_orders), *map(Note, power), *notes)))
    agreement = agreement_notes(board, wide)
    data = Notes(tuple(data_notes(board.suite)))
    judges = Notes(tuple(judge_notes(board)))
    # How to read the tables comes before how far to believe their metrics.
    parts += [data, *preference_tables(board), _legend(board, parts), judges, Notes(agreement)]
    return [part for part in parts if not isinstance(part, Notes) or part.notes]


def _legend(board: Leaderboard, parts: Sequence[Part]) -> Notes:
    """Return how to read the tables, and those of their columns whose names do not tell it."""
    shown = {column.header for part in parts if isinstance(part, Table) for column in part.columns}
    noun = board.suite.cluster_noun("article")
    beaten = _BEATEN if any(row.beats for row in board.rows) else ""
    legend = [Note(_LEGEND.format(clusters=f"{noun}s", beaten=beaten))]
    if any(header.endswith(PAIRWISE) for header in shown):
        legend.append(Note(PAIR_LEGEND))
    legend += [
        Note(text, column=column) for column, text in _COLUMN_LEGENDS.items() if column in shown
    ]
    return Notes(tuple(legend))


def _table(
    title: str,
    rows: Sequence[Row],
    primary: str,
    declarations: Mapping[str, Declaration],
    own: Collection[str],
) -> Table:
    row_numbers = {row.model: number for number, row in enumerate(rows, start=1)}
    metrics = [name for name in rows[0].metrics if name not in ONLY_IN_JSON]
    cells: dict[str, list[str]] = {
        title: [_name(row) for row in rows],
        "#": [str(number) for number in row_numbers.values()],
        "rank": [_rank(row, row_numbers) for row in rows],
    }
    for name in metrics:
        is_primary = name == primary
        cells[f"{name} *" if is_primary else column_of(name)] = [
            _number(
                row.metrics[name], declarations[name], interval=is_primary or name in _INTERVALS
            )
            for row in rows
        ]
    splits = split_names(primary)
    if any(name in (row.squad or {}) for row in rows for name in splits):
        for header, name in zip(SPLITS, splits, strict=True):
            cells[header] = [_split(row, name) for row in rows]
    cells |= {
        "above floor": [_above_floor(row, declarations[primary]) for row in rows],
    }
    if any(row.by_reference for row in rows):
        cells["by reference"] = [by_reference_text(row, declarations[primary]) for row in rows]
    cells |= {
        "n": [str(row.counts.ok) for row in rows],
        "failed": [str(row.counts.error) for row in rows],
        "cut": [str(row.counts.truncated) for row in rows],
    }
    if any(row.counts.empty for row in rows):
        cells["empty"] = [str(row.counts.empty) for row in rows]
    if any(row.counts.unfinished for row in rows):
        cells["unfinished"] = [str(row.counts.unfinished) for row in rows]
    cells |= {
        "seconds": [f"{row.seconds:.1f}" for row in rows],
        "tokens/s": [_decimal(row.tokens_per_second or None, digits=1) for row in rows],
        "MB": [f"{row.peak_memory_bytes / 1e6:.0f}" for row in rows],
    }
    if any(row.guessed_tokens for row in rows):
        cells["right guesses"] = [_right_guesses(row) for row in rows]
    if any(row.cost is not None for row in rows):
        cells["cost"] = [_decimal(row.cost, digits=4) for row in rows]
    secondary = [name for name in metrics if name != primary]
    secondary.sort(key=lambda name: name not in own)  # what was asked for stays longest
    going = [column_of(name) for name in _going(rows, secondary)]
    styles: list[Style] = ["plain" if row.role == "model" else "dim" for row in rows]
    return Table(
        columns_going(list(cells), going),
        tuple(map(TableRow, zip(*cells.values(), strict=True), styles)),
        group=rows[0].task,
    )


def _going(rows: Sequence[Row], secondary: Sequence[str]) -> Iterable[str]:
    """Yield the columns in the order in which they go where the width is too small for all.

    The name, the rank, the primary metric with its interval and n stay; so do failures and texts
    without a word where there are some, and the rows' numbers where a rank names them. A count that
    is 0 in all rows is needed little, and one that a note repeats.
    """
    cut = any(row.counts.truncated for row in rows)
    yield from ("right guesses", "MB", "tokens/s")
    if not any(row.beats for row in rows):
        yield "#"
    if not any(row.counts.error for row in rows):
        yield "failed"
    yield from ([] if cut else ["cut"])
    yield from FIRST_TO_GO  # in every table, so that its columns go as those of others do
    yield from ("seconds", "unfinished", "by reference", "above floor")
    ends = {*FIRST_TO_GO, *_LAST_TO_GO}
    yield from (name for name in reversed(secondary) if name not in ends)
    yield from (f"[{column_of(name)}]" for name in _INTERVALS)
    yield from _LAST_TO_GO
    yield from ("cost", *SPLITS)
    yield from (["cut"] if cut else [])


def column_of(metric: str) -> str:
    """Return what the column of a metric that is not the primary one is called.

    >>> column_of("above_lead"), column_of("exact_match")
    ('above lead', 'exact_match')
    """
    return _COLUMNS.get(metric, metric)


def _right_guesses(row: Row) -> str:
    """Return how many guessed tokens were right, of how many; nothing where none was guessed."""
    return f"{row.right_guesses} of {row.guessed_tokens}" if row.guessed_tokens else ""


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


def _number(number: Number, declaration: Declaration, interval: bool) -> str:
    mean = score_text(number.mean, declaration)
    if not interval or number.interval is None:
        return mean
    return f"{mean} {interval_text(number.interval, declaration)}"


def split_names(primary: str) -> list[str]:
    """Return the official names of a metric's means over the kinds of questions apart."""
    return [f"{split}_{_OFFICIAL_NAMES.get(primary, primary)}" for split in SPLITS]


def _split(row: Row, name: str) -> str:
    value = (row.squad or {}).get(name)
    return "-" if value is None else f"{value:.1f}"


def _above_floor(row: Row, declaration: Declaration) -> str:
    above = row.above_floor
    if above is None:
        return ""
    difference = difference_text(above.difference, declaration)
    if above.interval is None:
        return difference
    return f"{difference} {interval_text(above.interval, declaration, signed=True)}"


def by_reference_text(row: Row, declaration: Declaration) -> str:
    """Return a row's means by each reference alone; of many the least and the greatest."""
    means = [score_text(mean, declaration) for mean in row.by_reference]
    if len(means) <= MAX_REFERENCES:
        return " ".join(means)
    ends = (min(row.by_reference), max(row.by_reference))
    return " to ".join(score_text(mean, declaration) for mean in ends)


def _decimal(value: float | None, digits: int) -> str:
    return "" if value is None else f"{value:.{digits}f}"
