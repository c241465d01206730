"""Products with matrices in blocks, and these matrices in float32, by compiled code.

A step of decoding waits for weights to come out of memory; in blocks they are a fifth of float32.
A row of the matrix becomes float32 in a buffer that the processor's cache holds, the same numbers
to the bit as gguf makes, and is multiplied from there with all the tokens.

Nothing here can fail: nothing is allocated.
"""

from typing import Any

import numpy as np
from llvmlite import ir
from numba import carray, types
from numba.extending import intrinsic

from harness.models.compiled.instructions import (
    INT32,
    LANES,
    VECTOR,
    at,
    everywhere,
    part_of_task,
    raise_counter,
)
from harness.models.compiled.tasks import compiled_task

# What a task is told: addresses, and sizes in numbers.
WORK = np.dtype(
    [
        (name, np.int64)
        for name in (
            "counters",  # two int64: rows taken, and buffers taken
            "rows",  # these are `Blocks`'
            "columns",
            "block_size",
            "bits",
            "wholes",
            "scales",
            "minimums",
            "tokens",
            "out",
            "states",
            "buffers",  # of two rows of float32, one for each thread
        )
    ]
)

# Rows that a thread takes at once, an even number: two are multiplied together.
_TAKEN_ROWS = 32
# Tokens that are multiplied together: sums of two rows by four tokens stay in registers.
_TOKENS_TOGETHER = 4
# How sums may be computed: in any order, as by MKL, and what is no number stays none.
_summing = part_of_task("reassoc", "contract", "nsz")


@intrinsic  # type: ignore[untyped-decorator]  # Numba has no types
def _nibbles_to_floats(
    _context: Any, _source: Any, _scale: Any, _minimum: Any, _target: Any
) -> Any:
    """Write the 32 numbers of a block of 4 bits; source and target are addresses."""

    def generate(_context: Any, builder: Any, _signature: Any, arguments: Any) -> Any:
        source, scale, minimum, target = arguments
        packed = _load_bytes(builder, source)
        low = builder.and_(packed, ir.Constant(packed.type, [15] * LANES))
        high = builder.lshr(packed, ir.Constant(packed.type, [4] * LANES))
        for wholes, place in ((low, 0), (high, LANES)):
            wide = builder.zext(wholes, ir.VectorType(INT32, LANES))
            _store_floats(builder, wide, scale, minimum, target, place)
        return _context.get_dummy_value()

    return types.void(types.int64, types.float32, types.float32, types.int64), generate


@intrinsic  # type: ignore[untyped-decorator]  # Numba has no types
def _bytes_to_floats(_context: Any, _source: Any, _scale: Any, _minimum: Any, _target: Any) -> Any:
    """Write 16 numbers of 8 bits of a block; source and target are addresses."""

    def generate(_context: Any, builder: Any, _signature: Any, arguments: Any) -> Any:
        source, scale, minimum, target = arguments
        wide = builder.sext(_load_bytes(builder, source), ir.VectorType(INT32, LANES))
        _store_floats(builder, wide, scale, minimum, target, 0)
        return _context.get_dummy_value()

    return types.void(types.int64, types.float32, types.float32, types.int64), generate


def _load_bytes(builder: Any, address: Any) -> Any:
    vector = ir.VectorType(ir.IntType(8), LANES)
    return builder.load(builder.inttoptr(address, vector.as_pointer()), align=1)


def _store_floats(
    builder: Any, wholes: Any, scale: Any, minimum: Any, address: Any, place: int
) -> None:
    """Write scale x whole + minimum, rounded twice as gguf does."""
    products = builder.fmul(everywhere(builder, scale), builder.sitofp(wholes, VECTOR))
    target = builder.inttoptr(
        builder.add(address, ir.Constant(address.type, 4 * place)), VECTOR.as_pointer()
    )
    builder.store(builder.fadd(products, everywhere(builder, minimum)), target, align=4)


@part_of_task()
def _row_to_floats(work: Any, row: Any, target: Any) -> None:
    """Write a row of the matrix at an address."""
    columns, size = work.columns, work.block_size
    shape = (work.rows, columns // size)
    scales = carray(at(work.scales), shape, dtype=np.float32)
    minimums = carray(at(work.minimums), shape, dtype=np.float32)
    source = work.wholes + row * columns * work.bits // 8
    if work.bits == 4:
        for block in range(columns // 32):
            number = 32 * block
            _nibbles_to_floats(
                source + number // 2,
                scales[row, number // size],
                minimums[row, number // size],
                target + 4 * number,
            )
    else:
        for block in range(columns // 16):
            number = 16 * block
            _bytes_to_floats(
                source + number,
                scales[row, number // size],
                minimums[row, number // size],
                target + 4 * number,
            )


@_summing
def _two_by_four(buffer: Any, states: Any, token: Any, out: Any, row: Any) -> None:
    """Multiply two rows with four tokens."""
    first, second = buffer[0], buffer[1]
    states_0, states_1 = states[token], states[token + 1]
    states_2, states_3 = states[token + 2], states[token + 3]
    a0 = a1 = a2 = a3 = b0 = b1 = b2 = b3 = np.float32(0)
    for column in range(len(first)):
        a, b = first[column], second[column]
        x0, x1, x2, x3 = states_0[column], states_1[column], states_2[column], states_3[column]
        a0 += a * x0
        a1 += a * x1
        a2 += a * x2
        a3 += a * x3
        b0 += b * x0
        b1 += b * x1
        b2 += b * x2
        b3 += b * x3
    out[token, row], out[token, row + 1] = a0, b0
    out[token + 1, row], out[token + 1, row + 1] = a1, b1
    out[token + 2, row], out[token + 2, row + 1] = a2, b2
    out[token + 3, row], out[token + 3, row + 1] = a3, b3


@_summing
def _two_by_one(buffer: Any, states: Any, token: Any, out: Any, row: Any) -> None:
    """Multiply two rows with a token."""
    first, second, numbers = buffer[0], buffer[1], states[token]
    a = b = np.float32(0)
    for column in range(len(first)):
        a += first[column] * numbers[column]
        b += second[column] * numbers[column]
    out[token, row], out[token, row + 1] = a, b


@compiled_task
def product_task(pointer: Any) -> None:
    """Multiply the matrix with states, tokens x columns, into out, tokens x rows."""
    work = carray(pointer, (1,), dtype=WORK)[0]
    rows, columns, tokens = work.rows, work.columns, work.tokens
    states = carray(at(work.states), (tokens, columns), dtype=np.float32)
    out = carray(at(work.out), (tokens, rows), dtype=np.float32)
    mine = work.buffers + raise_counter(work.counters + 8) * 8 * columns
    buffer = carray(at(mine), (2, columns), dtype=np.float32)
    while True:
        begin = _TAKEN_ROWS * raise_counter(work.counters)
        if begin >= rows:
            return
        for row in range(begin, min(begin + _TAKEN_ROWS, rows), 2):
            _row_to_floats(work, row, mine)
            _row_to_floats(work, row + 1, mine + 4 * columns)
            token = 0
            while token + _TOKENS_TOGETHER <= tokens:
                _two_by_four(buffer, states, token, out, row)
                token += _TOKENS_TOGETHER
            while token < tokens:
                _two_by_one(buffer, states, token, out, row)
                token += 1


@compiled_task
def floats_task(pointer: Any) -> None:
    """Write the matrix in float32 into out, rows x columns."""
    work = carray(pointer, (1,), dtype=WORK)[0]
    while True:
        begin = _TAKEN_ROWS * raise_counter(work.counters)
        if begin >= work.rows:
            return
        for row in range(begin, min(begin + _TAKEN_ROWS, work.rows)):
            _row_to_floats(work, row, work.out + 4 * row * work.columns)
