"""What the verdicts rest on, in sentences: the standards, their level, and what passing says."""

from collections.abc import Mapping, Sequence

from harness.compare.number_text import size_text, unit
from harness.compare.pairs import common_noun
from harness.gate.reasons import beyond_possible
from harness.gate.verdicts import Gate, Verdict
from harness.leaderboard.judged_metrics import metric_and_scope
from harness.leaderboard.printing.number_text import score_text
from harness.metrics.declaration import SHARE, Declaration
from harness.stats.intervals import FEW_CLUSTERS

# Passing says little where less than such a part of a metric's range could have been missed.
LARGE_PART = 0.1

# So many rows that could have shown little are named.
MOST_NAMED = 3


def rule_sentences(gate: Gate) -> list[str]:
    """Return what each standard that was used asks for, and at which level."""
    sentences = []
    if gate.of_standard("regression"):
        given = _given(gate, gate.tolerances) or "none given"
        sentences.append(
            f"Regression: a row fails if a loss beyond the tolerance ({given}) is shown; passing "
            "says that none is shown, not that there is none."
        )
    if gate.of_standard("non-inferiority"):
        sentences.append(
            "Non-inferiority: a row fails unless its loss is shown to be below the margin "
            f"({_given(gate, gate.margins)})."
        )
    if sentences:
        sentences.append(
            "Shown is what a one-sided 95 % bound of the change says, by Student's t over "
            f"{_nouns(gate)}, paired by example: a test at the {100 * gate.level:g} % level for "
            "each row and metric by itself. Missing examples and grown failures fail too."
        )
    return sentences


def passing_sentences(gate: Gate) -> list[str]:
    """Return what passing does not say, where that is much; nothing if it is nowhere."""
    return [sentence for sentence in (power_sentence(gate), few_sentence(gate)) if sentence]


def few_sentence(gate: Gate) -> str | None:
    """Return what non-inferiority of few articles rests on; `None` where none passed by it."""
    few = any(
        verdict.state == "passed"
        and pair.other_outputs
        and pair.scores is not None
        and pair.scores.clusters < FEW_CLUSTERS
        for verdict in gate.of_standard("non-inferiority")
        if (pair := verdict.pair)
    )
    if not few:
        return None
    return (
        f"Non-inferiority on fewer than {FEW_CLUSTERS} {_nouns(gate)} leans on changes that spread "
        "evenly: a loss that falls on few of them, or on few questions, can pass too often."
    )


def _nouns(gate: Gate) -> str:
    """Return what tests are over."""
    return f"{common_noun(verdict.pair for verdict in gate.verdicts if verdict.pair)}s"


def power_sentence(gate: Gate) -> str | None:
    """Return where passing says little, as a large loss would often pass; `None` if nowhere."""
    little = [verdict for verdict in gate.with_state("passed") if _says_little(verdict)]
    if not little:
        return None
    losses = [f"{_could(verdict)} ({verdict})" for verdict in little[:MOST_NAMED]]
    losses += [f"{len(little) - MOST_NAMED} more"] if len(little) > MOST_NAMED else []
    rows = "1 row, which" if len(little) == 1 else f"{len(little)} rows, which"
    return (
        f"Passing says little of {rows} would have shown a true loss with {100 * gate.power:g} % "
        f"power only from so much on: {'; '.join(losses)}."
    )


def _says_little(verdict: Verdict) -> bool:
    decision, pair = verdict.decision, verdict.pair
    if decision is None or pair is None or decision.detectable_loss is None:
        return False
    if decision.possible_loss is not None and decision.possible_loss <= 0:
        return False
    large = LARGE_PART * pair.declaration.greatest_difference
    return beyond_possible(decision) or decision.detectable_loss >= large


def _could(verdict: Verdict) -> str:
    decision, pair = verdict.decision, verdict.pair
    if decision is None or pair is None or decision.detectable_loss is None:
        raise ValueError(f"{verdict} has nothing that could have been shown")
    text = f"{score_text(decision.detectable_loss, pair.declaration)}{unit(pair.declaration)}"
    if not beyond_possible(decision):
        return text
    return f"{text} of {score_text(decision.possible_loss, pair.declaration)} that it has"


def _given(gate: Gate, allowances: Mapping[str, float]) -> str:
    declarations = _declarations(gate.verdicts)
    return ", ".join(
        f"{name} {size_text(allowance, declarations.get(metric_and_scope(name)[0], SHARE))}"
        for name, allowance in allowances.items()
    )


def _declarations(verdicts: Sequence[Verdict]) -> dict[str, Declaration]:
    return {verdict.pair.metric: verdict.pair.declaration for verdict in verdicts if verdict.pair}
