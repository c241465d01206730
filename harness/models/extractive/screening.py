"""Screening: read all windows in bfloat16, and once more in float32 those in doubt.

A CPU with units for bfloat16 multiplies several times as fast in it, but logits move a little,
and where two answers are nearly equal the other one may win. So a question whose decision is
closer than a margin is read again in float32, and its answer is float32's by construction; the
margin keeps the rest on the safe side.

The margin is for one logit. Most close decisions are about where an answer begins, or where it
ends: those two spans differ in one logit. Two places in the article differ in two, and rounding
moves such a decision about twice as far, measured as well.

The margin is measured: `benchmarks/extractive.py margin` reads a data set in both formats and
prints how far bfloat16 moved the decisions, and the least margin with which no answer differs.
Models differ, so each batch is its own check: where the logits of a question that is read again
have moved by more than twice the margin, all the batch is read again. It sees no question that is
read once, so a model's own margin is worth measuring.
"""

import contextlib
import copy
import math
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

from harness.models.extractive.spans import Answer, Answers

# Of the 10,570 questions of SQuAD v1.1 dev, read by minilm-qa, bfloat16 alone decides 65 otherwise
# than float32; with this margin none, and 0.0717 is the least that finds them all.
DEFAULT_MARGIN = 0.08


@cache
def has_bfloat16_units() -> bool:
    """Return whether this CPU multiplies in bfloat16, as far as Linux tells."""
    try:
        return multiplies_bfloat16(Path("/proc/cpuinfo").read_text(errors="replace"))
    except OSError:
        return False


def multiplies_bfloat16(cpuinfo: str) -> bool:
    """Return whether /proc/cpuinfo names AMX or AVX-512 for bfloat16, as x86 has them."""
    flags = next((line for line in cpuinfo.splitlines() if line.startswith("flags")), "")
    return not {"amx_bf16", "avx512_bf16"}.isdisjoint(flags.split())


def bfloat16_copy(model: Any) -> Any:
    """Return a model that shares a float32 model's parameters, its linear layers in bfloat16.

    To be called within `bfloat16_autocast`. Sums, norms and the span head, which is the last linear
    layer and a small one, stay float32: rounding the logits would cost more than all the rest.
    """
    import torch

    from harness.models.onednn.packed_linear import can_pack
    from harness.models.onednn.packed_network import pack_layers

    copied = copy.deepcopy(model, {id(p): p for p in model.parameters()})
    *inner, head = [m for m in copied.modules() if isinstance(m, torch.nn.Linear)]
    # An activation of what is not rounded yet would give other numbers than the margin is for.
    if not (
        can_pack(torch.bfloat16)
        and pack_layers(copied, torch.bfloat16, keep=head, activations=False)
    ):
        for layer in inner:
            layer.forward = _bfloat16_forward(layer)
    head.forward = _float32_forward(head.forward)
    return copied


def _bfloat16_forward(layer: Any) -> Any:
    """Return a linear layer's forward in bfloat16, with a copy of its weights."""
    import torch

    weight = layer.weight.detach().to(torch.bfloat16)
    bias = None if layer.bias is None else layer.bias.detach().to(torch.bfloat16)
    return lambda states: torch.nn.functional.linear(states.to(weight.dtype), weight, bias)


def _float32_forward(forward: Any) -> Any:
    """Return a layer's forward that computes in float32 whatever is around it."""
    import torch

    def multiply_float32(states: Any) -> Any:
        with torch.autocast("cpu", enabled=False):
            return forward(states.float())

    return multiply_float32


@contextlib.contextmanager
def bfloat16_autocast() -> Iterator[None]:
    """Multiply matrices in bfloat16 within, and sum in float32."""
    import torch

    with torch.autocast("cpu", dtype=torch.bfloat16):
        yield


def decision_margin(answers: Answers, threshold: float | None) -> float:
    """Return by how much a decision was taken, a logit; infinity for no alternative.

    That is the least of: the log of the ratio of the best answer's weight and another's; the same
    of two spans of the best one's text, of which one gives the place; and, with a `threshold`, how
    far the score of no answer is from it. Each is divided by the number of logits that two answers
    do not share: one if they begin or end alike in one window, else two.
    """
    if not answers.ranked:
        return math.inf
    best, *others = answers.ranked
    gaps = [
        _log_ratio(best.weight, other.weight) / _differing_logits(best, other) for other in others
    ]
    gaps.append(_log_ratio(best.probability, best.rival) / 2)
    if threshold is not None:
        gaps.append(abs(answers.null_score_diff - threshold) / 2)
    return min(gaps)


def logit_shift(rounded: Answers, exact: Answers) -> float:
    """Return how far rounding moved the two logits of a question's best span, on average."""
    return abs(rounded.best_score - exact.best_score) / 2


def _differing_logits(one: Answer, other: Answer) -> int:
    shares_edge = one.start == other.start or one.end == other.end
    return 1 if shares_edge and one.window == other.window else 2


def _log_ratio(more: float, less: float) -> float:
    return math.log(more / less) if less > 0 else math.inf
