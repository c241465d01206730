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
from harness.models.checkpoint import Checkpoint, load_model, load_tokenizer
from harness.models.decoding import Decoder
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


# A key-value cache grows with the rows of a batch times their tokens, and is copied at each step:
# rows together gain until it is some hundred megabytes (measured: 8 rows of 5,000 characters take
# half as long as one by one, 3 rows of 18,000 more than twice as long).
_MOST_CHARS = 35_000


class Causal(Checkpoint):
    """A decoder-only model, greedy, in the words of a prompt.

    A prompt longer than the window loses the end of its article. Queries on one article share
    their prompt's beginning; its key-value cache is computed once.
    """

    can: ClassVar[tuple[Task, ...]] = ("summarize", "answer")

    prompts: Prompts = Field(default=DEFAULT_PROMPTS, validate_default=True)
    window: Annotated[int, Field(ge=64)] | None = None

    def identity(self, task: Task) -> Mapping[str, object]:
        """Return the checkpoint's identity, the prompt and the decoding."""
        return {
            **super().identity(task),
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
        """Return 1 for summaries: articles of unequal length gain nothing from company."""
        if query.task == "summarize":
            return 1
        return max(1, min(8, _MOST_CHARS // max(1, len(query.context))))

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
        return Decoder(model, tokenizer.pad_token_id)

    def unload(self) -> None:
        """Forget the weights and the prefix."""
        self.__dict__.pop("_decoder", None)
        super().unload()

    def predict(self, queries: Sequence[Query]) -> list[Prediction]:
        """Return the model's replies, greedy; the same whatever shares the batch (float32)."""
        predictions: list[Prediction] = []
        for (task, _), group in itertools.groupby(queries, key=lambda q: (q.task, q.context)):
            prompt = self.prompts[task]
            rendered = [self._render(prompt, query) for query in group]
            limit = prompt.max_new_tokens
            if task == "answer":
                prefix = self._prefix(prompt, rendered)
                replies = self._decoder.replies([one.ids for one in rendered], limit, prefix)
            else:  # articles share no beginning worth keeping
                replies = [r for one in rendered for r in self._decoder.replies([one.ids], limit)]
            predictions += map(partial(self._prediction, prompt), rendered, replies)
        return predictions

    def _prediction(self, prompt: Prompt, rendered: Fitted, reply: list[int]) -> Prediction:
        tokenizer, _ = self._loaded
        raw = tokenizer.decode(reply, skip_special_tokens=True)
        return Prediction(
            text=prompt.answer(raw),
            raw=raw,
            rendered_sha256=sha256(rendered.text),
            source_tokens=rendered.source_tokens,
            kept_tokens=rendered.kept_tokens,
            output_tokens=len(reply),
            kept_chars=rendered.kept_chars,
        )

    def _render(self, prompt: Prompt, query: Query) -> Fitted:
        tokenizer, model = self._loaded
        room = _window(self.window, model) - prompt.max_new_tokens
        return fit(tokenizer, query, lambda q: _tokens(tokenizer, prompt.render(q)), room)

    def _prefix(self, prompt: Prompt, rendered: Sequence[Fitted]) -> tuple[int, ...]:
        """Return the tokens with which the prompts of all questions on this article begin.

        Found with an empty question, so that it does not depend on which questions came.
        """
        tokenizer, _ = self._loaded
        _, unasked = _tokens(tokenizer, prompt.render(replace(rendered[0].query, question="")))
        shortest = min(len(one.ids) for one in rendered)
        shared = 0
        while shared < min(shortest - 1, len(unasked)) and all(
            one.ids[shared] == unasked[shared] for one in rendered
        ):
            shared += 1
        return tuple(unasked[:shared])


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
