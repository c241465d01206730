"""Reads windows with a span model: tokens in, the answers of whole questions out."""

import inspect
from collections.abc import Sequence
from typing import Any

import numpy as np

from harness.errors import ModelError
from harness.models.checkpoint.row_count import check_row_count
from harness.models.extractive.screening import bfloat16_autocast, bfloat16_copy
from harness.models.extractive.spans import Answers, Spans, aggregate_answers, decode_spans
from harness.models.extractive.windows import Batch, Window, batches, max_input_tokens

# How many tokens go through the model at once. More gain nothing on a CPU, whose caches they
# leave; a graphics card wants many.
_BATCH_TOKENS = {"cpu": 2048}
_GPU_BATCH_TOKENS = 65_536


class SpanReader:
    """A model with a span head, and with `screens` its copy that multiplies in bfloat16.

    `max_answer_tokens` is the longest answer; with `align_to_words` spans grow to whole words.
    """

    def __init__(
        self,
        tokenizer: Any,
        model: Any,
        *,
        max_answer_tokens: int,
        align_to_words: bool,
        screens: bool,
    ) -> None:
        """Take a loaded model and its fast tokenizer."""
        from harness.models.onednn.packed_network import pack_network

        self.network = model
        self.bfloat16_network = bfloat16_copy(model) if screens else None
        pack_network(model)
        self._input_names = input_names(tokenizer, model)
        self._pad: int = tokenizer.pad_token_id or 0
        self._most_tokens = max_input_tokens(tokenizer, model)
        self._budget = _BATCH_TOKENS.get(model.device.type, _GPU_BATCH_TOKENS)
        self._max_answer_tokens, self._align_to_words = max_answer_tokens, align_to_words

    def read(
        self, questions: Sequence[tuple[str, Sequence[Window]]], *, in_bfloat16: bool = False
    ) -> list[Answers]:
        """Return the answers of some questions, each an article and its windows with a question.

        The windows of all of them share batches. `in_bfloat16` reads with the copy in bfloat16.
        Raises ModelError if a logit is no number.
        """
        all_windows = [window for _, windows in questions for window in windows]
        decoded: dict[int, tuple[Window, Spans, int]] = {}
        for batch in batches(all_windows, self._budget, self._pad, self._most_tokens):
            spans = self._decode(batch, in_bfloat16=in_bfloat16)
            decoded |= {at: (all_windows[at], spans, row) for row, at in enumerate(batch.rows)}
        answers, done = [], 0
        for context, windows in questions:
            parts = [decoded[at] for at in range(done, done + len(windows))]
            answers.append(aggregate_answers(context, parts, align_to_words=self._align_to_words))
            done += len(windows)
        return answers

    def _decode(self, batch: Batch, *, in_bfloat16: bool) -> Spans:
        import torch

        arrays = {
            "input_ids": batch.ids,
            "token_type_ids": batch.types,
            "attention_mask": batch.mask.astype(np.int64),
        }
        inputs: dict[str, Any] = {
            name: torch.from_numpy(arrays[name]).to(self.network.device)
            for name in self._input_names
        }
        with torch.inference_mode():
            if in_bfloat16:
                with bfloat16_autocast():
                    output = self.bfloat16_network(**inputs)  # type: ignore[misc]  # there if it screens
            else:
                output = self.network(**inputs)
        starts = output.start_logits.float().cpu().numpy()
        ends = output.end_logits.float().cpu().numpy()
        check_row_count(starts, len(batch.ids))
        if not np.isfinite(starts + ends)[batch.mask].all():
            raise ModelError("the model's logits are not all numbers; try another dtype")
        return decode_spans(
            starts, ends, batch.context, batch.null_positions, self._max_answer_tokens
        )


def input_names(tokenizer: Any, model: Any) -> tuple[str, ...]:
    """Return what the model is given, by name: what both it and its tokenizer know."""
    parameters = inspect.signature(model.forward).parameters
    names = [name for name in tokenizer.model_input_names if name in parameters]
    # RoBERTa has one type of token only; a tokenizer of no particular class may number two.
    if getattr(model.config, "type_vocab_size", 2) < 2 and "token_type_ids" in names:
        names.remove("token_type_ids")
    return tuple(names)
