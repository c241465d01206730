"""Data sets laid out as SQuAD to questions with all their answers, and negatives made from them.

A negative is a question with a text that does not answer it. There are three kinds: the
question's own paragraph without the sentences that hold the answer, the most similar other
paragraph, and any other paragraph.
"""

import hashlib
import random
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np
from scipy.sparse import csr_matrix, diags

from harness.suite.data_set.columns import Columns
from harness.suite.data_set.items import read_items
from harness.suite.data_set.reading.bad_rows import BadRows
from harness.suite.data_set.source import read_source
from harness.text import sentences, words


@dataclass(frozen=True)
class Question:
    """A question on a text. `answers` has the votes for each (start, end), in characters.

    No answers: the text does not say.
    """

    id: str
    text: str
    context: str
    answers: Mapping[tuple[int, int], int]


def read_questions(names: Sequence[str]) -> list[Question]:
    """Return the questions of data sets, in order, named as `harness eval --suite squad:...` does.

    An answer whose text does not stand at its place in the paragraph is left out, and so is a
    question that has no other. Raises DataError for what is no such data set.
    """
    questions = []
    for name in names:
        source = read_source(name)
        for item in read_items(source, Columns(source.label, {}), BadRows()):
            if item.question is None:
                continue
            answers = Counter(
                (start, start + len(text))
                for text, start in zip(item.answers, item.starts, strict=True)
                if text and start >= 0 and item.text.startswith(text, start)
            )
            if answers:
                identifier = item.id or str(item.number)
                questions.append(Question(identifier, item.question.strip(), item.text, answers))
    return questions


def as_squad(questions: Sequence[Question]) -> dict[str, object]:
    """Return questions as SQuAD JSON, an answer once for each vote."""
    paragraphs = [
        {
            "context": question.context,
            "qas": [
                {
                    "id": question.id,
                    "question": question.text,
                    "answers": [
                        {"text": question.context[start:end], "answer_start": start}
                        for (start, end), votes in question.answers.items()
                        for _ in range(votes)
                    ],
                }
            ],
        }
        for question in questions
    ]
    return {"version": "1.1", "data": [{"title": "held out", "paragraphs": paragraphs}]}


def is_held_out(question: Question, share: float) -> bool:
    """Tell whether a question is kept from training: all of a paragraph's, by its hash."""
    digest = hashlib.sha256(question.context.encode()).digest()
    return int.from_bytes(digest[:4], "big") < share * 2**32


class Paragraphs:
    """The paragraphs of the questions, and how alike they are (TF-IDF, cosine)."""

    def __init__(self, questions: Sequence[Question]) -> None:
        self.texts = list(dict.fromkeys(question.context for question in questions))
        self.index = {text: i for i, text in enumerate(self.texts)}

    @cached_property
    def neighbours(self) -> np.ndarray[tuple[int, int], np.dtype[np.int64]]:
        """Each paragraph's 20 most similar others, most similar first: one row a paragraph."""
        vocabulary: dict[str, int] = {}
        rows, columns = [], []
        for row, text in enumerate(self.texts):
            for word in words(text.lower()):
                rows.append(row)
                columns.append(vocabulary.setdefault(word, len(vocabulary)))
        counts = csr_matrix(
            (np.ones(len(rows)), (rows, columns)), shape=(len(self.texts), len(vocabulary))
        )
        seen_in = np.asarray((counts > 0).sum(axis=0)).ravel()
        weighted = counts @ diags(np.log(len(self.texts) / seen_in))
        norms = np.sqrt(np.asarray(weighted.multiply(weighted).sum(axis=1)).ravel())
        unit = diags(1 / np.maximum(norms, 1e-9)) @ weighted
        count = min(20, len(self.texts) - 1)
        nearest = np.empty((len(self.texts), count), dtype=np.int64)
        for start in range(0, len(self.texts), 500):
            similarities = (unit[start : start + 500] @ unit.T).toarray()
            similarities[
                np.arange(len(similarities)), np.arange(start, start + len(similarities))
            ] = -1
            nearest[start : start + 500] = np.argsort(-similarities, axis=1)[:, :count]
        return nearest


def without_answer(question: Question) -> Question | None:
    """Return the question on its paragraph less every sentence that an answer touches.

    `None` where nothing is left, or an answer's words still stand there.
    """
    kept_sentences = [
        sentence.text
        for sentence in sentences(question.context)
        if not any(
            sentence.start < last and first < sentence.end for first, last in question.answers
        )
    ]
    context = " ".join(kept_sentences)
    return _as_unanswered(question, context) if kept_sentences else None


def _as_unanswered(question: Question, context: str) -> Question | None:
    lowered = context.lower()
    if any(question.context[start:end].lower() in lowered for start, end in question.answers):
        return None
    return replace(question, context=context, answers={})


def negatives(
    questions: Sequence[Question], paragraphs: Paragraphs, share: float, rng: random.Random
) -> Iterator[Question]:
    """Yield about `share` as many negatives as there are questions, a third of each kind."""
    for question in rng.sample(questions, round(share * len(questions))):
        kind = rng.randrange(3)
        if kind == 0:
            negative = without_answer(question)
        elif kind == 1:
            neighbours = paragraphs.neighbours[paragraphs.index[question.context]]
            negative = _as_unanswered(question, paragraphs.texts[rng.choice(neighbours.tolist())])
        else:
            other = rng.choice(paragraphs.texts)
            negative = None if other == question.context else _as_unanswered(question, other)
        if negative is not None:
            yield negative


def join_neighbour(question: Question, paragraphs: Paragraphs, rng: random.Random) -> Question:
    """Return the question on its paragraph with another like it before or after.

    Articles are longer than these paragraphs; a model should have seen long texts too.
    """
    neighbours = paragraphs.neighbours[paragraphs.index[question.context]]
    other = paragraphs.texts[rng.choice(neighbours.tolist())]
    if rng.random() < 0.5:
        return replace(question, context=f"{question.context}\n\n{other}")
    shift = len(other) + 2
    answers = {(start + shift, end + shift): n for (start, end), n in question.answers.items()}
    return replace(question, context=f"{other}\n\n{question.context}", answers=answers)
