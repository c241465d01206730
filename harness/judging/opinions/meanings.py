"""Whether answers mean what golden answers mean: what a judge is asked, and the measure over it."""

from collections.abc import Iterable, Iterator, Mapping, Sequence

from harness.errors import DataError
from harness.judging.judgment import Judgment
from harness.judging.judgment_lines import JudgedText, JudgmentLine
from harness.metrics import Metrics
from harness.metrics.blind_spot import BlindSpot
from harness.metrics.declaration import Declaration
from harness.metrics.scorer import score_text
from harness.models.judges.chat.meaning import MEANS, golden_context, meaning_question
from harness.models.judges.opinion import Opinion
from harness.models.pinned import pinned_judge
from harness.records import Example, Query
from harness.run.keys import PredictionKeys
from harness.text import word_count

IMPLEMENTATION = "harness-meanings-1"


class Meanings:
    """What a judge, of which `identity` is all, says of answers: `JUDGE.means`.

    It sees the question, its golden answers and the answer, and not who gave it, nor the article.
    An answer that matches a golden answer exactly means it, and nobody is asked; an answer without
    a word means none, and where the article does not say nothing but silence is right. A failed
    judgment leaves the answer without a number.
    """

    def __init__(
        self,
        judge: str,
        identity: Mapping[str, object],
        judgments: Mapping[str, Judgment] | None = None,
    ) -> None:
        """Take the judge's name and identity, and what it said, by key."""
        self.judge = judge
        self._identity = identity
        self._judgments = judgments or {}
        self._keys = PredictionKeys(identity)

    def with_judgments(self, judgments: Mapping[str, Judgment]) -> "Meanings":
        """Return the same over these judgments, by their keys."""
        return Meanings(self.judge, self._identity, judgments)

    @property
    def name(self) -> str:
        """The measure's name."""
        return f"{self.judge}.{MEANS}"

    def signature(self, exact: str) -> str:
        """Return the measure's signature; `exact` is that of exact match."""
        judge = pinned_judge(self._identity)
        return f"{self.name}|1 where {exact}|share of yes, else|{judge}|{IMPLEMENTATION}"

    def query(self, example: Example, text: str) -> Query | None:
        """Return what the judge is asked of an answer that matches no golden answer exactly.

        `None` where it is known: of an answer without a word, and where there is no golden answer.
        """
        if not example.references or not word_count(text):
            return None
        context = golden_context(example.query.question or "", example.references)
        return Query("answer", context, meaning_question(text))

    def value(self, example: Example, text: str, *, exact: bool) -> float | None:
        """Return how far an answer means a golden one; `None` where a judgment failed or lacks.

        `exact` says whether it matches one exactly.
        """
        if exact:
            return 1.0
        query = self.query(example, text)
        if query is None:
            return 0.0
        judgment = self._judgment(query)
        if judgment is None or judgment.error is not None:
            return None
        try:
            return Opinion.read(judgment.answer).numbers.get(MEANS)
        except DataError:
            return None

    def asked(self, answers: Iterable[tuple[Example, str]]) -> list[Example]:
        """Return what the judge is asked of answers that match none exactly, each once."""
        asked: dict[tuple[str, str | None], Example] = {}
        for example, text in answers:
            query = self.query(example, text)
            if query is not None:
                derived = Example(example.id, example.article, query, ())
                asked.setdefault((query.context, query.question), derived)
        return list(asked.values())

    def lines(self, answers: Iterable[JudgedText]) -> Iterator[JudgmentLine]:
        """Yield a line for each answer that the judge was asked about."""
        for model, example, name, repeat, text in answers:
            query = self.query(example, text)
            judgment = None if query is None else self._judgment(query)
            if judgment is not None:
                yield JudgmentLine(
                    judge=self.judge,
                    model=model,
                    example=example.id,
                    text=name,
                    repeat=repeat,
                    claim=MEANS,
                    key=judgment.key,
                    answer=judgment.answer,
                    error=judgment.error,
                )

    def _judgment(self, query: Query) -> Judgment | None:
        return self._judgments.get(self._keys.key(query))


def asks_meanings(identity: Mapping[str, object]) -> bool:
    """Return whether a judge of an identity is asked what answers mean."""
    prompts = identity.get("prompts")
    return isinstance(prompts, Mapping) and MEANS in prompts


class JudgedAnswers:
    """The metrics of answers, with what judges say that they mean, which needs the question."""

    def __init__(self, base: Metrics, judges: Sequence[Meanings]) -> None:
        """Take the family that the judges' measures stand beside."""
        self._base, self._judges = base, judges

    @property
    def signatures(self) -> Mapping[str, str]:
        """The signature of each metric."""
        exact = self._base.signatures["exact_match"]
        return {
            **self._base.signatures,
            **{judge.name: judge.signature(exact) for judge in self._judges},
        }

    @property
    def declarations(self) -> Mapping[str, Declaration]:
        """What each metric says of itself; those of judges are only shown."""
        shown = Declaration(role="shown", partial=True)
        return {**self._base.declarations, **dict.fromkeys((j.name for j in self._judges), shown)}

    @property
    def blind_spot(self) -> BlindSpot | None:
        """That of the family."""
        return self._base.blind_spot

    def score(self, prediction: str, references: Sequence[str]) -> dict[str, float]:
        """Return what needs no question."""
        return self._base.score(prediction, references)

    def score_with_article(
        self, prediction: str, references: Sequence[str], article: str
    ) -> dict[str, float]:
        """Return what needs no question."""
        return score_text(self._base, prediction, references, article)

    def score_of_example(
        self, prediction: str, example: Example, scores: Mapping[str, float]
    ) -> dict[str, float]:
        """Return what judges say of an answer whose other scores are known."""
        exact = scores["exact_match"] == 1
        values = {
            judge.name: judge.value(example, prediction, exact=exact) for judge in self._judges
        }
        return {name: value for name, value in values.items() if value is not None}
