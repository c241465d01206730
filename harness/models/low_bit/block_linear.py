"""Linear layers whose weights stay in blocks."""

from collections import Counter
from collections.abc import Iterable

import numpy as np
import torch
from torch import Tensor, nn

from harness.models.compiled.openmp import run_on_threads
from harness.models.low_bit.blocks import Blocks


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


class BlockEmbedding(nn.Module):  # type: ignore[misc] # torch has no types here
    """What `nn.Embedding` is, its rows in blocks; those that are asked for become float32.

    The matrix in float32 is not touched by it: of a file that is mapped, lookups would bring in
    most of that, as the system maps what lies around each row too.
    """

    def __init__(self, blocks: Blocks) -> None:
        """Take the blocks."""
        super().__init__()
        self.num_embeddings, self.embedding_dim = blocks.rows, blocks.columns
        self.blocks = blocks

    def forward(self, ids: Tensor) -> Tensor:
        """Return the rows of ids, ... x columns: to the bit what `nn.Embedding` gives."""
        rows = ids.reshape(-1)
        parts = (self.blocks.wholes, self.blocks.scales, self.blocks.minimums)
        asked = Blocks(*(part[rows] for part in parts))
        floats = to_floats(asked, asked.scales.new_empty(asked.rows, asked.columns))
        return floats.view(*ids.shape, asked.columns)


def to_floats(blocks: Blocks, out: Tensor) -> Tensor:
    """Write a matrix in float32 into `out`, rows x columns; return it."""
    from harness.models.low_bit.compiled_blocks import WORK, floats_task  # needs Numba

    counters = np.zeros(2, dtype=np.int64)
    told = (counters.ctypes.data, *blocks.record, 0, out.data_ptr(), 0, 0)
    work = np.array(told, dtype=WORK)
    run_on_threads(floats_task.address, work.ctypes.data)
    return out


def multiply(blocks: Blocks, states: Tensor) -> Tensor:
    """Return the product of a matrix with float32 states, tokens x columns: tokens x rows."""
    from harness.models.low_bit.compiled_blocks import WORK, product_task  # needs Numba

    states = states.contiguous()
    out = states.new_empty(len(states), blocks.rows)
    buffers = states.new_empty(torch.get_num_threads(), 2, blocks.columns)
    counters = np.zeros(2, dtype=np.int64)
    places = (tensor.data_ptr() for tensor in (out, states, buffers))
    work = np.array((counters.ctypes.data, *blocks.record, len(states), *places), dtype=WORK)
    run_on_threads(product_task.address, work.ctypes.data)
    return out


def put_blocks(model: nn.Module, layers: Iterable[tuple[str, Blocks]]) -> None:
    """Let linear layers of a float32 model, by their names, hold blocks: the same numbers.

    Their float32 weights are let go, but for those that another layer has too: these layers stay
    what they are, and have `blocks` beside. An embedding that has the same weights takes its rows
    from the blocks. Raises ImportError, and leaves the model as it is, where Numba is not
    installed.
    """
    from harness.models.low_bit.compiled_blocks import product_task  # noqa: F401 - is Numba there?

    owners = Counter(
        id(parameter) for _, parameter in model.named_parameters(remove_duplicate=False)
    )
    linear = [module for module in model.modules() if type(module) is nn.Linear]
    most = max((layer.out_features * layer.in_features for layer in linear), default=0)
    shared = torch.empty(most)  # takes no memory before something is written there
    for name, blocks in layers:
        layer = model.get_submodule(name)
        if owners[id(layer.weight)] == 1:
            model.set_submodule(name, BlockLinear(blocks, layer.bias, shared))
        else:
            layer.blocks = blocks
            for embedding, module in list(model.named_modules()):
                if type(module) is nn.Embedding and module.weight is layer.weight:
                    model.set_submodule(embedding, BlockEmbedding(blocks))


def parameter_count(model: nn.Module) -> int:
    """Return how many weights a model has, those in blocks with the others."""
    in_blocks = [layer.blocks for layer in model.modules() if isinstance(layer, BlockLinear)]
    others: int = sum(parameter.numel() for parameter in model.parameters())
    return others + sum(blocks.rows * blocks.columns for blocks in in_blocks)
