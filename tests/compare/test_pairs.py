import json
from collections.abc import Callable
from pathlib import Path

import pytest

from harness.cli import main
from harness.compare.examples import Loss
from harness.compare.number_text import loss_lines
from harness.compare.pairs import RowPair, RunPair, compare
from harness.leaderboard.run_folder import read_run
from harness.metrics.declaration import SHARE
from tests import small_runs

# How many of an article's two questions the head gets wrong, of those that the base gets right.
WRONG = {"a": 2, "b": 1, "c": 0, "d": 0, "e": 0}


@pytest.fixture(scope="module")
def suite(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return small_runs.suite(tmp_path_factory.mktemp("five") / "five", articles=5, questions=2)


@pytest.fixture(scope="module")
def floors(suite: Path) -> Path:
    return small_runs.run(suite, suite / "floors")


def _answer(line: small_runs.Line) -> str:
    article, question = line["example"].split("/")
    return f"{article}word{question[1:]}"


def _worse(line: small_runs.Line) -> str:
    article, question = line["example"].split("/")
    return "wrong" if int(question[1:]) < WRONG[article] else _answer(line)


@pytest.fixture(scope="module")
def right(suite: Path, floors: Path) -> Path:
    """A run in which no-answer has every answer right."""
    change = small_runs.replacing_texts(suite, "no-answer", "answer", _answer)
    return small_runs.changed_copy(floors, suite / "right", change)


@pytest.fixture(scope="module")
def worse(suite: Path, right: Path) -> Path:
    """The same with three of the ten wrong: two on a, one on b."""
    change = small_runs.replacing_texts(suite, "no-answer", "answer", _worse)
    return small_runs.changed_copy(right, suite / "worse", change)


def _compared(base: Path, head: Path) -> RunPair:
    return compare(read_run(base), read_run(head))


def _answers(pair: RunPair) -> RowPair:
    (row,) = [row for row in pair.rows if row.name.model == "no-answer"]
    return row


def test_the_difference_is_the_one_by_hand(right: Path, worse: Path) -> None:
    """Ten differences, three of -1: the mean is -0.3.

    Summed by article less the mean of two each: -1.4, -0.4, 0.6, 0.6, 0.6; squared and summed
    3.2, times 5/4, over 10 ** 2, is 0.04: the standard error is 0.2. Student's t with 4 degrees
    of freedom at 97.5 % is 2.776445 (any table). Of the 32 patterns of signs of (-2, -1, 0, 0, 0)
    half reach 3 in size: p = 0.5.
    """
    scores = _answers(_compared(right, worse)).scores
    assert scores is not None
    assert (scores.n, scores.clusters, scores.base, scores.head) == (10, 5, 1.0, 0.7)
    assert scores.difference == pytest.approx(-0.3, rel=1e-12)
    assert scores.interval is not None
    assert scores.interval.low == pytest.approx(-0.3 - 0.2 * 2.776445, abs=1e-6)
    assert scores.interval.high == pytest.approx(-0.3 + 0.2 * 2.776445, abs=1e-6)
    assert scores.standard_error == pytest.approx(0.2, rel=1e-12)
    assert scores.freedom == pytest.approx(4, rel=1e-12)
    assert scores.p == 0.5
    assert (scores.p_adjusted, scores.simultaneous) == (0.5, None)  # beside a row that is alike
    assert (scores.improved, scores.worse, scores.equal) == (0, 3, 7)
    assert [loss.example for loss in scores.losses] == ["a/q0", "a/q1", "b/q0"]
    first = scores.losses[0]
    assert (first.base, first.head, first.base_text, first.head_text) == (1, 0, "aword0", "wrong")


def test_the_other_way_round_it_is_better(right: Path, worse: Path) -> None:
    scores = _answers(_compared(worse, right)).scores
    assert scores is not None
    assert (scores.improved, scores.worse, scores.equal) == (3, 0, 7)
    assert scores.difference == pytest.approx(0.3, rel=1e-12)
    assert scores.losses == ()


def test_a_row_is_compared_by_further_metrics_that_it_has(right: Path, worse: Path) -> None:
    """Three of ten are lost by either: one word that is right or wrong."""
    pair = compare(read_run(right), read_run(worse), ["exact_match", "rouge1", "none"])
    metrics: dict[str, list[str]] = {}
    for row in pair.rows:
        metrics.setdefault(str(row.name), []).append(row.metric)
    assert metrics["no-answer answer"] == ["f1", "exact_match"]
    assert metrics["lead-3 summarize"] == ["rougeLsum", "rouge1"]
    for row in pair.rows:
        if row.name.model == "no-answer":
            assert row.scores is not None
            assert row.scores.difference == pytest.approx(-0.3, rel=1e-12)
            assert (row.scores.worse, len(row.scores.losses)) == (3, 3)


def test_where_lower_is_better_what_falls_is_better(
    right: Path, worse: Path, tmp_path: Path
) -> None:
    lower = []
    for run in (right, worse):
        lower.append(small_runs.changed_copy(run, tmp_path / run.name, lambda line: line))
        small_runs.edit_board(
            lower[-1], lambda board: board["metrics"]["f1"].update(direction="lower")
        )
    scores = _answers(_compared(*lower)).scores
    assert scores is not None
    assert scores.difference == pytest.approx(-0.3, rel=1e-12)
    assert (scores.improved, scores.worse, scores.losses) == (3, 0, ())
    scores = _answers(_compared(*reversed(lower))).scores
    assert scores is not None
    assert (scores.improved, scores.worse, len(scores.losses)) == (0, 3, 3)


def test_rows_as_they_were_differ_by_nothing(right: Path, worse: Path) -> None:
    pair = _compared(right, worse)
    assert {row.name.model for row in pair.rows} == {
        "lead-3", "random-3", "lexrank", "oracle-extractive", "best-sentence", "no-answer",
    }  # fmt: skip
    for row in pair.rows:
        assert (row.refused, row.changes, row.missing, row.failed) == ((), (), (), ())
        if row.name.model != "no-answer":
            assert row.scores is not None
            assert (row.scores.difference, row.scores.p) == (0, 1)
            assert row.scores.interval is not None
            assert (row.scores.interval.low, row.scores.interval.high) == (0, 0)
            assert row.other_outputs == 0


def test_only_the_ten_largest_losses_are_kept_largest_first(tmp_path: Path) -> None:
    """Twelve losses; of d/q0 half is left: "dword0 wrong" against "dword0" has F1 2/3."""
    suite = small_runs.suite(tmp_path / "s", articles=4, questions=3)
    floors = small_runs.run(suite, tmp_path / "floors")
    base = small_runs.changed_copy(
        floors, tmp_path / "base", small_runs.replacing_texts(suite, "no-answer", "answer", _answer)
    )

    def worse(line: small_runs.Line) -> str:
        return "aword0 wrong" if line["example"] == "a/q0" else "wrong"

    head = small_runs.changed_copy(
        base, tmp_path / "head", small_runs.replacing_texts(suite, "no-answer", "answer", worse)
    )
    scores = _answers(_compared(base, head)).scores
    assert scores is not None
    assert scores.worse == 12
    assert len(scores.losses) == 10
    assert "a/q0" not in [loss.example for loss in scores.losses]


def test_failures_are_in_no_score_and_named(right: Path, tmp_path: Path) -> None:
    def fail(line: small_runs.Line) -> small_runs.Line:
        return small_runs.failing(line) if line["example"] in ("a/q0", "b/q1") else line

    head = small_runs.changed_copy(right, tmp_path / "head", fail)
    row = _answers(_compared(right, head))
    assert row.failed == ("a/q0", "b/q1")
    assert row.scores is not None
    assert (row.scores.n, row.scores.difference) == (8, 0)
    assert _answers(_compared(head, right)).recovered == ("a/q0", "b/q1")


def test_a_row_that_failed_throughout_has_no_scores(right: Path, tmp_path: Path) -> None:
    head = small_runs.changed_copy(right, tmp_path / "head", small_runs.failing)
    row = _answers(_compared(right, head))
    assert row.scores is None
    assert len(row.failed) == 10


def test_examples_of_one_run_only_are_listed(suite: Path, floors: Path, tmp_path: Path) -> None:
    short = small_runs.run(suite, tmp_path / "short", limit=9)
    assert _answers(_compared(floors, short)).missing == ("e/q1",)
    assert _answers(_compared(short, floors)).added == ("e/q1",)


def test_one_article_has_no_interval(tmp_path: Path) -> None:
    suite = small_runs.suite(tmp_path / "s", articles=1, questions=3)
    floors = small_runs.run(suite, tmp_path / "floors")
    change = small_runs.replacing_texts(suite, "no-answer", "answer", _answer)
    scores = _answers(
        _compared(floors, small_runs.changed_copy(floors, tmp_path / "head", change))
    ).scores
    assert scores is not None
    assert (scores.difference, scores.interval, scores.p) == (1, None, None)


def test_rows_of_one_run_only_are_listed(floors: Path, tmp_path: Path) -> None:
    head = small_runs.changed_copy(
        floors, tmp_path / "h", lambda x: None if x["model"] == "lead-3" else x
    )
    small_runs.edit_board(
        head,
        lambda board: board.update(rows=[r for r in board["rows"] if r["model"] != "lead-3"]),
    )
    assert [str(name) for name in _compared(floors, head).only_base] == ["lead-3 summarize"]
    assert [str(name) for name in _compared(head, floors).only_head] == ["lead-3 summarize"]


def test_other_goldens_are_refused_and_not_compared(floors: Path, tmp_path: Path) -> None:
    folder = small_runs.suite(tmp_path / "five", articles=5, questions=2)
    golden = folder / "goldens" / "a.yaml"
    golden.write_text(golden.read_text().replace("They signed", "They met"), encoding="utf-8")
    for row in _compared(floors, small_runs.run(folder, tmp_path / "head")).rows:
        assert row.scores is None
        assert [(one.part, one.name) for one in row.refused] == [("data", "suite")]


def test_a_score_that_moves_under_the_same_signature_is_refused(
    right: Path, tmp_path: Path
) -> None:
    def rescore(line: small_runs.Line) -> small_runs.Line:
        return line | {"scores": line["scores"] | {"f1": 0.5}} if line["task"] == "answer" else line

    row = _answers(_compared(right, small_runs.changed_copy(right, tmp_path / "h", rescore)))
    assert [str(one) for one in row.refused] == [
        "metric: the same text of a/q0 scores 1.000000 -> 0.500000"
    ]


def test_the_verb_prints_numbers_changes_and_both_outputs(
    right: Path, worse: Path, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    head = small_runs.changed_copy(worse, tmp_path / "head", lambda line: line)

    def edit(board: dict[str, object]) -> None:
        small_runs.row(board, "no-answer", "answer")["identity"]["window"] = 5

    small_runs.edit_board(head, edit)
    assert main(["compare", str(right), str(head)]) == 0
    text = capsys.readouterr().out
    line = next(line for line in text.splitlines() if line.startswith("(no-answer)"))
    assert line.split()[1:] == [
        "10", "100.0", "70.0", "-30.0", "[-85.5,", "+25.5]", "0.500",
        "none", "at", "5", "articles", "0.500", "0", "3", "7", "0", "0",
    ]  # fmt: skip
    assert "no-answer answer: 3 outputs differ. What changed:\n  decoding: window none -> 5" in text
    assert "  a/q0: 100.0 -> 0.0\n    base: “aword0”\n    head: “wrong”" in text


def test_the_verb_s_json_has_the_same_facts(
    right: Path, worse: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["compare", str(right), str(worse), "--json"]) == 0
    rows = json.loads(capsys.readouterr().out)["rows"]
    (row,) = [row for row in rows if row["name"]["model"] == "no-answer"]
    assert row["scores"]["worse"] == 3
    assert row["scores"]["interval"]["method"] == "t"
    assert row["scores"]["losses"][0]["head_text"] == "wrong"


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("one\n two\tthree", "“one two three”"),
        ("x" * 301, f"“{'x' * 299}…”"),
        ("x" * 300, f"“{'x' * 300}”"),
        ("\x1b[2J\x00", "“⟦U+001B⟧[2J⟦U+0000⟧”"),  # nothing that commands a terminal
        ("", "“”"),
    ],
)
def test_outputs_are_shown_on_one_line(text: str, shown: str) -> None:
    assert loss_lines(Loss("a", 1, 0, text, "x"), SHARE)[1] == f"  base: {shown}"


@pytest.mark.parametrize(
    "tell", [lambda run: run, lambda run: run / "leaderboard.json"], ids=["folder", "file"]
)
def test_what_is_not_comparable_is_said(
    right: Path,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    tell: Callable[[Path], Path],
) -> None:
    head = small_runs.changed_copy(right, tmp_path / "h", lambda line: line)
    small_runs.edit_board(head, lambda board: board["suite"].update(hash="0" * 64))
    assert main(["compare", str(tell(right)), str(tell(head))]) == 0
    text = capsys.readouterr().out
    assert "no-answer answer: not compared, because the rows are not comparable:\n  data: s" in text


def test_a_run_without_the_primary_metric_is_refused_and_its_texts_still_counted(
    floors: Path, right: Path, tmp_path: Path
) -> None:
    def without(line: small_runs.Line) -> small_runs.Line:
        return line | {"scores": {k: v for k, v in line["scores"].items() if k != "f1"}}

    lacking = small_runs.changed_copy(right, tmp_path / "lacking", without)
    small_runs.edit_board(
        lacking, lambda board: [row["metrics"].pop("f1", None) for row in board["rows"]]
    )
    pair = compare(read_run(floors), read_run(lacking))
    row = next(one for one in pair.rows if one.name.model == "no-answer")
    assert [str(one) for one in row.refused] == ["metric: primary f1 -> none"]
    assert row.scores is None
    assert row.other_outputs == 10


def test_the_verb_compares_by_further_metrics_in_their_own_unit_and_direction(
    suite: Path, floors: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """One article of five gains three numbers that it does not have: 0.6 on the mean, one worse.

    Deviations 2.4 and four times -0.6: squared and summed 7.2; over 4, over 5, 0.36: the standard
    error is 0.6, and t with 4 degrees of freedom at 97.5 % 2.776445: 0.6 -+ 1.666.
    """

    def text(line: small_runs.Line) -> str:
        return "Ann met Bob" + (" 7000 8000 9000" if line["example"] == "a" else "")

    plain = small_runs.replacing_texts(suite, "lead-3", "summarize", lambda line: "Ann met Bob")
    base = small_runs.changed_copy(floors, tmp_path / "base", plain)
    head = small_runs.changed_copy(
        base, tmp_path / "head", small_runs.replacing_texts(suite, "lead-3", "summarize", text)
    )
    assert main(["compare", str(base), str(head), "--metrics", "unsupported", "--wide"]) == 0
    table = capsys.readouterr().out.partition("summarize, unsupported ")[2]
    line = next(line for line in table.splitlines() if line.startswith("(lead-3)"))
    assert line.split()[1:7] == ["5", "0.0", "0.6", "+0.6", "[-1.1,", "+2.3]"]
    assert line.split()[-5:] == ["0", "1", "4", "0", "0"]  # better, worse, same, failed, missing
    for name, message in (
        ("words", "--metrics: words is only shown, so that nothing is judged by it; there are"),
        ("suport", "--metrics: no metric 'suport' in these runs; did you mean support"),
    ):
        assert main(["compare", str(base), str(head), "--metrics", name]) == 2
        (line,) = capsys.readouterr().err.splitlines()
        assert message in line
