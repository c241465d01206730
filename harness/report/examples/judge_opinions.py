"""What judges said of each summary, claim by claim, with the places that they looked at."""

from collections.abc import Sequence

from harness.judging.judgment_lines import OUTPUT, JudgmentLine
from harness.judging.opinions.claims import claims
from harness.leaderboard.run_folder import Run
from harness.metrics.ceiling import PEOPLE
from harness.models.judges.opinion import Opinion
from harness.report.content.example import ClaimSaid, JudgeSaid
from harness.report.examples.sources import PreparedSource
from harness.report.safety.visible_text import VisibleText
from harness.visible import visible_text


class JudgeOpinions:
    """What a run's judges, the reader aside, said of single texts, in the file's order."""

    def __init__(self, run: Run) -> None:
        """Sort the run's judgments by the texts that they are of."""
        judges = {line.name for line in run.board.judges if line.role == "judge"}
        self._by_text: dict[tuple[str, str, str, int], list[JudgmentLine]] = {}
        for line in run.judgments:
            if line.judge in judges and line.model is not None and line.against is None:
                name = (line.model, line.example, line.text, line.repeat)
                self._by_text.setdefault(name, []).append(line)

    def of_output(self, model: str, example: str, repeat: int) -> Sequence[JudgmentLine]:
        """Return what was said of a model's summary or answer."""
        return self._by_text.get((model, example, OUTPUT, repeat), ())

    def of_reference(self, example: str, number: int) -> Sequence[JudgmentLine]:
        """Return what was said of a reference; the first has the number 1."""
        return self._by_text.get((PEOPLE, example, f"reference:{number}", 1), ())


def said_of(
    lines: Sequence[JudgmentLine], text: str, source: PreparedSource
) -> tuple[JudgeSaid, ...]:
    """Return what each judge said of a text, as the page has it."""
    if not lines:
        return ()
    visible = VisibleText(text)
    # Of a judge that is asked about sentences; of the others a claim is the whole text.
    places = {
        claim.name: (claim.start, claim.end)
        for claim in claims(text, source.article.text, "sentences")
    }
    by_judge: dict[str, list[ClaimSaid]] = {}
    for line in lines:
        start, end = places.get(line.claim or "", (0, len(text)))
        said = _claim(line, (start, end), visible, source)
        by_judge.setdefault(line.judge, []).append(said)
    return tuple(
        JudgeSaid(judge=visible_text(judge), claims=tuple(said)) for judge, said in by_judge.items()
    )


def _claim(
    line: JudgmentLine, place: tuple[int, int], visible: VisibleText, source: PreparedSource
) -> ClaimSaid:
    start, end = visible.map_span(*place)
    opinion = Opinion({}) if line.error is not None else Opinion.read(line.answer)
    passage = source.visible.map_span(*opinion.passage) if opinion.passage else (None, None)
    return ClaimSaid(
        name=line.claim or "",
        start=start,
        end=end,
        numbers={visible_text(name): number for name, number in opinion.numbers.items()},
        source_start=passage[0],
        source_end=passage[1],
        spans=tuple(
            (*visible.map_span(first, last), probability)
            for first, last, probability in opinion.spans
        ),
        said=None if opinion.said is None else visible_text(opinion.said),
        error=None if line.error is None else visible_text(line.error),
    )
