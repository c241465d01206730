import math
import subprocess
import sys
from collections.abc import Iterator, Sequence
from typing import Any

import pytest

import harness
from harness import MetricError, Scorer, Scores, UsageError, score
from harness.metrics import metrics
from harness.metrics.answers.squad import Squad


def test_lists_of_texts_give_values_and_means() -> None:
    """Lin (2004), section 3.2: three of four words are shared, in order."""
    result = score(["police end the gunman", "x"], ["police killed the gunman", ["y", "x"]])
    assert result.values["rouge1"] == (3 / 4, 1.0)
    assert result.means["rouge1"] == (3 / 4 + 1) / 2
    assert result.signatures == metrics("summarize", {}).signatures
    assert list(result.means) == list(result.values) == list(result.signatures)


def test_answers_with_one_several_and_no_acceptable_ones() -> None:
    result = score(["in Tokyo", "", "Rome"], ["Tokyo", [], ["Oslo", "Rome"]], task="answer")
    assert result.values["exact_match"] == (0.0, 1.0, 1.0)
    assert result.values["f1"] == (2 * 0.5 * 1 / 1.5, 1.0, 1.0)


def test_metrics_of_one_s_own() -> None:
    result = score(["the"], ["a"], task="answer", metrics=Squad("1.1"))
    assert result.values == {"exact_match": (1.0,), "f1": (0.0,)}


def test_batches_give_what_the_whole_gives() -> None:
    predictions = ["Ann met Bob.", "They signed a pact.", "It rained."]
    references = ["Ann met Bob in Rome.", "A pact was signed.", "It rained all day."]
    scorer = Scorer()
    scorer.update(predictions[:1], references[:1])
    first = scorer.compute()
    scorer.update(predictions[1:], references[1:])
    assert scorer.compute() == score(predictions, references)
    assert first == score(predictions[:1], references[:1])  # what was computed stays as it was
    scorer.reset()
    scorer.update(predictions[1:], references[1:])
    assert scorer.compute() == score(predictions[1:], references[1:])


def test_the_mean_is_exact() -> None:
    """Ten times 2/3 summed by += is 6.666666666666667 less a bit; fsum is the nearest float."""
    result = score(["Tokyo city"] * 10, ["Tokyo"] * 10, task="answer")
    assert result.means["f1"] == math.fsum([2 / 3] * 10) / 10


@pytest.mark.parametrize(
    ("predictions", "references", "message"),
    [
        (["a", "b"], ["a"], "there are 2 predictions and 1 references; each"),
        ("Ann met Bob", ["Ann"], "predictions must be a list of texts, not one text"),
        (["Ann"], "Ann", "references must be a list of texts, not one text"),
        ([None], ["Ann"], "item 0: predictions and references must be texts"),
        (["Ann", "Ann"], ["Ann", [3]], "item 1: predictions and references must be texts"),
        (["Ann"], [[]], "item 0: a summary needs a reference; there is none"),
        ([], [], "there is nothing to compute"),
    ],
)
def test_what_cannot_be_scored_is_refused(
    predictions: Sequence[Any], references: Sequence[Any], message: str
) -> None:
    with pytest.raises(UsageError) as caught:
        score(predictions, references)
    assert message in str(caught.value)


def test_a_refused_batch_leaves_no_trace() -> None:
    scorer = Scorer("answer")
    scorer.update(["Ann"], ["Ann"])
    with pytest.raises(UsageError, match="item 2"):
        scorer.update(["Bob", 5], ["Bob", "Bob"])  # type: ignore[list-item]
    assert scorer.compute().values["f1"] == (1.0,)


def test_a_text_that_a_metric_refuses_is_named() -> None:
    with pytest.raises(MetricError, match="item 1: the reference"):
        score(["Ann", "日本"], ["Ann", "日本"])
    with pytest.raises(MetricError, match=r"50.0 % of the letters .* metrics=Answer\(language="):
        score(["Jo", "日本"], ["Jo", "日本"], "answer")


class Batched(Squad):
    """A family with a batch form, which refuses what Squad 1.1 refuses."""

    def score_many(
        self, predictions: Sequence[str], references: Sequence[Sequence[str]]
    ) -> Iterator[dict[str, float]]:
        for prediction, answers in zip(predictions, references, strict=True):
            yield self.score(prediction, answers)


def test_a_batch_form_gives_the_same_and_names_the_same() -> None:
    predictions, references = ["in Tokyo", "the"], ["Tokyo", "a"]
    batched = score(predictions, references, "answer", metrics=Batched("1.1"))
    assert batched == score(predictions, references, "answer", metrics=Squad("1.1"))
    with pytest.raises(MetricError, match="item 1: a question without answers"):
        score(predictions, ["Tokyo", []], "answer", metrics=Batched("1.1"))


def test_an_unknown_task_is_refused() -> None:
    with pytest.raises(UsageError, match="there is no task 'chat', only summarize, answer"):
        Scorer("chat")  # type: ignore[arg-type]


def test_the_public_names() -> None:
    assert harness.score is score
    assert {"Scorer", "Scores", "score"} <= set(harness.__all__)
    assert isinstance(score(["a"], ["a"], task="answer"), Scores)
    with pytest.raises(AttributeError, match="no attribute 'scored'"):
        _ = harness.scored  # type: ignore[attr-defined]


@pytest.mark.parametrize(
    ("statement", "absent"),
    [
        ("import harness", "rouge_score numpy pydantic yaml torch"),
        ("from harness import score; score(['a b'], ['a b'])", "torch transformers"),
        ("from harness import score; score(['a'], ['a'], 'answer')", "rouge_score torch numpy"),
    ],
)
def test_imports_stay_light(statement: str, absent: str) -> None:
    script = f"import sys\n{statement}\nprint(*sorted(set({absent.split()!r}) & set(sys.modules)))"
    done = subprocess.run(
        [sys.executable, "-c", script], check=True, capture_output=True, text=True, timeout=300
    )
    assert done.stdout.strip() == ""
