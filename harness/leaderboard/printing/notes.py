"""What is to be known of a leaderboard's rows, and what to beware of, in sentences."""

from collections.abc import Mapping, Sequence

from harness.leaderboard.leaderboard import ComparisonLine, Row
from harness.leaderboard.printing.number_text import score_text
from harness.leaderboard.printing.place_notes import place_notes
from harness.leaderboard.printing.repeats_note import repeats_note
from harness.metrics.blind_spot import BlindSpot, spot_about
from harness.metrics.declaration import Declaration
from harness.tables.table import Note

# So many pairs are named in a note.
MAX_PAIRS = 3


def row_notes(rows: Sequence[Row], primary: str, declaration: Declaration) -> list[Note]:
    """Return what is to be known of single rows, and what to beware of."""
    trained = [
        f"! {row.model} was trained on this data ({', '.join(row.trained_on)}): its scores "
        "show what it remembers."
        for row in rows
        if row.trained_on
    ]
    plain = _truncation_notes(rows, primary, declaration)
    plain += [*empty_notes(rows), *unfinished_notes(rows)]
    plain += [_batch_note(row) for row in rows if row.batch]
    plain += [told for row in rows if (told := served_note(row))]
    plain += [told for row in rows if (told := repeats_note(row, primary, declaration))]
    plain += place_notes((row.model, row.environments) for row in rows)
    plain += low_ceiling_notes(rows, primary, declaration)
    warnings = [*trained, *cautions(rows, primary)]
    return [*(Note(text, "warning") for text in warnings), *map(Note, plain)]


def pair_notes(comparisons: Sequence[ComparisonLine]) -> list[Note]:
    """Return which pairs of rows have few examples in common."""
    few = [line for line in comparisons if line.caution]
    if not few:
        return []
    named = "; ".join(f"{line.a} and {line.b} {line.caution}" for line in few[:MAX_PAIRS])
    more = f"; and {len(few) - MAX_PAIRS} more pairs" if len(few) > MAX_PAIRS else ""
    return [Note(f"Caution, compared on part of the examples: {named}{more}.", "warning")]


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


def low_ceiling_notes(rows: Sequence[Row], metric: str, declaration: Declaration) -> list[str]:
    """Return that an oracle is no ceiling, where models stand above it."""
    notes = []
    for oracle in rows:
        mean = oracle.metrics[metric].mean
        if oracle.role != "oracle" or mean is None:
            continue
        above = [
            row.model
            for row in rows
            if row.role == "model"
            and (other := row.metrics[metric].mean) is not None
            and declaration.sign * (other - mean) > 0
        ]
        if above:
            stand = "stands" if len(above) == 1 else "stand"
            notes.append(
                f"{', '.join(above)} {stand} above {oracle.model}, which is no ceiling here."
            )
    return notes


def empty_notes(rows: Sequence[Row]) -> list[str]:
    """Return what it means that some summaries of rows have no word."""
    return _grouped("Empty", {row.model: _emptiness(row) for row in rows if row.counts.empty})


def _emptiness(row: Row) -> str:
    told = f"{row.counts.empty} of {row.counts.ok} texts have no word"
    if "support" not in row.metrics:  # no article is known
        return told
    left_out = any(number.n < row.counts.ok for number in row.metrics.values())
    rest = ", and they are in no mean of what is told of a summary's words" if left_out else ""
    return f"{told}; the article bears out nothing of them, so they score 0{rest}"


def unfinished_notes(rows: Sequence[Row]) -> list[str]:
    """Return what it means that a limit of tokens ended texts of rows."""
    texts = {
        row.model: f"{row.counts.unfinished} of {row.counts.ok} texts ended at their limit"
        f"{f' of {row.output_limit} tokens' if row.output_limit else ''}, perhaps in the middle of "
        "a sentence"
        for row in rows
        if row.counts.unfinished
    }
    return _grouped("Unfinished", texts)


def _grouped(label: str, texts: Mapping[str, str]) -> list[str]:
    """Return a sentence for each text, with the models that it is of."""
    models_by_text: dict[str, list[str]] = {}
    for model, text in texts.items():
        models_by_text.setdefault(text, []).append(model)
    return [f"{label}, {', '.join(models)}: {text}." for text, models in models_by_text.items()]


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


def _truncation_notes(rows: Sequence[Row], metric: str, declaration: Declaration) -> list[str]:
    """Return what rows' cut sources mean for their primary metric."""
    cut = {row.model: _truncation(row, metric, declaration) for row in rows if row.counts.truncated}
    return _grouped("Cut", cut)


def _truncation(row: Row, metric: str, declaration: Declaration) -> str:
    share = f"{100 * row.counts.truncated / row.counts.ok:.0f}"
    note = f"{row.counts.truncated} of {row.counts.ok} sources ({share} %)"
    for subset, description in (
        (row.uncut, "seen whole"),
        (row.evidence_seen, "whose evidence was seen"),
        (row.evidence_cut, "whose evidence was cut"),
    ):
        if subset is not None:
            mean = score_text(subset.means.get(metric), declaration)
            score = f": {metric} {mean}" if subset.n else ""
            note += f"; {subset.n} {description}{score}"
    return note


def _batch_note(row: Row) -> str:
    """Return what a row's batches mean for its texts."""
    return (
        f"{row.model}: in {row.identity['dtype']}, up to {row.batch} predictions decoded together; "
        "in batches of other sizes some may have other words."
    )
