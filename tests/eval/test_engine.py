"""Where a run's predictions are made: what is refused before anything is written."""

import importlib.util
from pathlib import Path

import pytest

from harness.cli import main

HERE = ["eval", "--suite", "demo", "--models", "lead-3", "-q"]


@pytest.mark.skipif(importlib.util.find_spec("ray") is not None, reason="ray is installed")
def test_without_the_extra_one_line_says_what_to_install(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main([*HERE, "--engine", "ray", "--out", str(tmp_path / "run")]) == 2
    (line,) = capsys.readouterr().err.splitlines()
    assert "not installed, but needed for --engine ray: ray; leave --engine out, or run: " in line
    assert not (tmp_path / "run").exists()


@pytest.mark.parametrize(
    ("flag", "value"), [("--workers", "2"), ("--address", "auto"), ("--wait", "9")]
)
def test_what_is_of_a_cluster_is_refused_without_one(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], flag: str, value: str
) -> None:
    assert main([*HERE, flag, value, "--out", str(tmp_path / "run")]) == 2
    assert capsys.readouterr().err == (
        f"harness: {flag}: is of a cluster's workers; give --engine ray too\n"
    )
    assert not (tmp_path / "run").exists()
