"""Which rows' summaries each judge prefers, from what it said of pairs of them."""

from collections.abc import Mapping, Sequence

import numpy as np

from harness.judging.judgment_lines import JudgedText, judged_texts
from harness.judging.opinions.panel import Panel
from harness.judging.pairs.pairing import Compared, Pairing
from harness.judging.pairs.preference import Preference
from harness.leaderboard.board_judgments import summary_rows
from harness.leaderboard.judges.preferences_line import PreferencesLine, StrengthLine
from harness.leaderboard.leaderboard import Leaderboard
from harness.leaderboard.numbers import IntervalLine
from harness.leaderboard.prediction_lines import RowKey
from harness.records import SCOPES, ScoredPrediction
from harness.stats.choice.bradley_terry import Strength, bradley_terry
from harness.stats.clusters import MOST_DRAWN


def with_preferences(
    board: Leaderboard, scored: Mapping[RowKey, Sequence[ScoredPrediction]], panel: Panel
) -> Leaderboard:
    """Return the board, with what its judges prefer where they were asked about pairs."""
    if not panel.pairings:
        return board
    texts = list(judged_texts(summary_rows(board, scored), panel.people))
    judges = [
        judge.model_copy(update={"preferences": _by_scope(panel.pairings[judge.name], texts)})
        if judge.name in panel.pairings
        else judge
        for judge in board.judges
    ]
    return board.model_copy(update={"judges": judges})


def _by_scope(pairing: Pairing, texts: Sequence[JudgedText]) -> dict[str, PreferencesLine]:
    pairs = pairing.compared(texts)
    by_scope = {
        scope: [pair for pair in pairs if pair.example.article.scope == scope] for scope in SCOPES
    }
    return {scope: _line(pairing, own) for scope, own in by_scope.items() if own}


def _line(pairing: Pairing, pairs: Sequence[Compared]) -> PreferencesLine:
    known = [(pair, pairing.preference(pair)) for pair in pairs]
    judged = [(pair, preference) for pair, preference in known if preference is not None]
    asked = [preference.changed for pair, preference in judged if pair.unasked is None]
    return PreferencesLine(
        pairs=len(pairs),
        unasked=sum(pair.unasked is not None for pair in pairs),
        failed=len(pairs) - len(judged),
        changed=sum(asked) / len(asked) if asked else None,
        strengths=_strengths(judged),
    )


def _strengths(judged: Sequence[tuple[Compared, Preference]]) -> list[StrengthLine]:
    """Return the rows by their strengths; what is equally strong stands by its name."""
    rows = list(dict.fromkeys(text[0] for pair, _ in judged for text in (pair.a, pair.b)))
    if not rows:
        return []
    names = dict.fromkeys(pair.example.cluster for pair, _ in judged)
    clusters = {cluster: place % MOST_DRAWN for place, cluster in enumerate(names)}
    wins = np.zeros((min(len(names), MOST_DRAWN), len(rows), len(rows)))
    for pair, preference in judged:
        a, b = rows.index(pair.a[0]), rows.index(pair.b[0])
        wins[clusters[pair.example.cluster], a, b] += preference.of_a
        wins[clusters[pair.example.cluster], b, a] += 1 - preference.of_a
    won, met = wins.sum(axis=(0, 2)), (wins + wins.swapaxes(1, 2)).sum(axis=(0, 2))
    lines = [
        StrengthLine(
            model=model,
            strength=strength.value,
            interval=_interval(strength),
            wins=won[place] / met[place],
            n=round(met[place]),
        )
        for place, (model, strength) in enumerate(zip(rows, bradley_terry(wins), strict=True))
    ]
    return sorted(lines, key=lambda line: (-round(line.strength, 9), line.model))


def _interval(strength: Strength) -> IntervalLine | None:
    found = strength.interval
    if found is None:
        return None
    return IntervalLine(low=found.low, high=found.high, method=found.method)
