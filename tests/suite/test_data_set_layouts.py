"""Each format and layout of a data set, through the command that a user types."""

import json
import shutil
from pathlib import Path
from typing import Any

import pytest

from harness.cli import main
from harness.command.data_choice import DataChoice
from harness.suite.data_set.suite import DataSuite, read_data_set
from tests import data_sets, squads
from tests.data_sets import FORMATS, QUESTIONS, SUMMARIES, Rows, renamed, without

pytest.importorskip("pyarrow")


@pytest.fixture(autouse=True)
def _here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)


def _run(*arguments: str, out: str = "out") -> dict[str, Any]:
    """Run a floor on a data set, verify the run, and return its leaderboard."""
    command = ["eval", *arguments, "--models", "lead-3,no-answer", "--out", out, "-q"]
    assert main(command) == 0
    assert main(["verify", out, "-q"]) == 0
    board: dict[str, Any] = json.loads(Path(out, "leaderboard.json").read_text("utf-8"))
    return board


def _mean(board: dict[str, Any], model: str, metric: str) -> float:
    (row,) = (row for row in board["rows"] if row["model"] == model)
    mean: float = row["metrics"][metric]["mean"]
    return mean


def _examples(suite: DataSuite, task: Any) -> list[tuple[str, str, tuple[str, ...]]]:
    return [(one.id, one.query.context, one.references) for one in suite.examples(task)]


@pytest.mark.parametrize("name", FORMATS)
def test_a_file_of_summaries_runs_in_each_format(
    name: str, capsys: pytest.CaptureFixture[str]
) -> None:
    """The lead has the nine words of the reference and two more: P 9/11, R 1, F1 = 18/20."""
    Path(name).write_bytes(FORMATS[name](SUMMARIES))
    board = _run("--suite", f"data:{name}")
    assert _mean(board, "lead-3", "rouge1") == pytest.approx(18 / 20)
    assert board["suite"]["data"]["summaries"] == 3
    assert board["suite"]["data"]["clusters"] == "article"
    table = capsys.readouterr().out
    assert "article = article, reference = highlights, id = id." in table


@pytest.mark.parametrize("name", FORMATS)
def test_the_format_does_not_matter_to_the_hash(name: str) -> None:
    Path("first.jsonl").write_bytes(data_sets.json_lines(SUMMARIES))
    Path(name).write_bytes(FORMATS[name](SUMMARIES))
    first, other = read_data_set("data:first.jsonl"), read_data_set(f"data:{name}")
    assert other.hash == first.hash
    assert _examples(other, "summarize") == _examples(first, "summarize") == [
        (row["id"], row["article"], (row["highlights"],)) for row in SUMMARIES
    ]  # fmt: skip


@pytest.mark.parametrize("name", FORMATS)
def test_a_file_of_questions_runs_in_each_format(name: str) -> None:
    """Saying nothing is right of the one question of three that has no answer."""
    Path(name).write_bytes(FORMATS[name](QUESTIONS))
    board = _run("--suite", f"data:{name}")
    assert _mean(board, "no-answer", "f1") == pytest.approx(1 / 3)
    suite = read_data_set(f"data:{name}")
    assert [one.references for one in suite.examples("answer")] == [
        ("Ann",), ("Avel", "in Avel"), (),
    ]  # fmt: skip
    assert len(suite.articles) == 2


def test_a_tsv_has_no_line_breaks_and_no_quoting() -> None:
    Path("a.tsv").write_bytes(data_sets.tsv(SUMMARIES))
    assert _mean(_run("--suite", "data:a.tsv"), "lead-3", "rouge1") == pytest.approx(18 / 20)


def test_several_files_by_a_pattern_in_the_order_of_their_numbers() -> None:
    for number, row in zip((2, 10, 1), SUMMARIES, strict=True):
        Path(f"part-{number}.jsonl").write_bytes(data_sets.json_lines([row]))
    board = _run("--suite", "data:part-*.jsonl")
    assert board["suite"]["location"] == "data:../part-*.jsonl"
    suite = read_data_set("data:part-*.jsonl")
    assert [one.id for one in suite.examples("summarize")] == ["a2", "a0", "a1"]


@pytest.mark.parametrize("saved", ["one", "splits"])
def test_a_folder_as_datasets_saves_it(saved: str) -> None:
    datasets = pytest.importorskip("datasets")
    table = datasets.Dataset.from_list(list(SUMMARIES))
    if saved == "splits":
        table = datasets.DatasetDict({"train": table.select([0]), "test": table})
    table.save_to_disk("folder")
    split = "#test" if saved == "splits" else ""
    board = _run("--suite", f"data:folder{split}")
    assert board["suite"]["data"]["summaries"] == 3


@pytest.mark.parametrize("name", ["parquet", "jsonl", "csv"])
def test_a_folder_as_the_hub_lays_it_out(name: str) -> None:
    pytest.importorskip("datasets")
    Path("folder/data").mkdir(parents=True)
    write = FORMATS[f"a.{name}"]
    Path(f"folder/data/train-00000-of-00001.{name}").write_bytes(write(SUMMARIES[:1]))
    Path(f"folder/data/test-00000-of-00002.{name}").write_bytes(write(SUMMARIES[:2]))
    Path(f"folder/data/test-00001-of-00002.{name}").write_bytes(write(SUMMARIES[2:]))
    assert _run("--suite", "data:folder#test")["suite"]["data"]["summaries"] == 3


def test_a_column_is_named_and_the_run_remembers_it(capsys: pytest.CaptureFixture[str]) -> None:
    rows = renamed(SUMMARIES, article="body", highlights="gist")
    Path("a.parquet").write_bytes(data_sets.parquet(rows))
    named = ["--column", "article=body", "--column", "reference=gist"]
    board = _run("--suite", "data:a.parquet", *named)
    assert board["suite"]["data"]["named_columns"] == {"article": ["body"], "reference": ["gist"]}
    for command in (["check", "--suite", "data:a.parquet", *named],
                    ["articles", "--suite", "data:a.parquet", *named],
                    ["show", "a0", "out", "--model", "lead-3"],
                    ["compare", "out", "out"], ["gate", "out", "--baseline", "out"],
                    ["report", "out"]):  # fmt: skip
        assert main([*command, "-q"]) == 0, command
    assert "named_columns" not in capsys.readouterr().err


def _nested(row: Any) -> dict[str, Any]:
    return {
        "id": row["id"],
        "page": {"text": row["article"]},
        "gist": [{"text": row["highlights"]}],
    }


@pytest.mark.parametrize(
    ("rows", "columns", "references"),
    [
        ([_nested(row) for row in SUMMARIES],
         {"article": ("page.text",), "reference": ("gist.text",)},
         [row["highlights"] for row in SUMMARIES]),
        ([{**row, "page.text": "no", "article": row["article"]} for row in SUMMARIES],
         {}, [row["highlights"] for row in SUMMARIES]),
    ],
)  # fmt: skip
def test_a_name_with_dots_is_of_a_column_within_a_column(
    rows: Rows, columns: Any, references: list[str]
) -> None:
    Path("a.jsonl").write_bytes(data_sets.json_lines(rows))
    suite = read_data_set("data:a.jsonl", DataChoice(columns))
    assert [one.references for one in suite.examples("summarize")] == [(r,) for r in references]
    assert [one.query.context for one in suite.examples("summarize")] == [
        row["article"] for row in SUMMARIES
    ]


@pytest.mark.parametrize(
    ("columns", "found"),
    [
        ({"references": ["One.", "Two."]}, ("One.", "Two.")),
        ({"summary1": "One.", "summary2": "Two.", "summary3": "One."}, ("One.", "Two.")),
        ({"reference": "One.", "reference_2": "Two."}, ("One.", "Two.")),
        ({"target": "One."}, ("One.",)),
        ({"abstract": "One."}, ("One.",)),
    ],
)
def test_references_of_a_list_or_of_several_columns(
    columns: dict[str, object], found: tuple[str, ...]
) -> None:
    Path("a.jsonl").write_bytes(data_sets.json_lines([{"document": "One. Two. Three.", **columns}]))
    (example,) = read_data_set("data:a.jsonl").examples("summarize")
    assert (example.id, example.references) == ("1", found)


@pytest.mark.parametrize("article", ["document", "dialogue", "text", "report", "source", "context"])
def test_an_article_is_found_by_the_names_that_the_field_uses(article: str) -> None:
    Path("a.jsonl").write_bytes(data_sets.json_lines(renamed(SUMMARIES, article=article)))
    suite = read_data_set("data:a.jsonl")
    assert suite.data is not None
    assert suite.data.columns["article"] == [article]


@pytest.mark.parametrize(
    ("answers", "texts"),
    [
        ("Ann", ("Ann",)),
        (["Ann", "Ann Lee"], ("Ann", "Ann Lee")),
        ({"text": ["Ann"], "answer_start": [0]}, ("Ann",)),
        ([{"text": "Ann", "answer_start": -1}], ("Ann",)),
        ({"text": [], "answer_start": []}, ()),
    ],
)
@pytest.mark.parametrize("suffix", ["jsonl", "csv"])
def test_answers_in_each_layout(suffix: str, answers: object, texts: tuple[str, ...]) -> None:
    row = {"context": "Ann Lee signed.", "question": "Who?", "answers": answers}
    Path(f"a.{suffix}").write_bytes(FORMATS[f"a.{suffix}"]([row]))
    (example,) = read_data_set(f"data:a.{suffix}").examples("answer")
    assert example.references == texts


def test_one_file_may_serve_both_tasks() -> None:
    rows = [
        {**summary, "id": f"{summary['id']}-{number}", "question": question, "answer": answer}
        for summary in SUMMARIES
        for number, (question, answer) in enumerate(
            [("What?", "the mill"), ("Who came?", "Nobody")]
        )
    ]
    Path("both.jsonl").write_bytes(data_sets.json_lines(rows))
    board = _run("--suite", "data:both.jsonl")
    assert set(board["primary"]) == {"summarize", "answer"}
    data = board["suite"]["data"]
    assert (data["summaries"], data["questions"], data["paragraphs"]) == (3, 6, 3)
    suite = read_data_set("data:both.jsonl")
    assert [one.id for one in suite.examples("summarize")] == ["a0-0", "a1-0", "a2-0"]
    assert [one.id for one in suite.examples("answer")][:3] == [
        "a0-0/a0-0", "a0-0/a0-1", "a1-0/a1-0",
    ]  # fmt: skip


def test_squad_goes_through_the_same_door() -> None:
    squads.write(Path("rivers.json"), squads.RIVERS)
    Path("rivers.jsonl").write_bytes(data_sets.json_lines(squads.items(squads.RIVERS)))
    hashes = {
        read_data_set(name).hash
        for name in ("squad:rivers.json", "data:rivers.json", "data:rivers.jsonl")
    }
    assert len(hashes) == 1


def test_a_file_describes_a_data_set_for_keeps(capsys: pytest.CaptureFixture[str]) -> None:
    rows = [
        {**row, "topic": topic}
        for row, topic in zip(renamed(SUMMARIES, article="body"), "xyx", strict=True)
    ]
    Path("sub").mkdir()
    Path("sub/a.jsonl").write_bytes(data_sets.json_lines(rows))
    Path("my-data.toml").write_text(
        'suite = "my-mills"\ndata = "sub/a.jsonl"\nlanguage = "en"\ncluster = "topic"\n'
        'words = [5, 9]\nlicence = "CC0-1.0"\ncitation = "Ann 2020"\n'
        'primary = { summarize = "rouge1" }\ncolumns = { article = "body" }\n',
        encoding="utf-8",
    )
    board = _run("--suite", "my-data.toml")
    suite = board["suite"]
    assert (suite["id"], suite["location"]) == ("my-mills", "../my-data.toml")
    assert (suite["licence"], suite["citation"]) == ("CC0-1.0", "Ann 2020")
    assert suite["data"]["described_by"] == "my-data.toml"
    assert (suite["data"]["clusters"], suite["data"]["titles"]) == ("cluster", 2)
    assert board["primary"] == {"summarize": "rouge1"}
    table = capsys.readouterr().out
    assert "Data: a.jsonl, as my-data.toml describes it: article = body" in table
    assert "Licence: CC0-1.0. Cite: Ann 2020." in table
    (first, *_) = read_data_set("my-data.toml").examples("summarize")
    assert (first.id, first.cluster, first.query.words) == ("x/a0", "x", (5, 9))
    shutil.move("out", "elsewhere")  # the run and the description stay as far from each other
    assert main(["verify", "elsewhere", "-q"]) == 0


def test_separators_and_parts() -> None:
    rows = [{"document": "One.|||||Two. ||||| ", "summary": ["A.", "B."]}]
    Path("a.jsonl").write_bytes(data_sets.json_lines(rows))
    Path("d.toml").write_text('data = "a.jsonl"\nseparator = "|||||"\nparts = true\n', "utf-8")
    (example,) = read_data_set("d.toml").examples("summarize")
    assert (example.query.context, example.references) == ("One.\n\nTwo.", ("A.\nB.",))


def test_rows_without_ids_are_numbered_and_told_by_their_sources(
    capsys: pytest.CaptureFixture[str],
) -> None:
    Path("a.jsonl").write_bytes(data_sets.json_lines(without(SUMMARIES, "id")))
    suite = read_data_set("data:a.jsonl")
    assert [one.id for one in suite.examples("summarize")] == ["1", "2", "3"]
    assert suite.data is not None
    assert suite.data.ids_sha256 is None
    assert main(["articles", "--suite", "data:a.jsonl"]) == 0
    assert f'sources_sha256 = "{suite.data.sources_sha256}"' in capsys.readouterr().out


def test_summaries_are_scored_as_published_tables_are() -> None:
    """By the best reference, sentences at line breaks where there are some; both are pinned."""
    Path("lines.jsonl").write_bytes(data_sets.json_lines(SUMMARIES))
    flat = [{**row, "highlights": row["highlights"].replace("\n", " ")} for row in SUMMARIES]
    Path("flat.jsonl").write_bytes(data_sets.json_lines(flat))
    for name, sentences in (("lines", "sentences:newline"), ("flat", "sentences:harness")):
        board = _run("--suite", f"data:{name}.jsonl", out=name)
        signature = board["rows"][0]["metrics"]["rougeLsum"]["signature"]
        assert "references:best" in signature
        assert sentences in signature
    board = _run("--suite", "data:lines.jsonl", "--sentences", "harness", out="lines")
    assert "sentences:harness" in board["rows"][0]["metrics"]["rougeLsum"]["signature"]


def test_which_column_is_what_is_said_where_there_was_a_choice(
    capsys: pytest.CaptureFixture[str],
) -> None:
    """Without the name that errors have; of SQuAD's own layout there is nothing to tell."""
    Path("a.jsonl").write_bytes(data_sets.json_lines(SUMMARIES))
    assert main(["articles", "--suite", "data:a.jsonl"]) == 0
    said = capsys.readouterr().err.splitlines()
    told = "Columns of a.jsonl: article = article, reference = highlights, id = id"
    assert said[1:] == [told]
    assert main(["eval", "--suite", "data:a.jsonl", "--models", "lead-3"]) == 0
    assert capsys.readouterr().err.count(told) == 1  # though the page reads the data again
    assert main(["verify"]) == 0
    assert told not in capsys.readouterr().err
    paragraph = {
        "context": "Ann met Bob.",
        "qas": [
            {"id": "1", "question": "Who met Bob?", "answers": [{"text": "Ann", "answer_start": 0}]}
        ],
    }
    content = {"version": "1.1", "data": [{"title": "A", "paragraphs": [paragraph]}]}
    Path("dev.json").write_text(json.dumps(content), encoding="utf-8")
    assert main(["articles", "--suite", "squad:dev.json"]) == 0
    assert capsys.readouterr().err.splitlines()[1:] == []
