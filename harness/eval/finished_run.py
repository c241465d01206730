"""A run of which all is predicted: scored, and its files written."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from harness.eval.judges.opinions import Opinions
from harness.eval.outputs import Outputs
from harness.eval.predicting import scope_suffix
from harness.files import write_atomically, write_lines
from harness.judging.opinions.panel import with_meanings
from harness.leaderboard.assembly import assemble_leaderboard
from harness.leaderboard.code_lines import with_code_lines
from harness.leaderboard.leaderboard import Leaderboard, Row
from harness.leaderboard.prediction_lines import RowKey, prediction_lines
from harness.leaderboard.rows.model_facts import ModelFacts
from harness.leaderboard.rows.model_rows import model_row, oracle_predictions
from harness.leaderboard.run_folder import JUDGMENTS, LEADERBOARD, PREDICTIONS
from harness.metrics import Metrics
from harness.metrics.ceiling import ORACLE
from harness.progress import progress_bar
from harness.records import ScoredPrediction, Task
from harness.run.scoring import RowToScore, score_rows
from harness.suite.selection import Selection


@dataclass(frozen=True)
class Evaluation:
    """A finished run: the leaderboard, its file, and a line for each row that has failures."""

    leaderboard: Leaderboard
    path: Path
    failures: list[str]


@dataclass(frozen=True)
class FinishedRun:
    """All that a leaderboard is made of, in the order of the roster.

    `opinions` are what the reader and the judges said, and `location` is where the suite is, as the
    run records it.
    """

    outputs: Outputs
    selection: Selection
    location: str
    families: Mapping[Task, Metrics]
    environment: Mapping[str, object]
    models: Sequence[ModelFacts]
    opinions: Opinions

    def write(self, out: Path, retry: str = "run again to try them again") -> Evaluation:
        """Score it and write its files; `retry` says what to do about failures."""
        suite, options = self.outputs.suite, self.outputs.options
        families = dict(self.families)
        if self.opinions.measures:
            families["summarize"] = self.opinions.family(suite, options)
        if self.opinions.panel:
            families = with_meanings(families, self.opinions.panel.panel)
        facts = {(model.model, model.task): model for model in self.models}
        scored = self._scored(families)
        rows = [
            model_row(facts[model, task], scored[model, task, scope], families[task], suite.rules)
            for model, task, scope in self.outputs.predictions
        ]
        board, scored_by_row = assemble_leaderboard(
            suite,
            self.selection,
            self.location,
            self.outputs.examples,
            families,
            rows,
            scored,
            self.environment,
            options,
        )
        board = with_code_lines(board, options.own, out)
        predictions_sha256 = write_lines(out / PREDICTIONS, prediction_lines(board, scored_by_row))
        board = board.model_copy(update={"predictions_sha256": predictions_sha256})
        board = self.opinions.with_judges(board, out / JUDGMENTS, scored_by_row).sealed()
        write_atomically(out / LEADERBOARD, board.to_json())
        failures = [
            _failure_text(row, scored[row.model, row.task, row.scope], retry)
            for row in board.rows
            if row.counts.error or (row.repeats and row.repeats.failed)
        ]
        failures += [f"{failure}; {retry}" for failure in self.opinions.failures]
        return Evaluation(board, out / LEADERBOARD, failures)

    def _scored(self, families: Mapping[Task, Metrics]) -> dict[RowKey, Sequence[ScoredPrediction]]:
        """Return the scores of all that was made, the oracle's too, with a bar while they are."""
        rows = {name: RowToScore(made) for name, made in self.outputs.predictions.items()}
        for scope, texts in self.outputs.oracles.items():
            examples = self.outputs.examples["summarize", scope]
            chosen = oracle_predictions(examples, texts, self.outputs.options)
            rows[ORACLE, "summarize", scope] = RowToScore(chosen)
        count = sum(len(row.predictions) for row in rows.values())
        with progress_bar(count, "scoring", "prediction") as bar:
            return score_rows(rows, families, bar.update)


def _failure_text(row: Row, scored: Sequence[ScoredPrediction], retry: str) -> str:
    example, first_failed = next(
        (item.example.id, part.prediction)
        for item in scored
        for part in item.parts
        if part.prediction.error
    )
    name = f"{row.model} {row.task}{scope_suffix(row.scope)}"
    counts = row.counts
    failed, made = counts.error, counts.expected
    if row.repeats:
        failed, made = row.repeats.failed, made * row.repeats.count
    return (
        f"{name}: {failed} of {made} predictions failed and are in no mean; "
        f"{example}: {first_failed.error}; {retry}"
    )
