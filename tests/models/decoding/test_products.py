"""The authority is torch's own product."""

import pytest
import torch
from torch import nn

from harness.models.decoding.products import TurnedProducts


@pytest.fixture
def network() -> nn.Module:
    torch.manual_seed(0)
    return nn.Sequential(nn.Linear(48, 96), nn.LayerNorm(96), nn.Linear(96, 16, bias=False))


@pytest.mark.parametrize("tokens", [1, 2, 5, 8, 9])
def test_turned_products_are_the_same_to_rounding(network: nn.Module, tokens: int) -> None:
    products = TurnedProducts(network, share=1e9)  # on any processor
    assert products
    states = torch.randn(1, tokens, 48)
    with torch.inference_mode():
        expected = network(states)
        with products.turned(tokens):
            given = network(states)
            turned = "forward" in network[0].__dict__
        torch.testing.assert_close(given, expected, rtol=1e-5, atol=1e-5)
        assert turned == (1 < tokens < 9)
        assert given.is_contiguous()
        assert torch.equal(network(states), expected)  # to the bit: afterwards it is torch's own


def test_layers_are_their_own_again_when_a_pass_fails(network: nn.Module) -> None:
    products = TurnedProducts(network, share=1e9)
    with pytest.raises(RuntimeError, match="cannot be multiplied"), products.turned(3):
        network(torch.randn(1, 3, 47))
    assert all("forward" not in module.__dict__ for module in network.modules())


@pytest.mark.parametrize("dtype", [torch.bfloat16, torch.float64])
def test_other_formats_are_left_alone(network: nn.Module, dtype: torch.dtype) -> None:
    assert not TurnedProducts(network.to(dtype), share=1e9)
