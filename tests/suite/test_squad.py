"""Data sets laid out as SQuAD: how they are named, read, told apart, and refused."""

import gzip
import hashlib
import json
import os
import re
from collections import Counter
from pathlib import Path
from typing import Any

import pytest

from harness.errors import DataError
from harness.external.outputs import FieldNames, read_references
from harness.scores.request import ScoreRequest, System
from harness.scores.scoring import score_files
from harness.suite.data_set.columns import Columns
from harness.suite.data_set.items import read_items
from harness.suite.data_set.reading.bad_rows import BadRows
from harness.suite.data_set.source import Source, read_source
from harness.suite.data_set.suite import read_data_set
from harness.suite.opening import open_suite
from tests import squads
from tests.squads import RIVERS

COMMIT = "0123456789abcdef0123456789abcdef01234567"


@pytest.fixture
def rivers(tmp_path: Path) -> Path:
    return squads.write(tmp_path / "rivers.json", RIVERS)


def test_questions_come_in_order_and_belong_together_by_title(rivers: Path) -> None:
    suite = open_suite(f"squad:{rivers}")
    examples = suite.examples("answer")
    assert [(one.id, one.cluster, one.article.id, one.references) for one in examples] == [
        ("Rhine%2FWaal/q1", "Rhine%2FWaal", "Rhine%2FWaal#1", ("Switzerland", "in Switzerland")),
        ("Rhine%2FWaal/q2", "Rhine%2FWaal", "Rhine%2FWaal#1", ("Rotterdam",)),
        ("Rhine%2FWaal/q3", "Rhine%2FWaal", "Rhine%2FWaal#1", ()),
        ("Rhine%2FWaal/q4", "Rhine%2FWaal", "Rhine%2FWaal#2", ("80 km",)),
        ("Oder/q5", "Oder", "Oder#1", ()),
        ("Oder/q6", "Oder", "Oder#1", ("no",)),
    ]
    assert examples[3].query.question == "How long is the Waal?"
    assert examples[-1].query.context == "The Oder has no dam. 🙂 é"
    assert [one.id for one in suite.examples("answer", limit=2)] == [
        "Rhine%2FWaal/q1",
        "Rhine%2FWaal/q2",
    ]
    assert [one.id for one in examples[2:5]] == ["Rhine%2FWaal/q3", "Rhine%2FWaal/q4", "Oder/q5"]
    assert list(suite.examples("summarize")) == list(suite.examples("answer", "event")) == []


def test_what_it_says_of_itself(rivers: Path) -> None:
    suite = read_data_set(f"squad:{rivers}")
    assert suite.data is not None
    told = suite.data
    assert (suite.id, told.source) == ("rivers", "rivers.json")
    assert (told.questions, told.unanswerable, told.paragraphs, told.titles) == (6, 2, 3, 2)
    assert (told.clusters, told.rules) == ("title", "2.0")
    assert told.ids_sha256 == hashlib.sha256(b"q1\nq2\nq3\nq4\nq5\nq6\n").hexdigest()
    assert list(suite.articles) == ["Rhine%2FWaal#1", "Rhine%2FWaal#2", "Oder#1"]
    assert suite.articles["Oder#1"].text == "The Oder has no dam. 🙂 é"


ANSWERED = {"All": [("Ann met Bob.", [("Who?", ["Ann"]), ("Whom?", ["Bob"])]), ("Cy.", [("Who?", ["Cy"])])]}  # fmt: skip


def test_one_title_makes_each_paragraph_a_cluster(tmp_path: Path) -> None:
    suite = read_data_set(f"squad:{squads.write(tmp_path / 'one.json', ANSWERED)}")
    assert [one.id for one in suite.examples("answer")] == ["All#1/q1", "All#1/q2", "All#2/q3"]
    assert suite.data is not None
    assert suite.data.clusters == "paragraph"


@pytest.mark.parametrize(
    ("version", "titles", "rules"),
    [
        ("1.1", ANSWERED, "1.1"),
        ("v2.0", ANSWERED, "2.0"),
        (None, ANSWERED, "1.1"),
        ("1.0", ANSWERED, "1.1"),
        (None, RIVERS, "2.0"),
        ("1.1", RIVERS, "2.0"),  # evaluate-v1.1.py cannot score a question without answers
    ],
)
def test_the_rules_are_those_of_the_file_in_eval_and_score_alike(
    tmp_path: Path, version: str | None, titles: squads.Titles, rules: str
) -> None:
    path = squads.write(tmp_path / "set.json", titles, version=version)
    suite = read_data_set(f"squad:{path}")
    assert suite.data is not None
    assert suite.data.rules == rules
    said = tmp_path / "said.json"
    ids = [example.id.partition("/")[2] for example in suite.examples("answer")]
    said.write_text(json.dumps(dict.fromkeys(ids, "Ann")), encoding="utf-8")
    (row,) = score_files(ScoreRequest(path, [System("said", said)])).rows
    assert f"unanswerable:squad-{rules}" in row.metrics["f1"].signature


def test_an_answer_without_a_text_is_none(tmp_path: Path) -> None:
    """FARM and others write no answer as {"text": "", "answer_start": -1}: FARM's issue 698."""
    silent = {"text": "", "answer_start": -1}
    path = tmp_path / "farm.json"
    path.write_text(_question(answers=[silent]), encoding="utf-8")
    suite = read_data_set(f"squad:{path}")
    assert [example.references for example in suite.examples("answer")] == [()]
    assert suite.data is not None
    assert (suite.data.unanswerable, suite.data.rules) == (1, "2.0")
    path.write_text(_question(answers=[silent, {"text": "c", "answer_start": 0}]), encoding="utf-8")
    (question,) = read_items(Source(path), Columns("farm", {}), BadRows())
    assert (question.answers, question.starts) == (("c",), (0,))


@pytest.mark.parametrize(
    ("answers", "texts"),
    [
        ({"text": ["c", "cc"], "answer_start": [0, 2]}, ("c", "cc")),  # as on the Hub
        (["c", "cc"], ("c", "cc")),
        ({"value": "c", "aliases": ["cc"]}, ("c", "cc")),
    ],
)
def test_a_file_may_keep_answers_as_tables_do(
    tmp_path: Path, answers: object, texts: tuple[str, ...]
) -> None:
    """`harness score` reads the same file to the same references."""
    path = tmp_path / "set.json"
    path.write_text(_question(answers=answers), encoding="utf-8")
    (example,) = read_data_set(f"squad:{path}").examples("answer")
    (reference,) = read_references(path, "json", FieldNames())
    assert example.references == reference.texts == texts


@pytest.mark.parametrize(
    ("flag", "answers", "told"),
    [(True, ["c"], True), (False, [], True), (False, ["c"], False), (True, [], False), (None, [], False)],
)  # fmt: skip
def test_a_flag_that_contradicts_the_answers_is_told(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], flag: object, answers: object, told: bool
) -> None:
    """evaluate-v2.0.py goes by the answers; transformers' reader of SQuAD by the flag."""
    path = tmp_path / "set.json"
    path.write_text(_question(answers=answers, is_impossible=flag), encoding="utf-8")
    in_eval = "\n".join(read_data_set(f"squad:{path}").warnings)
    list(read_references(path, "json", FieldNames()))
    in_score = capsys.readouterr().err
    for text in (in_eval, in_score):
        assert ("is_impossible says the opposite of the answers of 1 questions" in text) == told


def test_a_whole_number_is_an_id(tmp_path: Path) -> None:
    """GermanQuAD and COVID-QA number their questions: "id": 51870."""
    path = tmp_path / "numbered.json"
    path.write_text(_question(id=51870), encoding="utf-8")
    (example,) = read_data_set(f"squad:{path}").examples("answer")
    assert example.id == "T#1/51870"


def test_answers_of_a_table_may_be_texts_or_those_of_other_data_sets(tmp_path: Path) -> None:
    pytest.importorskip("datasets")
    import pyarrow as pa
    import pyarrow.parquet

    def answers(value: object) -> list[tuple[str, ...]]:
        row = {"id": 7, "context": "Ann met Bob.", "question": "Who?", "answers": value}
        path = tmp_path / "table.parquet"
        pyarrow.parquet.write_table(pa.Table.from_pylist([row]), path)
        return [example.references for example in read_data_set(f"squad:{path}").examples("answer")]

    assert answers(["Ann", "Ann Lee"]) == [("Ann", "Ann Lee")]
    assert answers({"value": "Ann", "aliases": ["Ann", "A. Lee"]}) == [("Ann", "A. Lee")]
    assert answers({"text": [""], "answer_start": [-1]}) == [()]
    with pytest.raises(DataError, match="row 1: answers must be a text or a list of texts, not an"):
        answers({"short": ["Ann"]})


def test_the_layout_does_not_matter_to_the_hash(rivers: Path, tmp_path: Path) -> None:
    suite = read_data_set(f"squad:{rivers}")
    pytest.importorskip("datasets")
    folder = squads.write_tables(tmp_path / "rivers-on-the-hub", RIVERS)
    marked = squads.write(tmp_path / "marked.json", RIVERS, title_last=True)
    marked.write_bytes(b"\xef\xbb\xbf" + marked.read_bytes())
    one_file = folder / "data" / "validation-00000-of-00002.parquet"
    assert read_data_set(f"squad:{one_file}").database.questions == 3
    for name in (f"squad:{folder}#validation", f"squad:{marked}"):
        other = read_data_set(name)
        assert other.hash == suite.hash
        assert [one.id for one in other.examples("answer")] == [
            one.id for one in suite.examples("answer")
        ]


@pytest.mark.parametrize(
    "change",
    [
        lambda d: d["data"][0].update(title="Rhine"),
        lambda d: d["data"][0]["paragraphs"][0].update(context="The Rhine rises."),
        lambda d: d["data"][0]["paragraphs"][0]["qas"][0].update(id="q0"),
        lambda d: d["data"][0]["paragraphs"][0]["qas"][0].update(question="Where?"),
        lambda d: d["data"][0]["paragraphs"][0]["qas"][0]["answers"][0].update(text="Swiss"),
        lambda d: d["data"][0]["paragraphs"][0]["qas"][2].update(answers=[{"text": "deep"}]),
        lambda d: d["data"].reverse(),
    ],
)
def test_the_hash_changes_with_what_can_change_a_score(
    rivers: Path, tmp_path: Path, change: Any
) -> None:
    content = json.loads(rivers.read_text(encoding="utf-8"))
    change(content)
    other = tmp_path / "other.json"
    other.write_text(json.dumps(content), encoding="utf-8")
    assert read_data_set(f"squad:{other}").hash != read_data_set(f"squad:{rivers}").hash


def _question(**fields: object) -> str:
    qas = [{"id": "q", "question": "?", "answers": [{"text": "a"}], **fields}]
    return json.dumps({"data": [{"title": "T", "paragraphs": [{"context": "c", "qas": qas}]}]})


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "bad.json: not valid JSON: parse error"),
        ('{"data": [', "bad.json: not valid JSON: parse error"),
        ("[]", "bad.json: there are no rows in it; it is no data set"),
        ('{"data": []}', "bad.json: there are no rows in it"),
        ('{"data": [{"title": "T", "paragraphs": [{"context": "c"}]}]}', "a paragraph of 'T': has no list `qas`"),
        (_question(answers=None), "bad.json: 'T': question 'q': has no `answers`"),
        (_question(answers=[{"text": 3}]), "question 'q': answers must be a text or a list of texts, not 3"),
        (_question(question=None), "question 'q': question: must be a text"),
        (_question(id=None), "question 1: id: must be a text or a whole number"),
        (_question(id=True), "question True: id: must be a text or a whole number"),
        (_question(context=1), "question 'q': context: must be a text"),
    ],
)  # fmt: skip
def test_what_is_no_data_set_is_one_line(tmp_path: Path, text: str, message: str) -> None:
    path = tmp_path / "bad.json"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(DataError) as caught:
        read_data_set(f"squad:{path}")
    assert message in str(caught.value)
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize(
    ("name", "content", "message"),
    [
        ("dev.json", _question().encode("utf-16"), "dev.json: not UTF-8 text but UTF-16, as Power"),
        ("dev.json", _question().encode("utf-16-le"), "dev.json: not UTF-8 text but UTF-16"),
        ("dev.json", _question(id="\xe9").replace("\\u00e9", "\xe9").encode("latin-1"),
         "dev.json: not UTF-8 text; save it as UTF-8"),
        ("dev.json.gz", gzip.compress(_question().encode(), mtime=0)[:-9], "dev.json.gz: is damaged or cut "),
        ("dev.7z", b"7z", "dev.7z: its name tells no format; a data set is a file of json, jsonl"),
    ],
)  # fmt: skip
def test_what_a_tool_made_of_a_file_is_told_in_a_person_s_words(
    tmp_path: Path, name: str, content: bytes, message: str
) -> None:
    (tmp_path / name).write_bytes(content)
    with pytest.raises(DataError) as caught:
        read_data_set(f"squad:{tmp_path / name}")
    assert message in str(caught.value)


def test_capital_letters_are_no_other_suffix(rivers: Path, tmp_path: Path) -> None:
    capital = tmp_path / "DEV.JSON"
    capital.write_bytes(rivers.read_bytes())
    assert read_data_set(f"squad:{capital}").hash == read_data_set(f"squad:{rivers}").hash


def test_an_id_given_twice_is_refused(tmp_path: Path, rivers: Path) -> None:
    twice = tmp_path / "twice.json"
    twice.write_text(rivers.read_text(encoding="utf-8").replace('"q6"', '"q2"'), encoding="utf-8")
    with pytest.raises(DataError, match=r"question 'q2': the id 'q2' is given twice; each row"):
        read_data_set(f"squad:{twice}")


@pytest.mark.parametrize(
    ("old", "new", "where"),
    [
        ('"version":', '"version": "1.1", "version":', "version"),
        ('"id": "q2"', '"id": "q9", "id": "q2"', "data[].paragraphs[].qas[].id"),
        ('"context":', '"context": "another", "context":', "data[].paragraphs[].context"),
    ],
)
def test_a_key_given_twice_is_refused(
    tmp_path: Path, rivers: Path, old: str, new: str, where: str
) -> None:
    """JSON parsers take the last of two in silence."""
    text = rivers.read_text(encoding="utf-8")
    assert old in text
    twice = tmp_path / "twice.json"
    twice.write_text(text.replace(old, new, 1), encoding="utf-8")
    with pytest.raises(DataError, match=rf"{re.escape(where)}: is given twice in one object"):
        read_data_set(f"squad:{twice}")


@pytest.mark.parametrize(
    ("name", "path", "split"),
    [
        ("rivers", "rivers", None),
        ("rivers#test", "rivers", "test"),
        ("./owner/name", "owner/name", None),
        ("./owner/name#test", "owner/name", "test"),
        ("owner/name/#test", "owner/name", "test"),
        ("owner/dev.json", "owner/dev.json", None),
        ("owner/DEV.JSON", "owner/DEV.JSON", None),
        ("owner/q.parquet#train", "owner/q.parquet", "train"),
        ("owner/at@1.json", "owner/at@1.json", None),
        ("owner/name/data#train", "owner/name/data", "train"),
        ("../here/owner/name", "../here/owner/name", None),
        ("odd#name", "odd#name", None),
    ],
)
def test_what_names_itself_as_a_path_is_one(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str, path: str, split: str | None
) -> None:
    (tmp_path / "here").mkdir()
    monkeypatch.chdir(tmp_path / "here")
    for folder in ("rivers", "owner/name/data", "odd#name"):
        Path(folder).mkdir(parents=True)
    for file in ("dev.json", "DEV.JSON", "q.parquet", "at@1.json"):
        Path("owner", file).touch()
    assert read_source(f"squad:{name}") == Source(Path(path), split=split)
    assert read_source(f"squad:{Path(path).absolute()}").path == Path(path).absolute()


@pytest.mark.parametrize(
    ("name", "message"),
    [
        (
            "squad:owner/name#test",
            "may be a folder here or a data set on the Hub; write squad:./owner/name#test, or "
            "squad:owner/name@COMMIT#test",
        ),
        ("squad:owner/name", "write squad:./owner/name, or squad:owner/name@COMMIT"),
        ("squad:owner/name@v1", "'v1' is no commit of 40 digits, so the data could change unseen; "
         "take the one that the Hub shows under Files, History; what is here is named "
         "squad:./owner/name@v1"),
    ],
)  # fmt: skip
def test_a_folder_that_is_called_as_on_the_hub_is_asked_about(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str, message: str
) -> None:
    monkeypatch.chdir(tmp_path)
    for folder in ("owner/name", "owner/name@v1", f"owner/name@{COMMIT}"):
        Path(folder).mkdir(parents=True)
    with pytest.raises(DataError) as caught:
        read_source(name)
    assert message in str(caught.value)
    assert read_source(f"squad:owner/name@{COMMIT}").hub == "owner/name"


def test_a_name_on_the_hub() -> None:
    found = read_source(f"squad:owner/name:new_wiki@{COMMIT}#test")
    assert found == Source(None, "owner/name", "new_wiki", COMMIT, "test")
    assert (found.id, found.label) == (
        "owner/name:new_wiki#test",
        f"owner/name:new_wiki@{COMMIT}#test",
    )
    assert found.names >= {"owner/name", "owner/name:new_wiki", "owner/name#test", found.id}
    assert "owner/name#train" not in found.names


@pytest.mark.parametrize(
    ("name", "message"),
    [
        ("squad:", "there is no such file or folder"),
        ("squad:nowhere/dev.json", "there is no such file or folder; a data set on the Hub is na"),
        (
            "squad:owner/name#test",
            "there is no such file or folder; a data set on the Hub is named "
            "squad:owner/name@COMMIT#test",
        ),
        ("squad:owner/name@main#test", "'main' is no commit of 40 digits, so the data could cha"),
        ("squad:owner/name@#test", "'' is no commit of 40 digits"),
        (f"squad:owner/name@{COMMIT[:39]}#test", "is no commit of 40 digits"),
        (f"squad:owner/name@{COMMIT}0#test", "is no commit of 40 digits"),
        (f"squad:owner/name@{COMMIT[:39]}g#test", "is no commit of 40 digits"),
        (f"squad:./owner/name@{COMMIT}#test", "there is no such file or folder"),
        (f"squad:name@{COMMIT}", "there is no such file or folder"),
    ],
)
def test_what_is_nowhere_is_refused_without_a_network(name: str, message: str) -> None:
    with pytest.raises(DataError) as caught:
        read_source(name)
    assert message in str(caught.value)


def test_a_folder_of_several_splits_says_which(tmp_path: Path) -> None:
    pytest.importorskip("datasets")
    folder = squads.write_tables(tmp_path / "rivers", RIVERS)
    with pytest.raises(DataError, match=r"rivers: has the splits train, validation; name one: #va"):
        read_data_set(f"squad:{folder}")
    with pytest.raises(
        DataError, match=r"rivers#dev: has no split 'dev'; there are train, validation"
    ):
        read_data_set(f"squad:{folder}#dev")


def test_the_published_dev_sets() -> None:
    """Counts of Rajpurkar et al. (2018), table 2, and (2016): dev 11,873 and 10,570 questions.

    Of the former 5,945 have no answer, on 35 articles; the latter are on 48.
    """
    place = os.environ.get("SQUAD_FOLDER")
    if not place:
        pytest.skip("SQUAD_FOLDER names no folder with dev-v1.1.json and dev-v2.0.json")
    for version, questions, unanswerable, titles in (
        ("1.1", 10570, 0, 48),
        ("2.0", 11873, 5945, 35),
    ):
        path = Path(place) / f"dev-v{version}.json"
        suite = read_data_set(f"squad:{path}")
        assert suite.data is not None
        told = suite.data
        assert (told.questions, told.unanswerable, told.titles) == (questions, unanswerable, titles)
        assert told.rules == version
        published = json.loads(path.read_text(encoding="utf-8"))
        expected = {
            one["id"]: (part["context"], one["question"], {a["text"] for a in one["answers"]})
            for article in published["data"]
            for part in article["paragraphs"]
            for one in part["qas"]
        }
        found = {
            one.id.partition("/")[2]: (one.article.text, one.query.question, set(one.references))
            for one in suite.examples("answer")
        }
        assert found == expected
        assert max(Counter(one.cluster for one in suite.examples("answer")).values()) < questions
