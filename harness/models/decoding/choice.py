"""What greedy decoding says at a place, and whether rounding could say otherwise."""

from dataclasses import dataclass
from typing import Any

# Scores nearer than this share of the greatest are as good as equal. Over 123 tokens of SmolLM2's
# answers rounding moved the two best, against each other, by a tenth of that at most.
_AS_GOOD_AS_EQUAL = 1e-5


@dataclass(frozen=True, slots=True)
class Choice:
    """The token with the greatest score.

    `finite` says whether all the model's logits are numbers, `close` that the second token is as
    good as equal: rounding decides between them.
    """

    token: int
    finite: bool
    close: bool


def greedy_choices(logits: Any, scores: Any, *, exact: bool) -> list[Choice]:
    """Return what greedy decoding says of each row of logits, rows x vocabulary.

    `scores` are what processors made of them, in float32; they are changed. Without `exact`
    nothing is close.
    """
    import torch

    # A sum is finite exactly where all that is summed is: logits are far from its end.
    finite = logits.float().sum(dim=-1).isfinite().tolist()
    best, tokens = scores.max(dim=-1)
    scores.scatter_(-1, tokens[:, None], -torch.inf)
    second = scores.amax(dim=-1)
    margin = _AS_GOOD_AS_EQUAL * logits.float().abs().amax(dim=-1)
    close = (best - second <= margin) if exact else torch.zeros_like(best)
    return [
        Choice(token, is_finite, bool(is_close))
        for token, is_finite, is_close in zip(tokens.tolist(), finite, close.tolist(), strict=True)
    ]
