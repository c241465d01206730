"""Rows with known scores: what is claimed of them, and what is not."""

import dataclasses
import json
import subprocess
import sys
from collections.abc import Sequence
from itertools import combinations, product

import numpy as np
import pytest
import scipy.stats

from harness.leaderboard.leaderboard import Leaderboard, Row
from harness.leaderboard.numbers import Counts, MetricLine, Number
from harness.leaderboard.printing.tables import tables
from harness.leaderboard.ranking.ranking import Ranking, rank_rows
from harness.leaderboard.suite_line import SuiteLine
from harness.metrics.declaration import SHARE, Declaration
from harness.records import Article, Example, Prediction, Query, Role, ScoredPrediction
from harness.stats import compare, estimates
from harness.tables.terminal import Display, terminal_text

Scores = Sequence[Sequence[float | None]]
DECLARATIONS = {"exact_match": Declaration(never_above="f1"), "f1": SHARE}


def _row(name: str, scores: Scores, role: Role = "model") -> tuple[Row, list[ScoredPrediction]]:
    """A row of `answer`, its scores by article; `None` is a failed prediction."""
    scored = []
    for a, several in enumerate(scores):
        article = Article(f"a{a:02}", "text", "f", "")
        for q, value in enumerate(several):
            example = Example(f"a{a:02}/q{q}", article, Query("answer", "text", "?"), ("x",))
            made = Prediction(f"x{a}{q}", error=None if value is not None else "failed")
            both = {} if value is None else {"exact_match": value, "f1": value}
            scored.append(ScoredPrediction(example, "k", made, False, both))
    ok = [one.scores["f1"] for one in scored if one.scores]
    mean = sum(ok) / len(ok) if ok else None
    number = Number(mean=mean, n=len(ok), signature="s")
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
    return rank_rows([row for row, _ in made], scored, DECLARATIONS)


def _board(found: Ranking) -> Leaderboard:
    rows = sorted(found.rows, key=lambda row: -(row.metrics["f1"].mean or 0))
    return Leaderboard(
        schema_version=2, suite=SuiteLine(id="s", hash="h", limit=None), primary={"answer": "f1"},
        environment={}, metrics={name: MetricLine.of(of) for name, of in DECLARATIONS.items()}, rows=rows, comparisons=found.comparisons, power=found.power,
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


def test_a_row_with_failures_is_compared_on_what_both_have_and_it_is_said() -> None:
    """One failure of 24: its pairs stand on the other 23, by the same rule as if they were all."""
    holes: Scores = [[None, 0.9], *GOOD[1:]]
    found = _standings(_row("good", GOOD), _row("holes", holes), _row("poor", POOR))
    lines = {(line.a, line.b): line for line in found.comparisons}
    assert {pair: line.n for pair, line in lines.items()} == {
        ("good", "holes"): 23, ("good", "poor"): 24, ("holes", "poor"): 23,
    }  # fmt: skip
    articles = [a for a in range(12) for _ in range(2)][1:]
    alone = compare([0.9, *np.ravel(GOOD)[2:]], np.ravel(POOR)[1:], articles)
    line = lines["holes", "poor"]
    assert line.difference == pytest.approx(alone.difference)
    assert (line.wins, line.losses, line.p) == (alone.wins, alone.losses, alone.p)
    assert line.interval is not None
    assert alone.interval is not None
    assert line.interval.low == pytest.approx(alone.interval.low)
    assert line.caution is None
    assert {row.model: (row.rank, row.worst_rank) for row in found.rows} == {
        "good": (1, 2), "holes": (1, 2), "poor": (3, 3),
    }  # fmt: skip
    (power,) = found.power
    assert (power.common, power.clusters) == (23, 12)
    assert "23 of 24 examples were scored in all rows. Rows are sorted by their own means" in (
        power.sentence
    )


def test_few_examples_in_common_carry_a_caution() -> None:
    """Of 24 examples 21 are 87.5 %; 22, at 91.7 %, are enough."""
    three: Scores = [[None, 0.9], [None, None], *GOOD[2:]]
    two: Scores = [[1.0, 0.9], [None, None], *GOOD[2:]]
    found = _standings(_row("good", GOOD), _row("three", three), _row("two", two))
    cautions = {frozenset((line.a, line.b)): line.caution for line in found.comparisons}
    assert cautions == {
        frozenset(("good", "three")): "on 21 of 24 examples (88 %)",
        frozenset(("two", "three")): "on 21 of 24 examples (88 %)",
        frozenset(("good", "two")): None,
    }
    text = terminal_text(tables(_board(found)), Display()).replace("\n", " ")
    assert "Caution, compared on part of the examples:" in text
    assert "on 21 of 24 examples (88 %)" in text


def test_rows_without_an_example_in_common_are_not_compared() -> None:
    left: Scores = [[0.5, None]] * 12
    right: Scores = [[None, 0.5]] * 12
    found = _standings(_row("left", left), _row("right", right), _row("good", GOOD))
    pairs = {frozenset((line.a, line.b)) for line in found.comparisons}
    assert pairs == {frozenset(("good", "left")), frozenset(("good", "right"))}
    assert found.power[0].common == 0


def test_where_lower_is_better_the_lowest_leads_and_wins() -> None:
    """Errors counted per text: no share, so no bounds above, no Wilson, and points are errors."""
    declarations = dict.fromkeys(("exact_match", "f1"), Declaration(0, np.inf, "lower"))
    rows = [
        _row("few", [[1.0, 2.0]] * 6 + [[2.0, 2.0]] * 6),
        _row("many", [[5.0, 7.0]] * 6 + [[6.0, 6.0]] * 6),
        _row("floor", [[9.0, 9.0]] * 12, "floor"),
    ]
    scored = {(row.model, row.task, row.scope): got for row, got in rows}
    found = rank_rows([row for row, _ in rows], scored, declarations)
    assert {row.model: (row.rank, row.beats) for row in found.rows} == {
        "few": (1, ["many", "floor"]), "many": (2, ["floor"]), "floor": (3, []),
    }  # fmt: skip
    first = found.comparisons[0]
    assert (first.a, first.b, first.difference) == ("few", "many", 1.75 - 6.0)
    assert (first.wins, first.losses) == (24, 0)
    assert first.interval is not None
    assert first.interval.low < -1.0  # not cut where shares end
    few = found.rows[0]
    assert few.above_floor is not None
    assert few.above_floor.difference == 1.75 - 9.0
    # Six means of 1.5 and six of 2: s / sqrt(12) = sqrt(12 * 0.25 ** 2 / 11) / sqrt(12).
    half = scipy.stats.t.ppf(0.975, 11) * 0.25 / 11**0.5
    interval = few.metrics["f1"].interval
    assert interval is not None
    assert interval.low == pytest.approx(1.75 - half)
    assert interval.high == pytest.approx(1.75 + half)


def test_each_row_stands_above_the_best_floor_by_its_paired_difference() -> None:
    found = _standings(
        _row("fair", FAIR), _row("poor", POOR, "floor"), _row("seer", GOOD, "oracle"),
        _row("worse", [[0.0, 0.1]] * 12, "floor"),
    )  # fmt: skip
    articles = [a for a in range(12) for _ in range(2)]
    above = {row.model: row.above_floor for row in found.rows}
    assert above["poor"] is above["worse"] is None
    for name, scores in (("fair", FAIR), ("seer", GOOD)):
        expected = compare(np.ravel(scores), np.ravel(POOR), articles)
        line = above[name]
        assert line is not None
        assert (line.floor, line.n) == ("poor", 24)
        assert line.difference == pytest.approx(expected.difference)
        assert line.interval is not None
        assert expected.interval is not None
        assert line.interval.low == pytest.approx(expected.interval.low)


def test_a_row_that_says_the_same_everywhere_has_no_interval() -> None:
    """What a constant scores is a fact of the goldens, such as their share without an answer."""
    row, scored = _row("mute", [[1.0, 0.0]] * 12, "floor")
    scored = [dataclasses.replace(one, prediction=Prediction("")) for one in scored]
    found = _standings((row, scored), _row("good", GOOD))
    mute = next(row for row in found.rows if row.model == "mute").metrics["f1"]
    assert (mute.mean, mute.interval, mute.bootstrap, mute.caution) == (0.5, None, None, None)
    assert mute.clusters == 12


def test_a_row_without_any_score_stays() -> None:
    found = _standings(_row("good", GOOD), _row("gone", [[None, None]] * 12))
    (gone,) = [row for row in found.rows if row.model == "gone"]
    assert (gone.rank, gone.metrics["f1"].interval, gone.metrics["f1"].clusters) == (None, None, 0)
    assert found.power[0].sentence.startswith("No two rows have scored examples in common")


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


@pytest.mark.parametrize(
    ("a", "b", "said"),
    [
        ([[1.0, 0.5]] * 6, [[1.0, 0.5]] * 6,
         "tell nothing of the difference that they could show: no models differ."),
        # By (0.5 + 0) / 2 in every article: nothing spreads, and 2 of 64 flips reach it.
        ([[1.0, 0.5]] * 6, [[0.5, 0.5]] * 6,
         "tell nothing of the difference that they could show: models that differ do so by the same "
         "in every article."),
        # By 1 and -1 in turn: the standard error is sqrt(6 / 5 / 6) = 0.447, and the whole range of
        # the metric is 1 / 0.447 = 2.24 of it. Student's t with 5 degrees of freedom asks for 2.57.
        ([[1.0], [0.0]] * 3, [[0.0], [1.0]] * 3,
         "would not even tell two models as far apart as can be from each other 80 % of the time, "
         "at the 5 % level: differences change too much from article to article."),
    ],
)  # fmt: skip
def test_why_no_detectable_difference_is_known(a: Scores, b: Scores, said: str) -> None:
    (line,) = _standings(_row("a", a), _row("b", b)).power
    assert (line.minimum_difference, line.sentence) == (None, f"Six articles {said}")


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
    """Two rows lack an article: each pair on what both have, all flipped and adjusted together."""
    rng = np.random.default_rng(8)
    one, two, three, four = (rng.random((9, 1)) for _ in range(4))
    holes: list[list[float | None]] = [[None]]
    found = _standings(
        _row("a", [*one.tolist(), [0.5]]), _row("b", [*two.tolist(), [0.6]]),
        _row("c", [*three.tolist(), *holes]), _row("d", [*four.tolist(), *holes]),
    )  # fmt: skip
    made = {frozenset((line.a, line.b)): line.p_adjusted for line in found.comparisons}
    rows = {"a": np.append(one, 0.5), "b": np.append(two, 0.6), "c": np.append(three, np.nan),
            "d": np.append(four, np.nan)}  # fmt: skip
    pairs = list(combinations("abcd", 2))
    differences = np.array([np.nan_to_num(rows[x] - rows[y]) for x, y in pairs])
    signs = np.array(list(product((1, -1), repeat=10)))
    statistic = np.abs(signs @ differences.T) / np.linalg.norm(differences, axis=1)
    greatest = int(statistic[0].argmax())
    expected = np.mean(statistic.max(axis=1) >= statistic[0, greatest] - 1e-9)
    assert made[frozenset(pairs[greatest])] == pytest.approx(expected)
    assert {frozenset((line.a, line.b)): line.n for line in found.comparisons} == {
        frozenset(pair): 10 if pair == ("a", "b") else 9 for pair in pairs
    }


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
