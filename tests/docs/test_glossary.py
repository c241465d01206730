"""The glossary has every column that is printed, and the order in which columns go."""

import json
import re
from collections.abc import Callable
from pathlib import Path

import pytest

from harness.cli import main
from harness.leaderboard.printing.tables import tables
from harness.leaderboard.run_folder import read_run
from harness.tables.fit import fitted
from harness.tables.table import Table
from tests.docs.pages import ROOT

GLOSSARY = (ROOT / "docs" / "glossary.md").read_text(encoding="utf-8")
COLUMNS, NARROW = GLOSSARY[GLOSSARY.index("## Columns") :].split("\n## ")


# What these runs do not print: nothing has a price, no limit ends a text, none is without a word, the
# set is of version 1.1, no token is guessed, and no Hub is asked.
NOT_HERE = {"cost", "at most", "unfinished", "empty", "as SQuAD 2.0", "right guesses"}
NOT_HERE |= {"table", "repository", "was", "is now", "says"}
NOT_HERE |= {"judge", "set", "texts", "tokens"}  # no judge is asked
COMMANDS = """
eval --suite demo --models lead-3,no-answer --reader best-sentence --out {run}
eval --suite demo --models lead-3,no-answer --with rouge_parts,chrf,bertscore,equivalence --encoder {encoder}#1 --out {run}-2
eval --suite demo --models mine --roster {roster} --out {run} --dry-run
compare {run} {run}
gate {run} --baseline {run}
plan {run} --difference 0.2
models --roster shipped
models --kinds
articles --suite demo
articles --suite squad:{data}
eval --suite squad:{data} --models no-answer --out {run}-squad
score --references {data} --predictions a={predictions} b={predictions}
agreement {judged} {answered}
"""


def _names(cell: str) -> set[str]:
    """Return the names of a cell that has several, with commas between them."""
    return {name.strip() for name in re.split("[,;]", cell)}


def _headers(markdown: str) -> set[str]:
    lines = markdown.splitlines()
    headers = [lines[i] for i in range(len(lines) - 1) if re.match(r"\| *:?--", lines[i + 1])]
    return {
        re.sub(r"\\(.)", r"\1", cell).strip().removesuffix(" *")
        for header in headers
        for cell in header.strip("| ").split(" | ")
    }


def test_the_columns_of_the_glossary_are_those_that_are_printed(
    tiny_folder: Callable[..., Path], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    data, predictions = tmp_path / "set.json", tmp_path / "a.json"
    question = '{"id": "q", "question": "Who?", "answers": [{"text": "Ann", "answer_start": 0}]}'
    paragraph = f'{{"context": "Ann met Bob.", "qas": [{question}]}}'
    data.write_text(
        f'{{"version": "1.1", "data": [{{"title": "T", "paragraphs": [{paragraph}]}}]}}'
    )
    predictions.write_text('{"q": "Ann"}')
    judged, answered = tmp_path / "judged.jsonl", tmp_path / "answered.jsonl"
    lines = [
        {"article_id": "a", "system": f"s{i}", "question": "Who?", "references": ["Ann met Bob."],
         "summary": "Ann " * i, "answer": "Ann met Bob." * (i % 2), "scores": {"good": i % 2}}
        for i in range(1, 5)
    ]  # fmt: skip
    for path, lacking in ((judged, "answer"), (answered, "summary")):
        kept = [{key: value for key, value in line.items() if key != lacking} for line in lines]
        path.write_text("".join(f"{json.dumps(line)}\n" for line in kept))
    roster = tmp_path / "mine.toml"
    roster.write_text(f'[mine]\nkind = "causal"\nweights.folder = "{tiny_folder("llama")}"\n')
    places = {"run": tmp_path / "run", "data": data, "predictions": predictions, "roster": roster}
    places |= {"judged": judged, "answered": answered, "encoder": tiny_folder("bert")}
    printed: set[str] = set()
    for command in COMMANDS.format(**places).strip().splitlines():
        assert main([*command.split(), "--format", "markdown", "-q"]) == 0
        printed |= set().union(*map(_names, _headers(capsys.readouterr().out)))
    # Its Markdown is a summary, with other columns than its table.
    assert main(["gate", str(places["run"]), "--baseline", str(places["run"]), "-q"]) == 0
    header, _ = capsys.readouterr().out.split("\n---", 1)
    printed |= set(re.split(r"\s{2,}", header.splitlines()[-1].strip()))
    cells = re.findall(r"^\| ([^|]+) \|", COLUMNS, re.MULTILINE)
    named = set().union(*map(_names, cells)) - {"column", "---", "*"}
    assert named == printed | NOT_HERE


@pytest.mark.parametrize("task", ["summarize", "answer"])
def test_columns_go_in_the_order_that_the_glossary_has(task: str) -> None:
    """By what is left on ever narrower terminals of the record's tables."""
    board = read_run(ROOT / "tests" / "frozen").board
    (table,) = (
        part for part in tables(board) if isinstance(part, Table) and part.columns[0].header == task
    )
    headers = {column.header for column in table.columns}
    went: list[str] = []
    for width in range(400, 40, -1):
        went += [header for header in fitted([table], width).gone if header not in went]
    steps = re.findall(r"^\d+\. (.+)$", NARROW, re.MULTILINE)
    # The primary ones are rougeLsum and f1.
    metrics = {"summarize": ["rougeL", "rouge2", "rouge1"], "answer": ["exact_match"]}[task]
    expected = []
    for step in steps[:-1]:  # nothing of the last step is in this table: all counts are 0
        if step.startswith("the other metrics"):
            expected += metrics
        else:  # nothing has a price, and what is of one task is not in the other's table
            names = re.split(r", | and ", re.split(", where|:", step)[0])
            expected += [name for name in names if name in headers]
    assert went == expected
