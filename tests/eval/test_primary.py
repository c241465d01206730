import json
from pathlib import Path

import pytest

from harness.cli import main
from tests import small_runs


def test_the_primary_metric_may_be_chosen_and_is_verified(
    suite_folder: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out = tmp_path / "out"
    evaluate = ["eval", "--suite", str(suite_folder), "--models", "lead-3,random-3,no-answer", "-q"]
    evaluate += ["--out", str(out)]
    assert main([*evaluate, "--primary", "summarize=support"]) == 0
    board = json.loads((out / "leaderboard.json").read_text(encoding="utf-8"))
    assert board["suite"]["primary"] == {"summarize": "support"}
    assert board["primary"] == {"summarize": "support", "answer": "f1"}
    means = [r["metrics"]["support"]["mean"] for r in board["rows"] if r["task"] == "summarize"]
    assert means == sorted(means, reverse=True)
    assert {line["metric"] for line in board["comparisons"]} == {"support", "f1"}
    assert main(["verify", str(out), "-q"]) == 0
    small_runs.edit_board(out, lambda board: board["suite"].update(primary=None))
    assert main(["verify", str(out), "-q"]) == 1
    capsys.readouterr()
    for choice, message in (
        (
            "summarize=unsupported",
            "unsupported does not rank, as its role is 'gated'; use rouge1, rouge2, rougeL",
        ),
        ("summarize=f1", "there is no metric 'f1' that ranks"),
        ("sum=f1", "must be TASK=METRIC, with a task of summarize and answer, not 'sum=f1'"),
        ("summarize=", "must be TASK=METRIC"),
    ):
        assert main([*evaluate, "--primary", choice]) == 2
        (line,) = capsys.readouterr().err.splitlines()
        assert message in line
    assert main([*evaluate, "--tasks", "summarize", "--primary", "answer=f1"]) == 2
    assert "--primary answer=f1: no answer is run here" in capsys.readouterr().err
