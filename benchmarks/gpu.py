"""Models on a GPU: the harness against transformers, and vLLM where it is installed.

    python benchmarks/gpu.py --squad dev-v1.1.json --roster my-models.toml
    python benchmarks/gpu.py --squad dev-v1.1.json --device cpu --count 16 --batch 8

Every model of the roster, without one the embedded ones, predicts summaries of, or answers to
questions on, the first contexts of SQuAD. Beside it, on the network that the harness loaded, in
batches of 8 and of 64: transformers' `generate` on left-padded prompts, or on padded sources, with
the same token limits; of an extractive model plain forward passes over the same windows. After a
warm-up each takes its turn, and the table has the medians of the rounds; a ratio is how many times
longer it takes than the harness. vLLM loads the model by itself, and its turns come last.
"""

import argparse
import importlib.util
import itertools
import statistics
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import torch

from harness.models.extractive.extractive import Extractive
from harness.models.generative.causal import Causal
from harness.models.generative.seq2seq import Seq2Seq
from harness.models.roster.roster import read_rosters
from harness.records import Query
from harness.suite.opening import open_suite

BATCHES = (8, 64)
Run = Callable[[], object]


def main() -> None:
    """Measure each model, and print a table for it."""
    parser = argparse.ArgumentParser(description="models on a GPU, against transformers")
    parser.add_argument("--squad", type=Path, required=True, help="a file in SQuAD's JSON")
    parser.add_argument("--roster", type=Path, help="a roster; without it the embedded models")
    parser.add_argument("--models", help="names of its models, with commas between")
    parser.add_argument("--device", default="cuda")
    parser.add_argument("--dtype", default="bfloat16")
    parser.add_argument("--count", type=int, default=256, help="how many questions, or contexts")
    parser.add_argument("--batch", type=int, action="append", help="batches of transformers")
    parser.add_argument("--rounds", type=int, default=3)
    args = parser.parse_args()
    entries = read_rosters([args.roster] if args.roster else None)
    names = args.models.split(",") if args.models else list(entries)
    for name in names:
        model = entries[name].model
        if isinstance(model, Causal | Seq2Seq | Extractive):
            update = {"device": args.device, "dtype": args.dtype}
            if isinstance(model, Extractive):
                update["screen"] = False
            measure(name, model.model_copy(update=update), args)


def measure(name: str, model: Any, args: argparse.Namespace) -> None:
    """Let the harness and its peers take turns on a model, and print the medians."""
    queries = list(itertools.islice(asked(model, args.squad), args.count))
    model.prepare()
    runs: dict[str, Run] = {"harness": lambda: model.predict(queries)}
    for batch in args.batch or BATCHES:
        runs[f"transformers {batch}"] = peer(model, queries, batch)
    seconds: dict[str, list[float]] = {tool: [] for tool in runs}
    for tool, run in runs.items():
        timed(run if tool == "harness" else peer(model, queries[:2], 2))  # the warm-up
    for _ in range(args.rounds):
        for tool, run in runs.items():
            seconds[tool].append(timed(run))
    if isinstance(model, Causal) and importlib.util.find_spec("vllm"):
        seconds["vllm"] = by_vllm(model, queries, args)
    where = torch.cuda.get_device_name() if args.device.startswith("cuda") else args.device
    print(f"{name}, {len(queries)} x {queries[0].task}, {args.dtype} on {where}:")
    for tool, rounds in seconds.items():
        pairs = zip(rounds, seconds["harness"], strict=True)
        ratio = statistics.median(peer_seconds / own for peer_seconds, own in pairs)
        print(f"  {tool:16}{statistics.median(rounds):9.2f} s {ratio:6.2f}", flush=True)
    model.unload()


def asked(model: Any, squad: Path) -> Any:
    """Yield questions of SQuAD for a model that answers, else its contexts to be summarized."""
    examples = open_suite(f"squad:{squad}").examples("answer")
    if "answer" in model.tasks:
        return (example.query for example in examples)
    contexts = dict.fromkeys(example.query.context for example in examples)
    return (Query("summarize", context) for context in contexts)


def timed(run: Run) -> float:
    """Return the seconds of a run, until the device is done with it."""
    begin = time.perf_counter()
    run()
    if torch.cuda.is_available():
        torch.cuda.synchronize()
    return time.perf_counter() - begin


def peer(model: Any, queries: Sequence[Query], batch: int) -> Run:
    """Return transformers' plain way with these queries, so many at a time."""
    if isinstance(model, Extractive):
        return by_forward(model, queries, batch)
    if isinstance(model, Causal):
        prompts = [model._render(query).ids for query in queries]
        limit = model.prompts[queries[0].task].max_new_tokens
        options = {"max_new_tokens": limit}
    else:
        prompts = [model._fit(query).ids for query in queries]
        options = model._options(queries)
    return by_generate(model, prompts, batch, options)


def by_generate(
    model: Any, prompts: Sequence[Sequence[int]], batch: int, options: dict[str, int]
) -> Run:
    """Return a run of `generate` over padded batches, in the order in which the prompts come."""
    tokenizer, network = model._loaded
    side = "left" if isinstance(model, Causal) else "right"

    def run() -> None:
        for begin in range(0, len(prompts), batch):
            part = {"input_ids": [list(ids) for ids in prompts[begin : begin + batch]]}
            padded = tokenizer.pad(part, padding_side=side, return_tensors="pt").to(network.device)
            with torch.inference_mode():
                network.generate(
                    **padded, do_sample=False, pad_token_id=tokenizer.pad_token_id, **options
                )

    return run


def by_forward(model: Extractive, queries: Sequence[Query], batch: int) -> Run:
    """Return a run of forward passes over the windows of all questions."""
    splitter, reader = model._loaded
    network = reader.network

    def run() -> None:
        windows = [
            w for query in queries for w in splitter.split(query.question or "", query.context)
        ]
        for begin in range(0, len(windows), batch):
            part = windows[begin : begin + batch]
            width = max(map(len, part))
            ids = torch.zeros((len(part), width), dtype=torch.long)
            mask = torch.zeros_like(ids)
            for row, window in enumerate(part):
                inside = window.article.ids[window.start : window.start + window.size]
                tokens = [*window.before.ids, *inside, *window.after.ids]
                ids[row, : len(tokens)] = torch.tensor(tokens)
                mask[row, : len(tokens)] = 1
            with torch.inference_mode():
                network(
                    input_ids=ids.to(network.device), attention_mask=mask.to(network.device)
                ).start_logits.cpu()

    return run


def by_vllm(model: Causal, queries: Sequence[Query], args: argparse.Namespace) -> list[float]:
    """Return the seconds of vLLM's rounds, on the checkpoint as the harness found it."""
    from vllm import LLM, SamplingParams  # type: ignore[import-not-found]

    prompts = [{"prompt_token_ids": list(model._render(query).ids)} for query in queries]
    limit = model.prompts[queries[0].task].max_new_tokens
    folder = str(model.files.folder)
    model.unload()
    engine = LLM(folder, dtype=args.dtype, enable_prefix_caching=True)
    greedy = SamplingParams(temperature=0.0, max_tokens=limit)
    engine.generate(prompts[:2], greedy)
    return [timed(lambda: engine.generate(prompts, greedy)) for _ in range(args.rounds)]


if __name__ == "__main__":
    main()
