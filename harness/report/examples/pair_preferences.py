"""Which of two texts judges preferred, beside each text that was compared."""

from collections.abc import Mapping, Sequence

from harness.errors import DataError
from harness.judging.judgment_lines import JudgmentLine
from harness.judging.pairs.preference import preference
from harness.leaderboard.run_folder import Run
from harness.models.judges.chat.preference import PAIR
from harness.models.judges.opinion import Opinion
from harness.report.content.example import PairSaid
from harness.visible import visible_text

# A judge, an example, and the rows whose texts stood first and second.
_Order = tuple[str, str, str, str]


class PairPreferences:
    """What a run's judges said of pairs of summaries, by whose they are."""

    def __init__(self, run: Run) -> None:
        """Sort the run's judgments of pairs by the texts that stood first."""
        self._by_order: dict[_Order, JudgmentLine] = {}
        self._rivals: dict[tuple[str, str], dict[tuple[str, str], None]] = {}
        for line in run.judgments:
            if line.claim == PAIR and line.model is not None and line.against is not None:
                order = (line.judge, line.example, line.model, line.against)
                self._by_order[order] = line
                rivals = self._rivals.setdefault((line.model, line.example), {})
                rivals[line.judge, line.against] = None

    def of_output(self, model: str, example: str) -> tuple[PairSaid, ...]:
        """Return what was said of a model's summary beside each other, in the file's order."""
        return tuple(
            pair_said(
                judge,
                rival,
                self._by_order.get((judge, example, model, rival)),
                self._by_order.get((judge, example, rival, model)),
            )
            for judge, rival in self._rivals.get((model, example), ())
        )


def pair_said(
    judge: str, against: str, first: JudgmentLine | None, second: JudgmentLine | None
) -> PairSaid:
    """Return how a text came out against another's, by the lines in which it stood so."""
    lines: Mapping[str, JudgmentLine | None] = {"first": first, "second": second}
    opinions = [_opinion(line) for line in lines.values()]
    known = [opinion for opinion in opinions if opinion is not None]
    found = preference(*known) if len(known) == len(lines) else None
    return PairSaid(
        judge=visible_text(judge),
        against=visible_text(against),
        wins=None if found is None else found.of_a,
        changed=found is not None and found.changed,
        reasons=_texts([opinion.said if opinion else None for opinion in opinions]),
        errors=_texts([line.error if line else "it was not asked" for line in lines.values()]),
    )


def _opinion(line: JudgmentLine | None) -> Opinion | None:
    if line is None or line.error is not None:
        return None
    try:
        return Opinion.read(line.answer)
    except DataError:
        return None


def _texts(texts: Sequence[str | None]) -> tuple[str | None, str | None]:
    first, second = (None if text is None else visible_text(text) for text in texts)
    return first, second
