"""lm-evaluation-harness 0.4.13 itself, in an environment of its own: `make lm-eval`."""

import json
import os
import subprocess
from pathlib import Path

import pytest

from harness.cli import main
from tests.export import lm_eval_environment


@pytest.mark.minutes
@pytest.mark.parametrize("model", ["lead-3", "best-sentence"])
def test_its_means_are_ours(model: str, tmp_path: Path) -> None:
    python = lm_eval_environment.python()
    if python is None:
        pytest.skip("needs lm-eval 0.4.13 in build/lm-eval, which `make lm-eval` makes")
    run, out = tmp_path / "run", tmp_path / "tasks"
    assert main(["eval", "--suite", "demo", "--models", model, "--out", str(run), "-q"]) == 0
    assert main(["export", str(run), "--to", "lm-eval", "--out", str(out), "-q"]) == 0
    script = Path(__file__).with_name("lm_eval_recorded.py")
    finished = subprocess.run(
        [python, str(script), str(out), str(run / "predictions.jsonl"), model],
        capture_output=True,
        text=True,
        check=False,
        cwd=tmp_path,
        env=os.environ | {"HF_HUB_OFFLINE": "1", "HF_HOME": str(tmp_path / "hf")},
    )
    assert finished.returncode == 0, finished.stderr[-2000:]
    theirs = json.loads(finished.stdout.splitlines()[-1])["results"]
    lines = [json.loads(line) for line in (run / "predictions.jsonl").open(encoding="utf-8")]
    compared = 0
    for task, results in theirs.items():
        own = [
            line["scores"]
            for line in lines
            if (line["model"], f"golden_{line['task']}") == (model, task)
        ]
        for name in {name for scores in own for name in scores}:
            values = [scores[name] for scores in own if name in scores]
            ours = sum(values) / len(values)
            assert results[f"{name},none"] == pytest.approx(ours, rel=0, abs=1e-12), name
            compared += 1
    assert compared > 5
