import json
from pathlib import Path

import pytest

from harness.cli import main

GOLD = '{"id": "a", "reference": "Ann met Bob."}\n{"id": "b", "reference": "They signed."}\n'
SQUAD = (
    '{"version": "v2.0", "data": [{"paragraphs": [{"qas": [{"id": "q1", "answers": '
    '[{"text": "Ann"}]}, {"id": "q2", "answers": []}]}]}]}'
)


@pytest.fixture
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder with references and predictions, where the command runs."""
    monkeypatch.chdir(tmp_path)
    files = {
        "gold.jsonl": GOLD,
        "one.csv": "id,prediction\na,Ann met Bob.\nb,They signed.\n",
        "two.json": '{"b": "They signed a pact."}',
        "squad.json": SQUAD,
        "said.json": '{"q1": "Ann", "q2": "Bob"}',
        "na.json": '{"q1": 0.25, "q2": 0.75}',
        "other.jsonl": '{"key": 1, "gold": "x y"}\n',
        "other.out": '{"key": 1, "said": "x y"}\n',
    }
    for name, content in files.items():
        (tmp_path / name).write_text(content, encoding="utf-8")
    return tmp_path


def test_tables_on_stdout_and_what_is_missing_on_stderr(
    here: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    arguments = ["--references", "gold.jsonl", "--predictions", "one.csv", "second=two.json"]
    assert main(["score", *arguments, "--out", "out", "--items", "items.jsonl"]) == 0
    printed = capsys.readouterr()
    lines = printed.out.splitlines()
    assert lines[0].split() == [
        "summarize", "rouge1", "rouge2", "rougeL", "rougeLsum", "*", "words", "rank", "n", "missing",
    ]  # fmt: skip
    # Of "They signed a pact." half of the four words are right, and both of the reference's: F1 is
    # 2/3, over the two items 1/3. Texts of three and of two words have 2.5 in the mean.
    assert lines[2].split() == ["one", "100.0", "100.0", "100.0", "100.0", "2.5", "1-2", "2", "0"]
    assert lines[3].split()[:2] == ["second", "33.3"]
    assert "rouge1:" in printed.out
    assert "second: 1 of 2 predictions are missing; each scores 0" in printed.err
    assert lines[-1] == "Leaderboard: out/leaderboard.json"
    assert len((here / "items.jsonl").read_text(encoding="utf-8").splitlines()) == 4


def test_questions_without_any_answer_are_told(
    here: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Test sets hold their answers back as []: all right for who says nothing."""
    (here / "test.jsonl").write_text('{"id": "q1", "answers": []}\n', encoding="utf-8")
    (here / "silent.json").write_text('{"q1": ""}', encoding="utf-8")
    assert main(["score", "--references", "test.jsonl", "--predictions", "silent.json"]) == 0
    told = "test.jsonl: none of the 1 questions has an answer, so saying nothing is always right"
    assert told in capsys.readouterr().err


def test_empty_cells_are_told_where_silence_is_an_answer(
    here: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """pandas writes what is missing as an empty cell, and JSON as null."""
    (here / "said.csv").write_text("id,prediction\nq1,Ann\nq2,\n", encoding="utf-8")
    (here / "said.jsonl").write_text(
        '{"id": "q1", "prediction": ""}\n{"id": "q2", "prediction": null}\n', encoding="utf-8"
    )
    assert main(["score", "--references", "squad.json", "--predictions", "said.csv"]) == 0
    assert "said.csv: 1 empty cells count as the answer" in capsys.readouterr().err
    assert main(["score", "--references", "squad.json", "--predictions", "said.jsonl"]) == 0
    assert "empty cells" not in capsys.readouterr().err
    assert main(["score", "--references", "gold.jsonl", "--predictions", "one.csv"]) == 0
    assert "empty cells" not in capsys.readouterr().err


def test_json_is_the_file(here: Path, capsys: pytest.CaptureFixture[str]) -> None:
    arguments = ["--references", "gold.jsonl", "--predictions", "one.csv", "--out", "out"]
    assert main(["score", *arguments, "--json"]) == 0
    assert capsys.readouterr().out == (here / "out" / "leaderboard.json").read_text()


def test_squad_prints_its_splits(here: Path, capsys: pytest.CaptureFixture[str]) -> None:
    arguments = ["--references", "squad.json", "--predictions", "said.json"]
    assert main(["score", *arguments, "--no-answer-probabilities", "na.json"]) == 0
    splits = capsys.readouterr().out.split("\n\n")[2].splitlines()
    assert splits[0].split()[3:] == [
        "HasAns_exact", "HasAns_f1", "NoAns_exact", "NoAns_f1",
        "best_exact", "best_exact_thresh", "best_f1", "best_f1_thresh",
    ]  # fmt: skip
    assert splits[2].split() == [
        "said", "100.0", "100.0", "0.0", "0.0", "100.0", "0.250", "100.0", "0.250",
    ]  # fmt: skip


def test_fields_and_formats_of_the_user(here: Path, capsys: pytest.CaptureFixture[str]) -> None:
    fields = ["--id-field", "key", "--reference-field", "gold", "--prediction-field", "said"]
    files = ["--references", "other.jsonl", "--predictions", "other.out"]
    assert main(["score", *files, *fields, "--predictions-format", "jsonl", "--json"]) == 0
    (row,) = json.loads(capsys.readouterr().out)["rows"]
    assert row["metrics"]["rouge1"]["mean"] == 1.0


def test_rows_over_several_lines_are_told_and_a_swallowed_one_is_refused(
    here: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """In "swallowed" a quote opens at a's text and closes after b's: one row, where two are meant."""
    files = {
        "long.csv": 'id,prediction\na,"Ann met\nBob."\nb,They signed.\n',
        "swallowed.csv": 'id,prediction\na,"Ann met Bob.\nb,They signed."\n',
    }
    for name, content in files.items():
        (here / name).write_text(content, encoding="utf-8")
    assert main(["score", "--references", "gold.jsonl", "--predictions", "long.csv"]) == 0
    told = "harness: long.csv: 2 rows on 4 lines; 1 row goes over several, from line 2"
    assert told in capsys.readouterr().err.splitlines()
    assert main(["score", "--references", "gold.jsonl", "--predictions", "swallowed.csv"]) == 2
    last = capsys.readouterr().err.splitlines()[-1]
    assert last.startswith("harness: swallowed.csv:3: the row of 'b' stands within a quoted cell")


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ("--predictions one.csv", "the following arguments are required: --references"),
        ("--references gold.jsonl", "the following arguments are required: --predictions"),
        ("--references none.csv --predictions one.csv", "none.csv: there is no such file"),
        ("--references gold.jsonl --predictions none.csv", "none.csv: there is no such file"),
        ("--references gold.jsonl --predictions other.out", "other.out: its suffix tells no format"),
        ("--references gold.jsonl --predictions said.json", "said.json: 2 ids are not in gold.jsonl"),
        ("--references gold.jsonl --predictions one.csv --task chat", "invalid choice: 'chat'"),
        ("--references gold.jsonl --predictions one.csv one.csv", "two systems are named 'one'"),
        ("--references gold.jsonl --predictions one.csv --items x.csv", "--items: x.csv: give a file"),
        ("--references gold.jsonl --predictions one.csv --squad 2.0", "are for answers"),
        ("--references squad.json --predictions said.json --no-stemmer", "are for summaries"),
        ("--references squad.json --predictions said.json --no-answer-probabilities na.json na.json",
         "2 files for 1 systems; give one for each"),
        ("--references gold.jsonl --predictions one.csv --out /dev/null/x", "cannot be written"),
    ],
)  # fmt: skip
def test_bad_usage_is_one_line(
    here: Path, capsys: pytest.CaptureFixture[str], arguments: str, message: str
) -> None:
    before = sorted(here.iterdir())
    assert main(["score", *arguments.split()]) == 2
    out, err = capsys.readouterr()
    assert out == ""
    (line,) = err.splitlines()
    assert line.startswith("harness: ")
    assert message in line
    assert sorted(here.iterdir()) == before


def test_options_of_rouge_are_in_the_signature(
    here: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    files = ["--references", "gold.jsonl", "--predictions", "one.csv", "--json"]

    def signature(*options: str) -> str:
        assert main(["score", *files, *options]) == 0
        row = json.loads(capsys.readouterr().out)["rows"][0]
        return str(row["metrics"]["rougeLsum"]["signature"])

    options = [
        [], ["--no-stemmer"], ["--tokenizer", "unicode"], ["--sentences", "newline"],
        ["--several-references", "mean"], ["--several-references", "jackknife"],
    ]  # fmt: skip
    assert len({signature(*given) for given in options}) == len(options)
    assert signature("--several-references", "best") == signature()


def test_another_metric_ranks_where_it_is_asked_for(
    here: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Turned round, all words are there and none in order; the first half has half, in order."""
    (here / "texts.jsonl").write_text('{"id": "a", "reference": "ann met bob twice"}\n')
    (here / "turned.jsonl").write_text('{"id": "a", "prediction": "twice bob met ann"}\n')
    (here / "half.jsonl").write_text('{"id": "a", "prediction": "ann met"}\n')
    arguments = ["score", "--references", "texts.jsonl", "--predictions", "turned.jsonl"]
    arguments += ["half.jsonl", "--out", "out"]
    assert main([*arguments, "--json"]) == 0
    assert [row["model"] for row in json.loads(capsys.readouterr().out)["rows"]] == [
        "half", "turned",
    ]  # fmt: skip
    assert main([*arguments, "--json", "--primary", "summarize=rouge1"]) == 0
    board = json.loads(capsys.readouterr().out)
    assert [row["model"] for row in board["rows"]] == ["turned", "half"]
    assert board["primary"] == {"summarize": "rouge1"}
    assert main(["verify", "out"]) == 0
    capsys.readouterr()
    for wrong, told in (
        ("summarize=f1", "there is no metric 'f1' that ranks"),
        ("answer=f1", "no answer is run here"),
    ):
        assert main([*arguments, "--primary", wrong]) == 2
        assert f"--primary {wrong}: {told}" in capsys.readouterr().err
