"""How probable it is that a reply means a golden answer, by a judge that learned it from people.

Bulian et al., "Tomayto, Tomahto. Beyond Token-level Answer Equivalence for Question Answering
Evaluation" (2022), and Risch et al., "Semantic Answer Similarity for Evaluating Question Answering
Models" (2021), score answers so.
"""

from collections.abc import Iterable, Sequence
from typing import Protocol

from harness.metrics.declaration import Declaration
from harness.records import Task
from harness.text import has_word

NAME = "equivalence"
IMPLEMENTATION = "harness-equivalence-1"

# A float32 network gives other digits behind these for the same pair beside other pairs.
_DECIMALS = 6
_AT_ONCE = 256
# So many pairs are remembered: rows of a run say the same now and then.
_KEPT = 1 << 14


class AnswerJudge(Protocol):
    """What says of pairs of a reply and a golden answer how probably the one bears out the other.

    `signature` pins it. `support` raises ModelError for a pair that it cannot read.
    """

    @property
    def signature(self) -> str:
        """What pins its numbers."""

    def support(self, pairs: Sequence[tuple[str, str]]) -> list[float]:
        """Return a probability for each pair, in order."""


class Equivalence:
    """The greatest probability over the golden answers that a reply bears one out.

    A reply without a word means no answer: it scores 1 for a question that the article does not
    answer and 0 for others, and any other reply to such a question 0, as in SQuAD 2.0. The judge is
    not asked about these, nor about golden answers without a word. It sees neither question nor
    article.
    """

    name = NAME
    tasks: tuple[Task, ...] = ("answer",)
    declaration = Declaration(role="gated")

    def __init__(self, judge: AnswerJudge) -> None:
        self._judge = judge
        self._known: dict[tuple[str, str], float] = {}

    @property
    def label(self) -> str:
        """How a message names it."""
        return NAME

    @property
    def signature(self) -> str:
        """What pins its numbers."""
        return f"{NAME}|greatest over answers|{self._judge.signature}|{IMPLEMENTATION}"

    def scores(
        self,
        predictions: Iterable[str],
        references: Iterable[Sequence[str]],
        articles: Iterable[str] | None = None,
    ) -> list[float]:
        """Return the score of each reply, whatever its article; raise ModelError as the judge."""
        del articles
        if len(self._known) > _KEPT:
            self._known.clear()
        texts, accepted = list(predictions), [list(answers) for answers in references]
        asked = [
            (text, answer)
            for text, answers in zip(texts, accepted, strict=True)
            for answer in answers
            if has_word(text) and has_word(answer)
        ]
        self._ask(list(dict.fromkeys(pair for pair in asked if pair not in self._known)))
        return [self._score(text, answers) for text, answers in zip(texts, accepted, strict=True)]

    def _score(self, text: str, answers: Sequence[str]) -> float:
        told = [answer for answer in answers if has_word(answer)]
        if not has_word(text) or not told:
            return float(has_word(text) == bool(told))
        return max(self._known[text, answer] for answer in told)

    def _ask(self, pairs: Sequence[tuple[str, str]]) -> None:
        for start in range(0, len(pairs), _AT_ONCE):
            batch = pairs[start : start + _AT_ONCE]
            support = self._judge.support(batch)
            for pair, value in zip(batch, support, strict=True):
                self._known[pair] = round(value, _DECIMALS)
