"""What is built to be published: it holds what ships and nothing unlicensed, and it runs by itself."""

import hashlib
import json
import os
import subprocess
import sys
import sysconfig
import tarfile
import venv
import zipfile
from collections.abc import Iterator, Mapping
from pathlib import Path

import pytest

from harness.text import sentences

pytest.importorskip("hatchling")
pytest.importorskip("pip", reason="an environment that uv made has no pip")

ROOT = Path(__file__).parent.parent
WORDS = 5  # a sentence of fewer may stand anywhere

FOUND = """
from harness.files import package_path, shipped_path
from harness.leaderboard.leaderboard import SCHEMA_FILE, schema
import harness, json
print(harness.__file__)
assert json.loads(SCHEMA_FILE.read_text(encoding="utf-8")) == json.loads(json.dumps(schema()))
for name in ("models.toml", "models-hub.toml", "prompts", "weights"):
    assert shipped_path(name).exists(), name
for name in ("demo/seeds/manifest.toml", "demo/goldens", "demo/LICENSE"):
    assert package_path(name).exists(), name
"""


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with the sdist and the wheel, as hatchling makes them from the checkout."""
    return _build(ROOT, tmp_path_factory.mktemp("built"))


def _build(source: Path, folder: Path) -> Path:
    build = [sys.executable, "-m", "hatchling", "build", "--directory", str(folder)]
    subprocess.run(build, cwd=source, check=True, capture_output=True, timeout=600)
    return folder


def _wheel_files(folder: Path) -> Mapping[str, bytes]:
    (wheel,) = folder.glob("*.whl")
    with zipfile.ZipFile(wheel) as file:
        return {name: file.read(name) for name in file.namelist() if not name.endswith("/RECORD")}


def _sdist_files(folder: Path) -> Mapping[str, bytes]:
    (sdist,) = folder.glob("*.tar.gz")
    with tarfile.open(sdist) as file:
        return {
            member.name.partition("/")[2]: content.read()
            for member in file
            if (content := file.extractfile(member))
        }


@pytest.fixture(scope="module")
def scripts(built: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The commands of an environment with the wheel; what it needs comes from around the tests."""
    environment = tmp_path_factory.mktemp("wheel") / "environment"
    venv.create(environment, symlinks=True)
    scripts = environment / ("Scripts" if os.name == "nt" else "bin")
    python = scripts / "python"
    (wheel,) = built.glob("*.whl")
    pip = [sys.executable, "-m", "pip", "--python", str(python), "install", "--no-deps"]
    subprocess.run([*pip, str(wheel)], check=True, capture_output=True, timeout=600)
    # Added by its path alone, so the checkout that may be installed in there is not found.
    base = {"base": str(environment), "platbase": str(environment)}
    (Path(sysconfig.get_path("purelib", vars=base)) / "around.pth").write_text(
        f"{sysconfig.get_path('purelib')}\n{sysconfig.get_path('platlib')}\n"
    )
    return scripts


def _run(command: Path, at: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    """Run a command of the wheel's environment where no checkout is."""
    variables = {name: value for name, value in os.environ.items() if name != "PYTHONPATH"}
    return subprocess.run(
        [command, *arguments], cwd=at, env=variables,
        check=False, capture_output=True, text=True, timeout=600,
    )  # fmt: skip


def test_files_beside_a_module_are_found(scripts: Path, tmp_path: Path) -> None:
    done = _run(scripts / "python", tmp_path, "-c", FOUND)
    assert done.returncode == 0, done.stderr
    assert Path(done.stdout.strip()).is_relative_to(scripts.parent)


def test_the_demo_runs_from_an_empty_folder(scripts: Path, tmp_path: Path) -> None:
    harness = scripts / "harness"
    assert _run(harness, tmp_path, "--version").stdout == "harness 0.1.0\n"
    suite = ("--suite", "demo")
    run = _run(harness, tmp_path, "eval", *suite, "--models", "lead-3,no-answer", "--out", "run")
    assert run.returncode == 0, run.stderr
    assert "Report: run/report.html" in run.stdout
    written = _run(harness, tmp_path, "report", "run", "--out", "page.html")
    assert written.returncode == 0, written.stderr
    page = (tmp_path / "page.html").read_text(encoding="utf-8")
    assert "Lady Wren" in page
    verified = _run(harness, tmp_path, "verify", "run")
    assert verified.returncode == 0, verified.stderr
    assert "all equal" in verified.stdout
    leaderboard = json.loads((tmp_path / "run" / "leaderboard.json").read_text(encoding="utf-8"))
    (row,) = [
        row
        for row in leaderboard["rows"]
        if (row["model"], row["task"], row["scope"]) == ("no-answer", "answer", "article")
    ]
    # Three of the twelve questions about each article have no answer there.
    assert row["metrics"]["exact_match"]["mean"] == 0.25


def test_the_demo_is_taken_where_the_shipped_articles_are_not(
    scripts: Path, tmp_path: Path
) -> None:
    listed = _run(scripts / "harness", tmp_path, "articles", "--format", "json")
    assert [article["article"] for article in json.loads(listed.stdout)["articles"]] == [
        "bridge-closed", "ferry-first-week", "library-afloat", "osier-bridge",
    ]  # fmt: skip
    refused = _run(scripts / "harness", tmp_path, "articles", "-q", "--suite", "shipped")
    assert refused.returncode == 2
    assert "take --suite demo" in refused.stderr
    assert refused.stderr.count("\n") == 1


def test_nothing_unlicensed_is_published(built: Path) -> None:
    unlicensed = set(_sentences_of_the_seeds())
    assert len(unlicensed) > 150
    for name, content in {**_wheel_files(built), **_sdist_files(built)}.items():
        text = " ".join(content.decode("utf-8", errors="ignore").split())
        assert [sentence for sentence in unlicensed if sentence in text] == [], name


def _sentences_of_the_seeds() -> Iterator[str]:
    """Yield the sentences of the shipped articles and their goldens, with their pages around them."""
    files = [*ROOT.glob("seeds/*.txt"), *ROOT.glob("goldens/*.yaml")]
    for path in files:
        text = path.read_text(encoding="utf-8")
        if path.suffix == ".yaml":  # a sentence goes over several lines, and a text ends at a dash
            text = " ".join(text.split()).replace(" - ", "\n").replace(">-", "\n")
        for sentence in sentences(text):
            normalized = " ".join(sentence.text.split())
            if len(normalized.split()) >= WORDS:
                yield normalized


def test_the_sdist_builds_the_very_same_wheel(built: Path, tmp_path: Path) -> None:
    for name, content in _sdist_files(built).items():
        path = tmp_path / "source" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)
    again = _build(tmp_path / "source", tmp_path / "again")
    wheels = [
        {name: hashlib.sha256(content).hexdigest() for name, content in files.items()}
        for files in (_wheel_files(built), _wheel_files(again))
    ]
    assert wheels[0] == wheels[1]
