"""The authority is transformers' own cache, which grows."""

import gc

import pytest
import torch
from transformers import DynamicCache

from harness.models.attention.prefix_cache import PrefixCache


@pytest.mark.parametrize("widths", [(8, 8), (8, 6)], ids=["alike", "values narrower"])
@pytest.mark.parametrize("heads", [(2, 2), (2, 1)], ids=["layers alike", "a layer of its own"])
def test_what_is_kept_and_returned_is_what_a_growing_cache_has(
    widths: tuple[int, int], heads: tuple[int, int]
) -> None:
    draw = torch.Generator().manual_seed(0)
    growing, cache = DynamicCache(), PrefixCache(layer_count=2, tokens=9)
    assert cache.get_seq_length() == 0
    for tokens in (4, 4, 1):
        for layer, count in enumerate(heads):
            keys, values = (
                torch.rand((1, count, tokens, width), generator=draw) for width in widths
            )
            for own, expected in zip(
                cache.update(keys, values, layer), growing.update(keys, values, layer), strict=True
            ):
                assert torch.equal(own, expected)
        assert cache.get_seq_length() == growing.get_seq_length()
        assert cache.get_mask_sizes(3, 0) == growing.get_mask_sizes(3, 0)


def test_all_layers_have_one_piece_which_is_freed_with_them() -> None:
    cache = PrefixCache(layer_count=3, tokens=5)
    for layer in range(3):
        cache.update(torch.ones((1, 2, 5, 4)), torch.ones((1, 2, 5, 4)), layer)
    pieces = {layer.keys.untyped_storage().data_ptr() for layer in cache.layers}
    assert len(pieces) == 1
    gc.collect()
    gc.disable()
    try:
        del cache
        assert not [item for item in gc.get_objects() if type(item) is PrefixCache]
    finally:
        gc.enable()
