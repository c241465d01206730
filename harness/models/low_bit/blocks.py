"""A matrix in blocks of few bits: each of its numbers is scale x whole + minimum.

What a GGUF file holds comes to that, whatever its format; `file_blocks` makes them.
"""

from dataclasses import dataclass
from functools import cached_property

from torch import Tensor

# So many numbers of a row are made floats together; a block is one or two of them.
LANES = 16


@dataclass(frozen=True)
class Blocks:
    """A matrix, rows x columns, whose neighbours in a row share a scale and a minimum.

    `wholes` are int8, rows x columns; or uint8, rows x columns / 2, with two wholes of 4 bits in a
    byte: of 32 neighbours the first 16 are the low halves of 16 bytes, the others the high ones.
    `scales` and `minimums` are float32, rows x blocks. All are contiguous, on the CPU.
    """

    wholes: Tensor
    scales: Tensor
    minimums: Tensor

    @cached_property
    def bits(self) -> int:
        """How many bits a whole takes: 4 or 8."""
        return 8 if self.wholes.is_signed() else 4

    @cached_property
    def rows(self) -> int:
        """How many rows the matrix has."""
        return int(self.wholes.shape[0])

    @cached_property
    def columns(self) -> int:
        """How many columns the matrix has."""
        return int(self.wholes.shape[1]) * (2 if self.bits == 4 else 1)

    @cached_property
    def block_size(self) -> int:
        """How many neighbours share a scale: 16 or 32."""
        return self.columns // int(self.scales.shape[1])

    @cached_property
    def record(self) -> tuple[int, ...]:
        """What compiled code is told of it: sizes, and where it lies, while this is there."""
        parts = (self.wholes, self.scales, self.minimums)
        addresses = (part.data_ptr() for part in parts)
        return (self.rows, self.columns, self.block_size, self.bits, *addresses)
