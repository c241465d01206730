"""How a judge's scores go with the length of what it judged, on the run itself."""

from collections.abc import Mapping, Sequence

from harness.leaderboard.leaderboard import Leaderboard
from harness.leaderboard.numbers import LengthLine
from harness.leaderboard.prediction_lines import RowKey
from harness.metrics.length import WORDS
from harness.records import ScoredPrediction


def with_length_effects(
    board: Leaderboard, scored: Mapping[RowKey, Sequence[ScoredPrediction]]
) -> Leaderboard:
    """Return the board, its judges with what length does to their scores.

    Spearman's correlation over all texts of the run that a judge has a score of.
    """
    measures = [name for judge in board.judges for name in judge.measures]
    if not measures:
        return board
    values: dict[str, list[tuple[float, float]]] = {name: [] for name in measures}
    for row in board.rows:
        name = (row.model, row.task, row.scope)
        for item in scored.get(name, ()):
            for measure in measures:
                if measure in item.scores and WORDS in item.scores:
                    values[measure].append((item.scores[measure], item.scores[WORDS]))
    effects = {name: length_effect(pairs) for name, pairs in values.items()}
    judges = [
        judge.model_copy(update={"length": {name: effects[name] for name in judge.measures}})
        for judge in board.judges
    ]
    return board.model_copy(update={"judges": judges})


def length_effect(pairs: Sequence[tuple[float, float]]) -> LengthLine:
    """Return how scores go with numbers of words, from a pair of both for each summary."""
    from scipy.stats import spearmanr

    scores, words = {score for score, _ in pairs}, {words for _, words in pairs}
    if len(pairs) < 3 or len(scores) < 2 or len(words) < 2:
        return LengthLine(n=len(pairs), spearman=None)
    correlation = float(spearmanr([s for s, _ in pairs], [w for _, w in pairs]).statistic)
    return LengthLine(n=len(pairs), spearman=correlation)
