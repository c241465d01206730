"""Real models, if small ones, some of whose questions do something to the process that is asked."""

import os
import time
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import ClassVar

from harness.errors import ModelError, WeightsError
from harness.files import sha256_file
from harness.models.model import Model
from harness.models.streaming import Streaming
from harness.records import Article, Example, Prediction, Query, Task


class Fragile(Model):
    """Shouts the question. "exit 3", "signal 9", "eat" and "nap 2" it does as well.

    `weights` is a file, or the name of a variable that says where it is.
    """

    can: ClassVar[tuple[Task, ...]] = ("answer",)
    one_article: ClassVar[bool] = False
    size: int = 8
    weights: str | None = None
    loads: str = ""

    def identity(self, task: Task) -> Mapping[str, object]:
        sha256 = sha256_file(self._file) if self.weights else None
        return {"kind": "fragile", "weights": {"sha256": sha256}}

    @property
    def _file(self) -> Path:
        path = Path(os.environ.get(self.weights or "", self.weights or ""))
        if not path.is_file():
            raise WeightsError(f"{path}: there is no such file; put it there")
        return path

    def execution(self) -> Mapping[str, object]:
        return {"weights": str(self._file)} if self.weights else {}

    def batch_size(self, query: Query) -> int:
        return self.size

    def load(self) -> None:
        act(self.loads)

    def predict(self, queries: Sequence[Query]) -> list[Prediction]:
        return [Prediction(act(query.question or "").upper()) for query in queries]


class FragileStream(Streaming):
    """The same, one by one."""

    can: ClassVar[tuple[Task, ...]] = ("answer",)

    def identity(self, task: Task) -> Mapping[str, object]:
        return {"kind": "fragile-stream"}

    def stream(self, queries: Sequence[Query]) -> Iterator[tuple[int, Prediction]]:
        for place, query in enumerate(queries):
            yield place, Prediction(act(query.question or "").upper())


def act(words: str) -> str:
    """Do what the words say, if they say something."""
    what, _, how = words.partition(" ")
    if what == "exit":
        os._exit(int(how))
    if what == "signal":
        os.kill(os.getpid(), int(how))
    if what == "nap":
        time.sleep(float(how))
    if what == "fail":
        raise ModelError("no weights in here")
    if what == "eat":
        held = []
        while True:
            held.append(bytearray(2**24))
    return words


def examples(questions: Sequence[str]) -> list[Example]:
    """Return an example for each question, all on one article."""
    article = Article("a", "Ann met Bob.", "f", "")
    return [
        Example(f"a/{place}", article, Query("answer", f"{article.text} {place}", question), ())
        for place, question in enumerate(questions)
    ]
