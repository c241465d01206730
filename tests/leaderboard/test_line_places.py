import random
from array import array
from pathlib import Path

import pytest

from harness.leaderboard.line_places import LineOffsets, compact

LINES = [f"line {number} {'x' * (number % 7)}\n".encode() for number in range(50)]


@pytest.fixture
def path(tmp_path: Path) -> Path:
    path = tmp_path / "lines"
    blank = {0: b"\n", 16: b"  \n\n", 33: b"\n"}  # before these lines: no lines of their own
    path.write_bytes(b"".join(blank.get(i, b"") + line for i, line in enumerate(LINES)))
    return path


def _offsets(path: Path) -> LineOffsets:
    offsets, offset = LineOffsets(), 0
    for text in path.read_bytes().splitlines(keepends=True):
        if text.strip():
            offsets.add(offset)
        offset += len(text)
    return offsets


@pytest.mark.parametrize(
    "places",
    [
        range(50),
        range(17, 49),
        range(0),
        [0, 15, 16, 31, 32, 49],
        [49, 3, 3, 2, 20, 18],
        random.Random(0).sample(range(50), 50),
    ],
)
def test_lines_are_read_in_any_order(path: Path, places: range | list[int]) -> None:
    with path.open("rb") as file:
        assert [*_offsets(path).read(file, places)] == [LINES[place] for place in places]


def test_all_lines_are_counted_and_few_offsets_are_kept(path: Path) -> None:
    offsets = _offsets(path)
    assert len(offsets) == len(LINES)
    assert len(offsets._offsets) == 4  # of 50 lines


def test_a_file_that_was_cut_has_empty_lines(path: Path) -> None:
    offsets = _offsets(path)
    path.write_bytes(b"\n" + LINES[0])
    with path.open("rb") as file:
        assert [*offsets.read(file, range(2))] == [LINES[0], b""]


def test_places_in_a_row_are_a_range() -> None:
    assert compact([]) == range(0)
    assert compact(range(4, 9)) == range(4, 9)
    assert compact(iter([4, 5, 6])) == range(4, 7)
    assert compact([4, 5, 7, 8]) == array("q", [4, 5, 7, 8])
    assert compact([5, 4]) == array("q", [5, 4])
    assert compact([5, 5]) == array("q", [5, 5])
