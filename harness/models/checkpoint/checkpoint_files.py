"""The files of a checkpoint: which of them loaders may read, in its folder and below it."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import Any

from harness.encoding import IS_LFS_POINTER, is_lfs_pointer
from harness.errors import WeightsError
from harness.files import parse_json
from harness.models.checkpoint.seal import Seal
from harness.progress import note

READ_PATTERNS = ("*.json", "*.txt", "*.model", "*.jinja", "*.tiktoken", "*.safetensors", "*.gguf")
# Text that says something about a model and cannot change what it does.
_IGNORED = ("README.md", "data_config.json", "modules.json")
# Below the folder transformers reads templates from here, and what the files in it name.
_NAMED_TEMPLATES = "additional_chat_templates/*.jinja"
_SHARD_INDEX = ".safetensors.index.json"
_ADAPTER_CONFIG = "adapter_config.json"


@dataclass(frozen=True)
class CheckpointFiles:
    """A checkpoint on the disk: its folder, and the GGUF file in it if it is one.

    `seal` is that of files which we made ourselves: a GGUF file's conversion.
    """

    folder: Path
    gguf: str | None = None
    seal: Seal | None = None


def read_json_object(path: Path) -> dict[str, Any] | None:
    """Return a JSON file's object, `None` if there is no such file; raise WeightsError."""
    if not path.is_file():
        return None
    try:
        content = parse_json(path.read_text(encoding="utf-8"))
    except (ValueError, RecursionError) as error:
        raise WeightsError(f"{path}: not valid JSON ({error}); download it again") from None
    if not isinstance(content, dict):
        raise WeightsError(f"{path}: must hold an object; download it again")
    return content


def read_files(folder: Path, patterns: Sequence[str] = READ_PATTERNS) -> dict[str, Path]:
    """Return the files that loaders may read, by their paths from the folder.

    Those are the files in it, by `patterns`; named chat templates; and what other files name:
    shards in folders below it, weights, a tokenizer. What is named and not there is left out: if it
    is needed, loading fails. Raises WeightsError for a name that leads out of the folder, for
    shards that are no safetensors, for a pipe or a device in a file's place, which could be read
    for ever, and for what Git LFS leaves in it.
    """
    paths = [path for pattern in (*patterns, _NAMED_TEMPLATES) for path in folder.glob(pattern)]
    for path in paths:
        _refuse_no_file(path)
    files = {path.relative_to(folder).as_posix(): path for path in paths if path.is_file()}
    files = {name: path for name, path in files.items() if name not in _IGNORED}
    unread = [*files]
    while unread:
        name = unread.pop()
        for named in _names_in(name, files[name]):
            place = PurePosixPath(named)
            if place.is_absolute() or ".." in place.parts:
                raise WeightsError(
                    f"{files[name]}: names {named[:80]!r}, which is not in its folder; copy the "
                    "file there, and name it as it lies there"
                )
            if str(place) not in files and (folder / place).is_file():
                files[str(place)] = folder / place
                unread.append(str(place))
    return files


def _refuse_no_file(path: Path) -> None:
    if path.exists() and not path.is_file() and not path.is_dir():
        raise WeightsError(f"{path}: is a pipe or a device; put the file itself there")
    if path.is_file() and is_lfs_pointer(path):
        raise WeightsError(f"{path}: {IS_LFS_POINTER}")


def _names_in(name: str, path: Path) -> Iterator[str]:
    """Yield the files that a file of a checkpoint names, as they stand there."""
    if name.endswith(_SHARD_INDEX):
        shards = (read_json_object(path) or {}).get("weight_map")
        if not isinstance(shards, dict) or not all(isinstance(x, str) for x in shards.values()):
            raise WeightsError(f"{path}: has no `weight_map` of files; download it again")
        for shard in sorted(set(shards.values())):
            if not shard.endswith(".safetensors"):
                raise WeightsError(
                    f"{path}: names {shard[:80]!r}, and weights are read from safetensors alone"
                )
            yield shard
    elif name.startswith("config.") and name.endswith(".json"):
        yield from _values_of("transformers_weights", read_json_object(path))
    elif name == "tokenizer_config.json":
        yield from _values_of("fast_tokenizer_files", read_json_object(path))


def _values_of(key: str, content: object) -> Iterator[str]:
    """Yield the texts that stand under a key, or in lists under it, however deep."""
    if isinstance(content, dict):
        for name, value in content.items():
            values = value if isinstance(value, list) else [value]
            if name == key:
                yield from (text for text in values if isinstance(text, str))
            for inner in values:
                yield from _values_of(key, inner)


def weights_size(folder: Path, gguf: str | None) -> int | None:
    """Return the size of a folder's weights in bytes, shards below it included; `None` for none."""
    try:
        files = {gguf: folder / gguf} if gguf else read_files(folder)
    except WeightsError:
        return None
    weights = [path for name, path in files.items() if name.endswith(gguf or ".safetensors")]
    return sum(path.stat().st_size for path in weights if path.is_file()) or None


def refuse_unnamed_adapter(folder: Path) -> None:
    """Raise WeightsError for an adapter beside a model: it would be loaded, or not, unasked.

    With peft installed transformers loads it unmerged, and tells of it alone what it lacks.
    """
    if (folder / _ADAPTER_CONFIG).is_file():
        raise WeightsError(
            f"{folder / _ADAPTER_CONFIG}: an adapter beside the model would change what it says "
            "without a word; name it as `adapter`, in a folder of its own, or remove it"
        )


def tell_unread_shards(folder: Path) -> None:
    """Say where transformers reads one file, and shards beside it are perhaps what was meant."""
    whole, index = folder / "model.safetensors", folder / f"model{_SHARD_INDEX}"
    if not (whole.is_file() and index.is_file()):
        return
    shards = {PurePosixPath(name) for name in _names_in(index.name, index)}
    if shards - {PurePosixPath(whole.name)}:
        note(
            f"{folder}: holds {whole.name}, which is read, and an index of shards, which are not; "
            "if the shards are newer, remove the file from a copy"
        )
