"""Generating answers and summaries: this project against what one would use instead.

    python benchmarks/generate.py --llama build/llama/bin/python --against COMMIT
    python benchmarks/generate.py --tool harness --tool plain --tool lm-eval --tool lm-eval-8 \
        --lm-eval build/lm-eval/bin/python --job answers --most 40

The shipped suite's summaries of articles and of the event, and its answers to questions on either,
by the embedded model, on the same prompts with the same token limits: by the harness; by another
commit of it; by llama.cpp, on the quantized file as it is, with one slot and its prompt cache; by
a plain loop over transformers' `generate`, a prompt at a time; and by lm-evaluation-harness's
Hugging Face backend, a prompt at a time and eight. Every run is a process of its own, and the
tools take turns; the table has the medians. "run" is generating alone, "all" the whole process,
imports and loading the GGUF file included. Ratios say how many times longer a tool takes than the
harness. Texts are held against the harness's; llama.cpp multiplies quantized numbers, so that its
texts are others.
"""

import argparse
import json
import os
import statistics
import subprocess
import sys
import time
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from harness.models.generative.causal import Causal
from harness.models.roster.roster import read_rosters
from harness.records import Query
from harness.suite.suite import read_suite

HERE = Path(__file__).parent
JOBS = ("summaries", "event summary", "answers", "event answers")
TOOLS = ("harness", "against", "llama.cpp", "plain", "lm-eval", "lm-eval-8")


def main() -> None:
    """Measure, and print a table for each job and number format."""
    parser = argparse.ArgumentParser(description="generating against other tools")
    parser.add_argument("--llama", type=Path, help="a Python that has xllamacpp")
    parser.add_argument("--lm-eval", type=Path, help="a Python that has lm-eval")
    parser.add_argument("--against", help="a commit of this repository")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--most", type=int, default=1000, help="prompts of a job")
    parser.add_argument("--limit", type=int, help="tokens a text; default: the prompts'")
    parser.add_argument("--threads", type=int, default=len(os.sched_getaffinity(0)))
    parser.add_argument("--job", choices=JOBS, action="append")
    parser.add_argument("--dtype", choices=("float32", "bfloat16"), action="append")
    parser.add_argument("--tool", choices=TOOLS, action="append")
    parser.add_argument("--child", help=argparse.SUPPRESS)
    args = parser.parse_args()
    if args.child:
        print(json.dumps(by_harness(json.load(sys.stdin))))
        return
    os.environ["OMP_NUM_THREADS"] = str(args.threads)
    other = HERE.parent / "build" / "against"
    git = ["git", "-C", str(HERE.parent), "worktree"]
    if args.against:
        subprocess.run([*git, "add", "--force", "--detach", str(other), args.against], check=True)
    try:
        for job in args.job or JOBS:
            for dtype in args.dtype or ("float32",):
                measure(prepare(job, args.most, dtype, args.limit), commands(args, other), args)
    finally:
        if args.against:
            subprocess.run([*git, "remove", "--force", str(other)], check=True)


def commands(args: argparse.Namespace, other: Path) -> dict[str, tuple[list[str], Path]]:
    """Return what runs each tool that is asked for and there, and the folder of the code."""
    here, script = HERE.parent, str(HERE / "generate.py")
    known = {
        "harness": ([sys.executable, script, "--child", "harness"], here),
        "plain": ([sys.executable, str(HERE / "generate_plain.py")], here),
    }
    if args.against:
        known["against"] = ([sys.executable, script, "--child", "harness"], other)
    if args.llama:
        known["llama.cpp"] = ([str(args.llama), str(HERE / "generate_llama.py")], here)
    if args.lm_eval:
        for tool, batch in (("lm-eval", "1"), ("lm-eval-8", "8")):
            known[tool] = ([str(args.lm_eval), str(HERE / "generate_lm_eval.py"), batch], here)
    wanted = args.tool or ("harness", "against", "llama.cpp")
    return {tool: known[tool] for tool in TOOLS if tool in wanted and tool in known}


def queries(job: str, most: int) -> list[Query]:
    """Return the shipped suite's queries of a job."""
    scope = "event" if job.startswith("event") else "article"
    task = "summarize" if "summar" in job else "answer"
    chosen = [example.query for example in read_suite().examples(task, scope)]
    return chosen[:most]


def embedded(dtype: str) -> Causal:
    """Return the embedded model, as its roster entry has it but for the number format."""
    model = read_rosters()["smollm2-135m"].model
    assert isinstance(model, Causal)
    return model.model_copy(update={"dtype": dtype})


def prepare(job: str, most: int, dtype: str, limit: int | None) -> dict[str, Any]:
    """Return what every tool is given: the file, the rendered prompts, the limit.

    The conversion of the GGUF file is made here, if it was not: that is done once in a life.
    """
    model = embedded(dtype)
    files = model.weights.fetch()
    assert model.files
    model.load()
    chosen = queries(job, most)
    prompt = model.prompts[chosen[0].task]
    rendered = [model._render(query) for query in chosen]
    return {
        "job": job,
        "most": most,
        "dtype": dtype,
        "folder": str(files.folder),
        "gguf": files.gguf,
        "prompts": [fitted.text for fitted in rendered],
        "limit": limit or prompt.max_new_tokens,
        "threads": int(os.environ["OMP_NUM_THREADS"]),
    }


def measure(
    job: dict[str, Any],
    tools: dict[str, tuple[list[str], Path]],
    args: argparse.Namespace,
) -> None:
    """Let the tools take turns, and print the table of a job."""
    rounds: dict[str, list[dict[str, Any]]] = {tool: [] for tool in tools}
    for _ in range(args.rounds):
        for tool, (command, code) in tools.items():
            rounds[tool].append(run(command, code, job))
    count = len(job["prompts"])
    print(f"{count} x {job['job']}, {job['dtype']}, {args.threads} thread(s):")
    table(rounds)


def run(command: Sequence[str], code: Path, job: dict[str, Any]) -> dict[str, Any]:
    """Return what one process measured, and how long all of it took."""
    begin = time.perf_counter()
    process = subprocess.run(
        command,
        input=json.dumps(job),
        stdout=subprocess.PIPE,
        text=True,
        check=True,
        env={**os.environ, "PYTHONPATH": str(code)},
    )
    measured: dict[str, Any] = json.loads(process.stdout.splitlines()[-1])
    return measured | {"all": time.perf_counter() - begin}


def by_harness(job: dict[str, Any]) -> dict[str, Any]:
    """Predict the queries as `harness eval` does."""
    from harness.files import sha256

    model = embedded(job["dtype"])
    chosen = queries(job["job"], job["most"])
    task = chosen[0].task
    limited = replace(model.prompts[task], max_new_tokens=job["limit"])
    model = model.model_copy(update={"prompts": {**model.prompts, task: limited}})
    model.prepare()
    begin = time.perf_counter()
    predictions = model.predict(chosen)
    seconds = time.perf_counter() - begin
    assert [prediction.rendered_sha256 for prediction in predictions] == [
        sha256(text) for text in job["prompts"]
    ]
    tokens = sum(prediction.output_tokens or 0 for prediction in predictions)
    return {
        "texts": [prediction.raw for prediction in predictions],
        "tokens": tokens,
        "run": seconds,
    }


def table(rounds: dict[str, list[dict[str, Any]]]) -> None:
    """Print the medians; a ratio is the median of the rounds' ratios."""
    print(f"{'':12}{'run s':>9}{'ratio':>7}{'all s':>9}{'ratio':>7}{'tokens/s':>10}  equal")
    ours = rounds["harness"]
    texts = [text.strip() for text in ours[0]["texts"]]
    for tool, results in rounds.items():
        columns = ""
        for key in ("run", "all"):
            pairs = zip(results, ours, strict=True)
            ratio = statistics.median(result[key] / own[key] for result, own in pairs)
            columns += f"{statistics.median(result[key] for result in results):9.1f}{ratio:7.2f}"
        rate = statistics.median(result["tokens"] / result["run"] for result in results)
        equal = min(
            sum(a.strip() == b for a, b in zip(result["texts"], texts, strict=True))
            for result in results
        )
        print(f"{tool:12}{columns}{rate:10.1f}  {equal} of {len(texts)}", flush=True)
    print()


if __name__ == "__main__":
    main()
