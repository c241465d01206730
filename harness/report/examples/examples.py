"""Examples of the page, in chunks that are made one after the other."""

from array import array
from bisect import bisect_right
from collections.abc import Iterator, Mapping, Sequence
from itertools import pairwise
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from harness.leaderboard.prediction_lines import PredictionLine
from harness.leaderboard.rows.unfinished import finish_of
from harness.metrics.options import MetricOptions
from harness.metrics.support.support import Support
from harness.records import Example as GoldenExample
from harness.report.content.example import Chunk, Example, JudgedReference, Output
from harness.report.examples.evidence_spans import acceptable_answer_spans, evidence_spans
from harness.report.examples.judge_opinions import JudgeOpinions, said_of
from harness.report.examples.outputs import ExampleContext, model_output
from harness.report.examples.pair_preferences import PairPreferences
from harness.report.examples.prediction_seconds import PredictionSeconds
from harness.report.examples.reader_answers import AskedQuestions, ReaderJudgments
from harness.report.examples.sources import PreparedSource
from harness.report.examples.word_overlap import WordReader
from harness.report.task_group import TaskGroup
from harness.stream import Reader, Stream
from harness.text import LabelledSpan
from harness.visible import visible_text

# Characters of a chunk's texts, about: half a megabyte as JSON.
CHUNK_SIZE = 400_000

# So many examples of a group, the first ones, are on its page: whole dev and test sets are. Of a
# larger run neither the page nor its files nor the time to write them grow any more.
MOST_LISTED = 20_000

LinesByModel = Mapping[str, Sequence[PredictionLine | None]]


class GroupWithBase(NamedTuple):
    """A group with the base's lines by model, if there is a base."""

    group: TaskGroup
    base_lines: LinesByModel | None


class RunJudgments(NamedTuple):
    """What the reader and the judges of a run said."""

    reader: ReaderJudgments
    judges: JudgeOpinions
    pairs: PairPreferences


class ExamplePosition(NamedTuple):
    """Where an example is: its group's number, and its own number in the group."""

    group_index: int
    example_index: int


class _GroupReader:
    """A group whose examples and lines are read one after the other."""

    def __init__(self, group_with_base: GroupWithBase) -> None:
        self.group = group_with_base.group
        self.examples = Reader(self.group.examples)
        self.lines = _readers(self.group.lines)
        self.base_lines = _readers(group_with_base.base_lines or {})

    def size(self, index: int) -> int:
        """Return about how many characters an example takes without its source."""
        rows_lines = [*self.lines.values(), *self.base_lines.values()]
        return sum(
            500 + 2 * len(line.text)
            for lines in rows_lines
            if (line := lines.at(index)) is not None
        )


_Lines = Mapping[str, Reader[PredictionLine | None]]


def _readers(lines: LinesByModel) -> _Lines:
    return {model: Reader(model_lines) for model, model_lines in lines.items()}


def assign_chunks(
    groups_with_base: Sequence[GroupWithBase], most_listed: int = MOST_LISTED
) -> list[Sequence[ExamplePosition]]:
    """Return which examples share a chunk: all of one article, and articles up to some size.

    Of each group those are the first `most_listed`. Of an example 8 bytes stay.
    """
    articles: dict[str, int] = {}  # numbers, in the order in which the articles first come
    lengths = array("q")  # of the articles
    article_of, sizes = array("q"), array("q")  # of the examples, one group after the other
    group_starts = []
    for group_with_base in groups_with_base:
        group_starts.append(len(article_of))
        reader = _GroupReader(group_with_base)
        for index in range(min(most_listed, len(reader.group.examples))):
            article = reader.examples.at(index).article
            number = articles.setdefault(article.id, len(articles))
            if number == len(lengths):
                lengths.append(len(article.text))
            article_of.append(number)
            sizes.append(reader.size(index))
    order = np.argsort(np.asarray(article_of), kind="stable")
    starts = [0]
    size, article_before = 0, -1
    for place, example in enumerate(order):
        number = article_of[example]
        length, first_of_article = lengths[number], number != article_before
        added = sizes[example] + length * first_of_article
        if place > starts[-1] and size + added > CHUNK_SIZE:
            starts.append(place)
            size = 0
            added += length * (not first_of_article)
        size += added
        article_before = number
    chunks = [order[start:end] for start, end in pairwise([*starts, len(order)]) if end > start]
    return [_positions(chunk, group_starts) for chunk in chunks]


def _positions(
    numbers: NDArray[np.int64], group_starts: Sequence[int]
) -> Sequence[ExamplePosition]:
    """Return the positions of examples that are numbered one group after the other."""

    def read(start: int) -> Iterator[ExamplePosition]:
        for number in numbers[start:].tolist():
            group_index = bisect_right(group_starts, number) - 1
            yield ExamplePosition(group_index, number - group_starts[group_index])

    return Stream(len(numbers), read)


def example_chunks(
    groups_with_base: Sequence[GroupWithBase],
    chunk_positions: Sequence[Sequence[ExamplePosition]],
    known_seconds: PredictionSeconds,
    judgments: RunJudgments,
    options: MetricOptions,
) -> Iterator[Chunk]:
    """Yield the chunks; `known_seconds` are predictions' seconds, as far as they are known.

    `judgments` are what the head's reader and judges said. Words are told by the options of the
    run's metrics.
    """
    readers = list(map(_GroupReader, groups_with_base))
    for number, positions in enumerate(chunk_positions):
        word_reader = WordReader(options)
        support = Support(options.language, tokenizer=options.tokenizer, stemmer=options.stemmer)
        sources: dict[str, PreparedSource] = {}
        examples = []
        for group_index, example_index in positions:
            article = readers[group_index].examples.at(example_index).article
            if article.id not in sources:
                sources[article.id] = PreparedSource(article)
            examples.append(
                _example(
                    readers[group_index],
                    example_index,
                    sources[article.id],
                    word_reader,
                    support,
                    known_seconds,
                    judgments,
                )
            )
        yield Chunk(
            number=number,
            sources={visible_text(name): source.source() for name, source in sources.items()},
            examples=tuple(examples),
        )


def _example(
    reader: _GroupReader,
    index: int,
    source: PreparedSource,
    word_reader: WordReader,
    support: Support,
    known_seconds: PredictionSeconds,
    run_judgments: RunJudgments,
) -> Example:
    judgments = run_judgments.reader
    group, example = reader.group, reader.examples.at(index)
    question = group.questions.get(example.id)
    evidence, missing_evidence = evidence_spans(question, source.article) if question else ([], [])
    # A data set has answers and no evidence: then every place is one where people may have looked.
    searched = evidence or [(0, len(source.article.text))]
    answers = acceptable_answer_spans(
        example.references if group.task == "answer" else (), searched, source.article.text
    )
    ranges: list[LabelledSpan] = [(start, end, "evidence") for start, end in evidence]
    ranges += [(start, end, "answer") for start, end in answers]
    summaries = example.references if group.task == "summarize" else ()
    asked = _asked(group, example.id, judgments)
    ranges += asked.source_spans(source.article)
    references = [word_reader.words(text) for text in summaries]
    context = ExampleContext(source, evidence, references, word_reader, support, asked)

    def outputs(
        lines: _Lines, judged: RunJudgments | None = None
    ) -> Iterator[tuple[Output, list[LabelledSpan]]]:
        for model_index, row in enumerate(group.rows):
            if row.model in lines:
                line = lines[row.model].at(index)
                seconds = known_seconds.of(line.key) if line else None
                finish = finish_of(row, line.prediction) if line else None
                name = (row.model, example.id, line.repeat if line else 1)
                told = judged.reader.of_output(*name) if judged and line else ()
                said = judged.judges.of_output(*name) if judged and line else ()
                pairs = judged.pairs.of_output(row.model, example.id) if judged and line else ()
                yield model_output(line, model_index, context, seconds, finish, told, said, pairs)

    head_outputs = list(outputs(reader.lines, run_judgments))
    base_outputs = list(outputs(reader.base_lines))
    ranges += [span for _, spans in head_outputs for span in spans]
    ranges += [
        (start, end, label.replace("span:", "before:"))
        for _, spans in base_outputs
        for start, end, label in spans
        if label.startswith("span:")
    ]
    return Example(
        group=group.id,
        id=visible_text(example.id),
        article=visible_text(source.article.id),
        question=None if example.query.question is None else visible_text(example.query.question),
        kind=visible_text(question.kind) if question else None,
        answerable=bool(example.references) if group.task == "answer" else None,
        words=example.query.words,
        references=tuple(map(visible_text, example.references)),
        reader=visible_text(judgments.reader) if judgments.reader and asked.by_id else None,
        questions=asked.asked(),
        judged_references=_judged_references(example, asked, run_judgments, source),
        evidence_missing=tuple(map(visible_text, missing_evidence)),
        marks=source.visible.marks(ranges),
        outputs=tuple(span for span, _ in head_outputs),
        before=tuple(span for span, _ in base_outputs),
    )


def _asked(group: TaskGroup, example: str, judgments: ReaderJudgments) -> AskedQuestions:
    """Return the golden questions that were asked of an example's summaries."""
    names = judgments.questions(example) if group.task == "summarize" else ()
    return AskedQuestions({name: group.questions[name] for name in names}, judgments.weights)


def _judged_references(
    example: GoldenExample,
    asked: AskedQuestions,
    judgments: RunJudgments,
    source: PreparedSource,
) -> tuple[JudgedReference, ...]:
    """Return what the reader and judges made of each reference; none where nobody was asked."""
    numbers = range(1, len(example.references) + 1)
    lines = [judgments.reader.of_reference(example.id, number) for number in numbers]
    if not asked.by_id:
        lines = [() for _ in numbers]
    opinions = [
        said_of(judgments.judges.of_reference(example.id, number), text, source)
        for number, text in zip(numbers, example.references, strict=True)
    ]
    if not any(lines) and not any(opinions):
        return ()
    return tuple(map(asked.reference, example.references, lines, opinions))
