"""A worker: what runs on a node as a Ray actor, and keeps a process with a model.

It imports little: what a driver of another version asks first, whether they are of one version, it
can answer.
"""

import os
import socket
import subprocess
import sys
from collections.abc import Generator, Sequence
from multiprocessing.connection import Connection, Pipe
from typing import Any

from harness.environment import code_sha256, installed_version

# What a worker says: a name and what belongs to it, as `fleet.Event` has them.
Said = tuple[str, Any]


def version() -> dict[str, object]:
    """Return what must be the same where a run is driven and where it is made."""
    return {
        "version": installed_version("golden-harness"),
        "code": code_sha256()[:12],
        "python": ".".join(map(str, sys.version_info[:2])),
    }


class Worker:
    """Keeps a process with a model, and tells what comes of it and how it ends."""

    def __init__(self, threads: int, memory: int) -> None:
        """Take the threads that a model computes with, and the bytes it may take, 0 for any."""
        self._threads, self._memory = threads, memory
        self._held: tuple[subprocess.Popen[bytes], Connection] | None = None

    def hello(self) -> dict[str, object]:
        """Return the version, the process's number and the node's name."""
        return {**version(), "pid": os.getpid(), "node": socket.gethostname()}

    def load(self, content: bytes, task: str, identity: dict[str, object]) -> Said:
        """Have the process load a model, and start it if need be; return what came of it."""
        if self._held is None:
            self._held = self._started()
        process, connection = self._held
        try:
            connection.send(("load", content, task, identity))
            said: Said = connection.recv()
        except (EOFError, OSError):
            return self._ended(process, connection)
        return said

    def ask(self, queries: Sequence[tuple[Any, ...]]) -> Generator[Said]:
        """Yield what comes of a batch; nothing if the process ended before."""
        if self._held is None:
            return
        process, connection = self._held
        try:
            connection.send(("ask", queries))
            while (said := connection.recv()) and said[0] != "done":
                yield said
        except (EOFError, OSError):
            yield self._ended(process, connection)

    def _started(self) -> tuple[subprocess.Popen[bytes], Connection]:
        ours, theirs = Pipe()
        process = subprocess.Popen(
            [
                sys.executable, "-m", "harness.run.engines.ray.model_process",
                str(theirs.fileno()), str(self._memory),
            ],
            stdin=subprocess.DEVNULL,
            pass_fds=[theirs.fileno()],
            start_new_session=True,
            env=os.environ
            | {
                "OMP_NUM_THREADS": str(self._threads),
                "PYTHONPATH": os.pathsep.join(filter(None, sys.path)),
            },
        )  # fmt: skip
        theirs.close()
        return process, ours

    def _ended(self, process: subprocess.Popen[bytes], connection: Connection) -> Said:
        """Return how the process ended, as the system has it."""
        self._held = None
        connection.close()
        try:
            status = process.wait(timeout=10)
        except subprocess.TimeoutExpired:  # it is no use without its pipe
            process.kill()
            status = process.wait()
        return "died", f"signal {-status}" if status < 0 else f"exit code {status}"
