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

from harness.environment import thread_count
from harness.models.checkpoint.checkpoint import load_model
from harness.models.extractive.extractive import Extractive
from harness.models.extractive.screening import DEFAULT_MARGIN, decision_margin
from harness.models.extractive.spans import Answers
from harness.models.roster.roster import read_rosters
from harness.records import Query

SETTINGS = {"max_tokens": 384, "stride": 128, "max_answer_tokens": 30, "no_answer": False}
# The same ones by the pipeline's names.
PIPELINE = {"max_seq_len": 384, "doc_stride": 128, "max_answer_len": 30}
WARM_UP = 20


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
    paragraphs = list(read_paragraphs(args.squad))
    if args.questions:
        random.Random(0).shuffle(paragraphs)
    questions = [question for paragraph in paragraphs for question in paragraph][: args.questions]
    with tempfile.TemporaryDirectory() as folder:
        model = checkpoint_folder(args.model, Path(folder))
        if args.what == "margin":
            show_margin(model, questions)
        else:
            if args.pipeline is None:
                parser.error("--pipeline: name a python that has transformers 4.57")
            show_parity(model, questions, args.pipeline, args.rounds)


def read_paragraphs(path: Path) -> Iterator[list[tuple[str, str]]]:
    """Yield the questions of each paragraph of a file, with the paragraph."""
    for article in json.loads(path.read_text(encoding="utf-8"))["data"]:
        for paragraph in article["paragraphs"]:
            yield [(qa["question"], paragraph["context"]) for qa in paragraph["qas"]]


def checkpoint_folder(model: str, target: Path) -> Path:
    """Return a folder with the checkpoint; a roster's model is written to `target`."""
    if Path(model).is_dir():
        return Path(model).resolve()
    from transformers import AutoModelForQuestionAnswering, AutoTokenizer

    entry = read_rosters()[model].model
    if not isinstance(entry, Extractive):
        raise SystemExit(f"{model}: is not of the kind extractive")
    load_model(AutoModelForQuestionAnswering, entry).save_pretrained(target)
    AutoTokenizer.from_pretrained(entry.weights.fetch().folder).save_pretrained(target)
    return target


def extractive_model(folder: Path, *, screen: bool) -> Extractive:
    """Return the kind `extractive` on a folder's checkpoint."""
    keys = {"weights": {"folder": str(folder)}, "screen": screen, **SETTINGS}
    return Extractive.model_validate(keys)


def span_reader(model: Extractive) -> Any:
    """Return what reads a model's windows."""
    model.load()
    return model.__dict__["_loaded"][1]


def child(job: dict[str, Any]) -> dict[str, Any]:
    """Answer as the harness does; what the pipeline's program does, for ours."""
    model = extractive_model(Path(job["model"]), screen=job["screen"])
    queries = [Query("answer", context, question) for question, context in job["questions"]]
    model.load()
    model.predict(queries[: job["warm"]])
    predictions = []
    begin = time.perf_counter()
    for at in range(0, len(queries), model.batch_size(queries[0])):
        predictions += model.predict(queries[at : at + model.batch_size(queries[0])])
    seconds = time.perf_counter() - begin
    rows = [
        [prediction.raw, *(prediction.span or (0, 0)), prediction.confidence]
        for prediction in predictions
    ]
    return {"answers": rows, "seconds": seconds}


def show_parity(
    model: Path, questions: Sequence[tuple[str, str]], pipeline: Path, rounds: int
) -> None:
    """Print what differs from the pipeline's answers, and the speeds of some rounds."""
    ours = [sys.executable, __file__, "child"]
    theirs = [str(pipeline), str(Path(__file__).with_name("extractive_pipeline.py"))]
    job = {"model": str(model), "questions": questions, "settings": PIPELINE,
           "warm": WARM_UP, "threads": thread_count()}  # fmt: skip
    tools: dict[str, tuple[list[str], dict[str, Any]]] = {
        "pipeline": (theirs, {}),
        "float32": (ours, {"screen": False}),
        "screen": (ours, {"screen": True}),
    }
    runs: dict[str, list[dict[str, Any]]] = {name: [] for name in tools}
    for _ in range(rounds):
        for name, (command, options) in tools.items():
            runs[name].append(run(command, job | options))
    pipeline_run = runs["pipeline"][0]
    print(
        f"{len(questions):,} questions; pipeline: {pipeline_run['versions']}, "
        f"{pipeline_run['attention']}"
    )
    for name in ("float32", "screen"):
        different = [
            (question, expected, actual)
            for question, expected, actual in zip(
                questions, pipeline_run["answers"], runs[name][0]["answers"], strict=True
            )
            if expected[:3] != actual[:3]
        ]
        texts = sum(expected[0] != actual[0] for _, expected, actual in different)
        print(f"{name}: {len(different)} spans differ from the pipeline's, {texts} of them in text")
        for (question, _), expected, actual in different:
            print(f"  {question!r}\n    pipeline {expected}\n    {name} {actual}")
    print(f"\n{thread_count()} threads, median of {rounds} rounds: questions/s   to the pipeline's")
    for name, measurements in runs.items():
        rate = statistics.median(
            len(questions) / measurement["seconds"] for measurement in measurements
        )
        ratio = statistics.median(
            base["seconds"] / measurement["seconds"]
            for measurement, base in zip(measurements, runs["pipeline"], strict=True)
        )
        print(f"{name:12} {rate:10.1f} {ratio:10.2f}")


def run(command: list[str], job: dict[str, Any]) -> dict[str, Any]:
    """Return what a program answers."""
    process = subprocess.run(
        command, input=json.dumps(job), stdout=subprocess.PIPE, text=True, check=False
    )
    if process.returncode:
        raise SystemExit(f"{' '.join(command)} failed")
    answers: dict[str, Any] = json.loads(process.stdout)
    return answers


def show_margin(folder: Path, questions: Sequence[tuple[str, str]]) -> None:
    """Print how far bfloat16 is from float32, and what margins give."""
    model = extractive_model(folder, screen=True)
    window_reader = span_reader(model)
    splitter = model.__dict__["_loaded"][0]
    exact, rounded = [], []
    for at in range(0, len(questions), 256):
        windows = [(c, splitter.split(q, c)) for q, c in questions[at : at + 256]]
        exact += window_reader.read(windows)
        rounded += window_reader.read(windows, in_bfloat16=True)
        print(f"\r{len(exact):,} of {len(questions):,}", end="", file=sys.stderr)
    print(file=sys.stderr)
    pairs = list(zip(exact, rounded, strict=True))
    print(f"{len(questions):,} questions; bfloat16 moved, in logits: median, 99%, greatest")
    for name, values in {
        "sum of the best span": [
            abs(exact_answers.best_score - rounded_answers.best_score)
            for exact_answers, rounded_answers in pairs
        ],
        "no answer against the best span": [
            abs(exact_answers.null_score_diff - rounded_answers.null_score_diff)
            for exact_answers, rounded_answers in pairs
        ],
        "the best answer against the second": [
            shift(exact_answers, rounded_answers) for exact_answers, rounded_answers in pairs
        ],
    }.items():
        ordered = sorted(v for v in values if math.isfinite(v))
        middle, most = ordered[len(ordered) // 2], ordered[int(0.99 * (len(ordered) - 1))]
        print(f"  {name:36} {middle:8.4f} {most:8.4f} {ordered[-1]:8.4f}")
    for name, threshold in (("always an answer", None), ("no answer at 0", 0.0)):
        gaps = [decision_margin(rounded_answers, threshold) for rounded_answers in rounded]
        wrong = [
            gap
            for gap, (exact_answers, rounded_answers) in zip(gaps, pairs, strict=True)
            if decision(exact_answers, threshold) != decision(rounded_answers, threshold)
        ]
        print(f"{name}: {len(wrong)} decisions differ; the least margin that finds all of them is "
              f"{max(wrong, default=0):.4f}; the default is {DEFAULT_MARGIN}")  # fmt: skip
        print("  margin   read again   still different")
        for limit in sorted(
            {0.02, 0.03, 0.04, 0.05, 0.06, 0.07, 0.1, 0.15, 0.2, 0.3, DEFAULT_MARGIN}
        ):
            again = sum(gap < limit for gap in gaps) / len(gaps)
            print(f"  {limit:6.2f} {again:12.1%} {sum(gap >= limit for gap in wrong):12}")


def decision(answers: Answers, threshold: float | None) -> tuple[int, int] | None:
    """Return the span that would be given, `None` for no answer."""
    if not answers.ranked or (threshold is not None and answers.null_score_diff > threshold):
        return None
    return answers.ranked[0].start, answers.ranked[0].end


def shift(exact: Answers, rounded: Answers) -> float:
    """Return how far the log ratio of the best two answers of float32 moved."""
    if len(exact.ranked) < 2:
        return 0.0
    weights = {(span.start, span.end): span.weight for span in rounded.ranked}
    first, second = exact.ranked[:2]
    spans = [(span.start, span.end) for span in (first, second)]
    if not weights.keys() >= set(spans):
        return math.nan
    return abs(
        math.log(first.weight / second.weight) - math.log(weights[spans[0]] / weights[spans[1]])
    )


if __name__ == "__main__":
    main()
