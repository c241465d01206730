"""A program that tells MLflow of runs: what to tell is JSON on stdin, what came of it on stdout.

It is a process of its own, and imports nothing of this package. What MLflow takes in memory, logs,
or breaks is then none of the process that holds a run's results.

    {"uri": URI, "experiment": NAME, "runs": [{"name", "tags", "params", "metrics", "artifacts"}]}

The first run is the parent of the others. Without runs the store is only opened: its tables are
made if there are none. The answer is {"run": ID}, or {"error": TEXT}.
"""

import itertools
import json
import os
import sys
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any

_DATABASES = ("sqlite", "postgresql", "mysql", "mssql")
_LONGEST = 400
# What MLflow takes in one call.
_PARAMS, _METRICS = 100, 1000


def main() -> None:
    """Read what to tell, tell it, and print what came of it."""
    # Before MLflow is imported, which is when it asks its makers' server whether to report.
    os.environ["MLFLOW_DISABLE_TELEMETRY"] = os.environ["DO_NOT_TRACK"] = "true"
    os.environ.setdefault("GIT_PYTHON_REFRESH", "quiet")
    # By itself it asks a server for four minutes. Whoever wants that says so.
    os.environ.setdefault("MLFLOW_HTTP_REQUEST_MAX_RETRIES", "2")
    request = json.load(sys.stdin)
    try:
        answer = _told(request["uri"], request["experiment"], request["runs"])
    except Exception as error:  # whatever it is, the one who asked is to know
        said = " ".join(str(error).split())
        if len(said) > _LONGEST:  # what it begins with, and the cause, which others' texts end with
            said = f"{said[: _LONGEST // 2]} ... {said[-_LONGEST // 2 :]}"
        answer = {"error": f"{type(error).__name__}: {said}"}
    sys.stdout.write("\n" + json.dumps(answer) + "\n")


def _told(uri: str, experiment: str, runs: list[dict[str, Any]]) -> dict[str, str]:
    if uri.partition(":")[0].partition("+")[0] in _DATABASES:
        _open_database(uri)
    import mlflow

    mlflow.set_tracking_uri(uri)  # by which artifacts are sent too
    client = mlflow.MlflowClient()
    if not runs:
        client.search_experiments(max_results=1)
        return {}
    known = client.get_experiment_by_name(experiment)
    experiment_id = known.experiment_id if known else client.create_experiment(experiment)
    parent, *others = runs
    parent_id = _tell_run(client, experiment_id, parent, None)
    try:
        for run in others:
            _tell_run(client, experiment_id, run, parent_id)
    except BaseException:  # the run is not there as a whole
        client.set_terminated(parent_id, "FAILED")
        raise
    return {"run": parent_id}


def _tell_run(client: Any, experiment_id: str, run: Mapping[str, Any], parent: str | None) -> str:
    """Make a run with all that there is to say of it, and return its id."""
    from mlflow.entities import Metric, Param

    tags = {**run["tags"], **({"mlflow.parentRunId": parent} if parent else {})}
    info = client.create_run(experiment_id, tags=tags, run_name=run["name"]).info
    run_id: str = info.run_id
    status = "FAILED"
    try:
        for some in _parts(run["params"].items(), _PARAMS):
            client.log_batch(run_id, params=[Param(name, value) for name, value in some])
        for some in _parts(run["metrics"].items(), _METRICS):
            metrics = [Metric(name, value, info.start_time, 0) for name, value in some]
            client.log_batch(run_id, metrics=metrics)
        for path in run["artifacts"]:
            client.log_artifact(run_id, path)
        status = "FINISHED"
    finally:
        client.set_terminated(run_id, status)
    return run_id


def _open_database(uri: str) -> None:
    """Connect once; MLflow itself tries ten times, for 100 seconds."""
    from sqlalchemy import create_engine, inspect
    from sqlalchemy.engine import make_url

    url = make_url(uri)
    if url.get_backend_name() == "sqlite" and url.database:
        Path(url.database).absolute().parent.mkdir(parents=True, exist_ok=True)
    inspect(create_engine(url)).get_table_names()


def _parts(items: Iterable[tuple[str, Any]], size: int) -> Iterator[list[tuple[str, Any]]]:
    rest = iter(items)
    while some := list(itertools.islice(rest, size)):
        yield some


if __name__ == "__main__":
    main()
