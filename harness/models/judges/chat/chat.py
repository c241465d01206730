"""Chat models that judge summaries and answers, in the words of prompts of ours."""

import contextlib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from functools import cached_property
from typing import Annotated, Any, ClassVar, Self

from pydantic import Field, PlainValidator, ValidationInfo, field_validator, model_validator

from harness.errors import DataError, HarnessError, ModelError
from harness.models.checkpoint.weights import Weights
from harness.models.endpoint.endpoint import Endpoint
from harness.models.generative.causal import Causal
from harness.models.judges.chat.asked import ALL_ASKED, FORMS, Asked, read_question
from harness.models.judges.chat.meaning import MEANS
from harness.models.judges.chat.preference import PAIR
from harness.models.judges.chat.rubric import ASPECTS
from harness.models.model import CostLimit, Estimate, Loaded
from harness.models.streaming import Streaming, closing, failed
from harness.models.task_prompts import RosterContext, find_prompt
from harness.prompting.postprocessing import final_text
from harness.prompting.prompts import Prompt
from harness.records import Prediction, Query, Task
from harness.requirements import Missing
from harness.validation.wording import Words


def _judge_prompt(name: object, info: ValidationInfo) -> Prompt:
    if not isinstance(name, str):
        raise ValueError('must be the name of a prompt in quotes, such as "judge-fluency"')
    if not isinstance(info.context, RosterContext):
        raise TypeError("prompts are found by their names in a roster's surroundings only")
    folders = [folder / "judges" for folder in info.context.prompt_folders]
    try:
        prompt = find_prompt(name, folders)
    except DataError as error:
        raise ValueError(str(error)) from error
    if prompt.task != "answer":
        raise ValueError(f'the prompt {name!r} must have task = "answer": {{question}} is the text')
    return prompt


_PROMPTS = {aspect: f"judge-{aspect}" for aspect in ALL_ASKED}
# How replies are read of what not every judge is asked; of grades "grades" says it.
_READ = {PAIR: "pairs", MEANS: "meanings"}

Prompts = dict[Asked, Annotated[Prompt, PlainValidator(_judge_prompt), Words("prompt name")]]


class Chat(Streaming):
    """A chat model that judges: whatever a `causal` or an `endpoint` runs.

    It grades summaries from 1 to 5, says which of two is better, or whether an answer means what a
    golden one means. It sees the texts in fences, and not who wrote them. A local model is read
    where its reply begins, by the probabilities of the replies that are asked for: a grade is the
    mean of 1 to 5 by these, and a model that would begin with anything else has given no judgment.
    A server's reply must begin with one; with `logprobs` in `endpoint` it is read by probabilities
    too. What does not fit the window is a failed judgment, not a judgment of a part.
    """

    can: ClassVar[tuple[Task, ...]] = ("answer",)
    one_article: ClassVar[bool] = True

    causal: Causal | None = None
    """A local model: the keys of the kind `causal`, in a table."""
    endpoint: Endpoint | None = None
    """A model behind a server: the keys of the kind `endpoint`, in a table."""
    aspects: Annotated[tuple[Asked, ...], Field(min_length=1)] = ASPECTS
    """What it is asked: grades of these; "pair", which of two summaries is better; "means",
    whether an answer means what a golden answer means."""
    most_pairs: Annotated[int, Field(ge=1)] | None = None
    """Of "pair": the most pairs of summaries that it is asked about, each in both orders; by
    default all. It changes no judgment, and is no part of its key."""
    prompts: Prompts = Field(default=_PROMPTS, validate_default=True)
    """The prompt of each aspect, by its file's name in `prompts/judges/`."""

    @field_validator("prompts", mode="before")
    @classmethod
    def _with_usual(cls, prompts: object) -> object:
        return {**_PROMPTS, **prompts} if isinstance(prompts, dict) else prompts

    @model_validator(mode="after")
    def _asks_one(self) -> Self:
        if (self.causal is None) == (self.endpoint is None):
            raise ValueError("needs either `causal` or `endpoint`: the model that is asked")
        if twice := [name for name in self.aspects if self.aspects.count(name) > 1]:
            raise ValueError(f"aspects: {twice[0]} is there twice; name it once")
        if self.most_pairs is not None and PAIR not in self.aspects:
            raise ValueError('most_pairs: it is asked about no pairs; add "pair" to aspects')
        return self

    @property
    def asked(self) -> Causal | Endpoint:
        """The model that is asked."""
        asked = self.causal or self.endpoint
        assert asked is not None  # noqa: S101 - one of them is there, as validated
        return asked

    @property
    def checkpoint(self) -> Weights | None:
        """Where the weights come from."""
        return self.asked.checkpoint

    @property
    def missing(self) -> Missing:
        """What the model needs that is not installed."""
        return self.asked.missing

    @property
    def network(self) -> str | None:
        """What it sends or fetches over the network."""
        return self.asked.network

    def identity(self, task: Task) -> Mapping[str, object]:
        """Return the model's identity, with the prompts of the aspects in the place of its own."""
        inner = {aspect: dict(self._with_prompt(aspect).identity(task)) for aspect in self.aspects}
        (first, *_) = inner.values()
        common = {name: first[name] for name in first if name not in ("kind", "prompt", "decoding")}
        return {
            **common,
            "kind": "chat",
            "asks": first["kind"],
            "prompts": {aspect: own["prompt"] for aspect, own in inner.items()},
            "decoding": {aspect: own["decoding"] for aspect, own in inner.items()},
            "grades": 2,
            **{_READ[aspect]: 2 for aspect in self.aspects if aspect in _READ},
        }

    def limit_cost(self, limit: CostLimit) -> None:
        """Ask no more than the limit allows."""
        self.asked.limit_cost(limit)

    def cost(self, input_tokens: float, output_tokens: float) -> float | None:
        """Return what so many tokens cost by the roster's prices."""
        return self.asked.cost(input_tokens, output_tokens)

    def prepare_estimates(self) -> None:
        """Read the tokenizer of a local model."""
        self.asked.prepare_estimates()

    def estimate(self, query: Query) -> Estimate:
        """Return the tokens of the prompt; a local model writes none."""
        aspect, inner = self._inner(query)
        estimate = self._with_prompt(aspect).estimate(inner)
        return replace(estimate, max_output_tokens=0) if self.causal else estimate

    def reading(self) -> contextlib.AbstractContextManager[None]:
        """Answer for the files of a local model."""
        return self.asked.reading()

    def load(self) -> None:
        """Load the model."""
        self.asked.load()
        if self.causal:
            _ = self._choice_tokens

    def loaded(self) -> Loaded | None:
        """Return what was loaded."""
        return self.asked.loaded()

    def unload(self) -> None:
        """Forget the model."""
        self.__dict__.pop("_choice_tokens", None)
        self.asked.unload()

    def stream(self, queries: Sequence[Query]) -> Iterator[tuple[int, Prediction]]:
        """Yield each query's place and the opinion on it, in the order in which they come."""
        by_aspect: dict[Asked, dict[int, Query]] = {}
        for place, query in enumerate(queries):
            try:
                aspect, inner = self._inner(query)
            except ModelError as error:
                yield place, failed(error)
                continue
            by_aspect.setdefault(aspect, {})[place] = inner
        for aspect, asked in by_aspect.items():
            model = self._with_prompt(aspect)
            if isinstance(model, Causal):
                for place, query in asked.items():
                    yield place, self._judged_here(model, query, aspect)
                continue
            places = list(asked)
            with closing(model.stream(list(asked.values()))) as replies:
                for at, prediction in replies:
                    yield places[at], _judged(prediction, aspect)

    def _inner(self, query: Query) -> tuple[Asked, Query]:
        """Return the aspect, and what the model is asked: the texts in fences."""
        aspect, fenced = read_question(query.question or "")
        if aspect not in self.aspects:
            raise ModelError(f"this judge is not asked about {aspect}: it is none of its aspects")
        return aspect, replace(query, question=fenced)

    def _with_prompt(self, aspect: Asked) -> Causal | Endpoint:
        """Return the model as it is asked about an aspect; what it has loaded is shared."""
        return self.asked.model_copy(update={"prompts": {"answer": self.prompts[aspect]}})

    @cached_property
    def _choice_tokens(self) -> Mapping[Asked, Mapping[str, Sequence[int]]]:
        """Return, by aspect, the tokens that each choice may begin a reply as."""
        assert self.causal is not None  # noqa: S101 - called for a local model alone
        tokenizer = self.causal.tokenizer
        by_aspect: dict[Asked, dict[str, list[int]]] = {}
        for aspect in self.aspects:
            tokens = {choice: single_tokens(tokenizer, choice) for choice in FORMS[aspect].choices}
            if not all(tokens.values()):
                (*most, last) = tokens
                raise ModelError(
                    f"{self.causal.weights.label}: its tokenizer has no token for each of "
                    f"{', '.join(most)} and {last}, so that what it says of {aspect} cannot be "
                    "read; ask it through a server, by `endpoint`"
                )
            by_aspect[aspect] = tokens
        return by_aspect

    def _judged_here(self, model: Causal, query: Query, aspect: Asked) -> Prediction:
        """Return what a local model would begin its reply with, as an opinion."""
        try:
            fitted, shares = model.next_tokens(query)
            if fitted.dropped:
                raise ModelError("what is to be judged does not fit the window")
            choices = {
                choice: float(sum(shares[token] for token in tokens))
                for choice, tokens in self._choice_tokens[aspect].items()
            }
            reply: str = model.tokenizer.decode([int(shares.argmax())])
            text = replace(FORMS[aspect].opinion(reply, choices), said=None).text()
        except HarnessError as error:
            return failed(error)
        return Prediction(
            text,
            raw=reply,
            source_tokens=fitted.source_tokens,
            kept_tokens=fitted.kept_tokens,
            prompt_tokens=len(fitted.ids),
        )


def single_tokens(tokenizer: Any, choice: str) -> list[int]:
    """Return the tokens that are a choice alone, with a capital or a space before it or without."""
    words = dict.fromkeys((choice, choice.capitalize(), choice.upper()))
    encoded = [
        tokenizer(text, add_special_tokens=False)["input_ids"]
        for word in words
        for text in (word, f" {word}")
    ]
    return sorted({ids[0] for ids in encoded if len(ids) == 1})


def _judged(prediction: Prediction, aspect: Asked) -> Prediction:
    """Return a server's reply as an opinion, or as a failure that has the reply."""
    if prediction.error is not None:
        return prediction
    shares: dict[str, float] = {}
    for candidate in prediction.candidates:
        name = candidate.text.strip()
        shares[name] = shares.get(name, 0.0) + candidate.score
    try:
        text = FORMS[aspect].opinion(final_text(prediction.raw), shares).text()
    except ModelError as error:
        return replace(prediction, text="", candidates=(), error=failed(error).error)
    return replace(prediction, text=text, candidates=())
