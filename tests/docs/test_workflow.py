"""The workflow of the page on gate and CI: each of its shell steps runs, in bash, in their order."""

import os
import subprocess
import sys
from pathlib import Path

import pytest
import yaml

from tests.docs.folders import demo_run
from tests.docs.pages import ROOT, blocks

PAGE = ROOT / "docs" / "gate-and-ci.md"


@pytest.mark.minutes
def test_every_shell_step_of_the_workflow_runs(tmp_path: Path) -> None:
    """What is of others stands in for itself: pip and gh say what they were asked."""
    (block,) = (block for block in blocks(PAGE) if block.note == "read as workflow")
    steps = yaml.safe_load(block.content)["jobs"]["gate"]["steps"]
    programs = tmp_path / "bin"
    programs.mkdir()
    for name, does in (
        ("harness", f'exec "{sys.executable}" -m harness "$@"'),
        ("pip", 'echo "pip $@"'),
        ("gh", 'echo "gh $@"; cat "${@: -1}"'),
    ):
        file = programs / name
        file.write_text(f"#!/bin/bash\n{does}\n", encoding="utf-8")
        file.chmod(0o755)
    demo_run(tmp_path / "baseline")
    (tmp_path / "harness.toml").write_text('suite = "demo"\n', encoding="utf-8")
    roster = '[lead-3]\nkind = "lead"\n[no-answer]\nkind = "no-answer"\n'
    (tmp_path / "models.toml").write_text(roster, encoding="utf-8")
    said = ""
    for step in steps:
        if "run" not in step:
            continue
        line = step["run"].replace("${{ github.event.number }}", "7")
        finished = subprocess.run(
            ["bash", "-e", "-c", line],
            cwd=tmp_path,
            capture_output=True,
            text=True,
            check=False,
            env=os.environ | {"PATH": f"{programs}:{os.environ['PATH']}", "PYTHONPATH": str(ROOT)},
        )
        assert finished.returncode == 0, f"{step['name']}: {finished.stdout}{finished.stderr}"
        said += finished.stdout
    assert "pip install golden-harness[report]" in said
    assert "gh pr comment 7 --body-file gate.md" in said
    assert (tmp_path / "gate.xml").is_file()
    assert (tmp_path / "results" / "leaderboard.json").is_file()
