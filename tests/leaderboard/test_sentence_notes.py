"""Where `contains` tells another story than the primary metric, from rows with known scores."""

from collections.abc import Mapping, Sequence

import pytest

from harness.leaderboard.leaderboard import Leaderboard, Row
from harness.leaderboard.numbers import Counts, MetricLine, Number
from harness.leaderboard.printing.sentence_notes import sentence_notes
from harness.leaderboard.ranking.ranking import rank_rows
from harness.leaderboard.suite_line import SuiteLine
from harness.metrics.answer import Answer
from harness.metrics.length import WORDS
from harness.records import Article, Example, Prediction, Query, ScoredPrediction

NAMES = ("exact_match", "f1", "contains", WORDS)
DECLARATIONS = {name: Answer().declarations[name] for name in NAMES}

# By article: exact match, F1, contains, words. A short answer is right or wrong as a whole.
SHORT = [(0.0, 0.7, 0.0, 3)] * 9 + [(1.0, 1.0, 1.0, 2)]
LONG = [(0.0, 0.2, 1.0, 20)] * 9 + [(0.0, 0.1, 1.0, 30)]


def _board(systems: Mapping[str, Sequence[Sequence[float]]]) -> Leaderboard:
    rows, scored = [], {}
    for name, values in systems.items():
        items = []
        for place, scores in enumerate(values):
            article = Article(f"a{place:02}", "text", "f", "")
            example = Example(f"a{place:02}/q", article, Query("answer", "text", "?"), ("x",))
            by_metric = dict(zip(NAMES, scores, strict=True))
            items.append(ScoredPrediction(example, "k", Prediction(f"{place}"), False, by_metric))
        numbers = {
            metric: Number(mean=sum(column) / len(column), n=len(column), signature="s")
            for metric, column in zip(NAMES, zip(*values, strict=True), strict=True)
        }
        rows.append(
            Row(
                model=name, role="model", task="answer", scope="article", kind="k", metrics=numbers,
                counts=Counts(expected=len(values), ok=len(values), error=0, truncated=0, cached=0),
                cut={}, seconds=0, tokens_per_second=None, peak_memory_bytes=0, weights=None,
                weights_bytes=None, licence=None, prompt=None, identity={}, environments=[],
            )
        )  # fmt: skip
        scored[name, "answer", "article"] = items
    ranking = rank_rows(rows, scored, DECLARATIONS)  # type: ignore[arg-type]
    return Leaderboard(
        schema_version=2, suite=SuiteLine(id="s", hash="h", limit=None), primary={"answer": "f1"},
        environment={}, metrics={name: MetricLine.of(of) for name, of in DECLARATIONS.items()},
        rows=ranking.rows, comparisons=ranking.comparisons, disagreements=ranking.disagreements,
    )  # fmt: skip


def test_a_pair_that_contains_shows_the_other_way_round_is_told() -> None:
    """F1 .73 against .19 on ten articles that say the same: p is 2 of 2^10 patterns of signs.

    Contains .1 against 1.0; the two differ on nine of them, so p is 2 / 2^9 = .0039.
    """
    board = _board({"short": SHORT, "long": LONG})
    (line,) = board.disagreements
    assert (line.metric, line.opposed, line.a, line.b) == ("f1", "contains", "short", "long")
    assert line.difference == pytest.approx(0.54)
    assert line.opposed_difference == pytest.approx(-0.9)
    assert line.opposed_p_adjusted == pytest.approx(2 / 2**9)


def test_an_order_that_is_not_shown_is_not_told() -> None:
    """Five articles: p is 2 / 32 at least, so nothing is shown by either."""
    assert _board({"short": SHORT[-5:], "long": LONG[-5:]}).disagreements == []


def test_an_order_that_both_share_is_not_told() -> None:
    board = _board({"short": SHORT, "wrong": [(0.0, 0.1, 0.0, 20)] * 10})
    assert board.disagreements == []


def test_who_writes_the_answer_in_a_sentence_is_told_where_the_intervals_lie_apart() -> None:
    board = _board({"short": SHORT, "long": LONG})
    assert sentence_notes(board.rows) == [
        "More answers hold an acceptable one (contains) than match one exactly: long 100.0 against "
        "0.0, in 21.0 words. A longer answer holds more, right or not."
    ]
    mixed = [
        (0.0, 0.4, float(place < 2), 10) for place in range(10)
    ]  # .2 [.06, .51] and 0 [0, .28]
    board = _board({"mixed": mixed})
    assert sentence_notes(board.rows) == []


def test_a_board_without_contains_says_nothing() -> None:
    board = _board({"short": SHORT})
    row = board.rows[0].model_copy(update={"metrics": {"f1": board.rows[0].metrics["f1"]}})
    assert sentence_notes([row]) == []
