"""Generating answers and summaries: this project against what one would use instead.

    python benchmarks/generate.py --lm-eval build/lm-eval/bin/python

Forty questions on one shipped article, and the summaries of the five, by the embedded model, on
the same prompts with the same token limits: by the harness; by a plain loop over transformers'
`generate`, a prompt at a time; and by lm-evaluation-harness's Hugging Face backend, a prompt at a
time and eight. Every run is a process of its own, and the tools take turns; the table has the
medians. "run" is generating alone, "all" the whole process, imports and loading the GGUF file
included. Texts are held against those of the plain loop in the same number format.
"""

import argparse
import json
import os
import statistics
import subprocess
import sys
import time
from dataclasses import replace
from pathlib import Path
from typing import Any

from harness.files import sha256
from harness.models.generative.causal import Causal
from harness.models.roster.roster import read_rosters
from harness.records import Query, Task
from harness.suite.suite import read_suite

HERE = Path(__file__).parent
TASKS: tuple[Task, ...] = ("answer", "summarize")
TOOLS = ("harness", "plain", "lm-eval", "lm-eval-8")


def main() -> None:
    """Measure, and print a table for each task and number format."""
    parser = argparse.ArgumentParser(description="generating against other tools")
    parser.add_argument("--lm-eval", type=Path, help="a Python that has lm-eval")
    parser.add_argument("--repeats", type=int, default=3)
    parser.add_argument("--questions", type=int, default=40)
    parser.add_argument("--summaries", type=int, default=5)
    parser.add_argument("--limit", type=int, help="tokens a text; default: the prompts'")
    parser.add_argument("--threads", type=int, default=1)
    parser.add_argument("--task", choices=TASKS, action="append")
    parser.add_argument("--dtype", choices=("float32", "bfloat16"), action="append")
    parser.add_argument("--tool", choices=TOOLS, action="append")
    parser.add_argument("--child", help=argparse.SUPPRESS)
    args = parser.parse_args()
    if args.child:
        print(json.dumps(child(args.child, json.load(sys.stdin))))
        return
    os.environ["OMP_NUM_THREADS"] = str(args.threads)
    tools = [tool for tool in args.tool or TOOLS if args.lm_eval or not tool.startswith("lm-eval")]
    for task in args.task or TASKS:
        count = args.questions if task == "answer" else args.summaries
        for dtype in args.dtype or ("float32", "bfloat16"):
            job = prepare(task, count, dtype, args.limit)
            measurements: dict[str, list[dict[str, Any]]] = {tool: [] for tool in tools}
            for _ in range(args.repeats):
                for tool in tools:
                    measurements[tool].append(run(tool, job, args.lm_eval))
            print(f"{count} x {task}, {dtype}, {args.threads} thread(s):")
            table(measurements)


def queries(task: Task, count: int) -> list[Query]:
    """Return summaries of the shipped articles, or questions that are all on the first."""
    chosen = [example.query for example in read_suite().examples(task)]
    if task == "answer":
        chosen = [replace(query, context=chosen[0].context) for query in chosen]
    assert len(chosen) >= count, f"there are {len(chosen)}"
    return chosen[:count]


def embedded(dtype: str) -> Causal:
    """Return the embedded model, as its roster entry has it but for the number format."""
    model = read_rosters()["smollm2-135m"].model
    assert isinstance(model, Causal)
    return model.model_copy(update={"dtype": dtype})


def prepare(task: Task, count: int, dtype: str, limit: int | None) -> dict[str, Any]:
    """Return what every tool is given: the file, the rendered prompts, the limit.

    The conversion of the GGUF file is made here, if it was not: that is done once in a life.
    """
    model = embedded(dtype)
    files = model.weights.fetch()
    assert model.files
    model.load()
    prompt = model.prompts[task]
    rendered = [model._render(prompt, query) for query in queries(task, count)]
    return {
        "task": task,
        "dtype": dtype,
        "folder": str(files.folder),
        "gguf": files.gguf,
        "prompts": [fitted.text for fitted in rendered],
        "limit": limit or prompt.max_new_tokens,
    }


def run(tool: str, job: dict[str, Any], lm_eval: Path | None) -> dict[str, Any]:
    """Return what one process measured, and how long all of it took."""
    if tool.startswith("lm-eval"):
        batch = tool.removeprefix("lm-eval").removeprefix("-") or "1"
        command = [str(lm_eval), str(HERE / "generate_lm_eval.py"), batch]
    else:
        command = [sys.executable, __file__, "--child", tool]
    begin = time.perf_counter()
    process = subprocess.run(
        command, input=json.dumps(job), stdout=subprocess.PIPE, text=True, check=True
    )
    measurement: dict[str, Any] = json.loads(process.stdout.splitlines()[-1])
    return measurement | {"all": time.perf_counter() - begin}


def child(tool: str, job: dict[str, Any]) -> dict[str, Any]:
    """Generate with the harness or in a plain loop, and return texts, tokens and seconds."""
    return by_harness(job) if tool == "harness" else by_plain_loop(job)


def by_harness(job: dict[str, Any]) -> dict[str, Any]:
    """Predict the queries as `harness eval` does."""
    model = embedded(job["dtype"])
    task: Task = job["task"]
    limited = replace(model.prompts[task], max_new_tokens=job["limit"])
    model = model.model_copy(update={"prompts": {**model.prompts, task: limited}})
    chosen = queries(task, len(job["prompts"]))
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


def by_plain_loop(job: dict[str, Any]) -> dict[str, Any]:
    """Call `generate` for a prompt at a time, on the model as transformers loads it."""
    import torch
    from transformers import AutoModelForCausalLM, AutoTokenizer

    torch.set_num_threads(int(os.environ["OMP_NUM_THREADS"]))
    source = {"pretrained_model_name_or_path": job["folder"], "gguf_file": job["gguf"]}
    tokenizer = AutoTokenizer.from_pretrained(**source)
    model = AutoModelForCausalLM.from_pretrained(**source, dtype=getattr(torch, job["dtype"]))
    model.eval()
    texts, tokens = [], 0
    begin = time.perf_counter()
    for prompt in job["prompts"]:
        inputs = tokenizer(prompt, add_special_tokens=False, return_tensors="pt")
        with torch.inference_mode():
            output = model.generate(**inputs, do_sample=False, max_new_tokens=job["limit"])
        reply = output[0, inputs["input_ids"].shape[1] :]
        tokens += int((reply != tokenizer.eos_token_id).sum())
        texts.append(tokenizer.decode(reply, skip_special_tokens=True))
    return {"texts": texts, "tokens": tokens, "run": time.perf_counter() - begin}


def table(measurements: dict[str, list[dict[str, Any]]]) -> None:
    """Print the medians; ratios say how many times longer a tool takes than the harness."""
    print(f"{'':12}{'run s':>9}{'ratio':>7}{'all s':>9}{'ratio':>7}{'tokens/s':>10}  equal")
    ours = measurements.get("harness")
    for tool, rounds in measurements.items():
        columns = ""
        for key in ("run", "all"):
            ratio = ""
            if ours:
                pairs = zip(rounds, ours, strict=True)
                ratio = f"{statistics.median(result[key] / own[key] for result, own in pairs):.2f}"
            columns += f"{statistics.median(result[key] for result in rounds):9.1f}{ratio:>7}"
        rate = statistics.median(result["tokens"] / result["run"] for result in rounds)
        equal = "-"
        if "plain" in measurements:
            texts = [text.strip() for text in measurements["plain"][0]["texts"]]
            counts = [
                sum(a.strip() == b for a, b in zip(result["texts"], texts, strict=True))
                for result in rounds
            ]
            equal = f"{min(counts)} of {len(texts)}"
        print(f"{tool:12}{columns}{rate:10.1f}  {equal}", flush=True)
    print()


if __name__ == "__main__":
    main()
