"""Rows with known scores: what is claimed of them, and what is not."""

import dataclasses
import json
import subprocess
import sys
from collections.abc import Sequence
from itertools import product

import numpy as np
import pytest
import scipy.stats

from harness.leaderboard.leaderboard import Leaderboard, Row, SuiteLine
from harness.leaderboard.numbers import Counts, Number
from harness.leaderboard.printing.tables import tables
from harness.leaderboard.ranking import Ranking, rank_rows
from harness.records import Article, Example, Prediction, Query, Role, ScoredPrediction
from harness.stats import compare, estimates
from harness.tables.terminal import Display, terminal_text

Scores = Sequence[Sequence[float | None]]


def _row(name: str, scores: Scores, role: Role = "model") -> tuple[Row, list[ScoredPrediction]]:
    """A row of `answer`, its scores by article; `None` is a failed prediction."""
    scored = []
    for a, several in enumerate(scores):
        article = Article(f"a{a:02}", "text", "f", "")
        for q, value in enumerate(several):
            example = Example(f"a{a:02}/q{q}", article, Query("answer", "text", "?"), ("x",))
            made = Prediction("x", error=None if value is not None else "failed")
            both = {} if value is None else {"exact_match": value, "f1": value}
            scored.append(ScoredPrediction(example, "k", made, False, both))
    ok = [one.scores["f1"] for one in scored if one.scores]
    mean = sum(ok) / len(ok) if ok else None
    number = Number(mean=mean, n=len(ok), signature="s", share=None)
    row = Row(
        model=name, role=role, task="answer", scope="article", kind="k",
        metrics={"exact_match": number, "f1": number},
        counts=Counts(expected=len(scored), ok=len(ok), error=len(scored) - len(ok), truncated=0, cached=0),
        cut={}, seconds=0, tokens_per_second=None, peak_memory_bytes=0, weights=None,
        weights_bytes=None, licence=None, prompt=None, identity={}, environments=[],
    )  # fmt: skip
    return row, scored


def _standings(*made: tuple[Row, list[ScoredPrediction]]) -> Ranking:
    scored = {(row.model, row.task, row.scope): got for row, got in made}
    return rank_rows([row for row, _ in made], scored)


def _board(found: Ranking) -> Leaderboard:
    rows = sorted(found.rows, key=lambda row: -(row.metrics["f1"].mean or 0))
    return Leaderboard(
        schema_version=2, suite=SuiteLine(id="s", hash="h", limit=None), primary={"answer": "f1"},
        environment={}, rows=rows, comparisons=found.comparisons, power=found.power,
    )  # fmt: skip


GOOD = [[1.0, 0.95]] * 10 + [[0.9, 1.0]] * 2
FAIR = [[0.9, 1.0]] * 3 + [[1.0, 0.8]] * 9
POOR = [[0.1, 0.3]] * 7 + [[0.3, 0.0]] * 5


def test_rows_told_apart_have_ranks_and_say_whom_they_beat() -> None:
    found = _standings(
        _row("poor", POOR, "floor"), _row("good", GOOD), _row("fair", FAIR), _row("seer", GOOD, "oracle")
    )  # fmt: skip
    placed = {row.model: (row.rank, row.worst_rank, row.beats) for row in found.rows}
    assert placed == {
        "good": (1, 1, ["fair", "poor"]),
        "fair": (2, 2, ["poor"]),
        "poor": (3, 3, []),
        "seer": (None, None, []),
    }
    assert [(one.a, one.b) for one in found.comparisons] == [
        ("good", "fair"), ("good", "poor"), ("fair", "poor"),
    ]  # fmt: skip


def test_numbers_are_those_of_the_statistics() -> None:
    found = _standings(_row("good", GOOD), _row("poor", POOR))
    articles = [a for a in range(12) for _ in range(2)]
    flat = {"good": np.ravel(GOOD), "poor": np.ravel(POOR)}
    for row in found.rows:
        (expected,) = estimates(flat[row.model], articles)
        number = row.metrics["f1"]
        assert number.clusters == 12
        assert number.interval is not None
        assert expected.interval is not None
        assert number.interval.model_dump() == {
            "low": expected.interval.low, "high": expected.interval.high, "method": "t",
        }  # fmt: skip
        assert number.bootstrap is not None
        assert expected.bootstrap is not None
        assert number.bootstrap.low == pytest.approx(expected.bootstrap.low)
    (line,) = found.comparisons
    one = compare(flat["good"], flat["poor"], articles)
    assert (line.p, line.p_adjusted) == (one.p, one.p_adjusted) == (2 / 2**12, 2 / 2**12)
    assert line.adjustment == "maxt exact"
    assert (line.metric, line.wins, line.ties, line.losses) == ("f1", 24, 0, 0)
    assert line.difference == pytest.approx(one.difference)


def test_the_interval_of_exact_match_does_not_contradict_f1_s() -> None:
    """No answer matches; some share words. EM alone would end at Wilson's of 0 of 5, 43.4 %."""
    row, scored = _row("near", [[0.1, 0.0], [0.05, 0.0], [0.1, 0.1], [0.0, 0.1], [0.05, 0.05]])
    scored = [dataclasses.replace(one, scores={**one.scores, "exact_match": 0.0}) for one in scored]
    (found,) = _standings((row, scored)).rows
    exact, f1 = found.metrics["exact_match"].interval, found.metrics["f1"].interval
    assert exact is not None
    assert f1 is not None
    assert (exact.low, exact.high) == (0.0, f1.high)
    assert f1.high < 0.434
    assert exact.method == "wilson by cluster, under f1"


def test_a_row_with_failures_is_not_compared_and_it_is_said() -> None:
    holes: Scores = [[None, 0.9], *GOOD[1:]]
    found = _standings(_row("good", GOOD), _row("holes", holes), _row("poor", POOR))
    assert [(one.a, one.b) for one in found.comparisons] == [("good", "poor")]
    ranks = {row.model: row.rank for row in found.rows}
    assert ranks == {"good": 1, "holes": None, "poor": 2}
    assert "Not ranked, for want of scores on the same examples: holes." in found.power[0].sentence
    (holed,) = [row for row in found.rows if row.model == "holes"]
    assert holed.metrics["f1"].interval is not None


def test_a_row_without_any_score_stays() -> None:
    found = _standings(_row("good", GOOD), _row("gone", [[None, None]] * 12))
    (gone,) = [row for row in found.rows if row.model == "gone"]
    assert (gone.rank, gone.metrics["f1"].interval, gone.metrics["f1"].clusters) == (None, None, 0)
    assert found.power[0].sentence.startswith("No two rows were scored on the same examples")


def test_five_articles_show_nothing_and_say_so() -> None:
    found = _standings(_row("good", [[1.0], [0.9]] + [[1.0]] * 3), _row("poor", [[0.1]] * 5))
    assert {(row.rank, row.worst_rank) for row in found.rows} == {(1, 2)}
    (line,) = found.power
    assert line.smallest_p == 0.0625
    assert line.sentence.startswith(
        "Five articles cannot show any difference at the 5 % level by an exact test: the smallest "
        "possible p is 0.0625. So all ranks are open."
    )


def test_six_articles_can_tell_many_rows_apart() -> None:
    """Each pair differs by the same on all six, so of all flips only none and all reach any: 2 / 64."""
    found = _standings(*(_row(name, [[0.1 * i]] * 6) for i, name in enumerate("abc")))
    assert {one.p_adjusted for one in found.comparisons} == {2 / 64}
    assert {row.model: row.rank for row in found.rows} == {"c": 1, "b": 2, "a": 3}
    assert "cannot show" not in found.power[0].sentence


def test_two_floors_are_compared_but_not_in_the_family_of_claims() -> None:
    """Floors apart by the same on all articles: no claim is made of that, and it costs no power."""
    found = _standings(
        _row("good", GOOD), _row("low", [[0.1, 0.1]] * 12, "floor"),
        _row("high", [[0.2, 0.2]] * 12, "floor"),
    )  # fmt: skip
    lines = {(line.a, line.b): line for line in found.comparisons}
    floors = lines["high", "low"]
    assert (floors.p, floors.p_adjusted, floors.adjustment) == (2 / 2**12, None, "none")
    assert lines["good", "low"].p_adjusted == lines["good", "high"].p_adjusted == 2 / 2**12
    beats = {row.model: row.beats for row in found.rows}
    assert beats == {"good": ["high", "low"], "high": [], "low": []}


def test_floors_alone_are_a_family() -> None:
    found = _standings(_row("low", [[0.1]] * 12, "floor"), _row("high", [[0.2]] * 12, "floor"))
    assert [line.p_adjusted for line in found.comparisons] == [2 / 2**12]


def test_rows_of_other_examples_are_of_the_same_family() -> None:
    """Two sets of rows on articles of their own: adjusted together, as if one matrix had both."""
    rng = np.random.default_rng(8)
    one, two, three, four = (rng.random((9, 1)) for _ in range(4))
    holes: list[list[float | None]] = [[None]]
    found = _standings(
        _row("a", [*one.tolist(), [0.5]]), _row("b", [*two.tolist(), [0.6]]),
        _row("c", [*three.tolist(), *holes]), _row("d", [*four.tolist(), *holes]),
    )  # fmt: skip
    made = {frozenset((line.a, line.b)): line.p_adjusted for line in found.comparisons}
    first, second = np.append(one - two, -0.1), np.append(three - four, 0.0)
    signs = np.array(list(product((1, -1), repeat=10)))
    statistic = np.abs(signs @ np.array([first, second]).T) / [
        np.linalg.norm(first), np.linalg.norm(second),
    ]  # fmt: skip
    greater = int(statistic[0].argmax())
    expected = np.mean(statistic.max(axis=1) >= statistic[0, greater] - 1e-9)
    pair = frozenset(("ab", "cd")[greater])
    assert made[pair] == pytest.approx(expected)


def test_one_article_shows_nothing_of_others() -> None:
    found = _standings(_row("good", [[1.0, 0.9]]), _row("poor", [[0.1, 0.2]]))
    assert found.power[0].sentence.startswith("One article cannot show any difference")
    assert found.power[0].minimum_difference is None
    for row in found.rows:
        caution = row.metrics["f1"].caution
        assert row.metrics["f1"].interval is None
        assert caution is not None
        assert caution.startswith("one article has no interval")


def test_the_detectable_difference_is_of_models() -> None:
    """The models' differences by article are 0.1 and -0.1, six times each; floors do not count.

    So their standard error is 0.1 / sqrt(11), and scipy's noncentral t must give 80 %.
    """
    found = _standings(
        _row("one", [[0.5]] * 12), _row("other", [[0.4]] * 6 + [[0.6]] * 6),
        _row("low", [[0.0]] * 12, "floor"), _row("high", [[0.0]] * 3 + [[1.0]] * 9, "floor"),
    )  # fmt: skip
    least = found.power[0].minimum_difference
    assert least is not None
    far = scipy.stats.nct(11, least / (0.1 / 11**0.5))
    critical = scipy.stats.t.ppf(0.975, 11)
    assert far.sf(critical) + far.cdf(-critical) == pytest.approx(0.8, abs=1e-6)


def test_the_table_says_it() -> None:
    found = _standings(_row("poor", POOR, "floor"), _row("good", GOOD), _row("fair", FAIR))
    text = terminal_text(tables(_board(found)), Display())
    good, fair, poor = (
        next(x for x in text.splitlines() if x.startswith(n)) for n in ("good", "fair", "(poor)")
    )
    assert good.split()[1:4] == ["1", "1", "²⁻³"]
    assert fair.split()[1:4] == ["2", "2", "³"]
    assert poor.split()[1:3] == ["3", "3"]
    number = next(row for row in found.rows if row.model == "good").metrics["f1"]
    assert number.interval is not None
    assert number.mean is not None
    low, high = 100 * number.interval.low, 100 * number.interval.high
    assert f"{100 * number.mean:.1f} [{low:.1f}, {high:.1f}]" in good
    assert found.power[0].sentence.split(" from ")[0] in text.replace("\n", " ")
    assert "Caution, good" in text  # its interval is near 1


def test_a_leaderboard_of_standings_survives_its_file() -> None:
    board = _board(_standings(_row("good", GOOD), _row("poor", POOR)))
    assert Leaderboard.model_validate(json.loads(board.to_json())) == board


def test_the_slow_parts_of_scipy_stay_out() -> None:
    """`scipy.stats` takes a second to import; what is needed of it is in `scipy.special`."""
    script = "import sys, harness.leaderboard.ranking; print('scipy.stats' in sys.modules)"
    done = subprocess.run(
        [sys.executable, "-c", script], check=True, capture_output=True, text=True, timeout=300
    )
    assert done.stdout.strip() == "False"
