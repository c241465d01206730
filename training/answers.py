"""Replies with a golden answer and how probably they mean the same, to learn equivalence from.

Replies that people judged come from JSON lines as `harness agreement` reads them. Of questions laid
out as SQuAD, two annotators' answers mean the same where one has the other's words; an answer to
another question on the paragraph does not, if it shares no word.
"""

import random
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from harness.agreement.judgments.reading import read_sets
from harness.metrics.answers.contains import contains
from harness.metrics.answers.number import number_tokens
from harness.metrics.answers.squad import token_f1
from training.questions import Question

# Annotators choose other spans for one question and now and then other answers.
SAME = 0.9
_LEAST_F1 = 0.6
_QUESTIONS_SHARE, _SAME_SHARE = 0.6, 0.6
_ARTICLES = ("a", "an", "the")
# A question is known by its text; the few that have none by their names.
_BY_QUESTION = ("question_id=question", "question_id=question_id")
_DIGIT = re.compile(r"\d")


@dataclass(frozen=True)
class AnswerPair:
    """A reply, a golden answer, and the probability that they mean the same; `source` is a set."""

    reply: str
    answer: str
    same: float
    source: str


def plain_question(text: str) -> str:
    """Return a question's letters and digits in lower case, by which it is known in other sets.

    >>> plain_question("Who wrote 'Emma'?")
    'who wrote emma'
    """
    return " ".join(re.findall(r"[a-z0-9]+", text.lower()))


def asked_questions(files: Sequence[Path]) -> frozenset[str]:
    """Return what is asked in sets of judged replies, to be left out of a training."""
    return frozenset(
        plain_question(judgment.article_id)
        for judged in read_sets(files, _BY_QUESTION, "answer")
        for judgment in judged.judgments
    )


def judged_pairs(
    files: Sequence[Path], aspect: str, left_out: frozenset[str]
) -> Iterator[AnswerPair]:
    """Yield each judged reply once, with the golden answer that is most like it.

    `aspect` is people's score, from 0 to 1. Lines that the set calls unfit are left out, and
    questions that are `left_out`.
    """
    for judged in read_sets(files, _BY_QUESTION, "answer"):
        seen = set()
        for judgment in judged.judgments:
            score = judgment.scores.get(aspect)
            key = judgment.article_id, judgment.text
            if score is None or key in seen or plain_question(judgment.article_id) in left_out:
                continue
            seen.add(key)
            if judgment.text.strip() and (answers := [a for a in judgment.references if a.strip()]):
                answer = max(answers, key=lambda answer: _likeness(judgment.text, answer))
                yield AnswerPair(judgment.text, answer, score, judged.name)


def annotated_pairs(
    questions: Sequence[Question], left_out: frozenset[str], rng: random.Random
) -> Iterator[AnswerPair]:
    """Yield pairs of answers of questions laid out as SQuAD: of one question, or of two."""
    texts = [_answer_texts(question) for question in questions]
    of_context: dict[str, list[list[str]]] = {}
    for question, answers in zip(questions, texts, strict=True):
        of_context.setdefault(question.context, []).append(answers)
    for question, answers in zip(questions, texts, strict=True):
        if plain_question(question.text) in left_out or rng.random() > _QUESTIONS_SHARE:
            continue
        if len(answers) > 1 and rng.random() < _SAME_SHARE:
            reply, answer = rng.sample(answers, 2)
            has_other = contains(reply, answer) or contains(answer, reply)
            if has_other or _f1(reply, answer) >= _LEAST_F1:
                yield AnswerPair(reply, answer, SAME, "annotators")
            continue
        answer = rng.choice(answers)
        others = [
            other
            for others in of_context[question.context]
            for other in others
            if bool(_DIGIT.search(other)) == bool(_DIGIT.search(answer))
            and not any(_f1(other, own) for own in answers)
        ]
        if others:
            yield AnswerPair(rng.choice(others), answer, 0.0, "annotators")


def balanced_weights(pairs: Sequence[AnswerPair]) -> np.ndarray[tuple[int], np.dtype[np.float32]]:
    """Return each pair's weight, by which its source has as many that mean the same as not."""
    weights = np.ones(len(pairs), dtype=np.float32)
    sources = np.array([pair.source for pair in pairs])
    same = np.array([pair.same for pair in pairs], dtype=np.float32)
    for source in set(sources.tolist()):
        own = sources == source
        share = same[own].mean()
        if 0 < share < 1:
            weights[own] = same[own] / (2 * share) + (1 - same[own]) / (2 * (1 - share))
    return weights


def _answer_texts(question: Question) -> list[str]:
    return list(dict.fromkeys(question.context[start:end] for start, end in question.answers))


def _likeness(reply: str, answer: str) -> tuple[bool, float]:
    return contains(reply, answer), _f1(reply, answer)


def _f1(one: str, other: str) -> float:
    return token_f1(_tokens(one), _tokens(other))


def _tokens(text: str) -> list[str]:
    return [token for token in number_tokens(text, "en") if token not in _ARTICLES]
