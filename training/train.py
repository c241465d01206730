"""Train a span head and a LoRA adapter on a sentence encoder, for extractive answers.

    python -m training.train --out weights/minilm-qa --work build/training DATA.json …

DATA are files in SQuAD's JSON. An interrupted training goes on from its last checkpoint in
--work when it is started again with the same arguments.
"""

import argparse
import json
import os
import random
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from types import MethodType
from typing import Any

import torch
from peft import LoraConfig, PeftModel, get_peft_model
from peft.tuners.lora import Linear as LoraLinear
from torch.nn import functional
from transformers import AttentionInterface, AutoModelForQuestionAnswering, AutoTokenizer
from transformers.utils import logging as transformers_logging

from training.questions import (
    Paragraphs,
    Question,
    held_out,
    joined,
    negatives,
    read_questions,
)
from training.windows import Batch, Window, batches, windows

HELD_OUT = 0.05
NEGATIVES = 0.15
JOINED = 0.06
_EVERY = 100  # steps between checkpoints


def arguments() -> argparse.Namespace:
    """Return the command line's options."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n", maxsplit=1)[0])
    parser.add_argument("data", nargs="+", type=Path, help="questions, SQuAD JSON")
    parser.add_argument("--out", type=Path, required=True, help="where the adapter goes")
    parser.add_argument("--work", type=Path, required=True, help="where checkpoints go")
    parser.add_argument("--encoder", type=Path, required=True, help="the encoder's folder")
    parser.add_argument("--epochs", type=int, default=3)
    parser.add_argument("--batch", type=int, default=24)
    parser.add_argument("--rank", type=int, default=32)
    parser.add_argument("--rate", type=float, default=1e-3, help="the highest learning rate")
    parser.add_argument("--dropout", type=float, default=0.0)
    parser.add_argument("--seed", type=int, default=2025)
    return parser.parse_args()


def plain_attention(
    _module: Any, query: Any, key: Any, value: Any, mask: Any, scaling: float, **_: Any
) -> tuple[Any, None]:
    """Attend step by step: on a CPU the fused kernel's backward pass takes three times as long."""
    scores = torch.matmul(query * scaling, key.transpose(-1, -2))
    if mask is not None:
        scores = scores + mask
    mixed = torch.matmul(torch.softmax(scores, dim=-1), value)
    return mixed.transpose(1, 2).contiguous(), None


def make_model(options: argparse.Namespace) -> Any:
    """Return the encoder with a new span head and a new adapter, ready to train."""
    AttentionInterface.register("plain", plain_attention)
    torch.manual_seed(options.seed)
    model = AutoModelForQuestionAnswering.from_pretrained(
        options.encoder,
        hidden_dropout_prob=options.dropout,
        attention_probs_dropout_prob=0.0,
        attn_implementation="plain",
        use_safetensors=True,
        local_files_only=True,
    )
    config = LoraConfig(
        r=options.rank,
        lora_alpha=2 * options.rank,
        target_modules=["query", "key", "value", "dense"],
        modules_to_save=["qa_outputs"],
    )
    adapted = get_peft_model(model, config).train()
    for module in adapted.modules():
        if isinstance(module, LoraLinear):
            module.forward = MethodType(_merged, module)
    return adapted


def _merged(layer: Any, x: Any) -> Any:
    """Compute a layer with its adapter merged: three small products less for each batch."""
    lora_a, lora_b = layer.lora_A["default"].weight, layer.lora_B["default"].weight
    weight = layer.base_layer.weight + layer.scaling["default"] * (lora_b @ lora_a)
    return functional.linear(x, weight, layer.base_layer.bias)


class Master:
    """What is trained, in float32; the model computes with a bfloat16 copy of it."""

    def __init__(self, model: Any) -> None:
        self._copies = [p for p in model.parameters() if p.requires_grad]
        self.parameters = [p.detach().clone().requires_grad_() for p in self._copies]
        model.to(torch.bfloat16)

    def take_gradients(self) -> None:
        """Take over the copies' gradients."""
        for mine, copy in zip(self.parameters, self._copies, strict=True):
            mine.grad = copy.grad.float()
            copy.grad = None

    def give_values(self) -> None:
        """Round the values into the copies."""
        with torch.no_grad():
            for mine, copy in zip(self.parameters, self._copies, strict=True):
                copy.copy_(mine)


def epoch_windows(
    tokenizer: Any, questions: list[Question], paragraphs: Paragraphs, rng: random.Random
) -> list[Window]:
    """Return an epoch's windows: every question, some on a longer text, and new negatives."""
    mixed = [
        joined(question, paragraphs, rng) if rng.random() < JOINED else question
        for question in questions
    ]
    return windows(tokenizer, [*mixed, *negatives(questions, paragraphs, NEGATIVES, rng)])


def schedule(
    options: argparse.Namespace, tokenizer: Any, questions: list[Question], paragraphs: Paragraphs
) -> Iterator[Batch]:
    """Yield all batches of the training; the same ones each time."""
    for epoch in range(options.epochs):
        rng = random.Random(options.seed * 1000 + epoch)
        made = epoch_windows(tokenizer, questions, paragraphs, rng)
        yield from batches(made, options.batch, tokenizer.pad_token_id, rng)


def loss_of(model: Any, batch: Batch) -> Any:
    """Return the mean cross-entropy of the start and end votes."""
    output = model(
        input_ids=torch.from_numpy(batch.ids),
        token_type_ids=torch.from_numpy(batch.types),
        attention_mask=torch.from_numpy(batch.mask),
    )
    outside = torch.from_numpy(batch.mask) == 0
    losses = [
        functional.cross_entropy(logits.float().masked_fill(outside, -1e4), torch.from_numpy(votes))
        for logits, votes in (
            (output.start_logits, batch.starts),
            (output.end_logits, batch.ends),
        )
    ]
    return sum(losses) / 2


def main() -> None:
    """Train, and write the adapter."""
    options = arguments()
    torch.set_num_threads(int(os.environ.get("OMP_NUM_THREADS", "1")))
    transformers_logging.set_verbosity_error()
    transformers_logging.disable_progress_bar()
    tokenizer = AutoTokenizer.from_pretrained(options.encoder, local_files_only=True)
    everything = read_questions(options.data)
    questions = [question for question in everything if not held_out(question, HELD_OUT)]
    paragraphs = Paragraphs(questions)
    steps = sum(1 for _ in schedule(options, tokenizer, questions, paragraphs))
    print(f"{len(questions)} of {len(everything)} questions, {steps} steps", file=sys.stderr)
    model = make_model(options)
    master = Master(model)
    optimizer = torch.optim.AdamW(master.parameters, lr=options.rate, weight_decay=0.01)
    warmup = steps // 20
    rate = torch.optim.lr_scheduler.LambdaLR(
        optimizer, lambda step: min((step + 1) / warmup, (steps - step) / (steps - warmup))
    )
    done = _resume(options.work, master, optimizer, rate)
    recent, started = 0.0, time.perf_counter()
    for step, batch in enumerate(schedule(options, tokenizer, questions, paragraphs), start=1):
        if step <= done:
            continue
        loss = loss_of(model, batch)
        loss.backward()
        master.take_gradients()
        torch.nn.utils.clip_grad_norm_(master.parameters, 1.0)
        optimizer.step()
        rate.step()
        master.give_values()
        recent = loss.item() if not recent else 0.98 * recent + 0.02 * loss.item()
        if step % 20 == 0:
            seconds = (time.perf_counter() - started) / (step - done)
            print(
                f"step {step}/{steps}  loss {recent:.3f}  {seconds:.2f} s a step", file=sys.stderr
            )
        if step % _EVERY == 0 or step == steps:
            _keep(options.work, master, optimizer, rate, step)
    model.float()
    master.give_values()
    _save(options, model)


def _resume(work: Path, master: Master, optimizer: Any, rate: Any) -> int:
    """Take up the last checkpoint; return the steps it had made."""
    file = work / "checkpoint.pt"
    if not file.exists():
        return 0
    kept = torch.load(file, weights_only=True)
    with torch.no_grad():
        for mine, value in zip(master.parameters, kept["parameters"], strict=True):
            mine.copy_(value)
    master.give_values()
    optimizer.load_state_dict(kept["optimizer"])
    rate.load_state_dict(kept["rate"])
    return int(kept["step"])


def _keep(work: Path, master: Master, optimizer: Any, rate: Any, step: int) -> None:
    """Write a checkpoint; a kill while writing leaves the one before."""
    work.mkdir(parents=True, exist_ok=True)
    torch.save(
        {
            "parameters": [parameter.detach() for parameter in master.parameters],
            "optimizer": optimizer.state_dict(),
            "rate": rate.state_dict(),
            "step": step,
        },
        work / "checkpoint.new",
    )
    (work / "checkpoint.new").replace(work / "checkpoint.pt")


def _save(options: argparse.Namespace, model: PeftModel) -> None:
    """Write the adapter as safetensors, with a configuration that names no place on this disk."""
    config = model.peft_config["default"]
    config.base_model_name_or_path = "sentence-transformers/all-MiniLM-L6-v2"
    model.save_pretrained(options.out)
    file = options.out / "adapter_config.json"
    file.write_text(json.dumps(json.loads(file.read_text()), indent=2) + "\n")


if __name__ == "__main__":
    main()
