"""Token ids in, token ids out: an encoder-decoder model on many sources."""

import itertools
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from harness.models.checkpoint.row_count import check_row_count
from harness.models.decoding.finite_logits import watched_logits
from harness.models.decoding.token_budget import TokenBudget


@dataclass(frozen=True, slots=True)
class Output:
    """What was written for a source, special tokens and all, and how many were decoded with it.

    `ended` says whether the model wrote an end token that was not forced at the limit, `finite`
    whether all its logits were numbers.
    """

    tokens: list[int]
    batch_size: int
    ended: bool
    finite: bool


class EncoderDecoder:
    """A loaded encoder-decoder model; sources are encoded among equals, and decoded together."""

    def __init__(self, model: Any, tokenizer: Any, max_tokens: int) -> None:
        """Take a model of transformers, its tokenizer and the most tokens of a batch.

        Sources and outputs count, once for each beam; fewer where memory does not hold them.
        """
        self._model = model
        self._pad_id = tokenizer.pad_token_id
        # Stop strings need it.
        self._tokenizer = tokenizer
        self._budget = TokenBudget(max_tokens)

    def outputs(self, sources: Sequence[Sequence[int]], options: Mapping[str, Any]) -> list[Output]:
        """Return what the model writes for each source.

        `options` are those of `generate`, `max_new_tokens` among them.
        """
        num_beams = options.get("num_beams") or self._model.generation_config.num_beams or 1
        max_new_tokens: int = options["max_new_tokens"]
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
        with torch.inference_mode(), watched_logits(self._model) as watch:
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
                use_cache=True,
                num_return_sequences=1,
                tokenizer=self._tokenizer if self._model.generation_config.stop_strings else None,
                **options,
            ).tolist()
        check_row_count(rows, len(sources))
        bad_steps = watch.first_bad_steps(len(rows))
        return [
            Output(row, len(rows), self._ended(row, options), bad_step is None)
            for row, bad_step in zip(rows, bad_steps, strict=True)
        ]

    def _ended(self, row: Sequence[int], options: Mapping[str, Any]) -> bool:
        """Return whether an output ended by itself, before its limit."""
        settings = self._model.generation_config
        eos = settings.eos_token_id
        eos_ids = {*(eos if isinstance(eos, list) else [eos])}
        # The first token of a row starts the decoder; with some it is the end token.
        written = list(itertools.takewhile(lambda token: token not in eos_ids, row[1:]))
        if len(written) == len(row) - 1:
            return False
        return settings.forced_eos_token_id is None or len(written) + 1 < options["max_new_tokens"]

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
