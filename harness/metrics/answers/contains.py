"""Whether an acceptable answer stands in the reply, and how much of one: for replies in sentences.

Exact match and F1 fall with every word that a reply has more than the answer; these do not. So
they reward length: a reply that is long enough contains everything. Read them beside the length.
"""

import re
from collections.abc import Callable, Mapping, Sequence
from functools import cached_property, partial
from typing import NamedTuple

from harness.metrics.answers.normalization import Normalization, Normalized, Rule, rule_of
from harness.metrics.answers.number import number_tokens
from harness.metrics.answers.squad import shared_tokens
from harness.metrics.blind_spot import BlindSpot
from harness.metrics.declaration import Declaration
from harness.metrics.languages import language_code

_APOSTROPHES = re.compile("['’]")
_ARABIC_ARTICLE = "ال"
_LOOSE_LANGUAGES = ("ar", "ko")  # whose tokens need not be the same to count as such


def contains(prediction: str, answer: str, language: str = "en") -> bool:
    """Return whether the tokens of an answer stand in a prediction in a row.

    Tokens are those of `harness.metrics.answers.number.number_tokens`: words whole, numbers as they
    are written, so that "14" is neither in "2014" nor in "14.5". An apostrophe may part a word or
    not, as it likes: "Japan" is in "Japan's", "Mens" is "Men's". In Arabic the article does not
    count; in Korean, whose particles are written to the word before them, the answer's last word
    may go on, unless it is a number. An answer without tokens is in nothing.

    >>> contains("It was signed in Tokyo, in 2014.", "Tokyo"), contains("In 2014.", "14")
    (True, False)
    """
    return Reply(prediction, language).contains(Sought.of(answer, language))


class Sought(NamedTuple):
    """The tokens of an answer that is looked for, and those with each apostrophe a space."""

    tokens: Sequence[str]
    parted: Sequence[str]

    @classmethod
    def of(cls, answer: str, language: str, tokens: Sequence[str] | None = None) -> "Sought":
        """Return an answer's; `tokens` are its `number_tokens`, where they are known."""
        tokens = number_tokens(answer, language) if tokens is None else tokens
        if not _APOSTROPHES.search(answer):
            return cls(tokens, tokens)
        return cls(tokens, number_tokens(_APOSTROPHES.sub(" ", answer), language))


class Reply:
    """A text whose tokens are taken once, to look for many answers in it, as `contains` does."""

    def __init__(
        self, text: str, language: str = "en", tokens: Sequence[str] | None = None
    ) -> None:
        """Take a text; `tokens` are its `number_tokens`, where they are known."""
        self._lines: Sequence[str] = [text]
        self._language = language
        self._tokenize: Callable[[str], Sequence[str]] = partial(number_tokens, language=language)
        self._tokens = self._tokenize(text) if tokens is None else tokens

    @classmethod
    def of_lines(
        cls, lines: Sequence[str], language: str, tokenize: Callable[[str], Sequence[str]]
    ) -> "Reply":
        """Return a text of lines, none of whose tokens goes over an end of a line.

        `tokenize` is `number_tokens` in the language, of lines that it may have seen before.
        """
        reply = cls("", language, [token for line in lines for token in tokenize(line)])
        reply._lines, reply._tokenize = lines, tokenize
        return reply

    def contains(self, answer: Sought) -> bool:
        """Return whether the tokens of an answer stand in it in a row."""
        if self._has(self._tokens, self._known_tokens, answer.tokens):
            return True
        if answer.parted is answer.tokens and not self._has_apostrophes:
            return False
        return self._has(self._parted_tokens, self._known_parted, answer.parted)

    def _has(self, tokens: Sequence[str], known: frozenset[str], expected: Sequence[str]) -> bool:
        """Return whether tokens stand in others in a row; mostly one of them is not even there."""
        if not known.issuperset(expected) and self._language not in _LOOSE_LANGUAGES:
            return False
        return _in_a_row(tokens, expected, self._language)

    @cached_property
    def _known_tokens(self) -> frozenset[str]:
        return frozenset(self._tokens)

    @cached_property
    def _known_parted(self) -> frozenset[str]:
        return frozenset(self._parted_tokens)

    @cached_property
    def _has_apostrophes(self) -> bool:
        return any(_APOSTROPHES.search(line) for line in self._lines)

    @cached_property
    def _parted_tokens(self) -> Sequence[str]:
        parted = (_APOSTROPHES.sub(" ", line) for line in self._lines)
        return [token for line in parted for token in self._tokenize(line)]


def token_recall(predicted: Sequence[str], expected: Sequence[str]) -> float:
    """Return the share of `expected` that is in `predicted`, over multisets; 1.0 if it is empty.

    >>> token_recall(["paris", "paris"], ["paris", "france"])
    0.5
    """
    return shared_tokens(predicted, expected) / len(expected) if expected else 1.0


def _in_a_row(predicted: Sequence[str], expected: Sequence[str], language: str) -> bool:
    if not expected:
        return False
    if language == "ar":
        predicted, expected = (
            [token.removeprefix(_ARABIC_ARTICLE) or token for token in tokens]
            for tokens in (predicted, expected)
        )
    *first, last = expected
    goes_on = language == "ko" and not last[-1].isdecimal()
    if not goes_on and last not in predicted:
        return False
    for end in range(len(first), len(predicted)):
        word = predicted[end]
        ends = word.startswith(last) if goes_on else word == last
        if ends and predicted[end - len(first) : end] == first:
            return True
    return False


class Reading(NamedTuple):
    """A text as the metrics of answers compare it: normalized, in tokens, as one looks for it."""

    text: str
    normal: Normalized
    numbers: Sequence[str]
    sought: Sought

    @classmethod
    def of(cls, text: str, rule: Rule, language: str) -> "Reading":
        """Return a text read by a rule of normalization, and by `number_tokens` of a language."""
        numbers = number_tokens(text, language)
        return cls(text, rule.read(text), numbers, Sought.of(text, language, numbers))


class Contains:
    """`contains` and `token_recall`, each the best over the acceptable answers.

    `token_recall` is the share of an answer's words that the reply has, over multisets, both
    normalized as for SQuAD's F1 (`harness.metrics.answers.normalization`); Adlakha et al. (2024),
    "Evaluating Correctness and Faithfulness of Instruction-Following Models for Question
    Answering", section 4, call it recall. Answers that leave nothing are passed over. An
    unanswerable question has no answers, and is right if the prediction leaves nothing.
    """

    def __init__(
        self, language: str | None = None, normalization: Normalization | None = None
    ) -> None:
        self._language = "en" if language is None else language_code(language)
        code = None if self._language == "en" and not normalization else self._language
        self._rule = rule_of(normalization, code)
        suffix = "" if self._language == "en" else f"-{self._language}"
        counts = "characters" if self._rule.by_character else "multiset"
        options = "answers:best|unanswerable:squad-2.0|harness-1"
        self._signatures = {
            "contains": f"contains|tokens:number-1{suffix}|{options}",
            "token_recall": f"token_recall|counts:{counts}|normalize:{self._rule.name}|{options}",
        }

    @property
    def signatures(self) -> Mapping[str, str]:
        """The signature of each metric."""
        return self._signatures

    @property
    def declarations(self) -> Mapping[str, Declaration]:
        """Both are shares, and only shown: a longer reply has more in it, right or not."""
        return dict.fromkeys(self._signatures, Declaration(role="shown"))

    @property
    def blind_spot(self) -> BlindSpot | None:
        """None that is told: beside F1, which has the same, it would be told twice."""
        return None

    def score(self, prediction: str, references: Sequence[str]) -> dict[str, float]:
        """Return both scores of a prediction."""
        return self.compare(self.read(prediction), [self.read(answer) for answer in references])

    def read(self, text: str) -> Reading:
        """Return a text as both compare it."""
        return Reading.of(text, self._rule, self._language)

    def compare(self, predicted: Reading, answers: Sequence[Reading]) -> dict[str, float]:
        """Return what `score` does, of texts that are read."""
        known = [answer for answer in answers if answer.numbers]
        reply = Reply(predicted.text, self._language, predicted.numbers)
        if known:
            there = any(reply.contains(answer.sought) for answer in known)
        else:
            there = not predicted.numbers
        words = predicted.normal.tokens
        recalls = [
            shared_tokens(words, expected) / len(expected)
            for answer in answers
            if (expected := answer.normal.tokens)
        ]
        return {
            "contains": float(there),
            "token_recall": max(recalls) if recalls else float(not words),
        }
