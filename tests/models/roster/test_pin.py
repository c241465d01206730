"""`harness models --pin` against a Hub on loopback: only what can move is written anew."""

import json
import subprocess
import sys
import tomllib
from collections.abc import Iterator
from pathlib import Path

import pytest

from harness.models.roster.roster import read_rosters
from tests.hub import COMMIT, Hub, serving

pytest.importorskip("tomlkit")
pytest.importorskip("huggingface_hub")

ROSTER = """\
# My models.

[first]   # the branch moves
kind = "seq2seq"
weights = { hub = "ann/tiny", revision = "main" }  # a comment that stays

[second]
kind = 'extractive'
[second.weights]
# a tag
hub = "ann/tiny"
revision = 'v1'
[second.adapter]
hub = "ann/tiny"
revision = "0123456"

[third]
kind = "causal"
weights.hub = "ann/tiny"
weights.gguf = "tiny.gguf"
weights.revision = "v1"

[fourth]
kind = "causal"
weights = { hub = "ann/tiny", revision = "ffffffffffffffffffffffffffffffffffffffff" }

[floor]
kind = "lead"
"""


@pytest.fixture
def hub(tmp_path: Path) -> Iterator[Hub]:
    (tmp_path / "model").mkdir()
    (tmp_path / "model" / "config.json").write_text("{}", encoding="utf-8")
    with serving(tmp_path / "model") as server:
        yield server


def _pin(hub: Hub, roster: Path, *more: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "harness", "models", "--roster", str(roster), "--pin"]
    return subprocess.run(
        [*command, *more], env=hub.environment, capture_output=True, text=True, check=False
    )


def _write(tmp_path: Path, text: str) -> Path:
    path = tmp_path / "mine.toml"
    path.write_text(text, encoding="utf-8", newline="")
    return path


@pytest.mark.parametrize("line_end", ["\n", "\r\n"])
def test_the_commit_stands_where_the_branch_stood_and_all_else_stays(
    hub: Hub, tmp_path: Path, line_end: str
) -> None:
    roster = _write(tmp_path, ROSTER.replace("\n", line_end))
    done = _pin(hub, roster)
    assert done.returncode == 0, done.stderr
    expected = ROSTER.replace('"main"', f'"{COMMIT}"').replace("'v1'", f'"{COMMIT}"')
    expected = expected.replace('"v1"', f'"{COMMIT}"').replace('"0123456"', f'"{COMMIT}"')
    assert roster.read_bytes().decode() == expected.replace("\n", line_end)
    told = [line.split()[:5] for line in done.stdout.splitlines() if COMMIT in line]
    assert told == [
        ["first", "weights", "ann/tiny", "main", COMMIT],
        ["second", "weights", "ann/tiny", "v1", COMMIT],
        ["second", "adapter", "ann/tiny", "0123456", COMMIT],
        ["third", "weights", "ann/tiny", "v1", COMMIT],
    ]
    assert list(read_rosters([roster])) == ["first", "second", "third", "fourth", "floor"]
    asked = len(hub.asked)
    again = _pin(hub, roster)
    assert "every revision is a commit already" in again.stdout
    assert len(hub.asked) == asked


def test_a_missing_revision_becomes_that_of_the_main_branch(hub: Hub, tmp_path: Path) -> None:
    roster = _write(tmp_path, '[m]\nkind = "causal"\nweights = { hub = "ann/tiny" }\n')
    done = _pin(hub, roster, "--json")
    assert json.loads(done.stdout) == {
        str(roster): [
            {
                "model": "m",
                "table": "weights",
                "repository": "ann/tiny",
                "old": None,
                "new": COMMIT,
                "from_cache": False,
            }
        ]
    }
    weights = tomllib.loads(roster.read_text(encoding="utf-8"))["m"]["weights"]
    assert weights == {"hub": "ann/tiny", "revision": COMMIT}


@pytest.mark.parametrize(
    ("weights", "message"),
    [
        ('{ hub = "ann/tiny", revision = "v9" }', "no such commit, branch or tag; correct `revi"),
        ('{ hub = "ann/huge", revision = "main" }', "the Hub has no such model that you may see"),
    ],
)
def test_what_the_hub_does_not_know_is_one_line_and_nothing_is_written(
    hub: Hub, tmp_path: Path, weights: str, message: str
) -> None:
    text = (
        '[a]\nkind = "causal"\nweights = { hub = "ann/tiny", revision = "main" }\n'
        f'[b]\nkind = "causal"\nweights = {weights}\n'
    )
    roster = _write(tmp_path, text)
    done = _pin(hub, roster)
    assert done.returncode == 2
    assert len(done.stderr.splitlines()) == 2  # the first says what the command is about
    assert f"{roster}: b.weights: " in done.stderr
    assert message in done.stderr
    assert roster.read_text(encoding="utf-8") == text


def test_without_a_network_the_cache_says_what_the_branch_was(hub: Hub, tmp_path: Path) -> None:
    text = '[m]\nkind = "causal"\nweights = { hub = "ann/tiny", revision = "main" }\n'
    roster = _write(tmp_path, text)
    hub.answers = False
    done = _pin(hub, roster)
    assert done.returncode == 2
    assert "m.weights: ann/tiny at main: its commit is not known on this disk, and " in done.stderr
    assert "try again with a network, or give the commit" in done.stderr
    hub.answers = True
    download = "import huggingface_hub as h; h.snapshot_download('ann/tiny')"
    subprocess.run([sys.executable, "-c", download], env=hub.environment, check=True)
    hub.answers = False
    done = _pin(hub, roster)
    assert done.returncode == 0, done.stderr
    assert "this disk, as last downloaded" in done.stdout
    assert roster.read_text(encoding="utf-8") == text.replace("main", COMMIT)


def test_a_roster_that_is_no_toml_is_told_as_everywhere(hub: Hub, tmp_path: Path) -> None:
    done = _pin(hub, _write(tmp_path, "[m\n"))
    assert done.returncode == 2
    assert "mine.toml: not valid TOML: " in done.stderr
