"""What a checkpoint's config.json may ask for, held against the weights that it comes with.

A network is made as large as config.json says before a weight is read: a million layers take hours,
a billion words all memory. A layer has a tensor at least, and a size shows in some tensor's shape:
the headers of the weights tell both, and are short.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from harness.errors import WeightsError
from harness.files import parse_json
from harness.models.checkpoint.checkpoint_files import (
    CheckpointFiles,
    read_files,
    read_json_object,
)

# As safetensors has it.
_LONGEST_HEADER = 100_000_000
_LONGEST_CONFIG = 16_000_000
# What is counted in modules, each of which takes time to make, and what no tensor need show.
_MODULES = re.compile(r"layers?$|experts$|^n(um)?_blocks$")
_FEW_MODULES = 1000
# What is the length of some tensor: packed or joined ones may be so many times shorter.
_SIZE = re.compile(
    r"vocab_size$|hidden_size$|intermediate_size$|_dim$|^d_(model|ff|kv|inner)$|^n_(embd|inner)$"
    r"|heads?$|^num_labels$"
)
_SMALL_SIZE, _PACKED = 100_000, 16
# Positions that are computed take a row each, and are in no file.
_POSITIONS = ("max_position_embeddings", "n_positions")
_WIDTHS = ("d_model", "hidden_size", "n_embd")
_FEW_POSITION_BYTES = 1_000_000_000
_IMPLEMENTATION = re.compile(r"_?(attn|experts)_implementation(_internal)?$")


@dataclass(frozen=True, slots=True)
class _Weights:
    """How many tensors there are, the longest side of one, and the bytes of all."""

    tensors: int
    longest: int
    size: int


def refuse_outsized(files: CheckpointFiles) -> None:
    """Raise WeightsError for a config.json that asks for more than the weights beside it hold.

    And for one that names code on the Hub to compute with. A GGUF file has none.
    """
    path = files.folder / "config.json"
    if files.gguf:
        return
    if path.is_file() and path.stat().st_size > _LONGEST_CONFIG:
        raise WeightsError(f"{path}: is longer than {_LONGEST_CONFIG:,} bytes; download it again")
    config = read_json_object(path)
    if config is None:
        return
    weights = _weights(files.folder)
    for table in _tables(config):
        for name, value in table.items():
            if _IMPLEMENTATION.match(name) and "/" in str(value):
                raise WeightsError(
                    f"{path}: {name} = {str(value)[:80]!r} names code on the Hub, which is not "
                    "run; remove that line from a copy of the checkpoint"
                )
            if type(value) is int and weights and value > _most(name, table, weights):
                raise WeightsError(
                    f"{path}: {name} is {value:.4g}, which the weights beside it cannot fill: they "
                    f"have {weights.tensors:,} tensors of {weights.size:,} bytes; take the "
                    "config.json that belongs to them"
                )


def _most(name: str, table: Mapping[str, Any], weights: _Weights) -> float:
    """Return the most that a number of a configuration can be."""
    if _MODULES.search(name):
        return max(_FEW_MODULES, weights.tensors)
    if _SIZE.search(name):
        return max(_SMALL_SIZE, _PACKED * weights.longest)
    if name in _POSITIONS:
        widths: list[int] = [table[key] for key in _WIDTHS if type(table.get(key)) is int]
        width = 4 * max([1, *widths])
        return (_FEW_POSITION_BYTES + 64 * weights.size) / width
    return float("inf")


def _tables(value: object) -> Iterator[Mapping[str, Any]]:
    """Yield a configuration and those within it."""
    if isinstance(value, dict):
        yield value
        for inner in value.values():
            yield from _tables(inner)


def _weights(folder: Path) -> _Weights | None:
    """Return what the headers of a folder's weights say, `None` without weights."""
    paths = [
        path
        for name, path in read_files(folder).items()
        if name.endswith(".safetensors") and not name.startswith("adapter_")
    ]
    if not paths:
        return None
    shapes = [shape for path in paths for shape in _shapes(path)]
    longest = max((side for shape in shapes for side in shape), default=0)
    return _Weights(len(shapes), longest, sum(path.stat().st_size for path in paths))


def _shapes(path: Path) -> list[list[int]]:
    """Return the shapes in a file's header: https://huggingface.co/docs/safetensors#format."""
    try:
        with path.open("rb") as file:
            length = int.from_bytes(file.read(8), "little")
            if length > min(_LONGEST_HEADER, path.stat().st_size - 8):
                raise ValueError("its header is longer than it may be")
            header = parse_json(file.read(length))
        return [
            [int(side) for side in tensor["shape"]]
            for name, tensor in header.items()
            if name != "__metadata__"
        ]
    except OSError as error:
        raise WeightsError(f"{path}: cannot be read: {error.strerror}") from None
    except (AttributeError, KeyError, TypeError, ValueError) as error:
        reason = " ".join(str(error).split())[:100]
        raise WeightsError(f"{path}: no safetensors ({reason}); download it again") from None
