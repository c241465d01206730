"""Decoder-only language models, prompted: chat models by their template, others plainly."""

import datetime
import itertools
from collections.abc import Mapping, Sequence
from dataclasses import replace
from functools import cached_property, partial
from typing import Annotated, Any, ClassVar

from pydantic import Field

from harness.errors import ModelError
from harness.files import sha256
from harness.models.checkpoint import BATCH_TOKENS, Checkpoint, load_model, load_tokenizer
from harness.models.decoding import Decoder, Reply
from harness.models.fitting import Fitted, fit
from harness.models.prompted import DEFAULT_PROMPTS, Prompts
from harness.prompts import Message, Prompt
from harness.records import Prediction, Query, Task

# Chat templates may print today's date; then every day has another prompt. A macro in front of
# the template takes the place of its clock.
FROZEN_DATE = datetime.date(2026, 1, 1)
_CLOCK = (
    "{%- macro strftime_now(format) -%}{{ format"
    + "".join(
        f".replace('{code}', '{FROZEN_DATE.strftime(code)}')"
        for code in ("%Y", "%y", "%m", "%d", "%B", "%b", "%A", "%a", "%j", "%H", "%M", "%S")
    )
    + " }}{%- endmacro -%}"
)


class Causal(Checkpoint):
    """A decoder-only model, greedy, in the words of a prompt.

    A prompt longer than the window loses the end of its article. Queries on one article share
    their prompt's beginning; its key-value cache is computed once.
    """

    can: ClassVar[tuple[Task, ...]] = ("summarize", "answer")

    prompts: Prompts = Field(default=DEFAULT_PROMPTS, validate_default=True)
    window: Annotated[int, Field(ge=64)] | None = None
    batch_tokens: Annotated[int, Field(ge=1)] = BATCH_TOKENS

    def identity(self, task: Task) -> Mapping[str, object]:
        """Return the checkpoint's identity, the prompt and the decoding."""
        return {
            **super().identity(task),
            **self._batching(self.batch_tokens),
            "kind": "causal",
            "prompt": self.prompts[task].sha256,
            "date": FROZEN_DATE.isoformat(),
            "window": self.window,
            "decoding": "greedy",
            "truncation": "keep the article's start",
        }

    @property
    def tasks(self) -> tuple[Task, ...]:
        """The tasks that it has a prompt for."""
        return tuple(task for task in self.can if task in self.prompts)

    def batch_size(self, query: Query) -> int:
        """Return how many to give at once; how many are decoded together is `batch_tokens`'."""
        return 8 if query.task == "summarize" else 64

    def load(self) -> None:
        """Read the tokenizer and the model."""
        _ = self._loaded

    @cached_property
    def _loaded(self) -> tuple[Any, Any]:
        from transformers import AutoModelForCausalLM

        tokenizer = load_tokenizer(self)
        if tokenizer.pad_token_id is None:
            tokenizer.pad_token_id = tokenizer.eos_token_id
        return tokenizer, load_model(AutoModelForCausalLM, self)

    @cached_property
    def _decoder(self) -> Decoder:
        tokenizer, model = self._loaded
        return Decoder(model, tokenizer.pad_token_id, self.batch_tokens)

    def unload(self) -> None:
        """Forget the weights and the prefix."""
        self.__dict__.pop("_decoder", None)
        super().unload()

    def predict(self, queries: Sequence[Query]) -> list[Prediction]:
        """Return the model's replies, greedy; the same whatever shares the batch (float32)."""
        predictions: list[Prediction] = []
        for task, group in itertools.groupby(queries, key=lambda query: query.task):
            prompt = self.prompts[task]
            rendered = [self._render(prompt, query) for query in group]
            shared = self._shared(prompt, rendered) if task == "answer" else None
            ids = [one.ids for one in rendered]
            replies = self._decoder.replies(ids, prompt.max_new_tokens, shared)
            predictions += map(partial(self._prediction, prompt), rendered, replies)
        return predictions

    def _prediction(self, prompt: Prompt, rendered: Fitted, reply: Reply) -> Prediction:
        tokenizer, _ = self._loaded
        raw = tokenizer.decode(reply.tokens, skip_special_tokens=True)
        return Prediction(
            text=prompt.answer(raw),
            raw=raw,
            rendered_sha256=sha256(rendered.text),
            source_tokens=rendered.source_tokens,
            kept_tokens=rendered.kept_tokens,
            output_tokens=len(reply.tokens),
            kept_chars=rendered.kept_chars,
            batch=reply.together,
        )

    def _render(self, prompt: Prompt, query: Query) -> Fitted:
        tokenizer, model = self._loaded
        room = _window(self.window, model) - prompt.max_new_tokens
        return fit(tokenizer, query, lambda q: _tokens(tokenizer, prompt.render(q)), room)

    def _shared(self, prompt: Prompt, rendered: Sequence[Fitted]) -> list[int]:
        """Return how many first tokens each prompt shares with all questions on its article.

        Found with an empty question, so that it does not depend on which questions came.
        """
        tokenizer, _ = self._loaded
        cuts: list[int] = []
        for _, group in itertools.groupby(rendered, key=lambda one: one.query.context):
            asked = list(group)
            _, unasked = _tokens(tokenizer, prompt.render(replace(asked[0].query, question="")))
            cuts += [min(_alike(one.ids[:-1], unasked) for one in asked)] * len(asked)
        return cuts


def _alike(one: Sequence[int], other: Sequence[int]) -> int:
    """Return how many first tokens two prompts share."""
    pairs = zip(one, other, strict=False)
    return sum(1 for _ in itertools.takewhile(lambda pair: pair[0] == pair[1], pairs))


def _window(wanted: int | None, model: Any) -> int:
    """Return how many tokens the model can read and write together."""
    limit: int | None = getattr(model.config, "max_position_embeddings", None)
    sizes = [size for size in (wanted, limit) if size]
    if not sizes:
        raise ModelError("the checkpoint names no window; give `window` in the roster")
    return min(sizes)


def _tokens(tokenizer: Any, messages: list[Message]) -> tuple[str, list[int]]:
    """Return the prompt's text and tokens; what an article says never becomes a control token."""
    if tokenizer.chat_template:
        options = {"chat_template": _CLOCK + tokenizer.chat_template, "add_generation_prompt": True}
        text: str = tokenizer.apply_chat_template(messages, tokenize=False, **options)
        ids: list[int] = tokenizer.apply_chat_template(
            messages,
            tokenize=True,
            return_dict=False,
            sanitize_control_tokens=True,
            **options,
        )
        return text, ids
    text = "\n\n".join(message["content"] for message in messages) + "\n\n"
    return text, tokenizer(text, split_special_tokens=True, verbose=False)["input_ids"]
