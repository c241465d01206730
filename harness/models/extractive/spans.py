"""From start and end logits to the best answers of a question over its windows.

The answer is chosen as the question-answering pipeline of transformers 4.57 did, so that models
keep the scores that they are known by: in each window a span's probability is the product of the
softmax of its start and of its end, over the article's tokens and the position that stands for no
answer; the `KEPT` most probable spans of a window grow to whole words; what has the same text,
upper and lower case aside, is added up, over windows too; the greatest sum wins.

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
KEPT = 12


@dataclass(frozen=True, slots=True)
class Spans:
    """The most probable spans of some windows: arrays of windows x spans, best first.

    `first` and `last` are positions of tokens, both within the span. A probability of 0 marks a
    place that no span filled. `best` is the greatest sum of a start and an end logit, minus
    infinity without a span, and `null` that of no answer, one a window.
    """

    first: NDArray[np.int64]
    last: NDArray[np.int64]
    probability: Floats
    best: Floats
    null: Floats


def decode(
    starts: NDArray[Any], ends: NDArray[Any], context: Mask, nulls: Any, longest: int
) -> Spans:
    """Return the spans of up to `longest` tokens of each window from its logits.

    All arrays are windows x tokens, except `nulls`, the position of no answer in each window.
    """
    rows = np.arange(len(starts))
    starts, ends = starts.astype(np.float64), ends.astype(np.float64)
    allowed = context.copy()
    allowed[rows, nulls] = True
    first = np.where(context, _softmax(starts, allowed), 0.0)
    last = np.where(context, _softmax(ends, allowed), 0.0)
    products = (first[:, :, None] * _following(last, longest, 0.0)).reshape(len(rows), -1)
    kept = min(KEPT, products.shape[1])
    top = np.argpartition(-products, kept - 1, axis=1)[:, :kept]
    top.sort(axis=1)  # of equals, the first in the article
    found = np.take_along_axis(products, top, axis=1)
    order = np.argsort(-found, axis=1, kind="stable")
    top = np.take_along_axis(top, order, axis=1)
    begin, more = np.divmod(top, min(longest, starts.shape[1]))
    sums = np.where(context, starts, -np.inf) + _following(
        np.where(context, ends, -np.inf), longest, -np.inf
    ).max(axis=2)
    return Spans(
        first=begin,
        last=begin + more,
        probability=np.take_along_axis(found, order, axis=1),
        best=sums.max(axis=1),
        null=starts[rows, nulls] + ends[rows, nulls],
    )


def _softmax(logits: Floats, allowed: Mask) -> Floats:
    masked = np.where(allowed, logits, -np.inf)
    shares = np.exp(masked - masked.max(axis=1, keepdims=True))
    total: Floats = shares / shares.sum(axis=1, keepdims=True)
    return total


def _following(values: Floats, count: int, rest: float) -> Floats:
    """Return for each token the values of itself and those after it, `count` in all.

    Windows x tokens become windows x tokens x count, with `rest` after the last token.
    """
    count = min(count, values.shape[1])
    padded = np.pad(values, ((0, 0), (0, count - 1)), constant_values=rest)
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

    `null` is the score of no answer, `best` of the best span; minus infinity without one.
    """

    found: tuple[Answer, ...]
    best: float
    null: float

    @property
    def no_answer(self) -> float:
        """By how much no answer is better than the best span, in logits."""
        return self.null - self.best


def gather(context: str, read: Sequence[tuple[Window, Spans, int]], *, words: bool) -> Answers:
    """Return a question's answers from its windows in order, each with its row of some spans.

    Without `words` spans are as the tokens have them, and a window adds its best one only.
    """
    found: dict[str, Answer] = {}
    kept = [range(spans.first.shape[1]) for _, spans, _ in read]
    places = [(at, rank) for at, ranks in enumerate(kept) for rank in ranks]
    if not words:
        places.sort(key=lambda place: place[1] > 0)
    for at, rank in places:
        window, spans, row = read[at]
        probability = float(spans.probability[row, rank])
        if probability <= 0.0:
            continue
        first, last = int(spans.first[row, rank]), int(spans.last[row, rank])
        start, end = window.characters(first, last, words=words)
        text = context[start:end].lower()
        known = found.get(text)
        if known is None:
            found[text] = Answer(start, end, at, probability, weight=probability)
            continue
        if words or rank == 0:
            known.weight += probability
        if known.window == at and (known.start, known.end) != (start, end):
            known.rival = max(known.rival, probability)
    return Answers(
        found=tuple(sorted(found.values(), key=lambda one: -one.weight)),
        best=max(float(spans.best[row]) for _, spans, row in read),
        null=min(float(spans.null[row]) for _, spans, row in read),
    )
