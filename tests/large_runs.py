"""A run as large as a data set's: texts of made-up words, scored by the metrics."""

import datetime
import random
from collections.abc import Sequence
from pathlib import Path

from harness.files import canonical_json, sha256
from harness.leaderboard.assembly import assemble
from harness.leaderboard.leaderboard import Counts, Row
from harness.leaderboard.prediction_lines import RowName
from harness.leaderboard.rows import measured
from harness.leaderboard.run_folder import LEADERBOARD, PREDICTIONS, Run, read_run
from harness.metrics import metrics
from harness.records import (
    TASKS,
    Article,
    Evidence,
    Example,
    Golden,
    Prediction,
    Question,
    Scope,
    Scored,
    Task,
)
from harness.suite.goldens import GoldenFile
from harness.suite.suite import Suite

DAY = datetime.date(2026, 1, 1)
WORDS = [f"{a}{b}{c}" for a in "bdfgk" for b in ("alo", "ine", "umi", "era") for c in "rstn"]


def large_run(
    folder: Path, examples: int, models: int = 5, per_article: int = 10
) -> tuple[Run, Suite]:
    """Write and read a run on `examples` examples: of each article one summary, else questions."""
    chance = random.Random(7)
    suite = _suite(chance, examples // per_article, per_article - 1)
    asked = _asked(suite)
    rows, scored = [], {}
    for number in range(models):
        for task in TASKS:
            name = _name(number, task)
            scored[name] = [_said(chance, task, one) for one in asked[task, "article"]]
            row = _row(name[0], task, number)
            rows.append(measured(row, scored[name], metrics(task).signatures))
    board, told = assemble(suite, None, asked, rows, scored, {})
    lines = [
        _line(row, one)
        for row in board.rows
        for one in told.get((row.model, row.task, row.scope), ())
    ]
    folder.mkdir(parents=True, exist_ok=True)
    (folder / LEADERBOARD).write_text(board.to_json(), encoding="utf-8")
    (folder / PREDICTIONS).write_text("".join(lines), encoding="utf-8")
    return read_run(folder), suite


def _asked(suite: Suite) -> dict[tuple[Task, Scope], Sequence[Example]]:
    return {(task, "article"): suite.examples(task) for task in TASKS}


def _name(number: int, task: Task) -> RowName:
    return f"model-{number}", task, "article"


def _suite(chance: random.Random, articles: int, questions: int) -> Suite:
    found, files = {}, []
    for number in range(articles):
        name = f"article-{number:05}"
        sentences = [_sentence(chance) for _ in range(chance.randint(10, 60))]
        text = "\n".join(sentences)
        found[name] = Article(name, text, f"{name}.txt", sha256(text), headline=f"Of {name}")
        golden = Golden(
            article=name,
            author="made",
            date=DAY,
            version=1,
            words=(50, 70),
            references=tuple(" ".join(chance.sample(sentences, 3)) for _ in range(2)),
            questions=tuple(_question(chance, name, at, sentences) for at in range(questions)),
            allowed={},
        )
        files.append(GoldenFile(Path(name), golden, (name,), {}))
    return Suite("large", sha256("large"), found, files, {})


def _sentence(chance: random.Random) -> str:
    return " ".join(chance.choices(WORDS, k=chance.randint(6, 20))).capitalize() + "."


def _question(chance: random.Random, name: str, at: int, sentences: list[str]) -> Question:
    evidence = chance.choice(sentences)
    words = evidence[:-1].split()
    start = chance.randrange(len(words))
    answer = " ".join(words[start : start + chance.randint(1, 4)])
    if chance.random() < 0.2:
        return Question(f"q{at}", f"Which {answer}?", "what", ())
    return Question(f"q{at}", f"Which {words[0]}?", "who", (answer,), (Evidence(name, evidence),))


def _said(chance: random.Random, task: Task, example: Example) -> Scored:
    sentences = example.query.context.split("\n")
    text = " ".join(chance.sample(sentences, 3))
    if task == "answer":
        words = chance.choice(sentences)[:-1].split()
        start = chance.randrange(len(words))
        text = " ".join(words[start : start + chance.randint(0, 5)])
    made = Prediction(text, seconds=0.01, source_tokens=900, kept_tokens=900, output_tokens=9)
    key = sha256(f"{chance.random()}")
    return Scored(example, key, made, False, metrics(task).score(text, example.references))


def _row(name: str, task: Task, number: int) -> Row:
    return Row(
        model=name,
        role="model",
        task=task,
        scope="article",
        kind="made",
        metrics={},
        counts=Counts(expected=0, ok=0, error=0, truncated=0, cached=0),
        cut={},
        seconds=10.0 * (number + 1),
        tokens_per_second=None,
        peak_memory_bytes=1,
        weights={"package": "made"},
        weights_bytes=10**8 * (5 - number),
        licence=None,
        prompt=None,
        identity={"kind": "made"},
        environments=[{}],
    )


def _line(row: Row, scored: Scored) -> str:
    """Return a line as `harness eval` writes it."""
    made = scored.prediction
    content = {
        "model": row.model,
        "task": row.task,
        "example": scored.example.id,
        "key": scored.key,
        "text": made.text,
        "raw": None,
        "rendered_sha256": None,
        "source_tokens": made.source_tokens,
        "kept_tokens": made.kept_tokens,
        "output_tokens": made.output_tokens,
        "cut": {},
        "error": None,
        "scores": dict(scored.scores),
    }
    return canonical_json(content) + "\n"
