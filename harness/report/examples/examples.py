"""Examples of the page, in chunks that are made one after the other."""

from collections.abc import Iterator, Mapping, Sequence
from typing import NamedTuple

from harness.leaderboard.prediction_lines import Line
from harness.report.content.example import Chunk, Example, Output
from harness.report.examples.evidence_spans import answers_within, evidence_places
from harness.report.examples.outputs import Around, output
from harness.report.examples.sources import ReadSource
from harness.report.examples.word_overlap import Reader
from harness.report.safety.visible_text import shown
from harness.report.task_group import Asked
from harness.text import LabelledSpan

# Characters of a chunk's texts, about: half a megabyte as JSON.
CHUNK_SIZE = 400_000

Before = Mapping[str, Sequence[Line | None]]


class Side(NamedTuple):
    """A group with the base's lines by model, if there is a base."""

    asked: Asked
    before: Before | None


class Spot(NamedTuple):
    """Where an example is: its group's number, and its own number in the group."""

    group: int
    at: int


def chunked(sides: Sequence[Side]) -> list[list[Spot]]:
    """Return which examples share a chunk: all of one article, and articles up to some size."""
    by_article: dict[str, list[Spot]] = {}
    for group, side in enumerate(sides):
        for at, example in enumerate(side.asked.examples):
            by_article.setdefault(example.article.id, []).append(Spot(group, at))
    chunks: list[list[Spot]] = [[]]
    size = 0
    for places in by_article.values():
        first = sides[places[0].group].asked.examples[places[0].at]
        new = True
        for place in places:
            more = _size(sides[place.group], place.at) + len(first.article.text) * new
            if chunks[-1] and size + more > CHUNK_SIZE:
                chunks.append([])
                size = 0
                more += len(first.article.text) * (not new)
            chunks[-1].append(place)
            size += more
            new = False
    return [chunk for chunk in chunks if chunk]


def chunks(
    sides: Sequence[Side], places: Sequence[Sequence[Spot]], seconds: Mapping[str, float]
) -> Iterator[Chunk]:
    """Yield the chunks; `seconds` are predictions' by key, as far as they are known."""
    for number, some in enumerate(places):
        reader = Reader()
        sources: dict[str, ReadSource] = {}
        made = []
        for group, at in some:
            article = sides[group].asked.examples[at].article
            if article.id not in sources:
                sources[article.id] = ReadSource(article)
            made.append(_example(sides[group], at, sources[article.id], reader, seconds))
        yield Chunk(
            number=number,
            sources={shown(name): one.source() for name, one in sources.items()},
            examples=tuple(made),
        )


def _size(side: Side, at: int) -> int:
    """Return about how many characters an example takes without its source."""
    said = [*side.asked.lines.values(), *(side.before or {}).values()]
    return sum(500 + 2 * len(line.text) for lines in said if (line := lines[at]) is not None)


def _example(
    side: Side, at: int, source: ReadSource, reader: Reader, seconds: Mapping[str, float]
) -> Example:
    asked = side.asked
    example, question = asked.examples[at], asked.questions.get(asked.examples[at].id)
    evidence, lost = evidence_places(question, source.article) if question else ([], [])
    # A data set has answers and no evidence: then every place is one where people may have looked.
    within = evidence or [(0, len(source.article.text))]
    answers = answers_within(
        example.references if asked.task == "answer" else (), within, source.article.text
    )
    ranges: list[LabelledSpan] = [(start, end, "evidence") for start, end in evidence]
    ranges += [(start, end, "answer") for start, end in answers]
    summaries = example.references if asked.task == "summarize" else ()
    around = Around(source, evidence, [reader.words(text) for text in summaries], reader)

    def outputs(lines: Before) -> Iterator[tuple[Output, list[LabelledSpan]]]:
        for model, row in enumerate(asked.rows):
            if row.model in lines:
                line = lines[row.model][at]
                yield output(line, model, around, seconds.get(line.key) if line else None)

    now = list(outputs(asked.lines))
    before = list(outputs(side.before or {}))
    ranges += [one for _, marks in now for one in marks]
    ranges += [
        (start, end, word.replace("span:", "before:"))
        for _, marks in before
        for start, end, word in marks
        if word.startswith("span:")
    ]
    return Example(
        group=asked.id,
        id=shown(example.id),
        article=shown(source.article.id),
        question=None if example.query.question is None else shown(example.query.question),
        kind=shown(question.kind) if question else None,
        answerable=bool(example.references) if asked.task == "answer" else None,
        words=example.query.words,
        references=tuple(map(shown, example.references)),
        evidence_missing=tuple(map(shown, lost)),
        marks=source.visible.marks(ranges),
        outputs=tuple(one for one, _ in now),
        before=tuple(one for one, _ in before),
    )
