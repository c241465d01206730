"""The wheel that people install: all that ships in it is found, apart from any checkout."""

import json
import os
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

pytest.importorskip("hatchling")

ROOT = Path(__file__).parent.parent
FROZEN = ROOT / "tests" / "frozen"

FOUND = """
from harness.files import shipped_path
from harness.leaderboard.leaderboard import SCHEMA_FILE, schema
from harness.models.roster.keys import ROSTER_MD, roster_markdown
import harness, json
print(harness.__file__)
assert json.loads(SCHEMA_FILE.read_text(encoding="utf-8")) == json.loads(json.dumps(schema()))
assert ROSTER_MD.read_text(encoding="utf-8") == roster_markdown()
for name in ("models.toml", "models-hub.toml", "prompts", "seeds", "goldens", "weights"):
    assert shipped_path(name).exists(), name
"""


@pytest.fixture(scope="module")
def site_packages(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The wheel, built and unpacked as pip unpacks it; what it needs comes from around the tests."""
    folder = tmp_path_factory.mktemp("wheel")
    build = [sys.executable, "-m", "hatchling", "build", "--target", "wheel", "--directory"]
    subprocess.run([*build, str(folder)], cwd=ROOT, check=True, capture_output=True, timeout=600)
    (wheel,) = folder.glob("*.whl")
    with zipfile.ZipFile(wheel) as file:
        file.extractall(folder / "site-packages")
    return folder / "site-packages"


def _python(site_packages: Path, at: Path, *arguments: str) -> str:
    """Run Python where no checkout is, with the wheel before whatever else is installed."""
    process = subprocess.run(
        [sys.executable, *arguments], cwd=at, env={**os.environ, "PYTHONPATH": str(site_packages)},
        check=False, capture_output=True, text=True, timeout=600,
    )  # fmt: skip
    assert process.returncode == 0, process.stderr
    return process.stdout


def test_files_beside_a_module_are_found(site_packages: Path, tmp_path: Path) -> None:
    module = _python(site_packages, tmp_path, "-c", FOUND).strip()
    assert module == str(site_packages / "harness" / "__init__.py")


def test_a_floor_runs_and_scores_as_in_the_record(site_packages: Path, tmp_path: Path) -> None:
    run = ["-m", "harness.cli", "eval", "--models", "lead-3,no-answer", "--out", "results"]
    assert "Report: results/report.html" in _python(site_packages, tmp_path, *run)
    assert "all equal" in _python(site_packages, tmp_path, "-m", "harness.cli", "verify", "results")
    rows, recorded = (
        {
            (row["model"], row["task"], row["scope"]): row["metrics"]
            for row in json.loads((folder / "leaderboard.json").read_text("utf-8"))["rows"]
        }
        for folder in (tmp_path / "results", FROZEN)
    )
    floors = {("lead-3", "summarize", "article"), ("best-sentence", "answer", "event")}
    assert floors <= set(rows)
    for name in floors:
        for metric, number in rows[name].items():
            assert number["mean"] == recorded[name][metric]["mean"], (name, metric)
