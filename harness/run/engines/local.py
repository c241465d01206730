"""The engine of one process: this one."""

from collections.abc import Sequence

from harness.run.engines.engine import Job, Tell, untold


class Local:
    """Makes each turn here, one after the other."""

    together = False

    def carry(self, jobs: Sequence[Job], tell: Tell = untold) -> None:
        """Make what is left of the turns; raises CostLimitError as `Turn.make` does."""
        for job in jobs:
            job.turn.make()


LOCAL = Local()
