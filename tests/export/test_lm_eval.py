"""lm-evaluation-harness 0.4.13 itself, in an environment of its own: `make lm-eval`."""

import json
import os
import subprocess
from pathlib import Path

import pytest

from harness.cli import main
from tests.export import lm_eval_environment

MODELS = ("lead-3", "best-sentence")


@pytest.mark.minutes
def test_its_means_are_ours_and_its_samples_are_read_back(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """On the suite `demo`, which has events: the texts of floors in the place of a model's."""
    python = lm_eval_environment.python()
    if python is None:
        pytest.skip("needs lm-eval 0.4.13 in build/lm-eval, which `make lm-eval` makes")
    run, tasks, out = tmp_path / "run", tmp_path / "tasks", tmp_path / "out"
    command = ["eval", "--suite", "demo", "--models", ",".join(MODELS), "--out", str(run), "-q"]
    assert main(command) == 0
    assert main(["export", str(run), "--to", "lm-eval", "--out", str(tasks), "-q"]) == 0
    script = Path(__file__).with_name("lm_eval_recorded.py")
    finished = subprocess.run(
        [python, str(script), str(tasks), str(run / "predictions.jsonl"), str(out), *MODELS],
        capture_output=True,
        text=True,
        check=False,
        cwd=tmp_path,
        env=os.environ | {"HF_HUB_OFFLINE": "1", "HF_HOME": str(tmp_path / "hf")},
    )
    assert finished.returncode == 0, finished.stderr[-2000:]
    theirs = json.loads(finished.stdout.splitlines()[-1])
    board = json.loads((run / "leaderboard.json").read_text("utf-8"))
    compared = set()
    for row in board["rows"]:
        if row["model"] not in MODELS:
            continue
        name = row["task"] if row["scope"] == "article" else f"{row['task']}_{row['scope']}"
        results = theirs[row["model"]][f"golden_{name}"]
        for metric, number in row["metrics"].items():
            if number["mean"] is None:
                continue
            assert results[f"{metric},none"] == pytest.approx(number["mean"], rel=0, abs=1e-12)
            compared.add((row["model"], name, metric))
    assert {(model, name) for model, name, _ in compared} == {
        ("lead-3", "summarize"), ("lead-3", "summarize_event"),
        ("best-sentence", "answer"), ("best-sentence", "answer_event"),
    }  # fmt: skip
    assert {name for _, _, name in compared} >= {"rouge1", "rougeLsum", "support", "f1", "words"}

    (samples,) = out.glob("best-sentence/samples_golden_answer_2026*.jsonl")
    capsys.readouterr()
    files = ["--references", str(tasks / "answer.jsonl"), "--predictions", f"theirs={samples}"]
    assert main(["score", *files, "--task", "answer", "--json"]) == 0
    said = capsys.readouterr()
    (row,) = (row for row in json.loads(said.out)["rows"] if row["model"] == "theirs")
    (ours,) = (
        row for row in board["rows"] if (row["model"], row["scope"]) == ("best-sentence", "article")
    )
    for metric in ("f1", "exact_match"):
        assert row["metrics"][metric]["mean"] == ours["metrics"][metric]["mean"]
        assert f"theirs: {metric} is" in said.err
    assert "by lm-eval, a difference of +0" in said.err
