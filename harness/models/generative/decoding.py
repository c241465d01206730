"""Token ids in, token ids out: greedy decoding of many prompts by one loaded model."""

import copy
import itertools
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from harness.models.generative.token_budget import Budget, free_memory

if TYPE_CHECKING:
    from harness.models.generative.shared_prefixes import Beginning

Tokens = tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Reply:
    """A prompt's continuation, its end token left out, and how many were decoded with it."""

    tokens: list[int]
    together: int


@dataclass(frozen=True, slots=True)
class _Row:
    beginning: Tokens
    rest: Tokens


class Decoder:
    """A loaded decoder-only model that continues prompts, greedily.

    A prompt is computed in two parts. Its beginning is computed alone, once for all prompts that
    share it, and kept until prompts come that do not; the rests are computed, and the replies
    decoded, together.
    """

    def __init__(self, model: Any, pad: int, most_tokens: int) -> None:
        """Take a model of transformers and the id of its padding token.

        `most_tokens` is how many tokens there may be keys and values of, prompts and replies
        together; fewer where memory does not hold them.
        """
        model.generation_config.cache_implementation = None  # it is given one at each call
        self._model = model
        self._pad = pad
        self._shares = _keeps(model, exactly=True)
        self._copies = _keeps(model, exactly=False)
        self._budget = Budget(min(most_tokens, _room(model) or most_tokens))
        self._caches: dict[Tokens, Any] = {}

    def replies(
        self, prompts: Sequence[Sequence[int]], limit: int, shared: Sequence[int] | None = None
    ) -> list[Reply]:
        """Return each prompt's continuation of at most `limit` tokens.

        `shared` says how many of each prompt's first tokens other prompts may have too, fewer
        than all.
        """
        # A prompt that shares nothing is a beginning by itself, but for its last token: prompts
        # of unequal length, padded, would take much longer.
        given = shared or [0] * len(prompts)
        cuts = [cut or len(one) - 1 for one, cut in zip(prompts, given, strict=True)]
        rows = [
            _Row(tuple(one[:cut]), tuple(one[cut:])) for one, cut in zip(prompts, cuts, strict=True)
        ]
        # Rows with the same beginning stand together, the longest first.
        order = sorted(
            range(len(rows)),
            key=lambda i: (-len(rows[i].beginning), rows[i].beginning, -len(rows[i].rest)),
        )
        made = self._budget.spend(
            lambda some: self._decode(some, limit),
            [rows[i] for i in order],
            lambda some: _tokens(some, limit),
        )
        return [made[order.index(i)] for i in range(len(rows))]

    def _decode(self, rows: Sequence[_Row], limit: int) -> list[Reply]:
        from harness.models.generative.shared_prefixes import UnknownAttentionError

        known = {row.beginning for row in rows}
        self._caches = {tokens: c for tokens, c in self._caches.items() if tokens in known}
        if self._shares and all(known):
            try:
                return self._together(rows, limit)
            except UnknownAttentionError:
                self._shares = False
                self._caches.clear()
        return [
            reply
            for _, equals in itertools.groupby(rows, key=lambda row: (row.beginning, len(row.rest)))
            for reply in self._equals(list(equals), limit)
        ]

    def _together(self, rows: Sequence[_Row], limit: int) -> list[Reply]:
        """Decode rows with any beginnings, which have one copy each."""
        from harness.models.generative.shared_prefixes import Batch, attending

        counts: dict[Tokens, int] = defaultdict(int)
        for row in rows:
            counts[row.beginning] += 1
        kept = [self._beginning(tokens) for tokens in counts]
        before = max(one.length for one in kept)
        after = max(len(row.rest) for row in rows)
        gaps = [after - len(row.rest) for row in rows]
        batch = Batch(kept, list(counts.values()), gaps, after + limit)
        ids, mask = [], []
        for row, gap in zip(rows, gaps, strict=True):
            # What fills the gaps is masked; as the row's own, no penalty on repetition sees it.
            fill, lead = row.beginning[0], before - len(row.beginning)
            ids.append([*[fill] * lead, *row.beginning, *[fill] * gap, *row.rest])
            mask.append([0] * lead + [1] * len(row.beginning) + [0] * gap + [1] * len(row.rest))
        with attending(self._model, batch):
            return self._generate(ids, mask, batch, limit)

    def _equals(self, rows: Sequence[_Row], limit: int) -> list[Reply]:
        """Decode rows with one beginning and rests of one length, with transformers' own cache."""
        cache = None
        if self._copies and rows[0].beginning:
            cache = copy.deepcopy(self._cache(rows[0].beginning))
            cache.batch_repeat_interleave(len(rows))
        ids = [[*row.beginning, *row.rest] for row in rows]
        return self._generate(ids, [[1] * len(one) for one in ids], cache, limit)

    def _generate(
        self, ids: list[list[int]], mask: list[list[int]], cache: Any, limit: int
    ) -> list[Reply]:
        import torch

        model = self._model
        with torch.inference_mode():
            output = model.generate(
                input_ids=torch.tensor(ids, device=model.device),
                attention_mask=torch.tensor(mask, device=model.device),
                past_key_values=cache,
                do_sample=False,
                num_beams=1,
                max_new_tokens=limit,
                pad_token_id=self._pad,
            )
        ends = model.generation_config.eos_token_id
        last = {*(ends if isinstance(ends, list) else [ends])}
        return [
            Reply(list(itertools.takewhile(lambda token: token not in last, row)), len(ids))
            for row in output[:, len(ids[0]) :].tolist()
        ]

    def _beginning(self, tokens: Tokens) -> "Beginning":
        from harness.models.generative.shared_prefixes import Beginning

        if tokens not in self._caches:
            self._caches[tokens] = Beginning(self._prefill(tokens))
        found: Beginning = self._caches[tokens]
        return found

    def _cache(self, tokens: Tokens) -> Any:
        if tokens not in self._caches:
            self._caches[tokens] = self._prefill(tokens)
        return self._caches[tokens]

    def _prefill(self, tokens: Tokens) -> Any:
        """Return transformers' cache of one row with these tokens."""
        import torch
        from transformers import DynamicCache

        cache = DynamicCache(config=self._model.config)
        with torch.inference_mode():
            self._model(
                input_ids=torch.tensor([tokens], device=self._model.device),
                past_key_values=cache,
                use_cache=True,
                logits_to_keep=1,
            )
        return cache


def _keeps(model: Any, *, exactly: bool) -> bool:
    """Return whether all layers keep keys and values; with `exactly`, of all tokens and no more."""
    from transformers import DynamicCache
    from transformers.cache_utils import DynamicLayer

    layers = DynamicCache(config=model.config).layers
    if exactly:
        return all(type(layer) is DynamicLayer for layer in layers)
    return all(isinstance(layer, DynamicLayer) for layer in layers)


def _tokens(rows: Sequence[_Row], limit: int) -> int:
    """Return of how many tokens a batch holds keys and values, when its replies are full."""
    rest = max(len(row.rest) for row in rows) + limit
    return sum(map(len, {row.beginning for row in rows})) + len(rows) * rest


def _room(model: Any) -> int | None:
    """Return of how many tokens half of the free memory holds keys and values, if that is known."""
    free = free_memory(model.device.type)
    config = model.config.get_text_config(decoder=True)
    layers = getattr(config, "num_hidden_layers", None)
    heads = getattr(config, "num_attention_heads", None)
    hidden = getattr(config, "hidden_size", None)
    if free is None or not layers or not heads or not hidden:
        return None
    width = getattr(config, "head_dim", None) or hidden // heads
    shared = getattr(config, "num_key_value_heads", None) or heads
    return int(free / 2 / (2 * layers * shared * width * 4))
