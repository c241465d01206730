"""Each verb that prints a result, in each format, read back by what reads that format."""

import csv
import io
import json
from pathlib import Path

import pytest
from markdown_it import MarkdownIt

from harness.cli import main
from tests import small_runs

FROZEN = str(Path(__file__).parents[1] / "frozen")

# What is run, and of its CSV the first names and how many lines there are: 22 rows of the record, of
# which two are people, who predict nothing; 6 articles and events; 8 models; 24 notes and 12
# allowed warnings; of verifying as many as JSON has.
VERBS: dict[str, tuple[list[str], str, int | None]] = {
    "compare": (["compare", FROZEN, "{head}"], "model,role,task,scope,metric,n", 20),
    "gate": (["gate", "{head}", "--baseline", FROZEN], "verdict,model,task,scope", 20),
    "verify": (["verify", "{head}"], "where,stored,recomputed,by", None),
    "plan": (["plan", FROZEN, "--difference", "0.05"], "task,metric,difference", 2),
    "models": (["models"], "model,kind,tasks,weights", 9),
    "articles": (["articles"], "article,outlet,date,words,references,questions", 6),
    "article": (["articles", "menafn-minerals-agreement"], "article,text", 1),
    "check": (["check"], "level,name,file,line,message,allowed", 36),
    "agreement": (
        ["agreement", "{judged}", "--measures", "rouge1,words"], "set,task,source,aspect", 2
    ),
    "score": (
        ["score", "--references", "{gold}", "--predictions", "{said}"], "suite,task,scope,model", 1
    ),
}  # fmt: skip


@pytest.fixture(scope="module")
def places(tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    """A copy of the record in which one answer is hostile, and two files to score."""
    folder = tmp_path_factory.mktemp("verbs")
    hostile = small_runs.replacing_texts(
        None, "minilm-qa", "answer", lambda line: "| \x1b[2J ``` <b>" if "summit-held" in line["example"] else line["text"]
    )  # fmt: skip
    head = small_runs.changed_copy(Path(FROZEN), folder / "head", hostile)
    (folder / "gold.jsonl").write_text('{"id": "a", "reference": "x"}\n', encoding="utf-8")
    (folder / "=said.csv").write_text("id,prediction\na,x\n", encoding="utf-8")
    lines = [
        {"article_id": "a", "system": f"=\x1b[2J{i}", "summary": "x " * i, "references": ["x y"],
         "scores": {"good": i}}
        for i in range(1, 5)
    ]  # fmt: skip
    (folder / "judged.jsonl").write_text("".join(f"{json.dumps(line)}\n" for line in lines))
    return {
        "head": str(head),
        "gold": str(folder / "gold.jsonl"),
        "said": str(folder / "=said.csv"),
        "judged": str(folder / "judged.jsonl"),
    }


def _printed(capsys: pytest.CaptureFixture[str], arguments: list[str]) -> str:
    assert main(arguments) in (0, 1)
    return capsys.readouterr().out


@pytest.mark.parametrize("verb", VERBS)
def test_each_format_is_what_it_is_called(
    verb: str, places: dict[str, str], capsys: pytest.CaptureFixture[str]
) -> None:
    template, header, count = VERBS[verb]
    arguments = [argument.format(**places) for argument in template]
    table = _printed(capsys, arguments)
    assert table == _printed(capsys, [*arguments, "--format", "table"])
    markdown = _printed(capsys, [*arguments, "--format", "markdown"])
    json_text = _printed(capsys, [*arguments, "--format", "json"])
    csv_text = _printed(capsys, [*arguments, "--format", "csv"])
    content = json.loads(json_text)
    count = len(content["differences"]) if count is None else count
    lines = list(csv.reader(io.StringIO(csv_text, newline="")))
    assert ",".join(lines[0]).startswith(header)
    assert len(lines) == 1 + count
    assert {len(line) for line in lines} == {len(lines[0])}
    tokens = MarkdownIt("commonmark").enable("table").parse(markdown)
    assert "table_open" in {token.type for token in tokens} or verb == "article"
    for text in (table, markdown, csv_text):
        assert text.endswith("\n")
        assert "\x1b" not in text


def test_the_gate_s_file_is_what_its_format_prints(
    places: dict[str, str], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = tmp_path / "gate.md"
    arguments = ["gate", places["head"], "--baseline", FROZEN, "--markdown", str(file)]
    printed = _printed(capsys, [*arguments, "--format", "markdown"])
    assert file.read_text(encoding="utf-8") == printed


def test_removed_paragraphs_and_a_data_set_have_formats_too(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    removed = ["articles", "menafn-minerals-agreement", "--removed"]
    content = json.loads(_printed(capsys, [*removed, "--json"]))
    lines = list(csv.DictReader(io.StringIO(_printed(capsys, [*removed, "--format", "csv"]))))
    assert [line["rule"] for line in lines] == [line["rule"] for line in content["removed"]]
    text = _printed(capsys, removed)
    assert text.splitlines() == [f"[{line['rule']}] {line['text']}" for line in content["removed"]]


def test_a_text_that_commands_a_terminal_is_exact_in_json_alone(
    suite_folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    seed = suite_folder / "seeds" / "first.txt"
    seed.write_text("Ann\u202e met Bob.\n", encoding="utf-8")
    arguments = ["articles", "--suite", str(suite_folder), "first"]
    assert _printed(capsys, arguments) == "Ann⟦U+202E⟧ met Bob.\n"
    assert json.loads(_printed(capsys, [*arguments, "--json"]))["text"] == "Ann\u202e met Bob."
