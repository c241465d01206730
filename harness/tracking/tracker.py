"""A tracker that a run is told to, and how it is asked: MLflow, in a process of its own."""

import json
import re
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from harness.errors import StoreError, UsageError
from harness.tracking.content import TrackedRun

_PROGRAM = Path(__file__).with_name("mlflow_process.py")
# A new database takes some seconds, its tables are made by two hundred steps; artifacts may go far.
_SECONDS_TO_OPEN, _SECONDS_TO_TELL = 300.0, 1800.0
_CREDENTIALS = re.compile(r"://[^/@\s]*@")


@dataclass(frozen=True)
class Tracker:
    """An MLflow store by its URI; `experiment` is in which of its experiments runs are to be.

    Without one it is that of the suite's name.
    """

    uri: str
    experiment: str | None = None

    def check(self) -> None:
        """Open the store, and make its tables where there are none; raise UsageError."""
        try:
            self._ask([], "", _SECONDS_TO_OPEN)
        except StoreError as error:
            raise UsageError(
                f"--tracker-uri {_shown(self.uri)}: cannot be used: {error}; name another store, "
                "or leave --tracker out"
            ) from None

    def tell(self, runs: Sequence[TrackedRun], suite: str) -> str:
        """Tell the store of runs, the others as children of the first, and return that one's id.

        Raises StoreError with what MLflow said, where it does not take them.
        """
        return self._ask(runs, self.experiment or suite, _SECONDS_TO_TELL)

    def _ask(self, runs: Sequence[TrackedRun], experiment: str, seconds: float) -> str:
        request = {
            "uri": self.uri,
            "experiment": experiment,
            "runs": [asdict(run) for run in runs],
        }
        # -P: no module of the folder that a user is in.
        command = [sys.executable, "-P", str(_PROGRAM)]
        how: dict[str, Any] = {"text": True, "encoding": "utf-8", "timeout": seconds}
        how |= {"stdout": subprocess.PIPE, "stderr": subprocess.DEVNULL}
        try:
            finished = subprocess.run(command, input=json.dumps(request), check=False, **how)
            answer = json.loads((finished.stdout.splitlines() or [""])[-1])
        except subprocess.TimeoutExpired:
            raise StoreError(f"MLflow took more than {seconds:.0f} s") from None
        except OSError as error:
            raise StoreError(f"MLflow cannot be run: {error}") from None
        except ValueError:
            raise StoreError(f"MLflow ended with code {finished.returncode}") from None
        if "error" in answer:
            raise StoreError(_shown(answer["error"]))
        return str(answer.get("run", ""))


def _shown(text: str) -> str:
    """Return a text without the user and password of a URI in it.

    >>> _shown("postgresql://me:secret@host/runs")
    'postgresql://***@host/runs'
    """
    return _CREDENTIALS.sub("://***@", text)
