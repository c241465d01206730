"""The embedded model's texts, held against transformers' own `generate`, a prompt at a time.

    python benchmarks/decoding.py --squad dev-v1.1.json --contexts 300

Of the shipped suite's summaries and answers, and of answers to a question on each of so many
contexts of SQuAD. Says how often two tokens were as good as equal, and how many guesses were right.
"""

import argparse
from pathlib import Path

import torch
from generate import JOBS, embedded, queries

from harness.records import Query
from harness.suite.opening import open_suite


def main() -> None:
    """Compare, print each text that differs, and a line of what was done."""
    parser = argparse.ArgumentParser(description="the harness's texts against `generate`")
    parser.add_argument("--job", choices=JOBS, action="append")
    parser.add_argument("--most", type=int, default=1000, help="queries of a job")
    parser.add_argument("--squad", type=Path, help="a file of SQuAD's")
    parser.add_argument("--contexts", type=int, default=300)
    args = parser.parse_args()
    asked = [query for job in args.job or JOBS for query in queries(job, args.most)]
    if args.squad:
        asked += squad(args.squad, args.contexts)
    compare(asked)


def squad(file: Path, contexts: int) -> list[Query]:
    """Return the first question on each of the first contexts of SQuAD."""
    first: dict[str, Query] = {}
    for example in open_suite(f"squad:{file}").examples("answer"):
        first.setdefault(example.query.context, example.query)
        if len(first) == contexts:
            break
    return list(first.values())


def compare(asked: list[Query]) -> None:
    """Compare with `generate`, on the network that the harness loaded, and count ties."""
    model = embedded("float32")
    model.prepare()
    predictions = model.predict(asked)
    tokenizer, network = model._loaded
    equal = 0
    for query, prediction in zip(asked, predictions, strict=True):
        prompt = model.prompts[query.task]
        ids = torch.tensor([model._render(query).ids])
        with torch.inference_mode():
            output = network.generate(
                input_ids=ids,
                attention_mask=torch.ones_like(ids),
                do_sample=False,
                max_new_tokens=prompt.max_new_tokens,
                pad_token_id=tokenizer.pad_token_id,
            )
        text = tokenizer.decode(output[0, ids.shape[1] :], skip_special_tokens=True)
        equal += text == prediction.raw
        if text != prediction.raw:
            print(f"generate: {text!r}\n    ours: {prediction.raw!r}", flush=True)
    print(f"{equal} of {len(asked)} texts are equal; {model._decoder.tally}")


if __name__ == "__main__":
    main()
