"""Buffers of keys, and how they are written.

Plain they are slots x heads x tokens x width. In blocks they are slots x heads x blocks x width x
TILE: a line in memory is a number of some neighbouring tokens, which are multiplied together.
"""

from torch import Tensor

TILE = 32


def new_keys(
    like: Tensor, slots: int, heads: int, tokens: int, width: int, *, blocked: bool
) -> Tensor:
    """Return a buffer for so many tokens at least, of a tensor's kind; what it holds is not set."""
    if blocked:
        return like.new_empty((slots, heads, -(-tokens // TILE), width, TILE))
    return like.new_empty((slots, heads, tokens, width))


def write_keys(keys: Tensor, slots: Tensor, positions: Tensor, states: Tensor) -> None:
    """Write tokens' keys, tokens x heads x width, each into its slot and position."""
    if keys.dim() > 4:
        keys[slots, :, positions // TILE, :, positions % TILE] = states.to(keys.dtype)
    else:
        keys[slots, :, positions] = states.to(keys.dtype)
