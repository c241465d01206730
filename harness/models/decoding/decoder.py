"""Token ids in, token ids out: greedy decoding of many prompts by one loaded model."""

import copy
import itertools
from collections.abc import Iterator, Sequence
from contextlib import nullcontext
from functools import cached_property
from typing import TYPE_CHECKING, Any

from harness.models.checkpoint.memory import free_memory
from harness.models.checkpoint.row_count import check_row_count
from harness.models.decoding.finite_logits import watched_logits
from harness.models.decoding.row import Outcome, Reply, Request, Rules, Tokens
from harness.models.decoding.token_budget import TokenBudget

if TYPE_CHECKING:
    from harness.models.attention.shared_prefixes import SharedPrefix
    from harness.models.decoding.greedy_loop import GreedyLoop, Tally
    from harness.models.decoding.products import Products

# Requests that are looked at together where the model's attention is not the plain one.
_AT_ONCE = 64
# A prefix goes through the model in parts, so that what lies between its layers stays small.
_PREFILL_TOKENS = 512


class Decoder:
    """A loaded decoder-only model that continues prompts, greedily.

    Where its attention is the plain one, by `GreedyLoop`; else by transformers' `generate`, in
    batches of prompts that have the same prefix and are equally long.
    """

    def __init__(self, model: Any, pad_id: int, max_tokens: int, tokenizer: Any = None) -> None:
        """Take a model of transformers and the id of its padding token.

        `max_tokens` is how many tokens there may be keys and values of, prompts and replies
        together; fewer where memory does not hold them. A checkpoint with stop strings needs its
        tokenizer.
        """
        # It is given both at each call: `generate` keeps no tokenizer for what is prepared only.
        model.generation_config.cache_implementation = None
        self._stop_strings = model.generation_config.stop_strings
        model.generation_config.stop_strings = None
        self._model = model
        self._pad_id = pad_id
        self._tokenizer = tokenizer
        self._copies_caches = _keeps_keys_and_values(model, exactly=False)
        self._budget = TokenBudget(min(max_tokens, _token_capacity(model) or max_tokens))
        self._copied: tuple[Tokens, Any] | None = None
        self._compiled = False  # whether compiled code attends

    @property
    def tally(self) -> "Tally | None":
        """What the loop did, `None` where `generate` decodes."""
        return self._loop.tally if self._loop else None

    @property
    def method(self) -> str:
        """What decodes, in a few words."""
        if self._loop is None:
            return "generate"
        return self._products.method + (", compiled attention" if self._compiled else "")

    def stream(self, requests: Iterator[Request]) -> Iterator[tuple[int, Outcome]]:
        """Yield each request's place and its reply, or why it has none, as they are done."""
        if self._loop:
            yield from self._loop.run(requests)
            return
        while batch := list(itertools.islice(requests, _AT_ONCE)):
            batch.sort(key=_same_prefix_and_length, reverse=True)
            for _, group in itertools.groupby(batch, key=_same_prefix_and_length):
                yield from self._generate_equal(list(group))

    @cached_property
    def _loop(self) -> "GreedyLoop | None":
        from harness.models.attention.registration import attends_plainly
        from harness.models.decoding.greedy_loop import GreedyLoop, Loop

        model = self._model
        if not _keeps_keys_and_values(model, exactly=True):
            return None
        with self._products.in_use():
            self._compiled = _fits_compiled_attention(model)
            plain = attends_plainly(model, self._shared_prefix)
            if self._compiled and not plain:  # its values may be of another width than its keys
                self._compiled = False
                plain = attends_plainly(model, self._shared_prefix)
            if not plain:
                return None
        import torch

        exact = model.dtype == torch.float32
        loop = Loop(model, self._shared_prefix, self._rules, self._alone, self._products, exact)
        return GreedyLoop(loop, self._budget)

    @cached_property
    def _products(self) -> "Products":
        from harness.models.decoding.products import Products

        return Products(self._model)

    def _generate_equal(self, requests: Sequence[Request]) -> Iterator[tuple[int, Outcome]]:
        """Yield what `generate` makes of prompts with one prefix and suffixes of one length."""
        for request, outcome in self._budget.run_batches(
            lambda batch: enumerate(self._generate_copies(batch)), iter(requests), _padded_tokens
        ):
            yield request.place, outcome

    def _generate_copies(self, requests: Sequence[Request]) -> list[Reply]:
        from transformers import DynamicCache

        cache = None
        prefix = requests[0].prefix
        if self._copies_caches and prefix:
            if self._copied is None or self._copied[0] != prefix:
                self._copied = None
                self._copied = (
                    prefix,
                    self._prefill(prefix, DynamicCache(config=self._model.config)),
                )
            cache = copy.deepcopy(self._copied[1])
            cache.batch_repeat_interleave(len(requests))
        return self._generate(requests, cache)

    def _alone(self, request: Request) -> Reply:
        (reply,) = self._generate([request], None)
        return reply

    def _rules(self, request: Request) -> Rules:
        """Return what `generate` prepares for a prompt before it begins to decode."""
        processors = self._call_generate([request], None, custom_generate=_prepared_processors)
        return Rules(processors, self._stop_criterion, self._eos_ids)

    @cached_property
    def _stop_criterion(self) -> Any:
        if not self._stop_strings:
            return None
        from transformers import StopStringCriteria

        return StopStringCriteria(self._tokenizer, self._stop_strings)

    @property
    def _eos_ids(self) -> frozenset[int]:
        eos = self._model.generation_config.eos_token_id
        return frozenset(eos if isinstance(eos, list) else [eos])

    def _call_generate(self, requests: Sequence[Request], cache: Any, **options: Any) -> Any:
        """Call `generate`, greedily, for prompts of one length."""
        import torch

        model = self._model
        ids = torch.tensor([request.prompt for request in requests], device=model.device)
        return model.generate(
            input_ids=ids,
            attention_mask=torch.ones_like(ids),
            past_key_values=cache,
            do_sample=False,
            use_cache=True,
            num_beams=1,
            num_return_sequences=1,
            max_new_tokens=requests[0].max_new_tokens,
            pad_token_id=self._pad_id,
            **options,
        )

    def _generate(self, requests: Sequence[Request], cache: Any) -> list[Reply]:
        import torch

        model = self._model
        with torch.inference_mode(), watched_logits(model) as watch:
            stops = (
                {"stop_strings": self._stop_strings, "tokenizer": self._tokenizer}
                if self._stop_strings
                else {}
            )
            output = self._call_generate(requests, cache, **stops)
        replies = []
        rows = output[:, len(requests[0].prompt) :].tolist()
        check_row_count(rows, len(requests))
        for row, bad_step in zip(rows, watch.first_bad_steps(len(requests)), strict=True):
            tokens = list(itertools.takewhile(lambda token: token not in self._eos_ids, row))
            # What comes after a row's end is padding, which changes with what shares its batch.
            while self._stop_strings and tokens[-1:] == [self._pad_id]:
                tokens.pop()  # what fills up a row that ended by a stop string
            finite = bad_step is None or bad_step > len(tokens)
            ended = len(tokens) < requests[0].max_new_tokens
            replies.append(Reply(tokens, len(requests), ended, finite))
        return replies

    def _shared_prefix(self, tokens: Tokens) -> "SharedPrefix":
        from harness.models.attention.prefix_cache import PrefixCache
        from harness.models.attention.registration import attention_by
        from harness.models.attention.shared_prefixes import SharedPrefix

        cache = PrefixCache(len(_layers(self._model)), len(tokens), compiled=self._compiled)
        attention = attention_by(self._model, cache) if self._compiled else nullcontext()
        with self._products.in_use(), attention:
            return SharedPrefix(self._prefill(tokens, cache))

    def _prefill(self, tokens: Tokens, cache: Any) -> Any:
        """Return a cache of one row, which was empty, with these tokens."""
        import torch

        for begin in range(0, len(tokens), _PREFILL_TOKENS):
            part = tokens[begin : begin + _PREFILL_TOKENS]
            with torch.inference_mode():
                self._model(
                    input_ids=torch.tensor([part], device=self._model.device),
                    past_key_values=cache,
                    use_cache=True,
                    logits_to_keep=1,
                )
        return cache


def _prepared_processors(
    _model: Any, _input_ids: Any, logits_processor: Any, **_options: Any
) -> Any:
    """Decode nothing, where `generate` asks for it: return the processors that it has prepared."""
    return logits_processor


def _same_prefix_and_length(request: Request) -> tuple[int, Tokens, int, int]:
    return len(request.prefix), request.prefix, len(request.suffix), request.max_new_tokens


def _padded_tokens(requests: Sequence[Request]) -> int:
    """Return of how many tokens there are keys and values, each row with its own prefix."""
    first = requests[0]
    return len(first.prefix) + len(requests) * (len(first.suffix) + first.max_new_tokens)


def _layers(model: Any) -> list[Any]:
    """Return the layers of the cache that a model asks for, which hold nothing yet."""
    from transformers import DynamicCache

    layers: list[Any] = DynamicCache(config=model.config).layers
    return layers


def _keeps_keys_and_values(model: Any, *, exactly: bool) -> bool:
    """Return whether all layers keep keys and values; with `exactly`, of all tokens and no more."""
    from transformers.cache_utils import DynamicLayer

    layers = _layers(model)
    if exactly:
        return all(type(layer) is DynamicLayer for layer in layers)
    return all(isinstance(layer, DynamicLayer) for layer in layers)


def _fits_compiled_attention(model: Any) -> bool:
    """Return whether compiled code can attend for a model, by what its configuration says."""
    from harness.models.attention.buffers import TILE
    from harness.models.attention.compiled import can_compile

    width = _head_width(model.config.get_text_config(decoder=True))
    return model.device.type == "cpu" and width is not None and not width % TILE and can_compile()


def _head_width(config: Any) -> int | None:
    """Return how many numbers a head's keys have, if a configuration tells."""
    heads = getattr(config, "num_attention_heads", None)
    hidden = getattr(config, "hidden_size", None)
    width: int | None = getattr(config, "head_dim", None)
    return width or (hidden // heads if hidden and heads else None)


def _token_capacity(model: Any) -> int | None:
    """Return of how many tokens half of the free memory holds keys and values, if that is known."""
    free = free_memory(model.device.type)
    config = model.config.get_text_config(decoder=True)
    layers = getattr(config, "num_hidden_layers", None)
    heads = getattr(config, "num_attention_heads", None)
    width = _head_width(config)
    if free is None or not layers or not heads or not width:
        return None
    kv_heads = getattr(config, "num_key_value_heads", None) or heads
    return int(free / 2 / (2 * layers * kv_heads * width * 4))
