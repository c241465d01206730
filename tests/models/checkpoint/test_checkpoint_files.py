"""A folder's hash covers every file that loading it opens, and the folder of before has the same."""

import fnmatch
import hashlib
import json
import os
import shutil
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from harness.errors import HarnessError, WeightsError
from harness.models.checkpoint.checkpoint_files import READ_PATTERNS, read_files, tell_unread_shards
from harness.models.checkpoint.weights import FolderWeights
from harness.models.generative.causal import Causal
from harness.models.model import Model

Make = Callable[[str], Model]
Tiny = Callable[..., Path]

# FIPS 180-4's own example, and the hash of two braces.
SHA_ABC = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"
SHA_BRACES = "44136fa355b3678a1146ad16f7e8649e94fb4fc21fe77e8310c060f61caaff8a"


def _write(folder: Path, files: dict[str, str]) -> Path:
    for name, content in files.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(content, encoding="utf-8")
    return folder


def _hash(folder: Path) -> object:
    return FolderWeights(folder=folder).identity()["sha256"]


def test_a_flat_folder_has_the_hash_that_it_always_had(tmp_path: Path) -> None:
    """Stores and the frozen record have it: SHA-256 over the names and hashes, as sorted JSON."""
    files = {"config.json": "{}", "model.safetensors": "abc"}
    unread = {
        "README.md": "x", "modules.json": "[]", "data_config.json": "[]", "train.log": "x",
        "1_Pooling/config.json": "{}", "checkpoint-5/model.safetensors": "x",
        "custom_generate/generate.py": "x", "openvino/config.json": "{}",
    }  # fmt: skip
    text = f'{{"config.json":"{SHA_BRACES}","model.safetensors":"{SHA_ABC}"}}'
    expected = hashlib.sha256(text.encode()).hexdigest()
    assert _hash(_write(tmp_path / "flat", files)) == expected
    assert _hash(_write(tmp_path / "more", files | unread)) == expected
    shard = json.dumps({"weight_map": {"w": "model.safetensors", "v": "./model.safetensors"}})
    index = "model.safetensors.index.json"
    text = text.replace("}", f',"{index}":"{hashlib.sha256(shard.encode()).hexdigest()}"}}')
    expected = hashlib.sha256(text.encode()).hexdigest()
    assert _hash(_write(tmp_path / "sharded", files | {index: shard})) == expected


INDEX = json.dumps({"metadata": {}, "weight_map": {"w": "parts/a.safetensors"}})


@pytest.mark.parametrize(
    ("files", "read"),
    [
        ({"model.safetensors.index.json": INDEX}, "parts/a.safetensors"),
        ({}, "additional_chat_templates/rag.jinja"),
        ({"config.json": '{"transformers_weights": "parts/w.safetensors"}'}, "parts/w.safetensors"),
        (
            {"config.json": '{"text_config": {"transformers_weights": "parts/w.safetensors"}}'},
            "parts/w.safetensors",
        ),
        (
            {
                "config.json": '{"transformers_weights": "parts/x.safetensors.index.json"}',
                "parts/x.safetensors.index.json": INDEX,
            },
            "parts/a.safetensors",
        ),
        (
            {"tokenizer_config.json": '{"fast_tokenizer_files": ["fast/tokenizer.4.0.json"]}'},
            "fast/tokenizer.4.0.json",
        ),
        ({"config.json": '{"configuration_files": ["config.4.0.json"]}'}, "config.4.0.json"),
    ],
)
def test_what_lies_below_the_folder_and_is_read_is_in_its_hash(
    tmp_path: Path, files: dict[str, str], read: str
) -> None:
    folder = _write(tmp_path / "model", {"config.json": "{}"} | files)
    hashes = [_hash(folder)]
    for content in ("{}", "{ }"):
        _write(folder, {read: content})
        hashes.append(_hash(folder))
    blob = _write(tmp_path / "blobs", {"0": "{  }"}) / "0"
    (folder / read).unlink()
    (folder / read).symlink_to(blob)  # as the Hub's cache has it
    hashes.append(_hash(folder))
    blob.write_text("{   }", encoding="utf-8")
    hashes.append(_hash(folder))
    assert len(set(hashes)) == 5


@pytest.mark.parametrize(
    "name", ["../other/model.safetensors", "/etc/model.safetensors", "parts/../../w.safetensors"]
)
@pytest.mark.parametrize(
    ("file", "content"),
    [
        ("model.safetensors.index.json", {"weight_map": {"v": "w.safetensors", "w": "NAME"}}),
        ("config.json", {"transformers_weights": "NAME"}),
        ("tokenizer_config.json", {"fast_tokenizer_files": ["tokenizer.json", "NAME"]}),
    ],
)
def test_a_name_that_leads_out_of_the_folder_is_refused(
    tmp_path: Path, file: str, content: object, name: str
) -> None:
    text = json.dumps(content).replace("NAME", name)
    folder = _write(tmp_path / "model", {"config.json": "{}", file: text})
    _write(tmp_path / "other", {"model.safetensors": "abc"})
    with pytest.raises(WeightsError, match=rf"^\S+{file}: names '.*{name[-10:]}', which is not in"):
        _hash(folder)


@pytest.mark.parametrize(
    ("index", "message"),
    [
        (
            '{"weight_map": {"w": "parts/a.bin"}}',
            "names 'parts/a.bin', and weights are read from s",
        ),
        ('{"weight_map": {"w": 5}}', "has no `weight_map` of files; download it again"),
        ("{}", "has no `weight_map` of files; download it again"),
        ("[]", "must hold an object; download it again"),
        ("{", "not valid JSON"),
        ('{"weight_map": {"w": "a", "w": "b"}}', r"not valid JSON \('w' is given twice in one obj"),
        ("[" * 100_000, "not valid JSON"),
    ],
)
def test_an_index_that_cannot_be_followed_is_one_line(
    tmp_path: Path, index: str, message: str
) -> None:
    folder = _write(
        tmp_path, {"config.json": "{}", "model.safetensors.index.json": index, "parts/a.bin": "x"}
    )
    with pytest.raises(WeightsError, match=rf"^\S+index\.json: {message}") as caught:
        _hash(folder)
    assert "\n" not in str(caught.value)


def test_an_adapter_beside_a_model_is_refused(tmp_path: Path) -> None:
    files = {"config.json": "{}", "model.safetensors": "abc", "adapter_config.json": "{}"}
    with pytest.raises(WeightsError, match=r"adapter_config\.json: an adapter beside the model"):
        _hash(_write(tmp_path, files))


def test_shards_below_the_folder_count_as_weights(tmp_path: Path) -> None:
    files = {"model.safetensors.index.json": INDEX, "parts/a.safetensors": "abc", "x.gguf": "abcd"}
    folder = _write(tmp_path, files)
    assert FolderWeights(folder=folder).size() == 3
    assert FolderWeights(folder=folder, gguf="x.gguf").size() == 4
    assert FolderWeights(folder=tmp_path / "nowhere").size() is None


_recordings: list[list[Path]] = []


def _record(event: str, arguments: tuple[object, ...]) -> None:
    if _recordings and event == "open" and isinstance(arguments[0], str | os.PathLike):
        _recordings[-1].append(Path(os.fspath(arguments[0])).resolve())


@pytest.fixture(scope="module")
def hook() -> None:
    """See what Python opens. A hook of the interpreter stays for ever: this one is idle then."""
    sys.addaudithook(_record)


@contextmanager
def _opening() -> Iterator[list[Path]]:
    """Give the files that Python opens in the block."""
    _recordings.append([])
    try:
        yield _recordings[-1]
    finally:
        _recordings.pop()


def _spread(folder: Path) -> None:
    """Lay out a tiny checkpoint as large ones are: shards below it, and templates of their own."""
    from safetensors.torch import load_file, save_file

    weights = load_file(folder / "model.safetensors")
    (folder / "model.safetensors").unlink()
    (folder / "parts").mkdir()
    names = sorted(weights)
    halves = {"parts/1.safetensors": names[::2], "parts/2.safetensors": names[1::2]}
    for shard, chosen in halves.items():
        part = {name: weights[name] for name in chosen}
        save_file(part, folder / shard, metadata={"format": "pt"})
    weight_map = {name: shard for shard, chosen in halves.items() for name in chosen}
    index = json.dumps({"metadata": {}, "weight_map": weight_map})
    tokenizer = (folder / "tokenizer.json").read_text(encoding="utf-8")
    settings = json.loads((folder / "tokenizer_config.json").read_text(encoding="utf-8"))
    settings["fast_tokenizer_files"] = ["fast/tokenizer.4.0.0.json"]
    _write(
        folder,
        {
            "model.safetensors.index.json": index,
            "additional_chat_templates/rag.jinja": "{{ messages[0]['content'] }}",
            "fast/tokenizer.4.0.0.json": tokenizer,
            "tokenizer_config.json": json.dumps(settings),
            "added_tokens.json": "{}",
            "special_tokens_map.json": "{}",
            "unread/config.json": "{}",
        },
    )
    (folder / "tokenizer.json").unlink()


@pytest.mark.parametrize(
    ("kind", "name"),
    [("causal", "llama"), ("seq2seq", "bart"), ("extractive", "bert_qa"),
     ("embedding-lexrank", "bert")],
)  # fmt: skip
def test_all_that_loading_opens_is_in_the_hash(
    make_model: Make, tiny_folder: Tiny, tmp_path: Path, hook: None, kind: str, name: str
) -> None:
    """Shards and tokenizers are opened unseen, in Rust; that they are needed shows without them."""
    folder = tmp_path / name
    shutil.copytree(tiny_folder(name), folder)
    _spread(folder)
    entry = f'kind = "{kind}"\nweights = {{ folder = "{folder}" }}'
    with _opening() as opened:
        make_model(entry).load()
    below = {path for path in opened if path.is_relative_to(folder.resolve())}
    covered = read_files(folder)
    assert {"config.json", "additional_chat_templates/rag.jinja"} <= {
        path.relative_to(folder.resolve()).as_posix() for path in below
    }
    assert below <= {path.resolve() for path in covered.values()}
    for unseen in ("parts/1.safetensors", "parts/2.safetensors", "fast/tokenizer.4.0.0.json"):
        assert unseen in covered
        (folder / unseen).rename(tmp_path / "away")
        with pytest.raises(HarnessError):
            make_model(entry).load()
        (tmp_path / "away").rename(folder / unseen)
    assert not [name for name in covered if name.startswith("unread")]


def test_a_gguf_file_is_read_alone(
    make_model: Make,
    tiny_folder: Tiny,
    tmp_path: Path,
    hook: None,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Its key is its own hash: a tokenizer and templates beside it would change what it says."""
    monkeypatch.setenv("GOLDEN_HARNESS_CACHE", str(tmp_path / "cache"))
    alone, crowded = tmp_path / "alone", tmp_path / "crowded"
    for folder in (alone, crowded):
        folder.mkdir()
        shutil.copy(tiny_folder("gguf") / "tiny.gguf", folder)
    for path in tiny_folder("bert_qa").iterdir():
        shutil.copy(path, crowded)
    _write(crowded, {"additional_chat_templates/rag.jinja": "x", "chat_template.jinja": "y"})
    _write(crowded, {"adapter_config.json": "{}", "generation_config.json": '{"max_length": 7}'})
    tokenizers = []
    for folder in (crowded, alone):
        model = make_model(
            f'kind = "causal"\nweights = {{ folder = "{folder}", gguf = "tiny.gguf" }}'
        )
        assert isinstance(model, Causal)
        assert model.generation_settings() == {}
        with _opening() as opened:
            model.load()
        below = {path for path in opened if path.is_relative_to(folder.resolve())}
        assert below == {(folder / "tiny.gguf").resolve()}
        tokenizers.append((model._tokenizer.chat_template, len(model._tokenizer)))
        shutil.rmtree(tmp_path / "cache")
    assert tokenizers[0] == tokenizers[1]


def test_the_files_of_every_fast_tokenizer_are_read_files() -> None:
    """Held against the installed version of transformers, which has more of them each time."""
    from transformers import TokenizersBackend
    from transformers.models.auto.tokenization_auto import (
        TOKENIZER_MAPPING_NAMES,
        tokenizer_class_from_name,
    )

    classes = {tokenizer_class_from_name(name) for name in TOKENIZER_MAPPING_NAMES.values() if name}
    fast = [cls for cls in classes if cls is not None and issubclass(cls, TokenizersBackend)]
    assert len(fast) > 20
    names = {name for cls in fast for name in cls.vocab_files_names.values()}
    assert {"tokenizer.json", "vocab.txt", "merges.txt"} <= names
    assert not [
        name for name in names if not any(fnmatch.fnmatch(name, kind) for kind in READ_PATTERNS)
    ]


@pytest.mark.parametrize(
    ("shards", "told"),
    [(["model-1.safetensors"], True), (["model.safetensors", "./model.safetensors"], False)],
)
def test_shards_that_are_not_read_are_told_of(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], shards: list[str], told: bool
) -> None:
    (tmp_path / "model.safetensors").touch()
    tell_unread_shards(tmp_path)
    index = {"weight_map": {f"w{i}": shard for i, shard in enumerate(shards)}}
    (tmp_path / "model.safetensors.index.json").write_text(json.dumps(index), encoding="utf-8")
    tell_unread_shards(tmp_path)
    assert ("an index of shards, which are not" in capsys.readouterr().err) == told
