"""What is wrong with a data set: one line with file, row and column, exit code 2."""

import gzip
import json
from pathlib import Path

import pytest

from harness.cli import main
from tests import data_sets
from tests.data_sets import SUMMARIES, json_lines, renamed, without

pytest.importorskip("pyarrow")

GOOD = dict(SUMMARIES[0])
ROW = {"id": "x", "article": "One. Two.", "summary": "One."}


@pytest.fixture(autouse=True)
def _here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)


def _bytes(*rows: object) -> bytes:
    return "".join(json.dumps(row) + "\n" for row in rows).encode()


CUT = data_sets.parquet(SUMMARIES)
BAD = {
    "a column that is not there": (
        "a.jsonl", json_lines(without(SUMMARIES, "article")),
        "a.jsonl: none of the columns 'id', 'highlights' has a usual name of the article (article, "
        "document, dialogue, text, report, source, context); say which it is: --column article=NAME",
    ),
    "nothing to score against": (
        "a.jsonl", json_lines(without(SUMMARIES, "highlights")),
        "a.jsonl: none of the columns 'id', 'article' has a usual name of the reference (highlights, "
        "summary, abstract, target, reference, references); say which it is: --column "
        "reference=NAME (or question=NAME and answers=NAME)",
    ),
    "several candidates": (
        "a.jsonl", _bytes({**ROW, "text": "Other."}),
        "a.jsonl: 2 columns may be the article: article, text; say which: --column article=article "
        "or --column article=text",
    ),
    "several references": (
        "a.jsonl", _bytes({**ROW, "target": "Other."}),
        "a.jsonl: 2 columns may be the reference: summary, target; say which",
    ),
    "a null article": (
        "a.jsonl", _bytes(ROW, {**ROW, "id": "y", "article": None}),
        "a.jsonl:2: article: must be a text, not null",
    ),
    "a row of another type": (
        "a.jsonl", _bytes(ROW, ["x"]), "a.jsonl:2: must be a JSON object, of columns and values",
    ),
    "a value of another type": (
        "a.parquet", data_sets.parquet([{**ROW, "article": 3}]),
        "a.parquet: row 1: article: must be a text, not 3",
    ),
    "a row that lacks a column": (
        "a.json", data_sets.json_list([ROW, {"id": "y", "article": "One."}]),
        "a.json: row 2: has no column 'summary'; there are 'id', 'article'",
    ),
    "an id twice": (
        "a.csv", data_sets.delimited([ROW, ROW]),
        "a.csv:3: the id 'x' is given twice; each row needs its own",
    ),
    "a JSON file cut in the middle": (
        "a.json", data_sets.json_list(SUMMARIES)[:-40],
        "a.json: not valid JSON after row 2: parse error: premature EOF",
    ),
    "JSON lines cut in the middle": (
        "a.jsonl", json_lines(SUMMARIES)[:-40],
        "a.jsonl:3: not valid JSON: Unterminated string starting at, and the file ends here",
    ),
    "a compressed file cut in the middle": (
        "a.jsonl.gz", gzip.compress(json_lines(SUMMARIES))[:-20],
        "a.jsonl.gz: is damaged or cut off: Compressed file ended",
    ),
    "a Parquet file cut in the middle": (
        "a.parquet", CUT[: len(CUT) // 2],
        "a.parquet: cannot be read, is it cut off or damaged: Parquet magic bytes not found",
    ),
    "an Arrow file cut in the middle": (
        "a.arrow", data_sets.arrow(SUMMARIES)[:300], "a.arrow: cannot be read",
    ),
    "a cell of 10 MB": (
        "a.csv", b'id,article,summary\nx,"' + b"word " * 2_100_000 + b'",s\n',
        "a.csv:2: a cell has more than 10,000,000 characters; is a quote not closed",
    ),
    "a quote that is not closed": (
        "a.csv", b'id,article,summary\nx,"One. Two.,One.\n',
        "a.csv:2: the file ends within a cell; is a quote not closed, or the file cut off",
    ),
    "a text of 10 MB": (
        "a.jsonl", _bytes({**ROW, "article": "word " * 2_100_000}),
        "a.jsonl:1: article: has 10,500,000 characters, more than 10,000,000; is it one text",
    ),
    "UTF-16": (
        "a.jsonl", json_lines(SUMMARIES).decode().encode("utf-16"),
        "a.jsonl: not UTF-8 text but UTF-16, as PowerShell writes it; save it as UTF-8",
    ),
    "another encoding": (
        "a.csv", "id,article,summary\nx,Zoë slept.,Zoë.\n".encode("latin-1"),
        "a.csv:2: not UTF-8 text (byte 4); save it as UTF-8",
    ),
    "a column of images": (
        "a.parquet",
        data_sets.parquet([{**ROW, "article": {"bytes": b"\x89PNG", "path": "a.png"}}]),
        "a.parquet: row 1: article: must be a text, not an image, a sound or other bytes",
    ),
    "too few cells": (
        "a.csv", b"id,article,summary\nx,One.\n", "a.csv:2: 2 cells under 3 names",
    ),
    "an empty list of references": (
        "a.jsonl", _bytes({**ROW, "summary": []}),
        "a.jsonl:1: summary: is an empty list; a summary needs a reference",
    ),
    "a key twice": (
        "a.json", b'[{"id": "x", "article": "A.", "article": "B.", "summary": "A."}]',
        "a.json: 'article' is given twice in one object, in row 1 or soon after; keep one",
    ),
    "nothing in it": ("a.jsonl", b"", "a.jsonl: there are no rows in it; it is no data set"),
    "a format that is none": (
        "a.txt", b"One.\n", "a.txt: its name tells no format; a data set is a file of json, jsonl",
    ),
    "two files in an archive": (
        "a.jsonl.zip", data_sets.zipped(json_lines(SUMMARIES), "one.jsonl", "two.jsonl"),
        "a.jsonl.zip: has 2 files in it; unpack it, and name one of them",
    ),
}  # fmt: skip


@pytest.mark.parametrize("what", BAD)
def test_what_is_wrong_is_one_line(what: str, capsys: pytest.CaptureFixture[str]) -> None:
    name, content, message = BAD[what]
    Path(name).write_bytes(content)
    assert main(["eval", "--suite", f"data:{name}", "--models", "lead-3", "-q"]) == 2
    told = capsys.readouterr()
    assert told.out == ""
    assert told.err.startswith(f"harness: {message}")
    assert told.err.count("\n") == 1


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["data:a.jsonl", "--column", "article=body"],
         "a.jsonl: has no column 'body', which is to be the article; there are 'id', 'article'"),
        (["data:a.jsonl", "--column", "text=article"],
         "argument --column: must be ROLE=NAME, with a role of article, reference, question"),
        (["demo", "--column", "article=text"],
         "--column: is of a data set, and --suite demo is none; leave it out"),
        (["demo", "--skip-bad-rows"], "--skip-bad-rows: is of a data set, and --suite demo"),
        (["data:nowhere.jsonl"], "--suite data:nowhere.jsonl: there is no such file or folder"),
        (["data:no-*.jsonl"],
         "--suite data:no-*.jsonl: there is no file that fits the pattern no-*.jsonl"),
        (["data:a.jsonl", "--column", "article=a", "--column", "article=b"],
         "--column article=b: the article is 'a' already; only reference may be several columns"),
        (["data:a.jsonl#test"], "a.jsonl: a file has no splits; leave #test out"),
        (["hub:owner/name#test"], "--suite hub:owner/name#test: lacks the commit, without which"),
        (["hub:owner/name@main"], "--suite hub:owner/name@main: 'main' is no commit of 40 digits"),
        (["hub:a b@c"], "--suite hub:a b@c: is no name on the Hub, which is hub:OWNER/NAME@COMMIT"),
        (["known:cnn@1"], "--suite known:cnn@1: no data set 'cnn' is described; "),
        (["known:xsum#test"], "--suite known:xsum#test: lacks the commit, without which the data "
         "could change unseen: known:xsum@COMMIT#test; take one that the Hub shows of Edinb"),
        (["known:xsum@v1"], "--suite known:xsum@v1: 'v1' is no commit of 40 digits"),
    ],
)  # fmt: skip
def test_a_name_or_column_that_is_not_there(
    arguments: list[str], message: str, capsys: pytest.CaptureFixture[str]
) -> None:
    Path("a.jsonl").write_bytes(json_lines(SUMMARIES))
    assert main(["eval", "--models", "lead-3", "-q", "--suite", *arguments]) == 2
    told = capsys.readouterr().err
    assert told.startswith(f"harness: {message}")
    assert told.count("\n") == 1


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "needs either `data` or `hub`"),
        ('hub = "a/b"', "has one of `hub` and `commit`, which belong together"),
        ('hub = "a/b"\ncommit = "main"', "d.toml:2: commit: must be a commit of 40 digits"),
        ('data = "no.jsonl"', "d.toml: data: there is no file or folder no.jsonl, as seen from"),
        ('data = "a.jsonl"\ncolumn = {}', "d.toml:2: column: unknown key; did you mean columns?"),
        ('data = "a.jsonl"\ncolumns = { text = "a" }', "d.toml:2: columns.text: unknown key"),
        ('data = "a.jsonl"\nwords = [9, 5]', "d.toml:2: words: must be the least and the most w"),
        ('data = "a.jsonl"\ncluster = "topic"', "a.jsonl: has no column 'topic', which is to be"),
        ('data = "a.jsonl"\nprimary = { summarize = "bleu" }', "there is no metric 'bleu'"),
    ],
)
def test_what_is_wrong_with_a_description(
    text: str, message: str, capsys: pytest.CaptureFixture[str]
) -> None:
    Path("a.jsonl").write_bytes(json_lines(SUMMARIES))
    Path("d.toml").write_text(text, encoding="utf-8")
    assert main(["eval", "--suite", "d.toml", "--models", "lead-3", "-q"]) == 2
    told = capsys.readouterr().err
    assert message in told
    assert told.count("\n") == 1


def test_splits_and_scripts_of_folders(capsys: pytest.CaptureFixture[str]) -> None:
    datasets = pytest.importorskip("datasets")
    table = datasets.Dataset.from_list(list(SUMMARIES))
    datasets.DatasetDict({"train": table, "test": table}).save_to_disk("saved")
    Path("script").mkdir()
    Path("script/script.py").write_text("raise SystemExit\n", encoding="utf-8")
    Path("laid/data").mkdir(parents=True)
    for split in ("train", "test"):
        Path(f"laid/data/{split}-00000-of-00001.parquet").write_bytes(data_sets.parquet(SUMMARIES))
    for name, message in (
        ("saved", "saved: has the splits train, test; name one: #test"),
        ("saved#dev", "saved#dev: has no split 'dev'; there are train, test"),
        ("laid", "laid: has the splits train, test; name one: #test"),
        ("laid#dev", "laid#dev: has no split 'dev'; there are train, test"),
        ("script", "script: is a script, script.py, which no version of `datasets` from 4 on runs"),
    ):
        capsys.readouterr()
        assert main(["eval", "--suite", f"data:{name}", "--models", "lead-3", "-q"]) == 2
        assert capsys.readouterr().err.startswith(f"harness: {message}")


def test_bad_rows_are_counted_listed_and_told(capsys: pytest.CaptureFixture[str]) -> None:
    rows = [
        GOOD,
        {**GOOD, "id": "b", "article": None},
        ["no row"],
        {**GOOD, "id": "c"},
        {**GOOD, "id": "c"},
    ]
    Path("a.jsonl").write_bytes(_bytes(*rows) + b'{"id": "d"\n' + b"\xff\n")
    command = ["eval", "--suite", "data:a.jsonl", "--models", "lead-3", "--out", "out"]
    assert main([*command, "--skip-bad-rows"]) == 0
    told = capsys.readouterr()
    assert "a.jsonl: 5 rows were left out, first a.jsonl:2: article: must be a text" in told.err
    assert " ".join(told.out.split()).count(
        "Not all of the data: 5 rows could not be read and were left out (--skip-bad-rows): "
        "a.jsonl:2: article: must be a text, not null; a.jsonl:3: must be a JSON object"
    )
    data = json.loads(Path("out/leaderboard.json").read_text("utf-8"))["suite"]["data"]
    assert (data["summaries"], data["bad_rows"], data["skip_bad_rows"]) == (2, 5, True)
    assert [listed.partition(": ")[0] for listed in data["listed_bad_rows"]] == [
        "a.jsonl:2", "a.jsonl:3", "a.jsonl:5", "a.jsonl:6", "a.jsonl:7",
    ]  # fmt: skip
    assert main(["verify", "out", "-q"]) == 0
    assert main(["check", "--suite", "data:a.jsonl", "--skip-bad-rows", "-q"]) in (0, 1)
    assert "5 rows were left out" in capsys.readouterr().out
    assert main([*command, "-q"]) == 2


def test_renamed_columns_are_no_candidates(capsys: pytest.CaptureFixture[str]) -> None:
    Path("a.csv").write_bytes(data_sets.delimited(renamed(SUMMARIES, article="Article")))
    assert main(["eval", "--suite", "data:a.csv", "--models", "lead-3", "-q"]) == 2
    assert (
        "none of the columns 'id', 'Article', 'highlights' has a usual name"
        in capsys.readouterr().err
    )


def test_a_cell_that_is_too_long_is_left_out_as_any_bad_row_is(
    capsys: pytest.CaptureFixture[str],
) -> None:
    long = b"word " * 2_100_000
    rows = b"x," + long + b",One.\ny,One. Two.,One.\n"
    Path("a.csv").write_bytes(b"id,article,summary\n" + rows)
    main(["check", "--suite", "data:a.csv", "--skip-bad-rows", "-q"])
    told = " ".join(capsys.readouterr().out.split())
    assert "1 row was left out, first a.csv:2: article: has 10,500,000 characters" in told
