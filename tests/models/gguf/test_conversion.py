import os
import shutil
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from harness.errors import WeightsError
from harness.models.generative.causal import Causal
from harness.models.gguf.conversion import cache_folder
from harness.models.low_bit.block_linear import BlockLinear
from harness.models.model import Model
from harness.models.roster.roster import read_rosters
from harness.records import Prediction, Query
from harness.suite.suite import read_suite

Make = Callable[[str], Model]
Tiny = Callable[..., Path]

QUERIES = [
    example.query for task in ("answer", "summarize") for example in read_suite().examples(task)[:3]
]


@pytest.fixture
def cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A cache of one's own, empty."""
    monkeypatch.setenv("GOLDEN_HARNESS_CACHE", str(tmp_path / "cache"))
    return cache_folder()


def _model(make_model: Make, tiny_folder: Tiny, more: str = "") -> Causal:
    folder = tiny_folder("gguf")
    model = make_model(
        f'kind = "causal"\nweights = {{ folder = "{folder}", gguf = "tiny.gguf" }}\n{more}'
    )
    assert isinstance(model, Causal)
    return model


def _run(model: Causal) -> list[Prediction]:
    model.load()
    return model.predict(QUERIES)


def _conversions(cache: Path) -> list[Path]:
    return sorted(cache.iterdir()) if cache.is_dir() else []


def _has_weight(module: Any) -> bool:
    return getattr(module, "weight", None) is not None


def _is_in_blocks(module: Any) -> bool:
    return isinstance(module, BlockLinear)


@pytest.mark.parametrize("dtype", ["float32", "bfloat16"])
def test_the_conversion_says_what_the_file_says(
    make_model: Make,
    tiny_folder: Tiny,
    cache: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    dtype: str,
) -> None:
    """The authority is transformers' own reading of the GGUF file."""
    import torch

    more = f'dtype = "{dtype}"'
    first = _model(make_model, tiny_folder, more)
    made = _run(first)
    (folder,) = _conversions(cache)
    assert first.files.gguf is None
    again = _model(make_model, tiny_folder, more)
    assert _run(again) == made
    assert _conversions(cache) == [folder]
    blocked = tmp_path / "a-file"
    blocked.touch()
    monkeypatch.setenv("GOLDEN_HARNESS_CACHE", str(blocked))
    direct = _model(make_model, tiny_folder, more)
    assert _run(direct) == made
    assert direct.files.gguf == "tiny.gguf"
    assert len({p.raw for p in made}) > 3
    ours, theirs = (
        {
            name: module.weight
            for name, module in model._module.named_modules()
            if _has_weight(module)
        }
        for model in (again, direct)
    )
    assert ours.keys() == theirs.keys()
    assert all(torch.equal(ours[name], theirs[name]) for name in ours)
    in_blocks = {name for name, module in again._module.named_modules() if _is_in_blocks(module)}
    assert len(in_blocks) == (15 if dtype == "float32" else 0)  # of two layers, and the last
    assert (
        again._loaded[0].backend_tokenizer.to_str() == direct._loaded[0].backend_tokenizer.to_str()
    )
    assert again._loaded[0].chat_template == direct._loaded[0].chat_template
    assert again.identity("answer") == direct.identity("answer")


@pytest.mark.parametrize("damage", ["short", "changed", "gone"])
def test_a_damaged_conversion_is_made_anew(
    make_model: Make, tiny_folder: Tiny, cache: Path, damage: str
) -> None:
    made = _run(_model(make_model, tiny_folder))
    (folder,) = _conversions(cache)
    weights = folder / "model.safetensors"
    content = weights.read_bytes()
    if damage == "gone":
        weights.unlink()
    else:
        weights.write_bytes(content[:-4] if damage == "short" else content[:-4] + b"\0\1\2\3")
    assert _run(_model(make_model, tiny_folder)) == made
    assert weights.read_bytes() == content


def test_what_a_killed_process_left_is_removed_after_a_day(
    make_model: Make, tiny_folder: Tiny, cache: Path
) -> None:
    cache.mkdir(parents=True)
    old, new = cache / ".unfinished-old", cache / ".unfinished-new"
    for folder in (old, new):
        folder.mkdir()
    os.utime(old, (time.time() - 90_000,) * 2)
    _run(_model(make_model, tiny_folder))
    assert not old.exists()
    assert new.exists()  # another process may be at work on it


SCRIPT = """
import sys
from pathlib import Path
from harness.models.roster.roster import read_rosters
from harness.records import Query
model = read_rosters([Path(sys.argv[1])])["model"].model
model.load()
print(ascii(model.predict([Query("answer", "Ann met Bob.", "Who met Bob?")])[0].raw))
"""


def _start(roster: Path, **environment: str) -> subprocess.Popen[str]:
    kept = {name: value for name, value in os.environ.items() if "CACHE" not in name}
    return subprocess.Popen(
        [sys.executable, "-c", SCRIPT, str(roster)],
        env={**kept, **environment},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


@pytest.fixture
def roster(tmp_path: Path, tiny_folder: Tiny) -> Path:
    path = tmp_path / "tiny.toml"
    path.write_text(
        '[model]\nkind = "causal"\n'
        f'weights = {{ folder = "{tiny_folder("gguf")}", gguf = "tiny.gguf" }}\n',
        encoding="utf-8",
    )
    return path


@pytest.mark.minutes
def test_two_processes_may_convert_at_once(roster: Path, tmp_path: Path) -> None:
    both = [_start(roster, GOLDEN_HARNESS_CACHE=str(tmp_path / "both")) for _ in range(2)]
    said = [one.communicate(timeout=600) for one in both]
    assert [one.returncode for one in both] == [0, 0], said
    assert said[0][0] == said[1][0]
    assert "gguf" not in said[0][1] + said[1][1]
    assert len(list((tmp_path / "both" / "gguf").iterdir())) == 1


def test_without_a_home_it_still_runs_and_says_so_in_one_line(
    roster: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.delenv("GOLDEN_HARNESS_CACHE", raising=False)
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "xdg"))
    usual = read_rosters([roster])["model"].model
    usual.prepare()
    (expected,) = usual.predict([Query("answer", "Ann met Bob.", "Who met Bob?")])
    assert "gguf" not in capsys.readouterr().err
    assert (tmp_path / "xdg" / "golden-harness" / "gguf").is_dir()
    blocked = tmp_path / "a-file"
    blocked.touch()
    homeless = _start(roster, HOME=str(blocked / "nonexistent"))
    out, errors = homeless.communicate(timeout=600)
    assert (out, homeless.returncode) == (f"{expected.raw!a}\n", 0)
    (line,) = [line for line in errors.splitlines() if "gguf" in line]
    assert line.startswith(
        "harness: tiny.gguf is read slowly each time: its conversion cannot be kept ("
    )


def test_a_gguf_file_that_is_not_there_is_refused(make_model: Make, tmp_path: Path) -> None:
    model = make_model(f'kind = "causal"\nweights = {{ folder = "{tmp_path}", gguf = "no.gguf" }}')
    with pytest.raises(WeightsError, match=r"there is no no\.gguf; correct `folder` or `gguf`"):
        model.identity("answer")


def test_an_estimate_reads_the_file_as_it_is(
    make_model: Make, tiny_folder: Tiny, cache: Path
) -> None:
    """Nothing is converted for its tokens, which are those of the conversion."""
    model = _model(make_model, tiny_folder)
    before = [model.estimate(query) for query in QUERIES]
    assert _conversions(cache) == []
    model.unload()
    model.prepare()
    assert len(_conversions(cache)) == 1
    assert [model.estimate(query) for query in QUERIES] == before


def test_each_file_has_its_own_conversion(make_model: Make, tiny_folder: Tiny, cache: Path) -> None:
    """One cache holds those of all files, and gives none for another."""
    windows = []
    for options in ({}, {"window": 512}, {}):
        folder = tiny_folder("gguf", **options)
        model = make_model(
            f'kind = "causal"\nweights = {{ folder = "{folder}", gguf = "tiny.gguf" }}\n'
        )
        assert isinstance(model, Causal)
        model.load()
        windows.append(model._module.config.max_position_embeddings)
    assert windows == [4096, 512, 4096]
    assert len(_conversions(cache)) == 2


def test_a_conversion_of_another_file_is_made_anew(
    make_model: Make, tiny_folder: Tiny, cache: Path
) -> None:
    """Whatever put it there: its manifest says what it was made from."""
    _model(make_model, tiny_folder).load()
    (own,) = _conversions(cache)
    folder = tiny_folder("gguf", window=512)
    toml = f'kind = "causal"\nweights = {{ folder = "{folder}", gguf = "tiny.gguf" }}\n'
    make_model(toml).load()
    (other,) = set(_conversions(cache)) - {own}
    shutil.rmtree(other)
    shutil.copytree(own, other)
    again = make_model(toml)
    assert isinstance(again, Causal)
    again.load()
    assert again._module.config.max_position_embeddings == 512
