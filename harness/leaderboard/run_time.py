"""When a run was made."""

import datetime

from harness.leaderboard.run_folder import LEADERBOARD, Run


def made_on(run: Run) -> datetime.datetime:
    """Return when the leaderboard was written, which is all that is known of a run's time."""
    written = (run.folder / LEADERBOARD).stat().st_mtime
    return datetime.datetime.fromtimestamp(int(written), datetime.UTC)
