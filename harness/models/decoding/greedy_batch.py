"""Greedy decoding by an encoder-decoder of rows that begin together; those that are done leave.

What `generate` prepares is its own: tokens to start with, processors of scores, what ends a text,
the cache. So is each step, but that a row that is done takes no part in the next.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor
from transformers.cache_utils import DynamicLayer, EncoderDecoderCache

from harness.models.checkpoint.row_count import check_row_count
from harness.models.decoding.choice import greedy_choices
from harness.models.decoding.products import Products


@dataclass(frozen=True, slots=True)
class Written:
    """A row that is done: all its tokens.

    `finite` says whether its logits were numbers, `undecided` that rounding decides how it goes on:
    what it has written is not all.
    """

    tokens: list[int]
    finite: bool
    undecided: bool


class GreedyBatch:
    """Rows under way: their tokens, what the encoder made of their sources, and the cache."""

    def __init__(
        self,
        model: Any,
        ids: Tensor,
        processors: Any,
        criteria: Any,
        encoder_outputs: Any,
        attention_mask: Tensor,
        cache: Any,
    ) -> None:
        """Take what `generate` has prepared; see `prepared_batch`."""
        self._model = model
        self._ids = ids
        self._processors = processors
        self._criteria = criteria
        self._encoder_outputs = encoder_outputs
        self._attention_mask = attention_mask
        self._cache = cache

    @property
    def can_shrink(self) -> bool:
        """Whether the cache is of a kind whose rows can leave."""
        return isinstance(self._cache, EncoderDecoderCache) and all(
            isinstance(layer, DynamicLayer)
            for part in (self._cache.self_attention_cache, self._cache.cross_attention_cache)
            for layer in part.layers
        )

    def run(self, products: Products, *, exact: bool) -> Iterator[tuple[int, Written]]:
        """Yield each row's place and what it has written, as they are done.

        Without `exact` none is undecided. Nothing is to be computed with that needs gradients.
        """
        places = list(range(len(self._ids)))
        while places:
            done: dict[int, Written] = {}
            with torch.inference_mode():
                logits = self._forward(products)
                # As `generate` does: processors may write into what they are given.
                scores = self._processors(self._ids, logits.to(torch.float32, copy=True))
                choices = greedy_choices(logits, scores, exact=exact)
                tokens = torch.tensor([[choice.token] for choice in choices], device=logits.device)
                self._ids = torch.cat([self._ids, tokens], dim=-1)
                ended = self._criteria(self._ids, None).tolist()
                for row, choice in enumerate(choices):
                    if ended[row] or choice.close or not choice.finite:
                        undecided = choice.finite and choice.close
                        done[row] = Written(self._ids[row].tolist(), choice.finite, undecided)
                staying = [row for row in range(len(places)) if row not in done]
                if done and staying:
                    self._keep(torch.tensor(staying, device=logits.device))
            for row, written in done.items():
                yield places[row], written
            places = [places[row] for row in staying]

    def _forward(self, products: Products) -> Tensor:
        """Return the logits of each row's next token, rows x vocabulary."""
        rows = len(self._ids)
        begins = self._cache.get_seq_length() == 0
        inputs = self._model.prepare_inputs_for_generation(
            self._ids,
            next_sequence_length=None if begins else 1,
            is_first_iteration=begins,
            past_key_values=self._cache,
            attention_mask=self._attention_mask,
            encoder_outputs=self._encoder_outputs,
            use_cache=True,
        )
        with products.in_use():
            logits: Tensor = self._model(**inputs, return_dict=True).logits
        check_row_count(logits, rows)
        return logits[:, -1]

    def _keep(self, rows: Tensor) -> None:
        """Let the other rows leave."""
        self._ids = self._ids[rows]
        self._attention_mask = self._attention_mask[rows]
        self._encoder_outputs.last_hidden_state = self._encoder_outputs.last_hidden_state[rows]
        self._cache.batch_select_indices(rows)


def prepared_batch(
    model: Any, input_ids: Tensor, logits_processor: Any, stopping_criteria: Any, **inputs: Any
) -> GreedyBatch:
    """Return a batch that has not begun, of what `generate` prepares for its `custom_generate`."""
    return GreedyBatch(
        model,
        input_ids,
        logits_processor,
        stopping_criteria,
        inputs["encoder_outputs"],
        inputs["attention_mask"],
        inputs.get("past_key_values"),
    )
