"""A finished run told to its tracker, which is no reason for a run to fail."""

from pathlib import Path

from harness.errors import HarnessError
from harness.leaderboard.leaderboard import Leaderboard
from harness.progress import note, warn
from harness.tracking.content import tracked_runs
from harness.tracking.tracker import Tracker


def tell_tracker(tracker: Tracker, board: Leaderboard, path: Path, report: Path | None) -> None:
    """Tell a tracker of the run whose leaderboard is in a file; what goes wrong is said on stderr.

    `report` is the run's page; its examples are not told where they stand in files beside it.
    """
    files = (path, report) if report else (path,)
    try:
        run = tracker.tell(tracked_runs(board, path.parent, files), board.suite.id)
    except Exception as error:  # whatever it is, the leaderboard stands
        said = str(error) if isinstance(error, HarnessError) else f"{type(error).__name__}: {error}"
        warn(
            f"the tracker has not taken the run: {said}; the results stand, and the same command "
            "again asks no model and tries again"
        )
    else:
        note(f"told MLflow of the run: {run}")
