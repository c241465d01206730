"""Time and memory of every command on invented data, at N rows and 3 N.

    python benchmarks/scale.py --rows 100000
    python benchmarks/scale.py --rows 100000 --only report

Questions lie in a file laid out as SQuAD's, five to a paragraph and twenty-five to a title, and two
floors are asked; summaries are the outputs of two systems, scored with `harness score`. All words
are made up. Each command is a process of its own; memory is the most that it held, and that of
`harness --version` is what a process holds with nothing to do. Seconds are the processor's.

    python benchmarks/scale.py --oracle 11490

times the extractive oracle on articles as long as CNN/DailyMail's: thirty sentences, with a
reference of three, in this process.

    python benchmarks/scale.py --ranking 300000

counts, ranks and compares two rows of so many summaries with scores drawn at random, which is what
a run does when all is scored, and tells the most memory that it held.
"""

import argparse
import json
import os
import random
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from pathlib import Path

from harness.leaderboard.ranking.ranking import rank_rows
from harness.leaderboard.rows.aggregation import RowAggregate
from harness.leaderboard.rows.text_row import text_row
from harness.metrics import Metrics, metrics
from harness.metrics.ceiling import Oracle
from harness.records import Article, Example, Prediction, Query
from harness.run.predict import Predicted
from harness.run.score_table import ScoreTable
from harness.run.scoring import ScoredStream
from harness.run.store import StoredPrediction
from harness.stream import Stream

TIMES = (1, 3)
SYLLABLES = ("ba", "del", "fon", "gri", "kul", "mer", "nos", "pa", "rin", "sto", "tav", "wen")
PER_PARAGRAPH, PER_TITLE = 5, 25


def main() -> None:
    """Measure, and print."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--rows", type=int, default=100_000)
    parser.add_argument("--oracle", type=int, metavar="ARTICLES", help="time the oracle alone")
    parser.add_argument("--ranking", type=int, metavar="ROWS", help="measure the ranking alone")
    parser.add_argument(
        "--only", nargs="*", help="commands whose names begin so, on runs in --folder"
    )
    parser.add_argument("--folder", type=Path, help="where files are kept (default: nowhere)")
    options = parser.parse_args()
    if options.oracle:
        time_oracle(options.oracle)
        return
    if options.ranking:
        time_ranking(options.ranking)
        return
    with tempfile.TemporaryDirectory() as folder:
        root = options.folder or Path(folder)
        measured = [
            measure(times * options.rows, root / f"rows{times * options.rows}", options.only)
            for times in TIMES
        ]
    idle = timed(["--version"])[1]
    print(f"{options.rows:,} and {TIMES[-1] * options.rows:,} rows; idle: {idle / 1e6:.0f} MB\n")
    print(f"{'':28}{'seconds':>16}{'MB':>14}{'bytes a row':>14}")
    added = (TIMES[-1] - TIMES[0]) * options.rows
    for name, (seconds, size) in measured[0].items():
        more_seconds, more = measured[1][name]
        print(
            f"{name:28}{seconds:8.1f}{more_seconds:8.1f}{size / 1e6:7.0f}{more / 1e6:7.0f}"
            f"{(more - size) / added:14,.0f}"
        )


def time_oracle(articles: int) -> None:
    """Print how long the oracle takes for so many articles."""
    rng = random.Random(1)
    words = vocabulary(rng, 20_000)
    oracle, seconds = Oracle(), 0.0
    for _ in range(articles):
        sentences, reference = article(rng, words)
        started = time.process_time()
        oracle.choose("\n".join(sentences), [reference])
        seconds += time.process_time() - started
    print(f"{articles:,} articles: {seconds:.1f} s")


def time_ranking(summaries: int) -> None:
    """Print how long it takes to count and rank two rows of so many summaries, and the memory."""
    started = time.process_time()
    family = metrics("summarize")
    rows, scored = [], {}
    for name in ("first", "second"):
        stream = drawn_scores(name, summaries, family)
        scored[name, "summarize", "article"] = stream
        aggregate = RowAggregate("summarize", stream, family)
        kind = {"kind": "predictions"}
        rows.append(text_row(name, "model", ("summarize", "article"), aggregate, kind))
    rank_rows(rows, scored, family.declarations)
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024
    print(f"{summaries:,} summaries: {time.process_time() - started:.1f} s, {peak / 1e6:.0f} MB")


def drawn_scores(name: str, summaries: int, family: Metrics) -> ScoredStream:
    """Return predictions of as many articles, each scored at random by each metric."""
    rng = random.Random(name)
    table = ScoreTable(dict.fromkeys(family.signatures, 0.0))
    for place in range(summaries):
        table.put(place, {metric: rng.random() for metric in family.signatures})

    def read(start: int) -> Iterator[Predicted]:
        for place in range(start, summaries):
            source = Article(f"a{place}", "A text.", "made-up", "")
            query = Query("summarize", source.text)
            stored = StoredPrediction(Prediction(f"Summary {place}."), {})
            yield Predicted(Example(source.id, source, query, ("A text.",)), "", stored, False)

    return ScoredStream(Stream(summaries, read), [table])


def vocabulary(rng: random.Random, size: int) -> list[str]:
    """Return made-up words, a few of which `sentence` will take most of the time."""
    return ["".join(rng.choices(SYLLABLES, k=rng.randint(1, 5))) for _ in range(size)]


def sentence(rng: random.Random, words: Sequence[str], least: int = 12, most: int = 36) -> str:
    """Return a sentence of made-up words, the first of the vocabulary being the commonest."""
    count = rng.randint(least, most)
    drawn = [words[int(len(words) ** rng.random()) - 1] for _ in range(count)]
    return f"{' '.join(drawn).capitalize()}."


def article(rng: random.Random, words: Sequence[str]) -> tuple[list[str], str]:
    """Return the thirty sentences of an article, and a reference of three with words changed."""
    sentences = [sentence(rng, words) for _ in range(30)]
    reference = []
    for text in rng.sample(sentences, 3):
        kept = [rng.choice(words) if rng.random() < 0.3 else word for word in text.split()[:18]]
        reference.append(" ".join(kept).capitalize().rstrip(".") + ".")
    return sentences, "\n".join(reference)


def write_questions(path: Path, rows: int) -> None:
    """Write a data set laid out as SQuAD's; one question in five has no answer."""
    rng = random.Random(2)
    words = vocabulary(rng, 20_000)
    with path.open("w", encoding="utf-8") as file:
        file.write('{"version": "v2.0", "data": [')
        for title, first in enumerate(range(0, rows, PER_TITLE)):
            numbers = range(first, min(first + PER_TITLE, rows))
            paragraphs = [
                _paragraph(rng, words, numbers[start : start + PER_PARAGRAPH])
                for start in range(0, len(numbers), PER_PARAGRAPH)
            ]
            file.write(", " if title else "")
            json.dump({"title": f"Title {title}", "paragraphs": paragraphs}, file)
        file.write("]}")


def _paragraph(
    rng: random.Random, words: Sequence[str], numbers: Sequence[int]
) -> dict[str, object]:
    context = " ".join(sentence(rng, words) for _ in range(5))
    tokens = context.split()
    questions = []
    for number in numbers:
        at = rng.randrange(len(tokens) - 3)
        answer = " ".join(tokens[at : at + rng.randint(1, 3)]).rstrip(".")
        answers = [{"text": answer, "answer_start": context.index(answer)}] if number % 5 else []
        text = f"What {' '.join(rng.sample(tokens, 8)).replace('.', '').lower()}?"
        questions.append(
            {"id": f"q{number}", "question": text, "answers": answers, "is_impossible": not answers}
        )
    return {"context": context, "qas": questions}


def write_summaries(folder: Path, rows: int) -> None:
    """Write references and the outputs of two systems, a line each."""
    rng = random.Random(3)
    words = vocabulary(rng, 20_000)
    names = ("references", "first", "second")
    files = [(folder / f"{name}.jsonl").open("w", encoding="utf-8") for name in names]
    for number in range(rows):
        for file, (field, text) in zip(files, _summaries(rng, words), strict=True):
            file.write(json.dumps({"id": f"a{number}", field: text}) + "\n")
    for file in files:
        file.close()


def _summaries(rng: random.Random, words: Sequence[str]) -> Iterator[tuple[str, str]]:
    reference = [sentence(rng, words) for _ in range(3)]
    yield "reference", "\n".join(reference)
    for kept in (2, 1):
        yield "prediction", "\n".join([*reference[:kept], sentence(rng, words)])


def measure(rows: int, root: Path, only: Sequence[str] | None) -> dict[str, tuple[float, int]]:
    """Return the seconds and the most bytes of each command."""
    root.mkdir(parents=True, exist_ok=True)
    questions, run, scored = root / "questions.json", root / "run", root / "scored"
    if not questions.is_file():
        write_questions(questions, rows)
        write_summaries(root, rows)
    suite = f"squad:{questions}"
    evaluated = ["eval", "--suite", suite, "--models", "best-sentence,no-answer", "--out", str(run)]
    files = [str(root / f"{name}.jsonl") for name in ("references", "first", "second")]
    commands = {
        "articles (opens the set)": ["articles", "--suite", suite],
        "check": ["check", "--suite", suite],
        "eval, all to be predicted": evaluated,
        "eval again, all kept": evaluated,
        "score": [
            "score",
            "--references",
            files[0],
            "--predictions",
            *files[1:],
            "--out",
            str(scored),
        ],
    }
    shown = {
        "questions": ["Title 0/q1", "--model", "best-sentence"],
        "summaries": ["a1", "--model", "first"],
    }
    for what, folder in (("questions", run), ("summaries", scored)):
        commands |= {
            f"compare, {what}": ["compare", str(folder), str(folder)],
            f"gate, {what}": ["gate", str(folder), "--baseline", str(folder)],
            f"verify, {what}": ["verify", str(folder)],
            f"show, {what}": ["show", shown[what][0], str(folder), *shown[what][1:]],
            f"plan, {what}": ["plan", str(folder), "--difference", "0.02"],
            f"report, {what}": ["report", str(folder)],
        }
    chosen = {
        name: command
        for name, command in commands.items()
        if not only or any(name.startswith(wanted) for wanted in only)
    }
    return {name: timed(command, name) for name, command in chosen.items()}


def timed(command: Sequence[str], name: str = "") -> tuple[float, int]:
    """Return the processor seconds and the most bytes of a command."""
    harness = [sys.executable, "-m", "harness", *command]
    with subprocess.Popen(harness, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE) as child:
        assert child.stderr
        told = child.stderr.read().decode(errors="replace")
        _, status, usage = os.wait4(child.pid, 0)
        child.returncode = os.waitstatus_to_exitcode(status)
    if child.returncode not in (0, 1):  # 1: the check found something
        raise SystemExit(f"harness {' '.join(command)} ended with {child.returncode}: {told}")
    seconds, size = usage.ru_utime + usage.ru_stime, usage.ru_maxrss * 1024
    if name:
        print(f"{name:28}{seconds:8.1f} s{size / 1e6:8.0f} MB", file=sys.stderr, flush=True)
    return seconds, size


if __name__ == "__main__":
    main()
