"""The authority is torch's own product."""

from typing import Any

import pytest
import torch
from torch import nn

from harness.models.decoding.products import Product, Products, _by_onednn, _onednn_agrees, _turned


@pytest.fixture
def network() -> nn.Module:
    torch.manual_seed(0)
    return nn.Sequential(nn.Linear(48, 96), nn.LayerNorm(96), nn.Linear(96, 16, bias=False))


@pytest.mark.parametrize("product", [_turned, _by_onednn])
@pytest.mark.parametrize("tokens", [1, 2, 5, 6, 8, 9, 70])
def test_other_products_are_the_same_to_rounding(
    network: nn.Module, tokens: int, product: Product
) -> None:
    products = Products(network)
    products.fastest = dict.fromkeys(products.fastest, product)  # on any processor
    states = torch.randn(1, tokens, 48)
    with torch.inference_mode():
        expected = network(states)
        with products.in_use():
            given = network(states)
            assert "forward" in network[0].__dict__
        torch.testing.assert_close(given, expected, rtol=1e-5, atol=1e-5)
        assert given.is_contiguous()
        assert torch.equal(network(states), expected)  # to the bit: afterwards it is torch's own


@pytest.mark.parametrize(
    ("tokens", "tried"),
    [
        (1, 3),
        (5, 3),
        (6, 8),
        (8, 8),
        (9, 16),
        (24, 16),
        (25, 64),
        (96, 64),
        (97, 128),
        (128, 128),
        (4000, 128),
    ],
)
def test_the_product_is_that_of_the_nearest_number_tried(
    network: nn.Module, tokens: int, tried: int
) -> None:
    products = Products(network, share=1e9)
    assert set(products.fastest) == {3, 8, 16, 64, 128}
    multiplied: list[int] = []

    def counted(layer: Any, states: torch.Tensor) -> torch.Tensor:
        multiplied.append(states.shape[1])
        return _turned(layer, states)

    products.fastest = dict.fromkeys(products.fastest) | {tried: counted}
    with products.in_use():
        network(torch.ones(1, tokens, 48))
        network(torch.ones(1, 4096 if tried < 128 else 1, 48))  # of another number
    assert multiplied == [tokens, tokens]  # once by each layer


def test_what_is_in_use_already_stays_so(network: nn.Module) -> None:
    products = Products(network, share=1e9)
    with products.in_use():
        with products.in_use():
            network(torch.ones(1, 3, 48))
        assert "forward" in network[0].__dict__
    assert "forward" not in network[0].__dict__


def test_what_is_not_faster_is_not_used(network: nn.Module) -> None:
    products = Products(network, share=0)
    assert products.method == "loop"
    with products.in_use():
        assert "forward" not in network[0].__dict__


def test_a_build_without_onednn_has_one_way_less(
    network: nn.Module, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert _onednn_agrees(network[0])
    monkeypatch.setattr(torch.ops, "mkldnn", object())
    assert not _onednn_agrees(network[0])
    assert set(Products(network, share=1e9).fastest.values()) == {_turned}


def test_layers_are_their_own_again_when_a_pass_fails(network: nn.Module) -> None:
    products = Products(network, share=1e9)
    with pytest.raises(RuntimeError, match="cannot be multiplied"), products.in_use():
        network(torch.randn(1, 3, 47))
    assert all("forward" not in module.__dict__ for module in network.modules())


@pytest.mark.parametrize("dtype", [torch.bfloat16, torch.float64])
def test_other_formats_are_left_alone(network: nn.Module, dtype: torch.dtype) -> None:
    assert Products(network.to(dtype), share=1e9).method == "loop"
