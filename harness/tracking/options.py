"""The options of `harness eval` that say which tracker is told of a run."""

import argparse
import os
from typing import TYPE_CHECKING

from harness.command.options import name

if TYPE_CHECKING:
    from harness.tracking.tracker import Tracker


def add_tracker_options(command: "argparse._ActionsContainer") -> None:
    """Add the options."""
    command.add_argument(
        "--tracker",
        choices=("mlflow",),
        help="tell MLflow of the run when it is done: parameters, numbers with their intervals, "
        "leaderboard and report (default: nobody)",
    )
    command.add_argument(
        "--tracker-uri",
        type=name,
        metavar="URI",
        help="the tracker's store, sqlite:///mlflow.db, or its server (default: that of the "
        "variable MLFLOW_TRACKING_URI)",
    )


def chosen_tracker(options: argparse.Namespace) -> "Tracker | None":
    """Return the tracker that is told, `None` for nobody; raise UsageError for one without a place.

    Nothing is asked of it yet.
    """
    from harness.errors import UsageError
    from harness.requirements import missing_packages
    from harness.tracking.tracker import Tracker

    if options.tracker is None:
        if options.tracker_uri is not None:
            raise UsageError("--tracker-uri: is where a tracker has its runs; give --tracker too")
        return None
    if options.shard:
        raise UsageError(
            "--tracker: a shard has no numbers; leave it out here, and when all are merged run "
            "`harness eval` into the merged folder, which asks no model again"
        )
    # As the package `mlflow` needs `mlflow-skinny`, it is enough too.
    if missing := missing_packages("mlflow-skinny", "sqlalchemy", "alembic"):
        raise UsageError(missing.message("--tracker mlflow", "leave it out"))
    uri = options.tracker_uri or os.environ.get("MLFLOW_TRACKING_URI")
    if not uri:
        raise UsageError(
            "--tracker mlflow: where its runs are is not said; give --tracker-uri "
            "sqlite:///mlflow.db, or set MLFLOW_TRACKING_URI"
        )
    if ":" not in uri and uri != "databricks":
        raise UsageError(
            f"--tracker-uri {uri}: is no URI; name a database, sqlite:///mlflow.db, or a server"
        )
    return Tracker(uri, os.environ.get("MLFLOW_EXPERIMENT_NAME") or None)
