"""ROUGE-1, -2, -L and -Lsum with the stemmer: this project against the tools one would pick.

Each measurement is a process of its own on the same texts, so that its peak memory is its own; the
tools take turns, and the table has the medians of the rounds. "cold" starts with nothing seen;
"next" is another system against the same references, new words included; "seen" the first system
once more, when references and word forms were all seen (predictions are never kept). All values
of the pairs that a slow tool scores are compared with its values, to the last bit.
"""

import argparse
import gc
import hashlib
import importlib.util
import json
import resource
import statistics
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from news import ROOT, Pair, pairs, source

from harness.metrics.rouge.rouge import TYPES, Rouge

# Words a text; pairs, and the first so many of them for the slow tools.
SIZES = {60: (2000, 150), 300: (500, 15)}
SUMMARIES = 11_490
NEEDS = {"rouge-score": "rouge_score", "plain": "harness", "fast": "numba",
         "evaluate": "evaluate", "torchmetrics": "torchmetrics"}  # fmt: skip

Values = list[list[float]]
Score = Callable[[Sequence[str], Sequence[str]], list[Any]]


def main() -> None:
    """Measure, and print the tables."""
    parser = argparse.ArgumentParser(description="ROUGE against other tools")
    parser.add_argument("--text", type=Path, help="a text or SQuAD JSON file to make pairs of")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--child", nargs=2, metavar=("TOOL", "WORDS"), help=argparse.SUPPRESS)
    args = parser.parse_args()
    if args.child:
        print(json.dumps(child(args.child[0], int(args.child[1]), args.text)))
        return
    tools = []
    for tool, package in NEEDS.items():
        if importlib.util.find_spec(package) is None:
            print(f"{tool}: {package} is not installed")
        else:
            tools.append(tool)
    print(f"import of harness.metrics: {import_seconds(args.rounds):.3f} s\n")
    for words in SIZES:
        table(words, tools, args.text, args.rounds)
    for tool in [t for t in ("plain", "fast") if t in tools]:
        print(f"{SUMMARIES:,} summaries of 60 words, {tool}:")
        for name, value in result(start(tool, 0, args.text)).items():
            print(f"  {name}: {value}")


def table(words: int, tools: list[str], text: Path | None, rounds: int) -> None:
    """Print the medians of some rounds of all tools."""
    measurements: dict[str, list[dict[str, Any]]] = {tool: [] for tool in tools}
    for _ in range(rounds):
        for tool in tools:
            measurements[tool].append(result(start(tool, words, text)))
    two_cores = {}
    for tool in tools:
        processes = [start(tool, words, text) for _ in range(2)]
        two_cores[tool] = [result(process) for process in processes]
    print(
        f"{words} words, pairs/s: cold  ratio    next  ratio    seen  ratio"
        "  two cores  peak MB  equal"
    )
    base = measurements["rouge-score"]
    for tool, rows in measurements.items():
        if "problem" in rows[0]:
            print(f"{tool:12} {rows[0]['problem']}")
            continue
        columns = ""
        for key in ("cold", "next", "seen"):
            rate = statistics.median(r[key] for r in rows)
            ratio = statistics.median(r[key] / b["cold"] for r, b in zip(rows, base, strict=True))
            columns += f" {rate:7,.0f} {ratio:6.1f}"
        peak = statistics.median(r["peak"] for r in rows)
        cores = sum(r["cold"] for r in two_cores[tool])
        key = "values" if rows[0]["values"] else "f1"
        equal = all(r[key] == base[0][key] for r in rows)
        print(
            f"{tool:14} {columns:>50} {cores:10,.0f} {peak:8.0f}"
            f"  {'yes' if equal else 'NO'}{'' if key == 'values' else ' (F1)'}"
        )
    print()


def start(tool: str, words: int, text: Path | None) -> subprocess.Popen[str]:
    """Start one measurement."""
    command = [sys.executable, __file__, "--child", tool, str(words)]
    if text:
        command += ["--text", str(text)]
    return subprocess.Popen(command, stdout=subprocess.PIPE, text=True)


def result(process: subprocess.Popen[str]) -> dict[str, Any]:
    """Return what a measurement found."""
    out, _ = process.communicate()
    if process.returncode:
        raise SystemExit(f"{' '.join(map(str, process.args))} failed")  # type: ignore[arg-type]
    measurement: dict[str, Any] = json.loads(out)
    return measurement


def import_seconds(rounds: int) -> float:
    """Return the median time to import the metrics in a new interpreter."""
    script = (
        "import time; start = time.perf_counter(); import harness.metrics.rouge.rouge\n"
        "print(time.perf_counter() - start)"
    )
    return statistics.median(
        float(subprocess.check_output([sys.executable, "-c", script], text=True, cwd=ROOT))
        for _ in range(max(rounds, 5))
    )


def child(tool: str, words: int, text: Path | None) -> dict[str, Any]:
    """Measure one tool."""
    lines = source(text)
    if not words:
        news_pairs = list(pairs(lines, 60, SUMMARIES, invent=text is None, seed=2))
        return stream(news_pairs, fast=tool == "fast")
    count, sample = SIZES[words]
    news_pairs = list(pairs(lines, words, count, invent=text is None, seed=1))
    try:
        return measure(tool, news_pairs, sample)
    except (OSError, LookupError, ImportError, ValueError) as error:
        return {"problem": f"does not run here: {' '.join(str(error).split())[:70]}"}


def measure(tool: str, news_pairs: list[Pair], sample: int) -> dict[str, Any]:
    """Return pairs a second, peak memory and hashes of values.

    What is done in a blink is done some times, and the median counts.
    """
    ours = tool in ("plain", "fast")
    if not ours:
        news_pairs = news_pairs[:sample]
    references = [pair.reference for pair in news_pairs]
    systems = [[pair.predictions[system] for pair in news_pairs] for system in (0, 1)]
    seconds: dict[str, list[float]] = {"cold": [], "next": [], "seen": []}
    for _ in range(3 if ours else 1):
        score = scorer(tool)
        scores: list[list[Any]] = [[], []]
        for state, system in (("cold", 0), ("next", 1), ("seen", 0), ("seen", 0), ("seen", 0)):
            if not ours and seconds["seen"]:
                continue
            gc.collect()
            gc.disable()  # as timeit does
            begin = time.perf_counter()
            scores[system] = score(systems[system], references)
            seconds[state].append(time.perf_counter() - begin)
            gc.enable()
    rows = [_numbers(row) for system_scores in scores for row in system_scores[:sample]]
    full = len(rows[0]) == 3 * len(TYPES)
    return {
        **{state: len(news_pairs) / statistics.median(times) for state, times in seconds.items()},
        "peak": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024,
        "values": _hash(rows) if full else None,
        "f1": _hash([row[2::3] for row in rows] if full else rows),
    }


def _numbers(row: Any) -> list[float]:
    """Return precision, recall and F1 of each type in order, or F1 alone."""
    if not isinstance(row, dict):
        return [float(value) for value in row]
    if "rouge1_fmeasure" in row:
        parts = ("precision", "recall", "fmeasure")
        return [float(row[f"{name}_{part}"]) for name in TYPES for part in parts]
    return [float(value) for name in TYPES for value in row[name]]


def _hash(values: Values) -> str:
    return hashlib.sha256(repr(values).encode()).hexdigest()


def scorer(tool: str) -> Score:
    """Return what scores predictions against references, one reference each."""
    if tool in ("plain", "fast"):
        if tool == "fast":  # what is measured is counting, not loading
            Rouge(fast=True).score("a", ["a"])
        rouge = Rouge(sentences="newline", fast=tool == "fast")
        return lambda predictions, references: list(
            rouge.precision_recall_f1_many(predictions, ([reference] for reference in references))
        )
    if tool == "rouge-score":
        from rouge_score.rouge_scorer import RougeScorer

        package = RougeScorer(list(TYPES), use_stemmer=True)
        return lambda predictions, references: list(map(package.score, references, predictions))
    if tool == "evaluate":
        import evaluate  # type: ignore[import-not-found]

        metric = evaluate.load("rouge")
        options = {"rouge_types": list(TYPES), "use_stemmer": True, "use_aggregator": False}

        def columns(predictions: Sequence[str], references: Sequence[str]) -> list[Any]:
            scores = metric.compute(predictions=predictions, references=references, **options)
            return list(zip(*(scores[name] for name in TYPES), strict=True))

        return columns
    from torchmetrics.functional import text  # type: ignore[import-not-found]

    return lambda predictions, references: [
        text.rouge_score(prediction, reference, use_stemmer=True, rouge_keys=TYPES)
        for prediction, reference in zip(predictions, references, strict=True)
    ]


def stream(news_pairs: list[Pair], *, fast: bool) -> dict[str, Any]:
    """Return seconds and memory for a news set, one sentence a line and by our own splitter."""
    lines_by_splitter: dict[str, Any] = {}
    for name in ("newline", "harness"):
        separator = "\n" if name == "newline" else " "
        texts = [pair.predictions[0].replace("\n", separator) for pair in news_pairs]
        references = [[pair.reference.replace("\n", separator)] for pair in news_pairs]
        rouge = Rouge(sentences="newline" if name == "newline" else "harness", fast=fast)
        memory = []
        begin = time.perf_counter()
        for number, _ in enumerate(rouge.score_many(texts, references), 1):
            if number in (len(news_pairs) // 4, len(news_pairs)):
                memory.append(_resident())
        seconds = time.perf_counter() - begin
        lines_by_splitter[f"sentences {name}"] = (
            f"{seconds:.2f} s; {memory[0]:.0f} MB at a quarter, {memory[1]:.0f} MB at the end"
        )
    return lines_by_splitter


def _resident() -> float:
    pages = int(Path("/proc/self/statm").read_text(encoding="ascii").split()[1])
    return pages * resource.getpagesize() / 2**20


if __name__ == "__main__":
    main()
