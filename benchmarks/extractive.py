"""The span runner: equal to the pipeline it replaces, as fast or faster, and screened safely.

    make bench-extractive ARGS="parity --squad dev-v1.1.json --questions 1000"
    make bench-extractive ARGS="margin --squad dev-v1.1.json"

`parity` asks the pipeline of transformers 4.57, in its own environment, and this project the same
questions at the same settings, each a process, in turns; it prints every answer that differs, and
a table of speeds. `margin` reads a data set in float32 and in bfloat16, and prints how far apart
they are and how close a decision must be for another answer. `--model` is a folder with a
checkpoint, or a name in the roster.
"""

import argparse
import json
import math
import random
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from harness.files import shipped
from harness.models.checkpoint.checkpoint import threads
from harness.models.extractive.extractive import Extractive
from harness.models.extractive.screening import MARGIN, margin
from harness.models.extractive.spans import Answers
from harness.models.roster.roster import read_rosters
from harness.records import Query

SETTINGS = {"max_tokens": 384, "stride": 128, "max_answer_tokens": 30, "no_answer": False}
# The same ones by the pipeline's names.
PIPELINE = {"max_seq_len": 384, "doc_stride": 128, "max_answer_len": 30}
WARM = 20


def main() -> None:
    """Measure, and print what was found."""
    parser = argparse.ArgumentParser(description="the span runner, measured")
    parser.add_argument("what", choices=("parity", "margin", "child"))
    parser.add_argument("--squad", type=Path, help="a file in SQuAD's JSON")
    parser.add_argument("--model", default="minilm-qa")
    parser.add_argument("--pipeline", type=Path, help="a python that has transformers 4.57")
    parser.add_argument(
        "--questions", type=int, help="so many, of whole paragraphs drawn with a fixed seed"
    )
    parser.add_argument("--rounds", type=int, default=3)
    args = parser.parse_args()
    if args.what == "child":
        json.dump(child(json.load(sys.stdin)), sys.stdout)
        return
    if args.squad is None:
        parser.error("--squad: name a file")
    paragraphs = list(squad(args.squad))
    if args.questions:
        random.Random(0).shuffle(paragraphs)
    questions = [one for paragraph in paragraphs for one in paragraph][: args.questions]
    with tempfile.TemporaryDirectory() as folder:
        model = folder_of(args.model, Path(folder))
        if args.what == "margin":
            show_margin(model, questions)
        else:
            if args.pipeline is None:
                parser.error("--pipeline: name a python that has transformers 4.57")
            show_parity(model, questions, args.pipeline, args.rounds)


def squad(path: Path) -> Iterator[list[tuple[str, str]]]:
    """Yield the questions of each paragraph of a file, with the paragraph."""
    for article in json.loads(path.read_text(encoding="utf-8"))["data"]:
        for paragraph in article["paragraphs"]:
            yield [(one["question"], paragraph["context"]) for one in paragraph["qas"]]


def folder_of(model: str, target: Path) -> Path:
    """Return a folder with the checkpoint; a roster's model is written to `target`."""
    if Path(model).is_dir():
        return Path(model).resolve()
    from transformers import AutoTokenizer

    entry = read_rosters([shipped("models.toml")], shipped("prompts"))[model].model
    if not isinstance(entry, Extractive):
        raise SystemExit(f"{model}: is not of the kind extractive")
    reader(entry).network.save_pretrained(target)
    AutoTokenizer.from_pretrained(entry.weights.fetch().folder).save_pretrained(target)
    return target


def made_of(folder: Path, *, screen: bool) -> Extractive:
    """Return the kind `extractive` on a folder's checkpoint."""
    keys = {"weights": {"folder": str(folder)}, "screen": screen, **SETTINGS}
    return Extractive.model_validate(keys)


def reader(model: Extractive) -> Any:
    """Return what reads a model's windows."""
    model.load()
    return model.__dict__["_loaded"][1]


def child(asked: dict[str, Any]) -> dict[str, Any]:
    """Answer as the harness does; what the pipeline's program does, for ours."""
    model = made_of(Path(asked["model"]), screen=asked["screen"])
    queries = [Query("answer", context, question) for question, context in asked["questions"]]
    model.load()
    model.predict(queries[: asked["warm"]])
    found = []
    begin = time.perf_counter()
    for at in range(0, len(queries), model.batch_size(queries[0])):
        found += model.predict(queries[at : at + model.batch_size(queries[0])])
    seconds = time.perf_counter() - begin
    rows = [[one.raw, *(one.span or (0, 0)), one.confidence] for one in found]
    return {"found": rows, "seconds": seconds}


def show_parity(
    model: Path, questions: Sequence[tuple[str, str]], pipeline: Path, rounds: int
) -> None:
    """Print what differs from the pipeline's answers, and the speeds of some rounds."""
    here = [sys.executable, __file__, "child"]
    theirs = [str(pipeline), str(Path(__file__).with_name("extractive_pipeline.py"))]
    asked = {"model": str(model), "questions": questions, "settings": PIPELINE,
             "warm": WARM, "threads": threads()}  # fmt: skip
    tools: dict[str, tuple[list[str], dict[str, Any]]] = {
        "pipeline": (theirs, {}),
        "float32": (here, {"screen": False}),
        "screen": (here, {"screen": True}),
    }
    runs: dict[str, list[dict[str, Any]]] = {name: [] for name in tools}
    for _ in range(rounds):
        for name, (command, more) in tools.items():
            runs[name].append(run(command, asked | more))
    first = runs["pipeline"][0]
    print(f"{len(questions):,} questions; pipeline: {first['versions']}, {first['attention']}")
    for name in ("float32", "screen"):
        different = [
            (question, one, other)
            for question, one, other in zip(
                questions, first["found"], runs[name][0]["found"], strict=True
            )
            if one[:3] != other[:3]
        ]
        texts = sum(one[0] != other[0] for _, one, other in different)
        print(f"{name}: {len(different)} spans differ from the pipeline's, {texts} of them in text")
        for (question, _), one, other in different:
            print(f"  {question!r}\n    pipeline {one}\n    {name} {other}")
    print(f"\n{threads()} threads, median of {rounds} rounds: questions/s   to the pipeline's")
    for name, several in runs.items():
        rate = statistics.median(len(questions) / one["seconds"] for one in several)
        ratio = statistics.median(
            base["seconds"] / one["seconds"]
            for one, base in zip(several, runs["pipeline"], strict=True)
        )
        print(f"{name:12} {rate:10.1f} {ratio:10.2f}")


def run(command: list[str], asked: dict[str, Any]) -> dict[str, Any]:
    """Return what a program answers."""
    done = subprocess.run(
        command, input=json.dumps(asked), stdout=subprocess.PIPE, text=True, check=False
    )
    if done.returncode:
        raise SystemExit(f"{' '.join(command)} failed")
    found: dict[str, Any] = json.loads(done.stdout)
    return found


def show_margin(folder: Path, questions: Sequence[tuple[str, str]]) -> None:
    """Print how far bfloat16 is from float32, and what margins give."""
    model = made_of(folder, screen=True)
    read = reader(model)
    cutter = model.__dict__["_loaded"][0]
    exact, rounded = [], []
    for at in range(0, len(questions), 256):
        asked = [(c, cutter.cut(q, c)) for q, c in questions[at : at + 256]]
        exact += read.read(asked)
        rounded += read.read(asked, rounded=True)
        print(f"\r{len(exact):,} of {len(questions):,}", end="", file=sys.stderr)
    print(file=sys.stderr)
    pairs = list(zip(exact, rounded, strict=True))
    print(f"{len(questions):,} questions; bfloat16 moved, in logits: median, 99%, greatest")
    for name, values in {
        "sum of the best span": [abs(a.best - b.best) for a, b in pairs],
        "no answer against the best span": [abs(a.no_answer - b.no_answer) for a, b in pairs],
        "the best answer against the second": [shift(a, b) for a, b in pairs],
    }.items():
        ordered = sorted(v for v in values if math.isfinite(v))
        middle, most = ordered[len(ordered) // 2], ordered[int(0.99 * (len(ordered) - 1))]
        print(f"  {name:36} {middle:8.4f} {most:8.4f} {ordered[-1]:8.4f}")
    for name, threshold in (("always an answer", None), ("no answer at 0", 0.0)):
        gaps = [margin(b, threshold) for b in rounded]
        wrong = [
            gap
            for gap, (a, b) in zip(gaps, pairs, strict=True)
            if decision(a, threshold) != decision(b, threshold)
        ]
        print(f"{name}: {len(wrong)} decisions differ; the least margin that finds all of them is "
              f"{max(wrong, default=0):.4f}; the default is {MARGIN}")  # fmt: skip
        print("  margin   read again   still different")
        for limit in sorted({0.02, 0.03, 0.04, 0.05, 0.06, 0.07, 0.1, 0.15, 0.2, 0.3, MARGIN}):
            again = sum(gap < limit for gap in gaps) / len(gaps)
            print(f"  {limit:6.2f} {again:12.1%} {sum(gap >= limit for gap in wrong):12}")


def decision(answers: Answers, threshold: float | None) -> tuple[int, int] | None:
    """Return the span that would be given, `None` for no answer."""
    if not answers.found or (threshold is not None and answers.no_answer > threshold):
        return None
    return answers.found[0].start, answers.found[0].end


def shift(exact: Answers, rounded: Answers) -> float:
    """Return how far the log ratio of the best two answers of float32 moved."""
    if len(exact.found) < 2:
        return 0.0
    kept = {(one.start, one.end): one.weight for one in rounded.found}
    first, second = exact.found[:2]
    places = [(one.start, one.end) for one in (first, second)]
    if not kept.keys() >= set(places):
        return math.nan
    return abs(math.log(first.weight / second.weight) - math.log(kept[places[0]] / kept[places[1]]))


if __name__ == "__main__":
    main()
