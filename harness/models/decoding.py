"""Token ids in, token ids out: greedy decoding of many prompts by one loaded model."""

import copy
from collections.abc import Sequence
from typing import Any


class Decoder:
    """A loaded decoder-only model that continues prompts, greedily.

    Prompts that begin alike share the key-value cache of their beginning, which is computed
    once and kept until another one comes.
    """

    def __init__(self, model: Any, pad: int) -> None:
        """Take a model of transformers and the id of its padding token."""
        self._model = model
        self._pad = pad
        self._known: tuple[tuple[int, ...], Any] | None = None

    def replies(
        self, prompts: Sequence[Sequence[int]], limit: int, prefix: Sequence[int] = ()
    ) -> list[list[int]]:
        """Return each prompt's continuation of at most `limit` tokens, without padding.

        `prefix` holds the tokens that all prompts begin with; each is longer than it.
        """
        import torch

        pad = self._pad
        width = max(len(one) for one in prompts)
        ids, mask = [], []
        for one in prompts:
            # Pads stand between the shared beginning and the rest; masked, they change nothing.
            rest = one[len(prefix) :]
            gap = width - len(one)
            ids.append([*prefix, *[pad] * gap, *rest])
            mask.append([1] * len(prefix) + [0] * gap + [1] * len(rest))
        with torch.inference_mode():
            output = self._model.generate(
                input_ids=torch.tensor(ids, device=self._model.device),
                attention_mask=torch.tensor(mask, device=self._model.device),
                past_key_values=self._cache(tuple(prefix), len(prompts)) if prefix else None,
                do_sample=False,
                num_beams=1,
                max_new_tokens=limit,
                pad_token_id=pad,
            )
        replies = output[:, width:].tolist()
        return [row[: row.index(pad) if pad in row else None] for row in replies]

    def _cache(self, prefix: tuple[int, ...], rows: int) -> Any:
        """Return the key-value cache of a prefix for so many rows; the last prefix is kept."""
        import torch
        from transformers import DynamicCache

        if self._known is None or self._known[0] != prefix:
            cache = DynamicCache(config=self._model.config)
            tokens = torch.tensor([prefix], device=self._model.device)
            with torch.inference_mode():
                self._model(
                    input_ids=tokens, past_key_values=cache, use_cache=True, logits_to_keep=1
                )
            self._known = (prefix, cache)
        copied = copy.deepcopy(self._known[1])
        copied.batch_repeat_interleave(rows)
        return copied
