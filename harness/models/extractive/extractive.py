"""Extractive question answering: encoders with a span head (BERT, RoBERTa, ELECTRA ...)."""

import math
from collections.abc import Iterator, Mapping, Sequence
from functools import cached_property
from typing import Annotated, Any, ClassVar, Self

from pydantic import Field, model_validator

from harness.errors import ModelError
from harness.models.checkpoint.checkpoint import (
    Checkpoint,
    empty_model,
    load_model,
    load_tokenizer,
)
from harness.models.extractive.screening import (
    DEFAULT_MARGIN,
    decision_margin,
    has_bfloat16_units,
    logit_shift,
)
from harness.models.extractive.span_reader import SpanReader
from harness.models.extractive.spans import Answers
from harness.models.extractive.windows import Window, WindowSplitter, max_input_tokens
from harness.models.model import Estimate
from harness.records import Candidate, Prediction, Query, Task

# Questions are cut into windows as long as their articles have so many characters together.
_CHUNK_CHARS = 400_000


class Extractive(Checkpoint):
    """The best span of the article, or "" where having none scores better.

    The article is read in windows of `max_tokens`, the question included, that overlap by
    `stride` tokens. Which span is best is decided as the question-answering pipeline of
    transformers 4.57 did, and with `no_answer` a question is left unanswered as SQuAD 2.0's
    reference does: when no answer's score minus the best span's is above `threshold`, in logits
    (see `harness.models.extractive.spans`). Spans grow to whole words with `align_to_words`;
    without it, for scripts that put no spaces, they are as the tokens have them.

    A prediction's `no_answer_probability` is the logistic function of that difference,
    1 / (1 + exp(best - null)): 0.5 where the two are equal, and in the order of SQuAD 2.0's score.
    A candidate's share of the weights of all spans considered, times the probability that there
    is an answer if the kind may give none, is its score, and that of the text given is the
    prediction's `confidence`. Both are the model's own opinion; nothing has calibrated them.

    With `screen`, windows are read in bfloat16 first, and again in float32 where the decision is
    closer than `screen_margin` (see `harness.models.extractive.screening`): the answers are those
    of float32, while the probabilities of the others are bfloat16's, some hundredths off. It is the
    default for `dtype = "float32"` on `device = "cpu"` where the CPU has units for bfloat16.
    """

    can: ClassVar[tuple[Task, ...]] = ("answer",)
    revision: ClassVar[int] = 2
    one_article: ClassVar[bool] = False

    max_tokens: Annotated[int, Field(ge=32)] = 384
    """The tokens of a window, with the question and special tokens."""
    stride: Annotated[int, Field(ge=0)] = 128
    """How many tokens two windows share."""
    max_answer_tokens: Annotated[int, Field(ge=1)] = 30
    """The longest answer."""
    align_to_words: bool = True
    """Whether an answer is widened to whole words, as the pipeline of transformers 4 does."""
    no_answer: bool = True
    """Whether it may leave a question unanswered."""
    threshold: float = 0.0
    """How much better than the best span having no answer must score."""
    n_best: Annotated[int, Field(ge=1)] = 5
    """How many of the answers that were weighed are recorded."""
    screen: bool | None = None
    """Whether windows are read in bfloat16 first, and in float32 only where the answer is close;
    by default where this CPU has units for it."""
    screen_margin: Annotated[float, Field(gt=0)] = DEFAULT_MARGIN
    """How close is close: the least difference, for each logit in which two answers differ, that
    bfloat16 is trusted with."""

    @model_validator(mode="after")
    def _screens_float32(self) -> Self:
        if self.screen and not self._in_float32_on_cpu:
            raise ValueError(
                'screen: gives the answers of dtype = "float32" on device = "cpu", not quantized'
            )
        return self

    @property
    def _in_float32_on_cpu(self) -> bool:
        """Whether all is multiplied in float32 on the CPU."""
        return self.dtype == "float32" and self.device == "cpu" and self.quantization is None

    @property
    def screens(self) -> bool:
        """Whether windows are read in bfloat16 first, by the roster or on this CPU."""
        if self.screen is not None:
            return self.screen
        return self._in_float32_on_cpu and has_bfloat16_units()

    def identity(self, task: Task) -> Mapping[str, object]:
        """Return the checkpoint's identity and the options; `screen` as it is on this machine."""
        return {
            **super().identity(task),
            "kind": "extractive",
            "max_tokens": self.max_tokens,
            "stride": self.stride,
            "max_answer_tokens": self.max_answer_tokens,
            "align_to_words": self.align_to_words,
            "no_answer": self.no_answer,
            "threshold": self.threshold,
            "n_best": self.n_best,
            "screen": {"dtype": "bfloat16", "margin": self.screen_margin} if self.screens else None,
        }

    def batch_size(self, query: Query) -> int:
        """Return how many questions, of whatever articles, are read and kept together."""
        return 256

    def load(self) -> None:
        """Read the tokenizer and the model.

        Raises ModelError if weights are missing, the tokenizer gives no offsets or puts
        the question last, or the model cannot read as much as `max_tokens` says.
        """
        _ = self._loaded

    @cached_property
    def _loaded(self) -> tuple[WindowSplitter, SpanReader]:
        from transformers import AutoModelForQuestionAnswering

        model = load_model(AutoModelForQuestionAnswering, self)
        tokenizer = load_tokenizer(self)
        if tokenizer.padding_side != "right":
            raise ModelError(
                f"{self.weights.label}: the tokenizer pads on the left, for models that read the "
                "article before the question; this kind reads the question first"
            )
        reader = SpanReader(
            tokenizer,
            model,
            max_answer_tokens=self.max_answer_tokens,
            align_to_words=self.align_to_words,
            screens=self.screens,
        )
        return self._splitter(tokenizer, max_input_tokens(tokenizer, model)), reader

    @property
    def _module(self) -> Any:
        return self._loaded[1].network

    def _splitter(self, tokenizer: Any, limit: int | None) -> WindowSplitter:
        """Return what cuts articles; defaults shrink to what the model can read."""
        size, stride = self.max_tokens, self.stride
        if limit is not None and size > limit:
            if "max_tokens" in self.model_fields_set:
                raise ModelError(
                    f"{self.weights.label}: reads {limit} tokens at once, max_tokens is {size}; "
                    "lower it"
                )
            size = limit
        if "stride" not in self.model_fields_set:
            stride = min(stride, size // 2)
        return WindowSplitter(tokenizer, size, stride)

    @cached_property
    def _unloaded_splitter(self) -> WindowSplitter:
        from transformers import AutoModelForQuestionAnswering

        tokenizer, model = load_tokenizer(self), empty_model(AutoModelForQuestionAnswering, self)
        return self._splitter(tokenizer, max_input_tokens(tokenizer, model))

    def prepare_estimates(self) -> None:
        """Read the tokenizer, and the configuration."""
        _ = self._unloaded_splitter

    def estimate(self, query: Query) -> Estimate:
        """Return the tokens of all windows; it reads the whole article and writes nothing."""
        windows = self._unloaded_splitter.split(query.question or "", query.context)
        tokens = sum(map(len, windows))
        return Estimate(input_tokens=tokens, max_input_tokens=tokens, cut=False)

    def unload(self) -> None:
        """Forget the weights and the tokenizer."""
        self.__dict__.pop("_unloaded_splitter", None)
        super().unload()

    def predict(self, queries: Sequence[Query]) -> list[Prediction]:
        """Return the best spans, each the article's own text."""
        return [prediction for chunk in _chunks(queries) for prediction in self._predict(chunk)]

    def _predict(self, queries: Sequence[Query]) -> list[Prediction]:
        splitter, reader = self._loaded
        predictions: dict[int, Prediction] = {}
        windows_by_query: dict[int, list[Window]] = {}
        for at, query in enumerate(queries):
            try:
                windows_by_query[at] = splitter.split(query.question or "", query.context)
            except ModelError as error:  # the one query's own; the others of its batch go on
                predictions[at] = Prediction("", error=f"ModelError: {error}")
        answers = self._read(
            reader, {at: (queries[at].context, windows) for at, windows in windows_by_query.items()}
        )
        for at, windows in windows_by_query.items():
            predictions[at] = self._prediction(queries[at], windows, answers[at])
        return [predictions[at] for at in range(len(queries))]

    def _read(
        self, reader: SpanReader, questions: Mapping[int, tuple[str, list[Window]]]
    ) -> dict[int, Answers]:
        """Return the answers by number, in float32 where bfloat16 leaves doubt."""
        answers = dict(
            zip(
                questions, reader.read([*questions.values()], in_bfloat16=self.screens), strict=True
            )
        )
        if not self.screens:
            return answers
        threshold = self.threshold if self.no_answer else None
        doubtful = [
            at
            for at, answer in answers.items()
            if decision_margin(answer, threshold) < self.screen_margin
        ]
        reread = dict(zip(doubtful, reader.read([questions[at] for at in doubtful]), strict=True))
        if any(
            logit_shift(answers[at], exact) > 2 * self.screen_margin for at, exact in reread.items()
        ):
            # This model is rounded more coarsely than the margin supposes: trust none of it.
            rest = [at for at in questions if at not in reread]
            reread |= zip(rest, reader.read([questions[at] for at in rest]), strict=True)
        return answers | reread

    def _prediction(self, query: Query, windows: Sequence[Window], answers: Answers) -> Prediction:
        source_tokens = len(windows[0].article.ids)
        no_answer_probability = _logistic(answers.null_score_diff)
        unanswered = not answers.ranked or (
            self.no_answer and answers.null_score_diff > self.threshold
        )
        total = sum(answer.weight for answer in answers.ranked)
        answer_probability = 1.0 - no_answer_probability if self.no_answer else 1.0
        candidates = [
            Candidate(
                query.context[answer.start : answer.end],
                answer.start,
                answer.end,
                answer_probability * answer.weight / total,
            )
            for answer in answers.ranked[: self.n_best]
        ]
        raw = candidates[0].text if candidates else ""
        confidence = no_answer_probability if unanswered else candidates[0].score
        if self.no_answer or not candidates:
            candidates.append(Candidate("", 0, 0, no_answer_probability))
            candidates.sort(key=lambda candidate: -candidate.score)
        return Prediction(
            text="" if unanswered else raw.strip(),
            raw=raw,
            source_tokens=source_tokens,
            kept_tokens=source_tokens,
            span=(answers.ranked[0].start, answers.ranked[0].end) if answers.ranked else None,
            confidence=confidence,
            no_answer_probability=no_answer_probability,
            windows=len(windows),
            candidates=tuple(candidates[: self.n_best]),
        )


def _chunks(queries: Sequence[Query]) -> Iterator[Sequence[Query]]:
    """Yield the queries in order, so many at once that their windows take little memory."""
    chunk: list[Query] = []
    chars = 0
    for query in queries:
        chars += len(query.context)
        if chunk and chars > _CHUNK_CHARS:
            yield chunk
            chunk, chars = [], len(query.context)
        chunk.append(query)
    if chunk:
        yield chunk


def _logistic(difference: float) -> float:
    """Return 1 / (1 + exp(-difference)), whatever its size."""
    if difference >= 0:
        return 1.0 / (1.0 + math.exp(-difference))
    return math.exp(difference) / (1.0 + math.exp(difference))
