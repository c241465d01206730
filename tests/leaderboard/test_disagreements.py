"""Two measures that order two rows in opposite ways: said where both show it, and nowhere else.

Where two rows differ by the same on each of n articles, all signs but none and all reach less than
what is seen: p is 2 / 2 ** n, for six articles 2 / 64, for five 2 / 32 = 0.0625.
"""

from collections.abc import Sequence
from statistics import fmean

import pytest

from harness.leaderboard.leaderboard import DisagreementLine, Leaderboard, Row
from harness.leaderboard.numbers import Counts, MetricLine, Number
from harness.leaderboard.printing.disagreement_note import disagreement_notes
from harness.leaderboard.printing.tables import tables
from harness.leaderboard.ranking.ranking import Ranking, rank_rows
from harness.leaderboard.suite_line import SuiteLine
from harness.metrics.declaration import SHARE, Declaration
from harness.records import Article, Example, Prediction, Query, Role, ScoredPrediction
from harness.tables.terminal import Display, terminal_text

DECLARATIONS = {
    "rougeLsum": SHARE,
    "support": SHARE,
    "coverage": Declaration(role="gated", partial=True),
}
By = dict[str, Sequence[float | None]]


def _row(name: str, by: By, role: Role = "model") -> tuple[Row, list[ScoredPrediction]]:
    """A row of summaries, its scores by measure and article; `None` has no score by that one."""
    scored = []
    for number, values in enumerate(zip(*by.values(), strict=True)):
        article = Article(f"a{number:03}", "text", "f", "")
        example = Example(article.id, article, Query("summarize", "text", None), ("reference",))
        scores = {
            metric: value for metric, value in zip(by, values, strict=True) if value is not None
        }
        scored.append(ScoredPrediction(example, "k", Prediction(f"x{number}"), False, scores))
    known = {
        metric: [value for value in values if value is not None] for metric, values in by.items()
    }
    row = Row(
        model=name, role=role, task="summarize", scope="article", kind="k",
        metrics={
            metric: Number(mean=fmean(values) if values else None, n=len(values), signature=metric)
            for metric, values in known.items()
        },
        counts=Counts(expected=len(scored), ok=len(scored), error=0, truncated=0, cached=0),
        cut={}, seconds=0, tokens_per_second=None, peak_memory_bytes=0, weights=None,
        weights_bytes=None, licence=None, prompt=None, identity={}, environments=[],
    )  # fmt: skip
    return row, scored


def _ranking(*rows: tuple[Row, list[ScoredPrediction]]) -> Ranking:
    scored = {(row.model, row.task, row.scope): predictions for row, predictions in rows}
    declarations = {name: DECLARATIONS[name] for name in rows[0][0].metrics}
    return rank_rows([row for row, _ in rows], scored, declarations)


def _names(ranking: Ranking) -> list[tuple[str, str, str, str]]:
    return [(line.metric, line.opposed, line.a, line.b) for line in ranking.disagreements]


def test_two_measures_that_show_opposite_orders_disagree() -> None:
    ranking = _ranking(
        _row("copies", {"rougeLsum": [0.5] * 6, "support": [0.4] * 6}),
        _row("writes", {"rougeLsum": [0.3] * 6, "support": [0.9] * 6}),
    )
    (line,) = ranking.disagreements
    assert _names(ranking) == [("rougeLsum", "support", "copies", "writes")]
    assert line.difference == pytest.approx(0.2)
    assert line.opposed_difference == pytest.approx(-0.5)
    assert (line.p_adjusted, line.opposed_p_adjusted) == (2 / 64, 2 / 64)


MIXED = [0.9, 0.3] * 3  # above 0.4 as often as below


@pytest.mark.parametrize(
    ("articles", "overlap", "support"),
    [
        (5, [0.3] * 5, [0.9] * 5),  # p cannot be below 0.0625
        (6, [0.3] * 6, [0.2] * 6),  # the same order by both
        (6, [0.3] * 6, MIXED),  # support shows none
        (6, MIXED, [0.9] * 6),  # overlap shows none
    ],
)
def test_what_is_not_shown_is_not_said(
    articles: int, overlap: list[float], support: list[float]
) -> None:
    ranking = _ranking(
        _row("copies", {"rougeLsum": [0.5] * articles, "support": [0.4] * articles}),
        _row("other", {"rougeLsum": overlap, "support": support}),
    )
    assert ranking.disagreements == []


def test_of_two_floors_nothing_is_claimed() -> None:
    """With a model beside them, which both measures put last."""
    ranking = _ranking(
        _row("copies", {"rougeLsum": [0.5] * 6, "support": [0.4] * 6}, "floor"),
        _row("writes", {"rougeLsum": [0.3] * 6, "support": [0.9] * 6}, "floor"),
        _row("last", {"rougeLsum": [0.1] * 6, "support": [0.1] * 6}),
    )
    assert ranking.disagreements == []


def test_neither_of_the_two_need_be_the_primary_metric() -> None:
    """Overlap shows no order; support and coverage do, on the six articles that have questions."""
    ranking = _ranking(
        _row("short", {"rougeLsum": [0.4] * 7, "support": [0.9] * 7, "coverage": [None, *[0.2] * 6]}),
        _row("long", {"rougeLsum": [0.4] * 7, "support": [0.5] * 7, "coverage": [None, *[0.6] * 6]}),
    )  # fmt: skip
    (line,) = ranking.disagreements
    assert _names(ranking) == [("support", "coverage", "short", "long")]
    assert (line.p_adjusted, line.opposed_p_adjusted) == (2 / 128, 2 / 64)


def test_a_row_without_a_score_by_a_measure_is_not_compared_by_it() -> None:
    by: By = {"rougeLsum": [0.5] * 6, "support": [0.4] * 6, "coverage": [0.1] * 6}
    ranking = _ranking(
        _row("copies", by), _row("writes", by | {"rougeLsum": [0.3] * 6, "coverage": [0.9] * 6}),
        _row("silent", by | {"rougeLsum": [0.3] * 6, "coverage": [None] * 6}),
    )  # fmt: skip
    assert _names(ranking) == [("rougeLsum", "coverage", "copies", "writes")]


def test_many_articles_are_flipped_in_groups() -> None:
    """300 articles in 256 groups: no drawn signs reach what is seen, so p is 1 of 10,000."""
    ranking = _ranking(
        _row("copies", {"rougeLsum": [0.5] * 300, "support": [0.4] * 300}),
        _row("writes", {"rougeLsum": [0.3] * 300, "support": [0.9] * 300}),
    )
    assert [line.opposed_p_adjusted for line in ranking.disagreements] == [1 / 10_000]


def _line(a: str, b: str, opposed: str = "support") -> DisagreementLine:
    return DisagreementLine(
        task="summarize", scope="article", metric="rougeLsum", opposed=opposed, a=a, b=b,
        difference=0.1, opposed_difference=-0.1, p_adjusted=0.01, opposed_p_adjusted=0.02,
    )  # fmt: skip


def test_the_sentence_names_the_rows_and_the_measures() -> None:
    beginning = "disagree, and each at the 5 % level after adjusting for all pairs: by rougeLsum"
    several = [_line("a", "x"), _line("a", "y"), _line("b", "x")]
    assert disagreement_notes([]) == []
    assert disagreement_notes([*several, _line("a", "z", "coverage")]) == [
        f"rougeLsum and support {beginning} a is better than x and y; b is better than x; "
        "by support it is the other way round.",
        f"rougeLsum and coverage {beginning} a is better than z; by coverage it is the other way "
        "round.",
    ]
    many = [_line(a, b) for a in "abcde" for b in "uvwxy"]
    assert disagreement_notes(many) == [
        f"rougeLsum and support {beginning} a is better than u, v, w and 2 more; b is better than "
        "u, v, w and 2 more; c is better than u, v, w and 2 more; so for 2 more rows; by support "
        "it is the other way round."
    ]


def test_the_printed_table_says_it_before_what_the_suite_can_show() -> None:
    ranking = _ranking(
        _row("copies", {"rougeLsum": [0.5] * 6, "support": [0.4] * 6}),
        _row("writes", {"rougeLsum": [0.3] * 6, "support": [0.9] * 6}),
    )
    metrics = {name: MetricLine.of(DECLARATIONS[name]) for name in ("rougeLsum", "support")}
    board = Leaderboard(
        schema_version=2, suite=SuiteLine(id="s", hash="h", limit=None),
        primary={"summarize": "rougeLsum"}, environment={}, metrics=metrics, rows=ranking.rows,
        comparisons=ranking.comparisons, power=ranking.power, disagreements=ranking.disagreements,
    )  # fmt: skip
    text = terminal_text(tables(board), Display()).replace("\n", " ")
    sentence = "by rougeLsum copies is better than writes; by support it is the other way round."
    assert 0 < text.index(sentence) < text.index("Six articles")
