"""Train a head and a LoRA adapter on a sentence encoder to tell what a reply means.

    python -m training.train_answers --out weights/minilm-answers --judged JUDGED.jsonl.gz \
        --without OTHER.jsonl.gz --annotated squad:DATA …

JUDGED are replies that people judged, as `harness agreement` reads them; of --without the questions
are left out. DATA are data sets laid out as SQuAD, as `harness eval --suite` names them.
"""

import argparse
import random
import sys
import time
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch.nn import functional
from transformers import AutoModelForSequenceClassification, AutoTokenizer

from training.answers import (
    AnswerPair,
    annotated_pairs,
    asked_questions,
    balanced_weights,
    judged_pairs,
)
from training.network import (
    MasterWeights,
    make_network,
    optimizer_and_schedule,
    prepare_torch,
    save_adapter,
    shipped_encoder,
)
from training.questions import read_questions

MAX_TOKENS = 112
# Ever-changing shapes make a process grow; batches are padded to a multiple of this.
_LENGTH_STEP = 16


def arguments() -> argparse.Namespace:
    """Return the command line's options."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n", maxsplit=1)[0])
    parser.add_argument("--judged", type=Path, nargs="+", required=True, help="judged replies")
    parser.add_argument("--aspect", default="correct", help="people's score in them, 0 to 1")
    parser.add_argument(
        "--annotated", nargs="*", default=[], metavar="squad:DATA", help="annotators' answers"
    )
    parser.add_argument("--without", type=Path, nargs="*", default=[], help="sets kept unseen")
    parser.add_argument("--out", type=Path, required=True, help="where the adapter goes")
    parser.add_argument("--encoder", type=Path, help="in a folder; default: the wheel's")
    parser.add_argument("--epochs", type=int, default=2)
    parser.add_argument("--batch-tokens", type=int, default=2304, help="tokens at once")
    parser.add_argument("--rank", type=int, default=32, help="the adapter's rank")
    parser.add_argument("--rate", type=float, default=7e-4, help="the highest learning rate")
    parser.add_argument("--dropout", type=float, default=0.05)
    parser.add_argument("--seed", type=int, default=2025)
    return parser.parse_args()


def batches(
    lengths: Sequence[int], tokens: int, rng: np.random.Generator
) -> list[tuple[int, list[int]]]:
    """Return batches of rows of nearly one length, each with what it is padded to, shuffled."""
    order = np.argsort(np.array(lengths) + rng.random(len(lengths)), kind="stable")
    ready: list[tuple[int, list[int]]] = []
    rows: list[int] = []
    width = 0
    for row in order.tolist():
        wider = max(width, -(-lengths[row] // _LENGTH_STEP) * _LENGTH_STEP)
        if rows and wider * (len(rows) + 1) > tokens:
            ready.append((width, rows))
            rows = []
            wider = -(-lengths[row] // _LENGTH_STEP) * _LENGTH_STEP
        rows.append(row)
        width = wider
    if rows:
        ready.append((width, rows))
    return [ready[place] for place in rng.permutation(len(ready)).tolist()]


def read_pairs(options: argparse.Namespace) -> list[AnswerPair]:
    """Return all pairs to train on."""
    left_out = asked_questions(options.without)
    pairs = list(judged_pairs(options.judged, options.aspect, left_out))
    rng = random.Random(options.seed)
    return [*pairs, *annotated_pairs(read_questions(options.annotated), left_out, rng)]


def _inputs(encoded: Any, rows: Sequence[int], width: int, pad: int) -> dict[str, Any]:
    inputs = {}
    for name, filler in (("input_ids", pad), ("token_type_ids", 0), ("attention_mask", 0)):
        values = np.full((len(rows), width), filler, dtype=np.int64)
        for place, row in enumerate(rows):
            values[place, : len(encoded[name][row])] = encoded[name][row]
        inputs[name] = torch.from_numpy(values)
    return inputs


def _schedule(
    options: argparse.Namespace, lengths: Sequence[int]
) -> Iterator[tuple[int, list[int]]]:
    for epoch in range(options.epochs):
        rng = np.random.default_rng(options.seed * 1000 + epoch)
        yield from batches(lengths, options.batch_tokens, rng)


def main() -> None:
    """Train, and write the adapter."""
    options = arguments()
    prepare_torch()
    encoder = options.encoder or shipped_encoder()
    tokenizer = AutoTokenizer.from_pretrained(encoder, local_files_only=True)
    pairs = read_pairs(options)
    encoded = tokenizer(
        [pair.reply for pair in pairs],
        [pair.answer for pair in pairs],
        truncation="longest_first",
        max_length=MAX_TOKENS,
        split_special_tokens=True,
    )
    lengths = [len(ids) for ids in encoded["input_ids"]]
    steps = sum(1 for _ in _schedule(options, lengths))
    print(f"{len(pairs)} pairs, {steps} steps", file=sys.stderr)
    model = make_network(
        encoder,
        options.rank,
        options.dropout,
        options.seed,
        AutoModelForSequenceClassification,
        "classifier",
    )
    master = MasterWeights(model)
    optimizer, scheduler = optimizer_and_schedule(
        master.parameters, options.rate, steps, warmup=max(1, steps // 15)
    )
    same = torch.tensor([pair.same for pair in pairs], dtype=torch.float32)
    weights = torch.from_numpy(balanced_weights(pairs))
    recent_loss, started = 0.0, time.perf_counter()
    for step, (width, rows) in enumerate(_schedule(options, lengths), start=1):
        logits = model(**_inputs(encoded, rows, width, tokenizer.pad_token_id)).logits.float()
        losses = functional.binary_cross_entropy_with_logits(
            logits[:, 1] - logits[:, 0], same[rows], reduction="none"
        )
        loss = (losses * weights[rows]).mean()
        loss.backward()
        master.take_gradients()
        torch.nn.utils.clip_grad_norm_(master.parameters, 1.0)
        optimizer.step()
        scheduler.step()
        master.give_values()
        recent_loss = loss.item() if not recent_loss else 0.98 * recent_loss + 0.02 * loss.item()
        if step % 20 == 0 or step == steps:
            seconds = (time.perf_counter() - started) / step
            print(
                f"step {step}/{steps}  loss {recent_loss:.3f}  {seconds:.2f} s a step",
                file=sys.stderr,
            )
    model.float()
    master.give_values()
    save_adapter(options.out, model)


if __name__ == "__main__":
    main()
