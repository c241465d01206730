"""Spans and answers against the formulas of the question-answering pipeline, in plain loops."""

import math

import numpy as np
import pytest

from harness.models.extractive.spans import (
    SPANS_PER_WINDOW,
    Answer,
    Answers,
    Spans,
    aggregate_answers,
    decode_spans,
)
from harness.models.extractive.windows import Article, Tokens, Window


def _by_hand(
    start: list[float], end: list[float], context: list[bool], null: int, longest: int
) -> tuple[list[tuple[float, int, int]], float]:
    """A window's spans by probability, and its greatest sum of logits.

    transformers 4.57, pipelines/question_answering.py: `select_starts_ends` and `decode_spans`.
    """
    inside = [i for i, one in enumerate(context) if one]
    allowed = [*inside, null]
    starts = {i: math.exp(start[i]) / sum(math.exp(start[k]) for k in allowed) for i in allowed}
    ends = {i: math.exp(end[i]) / sum(math.exp(end[k]) for k in allowed) for i in allowed}
    pairs = [(i, j) for i in inside for j in inside if i <= j < i + longest]
    spans = sorted(((starts[i] * ends[j], i, j) for i, j in pairs), key=lambda s: -s[0])
    return spans, max((start[i] + end[j] for i, j in pairs), default=-math.inf)


@pytest.mark.parametrize("longest", [1, 3, 8, 50])
@pytest.mark.parametrize("size", [3, 12, 40])
def test_spans_are_those_of_plain_loops(size: int, longest: int) -> None:
    rng = np.random.default_rng(0)
    starts, ends = rng.normal(0, 3, (2, 6, size)).astype(np.float32)
    context = np.arange(size) >= rng.integers(1, 4, (6, 1))
    context[:, -1] = False  # the last separator
    context[0] = False  # a window of an empty article
    nulls = np.array([0, 0, 0, 0, size - 1, size - 1])
    spans = decode_spans(starts, ends, context, nulls, longest)
    for row in range(6):
        at = int(nulls[row])
        expected, best = _by_hand(
            starts[row].tolist(), ends[row].tolist(), context[row].tolist(), at, longest
        )
        found = list(zip(spans.probability[row], spans.first[row], spans.last[row], strict=True))
        assert [(i, j) for p, i, j in found if p > 0] == [
            (i, j) for _, i, j in expected[:SPANS_PER_WINDOW]
        ]
        assert spans.probability[row][: len(expected)] == pytest.approx(
            [p for p, _, _ in expected[:SPANS_PER_WINDOW]]
        )
        assert spans.best_score[row] == pytest.approx(best)
        assert spans.null_score[row] == pytest.approx(float(starts[row, at] + ends[row, at]))


def test_of_equal_spans_the_first_comes_first() -> None:
    flat = np.zeros((1, 6), dtype=np.float32)
    context = np.array([[False, True, True, True, True, True]])
    spans = decode_spans(flat, flat, context, np.array([0]), 2)
    assert list(zip(spans.first[0], spans.last[0], strict=True))[:4] == [
        (1, 1),
        (1, 2),
        (2, 2),
        (2, 3),
    ]


def test_padding_and_company_change_no_bit() -> None:
    starts, ends = np.random.default_rng(0).normal(0, 3, (2, 4, 30)).astype(np.float32)
    context = np.ones((4, 30), dtype=bool)
    context[:, 0] = False
    context[2, 20:] = False
    together = decode_spans(starts, ends, context, np.zeros(4, dtype=int), 5)
    alone = decode_spans(starts[2:3, :21], ends[2:3, :21], context[2:3, :21], np.array([0]), 5)
    for name in ("first", "last", "probability", "best_score", "null_score"):
        assert getattr(together, name)[2].tolist() == pytest.approx(
            getattr(alone, name)[0].tolist(), abs=1e-15
        )


def _window(text: str) -> Window:
    """A window on a text whose tokens are its letters, after one token of a question."""
    places = [at for at, letter in enumerate(text) if letter != " "]
    word = [text[:at].count(" ") for at in places]
    article = Article(
        ids=np.ones(len(places), dtype=np.int64),
        starts=np.array(places),
        ends=np.array(places) + 1,
        firsts=np.array([word.index(one) for one in word]),
        lasts=np.array([len(word) - 1 - word[::-1].index(one) for one in word]),
    )
    ends = [Tokens(np.zeros(n, dtype=np.int64), np.zeros(n, dtype=np.int64)) for n in (1, 0)]
    return Window(ends[0], article, 0, len(places), ends[1], 1, 0)


def _gather(text: str, spans: list[list[tuple[int, int, float]]], words: bool) -> Answers:
    """Gather windows that all hold the whole text, with spans as letters of it without spaces."""
    window = _window(text)
    width = max(map(len, spans))
    first, last = np.zeros((2, len(spans), width), dtype=int)
    probability = np.zeros((len(spans), width))
    for row, several in enumerate(spans):
        for rank, (i, j, p) in enumerate(several):
            first[row, rank], last[row, rank], probability[row, rank] = i + 1, j + 1, p
    scores = np.arange(len(spans), dtype=np.float64)
    made = Spans(first, last, probability, scores - 1, scores + 2)
    return aggregate_answers(
        text, [(window, made, row) for row in range(len(spans))], align_to_words=words
    )


TEXT = "Ann met ann in Rome"  # letters:  012 345 678 9… 11-14


def _texts(answers: Answers) -> list[tuple[str, float]]:
    return [(TEXT[one.start : one.end], round(one.weight, 6)) for one in answers.ranked]


def test_spans_grow_to_words_and_those_of_one_text_add_up() -> None:
    # "Ann" gets 0.2 of its own letters and 0.15 of the lower "ann", and beats 0.3.
    answers = _gather(TEXT, [[(11, 13, 0.3), (0, 0, 0.2), (7, 8, 0.15)]], words=True)
    assert _texts(answers) == [("Ann", 0.35), ("Rome", 0.3)]
    assert answers.ranked[0] == Answer(0, 3, 0, 0.2, weight=0.35, rival=0.15)


def test_windows_add_up_and_the_first_names_the_place() -> None:
    answers = _gather(TEXT, [[(6, 8, 0.2)], [(0, 2, 0.3), (3, 5, 0.45)]], words=True)
    assert _texts(answers) == [("ann", 0.5), ("met", 0.45)]
    assert answers.ranked[0].start == 8


def test_without_words_only_the_best_of_a_window_adds() -> None:
    answers = _gather(TEXT, [[(0, 0, 0.4), (6, 6, 0.3)], [(1, 2, 0.5), (0, 0, 0.2)]], words=False)
    assert _texts(answers) == [("nn", 0.5), ("A", 0.4)]


def test_no_answer_is_the_least_of_the_windows_against_the_best_span() -> None:
    answers = _gather(TEXT, [[(0, 0, 0.4)], [(0, 0, 0.4)]], words=True)
    assert (answers.null_score, answers.best_score, answers.null_score_diff) == (2.0, 0.0, 2.0)
