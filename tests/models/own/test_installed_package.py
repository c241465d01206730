"""A package of somebody's, built and installed by pip, that offers kinds of model and a measure."""

import json
import os
import subprocess
import sys
import sysconfig
from pathlib import Path
from typing import Any

import pytest

import harness

pytest.importorskip("hatchling")
PROJECT = """\
[build-system]
requires = ["hatchling"]
build-backend = "hatchling.build"
[project]
name = "echo-models"
version = "{version}"
[tool.hatch.build.targets.wheel]
packages = ["echo_models"]
[project.entry-points."golden_harness.models"]
echo = "echo_models:Echo"
loud = "echo_models.loud:Loud"
[project.entry-points."golden_harness.metrics"]
calm = "echo_models:Calm"
"""
PLAIN = """\
class Echo:
    tasks = ("summarize",)

    def __init__(self, words=5):
        self.words = words

    def predict(self, queries):
        return [" ".join(query.context.split()[: self.words]) for query in queries]


class Calm:
    name = "calm"
    tasks = ("summarize",)

    def score(self, prediction, references):
        return 0.0 if prediction.isupper() else 1.0
"""
TYPED = '''\
from collections.abc import Mapping, Sequence
from typing import ClassVar

from harness.models.model import Model
from harness.records import Prediction, Query, Task


class Loud(Model):
    """The first word, loud."""

    can: ClassVar[tuple[Task, ...]] = ("summarize",)

    times: int = 1

    def identity(self, task: Task) -> Mapping[str, object]:
        return {"kind": "loud", "times": self.times}

    def predict(self, queries: Sequence[Query]) -> list[Prediction]:
        return [Prediction(" ".join([q.context.split()[0].upper()] * self.times)) for q in queries]
'''
ROSTER = """\
[echo]
kind = "echo"
options = { words = 3 }

[loud]
kind = "loud"
times = 2
"""


def _install(python: Path, source: Path, version: str) -> None:
    """Install the package into an environment, as a person does from a folder."""
    (source / "echo_models").mkdir(parents=True, exist_ok=True)
    (source / "pyproject.toml").write_text(PROJECT.format(version=version), encoding="utf-8")
    (source / "echo_models" / "__init__.py").write_text(PLAIN, encoding="utf-8")
    (source / "echo_models" / "loud.py").write_text(TYPED, encoding="utf-8")
    command = [sys.executable, "-m", "pip", "--python", str(python), "--disable-pip-version-check"]
    command += ["install", "--quiet", "--no-build-isolation", "--no-deps", "--no-index"]
    subprocess.run([*command, str(source)], check=True, capture_output=True, timeout=600)


@pytest.fixture
def python(tmp_path: Path) -> Path:
    """An environment that has what this one has, to install into."""
    pytest.importorskip("pip")
    place = tmp_path / "env"
    subprocess.run([sys.executable, "-m", "venv", "--without-pip", str(place)], check=True)
    scheme = {"base": str(place), "platbase": str(place)}
    site = Path(sysconfig.get_path("purelib", vars=scheme))
    here = [sysconfig.get_path("purelib"), str(Path(harness.__file__).parents[1])]
    (site / "here.pth").write_text("\n".join(here) + "\n", encoding="utf-8")
    return place / "bin" / "python"


@pytest.mark.minutes
def test_what_a_package_offers_is_run_scored_and_pinned(python: Path, tmp_path: Path) -> None:
    work = tmp_path / "work"
    work.mkdir()
    (work / "models.toml").write_text(ROSTER, encoding="utf-8")

    def run(*arguments: str, code: int = 0) -> str:
        finished = subprocess.run(
            [str(python), "-m", "harness", *arguments],
            cwd=work, capture_output=True, text=True, check=False, timeout=600,
            env=os.environ | {"PYTHONPATH": ""},
        )  # fmt: skip
        assert finished.returncode == code, finished.stderr
        return finished.stdout if code == 0 else finished.stderr

    def rows() -> dict[str, Any]:
        board = json.loads((work / "results" / "leaderboard.json").read_text("utf-8"))
        return {row["model"]: row for row in board["rows"] if row["scope"] == "article"}

    missing = run("eval", "--suite", "demo", code=2)
    assert "echo" in missing
    _install(python, tmp_path / "source", "1.0")
    kinds = run("models", "--kinds", "--format", "csv").splitlines()
    assert "echo,model,,echo-models 1.0,echo_models:Echo" in kinds
    assert "loud,model,,echo-models 1.0,echo_models.loud:Loud" in kinds
    assert "calm,metric,,echo-models 1.0,echo_models:Calm" in kinds
    assert "times" in run("models", "--keys", "loud")

    command = ["eval", "--suite", "demo", "--score-with", "calm", "--tasks", "summarize", "-q"]
    run(*command)
    first = rows()
    assert {name: first[name]["metrics"]["calm"]["mean"] for name in ("echo", "loud")} == {
        "echo": 1.0, "loud": 0.0,
    }  # fmt: skip
    assert first["echo"]["metrics"]["words"]["mean"] == 3
    assert first["loud"]["metrics"]["words"]["mean"] == 2
    assert first["echo"]["identity"]["package"] == "echo-models 1.0"
    run("verify", "--allow-code")
    run(*command)
    assert rows()["echo"]["counts"]["cached"] == 3

    _install(python, tmp_path / "source", "1.1")  # another version is another model and measure
    run(*command)
    second = rows()
    for name in ("echo", "loud"):
        assert second[name]["counts"]["cached"] == 0, name
    signatures = [board["echo"]["metrics"]["calm"]["signature"] for board in (first, second)]
    assert signatures[0] != signatures[1]
