import json
from array import array
from collections.abc import Iterator
from pathlib import Path

import pyarrow.parquet as pq
import pytest

from harness.errors import StoreError, UsageError
from harness.scores.items import open_items


def _write(path: Path) -> None:
    with open_items(path, ["f1"]) as sink:
        sink.add("one", iter(["a", "b"]), [False, True], {"f1": array("d", [0.1, 0.0])})
        sink.add("two", iter(["a", "b"]), [False, False], {"f1": array("d", [1.0, 1 / 3])})


LINES = [
    ("one", "a", False, 0.1),
    ("one", "b", True, 0.0),
    ("two", "a", False, 1.0),
    ("two", "b", False, 1 / 3),
]


def test_json_lines(tmp_path: Path) -> None:
    _write(tmp_path / "items.jsonl")
    written = (tmp_path / "items.jsonl").read_text(encoding="utf-8").splitlines()
    assert [json.loads(line) for line in written] == [
        {"system": system, "id": name, "missing": missing, "scores": {"f1": f1}}
        for system, name, missing, f1 in LINES
    ]


def test_parquet_has_the_same(tmp_path: Path) -> None:
    _write(tmp_path / "items.parquet")
    assert pq.read_table(tmp_path / "items.parquet").to_pylist() == [
        {"system": system, "id": name, "missing": missing, "f1": f1}
        for system, name, missing, f1 in LINES
    ]


def test_many_items_are_written_in_parts(tmp_path: Path) -> None:
    names = [str(i) for i in range(10_000)]
    with open_items(tmp_path / "items.parquet", ["f1"]) as sink:
        sink.add("one", iter(names), [False] * 10_000, {"f1": array("d", range(10_000))})
    table = pq.read_table(tmp_path / "items.parquet")
    assert table.column("id").to_pylist() == names
    assert table.column("f1").to_pylist() == list(range(10_000))


@pytest.mark.parametrize("name", ["items.jsonl", "items.parquet"])
def test_a_run_that_breaks_off_leaves_what_was_there(tmp_path: Path, name: str) -> None:
    path = tmp_path / name
    path.write_text("old", encoding="utf-8")

    def broken() -> Iterator[str]:
        yield "a"
        raise UsageError("broken")

    with pytest.raises(UsageError, match="broken"), open_items(path, ["f1"]) as sink:
        sink.add("one", broken(), [False, False], {"f1": [1.0, 1.0]})
    assert path.read_text(encoding="utf-8") == "old"
    assert [one.name for one in tmp_path.iterdir()] == [name]


def test_nothing_is_kept_without_a_file() -> None:
    with open_items(None, ["f1"]) as sink:
        sink.add("one", iter(["a"]), [False], {"f1": [1.0]})


def test_bad_places_are_refused(tmp_path: Path) -> None:
    with (
        pytest.raises(UsageError, match=r"ends in \.jsonl or \.parquet"),
        open_items(Path("a.csv"), []),
    ):
        pass
    for name in ("items.jsonl", "items.parquet"):
        with pytest.raises(StoreError, match="cannot be written: No such file or directory"):
            _write(tmp_path / "gone" / name)
