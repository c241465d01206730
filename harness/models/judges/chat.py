"""Chat models that grade summaries, in the words of prompts of ours."""

import contextlib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from functools import cached_property
from typing import Annotated, ClassVar, Self

from pydantic import Field, PlainValidator, ValidationInfo, model_validator

from harness.errors import DataError, HarnessError, ModelError
from harness.models.checkpoint.weights import Weights
from harness.models.endpoint.endpoint import Endpoint
from harness.models.generative.causal import Causal
from harness.models.judges.rubric import (
    ASPECTS,
    GRADES,
    Aspect,
    fenced,
    grade_of_reply,
    read_rubric_question,
)
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


Prompts = dict[Aspect, Annotated[Prompt, PlainValidator(_judge_prompt), Words("prompt name")]]


class Chat(Streaming):
    """A chat model that grades summaries from 1 to 5: whatever a `causal` or an `endpoint` runs.

    It sees the article and the summary, fenced as texts, and not who wrote it. A local model is
    read where its reply begins: the grade is the mean of 1 to 5 by their probabilities, and a
    model that would begin with anything else has given no grade. A server's reply must begin with
    a grade; with `logprobs` in `endpoint` the grade is such a mean too. What does not fit the
    window is a failed judgment, not a judgment of a part.
    """

    can: ClassVar[tuple[Task, ...]] = ("answer",)
    one_article: ClassVar[bool] = True

    causal: Causal | None = None
    """A local model: the keys of the kind `causal`, in a table."""
    endpoint: Endpoint | None = None
    """A model behind a server: the keys of the kind `endpoint`, in a table."""
    aspects: Annotated[tuple[Aspect, ...], Field(min_length=1)] = ASPECTS
    """What is graded."""
    prompts: Prompts = Field(
        default={aspect: f"judge-{aspect}" for aspect in ASPECTS}, validate_default=True
    )
    """The prompt of each aspect, by its file's name in `prompts/judges/`."""

    @model_validator(mode="after")
    def _asks_one(self) -> Self:
        if (self.causal is None) == (self.endpoint is None):
            raise ValueError("needs either `causal` or `endpoint`: the model that is asked")
        if lacking := [aspect for aspect in self.aspects if aspect not in self.prompts]:
            raise ValueError(f"prompts: has none for {', '.join(lacking)}")
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
            "grades": 1,
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
            _ = self._grade_tokens

    def loaded(self) -> Loaded | None:
        """Return what was loaded."""
        return self.asked.loaded()

    def unload(self) -> None:
        """Forget the model."""
        self.__dict__.pop("_grade_tokens", None)
        self.asked.unload()

    def stream(self, queries: Sequence[Query]) -> Iterator[tuple[int, Prediction]]:
        """Yield each query's place and the opinion on it, in the order in which they come."""
        by_aspect: dict[Aspect, dict[int, Query]] = {}
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
                    yield place, self._graded_here(model, query)
                continue
            places = list(asked)
            with closing(model.stream(list(asked.values()))) as replies:
                for at, prediction in replies:
                    yield places[at], _graded(prediction)

    def _inner(self, query: Query) -> tuple[Aspect, Query]:
        """Return the aspect, and what the model is asked: the text in fences."""
        aspect, text = read_rubric_question(query.question or "")
        if aspect not in self.aspects:
            raise ModelError(f"this judge does not grade {aspect}")
        return aspect, replace(query, question=fenced(text))

    def _with_prompt(self, aspect: Aspect) -> Causal | Endpoint:
        """Return the model as it is asked about an aspect; what it has loaded is shared."""
        return self.asked.model_copy(update={"prompts": {"answer": self.prompts[aspect]}})

    @cached_property
    def _grade_tokens(self) -> dict[str, list[int]]:
        """Return the tokens that each grade may begin a reply as."""
        assert self.causal is not None  # noqa: S101 - called for a local model alone
        tokenizer = self.causal.tokenizer
        tokens: dict[str, list[int]] = {}
        for grade in GRADES:
            encoded = [
                tokenizer(text, add_special_tokens=False)["input_ids"]
                for text in (grade, f" {grade}")
            ]
            alone = {ids[0] for ids in encoded if len(ids) == 1}
            tokens[grade] = sorted(alone)
        if not all(tokens.values()):
            raise ModelError(
                f"{self.causal.weights.label}: its tokenizer has no token for each of 1 to 5, so "
                "that its grades cannot be read; ask it through a server, by `endpoint`"
            )
        return tokens

    def _graded_here(self, model: Causal, query: Query) -> Prediction:
        """Return what a local model would begin its reply with, as an opinion."""
        try:
            fitted, shares = model.next_tokens(query)
            if fitted.dropped:
                raise ModelError("the article and the summary do not fit the window together")
            grades = {
                grade: float(sum(shares[token] for token in tokens))
                for grade, tokens in self._grade_tokens.items()
            }
            reply: str = model.tokenizer.decode([int(shares.argmax())])
            opinion = grade_of_reply(reply, grades)
        except HarnessError as error:
            return failed(error)
        return Prediction(
            replace(opinion, said=None).text(),
            raw=reply,
            source_tokens=fitted.source_tokens,
            kept_tokens=fitted.kept_tokens,
            prompt_tokens=len(fitted.ids),
        )


def _graded(prediction: Prediction) -> Prediction:
    """Return a server's reply as an opinion, or as a failure that has the reply."""
    if prediction.error is not None:
        return prediction
    shares: dict[str, float] = {}
    for candidate in prediction.candidates:
        name = candidate.text.strip()
        shares[name] = shares.get(name, 0.0) + candidate.score
    try:
        opinion = grade_of_reply(final_text(prediction.raw), shares)
    except ModelError as error:
        return replace(prediction, text="", candidates=(), error=failed(error).error)
    return replace(prediction, text=opinion.text(), candidates=())
