import subprocess
import sys
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from harness.errors import DataError
from harness.external.parquet import data_files, read_rows

TABLE = pa.table({
    "id": ["a", "b", "c"],
    "article": ["long"] * 3,
    "answers": [{"text": ["x"], "answer_start": [0]}, {"text": [], "answer_start": []}, None],
})  # fmt: skip
EXPECTED = [
    ("row 1", {"id": "a", "answers": {"text": ["x"], "answer_start": [0]}}),
    ("row 2", {"id": "b", "answers": {"text": [], "answer_start": []}}),
    ("row 3", {"id": "c", "answers": None}),
]


def _arrow(path: Path, table: pa.Table) -> None:
    """Write a file as `Dataset.save_to_disk` of Hugging Face's datasets does: an Arrow stream."""
    with pa.OSFile(str(path), "wb") as file, pa.ipc.new_stream(file, table.schema) as writer:
        writer.write_table(table)


def _read(path: Path) -> list[tuple[str, dict[str, object]]]:
    found = read_rows(path, lambda name: name != "article")
    return [(where.removeprefix(f"{path}: "), columns) for where, columns in found]


def test_a_parquet_file(tmp_path: Path) -> None:
    pq.write_table(TABLE, tmp_path / "a.parquet", row_group_size=2)
    assert _read(tmp_path / "a.parquet") == EXPECTED


def test_a_data_set_saved_to_disk(tmp_path: Path) -> None:
    _arrow(tmp_path / "data-00000-of-00002.arrow", TABLE.slice(0, 2))
    _arrow(tmp_path / "data-00001-of-00002.arrow", TABLE.slice(2))
    _arrow(tmp_path / "cache-1f.arrow", TABLE)  # what map() left behind is not the data set
    (tmp_path / "state.json").write_text("{}", encoding="utf-8")
    assert _read(tmp_path) == EXPECTED


def test_a_folder_of_parquet_files(tmp_path: Path) -> None:
    pq.write_table(TABLE.slice(0, 1), tmp_path / "test-00000-of-00002.parquet")
    pq.write_table(TABLE.slice(1), tmp_path / "test-00001-of-00002.parquet")
    assert _read(tmp_path) == EXPECTED


def test_files_are_read_by_their_numbers(tmp_path: Path) -> None:
    """Spark and others write no zeros before them; without ids the order pairs the texts."""
    for number in (10, 0, 2, 1):
        table = pa.table({"id": [str(number)]})
        pq.write_table(table, tmp_path / f"part-{number}.parquet")
    assert [columns["id"] for _, columns in _read(tmp_path)] == ["0", "1", "2", "10"]


def test_the_only_split_is_the_one(tmp_path: Path) -> None:
    (tmp_path / "test").mkdir()
    pq.write_table(TABLE, tmp_path / "test" / "a.parquet")
    assert _read(tmp_path) == EXPECTED


def test_several_splits_are_for_the_user_to_choose(tmp_path: Path) -> None:
    for split in ("train", "test"):
        (tmp_path / split).mkdir()
        _arrow(tmp_path / split / "data-00000-of-00001.arrow", TABLE)
    with pytest.raises(DataError, match="a data set with the splits test, train; name one: "):
        data_files(tmp_path)
    assert _read(tmp_path / "train") == EXPECTED


def test_files_of_several_splits_are_for_the_user_to_choose(tmp_path: Path) -> None:
    for split in ("train", "test"):
        pq.write_table(TABLE, tmp_path / f"{split}-00000-of-00001.parquet")
    with pytest.raises(DataError, match=r"files of several splits \(test, train\); name one"):
        data_files(tmp_path)


@pytest.mark.parametrize("name", ["a.parquet", "a.arrow"])
def test_what_is_no_data_is_refused(tmp_path: Path, name: str) -> None:
    (tmp_path / name).write_bytes(b"not data at all")
    with pytest.raises(DataError, match=f"{name}: cannot be read") as caught:
        _read(tmp_path)
    assert "\n" not in str(caught.value)


def test_texts_that_are_not_utf_8_are_refused(tmp_path: Path) -> None:
    bad = pa.array([b"\xff"], pa.binary()).view(pa.string())
    _arrow(tmp_path / "a.arrow", pa.table({"id": bad}))
    with pytest.raises(DataError, match="Invalid UTF8 sequence"):
        _read(tmp_path)


def test_an_empty_folder_is_refused(tmp_path: Path) -> None:
    with pytest.raises(DataError, match="no Parquet or Arrow files are in this folder"):
        data_files(tmp_path)


def test_without_pyarrow_it_says_what_to_install(tmp_path: Path) -> None:
    pq.write_table(TABLE, tmp_path / "a.parquet")
    script = (
        "import sys; sys.modules['pyarrow'] = None\n"
        "from harness.cli import main\n"
        f"sys.exit(main(['score', '--references', {str(tmp_path / 'a.parquet')!r}, "
        f"'--predictions', {str(tmp_path / 'a.parquet')!r}]))"
    )
    done = subprocess.run(
        [sys.executable, "-c", script], check=False, capture_output=True, text=True, timeout=300
    )
    assert done.returncode == 2
    message = "harness: not installed, but needed for Parquet and Arrow files: pyarrow; run: "
    assert done.stderr.startswith(message)
    assert done.stderr.endswith("pip install 'pyarrow>=21'\n")
