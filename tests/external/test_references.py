from pathlib import Path

import pytest

from harness.errors import DataError
from harness.external.outputs import FieldNames
from harness.external.references import References

JSONL = """\
{"id": "b", "references": ["x", "y"]}
{"id": "a", "references": []}
"""


def _write(path: Path, content: str) -> Path:
    path.write_text(content, encoding="utf-8")
    return path


def test_sets_are_found_by_id_and_place(tmp_path: Path) -> None:
    with References(_write(tmp_path / "r.jsonl", JSONL), "jsonl", FieldNames()) as found:
        assert len(found) == 2
        assert (found.find("b"), found.find("a"), found.find("c")) == (0, 1, None)
        assert list(found.all_texts()) == [("x", "y"), ()]
        assert list(found.ids()) == ["b", "a"]
        assert list(found.answerable) == [1, 0]
        assert found.first_unanswerable() == f"{tmp_path / 'r.jsonl'}:2"
        assert (found.has_ids, found.task, found.version) == (True, "summarize", None)


def test_without_ids_the_place_counts(tmp_path: Path) -> None:
    with References(_write(tmp_path / "r.txt", "x\ny\n"), "lines", FieldNames()) as found:
        assert (found.find("1"), found.find("2"), found.find("3")) == (0, 1, None)
        assert (found.has_ids, found.first_unanswerable()) == (False, None)


@pytest.mark.parametrize(
    ("content", "task", "version"),
    [
        ('{"version": "1.1", "data": [{"paragraphs": [{"qas": [{"id": "q", "answers": []}]}]}]}',
         "answer", "1.1"),
        ('[{"id": "q", "answer": "x"}]', "answer", None),
        ('[{"id": "q", "summary": "x"}]', "summarize", None),
    ],
)  # fmt: skip
def test_the_file_tells_its_task(
    tmp_path: Path, content: str, task: str, version: str | None
) -> None:
    with References(_write(tmp_path / "r.json", content), "json", FieldNames()) as found:
        assert (found.task, found.version) == (task, version)


def test_the_hash_is_of_ids_and_texts_whatever_the_format(tmp_path: Path) -> None:
    def hashed(form: str, content: str) -> str:
        path = _write(tmp_path / f"r.{form}", content)
        with References(path, form, FieldNames()) as found:  # type: ignore[arg-type]
            return found.hash

    one = hashed("jsonl", '{"id": "a", "reference": "x"}\n')
    assert hashed("csv", "id,reference\na,x\n") == one
    assert hashed("csv", "id,reference\na,y\n") != one
    assert hashed("csv", "id,reference\nb,x\n") != one


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (
            JSONL + '{"id": "b", "references": "z"}',
            "r.jsonl:3: the id 'b' is given twice, first at",
        ),
        ("", "r.jsonl: there are no references in it"),
    ],
)
def test_bad_references_are_refused(tmp_path: Path, content: str, message: str) -> None:
    with pytest.raises(DataError) as caught:
        References(_write(tmp_path / "r.jsonl", content), "jsonl", FieldNames())
    assert message in str(caught.value)
