"""`harness eval` from Python."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path

from harness.api.metric import Metric
from harness.api.model import entries_of
from harness.api.run import Run, read_run
from harness.api.suite import as_suite
from harness.errors import UsageError
from harness.eval.evaluate import evaluate as run_models
from harness.files import make_folder
from harness.metrics.options import USUAL, MetricOptions
from harness.progress import Listener, listening
from harness.records import TASKS, Task
from harness.suite.selection import Selection


def evaluate(
    suite: object,
    models: Sequence[object] | Mapping[str, object],
    *,
    out: str | Path,
    roster: str | Path | Sequence[str | Path] | None = None,
    tasks: Sequence[Task] = TASKS,
    metrics: Sequence[Metric] = (),
    limit: int | None = None,
    floors: bool = True,
    primary: Mapping[Task, str] | None = None,
    options: MetricOptions = USUAL,
    progress: Listener | None = None,
) -> Run:
    """Run models on a suite, write the run into the folder `out`, and return it.

    `suite` is a name as `--suite` has it, a `Suite`, a pandas frame or a `datasets.Dataset`.
    `models` are names of the `roster` (by default the one that ships), functions of a list of
    queries that return a text for each, objects with `predict`, or `Model`s; a dict gives each its
    name. What `out` has already is not predicted again. `metrics` score beside the usual ones.
    `progress` is called with a row's name, and how many of its predictions there are of how many;
    without it a bar is drawn on a terminal. The floors run too, unless `floors` is false.

    A prediction that failed is counted in `Run.failed`. Raises a HarnessError for whatever is wrong
    with suite, models or metrics, before the first model runs.
    """
    if isinstance(models, str):
        raise UsageError("models must be a list, not one text")
    names, entries = entries_of(models)
    chosen = as_suite(suite)
    folder = Path(out)
    make_folder(folder)
    named = tuple((metric, metric.name) for metric in metrics)
    rosters = [roster] if isinstance(roster, str | Path) else roster
    with listening(progress):
        run_models(
            suite_name=chosen.placed(folder),
            rosters=rosters,
            models=names,
            own_entries=entries,
            tasks=tasks,
            selection=Selection(limit=limit),
            out=folder,
            floors=floors,
            primary=primary,
            options=replace(options, own_code=(*options.own_code, *named)),
            data_choice=chosen.choice,
        )
    return read_run(folder)
