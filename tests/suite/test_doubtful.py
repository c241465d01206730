"""Texts that stand in a file for something else are told of. Each case is one of a public set."""

import json
from collections.abc import Sequence
from pathlib import Path

import pytest

from harness.cli import main
from harness.suite.data_set.doubtful import Doubts

TOLD = [
    ("so tools write what is missing", ["nan"]),  # str() of pandas' missing values
    ("so tools write what is missing", ["<NA>"]),
    ("that there is no answer", ["unknown"]),  # CoQA
    ("that there is no answer", ["Unanswerable"]),  # QASPER
    ("that there is no answer", ["N/A"]),
    ("so tools write yes and no", ["True"]),  # BoolQ in a CSV
    ("if it parts several texts", ["Ann|Ann Lee"]),
    ("if it parts several texts", ["Ann; A. Lee"]),
    ("if it parts several texts", ["Ann\nAnn Lee"]),
    ("so HTML writes a character", ["Tom &amp; Ann"]),
    ("so HTML writes a character", ["Ann&#39;s"]),
]


@pytest.mark.parametrize(("told", "texts"), TOLD)
def test_what_stands_for_something_else_is_told_once(told: str, texts: Sequence[str]) -> None:
    doubts = Doubts()
    doubts.add("line 1", ["Bob"])
    doubts.add("line 2", texts)
    (warning,) = doubts.warnings
    assert told in warning
    assert ", first line 2: " in warning


@pytest.mark.parametrize(
    "texts",
    [
        [],
        ["Ann"],
        ["Nan"],
        ["unknown", "at sea"],
        ["The unknown soldier"],
        ["|x|"],
        ["AT&T; nobody else in the whole country wanted to say so"],
        ["The council met; it voted to repair the bridge by May."],
        ["Ann|Ann Lee", "Ann"],
    ],
)
def test_what_people_write_is_not(texts: Sequence[str]) -> None:
    doubts = Doubts()
    doubts.add("line 1", texts)
    assert not doubts.warnings


def test_a_word_of_one_answer_among_hundreds_is_an_answer() -> None:
    doubts = Doubts()
    for number in range(300):
        doubts.add(f"line {number}", ["unknown" if number == 7 else "Ann"])
    assert not doubts.warnings


@pytest.mark.parametrize("flag", [True, "True", "true", 1, "1"])
def test_a_flag_against_the_answers_is_told_however_it_is_written(flag: object) -> None:
    doubts = Doubts()
    doubts.add("line 1", ["Ann"], flag)
    doubts.add("line 2", [], flag)
    assert doubts.warnings == (
        "is_impossible says the opposite of the answers of 1 questions, first line 1; the answers "
        "count, as in SQuAD's official script",
    )


def test_a_run_on_a_data_set_tells_of_them(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    row = {"context": "Ann met Bob.", "question": "Who met Bob?", "answers": "Ann|Ann Lee"}
    (tmp_path / "set.jsonl").write_text(json.dumps(row), encoding="utf-8")
    main(["check", "--suite", f"data:{tmp_path / 'set.jsonl'}"])
    assert "1 reference has '|', first" in capsys.readouterr().out


def test_predictions_that_stand_for_nothing_are_told_of(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "gold.csv").write_text("id,answer\n1,Ann\n2,\n", encoding="utf-8")
    (tmp_path / "said.csv").write_text("id,prediction\n1,Ann\n2,nan\n", encoding="utf-8")
    paths = [
        "--references",
        f"{tmp_path / 'gold.csv'}",
        "--predictions",
        f"{tmp_path / 'said.csv'}",
    ]
    assert main(["score", *paths]) == 0
    assert "said.csv: 1 prediction is 'nan', first line 3: so tools" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("<pad> Ann left.</s>", "1 prediction has '<pad>'"),  # decoded with all tokens
        ("Ann left.<|endoftext|>", "1 prediction has '<|endoftext|>'"),
        ("Ann left.<n>Bob stayed.", "1 prediction has '<n>'"),  # PEGASUS
        ("Ann left.<q>Bob stayed.", "1 prediction has '<q>'"),  # PreSumm
        ("Answer: Ann", "1 prediction begins with 'Answer:'"),
        ("The summary: Ann", "1 prediction begins with 'The summary:'"),
        ('{"answer": "Ann"}', "1 prediction begins with '{\"answer\":'"),
        ("```\nAnn\n```", "1 prediction begins with '```'"),
        ("Ann left.\\nBob stayed.", "1 prediction has '\\\\n'"),
        ("Ann\\u2019s", "1 prediction has '\\\\u2019'"),
        ("caf\u00c3\u00a9", "1 prediction has '\u00c3\u00a9'"),  # "café".encode().decode("latin-1")
        ("Ann\u00e2\u20ac\u2122s", "1 prediction has '\u00e2\u20ac\u2122'"),  # cp1252
        ("caf\ufffd", "1 prediction has '\ufffd'"),
        ("C:\\new \\nabla", None),
        ("São Paulo, Âge, à côté", None),
        ("Ann answered: no", None),
        ("x < y and [sic] #3", None),
    ],
)
def test_what_a_tool_left_in_predictions_is_told_of(text: str, told: str | None) -> None:
    doubts = Doubts("prediction")
    doubts.add("line 1", [text])
    assert [warning.partition(", first")[0] for warning in doubts.warnings] == (
        [told] if told else []
    )


def test_answers_in_a_column_that_is_not_read_are_told_of(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """MuSiQue keeps other spellings so, and its script counts them as right."""
    row = {"question": "Who?", "answer": "Ann", "answer_aliases": ["A. Lee"]}
    (tmp_path / "set.jsonl").write_text(json.dumps(row | {"context": "Ann"}), encoding="utf-8")
    (tmp_path / "said.jsonl").write_text('{"prediction": "A. Lee"}', encoding="utf-8")
    main(["check", "--suite", f"data:{tmp_path / 'set.jsonl'}"])
    assert "answer_aliases is not read" in capsys.readouterr().out
    paths = ["--references", f"{tmp_path / 'set.jsonl'}", "--predictions"]
    assert main(["score", *paths, f"{tmp_path / 'said.jsonl'}"]) == 0
    assert "answer_aliases is not read" in capsys.readouterr().err


def test_a_reference_without_a_text_is_told_of() -> None:
    doubts = Doubts()
    doubts.add("line 1", [""])
    (warning,) = doubts.warnings
    assert "whatever is written, it scores 0" in warning


def test_columns_in_the_place_of_rows_are_refused(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """`DataFrame.to_dict("list")`, and `to_dict` of a data set: one article of all articles."""
    columns = {"article": ["Ann left.", "Bob stayed."], "summary": ["Ann", "Bob"]}
    (tmp_path / "set.json").write_text(json.dumps(columns), encoding="utf-8")
    assert main(["check", "--suite", f"data:{tmp_path / 'set.json'}"]) == 2
    assert "holds columns of 2 values each" in capsys.readouterr().err
    row = {"article": ["Ann left.", "Bob stayed."], "summary": "Ann left"}
    (tmp_path / "set.json").write_text(json.dumps(row), encoding="utf-8")
    assert main(["check", "--suite", f"data:{tmp_path / 'set.json'}"]) in (0, 1)
