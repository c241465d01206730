"""The process that holds a worker's model: what an example does to it, it does to nothing else.

A worker starts it (`harness.run.engines.ray.worker`), gives it models and batches over a pipe, and
knows of its end what the system says: a signal, or an exit code.
"""

import contextlib
import ctypes
import pickle
import resource
import signal
import sys
from collections.abc import Mapping
from multiprocessing.connection import Connection
from typing import TYPE_CHECKING, Any

from harness.environment import environment, thread_count
from harness.errors import HarnessError
from harness.records import Query, Task
from harness.run.asking import ask, gathered, load
from harness.run.store import prediction_text

if TYPE_CHECKING:
    from harness.models.model import Model

# Seconds for which what streams waits to be sent together.
_BLINK = 0.25
_DIE_WITH_PARENT = 1  # Linux: PR_SET_PDEATHSIG


def main(pipe: int, memory: int) -> None:
    """Do what comes over the pipe, until it is closed; with `memory` in so many bytes more."""
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(_DIE_WITH_PARENT, signal.SIGKILL)
    if memory:
        held = int(_status("VmData").split()[0]) * 1024
        resource.setrlimit(resource.RLIMIT_DATA, (held + memory, held + memory))
    connection = Connection(pipe)
    serving = _Serving(connection)
    with contextlib.suppress(EOFError, BrokenPipeError):
        while True:
            name, *arguments = connection.recv()
            getattr(serving, name)(*arguments)


class _Serving:
    """A model, and what is done with it by the names that come over the pipe."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection
        self._content = b""
        self._model: Model | None = None  # of that content

    def load(self, content: bytes, task: Task, identity: Mapping[str, object]) -> None:
        """Make the model ready, if its identity here is that of the run."""
        self._connection.send(self._loaded(content, task, identity))

    def ask(self, queries: list[tuple[Any, ...]]) -> None:
        """Send what the model gives for the queries, as it is done."""
        if self._model is None:
            raise RuntimeError("a model is loaded before it is asked")
        answers = ask(self._model, [Query(*fields) for fields in queries])
        for answer in gathered(answers, _BLINK):
            texts = [(place, prediction_text(prediction)) for place, prediction in answer]
            self._connection.send(("made", texts))
        self._connection.send(("done", None))

    def _loaded(
        self, content: bytes, task: Task, identity: Mapping[str, object]
    ) -> tuple[str, object]:
        try:
            if content != self._content or self._model is None:
                if self._model is not None:
                    self._model.unload()
                self._model = pickle.loads(content)  # noqa: S301 - of the driver, that starts this
                self._content = content
            model: Model = self._model
            here = model.identity(task)
        except (HarnessError, ImportError, AttributeError) as error:
            return "refused", _line(error)
        if here != identity:
            return "refused", _difference(here, identity)
        if failure := load(model):
            return "unloadable", failure
        return "loaded", {**environment(thread_count()), **model.execution()}


def _difference(here: Mapping[str, object], there: Mapping[str, object]) -> str:
    """Return in which parts a model's identity here is not that of the run."""
    ours, theirs = _flat(here), _flat(there)
    unlike = [
        f"{name} is {ours.get(name)!r} there and {theirs.get(name)!r} here"
        for name in sorted(ours.keys() | theirs.keys())
        if ours.get(name) != theirs.get(name)
    ]
    more = f" and {len(unlike) - 3} more" if len(unlike) > 3 else ""
    return f"it has another model: {'; '.join(unlike[:3])}{more}"


def _flat(value: object, name: str = "") -> dict[str, object]:
    if not isinstance(value, Mapping):
        return {name: value}
    parts: dict[str, object] = {}
    for key, part in value.items():
        parts |= _flat(part, f"{name}.{key}" if name else str(key))
    return parts


def _line(error: Exception) -> str:
    return " ".join(f"{error}".split())[:500]


def _status(name: str) -> str:
    with open("/proc/self/status", encoding="utf-8") as lines:  # noqa: PTH123
        return next(line.partition(":")[2] for line in lines if line.startswith(name))


if __name__ == "__main__":
    main(int(sys.argv[1]), int(sys.argv[2]))
