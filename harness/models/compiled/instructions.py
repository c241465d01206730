"""What tasks are made of beside what Numba compiles: counters, addresses, products in registers."""

from collections.abc import Callable
from typing import Any, TypeVar, cast

from llvmlite import ir
from llvmlite.binding import get_host_cpu_features
from numba import njit, types
from numba.core import cgutils
from numba.extending import intrinsic

Function = TypeVar("Function", bound=Callable[..., Any])

LANES = 16  # numbers that an instruction takes: where it takes fewer, LLVM makes several of it
# A tile of a product has so many rows and columns: its sums stay in registers, of which processors
# with AVX-512 have twice as many, each twice as wide.
TILE_ROWS = 4
TILE_COLUMNS = 32 if get_host_cpu_features().get("avx512f") else 16

FLOAT, INT32, INT64 = ir.FloatType(), ir.IntType(32), ir.IntType(64)
VECTOR = ir.VectorType(FLOAT, LANES)


def part_of_task(*fastmath: str) -> Callable[[Function], Function]:
    """Compile a part of a task, with what may be done to its sums: as written, without any."""
    compiled = njit(nogil=True, error_model="numpy", fastmath=set(fastmath))
    return cast("Callable[[Function], Function]", compiled)


def everywhere(builder: Any, number: Any) -> Any:
    """Return a vector that has a float32 in each lane."""
    undefined = VECTOR(ir.Undefined)
    first = builder.insert_element(undefined, number, INT32(0))
    lanes = ir.Constant(ir.VectorType(INT32, LANES), [0] * LANES)
    return builder.shuffle_vector(first, undefined, lanes)


@intrinsic  # type: ignore[untyped-decorator]  # Numba has no types
def raise_counter(_context: Any, _address: Any) -> Any:
    """Raise a counter, which other threads raise too, by one; return what it was."""

    def generate(_context: Any, builder: Any, _signature: Any, arguments: Any) -> Any:
        counter = builder.inttoptr(arguments[0], INT64.as_pointer())
        return builder.atomic_rmw("add", counter, INT64(1), "monotonic")

    return types.int64(types.int64), generate


@intrinsic  # type: ignore[untyped-decorator]  # Numba has no types
def at(_context: Any, _address: Any) -> Any:
    """Return a pointer to what is at an address."""

    def generate(_context: Any, builder: Any, _signature: Any, arguments: Any) -> Any:
        return builder.inttoptr(arguments[0], ir.IntType(8).as_pointer())

    return types.voidptr(types.int64), generate


@intrinsic  # type: ignore[untyped-decorator]  # Numba has no types
def float_of_bits(_context: Any, _bits: Any) -> Any:
    """Return the float32 that has these bits."""

    def generate(_context: Any, builder: Any, _signature: Any, arguments: Any) -> Any:
        return builder.bitcast(arguments[0], FLOAT)

    return types.float32(types.int32), generate


@intrinsic  # type: ignore[untyped-decorator]  # Numba has no types
def multiply_tile(
    _context: Any,
    _a: Any,
    _a_line: Any,
    _b: Any,
    _b_line: Any,
    _c: Any,
    _c_line: Any,
    _depth: Any,
    _adds: Any,
) -> Any:
    """Write a tile of the product a x b at c, or add it to what is there.

    Each is an address and the bytes from line to line; b has `depth` lines. Sums stay in registers.
    """

    def generate(context: Any, builder: Any, _signature: Any, arguments: Any) -> Any:
        a, a_line, b, b_line, c, c_line, depth, adds = arguments
        vectors = range(TILE_COLUMNS // LANES)
        number_size, vector_size = INT64(4), INT64(4 * LANES)

        def pointer(kind: Any, base: Any, *offsets: tuple[Any, Any]) -> Any:
            """Return a pointer to what is so many times so many bytes after a base."""
            for count, size in offsets:
                base = builder.add(base, builder.mul(count, size))
            return builder.inttoptr(base, kind.as_pointer())

        def target(row: int, vector: int) -> Any:
            return pointer(VECTOR, c, (INT64(row), c_line), (INT64(vector), vector_size))

        sums = {}
        for row in range(TILE_ROWS):
            for vector in vectors:
                sums[row, vector] = cgutils.alloca_once(builder, VECTOR)
                builder.store(VECTOR([0.0] * LANES), sums[row, vector])
        with builder.if_then(adds):
            for place, total in sums.items():
                builder.store(builder.load(target(*place), align=4), total)
        with cgutils.for_range(builder, depth, intp=INT64) as loop:
            columns = []
            for vector in vectors:
                place = pointer(VECTOR, b, (loop.index, b_line), (INT64(vector), vector_size))
                columns.append(builder.load(place, align=4))
            for row in range(TILE_ROWS):
                place = pointer(FLOAT, a, (INT64(row), a_line), (loop.index, number_size))
                number = everywhere(builder, builder.load(place, align=4))
                for vector in vectors:
                    total = sums[row, vector]
                    product = builder.fmul(number, columns[vector], flags=("contract",))
                    added = builder.fadd(builder.load(total), product, flags=("contract",))
                    builder.store(added, total)
        for place, total in sums.items():
            builder.store(builder.load(total), target(*place), align=4)
        return context.get_dummy_value()

    return types.void(*[types.int64] * 7, types.boolean), generate
