"""Why a row has its verdict, in words that the numbers beside them bear out."""

from harness.compare.number_text import (
    change_text,
    digits_to_tell,
    ends_text,
    size_text,
    unit,
)
from harness.compare.pairs import PairedScores, RowPair
from harness.gate.decision import Decision, has_spread
from harness.gate.standards import Standard
from harness.leaderboard.printing.number_text import score_text
from harness.metrics.declaration import Declaration


def decision_reason(row: RowPair, standard: Standard, decision: Decision) -> str:
    """Return a change with its bounds, and what they say by the standard; `row` has scores."""
    scores = row.scores
    if scores is None:
        raise ValueError(f"{row.name} has no scores to give a reason of")
    digits = _digits(decision, standard, row.declaration)
    change = f"{row.metric} {_change(row, scores, decision, digits)}"
    if standard.name == "regression":
        claim = _regression(row, scores, standard, decision)
    else:
        claim = _non_inferiority(row, scores, standard, decision)
    return f"{change}{': ' if claim else ''}{claim}"


def unequal_reasons(row: RowPair) -> list[str]:
    """Return what a row lacks whatever it scores: examples that are missing, failures that grew."""
    reasons = []
    if row.missing:
        many = len(row.missing)
        are = "1 example is" if many == 1 else f"{many} examples are"
        reasons.append(f"{are} missing, such as {row.missing[0]}")
    if len(row.failed) > len(row.recovered):
        growth = len(row.failed) - len(row.recovered)
        reasons.append(f"failures grew by {growth}, such as {row.failed[0]}")
    return reasons


def unscored_reason(row: RowPair) -> str | None:
    """Return that texts have no score any more, by a metric that some have none by."""
    if not row.unscored:
        return None
    many = len(row.unscored)
    have = "1 example has" if many == 1 else f"{many} examples have"
    return f"{have} no {row.metric} any more, such as {row.unscored[0]}"


def change_ends(decision: Decision, declaration: Declaration) -> tuple[float, float] | None:
    """Return the bounds of the change, head less base; `None` where there are none."""
    if decision.loss_low is None or decision.loss_high is None:
        return None
    if declaration.sign > 0:
        return -decision.loss_high, -decision.loss_low
    return decision.loss_low, decision.loss_high


def detectable_text(decision: Decision, declaration: Declaration) -> str:
    """Return the loss that could have been shown, "none" if there is less to lose."""
    if decision.detectable_loss is None:
        return "-"
    if beyond_possible(decision):
        return "none"
    return score_text(decision.detectable_loss, declaration)


def beyond_possible(decision: Decision) -> bool:
    """Whether not even the loss of all that the base has could have been shown."""
    return (
        decision.detectable_loss is not None
        and decision.possible_loss is not None
        and decision.detectable_loss > decision.possible_loss
    )


def could_have_shown(decision: Decision, declaration: Declaration) -> str | None:
    """Return what loss could have been shown, in words; `None` where that is not known."""
    if decision.detectable_loss is None:
        return None
    if beyond_possible(decision):
        possible = score_text(decision.possible_loss, declaration)
        return f"no loss of its {possible}{unit(declaration)} could have been shown"
    text = score_text(decision.detectable_loss, declaration)
    return f"{text}{unit(declaration)} could have been shown"


def _regression(row: RowPair, scores: PairedScores, standard: Standard, decision: Decision) -> str:
    beyond = (
        f" beyond the tolerance of {size_text(standard.allowance, row.declaration)}"
        if standard.allowance
        else ""
    )
    if decision.outcome == "failed":
        return f"a loss{beyond} is shown"
    if decision.outcome == "told":
        return f"one {row.noun} is no proof"
    if scores.improved + scores.worse == 0:
        return ""
    could = could_have_shown(decision, row.declaration)
    return f"no loss{beyond} is shown{f'; {could}' if could else ''}"


def _non_inferiority(
    row: RowPair, scores: PairedScores, standard: Standard, decision: Decision
) -> str:
    margin = size_text(standard.allowance, row.declaration)
    if decision.loss_low is None:
        return f"of one {row.noun} no loss can be shown to be below {margin}"
    if not has_spread(scores):
        is_below = "is" if decision.outcome == "passed" else "is not"
        loss = score_text(max(decision.loss, 0.0), row.declaration)
        if scores.improved + scores.worse == 0:
            return f"the loss on these examples is {loss}"
        return f"the loss on these examples {is_below} below {margin}"
    shown = "is shown" if decision.outcome == "passed" else "is not shown"
    return f"the loss {shown} to be below {margin}"


def _change(row: RowPair, scores: PairedScores, decision: Decision, digits: int) -> str:
    if scores.improved + scores.worse == 0:
        if not row.other_outputs:
            return "did not change"
        count = row.other_outputs
        differ = "1 output differs" if count == 1 else f"{count} outputs differ"
        return f"did not change, though {differ}"
    declaration = row.declaration
    change = change_text(scores.difference, declaration, digits) + unit(declaration)
    ends = change_ends(decision, declaration)
    if ends is None:
        return change
    if not has_spread(scores):
        return f"{change} in every {row.noun}"
    return f"{change} {ends_text(*ends, declaration, digits)}"


def _digits(decision: Decision, standard: Standard, declaration: Declaration) -> int:
    """Return how many digits show on which side of the allowance the bound is that decided."""
    bound = decision.loss_low if standard.name == "regression" else decision.loss_high
    return 1 if bound is None else digits_to_tell(bound, standard.allowance, declaration)
