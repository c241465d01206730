"""Judgments from files: their forms, and what is said of those that cannot be used."""

import gzip
import json
from pathlib import Path

import pytest

from harness.agreement.judgments.columns import at
from harness.agreement.judgments.judgments import JudgedSet
from harness.agreement.judgments.reading import read_sets
from harness.errors import DataError, HarnessError, UsageError
from tests.agreement.made import write

SUMMARY: dict[str, object] = {
    "article_id": "a",
    "system": "s",
    "summary": "Ann met Bob.",
    "scores": {"good": 1},
}
ANSWER: dict[str, object] = {
    "question_id": "q", "question": "Who?", "golds": ["Ann"], "system": "s", "answer": "Ann",
    "scores": {"correct": 1}, "labels": {"improper": False},
}  # fmt: skip


def _read(path: Path, *columns: str) -> JudgedSet:
    (judged,) = read_sets([path], columns)
    return judged


def test_summaries_with_their_articles_beside_them(tmp_path: Path) -> None:
    lines: list[dict[str, object]] = [
        SUMMARY,
        SUMMARY | {"system": None, "article_id": "b", "scores": {"good": None, "long": 2.5}},
        SUMMARY | {"article_id": "b", "group": "b-1", "references": ["Own."]},
    ]
    with gzip.open(tmp_path / "set.jsonl.gz", "wt", encoding="utf-8") as file:
        file.writelines(f"{json.dumps(line)}\n" for line in lines)
    articles: list[dict[str, object]] = [
        {"article_id": "a", "article": "Long ago.", "references": ["R1", "R2"], "source": "x"},
        {"article_id": "b", "article": None, "references": [], "lang": "de"},
    ]
    write(tmp_path / "set.articles.jsonl", articles)
    judged = _read(tmp_path / "set.jsonl.gz")
    assert (judged.name, judged.task, judged.aspects) == ("set", "summarize", ("good", "long"))
    first, second, third = judged.judgments
    assert (first.article, first.references, first.source) == ("Long ago.", ("R1", "R2"), "x")
    assert (first.group, first.text) == ("a", "Ann met Bob.")
    assert (second.system, second.article, second.references, second.language) == (None, None, (), "de")  # fmt: skip
    assert second.scores == {"good": None, "long": 2.5}
    assert (third.group, third.article_id, third.references) == ("b-1", "b", ("Own.",))
    assert judged.sources == ("de", "x")


def test_texts_of_a_group_share_the_references_that_one_of_them_has(tmp_path: Path) -> None:
    lines = [SUMMARY, SUMMARY | {"system": "t", "references": ["R"]}, SUMMARY | {"article_id": "b"}]
    judged = _read(write(tmp_path / "set.jsonl", lines))
    assert [judgment.references for judgment in judged.judgments] == [("R",), ("R",), ()]


def test_answers_and_lines_that_are_to_be_left_out(tmp_path: Path) -> None:
    lines = [ANSWER, ANSWER | {"labels": {"improper": True}}, ANSWER | {"answer": ""}]
    judged = _read(write(tmp_path / "qa.jsonl", lines))
    assert (judged.task, len(judged.judgments), judged.left_out) == ("answer", 2, 1)
    assert judged.judgments[0].references == ("Ann",)
    assert judged.judgments[1].text == ""


def test_columns_of_one_s_own(tmp_path: Path) -> None:
    """Three experts' scores in a list, as in SummEval's own file; a score is their mean."""
    line = {
        "id": "a", "decoded": "Ann met Bob.", "model": {"name": "bart"},
        "experts": [{"fluency": 5, "truth": 1}, {"fluency": 4, "truth": None}],
        "refs": "R", "votes": [1, 0, 1, 1], "flag": True,
    }  # fmt: skip
    judged = _read(
        write(tmp_path / "own.jsonl", [line]),
        "article_id=id", "summary=decoded", "system=model.name", "references=refs",
        "scores=experts", "scores=votes", "scores=flag",
    )  # fmt: skip
    (judgment,) = judged.judgments
    assert (judgment.article_id, judgment.system, judgment.references) == ("a", "bart", ("R",))
    assert judgment.scores == {"fluency": 4.5, "truth": 1.0, "votes": 0.75, "flag": 1.0}


def test_a_name_with_a_dot_is_that_name_first() -> None:
    record = {"a.b": 1, "a": {"b": 2, "c": {"d": 3}}}
    assert (at(record, "a.b"), at(record, "a.c.d"), at(record, "a.x"), at(record, "x.y")) == (1, 3, None, None)  # fmt: skip


def test_a_folder_is_all_sets_in_it(tmp_path: Path) -> None:
    write(tmp_path / "b.jsonl", [SUMMARY])
    write(tmp_path / "a.jsonl", [ANSWER])
    write(tmp_path / "b.articles.jsonl", [{"article_id": "a", "article": "x", "references": []}])
    (tmp_path / "README.md").write_text("Read me.")
    assert [judged.name for judged in read_sets([tmp_path])] == ["a", "b"]


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ("", "set.jsonl: has no judgments; it must have a JSON object a line"),
        ("[1]\n", "set.jsonl:1: must be a JSON object"),
        ('{"a": 1}\n', "no column for summary; scores; article_id or group; there are a; name them with --column ROLE=NAME"),
        ('{"summary": "x", "rating": {"good": 1}}\n', "no column for scores; article_id or group; there are summary, rating.good"),
        (json.dumps(SUMMARY | {"summary": None}), "no column for summary; there are article_id, system, summary, scores.good"),
        (f"{json.dumps(SUMMARY)}\n{json.dumps(SUMMARY | {'summary': 3})}", "set.jsonl:2: summary: must be a text, not 3"),
        (json.dumps(SUMMARY | {"scores": {"good": "high"}}), "set.jsonl:1: scores.good: must be a number, or null"),
        ('{"article_id": "a", "summary": "x", "scores": {"good": NaN}}', "set.jsonl:1: not valid JSON: NaN is no JSON number"),
        (json.dumps(SUMMARY | {"references": [1]}), "set.jsonl:1: references: must be a text or a list of texts"),
        (json.dumps(SUMMARY)[:-1], "set.jsonl:1: not valid JSON: "),
        ('{"a": 1, "a": 2}', "set.jsonl:1: not valid JSON: 'a' is given twice in one object"),
        (f"{json.dumps(SUMMARY)}\n{json.dumps({**SUMMARY, 'article_id': None})}", "set.jsonl:2: no article_id and no group"),
    ],
)  # fmt: skip
def test_what_cannot_be_used_is_said_with_its_place(
    tmp_path: Path, content: str, message: str
) -> None:
    path = tmp_path / "set.jsonl"
    path.write_text(content, encoding="utf-8")
    with pytest.raises(DataError) as caught:
        _read(path)
    assert message in str(caught.value)
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize(
    ("columns", "error", "message"),
    [
        (["system"], UsageError, "--column 'system': must be ROLE=NAME, such as system=model_id"),
        (["sytem=x"], UsageError, "summarize has no role 'sytem'; did you mean system?"),
        (["system=modell"], DataError, "no column for system (named modell); there are article_id, system, summary"),
        (["scores=scores.goud"], DataError, "no column for scores"),
    ],
)  # fmt: skip
def test_columns_that_there_are_not(
    tmp_path: Path, columns: list[str], error: type[HarnessError], message: str
) -> None:
    with pytest.raises(error) as caught:
        _read(write(tmp_path / "set.jsonl", [SUMMARY]), *columns)
    assert message in str(caught.value)


def test_files_that_cannot_be_read(tmp_path: Path) -> None:
    with pytest.raises(DataError, match=r"none\.jsonl: there is no such file"):
        _read(tmp_path / "none.jsonl")
    with pytest.raises(DataError, match=r"has no judgments: no file of it ends in \.jsonl"):
        _read(tmp_path)
    packed = gzip.compress(json.dumps(SUMMARY).encode())
    (tmp_path / "cut.jsonl.gz").write_bytes(packed[:-9])
    with pytest.raises(DataError, match=r"cut\.jsonl\.gz: cannot be unpacked"):
        _read(tmp_path / "cut.jsonl.gz")
    (tmp_path / "latin.jsonl").write_bytes('{"summary": "Müller"}'.encode("latin-1"))
    with pytest.raises(DataError, match=r"latin\.jsonl:1: not UTF-8"):
        _read(tmp_path / "latin.jsonl")


def test_articles_that_do_not_fit_their_summaries(tmp_path: Path) -> None:
    path = write(tmp_path / "set.jsonl", [SUMMARY])
    beside = tmp_path / "set.articles.jsonl"
    write(beside, [{"article_id": "b", "article": "x"}])
    with pytest.raises(DataError, match=r"set\.jsonl:1: article_id: 'a' is not in the file of"):
        _read(path)
    write(beside, [{"article_id": "a", "article": "x"}] * 2)
    with pytest.raises(DataError, match=r"set\.articles\.jsonl:2: article_id: 'a' is there twice"):
        _read(path)
