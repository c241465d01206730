"""Extractive question answering: encoders with a span head (BERT, RoBERTa, ELECTRA ...)."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Annotated, Any, ClassVar

import numpy as np
from pydantic import Field

from harness.errors import ModelError
from harness.models.checkpoint import Checkpoint, load_model, load_tokenizer
from harness.records import Prediction, Query, Task

_WINDOWS = 16


@dataclass
class _Best:
    """The best span over a question's windows so far, and the least score of no answer."""

    score: float = -np.inf
    start: int = 0
    end: int = 0
    null: float = np.inf


class Extractive(Checkpoint):
    """The best span of the article, or "" where having none scores better.

    The article is read in windows of `max_tokens` that overlap by `stride` tokens. A span's
    score is its start logit plus its end logit; no answer scores the first token's start plus
    its end, the least over the windows, as SQuAD 2.0's reference model (Devlin et al., 2019,
    section 4.3). With `no_answer`, a question is left unanswered when no answer's score minus
    the best span's is above `threshold`.
    """

    can: ClassVar[tuple[Task, ...]] = ("answer",)

    max_tokens: Annotated[int, Field(ge=32)] = 384
    stride: Annotated[int, Field(ge=0)] = 128
    max_answer_tokens: Annotated[int, Field(ge=1)] = 30
    no_answer: bool = True
    threshold: float = 0.0

    def identity(self, task: Task) -> Mapping[str, object]:
        """Return the checkpoint's identity and the options."""
        return {
            **super().identity(task),
            "kind": "extractive",
            "max_tokens": self.max_tokens,
            "stride": self.stride,
            "max_answer_tokens": self.max_answer_tokens,
            "no_answer": self.no_answer,
            "threshold": self.threshold,
        }

    def batch_size(self, query: Query) -> int:
        """Return how many questions, and how many windows of theirs, go together."""
        return _WINDOWS

    def load(self) -> None:
        """Read the tokenizer and the model; raise ModelError if the span head has no weights."""
        _ = self._loaded

    @cached_property
    def _loaded(self) -> tuple[Any, Any]:
        from transformers import AutoModelForQuestionAnswering

        model, info = load_model(AutoModelForQuestionAnswering, self, output_loading_info=True)
        missing = sorted(info["missing_keys"])
        if missing:
            raise ModelError(
                f"{self.weights.label}: the checkpoint has no {missing[0]}: it was not trained to "
                "extract answers, and a random head must not be scored"
            )
        return load_tokenizer(self), model

    def predict(self, queries: Sequence[Query]) -> list[Prediction]:
        """Return the best spans, each the article's own text."""
        import torch

        tokenizer, model = self._loaded
        limit = min(self.max_tokens, tokenizer.model_max_length)
        encoded = self._windows(tokenizer, queries, limit)
        best = [_Best() for _ in queries]
        with torch.inference_mode():
            for at in range(0, len(encoded["input_ids"]), _WINDOWS):
                rows = slice(at, at + _WINDOWS)
                batch = tokenizer.pad(
                    {name: encoded[name][rows] for name in tokenizer.model_input_names},
                    padding_side="right",
                    return_tensors="pt",
                ).to(model.device)
                output = model(**batch)
                starts = output.start_logits.float().cpu().numpy()
                ends = output.end_logits.float().cpu().numpy()
                for i in range(len(starts)):
                    self._best_in_window(encoded, at + i, starts[i], ends[i], best)
        return [
            self._prediction(tokenizer, query, found)
            for query, found in zip(queries, best, strict=True)
        ]

    def _windows(self, tokenizer: Any, queries: Sequence[Query], limit: int) -> Any:
        special = tokenizer.num_special_tokens_to_add(pair=True)
        questions = [(query.question or "").strip() for query in queries]
        for question in questions:
            asked = len(tokenizer(question, add_special_tokens=False)["input_ids"])
            if limit - asked - special <= self.stride:
                raise ModelError(
                    f"the question has {asked} tokens: a window of {limit} leaves too few for the "
                    f"article with a stride of {self.stride}; raise max_tokens or lower stride"
                )
        return tokenizer(
            questions,
            [query.context for query in queries],
            truncation="only_second",
            max_length=limit,
            stride=self.stride,
            return_overflowing_tokens=True,
            return_offsets_mapping=True,
            split_special_tokens=True,
        )

    def _best_in_window(
        self, encoded: Any, row: int, start: Any, end: Any, best: list[_Best]
    ) -> None:
        """Take a window's best span into its question's best; logits are one a token."""
        found = best[encoded["overflow_to_sample_mapping"][row]]
        context = np.array([part == 1 for part in encoded.sequence_ids(row)])
        offsets = encoded["offset_mapping"][row]
        size = len(context)  # padding comes after
        found.null = min(found.null, float(start[0] + end[0]))
        starts = np.where(context, start[:size], -np.inf)
        ends = np.where(context, end[:size], -np.inf)
        # Spans from i to j with i <= j < i + max_answer_tokens: a band above the diagonal.
        scores = np.where(
            np.tri(size, size, self.max_answer_tokens - 1, dtype=bool)
            & ~np.tri(size, size, -1, dtype=bool),
            starts[:, None] + ends[None, :],
            -np.inf,
        )
        first, last = np.unravel_index(int(np.argmax(scores)), scores.shape)
        if scores[first, last] > found.score:
            found.score = float(scores[first, last])
            found.start, found.end = offsets[first][0], offsets[last][1]

    def _prediction(self, tokenizer: Any, query: Query, found: _Best) -> Prediction:
        source = len(tokenizer(query.context, add_special_tokens=False, verbose=False)["input_ids"])
        raw = query.context[found.start : found.end] if np.isfinite(found.score) else ""
        silent = self.no_answer and found.null - found.score > self.threshold
        return Prediction(
            text="" if silent else raw.strip(),
            raw=raw,
            source_tokens=source,
            kept_tokens=source,
        )
