"""Decoding by the embedded model: this checkout against another commit's, and against `generate`.

    python benchmarks/decoding.py times --against COMMIT
    python benchmarks/decoding.py texts --squad dev-v1.1.json --contexts 300

`times` predicts the shipped suite's summaries of articles and of the event, and its answers to
questions on either, with both checkouts in turn, each in a process of its own. The table has the
medians of what predicting took, loading aside, and whether the texts are equal.

`texts` holds the texts of the same, and of answers to a question on each of so many contexts,
against transformers' own `generate`, a prompt at a time, and says how often two tokens were as good
as equal, and how many guesses were right.
"""

import argparse
import json
import os
import statistics
import subprocess
import sys
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from harness.models.generative.causal import Causal
from harness.models.roster.roster import read_rosters
from harness.records import Query
from harness.suite.opening import open_suite
from harness.suite.suite import read_suite

ROOT = Path(__file__).parent.parent
JOBS = ("summaries", "event summary", "answers", "event answers")


def main() -> None:
    """Measure, and print a table."""
    parser = argparse.ArgumentParser(description="decoding against another way")
    parser.add_argument("mode", choices=("times", "texts", "child"))
    parser.add_argument("--against", help="a commit of this repository")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--threads", type=int, default=len(os.sched_getaffinity(0)))
    parser.add_argument("--job", choices=JOBS, action="append")
    parser.add_argument("--most", type=int, default=1000, help="queries of a job")
    parser.add_argument("--squad", type=Path, help="a file of SQuAD's")
    parser.add_argument("--contexts", type=int, default=300)
    args = parser.parse_args()
    os.environ["OMP_NUM_THREADS"] = str(args.threads)
    jobs = args.job or JOBS
    if args.mode == "child":
        print(json.dumps(child(jobs[0], args.most)))
    elif args.mode == "times":
        times(jobs, args)
    else:
        texts([query for job in jobs for query in queries(job, args.most)] + squad(args))


def queries(job: str, most: int) -> list[Query]:
    """Return the shipped suite's queries of a job."""
    scope = "event" if job.startswith("event") else "article"
    task = "summarize" if "summar" in job else "answer"
    chosen = [example.query for example in read_suite().examples(task, scope)]
    return chosen[:most]


def squad(args: argparse.Namespace) -> list[Query]:
    """Return the first question on each of the first contexts of SQuAD."""
    if args.squad is None:
        return []
    first: dict[str, Query] = {}
    for example in open_suite(f"squad:{args.squad}").examples("answer"):
        first.setdefault(example.query.context, example.query)
        if len(first) == args.contexts:
            break
    return list(first.values())


def embedded() -> Causal:
    """Return the embedded model, loaded."""
    model = read_rosters()["smollm2-135m"].model
    assert isinstance(model, Causal)
    model.prepare()
    return model


def child(job: str, most: int) -> dict[str, Any]:
    """Predict a job's queries as `harness eval` does."""
    model, chosen = embedded(), queries(job, most)
    begin = time.perf_counter()
    predictions = model.predict(chosen)
    seconds = time.perf_counter() - begin
    return {"texts": [prediction.raw for prediction in predictions], "seconds": seconds}


def times(jobs: Sequence[str], args: argparse.Namespace) -> None:
    """Let both checkouts take turns."""
    other = ROOT / "build" / "against"
    git = ["git", "-C", str(ROOT), "worktree"]
    subprocess.run([*git, "add", "--force", "--detach", str(other), args.against], check=True)
    try:
        print(f"{args.threads} thread(s), medians of {args.rounds}, against {args.against}:")
        print(f"{'':16}{'here s':>9}{'there s':>9}{'ratio':>7}  equal")
        for job in jobs:
            pairs = [
                tuple(run(folder, job, args.most) for folder in (ROOT, other))
                for _ in range(args.rounds)
            ]
            here, there = (
                statistics.median(pair[side]["seconds"] for pair in pairs) for side in (0, 1)
            )
            ratio = statistics.median(b["seconds"] / a["seconds"] for a, b in pairs)
            same = min(sum(map(str.__eq__, a["texts"], b["texts"])) for a, b in pairs)
            count = len(pairs[0][0]["texts"])
            print(f"{job:16}{here:9.1f}{there:9.1f}{ratio:7.2f}  {same} of {count}", flush=True)
    finally:
        subprocess.run([*git, "remove", "--force", str(other)], check=True)


def run(folder: Path, job: str, most: int) -> dict[str, Any]:
    """Return what a process that has a checkout's code measured."""
    done = subprocess.run(
        [sys.executable, __file__, "child", "--job", job, "--most", str(most)],
        env={**os.environ, "PYTHONPATH": str(folder)},
        stdout=subprocess.PIPE,
        text=True,
        check=True,
    )
    measured: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    return measured


def texts(asked: Sequence[Query]) -> None:
    """Compare with `generate`, on the network that the harness loaded, and count ties."""
    import torch

    model = embedded()
    predictions = model.predict(asked)
    tokenizer, network = model._loaded
    same = 0
    for query, prediction in zip(asked, predictions, strict=True):
        prompt = model.prompts[query.task]
        ids = torch.tensor([model._render(prompt, query).ids])
        with torch.inference_mode():
            output = network.generate(
                input_ids=ids,
                attention_mask=torch.ones_like(ids),
                do_sample=False,
                max_new_tokens=prompt.max_new_tokens,
                pad_token_id=tokenizer.pad_token_id,
            )
        text = tokenizer.decode(output[0, ids.shape[1] :], skip_special_tokens=True)
        same += text == prediction.raw
        if text != prediction.raw:
            print(f"other: {text!r}\n ours: {prediction.raw!r}", flush=True)
    print(f"{same} of {len(asked)} texts are equal; {model._decoder.tally}")


if __name__ == "__main__":
    main()
