"""Rows whose tokens are worked on together, and in which format."""

from dataclasses import dataclass
from typing import TYPE_CHECKING

import torch
from torch import Tensor

if TYPE_CHECKING:
    from harness.models.attention.shared_prefixes import SharedPrefix


@dataclass(frozen=True, slots=True)
class Run:
    """Rows of consecutive slots that share a prefix, or have none, and are fed as many tokens each.

    `tokens` is where these are among all that are fed; `cached` is how many of its own each row has
    kept before.
    """

    prefix: "SharedPrefix | None"
    slots: slice
    tokens: slice
    fed: int
    cached: tuple[int, ...]


def attention_dtype(states: Tensor) -> torch.dtype:
    """Return the format to attend in: a CPU multiplies small bfloat16 matrices very slowly."""
    return torch.float32 if states.device.type == "cpu" else states.dtype
