"""The examples of a row that two runs have: what each scored, what failed, what was lost."""

from array import array
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np

from harness.compare.changes import Change
from harness.leaderboard.positions import ABSENT, Positions
from harness.leaderboard.prediction_lines import PredictionLine, select_lines
from harness.leaderboard.ranking.cluster_numbers import ClusterNumbers
from harness.stats.paired import SCORE_TOLERANCE

# How many of a row's largest losses are kept.
MAX_LOSSES = 10


@dataclass(frozen=True, slots=True)
class Loss:
    """An example on which the head does worse than the base, and both outputs."""

    example: str
    base: float
    head: float
    base_text: str
    head_text: str


@dataclass(slots=True)
class SharedExamples:
    """What was seen of the examples of both runs: scores where both have one, and the rest.

    `other_outputs` counts the examples that both answered, with different texts; a failure is no
    text. By a partial metric `unscored` have a score in the base alone, `newly_scored` in the head.
    `clusters` are those of the scores, as `ClusterNumbers` takes them.
    """

    base_scores: "array[float]"
    head_scores: "array[float]"
    clusters: "array[int]"
    losses: list[Loss]
    same_text_other_score: list[Change]
    failed: list[str]
    recovered: list[str]
    unscored: list[str]
    newly_scored: list[str]
    other_outputs: int = 0


@dataclass(frozen=True, slots=True)
class PairedLines:
    """The lines of a row in two runs: those of the same examples, and the ids that one run lacks.

    `base` and `head` are in the order of the base.
    """

    base: Sequence[PredictionLine]
    head: Sequence[PredictionLine]
    missing: tuple[str, ...]
    added: tuple[str, ...]


def pair_lines(
    base_lines: Sequence[PredictionLine], head_lines: Sequence[PredictionLine]
) -> PairedLines:
    """Return the lines of the examples that both have, side by side; no text is held for it."""
    at = Positions(line.example for line in head_lines).of(line.example for line in base_lines)
    in_both = at != ABSENT
    shared = np.zeros(len(head_lines), bool)
    shared[at[in_both]] = True
    missing, added = (
        tuple(line.example for line in select_lines(lines, np.flatnonzero(~known)))
        for lines, known in ((base_lines, in_both), (head_lines, shared))
    )
    base, head = np.flatnonzero(in_both), at[in_both]
    return PairedLines(
        select_lines(base_lines, base), select_lines(head_lines, head), missing, added
    )


def compare_lines(
    line_pairs: Iterable[tuple[PredictionLine, PredictionLine]],
    metric: str | None,
    sign: int,
    numbers: ClusterNumbers,
) -> SharedExamples:
    """Go through the lines of both runs once; the largest losses alone keep their texts.

    `sign` is -1 where lower scores are better. Without a metric that both have, only what is no
    score is looked at. Examples that one of them has no score by are named alone. `numbers` takes
    the clusters in.
    """
    compared = SharedExamples(array("d"), array("d"), array("q"), [], [], [], [], [], [])
    for base_line, head_line in line_pairs:
        if base_line.error is not None or head_line.error is not None:
            if base_line.error is None:
                compared.failed.append(base_line.example)
            elif head_line.error is None:
                compared.recovered.append(base_line.example)
            continue
        compared.other_outputs += base_line.text != head_line.text
        if metric is None:
            continue
        base_score, head_score = base_line.scores.get(metric), head_line.scores.get(metric)
        if base_score is None or head_score is None:  # the metric is partial
            if base_score is not None:
                compared.unscored.append(base_line.example)
            elif head_score is not None:
                compared.newly_scored.append(base_line.example)
            continue
        compared.base_scores.append(base_score)
        compared.head_scores.append(head_score)
        compared.clusters.append(numbers.add(base_line.cluster))
        if sign * (head_score - base_score) < -SCORE_TOLERANCE:
            compared.losses.append(
                Loss(base_line.example, base_score, head_score, base_line.text, head_line.text)
            )
            if len(compared.losses) > 10 * MAX_LOSSES:
                compared.losses = _largest_losses(compared.losses)
        if (
            base_line.text == head_line.text
            and abs(base_score - head_score) > SCORE_TOLERANCE
            and not (base_line.repeats or head_line.repeats)  # scores of several texts
            and not compared.same_text_other_score
        ):
            name = f"the same text of {base_line.example} scores"
            change = Change("metric", name, f"{base_score:.6f}", f"{head_score:.6f}")
            compared.same_text_other_score.append(change)
    compared.losses = _largest_losses(compared.losses)
    return compared


def _largest_losses(losses: Sequence[Loss]) -> list[Loss]:
    """Return the largest losses; of equal ones the first. A loss is in the metric's direction."""
    return sorted(losses, key=lambda loss: -abs(loss.head - loss.base))[:MAX_LOSSES]
