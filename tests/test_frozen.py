"""The recorded predictions of the embedded models, and the scores that they must give.

`make freeze` alone writes `tests/frozen/`. A test here that fails means that a score, the suite
or a prompt has changed: if that was meant, record anew and read the diff.
"""

import functools
import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from harness.leaderboard.run_folder import read_run
from harness.metrics import Metrics
from harness.metrics.options import USUAL
from harness.metrics.scorer import score_text
from harness.records import SCOPES, TASKS, Task
from harness.run.scoring import suite_metrics
from harness.suite.suite import read_suite
from harness.verify.judgments import rebuilt_judging

FROZEN = Path(__file__).parent / "frozen"
LINES = (FROZEN / "predictions.jsonl").read_text(encoding="utf-8").splitlines()
BOARD = json.loads((FROZEN / "leaderboard.json").read_text(encoding="utf-8"))


@functools.cache
def families() -> dict[Task, Metrics]:
    """Return the metrics of each task, those of summaries with what the reader said."""
    suite = read_suite()
    examples = {(task, scope): suite.examples(task, scope) for task in TASKS for scope in SCOPES}
    judging = rebuilt_judging(read_run(FROZEN), suite, examples, USUAL)
    assert judging is not None
    return {
        "answer": suite_metrics(suite, "answer", USUAL),
        "summarize": suite_metrics(suite, "summarize", USUAL, judged=judging.measures),
    }


@functools.cache
def rescored() -> list[dict[str, Any]]:
    """Return the recorded lines with their scores computed anew."""
    suite = read_suite()
    examples = {
        (task, e.id): e for task in TASKS for scope in SCOPES for e in suite.examples(task, scope)
    }
    found = []
    for line in map(json.loads, LINES):
        example = examples[line["task"], line["example"]]
        scores = score_text(
            families()[line["task"]], line["text"], example.references, example.article.text
        )
        found.append(line | {"scores": scores})
    return found


def test_scores_are_the_recorded_ones_to_the_last_bit() -> None:
    assert rescored() == [json.loads(line) for line in LINES]


def test_scoring_needs_no_torch() -> None:
    script = (
        "import sys; from tests.test_frozen import LINES, rescored\n"
        "print(len(rescored()) == len(LINES) > 0, 'torch' in sys.modules)"
    )
    done = subprocess.run(
        [sys.executable, "-c", script],
        cwd=FROZEN.parent.parent,
        check=True,
        capture_output=True,
        text=True,
        timeout=300,
    )
    assert done.stdout.split() == ["True", "False"]


def test_the_record_is_of_the_suite_as_it_is() -> None:
    assert BOARD["suite"]["hash"] == read_suite().hash
    rows = [row for row in BOARD["rows"] if row["role"] != "people"]
    assert len(LINES) == sum(row["counts"]["expected"] for row in rows)


@pytest.mark.parametrize(
    "row",
    [row for row in BOARD["rows"] if row["role"] != "people"],
    ids=lambda row: f"{row['model']}-{row['task']}-{row['scope']}",
)
def test_recorded_means_and_signatures_hold(row: dict[str, Any]) -> None:
    suite = read_suite()
    ids = {example.id for example in suite.examples(row["task"], row["scope"])}
    lines = [
        x
        for x in rescored()
        if (x["model"], x["task"]) == (row["model"], row["task"]) and x["example"] in ids
    ]
    signatures = families()[row["task"]].signatures
    for name, number in row["metrics"].items():
        scores = [line["scores"][name] for line in lines if name in line["scores"]]
        assert number["n"] == len(scores)
        assert number["mean"] == pytest.approx(sum(scores) / len(scores), rel=1e-15)
        assert number["signature"] == signatures[name]
