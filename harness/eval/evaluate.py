"""The main job from end to end: a suite, a roster and a folder in, a leaderboard out."""

from collections.abc import Mapping, Sequence
from pathlib import Path

from harness.command.data_choice import NOTHING_CHOSEN, DataChoice
from harness.command.locations import recorded_location
from harness.errors import CostLimitError
from harness.eval.engine.choice import EngineChoice, opened_engine
from harness.eval.finished_run import Evaluation, FinishedRun
from harness.eval.jobs import ALL_EXAMPLES, choose_jobs
from harness.eval.judges.opinions import ask_judges
from harness.eval.judges.predicted import PredictedRun
from harness.eval.outputs import Outputs
from harness.eval.predicting import chosen_by_oracle, predicted_rows
from harness.eval.preparation import prepare
from harness.judging.weights import QuestionWeights
from harness.leaderboard.run_folder import STORE, refuse_other_run
from harness.metrics.options import USUAL, MetricOptions
from harness.models.checkpoint.memory import trim_memory
from harness.models.roster.roster import Entry
from harness.records import TASKS, Task
from harness.run.store import Store
from harness.suite.selection import Selection
from harness.tracking.tracker import Tracker


def evaluate(
    suite_name: str | Path | None = None,
    rosters: Sequence[str | Path] | None = None,
    models: Sequence[str] | None = None,
    tasks: Sequence[Task] = TASKS,
    selection: Selection = ALL_EXAMPLES,
    out: Path = Path("results"),
    prompts: Sequence[str] | None = None,
    prompt_folder: Path | None = None,
    allow_trained_on: bool = False,
    floors: bool = True,
    max_cost: float | None = None,
    overwrite: bool = False,
    options: MetricOptions = USUAL,
    repeats: int = 1,
    primary: Mapping[Task, str] | None = None,
    reader: str | None = None,
    judges: Sequence[str] | None = None,
    question_weights: QuestionWeights | None = None,
    data_choice: DataChoice = NOTHING_CHOSEN,
    engine: EngineChoice | None = None,
    own_entries: Sequence[Entry] = (),
    tracker: Tracker | None = None,
) -> Evaluation:
    """Run the models on the suite and write `leaderboard.json` and `predictions.jsonl`.

    With a reader or judges, who are asked about the summaries when all are made, `judgments.jsonl`
    too.

    The rest of the arguments are those of `choose_jobs`. What `out` has already is not predicted
    again. Everything that can be wrong with the input is found before the first model runs, and
    raised as a HarnessError. With `max_cost`, in the currency of the roster's prices, no request is
    made that might pass it: CostLimitError is raised, what was predicted is kept, and nothing is
    made of a part of the predictions. A run of another suite in `out` is refused without
    `overwrite`; predictions that are stored there stay in any case. `options` are of the metrics;
    their language and further metrics are the suite's where none are chosen. With `repeats`,
    models that may answer otherwise each time are asked so many times. `question_weights` says how
    questions weigh in what the reader says: alike, or by how many references tell the answer.
    Predictions are made in this process, or where `engine` says; WorkersError is raised if nobody
    is left there to make them. A `tracker` is looked at before the first model runs, and told by
    whoever has the leaderboard; UsageError is raised for one that cannot be used.
    """
    jobs = choose_jobs(
        suite_name,
        rosters,
        models,
        tasks,
        selection,
        prompts,
        prompt_folder,
        allow_trained_on,
        floors,
        primary,
        reader,
        data_choice,
        own_entries,
        judges,
    )
    suite = jobs.suite
    if not overwrite:
        refuse_other_run(
            out, suite.id, "eval", "choose another folder with --out, or --overwrite to replace it"
        )
    prepared = prepare(jobs, rosters, options, max_cost, repeats, question_weights)
    if tracker:
        tracker.check()
    here = prepared.environment
    with opened_engine(engine, jobs.asked) as carrier, Store(out / STORE) as store:
        try:
            predictions = predicted_rows(jobs, store, here, repeats, carrier)
            trim_memory()  # what batches of predictions took
            oracles = chosen_by_oracle(jobs.examples, prepared.options)
            outputs = Outputs(suite, jobs.examples, prepared.options, predictions, oracles)
            run = PredictedRun(jobs, outputs, store, here, carrier)
            opinions = ask_judges(run, question_weights)
        except CostLimitError as error:
            raise prepared.stopped(error) from None
        return FinishedRun(
            outputs,
            selection,
            recorded_location(suite_name, out),
            prepared.families,
            here,
            jobs.model_facts(),
            opinions,
        ).write(out)
