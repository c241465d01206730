"""Hub models against a Hub on loopback that counts what it is asked, and one that is not there."""

import json
import os
import re
import shutil
import socket
import subprocess
import sys
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path

import pytest

from tests.hub import COMMIT, REPOSITORY, Hub, serving

pytest.importorskip("transformers")


@pytest.fixture
def hub(tiny_folder: Callable[..., Path], tmp_path: Path) -> Iterator[Hub]:
    with serving(shutil.copytree(tiny_folder("bart"), tmp_path / "model")) as server:
        yield server


@pytest.fixture
def evaluate(suite_folder: Path, tmp_path: Path) -> Callable[..., list[dict[str, object]]]:
    """Run `harness eval` with a Hub model in a process of its own, and return its predictions."""
    roster = tmp_path / "mine.toml"
    roster.write_text(
        '[tiny]\nkind = "seq2seq"\nmax_new_tokens = 4\n'
        f'weights = {{ hub = "{REPOSITORY}", revision = "{COMMIT}" }}\n',
        encoding="utf-8",
    )

    def run(environment: Mapping[str, str], code: int) -> list[dict[str, object]]:
        out = tmp_path / "out"
        arguments = ["--suite", suite_folder, "--roster", roster, "--out", out]
        done = subprocess.run(
            [sys.executable, "-m", "harness", "eval", *map(str, arguments)],
            env={**environment, "PYTHONPATH": os.pathsep.join(sys.path)},
            cwd=tmp_path,
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == code, done.stderr
        lines = (out / "predictions.jsonl").read_text(encoding="utf-8").splitlines()
        return [line for line in map(json.loads, lines) if line["model"] == "tiny"]

    return run


def _fetch(environment: Mapping[str, str], **weights: str) -> str:
    """Return what fetching a Hub model in a process of its own comes to: its files, or why not."""
    code = (
        "import sys, json\n"
        "from harness.errors import HarnessError\n"
        "from harness.models.checkpoint.weights import HubWeights\n"
        "try: print(*sorted(p.name for p in HubWeights(**json.loads(sys.argv[1])).fetch()"
        ".folder.iterdir()))\n"
        "except HarnessError as error: print(error)"
    )
    keys = {"hub": REPOSITORY, "revision": COMMIT, **weights}
    done = subprocess.run(
        [sys.executable, "-c", code, json.dumps(keys)],
        env=dict(environment),
        capture_output=True,
        text=True,
        check=True,
    )
    return done.stdout.strip()


def test_a_model_in_the_cache_needs_no_network(
    hub: Hub, evaluate: Callable[..., list[dict[str, object]]], tmp_path: Path
) -> None:
    first = evaluate(hub.environment, 0)
    assert first
    assert not [line for line in first if "error" in line]
    assert any("model.safetensors" in path for path in hub.asked)
    shutil.rmtree(tmp_path / "out")
    (tmp_path / REPOSITORY).mkdir(parents=True)  # which transformers would read for the name
    (tmp_path / REPOSITORY / "config.json").write_text("{}", encoding="utf-8")
    hub.asked.clear()
    hub.answers = False
    second = evaluate(hub.environment | {"HF_HUB_DISABLE_TELEMETRY": "0"}, 0)
    assert hub.asked == []
    assert [line["text"] for line in second] == [line["text"] for line in first]


def test_a_hub_that_does_not_answer_is_asked_once_for_a_model(
    hub: Hub, evaluate: Callable[..., list[dict[str, object]]]
) -> None:
    hub.answers = False
    lines = evaluate(hub.environment, 3)
    assert hub.asked == [f"/api/models/{REPOSITORY}/revision/{COMMIT}"]
    error = str(lines[0]["error"])
    assert error.startswith(
        f"WeightsError: {REPOSITORY} at {COMMIT}: not on this disk, and http://127.0.0.1:"
    )
    assert f"try again with a network, or run `hf download {REPOSITORY} --revision {COMMIT}`" in (
        error
    )


def _refusing_port() -> str:
    with socket.socket() as probe:  # free again when this ends
        probe.bind(("127.0.0.1", 0))
        return f"http://127.0.0.1:{probe.getsockname()[1]}"


@pytest.mark.parametrize(
    ("variables", "message"),
    [
        ({"HF_ENDPOINT": _refusing_port()}, "cannot be reached (ConnectError: "),
        ({"HF_ENDPOINT": "http://hub.invalid"}, "http://hub.invalid cannot be reached (Connect"),
        ({"HF_HUB_OFFLINE": "1"}, "HF_HUB_OFFLINE forbids to ask the Hub"),
    ],
)
def test_no_network_is_one_line(hub: Hub, variables: dict[str, str], message: str) -> None:
    said = _fetch(hub.environment | variables)
    assert said.startswith(f"{REPOSITORY} at {COMMIT}: not on this disk, and ")
    assert message in said
    assert "\n" not in said
    assert hub.asked == []


@pytest.mark.parametrize(
    ("weights", "message"),
    [
        ({"hub": "ann/huge"}, "ann/huge at .*: the Hub has no such model that you may see"),
        ({"revision": "f" * 40}, "the model has no such commit, branch or tag"),
    ],
)
def test_what_the_hub_does_not_have(hub: Hub, weights: dict[str, str], message: str) -> None:
    assert re.search(message, _fetch(hub.environment, **weights))
    assert len(hub.asked) == 1


def test_only_what_is_read_is_downloaded(hub: Hub) -> None:
    for name in ("pytorch_model.bin", "modeling_own.py", "tiny.gguf"):
        (hub.folder / name).write_bytes(b"x")
    names = _fetch(hub.environment).split()
    assert {"config.json", "model.safetensors", "tokenizer.json"} <= {*names}
    assert not {"pytorch_model.bin", "modeling_own.py", "tiny.gguf"} & {*names}
    hub.asked.clear()
    assert _fetch(hub.environment).split() == names  # though the Hub has more
    assert hub.asked == []
    assert "tiny.gguf" in _fetch(hub.environment, gguf="tiny.gguf").split()


def test_a_cache_that_something_wrote_to_is_refused(hub: Hub) -> None:
    """What is read is the commit's, by git's and git-lfs's own hashes, or it is not read."""
    _fetch(hub.environment)
    (snapshot,) = Path(hub.environment["HF_HOME"]).glob(f"hub/*/snapshots/{COMMIT}")
    code = (
        "import sys, pathlib\n"
        "from harness.errors import HarnessError\n"
        "from harness.models.checkpoint.weights import HubWeights\n"
        "for path in map(pathlib.Path, sys.argv[3:]):\n"
        "    before = path.read_bytes() if path.is_file() else None\n"
        "    weights = HubWeights(hub=sys.argv[1], revision=sys.argv[2])\n"
        "    if before is None: assert weights.seal.untouched()\n"
        "    path.write_bytes((before or b'x')[:-1] + b'?')\n"
        "    weights = HubWeights(hub=sys.argv[1], revision=sys.argv[2])\n"
        "    try: print(weights.seal)\n"
        "    except HarnessError as error: print(error)\n"
        "    path.write_bytes(before) if before else path.unlink()"
    )
    names = ("model.safetensors", "generation_config.json", "chat_template.jinja")
    done = subprocess.run(
        [sys.executable, "-c", code, REPOSITORY, COMMIT, *(str(snapshot / name) for name in names)],
        env=hub.environment,
        capture_output=True,
        text=True,
        check=True,
    )
    assert done.stdout.splitlines() == [
        f"{REPOSITORY} at {COMMIT}: {snapshot / name} is not the commit's file: something wrote to "
        f"the Hub's cache; remove {snapshot.parents[1]} and run again to download it"
        for name in names
    ]


def test_what_another_program_left_is_used_where_there_is_no_network(hub: Hub) -> None:
    """It left single files and no list of all: the Hub is asked for the rest, if it answers."""
    code = (
        "import sys, huggingface_hub as h\n"
        "for name in ('config.json', 'model.safetensors'):\n"
        "    h.hf_hub_download(*sys.argv[1:2], name, revision=sys.argv[2])"
    )
    subprocess.run(
        [sys.executable, "-c", code, REPOSITORY, COMMIT], env=hub.environment, check=True
    )
    hub.answers = False
    assert _fetch(hub.environment).split() == ["config.json", "model.safetensors"]
    hub.answers = True
    assert "tokenizer.json" in _fetch(hub.environment).split()


def test_a_dry_run_asks_nobody(hub: Hub, suite_folder: Path, tmp_path: Path) -> None:
    roster = tmp_path / "mine.toml"
    roster.write_text(
        '[tiny]\nkind = "seq2seq"\nmax_new_tokens = 4\n'
        f'weights = {{ hub = "{REPOSITORY}", revision = "{COMMIT}" }}\n',
        encoding="utf-8",
    )
    arguments = ["--suite", suite_folder, "--roster", roster, "--out", tmp_path / "out"]
    command = [sys.executable, "-m", "harness", "eval", *map(str, arguments), "--dry-run"]

    def told() -> str:
        return subprocess.run(
            command, env=hub.environment, capture_output=True, text=True, check=True
        ).stdout

    assert "Tokens are not known of tiny: the model is not on this disk yet" in told()
    assert hub.asked == []
    _fetch(hub.environment)
    hub.asked.clear()
    assert "Tokens are not known" not in told()
    assert hub.asked == []
