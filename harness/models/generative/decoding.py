"""Token ids in, token ids out: greedy decoding of many prompts by one loaded model."""

import copy
import itertools
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from harness.models.checkpoint.row_count import check_row_count
from harness.models.generative.finite_logits import watched_logits
from harness.models.generative.token_budget import TokenBudget, free_memory

if TYPE_CHECKING:
    from harness.models.generative.shared_prefixes import SharedPrefix

Tokens = tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Reply:
    """A prompt's continuation, its end token left out, and how many were decoded with it.

    `ended` says whether the model wrote an end token, `finite` whether all its logits were numbers.
    """

    tokens: list[int]
    batch_size: int
    ended: bool
    finite: bool


@dataclass(frozen=True, slots=True)
class _SplitPrompt:
    prefix: Tokens
    suffix: Tokens


class Decoder:
    """A loaded decoder-only model that continues prompts, greedily.

    A prompt is computed in two parts. Its prefix is computed alone, once for all prompts that
    share it, and kept until prompts come that do not; the suffixes are computed, and the replies
    decoded, together.
    """

    def __init__(self, model: Any, pad_id: int, max_tokens: int, tokenizer: Any = None) -> None:
        """Take a model of transformers and the id of its padding token.

        `max_tokens` is how many tokens there may be keys and values of, prompts and replies
        together; fewer where memory does not hold them. A checkpoint with stop strings needs its
        tokenizer.
        """
        model.generation_config.cache_implementation = None  # it is given one at each call
        self._model = model
        self._pad_id = pad_id
        self._tokenizer = tokenizer
        self._shares_prefixes = _keeps_keys_and_values(model, exactly=True)
        self._copies_caches = _keeps_keys_and_values(model, exactly=False)
        self._budget = TokenBudget(min(max_tokens, _token_capacity(model) or max_tokens))
        self._prefix_caches: dict[Tokens, Any] = {}

    def replies(
        self,
        prompts: Sequence[Sequence[int]],
        max_new_tokens: int,
        prefix_lengths: Sequence[int] | None = None,
    ) -> list[Reply]:
        """Return each prompt's continuation of at most `max_new_tokens` tokens.

        `prefix_lengths` says how many of each prompt's first tokens other prompts may have too,
        fewer than all.
        """
        # A prompt that shares nothing is a prefix by itself, but for its last token: prompts
        # of unequal length, padded, would take much longer.
        lengths = prefix_lengths or [0] * len(prompts)
        boundaries = [
            length or len(prompt) - 1 for prompt, length in zip(prompts, lengths, strict=True)
        ]
        rows = [
            _SplitPrompt(tuple(prompt[:end]), tuple(prompt[end:]))
            for prompt, end in zip(prompts, boundaries, strict=True)
        ]
        # Rows with the same prefix stand together, the longest first.
        order = sorted(
            range(len(rows)),
            key=lambda i: (-len(rows[i].prefix), rows[i].prefix, -len(rows[i].suffix)),
        )
        replies = self._budget.run_batches(
            lambda batch: self._decode(batch, max_new_tokens),
            [rows[i] for i in order],
            lambda batch: _cached_tokens(batch, max_new_tokens),
        )
        return [replies[order.index(i)] for i in range(len(rows))]

    def _decode(self, rows: Sequence[_SplitPrompt], max_new_tokens: int) -> list[Reply]:
        from harness.models.generative.shared_prefixes import UnknownAttentionError

        known = {row.prefix for row in rows}
        self._prefix_caches = {
            tokens: cache for tokens, cache in self._prefix_caches.items() if tokens in known
        }
        if self._shares_prefixes and all(known):
            try:
                return self._decode_shared_prefixes(rows, max_new_tokens)
            except UnknownAttentionError:
                self._shares_prefixes = False
                self._prefix_caches.clear()
        return [
            reply
            for _, equal_rows in itertools.groupby(
                rows, key=lambda row: (row.prefix, len(row.suffix))
            )
            for reply in self._decode_equal_lengths(list(equal_rows), max_new_tokens)
        ]

    def _decode_shared_prefixes(
        self, rows: Sequence[_SplitPrompt], max_new_tokens: int
    ) -> list[Reply]:
        """Decode rows with any prefixes, which have one copy each."""
        from harness.models.generative.shared_prefixes import (
            SharedPrefixCache,
            shared_prefix_attention,
        )

        counts: dict[Tokens, int] = defaultdict(int)
        for row in rows:
            counts[row.prefix] += 1
        prefixes = [self._shared_prefix(tokens) for tokens in counts]
        longest_prefix = max(prefix.length for prefix in prefixes)
        longest_suffix = max(len(row.suffix) for row in rows)
        gaps = [longest_suffix - len(row.suffix) for row in rows]
        cache = SharedPrefixCache(
            prefixes, list(counts.values()), gaps, longest_suffix + max_new_tokens
        )
        ids, mask = [], []
        for row, gap in zip(rows, gaps, strict=True):
            # What fills the gaps is masked; as the row's own, no penalty on repetition sees it.
            filler, padding = row.prefix[0], longest_prefix - len(row.prefix)
            ids.append([*[filler] * padding, *row.prefix, *[filler] * gap, *row.suffix])
            mask.append([0] * padding + [1] * len(row.prefix) + [0] * gap + [1] * len(row.suffix))
        with shared_prefix_attention(self._model, cache):
            return self._generate(ids, mask, cache, max_new_tokens)

    def _decode_equal_lengths(
        self, rows: Sequence[_SplitPrompt], max_new_tokens: int
    ) -> list[Reply]:
        """Decode rows with one prefix and suffixes of one length, with transformers' own cache."""
        cache = None
        if self._copies_caches and rows[0].prefix:
            cache = copy.deepcopy(self._prefix_cache(rows[0].prefix))
            cache.batch_repeat_interleave(len(rows))
        ids = [[*row.prefix, *row.suffix] for row in rows]
        return self._generate(ids, [[1] * len(row_ids) for row_ids in ids], cache, max_new_tokens)

    def _generate(
        self, ids: list[list[int]], mask: list[list[int]], cache: Any, max_new_tokens: int
    ) -> list[Reply]:
        import torch

        model = self._model
        with torch.inference_mode(), watched_logits(model) as watch:
            output = model.generate(
                input_ids=torch.tensor(ids, device=model.device),
                attention_mask=torch.tensor(mask, device=model.device),
                past_key_values=cache,
                do_sample=False,
                use_cache=True,
                num_beams=1,
                num_return_sequences=1,
                tokenizer=self._tokenizer if model.generation_config.stop_strings else None,
                max_new_tokens=max_new_tokens,
                pad_token_id=self._pad_id,
            )
        eos = model.generation_config.eos_token_id
        eos_ids = {*(eos if isinstance(eos, list) else [eos])}
        replies = []
        rows = output[:, len(ids[0]) :].tolist()
        check_row_count(rows, len(ids))
        for row, bad_step in zip(rows, watch.first_bad_steps(len(ids)), strict=True):
            tokens = list(itertools.takewhile(lambda token: token not in eos_ids, row))
            # What comes after a row's end is padding, which changes with what shares its batch.
            while model.generation_config.stop_strings and tokens[-1:] == [self._pad_id]:
                tokens.pop()  # what fills up a row that ended by a stop string
            finite = bad_step is None or bad_step > len(tokens)
            replies.append(Reply(tokens, len(ids), len(tokens) < max_new_tokens, finite))
        return replies

    def _shared_prefix(self, tokens: Tokens) -> "SharedPrefix":
        from harness.models.generative.shared_prefixes import SharedPrefix

        if tokens not in self._prefix_caches:
            self._prefix_caches[tokens] = SharedPrefix(self._prefill(tokens))
        prefix: SharedPrefix = self._prefix_caches[tokens]
        return prefix

    def _prefix_cache(self, tokens: Tokens) -> Any:
        if tokens not in self._prefix_caches:
            self._prefix_caches[tokens] = self._prefill(tokens)
        return self._prefix_caches[tokens]

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


def _keeps_keys_and_values(model: Any, *, exactly: bool) -> bool:
    """Return whether all layers keep keys and values; with `exactly`, of all tokens and no more."""
    from transformers import DynamicCache
    from transformers.cache_utils import DynamicLayer

    layers = DynamicCache(config=model.config).layers
    if exactly:
        return all(type(layer) is DynamicLayer for layer in layers)
    return all(isinstance(layer, DynamicLayer) for layer in layers)


def _cached_tokens(rows: Sequence[_SplitPrompt], max_new_tokens: int) -> int:
    """Return of how many tokens a batch holds keys and values, when its replies are full."""
    suffix_tokens = max(len(row.suffix) for row in rows) + max_new_tokens
    return sum(map(len, {row.prefix for row in rows})) + len(rows) * suffix_tokens


def _token_capacity(model: Any) -> int | None:
    """Return of how many tokens half of the free memory holds keys and values, if that is known."""
    free = free_memory(model.device.type)
    config = model.config.get_text_config(decoder=True)
    layers = getattr(config, "num_hidden_layers", None)
    heads = getattr(config, "num_attention_heads", None)
    hidden = getattr(config, "hidden_size", None)
    if free is None or not layers or not heads or not hidden:
        return None
    width = getattr(config, "head_dim", None) or hidden // heads
    kv_heads = getattr(config, "num_key_value_heads", None) or heads
    return int(free / 2 / (2 * layers * kv_heads * width * 4))
