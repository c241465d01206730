"""A run as large as a data set's: texts of made-up words, scored by the metrics."""

import datetime
import random
from collections.abc import Sequence
from pathlib import Path

from harness.files import canonical_json, sha256
from harness.leaderboard.assembly import assemble_leaderboard
from harness.leaderboard.leaderboard import Row
from harness.leaderboard.numbers import Counts
from harness.leaderboard.prediction_lines import RowKey
from harness.leaderboard.rows.model_rows import oracle_predictions, recomputed_row
from harness.leaderboard.run_folder import LEADERBOARD, PREDICTIONS, Run, read_run
from harness.metrics import metrics
from harness.metrics.ceiling import ORACLE, oracle_texts
from harness.metrics.scorer import score_text
from harness.records import (
    TASKS,
    Article,
    Evidence,
    Example,
    Golden,
    Prediction,
    Question,
    Scope,
    ScoredPrediction,
    Task,
)
from harness.run.scoring import score
from harness.suite.goldens import GoldenFile
from harness.suite.selection import Selection
from harness.suite.suite import Suite

DAY = datetime.date(2026, 1, 1)
WORDS = [f"{a}{b}{c}" for a in "bdfgk" for b in ("alo", "ine", "umi", "era") for c in "rstn"]


def large_run(
    folder: Path, examples: int, models: int = 5, per_article: int = 10
) -> tuple[Run, Suite]:
    """Write and read a run on `examples` examples: of each article one summary, else questions."""
    rng = random.Random(7)
    suite = _suite(rng, examples // per_article, per_article - 1)
    examples_by_task = _examples_by_task(suite)
    rows: list[Row] = []
    scored: dict[RowKey, Sequence[ScoredPrediction]] = {}
    for model_number in range(models):
        for task in TASKS:
            row_name = _row_name(model_number, task)
            scored[row_name] = [
                _scored_prediction(rng, task, example)
                for example in examples_by_task[task, "article"]
            ]
            row = _row(row_name[0], task, model_number)
            rows.append(recomputed_row(row, scored[row_name], metrics(task)))
    oracles = oracle_texts(examples_by_task)["article"]
    chosen = oracle_predictions(examples_by_task["summarize", "article"], oracles)
    scored[ORACLE, "summarize", "article"] = score(chosen, metrics("summarize"))
    board, lines_by_row = assemble_leaderboard(
        suite,
        Selection(),
        None,
        examples_by_task,
        {task: metrics(task) for task in TASKS},
        rows,
        scored,
        {},
    )
    lines = [
        _line(row, scored_prediction)
        for row in board.rows
        for scored_prediction in lines_by_row.get((row.model, row.task, row.scope), ())
    ]
    folder.mkdir(parents=True, exist_ok=True)
    (folder / LEADERBOARD).write_text(board.to_json(), encoding="utf-8")
    (folder / PREDICTIONS).write_text("".join(lines), encoding="utf-8")
    return read_run(folder), suite


def _examples_by_task(suite: Suite) -> dict[tuple[Task, Scope], Sequence[Example]]:
    return {(task, "article"): suite.examples(task) for task in TASKS}


def _row_name(number: int, task: Task) -> RowKey:
    return f"model-{number}", task, "article"


def _suite(rng: random.Random, articles: int, questions: int) -> Suite:
    articles_by_id, files = {}, []
    for number in range(articles):
        name = f"article-{number:05}"
        sentences = [_sentence(rng) for _ in range(rng.randint(10, 60))]
        text = "\n".join(sentences)
        articles_by_id[name] = Article(
            name, text, f"{name}.txt", sha256(text), headline=f"Of {name}"
        )
        golden = Golden(
            article=name,
            author="made",
            date=DAY,
            version=1,
            words=(50, 70),
            references=tuple(" ".join(rng.sample(sentences, 3)) for _ in range(2)),
            questions=tuple(
                _question(rng, name, question, sentences) for question in range(questions)
            ),
            allowed={},
        )
        files.append(GoldenFile(Path(name), golden, (name,), {}))
    return Suite("large", sha256("large"), articles_by_id, files, {})


def _sentence(rng: random.Random) -> str:
    return " ".join(rng.choices(WORDS, k=rng.randint(6, 20))).capitalize() + "."


def _question(rng: random.Random, name: str, number: int, sentences: list[str]) -> Question:
    evidence = rng.choice(sentences)
    words = evidence[:-1].split()
    start = rng.randrange(len(words))
    answer = " ".join(words[start : start + rng.randint(1, 4)])
    if rng.random() < 0.2:
        return Question(f"q{number}", f"Which {answer}?", "what", ())
    return Question(
        f"q{number}", f"Which {words[0]}?", "who", (answer,), (Evidence(name, evidence),)
    )


def _scored_prediction(rng: random.Random, task: Task, example: Example) -> ScoredPrediction:
    sentences = example.query.context.split("\n")
    text = " ".join(rng.sample(sentences, 3))
    if task == "answer":
        words = rng.choice(sentences)[:-1].split()
        start = rng.randrange(len(words))
        text = " ".join(words[start : start + rng.randint(0, 5)])
    prediction = Prediction(text, seconds=0.01, source_tokens=900, kept_tokens=900, output_tokens=9)
    key = sha256(f"{rng.random()}")
    scores = score_text(metrics(task), text, example.references, example.article.text)
    return ScoredPrediction(example, key, prediction, False, scores)


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


def _line(row: Row, scored: ScoredPrediction) -> str:
    """Return a line as `harness eval` writes it."""
    prediction = scored.prediction
    content = {
        "model": row.model,
        "task": row.task,
        "example": scored.example.id,
        "key": scored.key,
        "text": prediction.text,
        "raw": None,
        "rendered_sha256": None,
        "source_tokens": prediction.source_tokens,
        "kept_tokens": prediction.kept_tokens,
        "output_tokens": prediction.output_tokens,
        "cut": {},
        "error": None,
        "scores": dict(scored.scores),
    }
    return canonical_json(content) + "\n"
