"""Reads windows with a span model: tokens in, the answers of whole questions out."""

import inspect
from collections.abc import Sequence
from typing import Any

import numpy as np

from harness.errors import ModelError
from harness.models.extractive.screening import coarse, rounding
from harness.models.extractive.spans import Answers, Spans, decode, gather
from harness.models.extractive.windows import Batch, Window, batches

# How many tokens go through the model at once. More gain nothing on a CPU, whose caches they
# leave; a graphics card wants many.
_TOKENS = {"cpu": 2048}
_MANY_TOKENS = 65_536


class SpanReader:
    """A model with a span head, and with `screens` its copy that multiplies in bfloat16.

    `longest` is the most tokens of an answer; with `words` spans grow to whole words.
    """

    def __init__(
        self, tokenizer: Any, model: Any, *, longest: int, words: bool, screens: bool
    ) -> None:
        """Take a loaded model and its fast tokenizer."""
        self.network = model
        self.coarse = coarse(model) if screens else None
        self._inputs = _inputs(tokenizer, model)
        self._pad: int = tokenizer.pad_token_id or 0
        self._budget = _TOKENS.get(model.device.type, _MANY_TOKENS)
        self._longest, self._words = longest, words

    def read(
        self, asked: Sequence[tuple[str, Sequence[Window]]], *, rounded: bool = False
    ) -> list[Answers]:
        """Return the answers of some questions, each an article and its windows with a question.

        The windows of all of them share batches. `rounded` reads with the copy in bfloat16.
        Raises ModelError if a logit is no number.
        """
        flat = [window for _, windows in asked for window in windows]
        found: dict[int, tuple[Window, Spans, int]] = {}
        for batch in batches(flat, self._budget, self._pad):
            spans = self._spans(batch, rounded=rounded)
            found |= {at: (flat[at], spans, row) for row, at in enumerate(batch.rows)}
        answers, done = [], 0
        for context, windows in asked:
            parts = [found[at] for at in range(done, done + len(windows))]
            answers.append(gather(context, parts, words=self._words))
            done += len(windows)
        return answers

    def _spans(self, batch: Batch, *, rounded: bool) -> Spans:
        import torch

        arrays = {
            "input_ids": batch.ids,
            "token_type_ids": batch.types,
            "attention_mask": batch.mask.astype(np.int64),
        }
        given: dict[str, Any] = {
            name: torch.from_numpy(arrays[name]).to(self.network.device) for name in self._inputs
        }
        with torch.inference_mode():
            if rounded:
                with rounding():
                    output = self.coarse(**given)  # type: ignore[misc]  # there if it screens
            else:
                output = self.network(**given)
        starts = output.start_logits.float().cpu().numpy()
        ends = output.end_logits.float().cpu().numpy()
        if not np.isfinite(starts + ends)[batch.mask].all():
            raise ModelError("the model's logits are not all numbers; try another dtype")
        return decode(starts, ends, batch.context, batch.nulls, self._longest)


def _inputs(tokenizer: Any, model: Any) -> tuple[str, ...]:
    """Return what the model is given, by name: what both it and its tokenizer know."""
    taken = inspect.signature(model.forward).parameters
    names = [name for name in tokenizer.model_input_names if name in taken]
    # RoBERTa has one type of token only; a tokenizer of no particular class may number two.
    if getattr(model.config, "type_vocab_size", 2) < 2 and "token_type_ids" in names:
        names.remove("token_type_ids")
    return tuple(names)
