"""The lines of `judgments.jsonl`: what a judge said of each text, question by question."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path

from pydantic import BaseModel, ConfigDict, TypeAdapter

from harness.errors import DataError
from harness.files import canonical_json, parse_json, refuse_no_file
from harness.judging.inquiry import Inquiry
from harness.judging.judgment import Judgment
from harness.judging.people_texts import PeopleTexts
from harness.metrics.ceiling import PEOPLE
from harness.records import Example, ScoredPrediction
from harness.validation.validation import validate_output

# What a text is, where it is none of a model's.
ARTICLE, NOTHING = "article", "empty"
OUTPUT, LEAD = "output", "lead"


class JudgmentLine(BaseModel):
    """One line: what a judge said to one question on one text, or of one claim of it."""

    model_config = ConfigDict(extra="forbid", frozen=True, strict=True, allow_inf_nan=False)

    judge: str
    """The judge's name in the roster."""
    model: str | None = None
    """Whose text it is, as the leaderboard names the row; none's of what is asked of the judge."""
    example: str
    """The summary's example: the id of its article or event."""
    text: str
    """Which text: `output`, or of people `reference:1` and so on; `lead`, or `lead:1` of a
    reference, is the article's first words, as many as that text has. Of the judge itself
    `article` and `empty`, and `reference:1, negated` and so on, made worse to see what it sees."""
    against: str | None = None
    """Whose text of the same example stood second, where the judge was asked which of two is
    better: `model` then has the text that stood first."""
    repeat: int = 1
    """Which of the model's outputs, where it was asked several times."""
    question: str | None = None
    """The question's example, of what a reader was asked: ARTICLE/QUESTION."""
    claim: str | None = None
    """What of the text another judge was asked about: `sentence:1` and so on, `whole`, or what a
    chat model was asked, such as `fluency` or `pair`."""
    key: str
    """The key of the judgment in the store."""
    answer: str
    """What the judge answered; "" where it found no answer. Of another judge than a reader its
    opinion as JSON: `numbers` by name, the `passage` of the article that counted most, `spans` of
    the text that are not borne out, [start, end, probability], in characters, and what it `said`
    as its reason."""
    error: str | None = None
    """Why there is no answer, where it failed."""
    scores: Mapping[str, float] = {}
    """The F1 of a reader's answer; empty where it failed."""

    @property
    def name(self) -> tuple[str, str, str, str, int, str, str]:
        """What no other line of a run has."""
        return (
            self.judge, self.model or "", self.example, self.text, self.repeat,
            self.question or self.claim or "", self.against or "",
        )  # fmt: skip

    def content(self) -> dict[str, object]:
        """Return what stands in the file."""
        return self.model_dump(mode="json", exclude_defaults=True)

    @property
    def judgment(self) -> Judgment:
        """The judgment."""
        return Judgment(self.key, self.answer, self.error)


_LINE = TypeAdapter(JudgmentLine)

# The model, the summary's example, what its text is, which repeat, and the text.
JudgedText = tuple[str, Example, str, int, str]


def judged_texts(
    rows: Iterable[tuple[str, Sequence[ScoredPrediction]]], people: PeopleTexts
) -> Iterator[JudgedText]:
    """Yield the texts of rows, in their order, and after those of models the references of people.

    Texts that failed are none.
    """
    for model, scored in rows:
        for item in scored:
            for part in item.parts:
                if part.prediction.error is None and not part.prediction.missing:
                    yield model, item.example, OUTPUT, part.number, part.prediction.text
    for example in people.examples:
        for number, reference in enumerate(example.references, start=1):
            yield PEOPLE, example, f"reference:{number}", 1, reference


def answer_texts(
    rows: Iterable[tuple[str, Sequence[ScoredPrediction]]],
) -> Iterator[JudgedText]:
    """Yield the answers of rows, in their order; those that failed are none."""
    return judged_texts(rows, PeopleTexts())


def judgment_lines(
    judge: str, inquiry: Inquiry, texts: Iterable[JudgedText]
) -> Iterator[JudgmentLine]:
    """Yield a line for each question that the judge was asked of each text.

    First of the judge itself, on the whole articles and on nothing; then of each text, and of its
    lead; at last of references that were made worse. A judgment that is not there has no line.
    """
    measures = inquiry.measures

    def lines(
        model: str | None, example: str, name: str, repeat: int, text: str, asked: Sequence[Example]
    ) -> Iterator[JudgmentLine]:
        for question in asked:
            judgment = measures.judgment(question, text)
            if judgment is not None:
                yield JudgmentLine(
                    judge=judge,
                    model=model,
                    example=example,
                    text=name,
                    repeat=repeat,
                    question=question.id,
                    key=judgment.key,
                    answer=judgment.answer,
                    error=judgment.error,
                    scores={}
                    if judgment.error is not None
                    else {"f1": measures.f1(judgment.answer, question.references)},
                )

    for source in inquiry.sources.values():
        article = source.article
        yield from lines(None, article.id, ARTICLE, 1, article.text, source.questions)
        yield from lines(None, article.id, NOTHING, 1, "", source.questions)
    for model, example, name, repeat, text in texts:
        names = (name, _lead_name(name))
        asked_texts = measures.asked(text, example.article.text)
        for asked_name, (asked_text, asked) in zip(names, asked_texts, strict=False):
            yield from lines(model, example.id, asked_name, repeat, asked_text, asked)
    for worse in inquiry.people.corrupted:
        name = f"reference:{worse.number}, {worse.title}"
        if known := inquiry.sources.get(worse.example.article.text):
            yield from lines(None, worse.example.id, name, 1, worse.text, known.answerable)


def line_text(line: JudgmentLine) -> str:
    """Return a line as it stands in the file."""
    return canonical_json(line.content()) + "\n"


def read_judgments(path: Path) -> list[JudgmentLine]:
    """Return the lines of a file; raise DataError with the line's number for what is none.

    So too for a second judgment of the same.
    """
    lines: list[JudgmentLine] = []
    numbers: dict[tuple[str, str, str, str, int, str, str], int] = {}
    try:
        refuse_no_file(path)
        with path.open("rb") as file:
            for number, text in enumerate(file, 1):
                if text.strip():
                    line = _parse_line(text, number, path)
                    if line.name in numbers:
                        shown_name = " ".join(map(str, filter(None, line.name)))
                        raise DataError(
                            f"{path}:{number}: a second judgment of {shown_name}; keep one"
                        )
                    numbers[line.name] = number
                    lines.append(line)
    except OSError as error:
        raise DataError(f"{path}: cannot be read: {error.strerror}") from None
    return lines


def _parse_line(text: bytes, number: int, path: Path) -> JudgmentLine:
    try:
        content = parse_json(text)
    except UnicodeDecodeError as error:
        raise DataError(
            f"{path}:{number}: not UTF-8 text (byte {error.start}); save it as UTF-8"
        ) from None
    except ValueError as error:
        raise DataError(f"{path}:{number}: not valid JSON: {error}") from None
    return validate_output(_LINE, content, path, {(): number})


def _lead_name(name: str) -> str:
    """Return what the lead of a text is called.

    >>> _lead_name("output"), _lead_name("reference:2")
    ('lead', 'lead:2')
    """
    _, colon, number = name.partition(":")
    return f"{LEAD}{colon}{number}"
