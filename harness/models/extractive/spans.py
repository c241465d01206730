"""From start and end logits to the best answers of a question over its windows.

The answer is chosen as the question-answering pipeline of transformers 4.57 did, so that models
keep the scores that they are known by: in each window a span's probability is the product of the
softmax of its start and of its end, over the article's tokens and the position that stands for no
answer; the `SPANS_PER_WINDOW` most probable spans of a window grow to whole words; what has the
same text, upper and lower case aside, is added up, over windows too; the greatest sum wins.

Whether there is an answer is decided as SQuAD 2.0's reference does (Devlin et al., 2019, section
4.3; google-research/bert, run_squad.py): the score of no answer is the sum of its start and end
logit, least over the windows, and is held against the greatest such sum of any span.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from harness.models.extractive.windows import Mask, Window

Floats = NDArray[np.float64]

# How many spans of a window count: the pipeline's 2 * top_k + 10, for its default of one answer.
SPANS_PER_WINDOW = 12


@dataclass(frozen=True, slots=True)
class Spans:
    """The most probable spans of some windows: arrays of windows x spans, best first.

    `first` and `last` are positions of tokens, both within the span. A probability of 0 marks a
    place that no span filled. `best_score` is the greatest sum of a start and an end logit, minus
    infinity without a span, and `null_score` that of no answer, one a window.
    """

    first: NDArray[np.int64]
    last: NDArray[np.int64]
    probability: Floats
    best_score: Floats
    null_score: Floats


def decode_spans(
    starts: NDArray[Any],
    ends: NDArray[Any],
    context: Mask,
    null_positions: Any,
    max_answer_tokens: int,
) -> Spans:
    """Return the spans of up to `max_answer_tokens` tokens of each window from its logits.

    All arrays are windows x tokens, except `null_positions`, the position of no answer in each
    window.
    """
    rows = np.arange(len(starts))
    starts, ends = starts.astype(np.float64), ends.astype(np.float64)
    allowed = context.copy()
    allowed[rows, null_positions] = True
    start_probabilities = np.where(context, _softmax(starts, allowed), 0.0)
    end_probabilities = np.where(context, _softmax(ends, allowed), 0.0)
    probabilities = (
        start_probabilities[:, :, None] * _following(end_probabilities, max_answer_tokens, 0.0)
    ).reshape(len(rows), -1)
    count = min(SPANS_PER_WINDOW, probabilities.shape[1])
    top = np.argpartition(-probabilities, count - 1, axis=1)[:, :count]
    top.sort(axis=1)  # of equals, the first in the article
    top_probabilities = np.take_along_axis(probabilities, top, axis=1)
    order = np.argsort(-top_probabilities, axis=1, kind="stable")
    top = np.take_along_axis(top, order, axis=1)
    begin, offset = np.divmod(top, min(max_answer_tokens, starts.shape[1]))
    sums = np.where(context, starts, -np.inf) + _following(
        np.where(context, ends, -np.inf), max_answer_tokens, -np.inf
    ).max(axis=2)
    return Spans(
        first=begin,
        last=begin + offset,
        probability=np.take_along_axis(top_probabilities, order, axis=1),
        best_score=sums.max(axis=1),
        null_score=starts[rows, null_positions] + ends[rows, null_positions],
    )


def _softmax(logits: Floats, allowed: Mask) -> Floats:
    masked = np.where(allowed, logits, -np.inf)
    exponentials = np.exp(masked - masked.max(axis=1, keepdims=True))
    probabilities: Floats = exponentials / exponentials.sum(axis=1, keepdims=True)
    return probabilities


def _following(values: Floats, count: int, fill: float) -> Floats:
    """Return for each token the values of itself and those after it, `count` in all.

    Windows x tokens become windows x tokens x count, with `fill` after the last token.
    """
    count = min(count, values.shape[1])
    padded = np.pad(values, ((0, 0), (0, count - 1)), constant_values=fill)
    return np.lib.stride_tricks.sliding_window_view(padded, count, axis=1)


@dataclass(slots=True)
class Answer:
    """A text that may be the answer: where it stands first, and the weight of all its spans.

    `probability` is of the span itself, in the window number `window`; `rival` of the next span
    there that has the same text, upper and lower case aside, but stands elsewhere.
    """

    start: int
    end: int
    window: int
    probability: float
    weight: float
    rival: float = 0.0


@dataclass(frozen=True, slots=True)
class Answers:
    """What a question's windows say: the answers by weight, and the scores of SQuAD 2.0.

    `null_score` is the score of no answer, `best_score` of the best span; minus infinity without
    one.
    """

    ranked: tuple[Answer, ...]
    best_score: float
    null_score: float

    @property
    def null_score_diff(self) -> float:
        """By how much no answer is better than the best span, in logits."""
        return self.null_score - self.best_score


def aggregate_answers(
    context: str, decoded: Sequence[tuple[Window, Spans, int]], *, align_to_words: bool
) -> Answers:
    """Return a question's answers from its windows in order, each with its row of some spans.

    Without `align_to_words` spans are as the tokens have them, and a window adds its best one
    only.
    """
    by_text: dict[str, Answer] = {}
    ranks_by_window = [range(spans.first.shape[1]) for _, spans, _ in decoded]
    places = [(at, rank) for at, ranks in enumerate(ranks_by_window) for rank in ranks]
    if not align_to_words:
        places.sort(key=lambda place: place[1] > 0)
    for at, rank in places:
        window, spans, row = decoded[at]
        probability = float(spans.probability[row, rank])
        if probability <= 0.0:
            continue
        first, last = int(spans.first[row, rank]), int(spans.last[row, rank])
        start, end = window.characters(first, last, align_to_words=align_to_words)
        text = context[start:end].lower()
        answer = by_text.get(text)
        if answer is None:
            by_text[text] = Answer(start, end, at, probability, weight=probability)
            continue
        if align_to_words or rank == 0:
            answer.weight += probability
        if answer.window == at and (answer.start, answer.end) != (start, end):
            answer.rival = max(answer.rival, probability)
    return Answers(
        ranked=tuple(sorted(by_text.values(), key=lambda answer: -answer.weight)),
        best_score=max(float(spans.best_score[row]) for _, spans, row in decoded),
        null_score=min(float(spans.null_score[row]) for _, spans, row in decoded),
    )
