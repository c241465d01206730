"""Linear layers in a file's own few bits. The authorities are gguf's reading and torch."""

from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from gguf import GGML_QUANT_SIZES, GGMLQuantizationType
from gguf.quants import dequantize, quantize
from torch import nn

from harness.models.compiled import openmp
from harness.models.gguf.file_blocks import FILE, FileBlocks, kept_blocks
from harness.models.low_bit.block_linear import (
    BlockEmbedding,
    BlockLinear,
    multiply,
    parameter_count,
    put_blocks,
)

COLUMNS, ROWS = 512, 70
FORMATS = {"Q4_0": 4, "Q4_1": 4, "Q8_0": 8, "Q4_K": 4, "Q5_K": 8, "Q6_K": 8}
# Where each format of 256 numbers keeps its float16.
SCALES = {"Q4_K": (0, 2), "Q5_K": (0, 2), "Q6_K": (208,)}


@pytest.fixture(autouse=True)
def _same_numbers() -> None:
    torch.manual_seed(0)


def _matrix(name: str, rows: int = ROWS) -> tuple[GGMLQuantizationType, Any]:
    """Return a matrix of a format as a file holds it: what gguf quantizes, or random bytes."""
    kind = GGMLQuantizationType[name]
    random = np.random.default_rng(7)
    if name not in SCALES:
        numbers = random.normal(size=(rows, COLUMNS)).astype(np.float32)
        numbers[3, :32] = 0  # a block whose scale is 0
        return kind, quantize(numbers, kind)
    size, byte_count = GGML_QUANT_SIZES[kind]
    data = random.integers(0, 256, (rows, COLUMNS // size, byte_count), dtype=np.uint8)
    for place in SCALES[name]:
        halves = random.normal(scale=0.01, size=data.shape[:2]).astype(np.float16)
        data[..., place : place + 2] = halves[..., None].view(np.uint8)
    return kind, data.reshape(rows, -1)


class _Network(nn.Module):  # type: ignore[misc] # torch has no types here
    def __init__(self, weight: torch.Tensor, *, bias: bool = False) -> None:
        super().__init__()
        self.layer = nn.Linear(weight.shape[1], len(weight), bias=bias)
        self.layer.weight.data = weight.clone()

    def forward(self, states: torch.Tensor) -> torch.Tensor:
        result: torch.Tensor = self.layer(states)
        return result


def _weight(kind: GGMLQuantizationType, data: Any) -> torch.Tensor:
    """Return a matrix's rows in another order, as transformers has those of some layers."""
    order = np.random.default_rng(1).permutation(len(data))
    return torch.from_numpy(dequantize(data, kind)[order].copy())


def _in_blocks(network: nn.Module, matrices: list[Any], folder: Path) -> nn.Module:
    FileBlocks(matrices, network).save_pretrained(folder)
    put_blocks(network, kept_blocks(folder / FILE))
    return network


@pytest.mark.parametrize("name", FORMATS)
@pytest.mark.parametrize("bias", [False, True])
def test_a_layer_in_blocks_is_the_layer(name: str, bias: bool, tmp_path: Path) -> None:
    """To the bit: the weights are those that gguf gives, and torch multiplies them."""
    matrix = _matrix(name)
    weight = _weight(*matrix)
    expected = _Network(weight, bias=bias)
    given = _in_blocks(_Network(weight, bias=bias), [matrix], tmp_path)
    assert isinstance(given.layer, BlockLinear)
    given.layer.bias = expected.layer.bias
    assert given.layer.blocks.bits == FORMATS[name]
    assert torch.equal(given.layer.weight, weight)
    states = torch.randn(1, 9, COLUMNS)
    with torch.inference_mode():
        assert torch.equal(given(states), expected(states))
    assert parameter_count(given) == parameter_count(expected) == ROWS * COLUMNS + bias * ROWS


@pytest.mark.parametrize("threads", ["of torch", "one"])
@pytest.mark.parametrize("tokens", [1, 2, 3, 4, 5, 8, 13])
@pytest.mark.parametrize("name", FORMATS)
def test_a_product_of_blocks_is_the_product(
    name: str, tokens: int, threads: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The authority is torch's product in float64, with the numbers that gguf gives."""
    if threads == "one":
        monkeypatch.setattr(openmp, "_gnu_parallel", lambda: None)
    matrix = _matrix(name)
    weight = _weight(*matrix)
    layer = _in_blocks(_Network(weight), [matrix], tmp_path).layer
    states = torch.randn(tokens, COLUMNS)
    expected = states.double() @ weight.double().t()
    given = multiply(layer.blocks, states)
    assert given.shape == (tokens, ROWS)
    torch.testing.assert_close(given.double(), expected, rtol=0, atol=2e-6 * expected.abs().max())


def test_what_is_no_number_stays_none(tmp_path: Path) -> None:
    """A sum with a NaN is a NaN, one with an infinity is none that is finite."""
    matrix = _matrix("Q4_1")
    layer = _in_blocks(_Network(_weight(*matrix)), [matrix], tmp_path).layer
    states = torch.randn(6, COLUMNS)
    states[1, 40] = torch.nan
    states[5, 40] = torch.inf
    given = multiply(layer.blocks, states)
    assert given[1].isnan().all()
    assert not given[5].isfinite().any()
    assert given[[0, 2, 3, 4]].isfinite().all()


@pytest.mark.parametrize(
    "change",
    [
        pytest.param(lambda weight: weight[:, 1:], id="another shape"),
        pytest.param(lambda weight: weight.nextafter(torch.tensor(9.0)), id="a bit"),
        pytest.param(lambda weight: weight.double(), id="another format"),
    ],
)
def test_other_weights_stay_as_they_are(change: Any, tmp_path: Path) -> None:
    matrix = _matrix("Q4_1")
    network = _Network(change(_weight(*matrix)))
    FileBlocks([matrix], network).save_pretrained(tmp_path)
    assert not (tmp_path / FILE).exists()
    assert type(network.layer) is nn.Linear
    assert network.layer.weight.numel()


def test_a_scale_that_is_lost_beside_its_minimum_makes_no_other_number(tmp_path: Path) -> None:
    """float32 near 1,000 are 6.1e-5 apart: 1,000 + 15 x 3e-6 is the next one, as if by a 20."""
    kind, data = _matrix("Q4_1")
    halves = data.reshape(ROWS, -1, 20)[..., :4].view(np.float16)
    halves[:, 0] = 3e-6, 1000
    weight = _weight(kind, data)
    assert len(weight[:, :32].unique()) == 2
    network = _in_blocks(_Network(weight), [(kind, data)], tmp_path)
    assert torch.equal(network.layer.weight, weight)


def test_formats_that_are_not_known_and_odd_rows_stay_as_they_are(tmp_path: Path) -> None:
    """Two rows are multiplied together: of an odd number one would be left."""
    for matrix in (_matrix("Q5_1"), _matrix("Q4_1", rows=69)):
        network = _Network(_weight(*matrix))
        FileBlocks([matrix], network).save_pretrained(tmp_path)
        assert not (tmp_path / FILE).exists()


def test_each_layer_gets_its_own_matrix(tmp_path: Path) -> None:
    """Layers of one shape, in another order than the file's, one of which the file has not."""
    kind, data = _matrix("Q4_1", rows=3 * ROWS)
    matrices = [(kind, part) for part in np.split(data, 3)]
    weights = [_weight(*matrix) for matrix in matrices]
    network = nn.Sequential(
        *(_Network(weights[place]) for place in (2, 0)), _Network(weights[1] + 1)
    )
    _in_blocks(network, matrices, tmp_path)
    assert torch.equal(network[0].layer.weight, weights[2])
    assert torch.equal(network[1].layer.weight, weights[0])
    assert type(network[2].layer) is nn.Linear


@pytest.mark.parametrize("name", FORMATS)
def test_weights_that_an_embedding_has_too_are_kept(name: str, tmp_path: Path) -> None:
    """The embedding takes its rows from the blocks: to the bit what torch takes of the weights."""
    matrix = _matrix(name)
    network = _Network(_weight(*matrix))
    FileBlocks([matrix], network).save_pretrained(tmp_path)  # it lets the weights go
    network.layer.weight.data = _weight(*matrix)
    embedding = nn.Embedding(ROWS, COLUMNS)
    embedding.weight = network.layer.weight
    both = nn.ModuleDict({"layer": network.layer, "embedding": embedding})
    put_blocks(both, kept_blocks(tmp_path / FILE))
    assert type(both["layer"]) is nn.Linear
    assert isinstance(both["embedding"], BlockEmbedding)
    for ids in (
        torch.tensor([[3, 0, 3], [ROWS - 1, 7, 1]]),
        torch.tensor(5),
        torch.empty(0).long(),
    ):
        assert torch.equal(both["embedding"](ids), embedding(ids))
    states = torch.randn(3, COLUMNS)
    expected = states.double() @ both["layer"].weight.detach().double().t()
    given = multiply(both["layer"].blocks, states).double()
    torch.testing.assert_close(given, expected, rtol=0, atol=2e-6 * expected.abs().max())
    assert parameter_count(both) == ROWS * COLUMNS
