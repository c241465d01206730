"""Small suites and runs, made by the real `evaluate`, and copies changed in known ways."""

import json
import shutil
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

from harness.eval.evaluate import evaluate
from harness.files import sha256
from harness.leaderboard.leaderboard import content_sha256
from harness.metrics import metrics
from harness.metrics.scorer import score_text
from harness.records import SCOPES, TASKS
from harness.suite.selection import Selection
from harness.suite.suite import read_suite

Line = dict[str, Any]
FLOORS = ["lead-3", "no-answer"]


def suite(folder: Path, articles: int, questions: int) -> Path:
    """Write a suite: articles a, b, c ..., each with one summary and questions q0, q1 ...

    The answer to each question is a word of its own, so one right word scores 1 and any other 0.
    """
    (folder / "seeds").mkdir(parents=True)
    (folder / "goldens").mkdir()
    manifest = ""
    for name in "abcdefghijklmnopqrstuvwxyz"[:articles]:
        sentences = " ".join(
            f"Answer number {i} of {name} is {name}word{i}." for i in range(questions)
        )
        text = f"Ann met Bob on Monday at {name}place.\n{sentences}\n"
        (folder / "seeds" / f"{name}.txt").write_text(text, encoding="utf-8")
        manifest += f'[[article]]\nid = "{name}"\nfile = "{name}.txt"\n'
        golden = f'article: {name}\nauthor: e\ndate: 2026-01-01\nversion: 1\nreferences: ["Ann met Bob at {name}place. They signed."]\nquestions:\n'
        golden += "".join(
            f'  - {{id: q{i}, kind: what, text: "What is number {i}?", answers: ["{name}word{i}"]}}\n'
            for i in range(questions)
        )
        (folder / "goldens" / f"{name}.yaml").write_text(golden, encoding="utf-8")
    (folder / "seeds" / "manifest.toml").write_text(manifest, encoding="utf-8")
    return folder


def run(folder: Path, out: Path, limit: int | None = None) -> Path:
    """Run the floors on a suite."""
    evaluate(folder, models=FLOORS, out=out, selection=Selection(limit=limit))
    return out


def changed_copy(source: Path, target: Path, change: Callable[[Line], Line | None]) -> Path:
    """Copy a run with each line passed through `change`; `None` drops it."""
    if source != target:
        shutil.copytree(source, target)
    text = (source / "predictions.jsonl").read_text(encoding="utf-8")
    lines = [change(json.loads(line)) for line in text.split("\n") if line]
    rewrite(target, [line for line in lines if line is not None])
    return target


def rewrite(run: Path, lines: Iterable[Line]) -> None:
    """Write the lines of a run as the harness does, with their hash."""
    text = "".join(
        json.dumps(line, sort_keys=True, separators=(",", ":"), ensure_ascii=False) + "\n"
        for line in lines
    )
    (run / "predictions.jsonl").write_text(text, encoding="utf-8")
    edit_board(run, lambda board: board.update(predictions_sha256=sha256(text)))


def edit_board(run: Path, edit: Callable[[dict[str, Any]], object], *, seal: bool = True) -> Path:
    """Change a run's leaderboard in place; without `seal` its hash is not made anew."""
    path = run / "leaderboard.json"
    board = json.loads(path.read_text(encoding="utf-8"))
    edit(board)
    if seal:
        board["content_sha256"] = content_sha256(board)
    path.write_text(json.dumps(board), encoding="utf-8")
    return run


READER = {
    "name": "reader", "role": "reader", "kind": "k", "identity": {}, "calls": 1, "cached": 0,
    "failed": 0, "seconds": 0.0, "cost": None, "environments": [], "on_article": {}, "on_nothing": {},
}  # fmt: skip


def judge_by_hand(run: Path, lines: Iterable[Line]) -> Path:
    """Give a run what a reader is to have said, as the harness writes it."""
    text = "".join(
        json.dumps({"judge": "reader", "key": f"k{number}"} | line, sort_keys=True) + "\n"
        for number, line in enumerate(lines)
    )
    (run / "judgments.jsonl").write_text(text, encoding="utf-8")
    return edit_board(
        run, lambda board: board.update(judges=[READER], judgments_sha256=sha256(text))
    )


def unjudged(run: Path) -> Path:
    """Take from a run what its reader said; the numbers stay."""
    (run / "judgments.jsonl").unlink()
    return edit_board(run, lambda board: board.update(judges=[], judgments_sha256=None))


def row(board: dict[str, Any], model: str, task: str) -> dict[str, Any]:
    """Return a row on articles."""
    rows: list[dict[str, Any]] = [
        board_row
        for board_row in board["rows"]
        if (board_row["model"], board_row["task"], board_row["scope"]) == (model, task, "article")
    ]
    return rows[0]


def replacing_texts(
    folder: Path | None, model: str, task: str, text: Callable[[Line], str]
) -> Callable[[Line], Line]:
    """Return a change that gives one model's lines of a task new texts, scored anew."""
    loaded_suite = read_suite(folder)
    examples = {
        (name, example.id): example
        for name in TASKS
        for scope in SCOPES
        for example in loaded_suite.examples(name, scope)
    }
    task_metrics = {name: metrics(name) for name in TASKS}

    def change(line: Line) -> Line:
        if (line["model"], line["task"]) != (model, task):
            return line
        new_text = text(line)
        example = examples[line["task"], line["example"]]
        family = task_metrics[line["task"]]
        scores = score_text(family, new_text, example.references, example.article.text)
        return line | {"text": new_text, "raw": None, "scores": scores}

    return change


def failing(line: Line) -> Line:
    """Return a line as a failure."""
    return line | {"text": "", "raw": None, "error": "ModelError: out of memory", "scores": {}}
