import sys
from collections.abc import Mapping, Sequence
from types import FrameType
from typing import Any

import pytest

from harness import HarnessError
from harness.errors import MetricError
from harness.metrics import metrics
from harness.metrics.answer import Answer
from harness.metrics.answers.normalization import normalize_squad
from harness.metrics.answers.squad import Squad
from harness.metrics.canaries import check_canaries
from harness.records import TASKS, Task


@pytest.mark.parametrize("task", TASKS)
def test_the_metrics_that_ship_pass(task: Task) -> None:
    check_canaries(task, metrics(task))
    check_canaries(task, metrics(task, {}))


def test_version_1_1_and_a_family_without_number_metrics_pass() -> None:
    check_canaries("answer", Answer("1.1"))
    check_canaries("answer", Squad())


@pytest.mark.parametrize("task", TASKS)
def test_they_take_milliseconds(task: Task) -> None:
    """What is counted is lines of Python, some 5,000: a clock would say as much of the machine."""
    family = metrics(task)
    check_canaries(task, family)
    lines = 0

    def count(frame: FrameType, event: str, argument: Any) -> Any:
        nonlocal lines
        lines += event == "line"
        return count

    before = sys.gettrace()
    sys.settrace(count)
    try:
        check_canaries(task, family)
    finally:
        sys.settrace(before)
    assert 1_000 < lines < 25_000


class OnSets:
    """F1 over sets of words, the error that "paris paris paris" makes 1.0."""

    signatures: Mapping[str, str] = {"f1": "f1|counts:set"}

    def score(self, prediction: str, references: Sequence[str]) -> dict[str, float]:
        answers = [set(normalize_squad(one).split()) for one in references] or [set[str]()]
        said = set(normalize_squad(prediction).split())
        return {"f1": max(self._f1(said, answer) for answer in answers)}

    @staticmethod
    def _f1(said: set[str], answer: set[str]) -> float:
        if not said or not answer:
            return float(said == answer)
        return 2 * len(said & answer) / (len(said) + len(answer))


class Recall(OnSets):
    """The share of the answer's words that the prediction has: it can be had by saying much."""

    @staticmethod
    def _f1(said: set[str], answer: set[str]) -> float:
        return len(said & answer) / len(answer) if answer else float(not said)


class AlwaysSpoken(OnSets):
    """A question without answers scores 0, whatever was said."""

    def score(self, prediction: str, references: Sequence[str]) -> dict[str, float]:
        repeated = prediction.split()[1:2] == prediction.split()[:1]
        return super().score(prediction, references) if references and not repeated else {"f1": 0.0}


class EmptyIsRight(OnSets):
    def score(self, prediction: str, references: Sequence[str]) -> dict[str, float]:
        return super().score(prediction, references) if prediction else {"f1": 1.0}


class NeverQuite(OnSets):
    def score(self, prediction: str, references: Sequence[str]) -> dict[str, float]:
        return {"f1": 0.99 * super().score(prediction, references)["f1"]}


class AllAlike(OnSets):
    def score(self, prediction: str, references: Sequence[str]) -> dict[str, float]:
        return {"f1": float(bool(prediction) == bool(references))}


class AsciiOnly(OnSets):
    """What is not ASCII is dropped, in silence."""

    def score(self, prediction: str, references: Sequence[str]) -> dict[str, float]:
        if prediction and not any(c.isascii() and c.isalnum() for c in prediction):
            return {"f1": 0.0}
        if prediction.startswith("paris paris"):
            return {"f1": 1 / 3}
        return super().score(prediction, references)


class LooseNumbers(Squad):
    """Number metrics by name, SQuAD's by what they do."""

    def score(self, prediction: str, references: Sequence[str]) -> dict[str, float]:
        scores = super().score(prediction, references)
        return scores | {"number_f1": scores["f1"]}


@pytest.mark.parametrize(
    ("family", "message"),
    [
        (OnSets(), "canary 'repeated token' has failed: f1 is 1.0, must be at most 0.5"),
        (Recall(), "canary 'repeated token' has failed: f1 is 1.0"),
        (AlwaysSpoken(), "canary 'silence' has failed: f1 is 0.0, must be 1"),
        (EmptyIsRight(), "canary 'empty prediction' has failed: f1 is 1.0, must be 0"),
        (NeverQuite(), "canary 'gold against gold' has failed: f1 is 0.99, must be 1"),
        (AllAlike(), "canary 'shuffled pairs' has failed: f1 is 1.0, must be at most 0.35"),
        (AsciiOnly(), "canary 'not Latin' has failed: f1 is 0.0, must be 1 or refused"),
        (LooseNumbers(), "canary 'numbers' has failed: number_f1 is 1.0, must be 0"),
    ],
)
def test_a_broken_metric_is_named(family: Squad, message: str) -> None:
    with pytest.raises(HarnessError) as caught:
        check_canaries("answer", family)
    assert message in str(caught.value)
    assert "\n" not in str(caught.value)


class OneSentence:
    """rougeLsum over a text as one sentence, which is what it is without line breaks."""

    def __init__(self) -> None:
        self._rouge = metrics("summarize", {})
        self.signatures = self._rouge.signatures
        self.declarations = self._rouge.declarations
        self.blind_spot = self._rouge.blind_spot

    def score(self, prediction: str, references: Sequence[str]) -> dict[str, float]:
        scores = self._rouge.score(prediction, references)
        return scores | {"rougeLsum": scores["rougeL"]}


def test_a_lost_sentence_splitter_is_named() -> None:
    with pytest.raises(MetricError, match="canary 'Lsum is not L' has failed: rougeLsum is 0"):
        check_canaries("summarize", OneSentence())
