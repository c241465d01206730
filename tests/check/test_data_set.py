"""What `harness check` finds in a data set, each by a row that has it."""

import json
from pathlib import Path
from typing import Any

import pytest

from harness.cli import main
from tests import data_sets

GERMAN = (
    "Die Mühle wurde nicht von der Stadt gebaut, und das ist auch für die Leute mit dem Hafer "
    "ein Glück, denn der Müller ist auf sich gestellt und die Stadt nicht."
)
FINE = {"id": "fine", "article": "Ann opened the mill. It rained.", "summary": "Ann opens a mill."}
ROWS = [
    FINE,
    {"id": "empty", "article": " \n", "summary": "Nothing is told."},
    {"id": "dumb", "article": "Bo closed the mill. It snowed.", "summary": "…"},
    {"id": "twin", "article": FINE["article"], "summary": "A mill was opened by Ann."},
    {"id": "same", "article": "Cy sold the mill. It hailed.", "summary": "Ann opens a mill!"},
    {"id": "copy", "article": "Di broke the mill. It thawed.", "summary": "It thawed."},
    {"id": "long", "article": "Ed left.", "summary": "Ed left the old mill in the evening."},
    {"id": "german", "article": GERMAN, "summary": "A mill was not built by its town."},
]


def _found(capsys: pytest.CaptureFixture[str], *arguments: str) -> dict[str, Any]:
    main(["check", *arguments, "--json", "-q"])
    return json.loads(capsys.readouterr().out)  # type: ignore[no-any-return]


def test_what_is_found_in_summaries(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    Path("a.jsonl").write_bytes(data_sets.json_lines(ROWS))
    Path("d.toml").write_text('data = "a.jsonl"\nlanguage = "en"\n', encoding="utf-8")
    content = _found(capsys, "--suite", "d.toml")
    named = {finding["name"]: finding["message"] for finding in content["findings"]}
    assert not content["sound"]
    assert set(named) == {
        "article-empty/empty", "reference-empty/dumb", "article-twice/twin", "reference-twice/same",
        "reference-copied/copy", "reference-longer/long", "language/german", "length-of-articles",
        "length-of-references",
    }  # fmt: skip
    assert named["article-twice/twin"] == "twin: has the article of fine; drop one"
    assert named["language/german"].endswith("is in de, and the language stated is en")
    # Words of the articles: 6, 0, 6, 6, 6, 6, 2, 31; of the references 4, 3, 0, 6, 4, 2, 8, 8.
    assert named["length-of-articles"] == "8 articles, of 6 words (median), 0 to 31"
    assert named["length-of-references"] == "8 references, of 4 words (median), 0 to 8"


def test_answers_that_do_not_stand_in_their_context_and_a_model_that_knows_them(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    rows = [{**data_sets.QUESTIONS[0], "answers": ["Annie"]}]
    Path("a.jsonl").write_bytes(data_sets.json_lines(rows))
    Path("models.toml").write_text('[mine]\nkind = "no-answer"\ntrained_on = ["a"]\n', "utf-8")
    names = [finding["name"] for finding in _found(capsys, "--suite", "data:a.jsonl")["findings"]]
    assert names == ["trained-on/mine", "answer-missing/q1"]


def test_which_rows_a_model_was_trained_on(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    questions = [
        {
            "id": f"q{n}",
            "context": f"Ann has {n} mills.",
            "question": "How many?",
            "answers": [f"{n}"],
        }
        for n in range(4)
    ]
    Path("test.jsonl").write_bytes(data_sets.json_lines(questions))
    # By id, whatever the texts are.
    known = {**questions[0], "id": "q2"}
    Path("ids.jsonl").write_bytes(data_sets.json_lines([known, {**questions[3], "id": "q9"}]))
    # Without ids, by the text.
    summary = {"article": "Ann has 1 mills.", "summary": "One mill."}
    Path("texts.jsonl").write_bytes(data_sets.json_lines([summary]))
    roster = """
    [by-id]
    kind = "no-answer"
    trained_on = [{ name = "ids", data = "data:../ids.jsonl" }]
    [by-text]
    kind = "no-answer"
    trained_on = [{ name = "texts", data = "data:../texts.jsonl" }]
    """
    Path("rosters").mkdir()
    Path("rosters/mine.toml").write_text(roster, encoding="utf-8")
    found = _found(capsys, "--suite", "data:test.jsonl", "--roster", "rosters/mine.toml")
    assert [(finding["name"], finding["message"]) for finding in found["findings"]] == [
        ("trained-on/by-text/q1", "untitled#2/q1: by-text was trained on it (texts, its article)"),
        ("trained-on/by-id/q2", "untitled#3/q2: by-id was trained on it (ids, its id)"),
    ]


def test_a_prompts_worked_example_that_the_data_hold(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    shot = "The old ferry to the town of Brin was late again because of fog."
    Path("a.jsonl").write_bytes(
        data_sets.json_lines(
            [FINE, {"id": "b", "article": f"Yes. {shot}", "summary": "It is late."}]
        )
    )
    Path("prompts").mkdir()
    Path("prompts/mine.toml").write_text(
        f"""
        name = "mine"
        version = 1
        task = "summarize"
        user = "{{article}}"
        max_new_tokens = 9
        [[few_shot]]
        article = "{shot.upper()} Nobody came."
        reply = "Nobody."
        """,
        encoding="utf-8",
    )
    Path("models.toml").write_text(
        '[mine]\nkind = "causal"\nweights = { folder = "w" }\nprompts = { summarize = "mine" }\n',
        encoding="utf-8",
    )
    found = _found(capsys, "--suite", "data:a.jsonl")["findings"]
    copied = [finding for finding in found if finding["name"] == "prompt-copied/mine"]
    assert [(finding["level"], finding["message"]) for finding in copied] == [
        (
            "error",
            "the prompt 'mine': few_shot[0].article: is in the suite, in the article b; write "
            "another example",
        )
    ]


def test_of_many_findings_the_first_are_listed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    rows = [{"article": f"Ann has {n} mills.", "summary": f"{n} mills"} for n in range(60)]
    Path("a.jsonl").write_bytes(data_sets.json_lines(rows))
    found = _found(capsys, "--suite", "data:a.jsonl")["findings"]
    copied = [finding["message"] for finding in found if "copied" in finding["name"]]
    assert len(copied) == 51
    assert copied[-1] == "and 10 more of reference-copied"
