"""What of the golden questions a summary answers: measures over what a reader said of it.

Deutsch et al., "Towards Question-Answering as an Automatic Metric for Evaluating the Content
Quality of a Summary" (2021), ask questions made of references and score the answers by SQuAD's F1
(QAEval); Scialom et al., "Answers Unite!" (2019), score an extractive reader's answers (SummaQA).
Here people wrote the questions and the answers.
"""

from collections.abc import Iterator, Mapping, Sequence
from functools import cache, partial
from statistics import fmean

from harness.files import canonical_json, sha256
from harness.judging.controls import DRAWS, LEAD_RULE, RANDOM_RULE, lead, random_sentences
from harness.judging.judgment import Judgment
from harness.judging.sources import Source, derived
from harness.judging.weights import weights_signature
from harness.metrics import Metrics
from harness.metrics.answers.contains import Reply, Sought
from harness.metrics.answers.number import number_tokens
from harness.metrics.declaration import Declaration
from harness.metrics.languages import language_code
from harness.records import Example
from harness.run.keys import PredictionKeys
from harness.text import word_count, word_places

IMPLEMENTATION = "harness-judging-1"

_DIFFERENCE = Declaration(low=-1.0, high=1.0, role="gated", partial=True)
DECLARATIONS: Mapping[str, Declaration] = {
    "coverage": Declaration(role="gated", partial=True),
    "above_lead": _DIFFERENCE,
    "told": Declaration(role="gated", partial=True),
    "above_random": _DIFFERENCE,
    "made_up": Declaration(direction="lower", role="gated", partial=True),
}


class ReaderMeasures:
    """Measures of a summary by what a reader, of which `identity` is all, answers from it.

    `coverage` is the mean F1 of the suite's own answer metric over the questions that the article
    answers; `told` the share of these of which an acceptable answer stands in the summary word for
    word, without a reader; `made_up` the share of the other questions that the reader answers from
    the summary all the same. `above_lead` is coverage less that of the article's first words, as
    many as the summary has; `above_random` is told less its mean over random sentences of the same
    length.

    A summary without a word covers 0 and tells 0, and nobody is asked about it. Silence makes
    nothing up and is as good as no first words: what it would gain by is left out. So is coverage
    where a judgment that it needs failed or is not there: no number stands for an answer that was
    not given.
    """

    def __init__(
        self,
        sources: Mapping[str, Source],
        identity: Mapping[str, object],
        answer_metrics: Metrics,
        language: str | None = None,
        judgments: Mapping[str, Judgment] | None = None,
        weights: Mapping[str, int] | None = None,
    ) -> None:
        """Take what is asked of each article by its text, and what was said, by its key.

        `weights` are those of the questions by their ids, where they do not weigh alike.
        """
        self._sources = sources
        self._identity = identity
        self._answer_metrics = answer_metrics
        self._language = "en" if language is None else language_code(language)
        self._judgments = judgments or {}
        self._weights = weights
        self._keys = PredictionKeys(identity)
        self._known_keys: dict[tuple[str | None, str], str] = {}
        self._random_told: dict[tuple[str, int], float] = {}
        # Taken once: an answer is looked for in a hundred texts, of the same sentences.
        self._tokens = cache(partial(number_tokens, language=self._language))
        self._sought = cache(partial(Sought.of, language=self._language))
        self._f1: dict[tuple[str, tuple[str, ...]], float] = {}

    def with_judgments(self, judgments: Mapping[str, Judgment]) -> "ReaderMeasures":
        """Return the same measures over these judgments, by their keys."""
        return ReaderMeasures(
            self._sources,
            self._identity,
            self._answer_metrics,
            self._language,
            judgments,
            self._weights,
        )

    @property
    def signatures(self) -> Mapping[str, str]:
        """The signature of each measure; those that a reader is asked for have its identity."""
        reader = f"reader:{sha256(canonical_json(self._identity))[:16]}"
        f1 = self._answer_metrics.signatures["f1"].partition("|")[2]
        questions = "questions:golden, answered by the article|"
        questions += "" if self._weights is None else f"{weights_signature(self._weights)}|"
        questions += IMPLEMENTATION
        coverage = f"mean f1|{f1}|{reader}|{questions}"
        told = f"contains:{self._language}|{questions}"
        return {
            "coverage": f"coverage|{coverage}",
            "above_lead": f"above_lead|{LEAD_RULE}|{coverage}",
            "told": f"told|{told}",
            "above_random": f"above_random|{RANDOM_RULE}|{told}",
            "made_up": "made_up|share answered|"
            f"{reader}|questions:golden, not answered by the article|{IMPLEMENTATION}",
        }

    @property
    def declarations(self) -> Mapping[str, Declaration]:
        """What each measure says of itself."""
        return DECLARATIONS

    @property
    def asked_of_some(self) -> frozenset[str]:
        """Coverage: of references that are made worse each is judged in one way."""
        return frozenset(("coverage",))

    def against_article(
        self, text: str, article: str, *, controls: bool = True
    ) -> dict[str, float]:
        """Return each measure of a summary that there is; see the class for what is left out.

        Without `controls` none that is above something.
        """
        source = self._sources.get(article)
        if source is None:
            return {}
        words = len(word_places(text)) if word_count(text) else 0
        scores: dict[str, float | None] = {}
        if source.answerable:
            scores |= self._of_answers(source, text, words, controls=controls)
        if words:
            scores["made_up"] = self.made_up(source, text)
        return {name: value for name in DECLARATIONS if (value := scores.get(name)) is not None}

    def _of_answers(
        self, source: Source, text: str, words: int, *, controls: bool
    ) -> dict[str, float | None]:
        if not words:
            return {"coverage": 0.0, "told": 0.0}
        coverage, told = self.coverage(source, text), self.told(source, text)
        if not controls:
            return {"coverage": coverage, "told": told}
        control = _lead_of(source, text)
        of_lead = coverage if control is None else self.coverage(source, control)
        return {
            "coverage": coverage,
            "above_lead": None if coverage is None or of_lead is None else coverage - of_lead,
            "told": told,
            "above_random": told - self._told_by_chance(source, words),
        }

    def coverage(self, source: Source, text: str) -> float | None:
        """Return the mean F1 of what the reader answers from a text, whatever is in it.

        `None` where no question is answered by the article, and where a judgment is not there.
        """
        questions, values = source.answerable, list[float]()
        for question in questions:
            judgment = self.judgment(question, text)
            if judgment is None or judgment.error is not None:
                return None
            values.append(self.f1(judgment.answer, question.references))
        return self._mean(questions, values) if values else None

    def made_up(self, source: Source, text: str) -> float | None:
        """Return how many of the unanswerable questions the reader answers from a text."""
        judgments = [self.judgment(question, text) for question in source.unanswerable]
        if not judgments or any(judgment is None or judgment.error for judgment in judgments):
            return None
        return fmean(bool(judgment and judgment.answer.strip()) for judgment in judgments)

    def told(self, source: Source, text: str) -> float:
        """Return of how many of the answerable questions an answer stands in a text."""
        return self._told(source, Reply(text, self._language))

    def _told(self, source: Source, reply: Reply) -> float:
        answers = [map(self._sought, question.references) for question in source.answerable]
        there = [float(any(map(reply.contains, acceptable))) for acceptable in answers]
        return self._mean(source.answerable, there)

    def _mean(self, questions: Sequence[Example], values: Sequence[float]) -> float:
        """Return the mean over questions, by their weights."""
        if self._weights is None:
            return fmean(values)
        return fmean(values, [self._weights.get(question.id, 1) for question in questions])

    def f1(self, answer: str, answers: Sequence[str]) -> float:
        """Return the answer metric's F1 of what the reader said."""
        pair = (answer, tuple(answers))  # much the same is answered from many texts
        if pair not in self._f1:
            self._f1[pair] = self._answer_metrics.score(answer, answers)["f1"]
        return self._f1[pair]

    def judgment(self, question: Example, text: str) -> Judgment | None:
        """Return what was said of a question from a text; `None` if nobody was asked."""
        return self._judgments.get(self.key(question, text))

    def key(self, question: Example, text: str) -> str:
        """Return the key of a judgment: that of the same query of the task `answer`."""
        asked = (question.query.question, text)  # much is looked up several times
        if asked not in self._known_keys:
            self._known_keys[asked] = self._keys.key(derived(question, text).query)
        return self._known_keys[asked]

    def asked(self, text: str, article: str) -> Iterator[tuple[str, Sequence[Example]]]:
        """Yield the texts that the measures of a summary need, and which questions of each.

        First the summary, then its lead, unless that is the summary. Nothing for a summary without
        a word, or without questions.
        """
        source = self._sources.get(article)
        if source is None or not word_count(text):
            return
        yield text, source.questions
        control = _lead_of(source, text)
        if source.answerable and control is not None:
            yield control, source.answerable

    def _told_by_chance(self, source: Source, words: int) -> float:
        """Return the mean of `told` over random sentences of a length."""
        key = (source.article.text, words)
        if key not in self._random_told:
            drawn = [random_sentences(source.article, words, i) for i in range(1, DRAWS + 1)]
            self._random_told[key] = fmean(
                self._told(source, Reply.of_lines(lines, self._language, self._tokens))
                for lines in drawn
            )
        return self._random_told[key]


def _lead_of(source: Source, text: str) -> str | None:
    """Return the first words of the article, as many as a text has; `None` if they are the text."""
    first = lead(source.article, len(word_places(text)))
    return None if first.split() == text.split() else first
