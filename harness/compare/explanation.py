"""Why a row of two runs may differ, in sentences that say no more than what is recorded."""

from collections.abc import Sequence

from harness.compare.number_text import loss_lines
from harness.compare.pairs import RowPair, RunPair
from harness.suite.selection import Selection

# So many examples of a kind are named. `--json` has all of them.
MOST_NAMED = 10


def explanation(row: RowPair, same_selection: bool = True) -> tuple[str, ...]:
    """Return what is different in a row, why that may be, and where it lost most.

    Nothing for a row as it was, whatever changed around it. That two texts differ is said only of
    examples that both runs have a text for, and chance is named only where texts differ, no change
    is recorded, and the row is a model. Examples of one run only are news where both runs were made
    on the same selection.
    """
    one_sided = {"missing in the head": row.missing, "only in the head": row.added}
    unequal = {"failed in the head": row.failed, "failed in the base": row.recovered}
    if same_selection:
        unequal = one_sided | unequal
    if row.refused or not (row.other_outputs or any(unequal.values())):
        return ()
    lines = [f"{row.name}: {_what_differs(row)}. {_what_changed(row)}"]
    lines += [f"  {change}" for change in row.changes]
    for what, examples in unequal.items():
        if examples:
            lines.append(f"  {what}: {_named(examples)}")
    if row.scores and row.scores.losses:
        lines.append("  The largest losses:")
        losses = row.scores.losses
        lines += [f"  {line}" for loss in losses for line in loss_lines(loss, row.declaration)]
    return tuple(lines)


def selection_text(selection: Selection) -> str:
    """Return which examples of a suite a run was made on.

    >>> selection_text(Selection(("a/*", "b"), None, 4)), selection_text(Selection())
    ('examples a/* b, limit 4', 'all')
    """
    usual = vars(Selection())
    texts = []
    for name, value in vars(selection).items():
        if value == usual[name]:
            continue
        text = " ".join(map(str, value)) if isinstance(value, tuple) else str(value)
        texts.append(f"{name.replace('_', ' ')} {text}")
    return ", ".join(texts) or "all"


def selection_note(run_pair: RunPair) -> str | None:
    """Return that two runs were made on other examples of the suite; `None` if on the same."""
    if not run_pair.on_other_examples:
        return None
    base, head = map(selection_text, (run_pair.base_selection, run_pair.head_selection))
    return (
        f"The runs were made on other examples (base: {base}; head: {head}); only what both "
        "scored is compared."
    )


def unscored_note(row: RowPair) -> str | None:
    """Return which examples only one of the runs has a score of; `None` where there are none."""
    sides = {"base": row.unscored, "head": row.newly_scored}
    told = [
        f"in the {side} alone {len(examples)} (such as {examples[0]})"
        for side, examples in sides.items()
        if examples
    ]
    if not told:
        return None
    return (
        f"{row.name}, {row.metric}: of some texts there is no score, and these are in no mean: "
        f"scored {' and '.join(told)}."
    )


def _what_differs(row: RowPair) -> str:
    count = row.other_outputs
    if not count:
        if row.scores is None:
            return "no example was scored in both runs"
        return "no output differs where both runs have one"
    differ = "1 output differs" if count == 1 else f"{count} outputs differ"
    if row.scores is None:
        return differ
    moved = row.scores.improved + row.scores.worse
    if not moved:
        return f"{differ}, and no {row.metric} with {'it' if count == 1 else 'them'}"
    return differ


def _what_changed(row: RowPair) -> str:
    if row.changes:
        return "What changed:"
    if not row.other_outputs:
        return "Nothing that is recorded changed."
    if row.role != "model":
        return "Nothing that is recorded changed: code that is not committed may differ."
    return (
        "Nothing that is recorded changed: the model may draw at random, or what is not recorded "
        "differs, such as a server or code that is not committed."
    )


def _named(examples: Sequence[str]) -> str:
    more = len(examples) - MOST_NAMED
    return ", ".join(examples[:MOST_NAMED]) + (f" and {more} more" if more > 0 else "")
