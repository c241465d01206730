"""The run of a shard: its share is predicted and stored, and nothing is scored."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from harness.command.locations import recorded_location
from harness.environment import installed_version
from harness.errors import CostLimitError, UsageError
from harness.eval.engine.choice import EngineChoice, opened_engine
from harness.eval.jobs import Jobs
from harness.eval.judges.opinions import ask_judges
from harness.eval.judges.panel_turn import judge_facts
from harness.eval.judges.predicted import PredictedRun
from harness.eval.outputs import Outputs
from harness.eval.predicting import chosen_by_oracle, predicted_rows, scope_suffix
from harness.eval.preparation import Preparation, prepare
from harness.eval.shards.shard_file import SCHEMA_VERSION, ShardFile, read_shard_file
from harness.files import make_folder
from harness.judging.weights import QuestionWeights
from harness.leaderboard.judge_line import ReaderFacts
from harness.leaderboard.run_folder import LEADERBOARD, STORE
from harness.leaderboard.suite_line import OptionsLine, SuiteLine
from harness.metrics.options import USUAL, MetricOptions
from harness.run.predict import Predicted
from harness.run.repeats import times_asked
from harness.run.shard import Shard
from harness.run.store import Store
from harness.suite.selection import Selection


@dataclass(frozen=True)
class ShardRun:
    """A shard of which all is predicted: how much that was, and a line for each row's failures."""

    shard: Shard
    folder: Path
    examples: int
    predictions: int
    judgments: int
    failures: list[str]


def predict_shard(
    shard: Shard,
    jobs: Jobs,
    selection: Selection,
    suite_name: str | Path | None = None,
    rosters: Sequence[str | Path] | None = None,
    out: Path = Path("results"),
    options: MetricOptions = USUAL,
    max_cost: float | None = None,
    repeats: int = 1,
    question_weights: QuestionWeights | None = None,
    engine: EngineChoice | None = None,
) -> ShardRun:
    """Predict a shard's share of the jobs, with what reader and judges say of its summaries.

    All is kept in `out`, with `shard.json`, which says what a merge has to know; what is there
    already is not predicted again. The arguments are those of `choose_jobs` and of
    `harness.eval.evaluate.evaluate`, and so are the errors; UsageError too for a folder that has
    another shard, or a leaderboard.
    """
    _refuse_other_shard(out, shard, jobs.suite.id)
    prepared = prepare(jobs, rosters, options, max_cost, repeats, question_weights)
    location = recorded_location(suite_name, out)
    make_folder(out)
    _shard_file(shard, jobs, selection, location, prepared, question_weights).write(out)
    here = prepared.environment
    share = jobs.share(shard)
    with opened_engine(engine, jobs.asked) as carrier, Store(out / STORE) as store:
        try:
            predictions = predicted_rows(share, store, here, repeats, carrier)
            oracles = chosen_by_oracle(share.examples, prepared.options)
            outputs = Outputs(jobs.suite, share.examples, prepared.options, predictions, oracles)
            run = PredictedRun(jobs, outputs, store, here, carrier, shard)
            opinions = ask_judges(run, question_weights)
        except CostLimitError as error:
            raise prepared.stopped(error) from None
        # What a model's files say of it is known now, whether they were here before or not.
        _shard_file(shard, jobs, selection, location, prepared, question_weights).write(out)
        failures = [
            told
            for (model, task, scope), row in predictions.items()
            if (told := _failure_text(f"{model} {task}{scope_suffix(scope)}", row))
        ]
    failures += opinions.failures
    return ShardRun(
        shard,
        out,
        examples=sum(map(len, share.examples.values())),
        predictions=sum(len(row) for row in predictions.values()),
        judgments=opinions.calls,
        failures=[f"{failure}; run again to try them again" for failure in failures],
    )


def _refuse_other_shard(out: Path, shard: Shard, suite: str) -> None:
    if (out / LEADERBOARD).exists():
        raise UsageError(f"{out}: holds a leaderboard; choose another folder for the shard {shard}")
    there = read_shard_file(out)
    if there and (there.suite.id, there.name) != (suite, str(shard)):
        raise UsageError(
            f"{out}: holds the shard {there.name} of {there.suite.id!r}, and not {shard} of "
            f"{suite!r}; choose another folder with --out"
        )


def _shard_file(
    shard: Shard,
    jobs: Jobs,
    selection: Selection,
    location: str,
    prepared: Preparation,
    question_weights: QuestionWeights | None,
) -> ShardFile:
    chosen = prepared.options.chosen
    reader = jobs.reader.entry
    return ShardFile(
        schema_version=SCHEMA_VERSION,
        shards=[shard.number],
        count=shard.count,
        harness=installed_version("golden-harness"),
        suite=SuiteLine.of(jobs.suite, selection, location, jobs.examples),
        metric_options=OptionsLine.model_validate(chosen) if chosen else None,
        models=jobs.model_facts(),
        repeats={
            entry.name: times_asked(entry.model, prepared.repeats)
            for entry in jobs.entries
            if any(jobs.of(entry))
        },
        reader=ReaderFacts.of(reader) if reader else None,
        no_judge=jobs.reader.absent,
        judges=judge_facts(jobs),
        question_weights=question_weights,
    )


def _failure_text(name: str, row: Sequence[Predicted]) -> str | None:
    """Return how many of a row's predictions failed, and why the first; `None` if none did."""
    count, first = 0, ""
    for item in row:
        for part in (item, *item.repeats):
            if part.stored.prediction.error is not None:
                count += 1
                first = first or f"{part.example.id}: {part.stored.prediction.error}"
    return f"{name}: {count} predictions failed; {first}" if count else None
