"""Decoder-only language models, prompted: chat models by their template, others plainly."""

import contextlib
import itertools
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from functools import cached_property
from typing import TYPE_CHECKING, Annotated, Any, ClassVar

from pydantic import Field

from harness.errors import ModelError
from harness.files import sha256
from harness.models.checkpoint.checkpoint import load_config, load_model, load_tokenizer
from harness.models.checkpoint.memory import trim_memory
from harness.models.decoding.decoder import Decoder
from harness.models.decoding.finite_logits import NOT_FINITE
from harness.models.decoding.row import Outcome, Reply, Request, split_prompt
from harness.models.generative.chat_template import (
    FROZEN_DATE,
    context_window,
    decode_reply,
    default_chat_template,
    encode_messages,
    refuse_endless_template,
)
from harness.models.generative.generation_keys import settle_generation, tell_other_end
from harness.models.generative.generative import Generative
from harness.models.generative.query_groups import on_one_article
from harness.models.generative.truncation import FittedPrompt, Render, estimate_of, fit_to_window
from harness.models.model import Estimate
from harness.models.panic import panics_as_errors
from harness.models.streaming import failed
from harness.models.task_prompts import DEFAULT_PROMPTS, Prompts
from harness.prompting.postprocessing import CUT_TO_NOTHING, is_silence, is_unfinished
from harness.prompting.prompts import Prompt
from harness.records import Prediction, Query, Task

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray


class Causal(Generative):
    """A decoder-only model, greedy, in the words of a prompt.

    A reply ends at the first of the strings `stop`, which base models need: they go on with
    another question. What is done with an article that does not fit the window says `long`: its
    end is "cut", or its "middle", or a summary is made of summaries, "map-reduce" (answers are
    "cut" then). Queries on one article share their prompt's prefix; its key-value cache is
    computed once.
    """

    can: ClassVar[tuple[Task, ...]] = ("summarize", "answer")
    revision: ClassVar[int] = 3

    prompts: Prompts = Field(default=DEFAULT_PROMPTS, validate_default=True)
    """The prompt of each task, by its file's name."""
    window: Annotated[int, Field(ge=64)] | None = None
    """The most tokens of prompt and reply together; never more than the checkpoint's window."""
    stop: tuple[Annotated[str, Field(min_length=1)], ...] = ()
    """A reply ends at the first of these texts; base models need them."""

    def identity(self, task: Task) -> Mapping[str, object]:
        """Return the checkpoint's identity, the prompt and the decoding."""
        return {
            **super().identity(task),
            **self._batching_identity(self.batch_tokens),
            **self._loop_identity(),
            "kind": "causal",
            "prompt": self.prompts[task].sha256,
            "date": FROZEN_DATE.isoformat(),
            "window": self.window,
            "decoding": "greedy",
            "long": self._long_strategy(task),
            "stop": list(self.stop),
        }

    def _loop_identity(self) -> dict[str, object]:
        """Return what an identity says of how rows are computed together; in float32 nothing."""
        return {} if self.dtype == "float32" else {"loop": 2}

    def output_limit(self, task: Task) -> int | None:
        """Return the prompt's limit: a reply that the model ended itself has fewer tokens."""
        return self.prompts[task].max_new_tokens

    @property
    def tasks(self) -> tuple[Task, ...]:
        """The tasks that it has a prompt for."""
        return tuple(task for task in self.can if task in self.prompts)

    def load(self) -> None:
        """Read the tokenizer and the model; raise ModelError for a template without an end."""
        _ = self._loaded
        refuse_endless_template(self._tokenizer)

    @cached_property
    def _loaded(self) -> tuple[Any, Any]:
        from transformers import AutoModelForCausalLM

        # First, so that the tokenizer is that of a GGUF file's conversion.
        model = load_model(AutoModelForCausalLM, self)
        self._use_blocks(model)
        settle_generation(self.weights.label, model)
        tell_other_end(self.weights.label, self._tokenizer, model.generation_config)
        return self._tokenizer, model

    def _use_blocks(self, model: Any) -> None:
        """Let weights be in a GGUF file's own few bits, where what is computed with is these."""
        from harness.models.gguf.file_blocks import FILE, kept_blocks
        from harness.models.low_bit.block_linear import put_blocks

        file = self.files.folder / FILE
        if self.adapter or self.dtype != "float32" or model.device.type != "cpu":
            return
        if file.exists():
            with contextlib.suppress(ImportError):  # Numba is not installed, or broken
                put_blocks(model, kept_blocks(file))
            trim_memory()  # of what was in float32

    @cached_property
    def _tokenizer(self) -> Any:
        tokenizer = load_tokenizer(self)
        tokenizer.chat_template = default_chat_template(tokenizer, self.weights.label)
        if tokenizer.pad_token_id is None:
            tokenizer.pad_token_id = tokenizer.eos_token_id
        return tokenizer

    @cached_property
    def _window(self) -> int:
        loaded = self.__dict__.get("_loaded")
        return context_window(self.window, loaded[1].config if loaded else load_config(self))

    @cached_property
    def _decoder(self) -> Decoder:
        tokenizer, model = self._loaded
        return Decoder(model, tokenizer.pad_token_id, self.batch_tokens, tokenizer)

    def rendered_prompt(self, query: Query) -> str:
        """Return the text that the model reads for a query."""
        return self._render(query).text

    def estimate(self, query: Query) -> Estimate:
        """Return the tokens of the rendered prompt, and the most of the reply."""
        windows = [self._render(window) for window in self._windows(query)]
        return estimate_of(windows, self.prompts[query.task].max_new_tokens)

    @property
    def tokenizer(self) -> Any:
        """The tokenizer, read when it is first asked for."""
        return self._tokenizer

    def next_tokens(self, query: Query) -> tuple[FittedPrompt, "NDArray[np.float64]"]:
        """Return the prompt, and the probability of each token to begin the reply, (vocabulary,).

        Raises ModelError for a prompt that does not fit, and for logits that are no numbers.
        """
        import torch

        fitted = self._render(query)
        network = self._loaded[1]
        with torch.inference_mode():
            ids = torch.tensor([fitted.ids], device=network.device)
            logits = network(input_ids=ids).logits[0, -1].double()
        if not torch.isfinite(logits).all():
            raise ModelError(NOT_FINITE)
        shares: NDArray[np.float64] = logits.softmax(-1).cpu().numpy()
        return fitted, shares

    def _is_unfinished(self, prediction: Prediction) -> bool:
        return is_unfinished(prediction, self.output_limit("summarize"), self.stop)

    def _decode(
        self,
        queries: Mapping[int, Query],
        prompts: dict[int, FittedPrompt],
        failures: list[tuple[int, Prediction]],
    ) -> Iterator[tuple[int, Outcome]]:
        return self._decoder.stream(self._requests(queries, prompts, failures))

    def _requests(
        self,
        queries: Mapping[int, Query],
        prompts: dict[int, FittedPrompt],
        failures: list[tuple[int, Prediction]],
    ) -> Iterator[Request]:
        """Yield what is asked of the decoder, and note the prompts, and what cannot be asked."""
        for places in on_one_article(queries):
            task = queries[places[0]].task
            prompt = self.prompts[task]
            rendered: dict[int, FittedPrompt] = {}
            for place in places:
                try:
                    with panics_as_errors():
                        rendered[place] = self._render(queries[place])
                except Exception as error:  # one query's failure
                    failures.append((place, failed(error)))
            shared = [0] * len(rendered)
            if task == "answer":
                try:
                    with panics_as_errors():
                        shared = self._shared_prefix_lengths(prompt, list(rendered.values()))
                except Exception as error:  # of the prompt without a question: it is theirs too
                    failures += [(place, failed(error)) for place in rendered]
                    continue
            prompts |= rendered
            for (place, fitted), length in zip(rendered.items(), shared, strict=True):
                yield split_prompt(place, fitted.ids, prompt.max_new_tokens, length)

    def _predicted(self, fitted: FittedPrompt, reply: Reply) -> Prediction:
        prompt = self.prompts[fitted.query.task]
        raw = decode_reply(self._tokenizer, reply.tokens)
        stopped = reply.ended or any(text in raw for text in self.stop)
        return Prediction(
            text=prompt.postprocess(raw, self.stop),
            raw=raw,
            error=None if stopped or not is_silence(raw) else CUT_TO_NOTHING,
            rendered_sha256=sha256(fitted.text),
            source_tokens=fitted.source_tokens,
            kept_tokens=fitted.kept_tokens,
            output_tokens=len(reply.tokens),
            guessed_tokens=reply.guessed,
            right_guesses=reply.right,
            dropped=fitted.dropped,
            batch=reply.batch_size,
        )

    def _render(self, query: Query) -> FittedPrompt:
        render, max_tokens = self._rendering(query)
        return fit_to_window(
            self._tokenizer, query, render, max_tokens, self._long_strategy(query.task)
        )

    def _rendering(self, query: Query) -> tuple[Render, int]:
        prompt = self.prompts[query.task]

        def render(candidate: Query) -> tuple[str, list[int]]:
            return encode_messages(self._tokenizer, prompt.render(candidate))

        return render, self._window - prompt.max_new_tokens

    def _shared_prefix_lengths(self, prompt: Prompt, rendered: Sequence[FittedPrompt]) -> list[int]:
        """Return how many first tokens each prompt shares with all questions on its article.

        Found with an empty question, so that it does not depend on which questions came.
        """
        lengths: list[int] = []
        for _, group in itertools.groupby(rendered, key=lambda fitted: fitted.query.context):
            same_article = list(group)
            empty_query = replace(same_article[0].query, question="")
            _, without_question = encode_messages(self._tokenizer, prompt.render(empty_query))
            lengths += [
                min(
                    _common_prefix_length(fitted.ids[:-1], without_question)
                    for fitted in same_article
                )
            ] * len(same_article)
        return lengths


def _common_prefix_length(first: Sequence[int], second: Sequence[int]) -> int:
    """Return how many first tokens two prompts share."""
    pairs = zip(first, second, strict=False)
    return sum(1 for _ in itertools.takewhile(lambda pair: pair[0] == pair[1], pairs))
