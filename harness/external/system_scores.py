"""What one system's file scored, and the row of the leaderboard that it makes."""

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from harness.external.parquet import data_files
from harness.external.references import References
from harness.external.request import System
from harness.files import canonical_json, sha256, sha256_file
from harness.leaderboard.leaderboard import Row
from harness.leaderboard.numbers import Counts
from harness.leaderboard.rows.aggregation import metric_numbers
from harness.metrics import Metrics
from harness.metrics.answers.no_answer import best_thresholds, squad_1_1_totals, squad_2_0_splits
from harness.metrics.blind_spot import LetterTally
from harness.records import Task

if TYPE_CHECKING:
    from array import array


@dataclass(slots=True)
class SystemScores:
    """One system's numbers, each by the place of its references."""

    values: dict[str, "array[float]"]
    has_prediction: bytearray  # 1: a prediction; 0: none, or null
    nonempty: bytearray  # 1: a prediction that is not empty
    no_answer_probabilities: dict[int, float]  # in the order of their file
    letters: LetterTally  # of the predictions


def official_scores(scores: SystemScores, references: References, squad: str) -> dict[str, float]:
    """Return what the official SQuAD script of a version prints."""
    exact, f1 = scores.values["exact_match"], scores.values["f1"]
    if squad == "1.1":
        return squad_1_1_totals(exact, f1)
    official = squad_2_0_splits(exact, f1, references.answerable)
    if scores.no_answer_probabilities:
        official |= best_thresholds(
            exact, f1, references.answerable, scores.nonempty, scores.no_answer_probabilities
        )
    return official


def system_row(
    system: System,
    task: Task,
    scores: SystemScores,
    family: Metrics,
    letters: LetterTally,
    official: dict[str, float] | None,
) -> Row:
    """Return a system's row; `letters` are those of the references and its predictions."""
    size, ok = len(scores.has_prediction), sum(scores.has_prediction)
    identity: dict[str, object] = {
        "kind": "predictions", "file": system.path.name, "sha256": _hash(system.path),
    }  # fmt: skip
    if system.probabilities:
        identity["probabilities_sha256"] = sha256_file(system.probabilities)
    return Row(
        model=system.name,
        role="model",
        task=task,
        scope="article",
        kind="predictions",
        metrics=metric_numbers(family, scores.values, letters),
        counts=Counts(expected=size, ok=ok, error=0, truncated=0, cached=0, missing=size - ok),
        cut={},
        seconds=0.0,
        tokens_per_second=None,
        peak_memory_bytes=0,
        weights=None,
        weights_bytes=None,
        licence=None,
        prompt=None,
        identity=identity,
        environments=[],
        squad=official,
    )


def _hash(path: Path) -> str:
    """Return the SHA-256 of a file, or of those of a data set's files."""
    if path.is_file():
        return sha256_file(path)
    return sha256(canonical_json([sha256_file(file) for file in data_files(path)]))
