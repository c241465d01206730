"""What one system's file scored, prediction by prediction, and the row that it makes."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from itertools import islice
from pathlib import Path

from harness.external.parquet import data_files
from harness.external.reference_suite import ReferenceSuite
from harness.files import canonical_json, sha256, sha256_file
from harness.leaderboard.leaderboard import Row
from harness.leaderboard.rows.aggregation import RowAggregate
from harness.leaderboard.rows.text_row import text_row
from harness.metrics import Metrics
from harness.progress import progress_bar
from harness.records import Query, ScoredPrediction, Task
from harness.run.keys import PredictionKeys
from harness.run.predict import Predicted
from harness.run.scoring import score
from harness.run.store import StoredPrediction
from harness.scores.predictions import SystemPredictions
from harness.scores.request import System
from harness.stream import Stream


def scored_predictions(
    name: str, predictions: SystemPredictions, suite: ReferenceSuite, task: Task, family: Metrics
) -> Sequence[ScoredPrediction]:
    """Return a system's predictions with their scores, in the order of the references.

    They have no keys yet: see `with_keys`.
    """

    def read(start: int) -> Iterator[Predicted]:
        examples = suite.references.examples(task, start)
        for example, prediction in zip(examples, predictions.read(start), strict=True):
            yield Predicted(example, "", StoredPrediction(prediction, {}), False)

    with progress_bar(predictions.present, name, "prediction") as bar:
        return score(Stream(len(predictions), read), family, progress=bar.update)


def system_row(
    system: System,
    task: Task,
    scored: Sequence[ScoredPrediction],
    family: Metrics,
    suite: ReferenceSuite,
) -> Row:
    """Return a system's row, without what is found by holding rows against each other."""
    aggregate = RowAggregate(task, scored, family, suite.rules)
    return text_row(system.name, "model", (task, "article"), aggregate, _identity(system))


def with_keys(
    scored: Sequence[ScoredPrediction], identity: Mapping[str, object]
) -> Sequence[ScoredPrediction]:
    """Return the predictions with the keys under which `harness verify` finds them again."""
    keys = PredictionKeys(identity)

    def read(start: int) -> Iterator[ScoredPrediction]:
        query: Query | None = None
        key = ""
        for item in islice(scored, start, None):
            if item.example.query != query:
                query = item.example.query
                key = keys.key(query)
            yield replace(item, key=key)

    return Stream(len(scored), read)


def _identity(system: System) -> dict[str, object]:
    identity: dict[str, object] = {
        "kind": "predictions", "file": system.path.name, "sha256": _hash(system.path),
    }  # fmt: skip
    if system.probabilities:
        identity["probabilities_sha256"] = sha256_file(system.probabilities)
    return identity


def _hash(path: Path) -> str:
    """Return the SHA-256 of a file, or of those of a data set's files."""
    if path.is_file():
        return sha256_file(path)
    return sha256(canonical_json([sha256_file(file) for file in data_files(path)]))
