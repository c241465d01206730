"""The matrices of a GGUF file in its own few bits, beside the float32 that transformers makes.

transformers names and orders rows in its own way, by architecture. Here a layer is recognized by
what it holds: each of its rows is, to the bit, a row of one of the file's matrices.
"""

import hashlib
from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import nn

from harness.models.low_bit.blocks import LANES, Blocks

# In the format of safetensors, under a name that transformers passes by.
FILE = "linear-layers.blocks"
_PARTS = ("wholes", "scales", "minimums")

Floats = NDArray[np.float32]
Bytes = NDArray[np.uint8]
RowKey = bytes

# The least and the greatest whole, by its bits.
_WHOLES = {4: (0, 15), 8: (-128, 127)}
# So many numbers are worked on at once.
_AT_ONCE = 1 << 20


@dataclass(frozen=True, slots=True)
class _Format:
    """A format of GGUF: the bits that its wholes are kept in, and the numbers that share a scale.

    `affine` gives the scales and minimums, rows x blocks, of the file's bytes, rows x the file's
    blocks x bytes.
    """

    bits: int
    block_size: int
    affine: Callable[[Bytes], tuple[Floats, Floats]]


def _halves(raw: Bytes, place: int) -> Floats:
    """Return the float16 at a place of each of the file's blocks."""
    return np.ascontiguousarray(raw[..., place : place + 2]).view(np.float16).astype(np.float32)


def _q4_0(raw: Bytes) -> tuple[Floats, Floats]:
    scales = _halves(raw, 0)[..., 0]
    return scales, scales * np.float32(-8)


def _q4_1(raw: Bytes) -> tuple[Floats, Floats]:
    return _halves(raw, 0)[..., 0], _halves(raw, 2)[..., 0]


def _q8_0(raw: Bytes) -> tuple[Floats, Floats]:
    scales = _halves(raw, 0)[..., 0]
    return scales, np.zeros_like(scales)


def _q4_k(raw: Bytes) -> tuple[Floats, Floats]:
    """Scales and minimums of 6 bits, in 12 bytes, for each 8 parts of a block."""
    from gguf.quants import Q4_K

    packed = np.ascontiguousarray(raw[..., 4:16]).reshape(-1, 12)
    scales, minimums = (part.astype(np.float32) for part in Q4_K.get_scale_min(packed))
    shape = (*raw.shape[:2], 8)
    return (
        (_halves(raw, 0) * scales.reshape(shape)).reshape(len(raw), -1),
        (-(_halves(raw, 2) * minimums.reshape(shape))).reshape(len(raw), -1),
    )


def _q6_k(raw: Bytes) -> tuple[Floats, Floats]:
    """Scales of 8 bits for each 16 parts of a block."""
    own = raw[..., 192:208].view(np.int8).astype(np.float32)
    scales = (_halves(raw, 208) * own).reshape(len(raw), -1)
    return scales, np.zeros_like(scales)


_FORMATS = {
    "Q4_0": _Format(4, 32, _q4_0),
    "Q4_1": _Format(4, 32, _q4_1),
    "Q8_0": _Format(8, 32, _q8_0),
    "Q4_K": _Format(4, 32, _q4_k),
    "Q5_K": _Format(8, 32, _q4_k),
    "Q6_K": _Format(8, 16, _q6_k),
}


class FileBlocks:
    """The blocks of a model's linear layers, as a GGUF file has them."""

    def __init__(self, matrices: Sequence[tuple[Any, Bytes]], model: nn.Module) -> None:
        """Take the file's matrices, gguf's type and rows x bytes, and the model made of it."""
        self._matrices = matrices
        self._model = model

    def save_pretrained(self, folder: Path) -> None:
        """Write the layers' blocks, by their names, to a file in a folder; none, no file.

        The model's float32 weights are let go, layer by layer: it was saved before.
        """
        from safetensors.torch import save_file

        tensors: dict[str, torch.Tensor] = {}
        for name, blocks in self._layers():
            tensors |= {f"{name}.{part}": getattr(blocks, part) for part in _PARTS}
        if tensors:
            save_file(tensors, folder / FILE)

    def _layers(self) -> Iterator[tuple[str, Blocks]]:
        """Yield the name and the blocks of each layer that the file holds in some."""
        waiting: dict[tuple[int, int], list[_Layer]] = defaultdict(list)
        for name, module in self._model.named_modules():
            if type(module) is nn.Linear and module.weight.dtype == torch.float32:
                waiting[(module.out_features, module.in_features)].append(_Layer(name, module))
        for kind, data in self._matrices:
            layer_format = _FORMATS.get(kind.name)
            if layer_format is None or len(data) % 2:  # two rows are multiplied together
                continue
            matrix = _FileMatrix(kind, data, layer_format)
            layers = waiting[matrix.shape]  # most often none, or the very first is it
            for layer in layers:
                rows = layer.rows_in(matrix.places)
                if rows is not None and (blocks := matrix.blocks(rows)):
                    layers.remove(layer)
                    layer.let_go()
                    yield layer.name, blocks
                    break


def file_blocks(gguf: Path, model: nn.Module) -> FileBlocks:
    """Return the blocks of a GGUF file for the float32 model that transformers made of it."""
    from gguf import GGUFReader

    # Of the reader, which takes some hundred megabytes beside the matrices, nothing else is kept.
    tensors = GGUFReader(gguf).tensors
    return FileBlocks([(t.tensor_type, t.data) for t in tensors if len(t.shape) == 2], model)


def kept_blocks(file: Path) -> Iterator[tuple[str, Blocks]]:
    """Yield layers by their names, and the blocks that a file has of them, mapped into memory."""
    from safetensors import safe_open

    with safe_open(file, framework="pt") as parts:
        for name in sorted({key.rpartition(".")[0] for key in parts.keys()}):  # noqa: SIM118
            yield name, Blocks(*(parts.get_tensor(f"{name}.{part}") for part in _PARTS))


class _Layer:
    """A layer of the model, whose rows are looked for."""

    def __init__(self, name: str, module: nn.Linear) -> None:
        self.name = name
        self._module = module
        self._keys: list[RowKey] | None = None

    def rows_in(self, places: dict[RowKey, int]) -> list[int] | None:
        """Return where each row is, `None` if one is nowhere."""
        weight: Floats = self._module.weight.detach().numpy()
        if _row_key(weight[0]) not in places:
            return None
        self._keys = self._keys or [_row_key(row) for row in weight]
        rows = [places.get(key) for key in self._keys]
        return None if None in rows else [row for row in rows if row is not None]

    def let_go(self) -> None:
        """Give back the memory of the weights."""
        self._module.weight.data = torch.empty(0)


class _FileMatrix:
    """A matrix of the file, two-dimensional, in a format that is known."""

    def __init__(self, kind: Any, data: Bytes, layer_format: _Format) -> None:
        """Take gguf's type, and the file's bytes, rows x bytes."""
        from gguf import GGML_QUANT_SIZES

        block_numbers, self._block_bytes = GGML_QUANT_SIZES[kind]
        columns = data.shape[1] // self._block_bytes * block_numbers
        self.shape = (len(data), columns)
        self._kind = kind
        self._data = np.asarray(data)
        self._format = layer_format
        self._rows_at_once = max(1, _AT_ONCE // columns)

    @cached_property
    def places(self) -> dict[RowKey, int]:
        """Where a row is, by what it holds; of rows that hold the same, the first."""
        places: dict[RowKey, int] = {}
        for begin in range(0, len(self._data), self._rows_at_once):
            for row, numbers in enumerate(self._floats(begin), begin):
                places.setdefault(_row_key(numbers), row)
        return places

    def _raw(self, begin: int) -> Bytes:
        """Return some rows from a place on, rows x the file's blocks x bytes."""
        raw = self._data[begin : begin + self._rows_at_once]
        return raw.reshape(len(raw), -1, self._block_bytes)

    def _floats(self, begin: int) -> Floats:
        """Return these rows in float32, as gguf makes them."""
        from gguf.quants import dequantize

        raw = self._data[begin : begin + self._rows_at_once]
        floats: Floats = dequantize(raw, self._kind)
        return floats

    def blocks(self, rows: list[int]) -> Blocks | None:
        """Return these rows in blocks, `None` if that does not give the same numbers."""
        parts: list[list[NDArray[Any]]] = [[], [], []]
        for begin in range(0, len(self._data), self._rows_at_once):
            floats = self._floats(begin)
            scales, minimums = self._format.affine(self._raw(begin))
            numbers = floats.reshape(*scales.shape, self._format.block_size)
            divisors = np.where(scales == 0, np.float32(1), scales)
            # A small scale is lost beside a great minimum: what is found may be no such whole.
            wholes = np.rint((numbers - minimums[..., None]) / divisors[..., None])
            wholes = wholes.clip(*_WHOLES[self._format.bits])
            if not np.array_equal(scales[..., None] * wholes + minimums[..., None], numbers):
                return None
            packed = self._packed(wholes.reshape(floats.shape))
            for part, more in zip(parts, (packed, scales, minimums), strict=True):
                part.append(more)
        tensors = []
        for part in parts:
            joined = np.concatenate(part)
            part.clear()
            tensors.append(torch.from_numpy(joined[rows]))
        return Blocks(*tensors)

    def _packed(self, wholes: Floats) -> NDArray[Any]:
        if self._format.bits == 8:
            return wholes.astype(np.int8)
        halves = wholes.astype(np.uint8).reshape(len(wholes), -1, 2, LANES)
        return (halves[:, :, 0] | halves[:, :, 1] << 4).reshape(len(wholes), -1)


def _row_key(row: Floats) -> RowKey:
    """Return what tells a row from others; a zero's sign does not."""
    return hashlib.sha256((row + np.float32(0)).tobytes()).digest()
