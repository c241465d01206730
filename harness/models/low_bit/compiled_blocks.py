"""Products with matrices in blocks, and these matrices in float32, by compiled code.

A step of decoding waits for weights to come out of memory; in blocks they are a fifth of float32.
A row of the matrix becomes float32 in a buffer that the processor's cache holds, the same numbers
to the bit as gguf makes, and is multiplied from there with all the tokens.

A task is what one thread runs until no rows are left. It takes its arguments from a record of
whole numbers, and allocates nothing: nothing in it can fail.
"""

from typing import Any

import numpy as np
from llvmlite import ir
from numba import carray, cfunc, njit, types
from numba.extending import intrinsic

from harness.models.low_bit.blocks import LANES

# Places of a record: two counters, for rows and for buffers, which threads raise; what `Blocks`
# says of itself; how many tokens there are, and where out, states and a buffer for each thread lie.
_NEXT_ROW, _NEXT_BUFFER = range(2)
_ROWS, _COLUMNS, _BLOCK_SIZE, _BITS, _WHOLES, _SCALES, _MINIMUMS = range(2, 9)
_TOKENS, _OUT, _STATES, _BUFFERS = range(9, 13)

# Rows that a thread takes at once, an even number: two are multiplied together.
_TAKEN_ROWS = 32
# Tokens that are multiplied together: sums of two rows by four tokens stay in registers.
_TOKENS_TOGETHER = 4
# How sums may be computed: in any order, as by MKL, and what is no number stays none.
_SUMS = {"reassoc", "contract", "nsz"}

_FLOAT = ir.FloatType()
_INT32 = ir.IntType(32)


def _task(function: Any) -> Any:
    """Compile a task now, and keep what was made, where that can be kept."""
    signature = types.void(types.CPointer(types.int64))
    try:
        return cfunc(signature, cache=True, error_model="numpy")(function)
    except RuntimeError:  # nowhere to keep it: a read-only installation without a home
        return cfunc(signature, error_model="numpy")(function)


def _exact(function: Any) -> Any:
    """Compile a part of a task, each number rounded as it is written."""
    return njit(nogil=True, error_model="numpy")(function)


def _summing(function: Any) -> Any:
    """Compile a part of a task, whose sums may be computed in any order."""
    return njit(nogil=True, fastmath=_SUMS, error_model="numpy")(function)


@intrinsic  # type: ignore[untyped-decorator]  # Numba has no types
def _raise(_context: Any, _record: Any, _place: Any, _amount: Any) -> Any:
    """Raise a counter in a record, which other threads raise too; return what it was."""

    def generate(_context: Any, builder: Any, _signature: Any, arguments: Any) -> Any:
        record, place, amount = arguments
        return builder.atomic_rmw("add", builder.gep(record, [place]), amount, "monotonic")

    numbers = types.CPointer(types.int64)
    return types.int64(numbers, types.int64, types.int64), generate


@intrinsic  # type: ignore[untyped-decorator]  # Numba has no types
def _floats_at(_context: Any, _address: Any) -> Any:
    """Return a pointer to the float32 at an address."""

    def generate(_context: Any, builder: Any, _signature: Any, arguments: Any) -> Any:
        return builder.inttoptr(arguments[0], _FLOAT.as_pointer())

    return types.CPointer(types.float32)(types.int64), generate


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
            wide = builder.zext(wholes, ir.VectorType(_INT32, LANES))
            _store_floats(builder, wide, scale, minimum, target, place)
        return _context.get_dummy_value()

    return types.void(types.int64, types.float32, types.float32, types.int64), generate


@intrinsic  # type: ignore[untyped-decorator]  # Numba has no types
def _bytes_to_floats(_context: Any, _source: Any, _scale: Any, _minimum: Any, _target: Any) -> Any:
    """Write 16 numbers of 8 bits of a block; source and target are addresses."""

    def generate(_context: Any, builder: Any, _signature: Any, arguments: Any) -> Any:
        source, scale, minimum, target = arguments
        wide = builder.sext(_load_bytes(builder, source), ir.VectorType(_INT32, LANES))
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
    vector = ir.VectorType(_FLOAT, LANES)

    def everywhere(number: Any) -> Any:
        undefined = ir.Constant(vector, ir.Undefined)
        first = builder.insert_element(undefined, number, ir.Constant(_INT32, 0))
        zeros = ir.Constant(ir.VectorType(_INT32, LANES), [0] * LANES)
        return builder.shuffle_vector(first, undefined, zeros)

    products = builder.fmul(everywhere(scale), builder.sitofp(wholes, vector))
    target = builder.inttoptr(
        builder.add(address, ir.Constant(address.type, 4 * place)), vector.as_pointer()
    )
    builder.store(builder.fadd(products, everywhere(minimum)), target, align=4)


@_exact
def _row_to_floats(record: Any, scales: Any, minimums: Any, row: Any, target: Any) -> None:
    """Write a row of the matrix at an address."""
    columns, bits, size = record[_COLUMNS], record[_BITS], record[_BLOCK_SIZE]
    source = record[_WHOLES] + row * columns * bits // 8
    if bits == 4:
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


@_task
def _product_task(pointer: Any) -> None:
    """Multiply the matrix with states, tokens x columns, into out, tokens x rows."""
    record = carray(pointer, (13,), dtype=np.int64)
    rows, columns, tokens = record[_ROWS], record[_COLUMNS], record[_TOKENS]
    blocks = columns // record[_BLOCK_SIZE]
    scales = carray(_floats_at(record[_SCALES]), (rows, blocks))
    minimums = carray(_floats_at(record[_MINIMUMS]), (rows, blocks))
    states = carray(_floats_at(record[_STATES]), (tokens, columns))
    out = carray(_floats_at(record[_OUT]), (tokens, rows))
    mine = record[_BUFFERS] + _raise(pointer, _NEXT_BUFFER, 1) * 8 * columns
    buffer = carray(_floats_at(mine), (2, columns))
    while True:
        begin = _raise(pointer, _NEXT_ROW, _TAKEN_ROWS)
        if begin >= rows:
            return
        for row in range(begin, min(begin + _TAKEN_ROWS, rows), 2):
            _row_to_floats(record, scales, minimums, row, mine)
            _row_to_floats(record, scales, minimums, row + 1, mine + 4 * columns)
            token = 0
            while token + _TOKENS_TOGETHER <= tokens:
                _two_by_four(buffer, states, token, out, row)
                token += _TOKENS_TOGETHER
            while token < tokens:
                _two_by_one(buffer, states, token, out, row)
                token += 1


@_task
def _float_task(pointer: Any) -> None:
    """Write the matrix in float32 into out, rows x columns."""
    record = carray(pointer, (13,), dtype=np.int64)
    rows, columns = record[_ROWS], record[_COLUMNS]
    blocks = columns // record[_BLOCK_SIZE]
    scales = carray(_floats_at(record[_SCALES]), (rows, blocks))
    minimums = carray(_floats_at(record[_MINIMUMS]), (rows, blocks))
    while True:
        begin = _raise(pointer, _NEXT_ROW, _TAKEN_ROWS)
        if begin >= rows:
            return
        for row in range(begin, min(begin + _TAKEN_ROWS, rows)):
            _row_to_floats(record, scales, minimums, row, record[_OUT] + 4 * row * columns)


TASKS = {"product": _product_task, "floats": _float_task}
