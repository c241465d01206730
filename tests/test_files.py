import json
import subprocess
import sys
from pathlib import Path

import pytest

from harness.errors import DataError, StoreError
from harness.files import (
    canonical_json,
    make_folder,
    read_toml,
    read_toml_with_lines,
    sha256,
    sha256_file,
    write_atomically,
)


def test_sha256_of_the_published_example() -> None:
    # FIPS 180-2, appendix B.1.
    published = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"
    assert sha256("abc") == sha256(b"abc") == published


def test_sha256_of_a_file(tmp_path: Path) -> None:
    path = tmp_path / "abc"
    path.write_bytes(b"abc")
    assert sha256_file(path) == sha256(b"abc")


def test_canonical_json_is_one_text_whatever_the_order() -> None:
    assert canonical_json({"b": "é", "a": [1, None]}) == '{"a":[1,null],"b":"é"}'


@pytest.mark.parametrize("number", [float("nan"), float("inf")])
def test_what_is_no_json_is_refused(number: float) -> None:
    with pytest.raises(ValueError, match="not JSON compliant"):
        canonical_json({"score": number})


def test_toml_errors_name_the_file_and_the_line(tmp_path: Path) -> None:
    path = tmp_path / "x.toml"
    path.write_text("a = 1\nb = = 2", encoding="utf-8")
    with pytest.raises(DataError, match=r"x\.toml: not valid TOML: .*line 2"):
        read_toml(path)
    with pytest.raises(DataError, match=r"y\.toml: cannot be read: No such file"):
        read_toml(tmp_path / "y.toml")


def test_writing_replaces_the_whole_file_and_leaves_nothing_else(tmp_path: Path) -> None:
    path = tmp_path / "board.json"
    write_atomically(path, "a long old content")
    write_atomically(path, "new é\n")
    assert path.read_bytes() == b"new \xc3\xa9\n"
    assert list(tmp_path.iterdir()) == [path]


def test_a_failed_write_leaves_the_old_file(tmp_path: Path) -> None:
    """On a full disk: /dev/full takes nothing, and so does a file-size limit of 4 KiB."""
    path = tmp_path / "board.json"
    path.write_text('{"old": true}', encoding="utf-8")
    script = (
        "import resource, signal, sys; from pathlib import Path\n"
        "from harness.files import write_atomically\n"
        "signal.signal(signal.SIGXFSZ, signal.SIG_IGN)\n"
        "resource.setrlimit(resource.RLIMIT_FSIZE, (4096, 4096))\n"
        "write_atomically(Path(sys.argv[1]), 'x' * 100_000)\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", script, str(path)],
        check=False, capture_output=True, text=True, timeout=300,
    )  # fmt: skip
    assert "StoreError" in done.stderr
    assert json.loads(path.read_text(encoding="utf-8")) == {"old": True}
    assert list(tmp_path.iterdir()) == [path]


def test_a_folder_that_cannot_be_made_is_one_clear_error(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("", encoding="utf-8")
    with pytest.raises(StoreError, match=r"file/out: cannot be written .*choose another folder"):
        make_folder(tmp_path / "file" / "out")
    assert [path.name for path in tmp_path.iterdir()] == ["file"]


TOML = """\
# a comment
name = "x"

[a]
b.c = 1
text = \"\"\"
[no.header]
key = 1
\"\"\"
list = [
  1,   # ]
  { d = 2 },
]
[[a.tables]]
key = 1
[a.tables.inner]
  key = 2
[[a.tables]] # another
key = { deep = 3 }
["quoted.name"]
"""


def test_toml_has_the_line_of_each_table_and_key(tmp_path: Path) -> None:
    """Counted in the text above."""
    path = tmp_path / "x.toml"
    path.write_text(TOML, encoding="utf-8")
    content, lines = read_toml_with_lines(path)
    assert content["a"]["tables"][1]["key"]["deep"] == 3
    assert lines == {
        ("name",): 2,
        ("a",): 4,
        ("a", "b"): 5,
        ("a", "b", "c"): 5,
        ("a", "text"): 6,
        ("a", "list"): 10,
        ("a", "tables", 0): 14,
        ("a", "tables", 0, "key"): 15,
        ("a", "tables", 0, "inner"): 16,
        ("a", "tables", 0, "inner", "key"): 17,
        ("a", "tables", 1): 18,
        ("a", "tables", 1, "key"): 19,
        ("a", "tables", 1, "key", "deep"): 19,
        ("quoted.name",): 20,
    }
