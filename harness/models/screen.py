"""Screening: read all windows in bfloat16, and once more in float32 those in doubt.

A CPU with units for bfloat16 multiplies about three times as fast in it, but the logits move a
little, and where two answers are nearly equal the other one may win. So a question whose
decision is closer than a margin is read again in float32, and its answer is float32's by
construction; the margin keeps the rest on the safe side.

The margin is measured: `benchmarks/extractive.py margin` reads a data set in both formats and
prints how far bfloat16 moved the decisions, and the least margin with which no answer differs.
Models differ, so each batch is its own check: where the score of a question that is read again has
moved by more than twice the margin, all the batch is read again.
"""

import contextlib
import copy
import math
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

from harness.models.spans import Answers

# In logits. Of the 10,570 questions of SQuAD v1.1 dev, read by minilm-qa, bfloat16 alone decides 65
# otherwise than float32; with this margin none, and 0.143 is the least that finds them all.
MARGIN = 0.15


@cache
def has_units() -> bool:
    """Return whether this CPU multiplies in bfloat16, as far as Linux tells."""
    try:
        return multiplies_bfloat16(Path("/proc/cpuinfo").read_text(errors="replace"))
    except OSError:
        return False


def multiplies_bfloat16(cpuinfo: str) -> bool:
    """Return whether /proc/cpuinfo names AMX or AVX-512 for bfloat16, as x86 has them."""
    flags = next((line for line in cpuinfo.splitlines() if line.startswith("flags")), "")
    return not {"amx_bf16", "avx512_bf16"}.isdisjoint(flags.split())


def coarse(model: Any) -> Any:
    """Return a model that shares all of a float32 model but its linear layers, in bfloat16.

    To be called within `rounding`. Sums, norms and the span head, which is the last linear layer
    and a small one, stay float32: rounding the logits would cost more than all the rest.
    """
    import torch

    *inner, head = [m for m in model.modules() if isinstance(m, torch.nn.Linear)]
    own = {id(p) for module in inner for p in module.parameters()}
    shared = {id(p): p for p in model.parameters() if id(p) not in own}
    place = next(name for name, module in model.named_modules() if module is head)
    positions = [name for name, module in model.named_modules() if module in set(inner)]
    copied = copy.deepcopy(model, shared)
    for name in positions:
        copied.get_submodule(name).to(torch.bfloat16)
    copied.get_submodule(place).forward = _exact(copied.get_submodule(place).forward)
    return copied


def _exact(forward: Any) -> Any:
    """Return a layer's forward that computes in float32 whatever is around it."""
    import torch

    def exact(states: Any) -> Any:
        with torch.autocast("cpu", enabled=False):
            return forward(states.float())

    return exact


@contextlib.contextmanager
def rounding() -> Iterator[None]:
    """Multiply matrices in bfloat16 within, and sum in float32."""
    import torch

    with torch.autocast("cpu", dtype=torch.bfloat16):
        yield


def margin(answers: Answers, threshold: float | None) -> float:
    """Return by how much a decision was taken, in logits, infinity for no alternative.

    That is the least of: the log of the ratio of the best two answers' weights; the same of two
    spans of the best one's text, of which one gives the place; and, with a `threshold`, how far
    the score of no answer is from it.
    """
    if not answers.found:
        return math.inf
    first, *others = answers.found
    gaps = [_log_ratio(first.weight, others[0].weight)] if others else []
    gaps.append(_log_ratio(first.probability, first.rival))
    if threshold is not None:
        gaps.append(abs(answers.no_answer - threshold))
    return min(gaps)


def moved(rounded: Answers, exact: Answers) -> float:
    """Return how far rounding moved the score of a question's best span, in logits."""
    return abs(rounded.best - exact.best)


def _log_ratio(more: float, less: float) -> float:
    return math.log(more / less) if less > 0 else math.inf
