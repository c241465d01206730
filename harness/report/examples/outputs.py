"""What a model gave for one example, with its marks: the one place that reads a prediction."""

from collections.abc import Sequence
from dataclasses import dataclass

from harness.errors import MetricError
from harness.judging.judgment_lines import JudgmentLine
from harness.leaderboard.prediction_lines import PredictionLine
from harness.metrics.support.support import Support
from harness.metrics.unsupported import unsupported_spans
from harness.report.content.example import BorneOut, Candidate, Output, PairSaid, Span, Unsupported
from harness.report.content.part import Marked
from harness.report.examples.evidence_spans import AnswerSpan, CharSpan, answer_span
from harness.report.examples.judge_opinions import said_of
from harness.report.examples.reader_answers import AskedQuestions
from harness.report.examples.sources import PreparedSource
from harness.report.examples.unseen_source import unseen_share_by_article, unseen_spans
from harness.report.examples.word_overlap import Word, WordReader, best_reference, shared_ranges
from harness.report.safety.visible_text import VisibleText
from harness.text import LabelledSpan
from harness.visible import visible_text


@dataclass(frozen=True)
class ExampleContext:
    """What an example's outputs are held against.

    `evidence` is where the golden evidence stands in the source; `references` are a summary's, read
    by `word_reader`, and empty for an answer. `support` finds where a summary is borne out, and
    `asked` are the questions that were asked of the summaries.
    """

    source: PreparedSource
    evidence: Sequence[CharSpan]
    references: Sequence[Sequence[Word]]
    word_reader: WordReader
    support: Support
    asked: AskedQuestions


def model_output(
    line: PredictionLine | None,
    model_index: int,
    context: ExampleContext,
    seconds: float | None,
    finish: str | None,
    judged: Sequence[JudgmentLine] = (),
    opinions: Sequence[JudgmentLine] = (),
    pairs: tuple[PairSaid, ...] = (),
) -> tuple[Output, list[LabelledSpan]]:
    """Return a model's output, and what is to be marked of it in the source.

    `line` is `None` where a run of part of the suite has none; `model_index` is the model's place
    in its group, `judged` what the reader said of this text, `opinions` what judges did, and
    `pairs` what they said of it beside others.
    """
    if line is None or line.missing:
        return _missing_output(model_index, line), []
    article = context.source.article
    answer = _find_answer(line, context)
    text, best, unsupported_parts = (
        _marked_summary(line, context) if context.references else (_unmarked(line), None, ())
    )
    ranges = [(start, end, f"cut:{model_index}") for start, end in unseen_spans(line)]
    if answer:
        ranges.append((*answer.span, f"span:{model_index}"))
    return Output(
        model=model_index,
        text=text,
        raw=None if line.raw is None else visible_text(line.raw),
        error=None if line.error is None else visible_text(line.error),
        missing=False,
        scores=dict(line.scores),
        best_reference=best,
        unsupported=unsupported_parts,
        sentences=_borne_out(line, context) if context.references else (),
        reader_answers=context.asked.answers(judged, context.asked.spans(line.text)),
        opinions=said_of(opinions, line.text, context.source),
        pairs=pairs,
        span=_page_span(answer, context) if answer else None,
        cut=unseen_share_by_article(line, article),
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
            Candidate(text=visible_text(candidate.text), score=candidate.score)
            for candidate in line.candidates
        ),
        finish=None if finish is None else visible_text(finish),
        served_by=None if line.served_by is None else visible_text(line.served_by),
        price=line.cost,
    ), ranges


def _find_answer(line: PredictionLine, context: ExampleContext) -> AnswerSpan | None:
    if line.task != "answer" or line.error is not None:
        return None
    return answer_span(line.text, context.source.searchable, context.evidence, _recorded_span(line))


def _recorded_span(line: PredictionLine) -> CharSpan | None:
    """Return where the model says that its answer stands; of no answer it is where one would."""
    return line.span if line.text else None


def _page_span(answer: AnswerSpan, context: ExampleContext) -> Span:
    start, end = context.source.visible.map_span(*answer.span)
    return Span(
        start=start,
        end=end,
        recorded=answer.recorded,
        occurrences=answer.occurrences,
        told=answer.description,
    )


def _unmarked(line: PredictionLine) -> Marked:
    return VisibleText(line.text).marked()


def _marked_summary(
    line: PredictionLine, context: ExampleContext
) -> tuple[Marked, int | None, tuple[Unsupported, ...]]:
    """Return a summary marked, its best reference, and what its source does not have."""
    if line.error is not None:
        return _unmarked(line), None, ()
    words = context.word_reader.words(line.text)
    best = best_reference(words, context.references)
    # References that came without an article support nothing, and contradict nothing.
    has_article = bool(context.source.article.text)
    flagged_spans = unsupported_spans(line.text, context.source.facts) if has_article else []
    marked = VisibleText(line.text).marked(
        [
            *shared_ranges(words, context.references[best]),
            *flagged_spans,
            *context.asked.spans(line.text),
        ]
    )
    unsupported_parts = tuple(
        Unsupported(what=what, text=visible_text(line.text[start:end]))
        for start, end, what in flagged_spans
    )
    return marked, best, unsupported_parts


def _borne_out(line: PredictionLine, context: ExampleContext) -> tuple[BorneOut, ...]:
    """Return a summary's sentences, and where its source bears them out best."""
    if line.error is not None:
        return ()
    try:
        sentences = context.support.sentences(line.text, context.source.article.text)
    except MetricError:  # an article without a word
        return ()
    summary, source = VisibleText(line.text), context.source.visible
    parts = []
    for found in sentences:
        start, end = summary.map_span(found.start, found.end)
        place = (
            (None, None)
            if found.article_start is None or found.article_end is None
            else source.map_span(found.article_start, found.article_end)
        )
        parts.append(
            BorneOut(
                start=start,
                end=end,
                support=found.support,
                source_start=place[0],
                source_end=place[1],
            )
        )
    return tuple(parts)


def _missing_output(model_index: int, line: PredictionLine | None) -> Output:
    """Return what stands for no prediction: of a file of outputs, with its zeros."""
    return Output(
        model=model_index,
        text=Marked(text=""),
        raw=None,
        error=None,
        missing=True,
        scores={} if line is None else dict(line.scores),
        best_reference=None,
        unsupported=(),
        sentences=(),
        reader_answers=(),
        opinions=(),
        pairs=(),
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
