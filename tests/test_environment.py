"""What a run records of the code that made it, whatever git's variables name."""

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

import harness.environment

# What the code of a checkout says of itself, as a run records it.
RECORD = (
    "import json; from harness.environment import environment; told = environment(1); "
    "print(json.dumps([told['git_commit'], told['git_dirty']]))"
)

if not shutil.which("git"):
    pytest.skip("there is no git here", allow_module_level=True)


def _git(folder: Path, *arguments: str) -> str:
    variables = {name: value for name, value in os.environ.items() if not name.startswith("GIT_")}
    who = ["-c", "user.name=Ann", "-c", "user.email=ann@example.org"]
    return subprocess.run(
        ["git", "-C", str(folder), *who, *arguments],
        env=variables,
        capture_output=True,
        text=True,
        check=True,
    ).stdout.strip()


def _repository(folder: Path) -> Path:
    (folder / "harness").mkdir(parents=True)
    (folder / "harness" / "__init__.py").touch()
    shutil.copy(harness.environment.__file__, folder / "harness" / "environment.py")
    (folder / ".gitignore").write_text("__pycache__\n", encoding="utf-8")
    (folder / "README").write_text(f"This is {folder.name}.\n", encoding="utf-8")
    _git(folder, "init", "-q")
    _git(folder, "add", ".")
    _git(folder, "commit", "-q", "-m", f"The code of {folder.name}")
    return folder


@pytest.fixture
def ours(tmp_path: Path) -> Path:
    return _repository(tmp_path / "ours")


@pytest.fixture
def other(tmp_path: Path) -> Path:
    folder = _repository(tmp_path / "other")
    (folder / "uncommitted").touch()
    return folder


@pytest.mark.parametrize(
    "variables",
    [
        {},
        {"GIT_DIR": ".git"},
        {"GIT_DIR": ".git", "GIT_WORK_TREE": "."},
        {"GIT_WORK_TREE": "."},
        {"GIT_INDEX_FILE": ".git/index"},
        {"GIT_OBJECT_DIRECTORY": ".git/objects"},
    ],
)
def test_the_commit_is_that_of_the_code_whatever_git_is_told(
    ours: Path, other: Path, variables: dict[str, str]
) -> None:
    """The authority is git itself, asked in the checkout without any of its variables."""
    paths = {name: str(other / value) for name, value in variables.items()}
    told = subprocess.run(
        [sys.executable, "-P", "-c", RECORD],
        cwd=other,
        env=os.environ | {"PYTHONPATH": str(ours)} | paths,
        capture_output=True,
        text=True,
        check=True,
    ).stdout
    commit = _git(ours, "rev-parse", "HEAD")
    assert commit != _git(other, "rev-parse", "HEAD")
    assert json.loads(told) == [commit, False]


def test_in_a_hook_of_another_repository(ours: Path, other: Path) -> None:
    """Of a linked work tree, where git has to tell its hooks which repository it is."""
    linked = other.parent / "linked"
    _git(other, "worktree", "add", "-q", str(linked))
    hook = other / ".git" / "hooks" / "pre-commit"
    hook.parent.mkdir(exist_ok=True)
    hook.write_text(
        f'#!/bin/sh\nPYTHONPATH="{ours}" "{sys.executable}" -P -c "{RECORD}" > told\n',
        encoding="utf-8",
    )
    hook.chmod(0o755)
    _git(linked, "commit", "-q", "--allow-empty", "-m", "Nothing new")
    told = json.loads((linked / "told").read_text(encoding="utf-8"))
    assert told == [_git(ours, "rev-parse", "HEAD"), False]
