from pathlib import Path

import pytest

from harness.errors import DataError
from harness.prompts import read_prompt
from harness.records import Query
from harness.suite import shipped

GOOD = """\
name = "ask"
version = 2
task = "answer"
max_new_tokens = 8
no_answer = "none"
system = "Be {{brief}}."
user = "{article}|{question}"
"""


def _write(tmp_path: Path, text: str) -> Path:
    path = tmp_path / "ask.toml"
    path.write_text(text, encoding="utf-8")
    return path


def test_what_is_put_in_is_never_a_template(tmp_path: Path) -> None:
    prompt = read_prompt(_write(tmp_path, GOOD))
    assert prompt.render(Query("answer", "{question} {0} {{x}}", "Who {article}?")) == [
        {"role": "system", "content": "Be {brief}."},
        {"role": "user", "content": "{question} {0} {{x}}|Who {article}?"},
    ]


def test_a_summary_is_asked_for_in_the_length_of_the_brief() -> None:
    prompt = read_prompt(shipped("prompts") / "summarize-brief.toml")
    (_, user) = prompt.render(Query("summarize", "Ann met Bob.", words=(100, 130)))
    assert "in 100 to 130 words" in user["content"]


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ("|{question}", "", r"the placeholder \{question\} is missing"),
        ("{article}|", "", r"the placeholder \{article\} is missing"),
        (
            "{question}",
            "{question} {date}",
            r"unknown placeholder \{date\}; a prompt to answer has",
        ),
        ("{question}", "{question.text}", r"unknown placeholder \{question\.text\}"),
        ("{question}", "{question!r}", r"unknown placeholder \{question!r\}"),
        ("{question}", "{question:>9}", r"unknown placeholder \{question:>9\}"),
        ("{question}", "{}", r"unknown placeholder \{\}"),
        ("{question}", "{question", r"user: .*; write a brace that is meant as text twice"),
        ('task = "answer"', 'task = "chat"', r"ask\.toml: task: "),
        ("version = 2", "version = 0", r"version: input should be greater"),
        ("max_new_tokens = 8", "", r"max_new_tokens: is missing"),
        ("version = 2", "version = 2\ntemperature = 1", r"temperature: unknown key"),
        ('name = "ask"', 'name = "say"', r"name: is 'say', but the file is called 'ask'"),
    ],
)
def test_a_wrong_template_is_refused(tmp_path: Path, old: str, new: str, message: str) -> None:
    assert old in GOOD
    with pytest.raises(DataError, match=message):
        read_prompt(_write(tmp_path, GOOD.replace(old, new)))


def test_the_hash_is_of_what_the_model_is_told(tmp_path: Path) -> None:
    before = read_prompt(_write(tmp_path, GOOD)).sha256
    for old, new, changes in [
        ("version = 2", "version = 3", False),
        ("{article}|", "{article} |", True),
        ("max_new_tokens = 8", "max_new_tokens = 9", True),
        ('no_answer = "none"', 'no_answer = "nothing"', True),
    ]:
        after = read_prompt(_write(tmp_path, GOOD.replace(old, new))).sha256
        assert (after != before) is changes, new


@pytest.mark.parametrize(
    ("raw", "text"),
    [("none", ""), (" None.\n", ""), ("“none”", ""), ("none of them", "none of them"), ("", "")],
)
def test_only_the_agreed_words_are_a_refusal(tmp_path: Path, raw: str, text: str) -> None:
    assert read_prompt(_write(tmp_path, GOOD)).answer(raw) == text


def test_the_shipped_prompts_are_sound() -> None:
    prompts = [read_prompt(path) for path in shipped("prompts").glob("*.toml")]
    assert {prompt.task for prompt in prompts} == {"summarize", "answer"}
