"""What a reader answered to an article's golden questions from its summaries."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from harness.judging.judgment_lines import OUTPUT, JudgmentLine
from harness.leaderboard.run_folder import Run
from harness.metrics.ceiling import PEOPLE
from harness.records import Article, Question
from harness.report.content.example import (
    Asked,
    JudgedReference,
    JudgeSaid,
    ReaderAnswer,
    Verdict,
)
from harness.report.examples.evidence_spans import acceptable_answer_spans, evidence_spans
from harness.report.safety.visible_text import VisibleText
from harness.text import LabelledSpan
from harness.visible import visible_text

# Whose text, of which example, which text of theirs, and which repeat.
_TextName = tuple[str, str, str, int]


class ReaderJudgments:
    """What a run's reader said of each text, in the order of the file."""

    def __init__(self, run: Run) -> None:
        """Sort the run's judgments by the texts that they are of."""
        judge = next((line for line in run.board.judges if line.role == "reader"), None)
        self.reader = judge.name if judge else None
        self.weights: Mapping[str, int] = judge.weights if judge else {}
        self._by_text: dict[_TextName, list[JudgmentLine]] = {}
        self._questions: dict[str, dict[str, None]] = {}
        for line in run.judgments:
            if line.judge == self.reader and line.model is not None and line.question:
                name = (line.model, line.example, line.text, line.repeat)
                self._by_text.setdefault(name, []).append(line)
                self._questions.setdefault(line.example, {})[line.question] = None

    def questions(self, example: str) -> list[str]:
        """Return the ids of the questions that were asked of an example's summaries."""
        return list(self._questions.get(example, ()))

    def of_output(self, model: str, example: str, repeat: int) -> Sequence[JudgmentLine]:
        """Return what was said of a model's summary."""
        return self._by_text.get((model, example, OUTPUT, repeat), ())

    def of_reference(self, example: str, number: int) -> Sequence[JudgmentLine]:
        """Return what was said of a reference; the first has the number 1."""
        return self._by_text.get((PEOPLE, example, f"reference:{number}", 1), ())


@dataclass(frozen=True)
class AskedQuestions:
    """The golden questions of one example by their ids, in the order of the page.

    `weights` is empty where all count alike.
    """

    by_id: Mapping[str, Question]
    weights: Mapping[str, int]

    def asked(self) -> tuple[Asked, ...]:
        """Return them as the page has them."""
        return tuple(
            Asked(
                id=visible_text(name),
                question=visible_text(question.text),
                answers=tuple(map(visible_text, question.answers)),
                weight=self.weights.get(name),
            )
            for name, question in self.by_id.items()
        )

    def spans(self, text: str) -> list[LabelledSpan]:
        """Return where a summary has acceptable answers word for word: the first place of each."""
        whole = [(0, len(text))]
        return [
            (*spans[0], f"asked:{number}")
            for number, question in enumerate(self.by_id.values())
            if (spans := acceptable_answer_spans(question.answers, whole, text))
        ]

    def source_spans(self, article: Article) -> list[LabelledSpan]:
        """Return where acceptable answers stand in the golden evidence, or in the whole article."""
        return [
            (start, end, f"asked:{number}")
            for number, question in enumerate(self.by_id.values())
            for start, end in acceptable_answer_spans(
                question.answers,
                evidence_spans(question, article)[0] or [(0, len(article.text))],
                article.text,
            )
        ]

    def answers(
        self, lines: Sequence[JudgmentLine], spans: Sequence[LabelledSpan]
    ) -> tuple[ReaderAnswer, ...]:
        """Return what the reader answered, in the questions' order; `spans` are the summary's."""
        told = {label for _, _, label in spans}
        by_question = {line.question: line for line in lines if line.question}
        return tuple(
            ReaderAnswer(
                question=number,
                verdict=verdict(line, answerable=bool(question.answers)),
                answer=visible_text(line.answer),
                f1=line.scores.get("f1"),
                told=f"asked:{number}" in told,
            )
            for number, (name, question) in enumerate(self.by_id.items())
            if (line := by_question.get(name))
        )

    def reference(
        self, text: str, lines: Sequence[JudgmentLine], opinions: tuple[JudgeSaid, ...] = ()
    ) -> JudgedReference:
        """Return what the reader made of a reference, beside the `opinions` of judges."""
        spans = self.spans(text)
        return JudgedReference(
            marks=VisibleText(text).marks(spans),
            reader_answers=self.answers(lines, spans),
            opinions=opinions,
        )


def verdict(line: JudgmentLine, *, answerable: bool) -> Verdict:
    """Return what an answer is: see `ReaderAnswer`."""
    if line.error is not None:
        return "failed"
    answered = bool(line.answer.strip())
    if not answerable:
        return "made up" if answered else "silent"
    if not answered:
        return "left out"
    f1 = line.scores.get("f1", 0.0)
    return "right" if f1 == 1 else "in part" if f1 > 0 else "wrong"
