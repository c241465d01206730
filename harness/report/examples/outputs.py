"""What a model gave for one example, with its marks: the one place that reads a prediction."""

from collections.abc import Sequence
from dataclasses import dataclass

from harness.leaderboard.prediction_lines import Line
from harness.metrics.unsupported import unsupported
from harness.report.content.example import Candidate, Output, Span, Unsupported
from harness.report.content.part import Marked
from harness.report.examples.evidence_spans import Found, Place, answer_place
from harness.report.examples.sources import ReadSource
from harness.report.examples.unseen_source import cuts, unseen_places
from harness.report.examples.word_overlap import Reader, Word, best_reference, shared_ranges
from harness.report.safety.visible_text import Visible, shown
from harness.text import LabelledSpan


@dataclass(frozen=True)
class Around:
    """What an example's outputs are held against.

    `evidence` is where the golden evidence stands in the source; `references` are a summary's, read
    by `reader`, and empty for an answer.
    """

    source: ReadSource
    evidence: Sequence[Place]
    references: Sequence[Sequence[Word]]
    reader: Reader


def output(
    line: Line | None, model: int, around: Around, seconds: float | None
) -> tuple[Output, list[LabelledSpan]]:
    """Return a model's output, and what is to be marked of it in the source.

    `line` is `None` where there is no prediction; `model` is the model's place in its group.
    """
    if line is None:
        return _missing(model), []
    article = around.source.article
    found = _found(line, around)
    text, best, lost = _summary(line, around) if around.references else (_plain(line), None, ())
    ranges = [(start, end, f"cut:{model}") for start, end in unseen_places(line)]
    if found:
        ranges.append((*found.place, f"span:{model}"))
    return Output(
        model=model,
        text=text,
        raw=None if line.raw is None else shown(line.raw),
        error=None if line.error is None else shown(line.error),
        missing=False,
        scores=dict(line.scores),
        best_reference=best,
        unsupported=lost,
        span=_span(found, around) if found else None,
        cut=cuts(line, article),
        source_tokens=line.source_tokens,
        kept_tokens=line.kept_tokens,
        output_tokens=line.output_tokens,
        seconds=seconds,
        rendered_sha256=line.rendered_sha256,
        key=line.key,
        confidence=line.confidence,
        no_answer_probability=line.no_answer_probability,
        windows=line.windows,
        candidates=tuple(
            Candidate(text=shown(one.text), score=one.score) for one in line.candidates
        ),
        finish=None if line.finish is None else shown(line.finish),
        served_by=None if line.served_by is None else shown(line.served_by),
        price=line.cost,
    ), ranges


def _found(line: Line, around: Around) -> Found | None:
    if line.task != "answer" or line.error is not None:
        return None
    return answer_place(line.text, around.source.searchable, around.evidence, _recorded(line))


def _recorded(line: Line) -> Place | None:
    """Return where the model says that its answer stands; of no answer it is where one would."""
    return line.span if line.text else None


def _span(found: Found, around: Around) -> Span:
    start, end = around.source.visible.place(*found.place)
    return Span(
        start=start,
        end=end,
        recorded=found.recorded,
        occurrences=found.occurrences,
        told=found.told,
    )


def _plain(line: Line) -> Marked:
    return Visible(line.text).marked()


def _summary(line: Line, around: Around) -> tuple[Marked, int | None, tuple[Unsupported, ...]]:
    """Return a summary marked, its best reference, and what its source does not have."""
    if line.error is not None:
        return _plain(line), None, ()
    words = around.reader.words(line.text)
    best = best_reference(words, around.references)
    lost = unsupported(line.text, around.source.facts)
    marked = Visible(line.text).marked([*shared_ranges(words, around.references[best]), *lost])
    told = tuple(
        Unsupported(what=what, text=shown(line.text[start:end])) for start, end, what in lost
    )
    return marked, best, told


def _missing(model: int) -> Output:
    return Output(
        model=model,
        text=Marked(text=""),
        raw=None,
        error=None,
        missing=True,
        scores={},
        best_reference=None,
        unsupported=(),
        span=None,
        cut=(),
        source_tokens=None,
        kept_tokens=None,
        output_tokens=None,
        seconds=None,
        rendered_sha256=None,
        key="",
        confidence=None,
        no_answer_probability=None,
        windows=None,
        candidates=(),
        finish=None,
        served_by=None,
        price=None,
    )
