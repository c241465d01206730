"""Token ids in, token ids out: an encoder-decoder model on many sources."""

import itertools
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from harness.models.generative.token_budget import TokenBudget


@dataclass(frozen=True, slots=True)
class Output:
    """What was written for a source, special tokens and all, and how many were decoded with it."""

    tokens: list[int]
    batch_size: int


class EncoderDecoder:
    """A loaded encoder-decoder model; sources are encoded among equals, and decoded together."""

    def __init__(self, model: Any, pad_id: int, max_tokens: int) -> None:
        """Take a model of transformers, the id of its padding token and the most tokens of a batch.

        Sources and outputs count, once for each beam; fewer where memory does not hold them.
        """
        self._model = model
        self._pad_id = pad_id
        self._budget = TokenBudget(max_tokens)

    def outputs(self, sources: Sequence[Sequence[int]], options: Mapping[str, Any]) -> list[Output]:
        """Return what the model writes for each source; `options` are those of `generate`."""
        num_beams, max_new_tokens = (
            options.get(name) or getattr(self._model.generation_config, name, None) or 1
            for name in ("num_beams", "max_new_tokens")
        )
        # Equals stand together, the longest first.
        order = sorted(range(len(sources)), key=lambda i: -len(sources[i]))
        outputs = self._budget.run_batches(
            lambda batch: self._generate(batch, options),
            [sources[i] for i in order],
            lambda batch: len(batch) * (max(map(len, batch)) + max_new_tokens) * num_beams,
        )
        return [outputs[order.index(i)] for i in range(len(sources))]

    def _generate(
        self, sources: Sequence[Sequence[int]], options: Mapping[str, Any]
    ) -> list[Output]:
        import torch
        from transformers.modeling_outputs import BaseModelOutput

        longest = max(map(len, sources))
        paddings = [longest - len(source) for source in sources]
        ids = [
            [*source, *[self._pad_id] * padding]
            for source, padding in zip(sources, paddings, strict=True)
        ]
        mask = [[1] * (longest - padding) + [0] * padding for padding in paddings]
        device = self._model.device
        with torch.inference_mode():
            states = [
                torch.nn.functional.pad(encoded, (0, 0, 0, longest - encoded.shape[1]))
                for _, equal_length in itertools.groupby(sources, key=len)
                for encoded in [self._encode(list(equal_length))]
            ]
            rows = self._model.generate(
                input_ids=torch.tensor(ids, device=device),
                attention_mask=torch.tensor(mask, device=device),
                encoder_outputs=BaseModelOutput(last_hidden_state=torch.cat(states)),
                do_sample=False,
                **options,
            ).tolist()
        return [Output(row, len(rows)) for row in rows]

    def _encode(self, equal_length: Sequence[Sequence[int]]) -> Any:
        """Return the encoder's states, rows x tokens x width, of sources of one length."""
        import torch

        ids = torch.tensor(equal_length, device=self._model.device)
        options = {}
        if self._model.config.model_type == "led":
            # Its first token sees all others and is seen by them, as it was trained (Beltagy,
            # Peters and Cohan, "Longformer", 2020, section 7); the others see their neighbours.
            options["global_attention_mask"] = torch.zeros_like(ids)
            options["global_attention_mask"][:, 0] = 1
        return self._model.get_encoder()(
            input_ids=ids, attention_mask=torch.ones_like(ids), return_dict=True, **options
        ).last_hidden_state
