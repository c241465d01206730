from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import ClassVar

import pytest

from harness.errors import ModelError
from harness.models.model import Model
from harness.models.streaming import Streaming
from harness.records import Article, Example, Prediction, Query, Task
from harness.run.predict import PREDICT_CHUNK, Predicted, predict
from harness.run.store import Store
from harness.stream import Stream

HERE = {"cpu": "one"}


class Upper(Model):
    """A real model, if a small one: it shouts the question, and some questions break it."""

    can: ClassVar[tuple[Task, ...]] = ("answer",)
    version: int = 1
    batches: list[int] = []  # noqa: RUF012 - pydantic gives each model its own
    broken: list[str] = []  # noqa: RUF012

    def identity(self, task: Task) -> Mapping[str, object]:
        return {"kind": "upper", "version": self.version}

    def batch_size(self, query: Query) -> int:
        return 4

    def load(self) -> None:
        if "load" in self.broken:
            raise ModelError("no weights in here")

    def predict(self, queries: Sequence[Query]) -> list[Prediction]:
        self.batches.append(len(queries))
        if any(query.question in self.broken for query in queries):
            raise ValueError("I do not\nlike this one")
        return [Prediction(f"{query.question}!".upper(), output_tokens=1) for query in queries]


def _examples(count: int, articles: int = 1) -> list[Example]:
    return [
        Example(
            f"{a}/{i}",
            Article(str(a), f"Article {a}.", "f", ""),
            Query("answer", f"Article {a}.", f"why {i}"),
            (),
        )
        for a in range(articles)
        for i in range(count)
    ]


def _predict(model: Model, examples: Sequence[Example], store: Store) -> Sequence[Predicted]:
    return predict(model, examples, store, HERE, lambda done, total: None)


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    with Store(tmp_path / "s.sqlite") as store:
        yield store


def test_each_is_predicted_once(store: Store) -> None:
    model = Upper()
    examples = _examples(6, articles=2)
    first = _predict(model, examples, store)
    assert [one.stored.prediction.text for one in first] == [
        f"WHY {i}!" for _ in range(2) for i in range(6)
    ]
    assert not any(one.cached for one in first)
    assert model.batches == [4, 2, 4, 2]  # a batch never spans two articles
    second = _predict(model, examples, store)
    assert all(one.cached for one in second)
    assert [one.stored for one in second] == [one.stored for one in first]
    assert sum(model.batches) == 12
    more = _predict(model, _examples(7), store)
    assert [one.cached for one in more] == [True] * 6 + [False]


def test_a_kind_that_gains_nothing_from_one_article_gets_full_batches(store: Store) -> None:
    class Free(Upper):
        one_article: ClassVar[bool] = False

    model = Free()
    found = _predict(model, _examples(3, articles=3), store)
    assert model.batches == [4, 4, 1]
    assert [one.stored.prediction.text for one in found] == [f"WHY {i}!" for i in range(3)] * 3


def test_another_model_never_gets_this_ones_answer(store: Store) -> None:
    _predict(Upper(), _examples(2), store)
    other = Upper(version=2)
    assert not any(one.cached for one in _predict(other, _examples(2), store))
    assert other.batches == [2]


def test_a_failure_is_the_one_querys_own_and_is_tried_again(store: Store) -> None:
    model = Upper(broken=["why 1"])
    found = [one.stored.prediction for one in _predict(model, _examples(4), store)]
    assert [p.error for p in found] == [None, "ValueError: I do not like this one", None, None]
    assert found[1].text == ""
    model.broken.clear()
    again = _predict(model, _examples(4), store)
    assert [one.cached for one in again] == [True, False, True, True]
    assert again[1].stored.prediction.text == "WHY 1!"


def test_a_model_that_does_not_load_fails_every_query_with_the_reason(store: Store) -> None:
    found = _predict(Upper(broken=["load"]), _examples(3), store)
    assert [one.stored.prediction.error for one in found] == ["ModelError: no weights in here"] * 3


def test_a_batch_of_another_size_is_a_failure_not_a_mix_up(store: Store) -> None:
    class Short(Upper):
        def predict(self, queries: Sequence[Query]) -> list[Prediction]:
            return super().predict(queries)[1:]

    found = _predict(Short(), _examples(2), store)
    assert [one.stored.prediction.error for one in found] == [
        "HarnessError: 0 predictions came for 1 queries"
    ] * 2


def test_text_that_no_file_can_hold_is_mended(store: Store) -> None:
    class Broken(Upper):
        def predict(self, queries: Sequence[Query]) -> list[Prediction]:
            return [Prediction("a\ud800b 🙂", raw="\udfff") for _ in queries]

    (one,) = _predict(Broken(), _examples(1), store)
    assert one.stored.prediction.text == "a\ufffdb 🙂"
    assert one.stored.prediction.raw == "\ufffd"


def test_progress_is_told_from_what_is_there_to_the_end(store: Store) -> None:
    seen: list[tuple[int, int]] = []
    predict(Upper(), _examples(5), store, HERE, lambda *both: seen.append(both))
    predict(Upper(), _examples(6), store, HERE, lambda *both: seen.append(both))
    assert seen == [(0, 5), (4, 5), (5, 5), (5, 6), (6, 6)]


def test_an_interrupt_keeps_what_was_made(store: Store) -> None:
    class Interrupted(Upper):
        def predict(self, queries: Sequence[Query]) -> list[Prediction]:
            if len(self.batches) == 2:
                raise KeyboardInterrupt
            return super().predict(queries)

    with pytest.raises(KeyboardInterrupt):
        _predict(Interrupted(), _examples(10), store)
    found = _predict(Upper(), _examples(10), store)
    assert [one.cached for one in found] == [True] * 8 + [False] * 2


class Backwards(Streaming):
    """A real model, if a small one: it hands over the last query's prediction first."""

    can: ClassVar[tuple[Task, ...]] = ("answer",)
    breaks_after: int = 99
    seen: list[int] = []  # noqa: RUF012 - pydantic gives each model its own

    def identity(self, task: Task) -> Mapping[str, object]:
        return {"kind": "backwards"}

    def stream(self, queries: Sequence[Query]) -> Iterator[tuple[int, Prediction]]:
        self.seen.append(len(queries))
        for done, place in enumerate(reversed(range(len(queries)))):
            if done == self.breaks_after:
                raise ModelError("the line is cut")
            yield place, Prediction(f"{queries[place].question}!")


def test_what_streams_is_kept_one_by_one_in_its_place(store: Store) -> None:
    seen: list[tuple[int, int]] = []
    model = Backwards()
    found = predict(model, _examples(2, articles=2), store, HERE, lambda *both: seen.append(both))
    assert [one.stored.prediction.text for one in found] == ["why 0!", "why 1!"] * 2
    assert seen == [(0, 4), (1, 4), (2, 4), (3, 4), (4, 4)]
    assert model.seen == [4]  # articles share it
    assert all(one.cached for one in _predict(model, _examples(2, articles=2), store))
    assert model.predict([one.query for one in _examples(3)])[2].text == "why 2!"


def test_a_stream_that_breaks_fails_only_what_had_not_come(store: Store) -> None:
    found = [
        one.stored.prediction for one in _predict(Backwards(breaks_after=2), _examples(4), store)
    ]
    assert [one.text for one in found] == ["", "", "why 2!", "why 3!"]
    assert [one.error for one in found] == ["ModelError: the line is cut"] * 2 + [None] * 2
    again = Backwards()
    assert [one.cached for one in _predict(again, _examples(4), store)] == [False] * 2 + [True] * 2
    assert again.seen == [2]


def test_an_interrupted_stream_is_closed_and_keeps_what_came(store: Store) -> None:
    closed = []

    class Closing(Backwards):
        def stream(self, queries: Sequence[Query]) -> Iterator[tuple[int, Prediction]]:
            try:
                yield from super().stream(queries)
            finally:
                closed.append(True)

    def interrupt(done: int, total: int) -> None:
        if done == 2:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        predict(Closing(), _examples(4), store, HERE, interrupt)
    assert closed == [True]
    found = _predict(Backwards(), _examples(4), store)
    assert [one.cached for one in found] == [False] * 2 + [True] * 2


def test_costs_are_measured(store: Store) -> None:
    (one,) = _predict(Upper(), _examples(1), store)
    assert 0 < one.stored.prediction.seconds < 60
    assert one.stored.prediction.peak_memory > 10_000_000


def test_a_load_that_failed_is_not_tried_again_in_the_same_run(store: Store) -> None:
    loads = []

    class Unloadable(Upper):
        def load(self) -> None:
            loads.append("tried")
            raise ModelError("no weights in here")

    model = Unloadable()
    _predict(model, _examples(1), store)
    found = _predict(model, _examples(2), store)
    assert [one.stored.prediction.error for one in found] == ["ModelError: no weights in here"] * 2
    assert loads == ["tried"]


def test_the_first_prediction_does_not_wait_for_all_examples_to_be_read(store: Store) -> None:
    examples, read = _examples(2_500), 0

    def counted(start: int) -> Iterator[Example]:
        nonlocal read
        for example in examples[start:]:
            read += 1
            yield example

    class Telling(Upper):
        first: list[int] = []  # noqa: RUF012 - as above

        def batch_size(self, query: Query) -> int:
            return 500

        def predict(self, queries: Sequence[Query]) -> list[Prediction]:
            self.first.append(read)
            return super().predict(queries)

    model = Telling()
    predictions = _predict(model, Stream(len(examples), counted), store)
    assert model.first[0] == 1 + PREDICT_CHUNK  # the first one tells the task
    assert len(list(predictions)) == 2_500
    assert not any(predicted.cached for predicted in predictions)
