"""Models whose weights stay in few bits write what they write in float32."""

import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from harness.models.decoding.products import _by_blocks
from harness.models.generative.causal import Causal
from harness.models.low_bit.block_linear import BlockLinear
from harness.models.model import Model
from harness.suite.suite import read_suite

Make = Callable[[str], Model]
Tiny = Callable[..., Path]

QUERIES = [
    example.query for task in ("answer", "summarize") for example in read_suite().examples(task)[:4]
]


def _texts(model: Causal) -> list[tuple[str | None, str | None]]:
    return [(prediction.text, prediction.raw) for prediction in model.predict(QUERIES)]


def _loaded(make_model: Make, weights: str) -> Causal:
    model = make_model(f'kind = "causal"\nweights = {{ {weights} }}\n')
    assert isinstance(model, Causal)
    model.load()
    return model


def test_texts_are_those_of_float32(
    make_model: Make, tiny_folder: Tiny, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The authority is the same file without Numba: its float32 weights, and MKL."""
    weights = f'folder = "{tiny_folder("gguf")}", gguf = "tiny.gguf"'
    given = _loaded(make_model, weights)
    assert any(isinstance(layer, BlockLinear) for layer in given._module.modules())
    assert given._decoder.tally is not None
    products = given._decoder._products
    products.fastest = dict.fromkeys(products.fastest, _by_blocks)
    assert given.execution()["decoding"] == "loop, products of blocks"
    texts = _texts(given)
    assert len(set(texts)) == len(QUERIES)
    monkeypatch.setitem(sys.modules, "harness.models.low_bit.compiled_blocks", None)
    plain = _loaded(make_model, weights)
    assert not any(isinstance(layer, BlockLinear) for layer in plain._module.modules())
    assert _texts(plain) == texts
    assert given.loaded().parameters == plain.loaded().parameters
    assert given.loaded().bytes < plain.loaded().bytes
