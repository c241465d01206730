"""Token ids in, token ids out: an encoder-decoder model on many sources."""

import itertools
import sys
import warnings
from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import cached_property
from typing import TYPE_CHECKING, Any

from harness.models.checkpoint.row_count import check_row_count
from harness.models.decoding.finite_logits import watched_logits
from harness.models.decoding.row import Outcome, Reply
from harness.models.decoding.token_budget import TokenBudget

if TYPE_CHECKING:
    from harness.models.decoding.greedy_batch import GreedyBatch
    from harness.models.decoding.products import Products

Source = tuple[int, Sequence[int]]
"""What the caller calls a source, and its tokens."""

# Processors with these settings look at the sources of a batch as they stand there, padding too.
_LOOKING_AT_SOURCES = {"encoder_repetition_penalty": 1.0, "encoder_no_repeat_ngram_size": 0}


class EncoderDecoder:
    """A loaded encoder-decoder model; sources are encoded among equals, and decoded together.

    With one beam a text leaves its batch when it is done; with several the batch is `generate`'s.
    """

    def __init__(
        self, model: Any, tokenizer: Any, max_tokens: int, options: Mapping[str, Any]
    ) -> None:
        """Take a model of transformers, its tokenizer, and options of `generate`.

        `max_tokens` is how many tokens a batch may have: sources and outputs count, once for each
        beam; fewer where memory does not hold them.
        """
        # They are given at each call: `generate` keeps no tokenizer for what is prepared only.
        self._stop_strings = model.generation_config.stop_strings
        model.generation_config.stop_strings = None
        self._model = model
        self._pad_id = tokenizer.pad_token_id
        self._tokenizer = tokenizer
        self._options = options
        self._num_beams: int = options.get("num_beams") or model.generation_config.num_beams or 1
        self._budget = TokenBudget(max_tokens)

    @property
    def method(self) -> str:
        """What decodes, in a few words."""
        if not self._rows_leave:
            return "generate"
        return self._products.method

    def stream(
        self, sources: Iterator[Source], max_new_tokens: int
    ) -> Iterator[tuple[int, Outcome]]:
        """Yield each source's place and what the model writes, or why it does not, as it is done.

        Those that follow each other are decoded together.
        """

        def cost(batch: Sequence[Source]) -> int:
            if len(batch) > 1 and self._looks_at_sources:
                return sys.maxsize
            longest = max(len(ids) for _, ids in batch)
            return len(batch) * (longest + max_new_tokens) * self._num_beams

        def work(batch: Sequence[Source]) -> Iterable[tuple[int, Reply]]:
            ids = [ids for _, ids in batch]
            if self._rows_leave:
                return self._decode_greedily(ids, max_new_tokens)
            return enumerate(self._generate(ids, max_new_tokens))

        for (place, _), outcome in self._budget.run_batches(work, sources, cost):
            yield place, outcome

    @property
    def _looks_at_sources(self) -> bool:
        settings = self._model.generation_config
        return any(
            getattr(settings, name, None) not in (None, nothing)
            for name, nothing in _LOOKING_AT_SOURCES.items()
        )

    @cached_property
    def _rows_leave(self) -> bool:
        """Whether rows can leave a batch: decoding is greedy, its cache of a kind that shrinks."""
        if self._num_beams > 1:
            return False
        try:
            with warnings.catch_warnings(action="ignore"):  # the limit may be below the least
                return self._prepared([[0]], max_new_tokens=1).can_shrink
        except Exception:  # of settings that contradict each other: each text says so
            return False

    @cached_property
    def _stop_criteria(self) -> list[Any]:
        if not self._stop_strings:
            return []
        from transformers import StopStringCriteria

        return [StopStringCriteria(self._tokenizer, self._stop_strings)]

    @cached_property
    def _products(self) -> "Products":
        from harness.models.decoding.products import Products

        return Products(self._model)

    def _decode_greedily(
        self, sources: Sequence[Sequence[int]], max_new_tokens: int
    ) -> Iterator[tuple[int, Reply]]:
        import torch

        exact = self._model.dtype == torch.float32
        batch = self._prepared(sources, max_new_tokens)
        for place, written in batch.run(self._products, exact=exact):
            if written.undecided:
                yield place, self._generate([sources[place]], max_new_tokens)[0]
            else:
                ended = self._ended(written.tokens, max_new_tokens)
                yield place, Reply(written.tokens, len(sources), ended, written.finite)

    def _prepared(self, sources: Sequence[Sequence[int]], max_new_tokens: int) -> "GreedyBatch":
        import torch

        from harness.models.decoding.greedy_batch import prepared_batch

        with torch.inference_mode():
            batch: GreedyBatch = self._call_generate(
                sources,
                max_new_tokens,
                custom_generate=prepared_batch,
                stopping_criteria=self._stop_criteria,
            )
        return batch

    def _generate(self, sources: Sequence[Sequence[int]], max_new_tokens: int) -> list[Reply]:
        import torch

        with torch.inference_mode(), watched_logits(self._model) as watch:
            rows = self._call_generate(
                sources,
                max_new_tokens,
                stop_strings=self._stop_strings,
                tokenizer=self._tokenizer if self._stop_strings else None,
            ).tolist()
        check_row_count(rows, len(sources))
        bad_steps = watch.first_bad_steps(len(rows))
        return [
            Reply(row, len(rows), self._ended(row, max_new_tokens), bad_step is None)
            for row, bad_step in zip(rows, bad_steps, strict=True)
        ]

    def _call_generate(
        self, sources: Sequence[Sequence[int]], max_new_tokens: int, **options: Any
    ) -> Any:
        import torch

        longest = max(map(len, sources))
        paddings = [longest - len(source) for source in sources]
        ids = [
            [*source, *[self._pad_id] * padding]
            for source, padding in zip(sources, paddings, strict=True)
        ]
        mask = [[1] * (longest - padding) + [0] * padding for padding in paddings]
        device = self._model.device
        encoded = [
            self._encode(list(equal_length))
            for _, equal_length in itertools.groupby(sources, key=len)
        ]
        states = [
            torch.nn.functional.pad(
                output.last_hidden_state, (0, 0, 0, longest - output.last_hidden_state.shape[1])
            )
            for output in encoded
        ]
        # Of the encoder's own kind: a mixture of experts asks it for what routed its tokens.
        joined = type(encoded[0])(last_hidden_state=torch.cat(states))
        return self._model.generate(
            input_ids=torch.tensor(ids, device=device),
            attention_mask=torch.tensor(mask, device=device),
            encoder_outputs=joined,
            do_sample=False,
            use_cache=True,
            num_return_sequences=1,
            max_new_tokens=max_new_tokens,
            **self._options,
            **options,
        )

    def _ended(self, row: Sequence[int], max_new_tokens: int) -> bool:
        """Return whether an output ended by itself, before its limit."""
        settings = self._model.generation_config
        eos = settings.eos_token_id
        eos_ids = {*(eos if isinstance(eos, list) else [eos])}
        # The first token of a row starts the decoder; with some it is the end token.
        written = list(itertools.takewhile(lambda token: token not in eos_ids, row[1:]))
        if len(written) < len(row) - 1:
            return settings.forced_eos_token_id is None or len(written) + 1 < max_new_tokens
        while self._stop_strings and written[-1:] == [self._pad_id]:
            written.pop()  # what fills up a row that ended by a stop string
        return len(written) < max_new_tokens

    def _encode(self, equal_length: Sequence[Sequence[int]]) -> Any:
        """Return the encoder's output for sources of one length: rows x tokens x width."""
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
        )
