"""What slices are made of, as columns: which part each example is in, and what it scored."""

import math
from array import array
from collections.abc import Iterable
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from harness.leaderboard.prediction_lines import PredictionLine
from harness.metrics.answers.disagreement import KINDS, LENGTHS, disagreement, length_part
from harness.records import Example
from harness.report.task_group import TaskGroup
from harness.text import word_places
from harness.visible import visible_text

# Upper ends of the parts by length, in words of the source.
SOURCE_LENGTHS = (100, 200, 400, 800, 1_600, 3_200, 6_400)
MOST_PARTS = 50
CONTAINS = "contains"
EVIDENCE = ("evidence seen", "evidence cut")
CUT = ("whole", "cut")


class Labels:
    """Which part of a slice each example is in, in a byte or what `code` says; -1 for none."""

    def __init__(self, order: Iterable[str] = (), code: Literal["b", "i"] = "b") -> None:
        """Take the parts that are known, in their order."""
        self.numbers = {label: number for number, label in enumerate(order)}
        self._codes = array(code)

    def add(self, label: str | None) -> None:
        """Take the next example's part; one that is new comes after those that are known."""
        number = -1 if label is None else self.numbers.setdefault(label, len(self.numbers))
        self._codes.append(number)

    @property
    def codes(self) -> NDArray[np.signedinteger]:
        """Each example's part, (examples,)."""
        return np.frombuffer(self._codes, self._codes.typecode)


class ExampleColumns:
    """What slices have of a group's examples: which of them belong together, and where.

    The parts are the same for every model; those that only questions have are empty for summaries.
    """

    def __init__(self, group: TaskGroup) -> None:
        """Go through the examples."""
        self.kind = Labels(code="i")  # there may be any number of kinds
        self.article, self.answerable = Labels(), Labels()
        self.length = Labels(length_label(lower + 1) for lower in (0, *SOURCE_LENGTHS))
        clusters = array("q")
        for example in group.examples:
            if group.task == "answer":
                question = group.questions.get(example.id)
                self.kind.add(visible_text(question.kind) if question else None)
                self.answerable.add("answerable" if example.references else "unanswerable")
            # Where there are more articles than parts they are no slice, and have no name here.
            name = visible_text(example.cluster)
            self.article.add(name if len(self.article.numbers) <= MOST_PARTS else None)
            self.length.add(length_label(source_words(example)))
            clusters.append(hash(example.cluster))  # of one process alone
        self.clusters = _in_order(np.frombuffer(clusters, np.int64))


class ModelColumns:
    """What slices have of one model's lines: parts, and the scores that means are made of."""

    def __init__(self, group: TaskGroup, lines: Iterable[PredictionLine | None]) -> None:
        """Go through the lines; those that only answers have are empty for summaries."""
        self.primary, self.contains = array("d"), array("d")  # NaN: none
        self.failed = bytearray()
        self.disagreement, self.words = Labels(KINDS), Labels(LENGTHS)
        self.evidence = Labels(EVIDENCE)
        self.cut = Labels(CUT)
        for line in lines:
            self.primary.append(_or_nan(group.score(line)))
            self.failed.append(line is not None and line.error is not None)
            if group.task == "answer":
                self.contains.append(_or_nan(group.score(line, CONTAINS)))
                self.disagreement.add(disagreement(line.scores if line else {}))
                self.words.add(length_part(line.scores if line else {}))
            self.evidence.add(_evidence_label(line))
            self.cut.add(_cut_label(line))


def _or_nan(score: float | None) -> float:
    return math.nan if score is None else score


def _in_order(values: NDArray[np.int64]) -> NDArray[np.int64]:
    """Return numbers for values, from 0 in the order in which they first come."""
    _, first, inverse = np.unique(values, return_index=True, return_inverse=True)
    places = np.empty(len(first), np.int64)
    places[np.argsort(first)] = np.arange(len(first))
    return places[inverse]


def source_words(example: Example) -> int:
    """Return the length of an example's source, in words as people count them."""
    context = example.query.context
    return len(context.split()) if context.isascii() else len(word_places(context))


def length_label(words: int) -> str:
    """Return the name of the part that a source of so many words belongs to.

    >>> length_label(100), length_label(101), length_label(10_000)
    ('1 to 100 words', '101 to 200 words', 'more than 6,400 words')
    """
    lower = 0
    for upper in SOURCE_LENGTHS:
        if words <= upper:
            return f"{lower + 1:,} to {upper:,} words"
        lower = upper
    return f"more than {lower:,} words"


def is_cut(line: PredictionLine) -> bool:
    """Return whether a model saw less than the whole source."""
    if line.source_tokens is None or line.kept_tokens is None:
        return bool(line.dropped)
    return bool(line.dropped) or line.kept_tokens < line.source_tokens


def _evidence_label(line: PredictionLine | None) -> str | None:
    if line is None or line.evidence_seen is None:
        return None
    return "evidence seen" if line.evidence_seen else "evidence cut"


def _cut_label(line: PredictionLine | None) -> str | None:
    if line is None or line.error is not None:
        return None
    return "cut" if is_cut(line) else "whole"
