"""Linear layers whose weights stay in blocks."""

from collections import Counter
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn

from harness.models.gguf.blocks import PARTS, Blocks
from harness.models.gguf.openmp import run_on_threads


class BlockLinear(nn.Module):  # type: ignore[misc] # torch has no types here
    """What `nn.Linear` is, its weights in blocks; each use makes float32 of them, the same numbers.

    Layers may share the memory in which that is done.
    """

    def __init__(self, blocks: Blocks, bias: Tensor | None, shared: Tensor) -> None:
        """Take the blocks, and memory for as many float32 as the matrix has numbers."""
        super().__init__()
        self.in_features, self.out_features = blocks.columns, blocks.rows
        self.blocks = blocks
        self.bias = bias
        self.register_buffer("wholes", blocks.wholes, persistent=False)
        self.register_buffer("scales", blocks.scales, persistent=False)
        self.register_buffer("minimums", blocks.minimums, persistent=False)
        self._shared = shared[: blocks.rows * blocks.columns].view(blocks.rows, blocks.columns)

    @property
    def weight(self) -> Tensor:
        """The weights in float32, out x in, in memory of their own."""
        return to_floats(self.blocks, torch.empty_like(self._shared))

    def shared_weight(self) -> Tensor:
        """Return the weights in float32, out x in, until another layer is asked for its own."""
        return to_floats(self.blocks, self._shared)

    def forward(self, states: Tensor) -> Tensor:
        """Return what the layer gives for states, ... x in: to the bit what `nn.Linear` gives."""
        return nn.functional.linear(states, self.shared_weight(), self.bias)


def to_floats(blocks: Blocks, out: Tensor) -> Tensor:
    """Write a matrix in float32 into `out`, rows x columns; return it."""
    _run("floats", blocks, out=out)
    return out


def multiply(blocks: Blocks, states: Tensor) -> Tensor:
    """Return the product of a matrix with float32 states, tokens x columns: tokens x rows."""
    states = states.contiguous()
    out = states.new_empty(len(states), blocks.rows)
    buffers = states.new_empty(torch.get_num_threads(), 2, blocks.columns)
    _run("product", blocks, out=out, states=states, buffers=buffers)
    return out


def _run(task: str, blocks: Blocks, **tensors: Tensor) -> None:
    from harness.models.gguf.compiled_blocks import RECORD, TASKS  # needs Numba

    states = tensors.get("states")
    content: dict[str, Any] = {
        "rows": blocks.rows,
        "columns": blocks.columns,
        "tokens": 0 if states is None else len(states),
        "block_size": blocks.block_size,
        "bits": blocks.bits,
        "wholes": blocks.wholes.data_ptr(),
        "scales": blocks.scales.data_ptr(),
        "minimums": blocks.minimums.data_ptr(),
        **{name: tensor.data_ptr() for name, tensor in tensors.items()},
    }
    record = np.array([content.get(name, 0) for name in RECORD], dtype=np.int64)
    run_on_threads(TASKS[task].address, record.ctypes.data)


def put_blocks(model: nn.Module, file: Path) -> None:
    """Let a float32 model's linear layers hold the blocks in a file, as `FileBlocks` wrote it.

    Their float32 weights are let go, but for those that another layer has too, as an embedding
    does: these layers stay what they are, and have `blocks` beside. Raises ImportError where Numba
    is not installed.
    """
    from safetensors import safe_open

    from harness.models.gguf.compiled_blocks import RECORD  # noqa: F401 - before what it changes

    owners = Counter(
        id(parameter) for _, parameter in model.named_parameters(remove_duplicate=False)
    )
    with safe_open(file, framework="pt") as parts:
        layers = {
            name: Blocks(*(parts.get_tensor(f"{name}.{part}") for part in PARTS))
            for name in sorted({key.rpartition(".")[0] for key in parts.keys()})  # noqa: SIM118
        }
    alone = {name for name in layers if owners[id(model.get_submodule(name).weight)] == 1}
    shared = torch.empty(
        max((layers[name].rows * layers[name].columns for name in alone), default=0)
    )
    for name, blocks in layers.items():
        layer = model.get_submodule(name)
        if name in alone:
            model.set_submodule(name, BlockLinear(blocks, layer.bias, shared))
        else:
            layer.blocks = blocks


def parameter_count(model: nn.Module) -> int:
    """Return how many weights a model has, those in blocks with the others."""
    in_blocks = [layer.blocks for layer in model.modules() if isinstance(layer, BlockLinear)]
    others: int = sum(parameter.numel() for parameter in model.parameters())
    return others + sum(blocks.rows * blocks.columns for blocks in in_blocks)
