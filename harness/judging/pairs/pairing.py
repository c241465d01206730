"""The pairs of summaries that a judge is asked about, and which of two it prefers."""

import itertools
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from harness.errors import DataError
from harness.files import canonical_json, sha256
from harness.judging.judgment import Judgment
from harness.judging.judgment_lines import OUTPUT, JudgedText, JudgmentLine
from harness.judging.pairs.preference import Preference, preference
from harness.models.judges.chat.preference import PAIR, pair_question
from harness.models.judges.opinion import Opinion
from harness.models.roster.roster import Entry
from harness.records import Example, Query
from harness.run.keys import PredictionKeys
from harness.text import word_count

# Of people the first reference is compared: what one of them wrote, as of a model one text.
_FIRST = (OUTPUT, "reference:1")


@dataclass(frozen=True, slots=True)
class Compared:
    """The texts of two rows on one example, with the queries in either order.

    There are none where nobody needs to be asked: a text without a word loses, and two of the same
    words, or of none, are equally good.
    """

    example: Example
    a: JudgedText
    b: JudgedText

    @property
    def unasked(self) -> Preference | None:
        """What is known of the pair without asking; `None` if a judge is to be asked."""
        words_a, words_b = self.a[-1].split(), self.b[-1].split()
        has_a, has_b = word_count(self.a[-1]) > 0, word_count(self.b[-1]) > 0
        if words_a == words_b or not (has_a or has_b):
            return Preference(0.5, changed=False)
        if not (has_a and has_b):
            return Preference(float(has_a), changed=False)
        return None

    @property
    def orders(self) -> tuple[tuple[JudgedText, JudgedText], tuple[JudgedText, JudgedText]]:
        """Both orders of the texts."""
        return (self.a, self.b), (self.b, self.a)

    @property
    def lot(self) -> str:
        """What a pair is drawn by where not all are asked about: its texts, and not whose."""
        texts = sorted((self.a[-1], self.b[-1]))
        return sha256(canonical_json([self.example.article.text, *texts]))


class Pairing:
    """The pairs of a judge, of which `identity` is all, and what it said of them.

    It is asked about `most` different pairs of texts at most, all of them if that is `None`; which
    of them follows from the texts alone.
    """

    def __init__(
        self,
        judge: str,
        identity: Mapping[str, object],
        most: int | None = None,
        judgments: Mapping[str, Judgment] | None = None,
    ) -> None:
        """Take the judge's name and identity, and what it said, by key."""
        self.judge, self.most = judge, most
        self._identity = identity
        self._judgments = judgments or {}
        self._keys = PredictionKeys(identity)

    def with_judgments(self, judgments: Mapping[str, Judgment]) -> "Pairing":
        """Return the same over these judgments, by their keys."""
        return Pairing(self.judge, self._identity, self.most, judgments)

    def compared(self, texts: Iterable[JudgedText]) -> list[Compared]:
        """Return the pairs of texts on each example, in their order.

        Of each row the first text that it has of an example is taken. Those that `most` leaves out
        are not among them.
        """
        by_example: dict[str, dict[str, JudgedText]] = {}
        for text in texts:
            model, example, name, _, _ = text
            if name in _FIRST:
                by_example.setdefault(example.id, {}).setdefault(model, text)
        pairs = [
            Compared(a[1], a, b)
            for rows in by_example.values()
            for a, b in itertools.combinations(rows.values(), 2)
        ]
        if self.most is None:
            return pairs
        lots = {pair.lot for pair in pairs if pair.unasked is None}
        drawn = set(sorted(lots)[: self.most])
        return [pair for pair in pairs if pair.unasked is not None or pair.lot in drawn]

    def asked(self, texts: Iterable[JudgedText]) -> list[Example]:
        """Return what the judge is asked: each pair of texts on an article once in each order."""
        asked: dict[tuple[str, str | None], Example] = {}
        for pair in self.compared(texts):
            if pair.unasked is None:
                article = pair.example.article
                for query in map(_query, pair.orders):
                    example = Example(f"{article.id}/{PAIR}", article, query, ())
                    asked.setdefault((query.context, query.question), example)
        return list(asked.values())

    def preference(self, pair: Compared) -> Preference | None:
        """Return which text of a pair is preferred; `None` where a judgment failed or lacks.

        So too for a text that is no opinion any more, because somebody has changed it.
        """
        known = pair.unasked
        if known is not None:
            return known
        opinions: list[Opinion] = []
        for order in pair.orders:
            judgment = self._judgment(order)
            if judgment is None or judgment.error is not None:
                return None
            try:
                opinions.append(Opinion.read(judgment.answer))
            except DataError:
                return None
        return preference(*opinions)

    def lines(self, texts: Iterable[JudgedText]) -> Iterator[JudgmentLine]:
        """Yield a line for each order of each pair that was asked about.

        A judgment that is not there has no line.
        """
        for pair in self.compared(texts):
            for shown_first, shown_second in pair.orders if pair.unasked is None else ():
                judgment = self._judgment((shown_first, shown_second))
                if judgment is not None:
                    model, example, name, repeat, _ = shown_first
                    yield JudgmentLine(
                        judge=self.judge,
                        model=model,
                        against=shown_second[0],
                        example=example.id,
                        text=name,
                        repeat=repeat,
                        claim=PAIR,
                        key=judgment.key,
                        answer=judgment.answer,
                        error=judgment.error,
                    )

    def _judgment(self, order: tuple[JudgedText, JudgedText]) -> Judgment | None:
        return self._judgments.get(self._keys.key(_query(order)))


def _query(order: tuple[JudgedText, JudgedText]) -> Query:
    (_, example, _, _, first), (_, _, _, _, second) = order
    return Query("answer", example.article.text, pair_question(first, second))


def asks_pairs(identity: Mapping[str, object]) -> bool:
    """Return whether a judge of an identity is asked which of two summaries is better."""
    prompts = identity.get("prompts")
    return isinstance(prompts, Mapping) and PAIR in prompts


def most_pairs(entry: Entry) -> int | None:
    """Return about how many pairs at most a judge of the roster is to be asked."""
    most: int | None = getattr(entry.model, "most_pairs", None)
    return most
