"""A metric that some texts have no score by, and summaries without a word."""

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pytest

from harness.compare.pairs import compare
from harness.files import write_lines
from harness.leaderboard.leaderboard import Row
from harness.leaderboard.numbers import Counts, Number
from harness.leaderboard.prediction_lines import prediction_lines
from harness.leaderboard.printing.tables import tables
from harness.leaderboard.ranking.ranking import rank_rows
from harness.leaderboard.run_folder import read_run
from harness.metrics.declaration import SHARE, Declaration
from harness.plan.task_scores import read_task_scores
from harness.records import Article, Example, Prediction, Query, ScoredPrediction
from harness.report.building.build import build_report
from harness.stats import estimates
from harness.suite.suite import read_suite
from harness.tables.terminal import Display, terminal_text
from harness.verify.rebuild import rebuild
from harness.verify.verification import verify
from tests import small_runs

ERRORS = Declaration(0, float("inf"), "lower", "gated", partial=True)


def _row(name: str, errors: Sequence[float | None]) -> tuple[Row, list[ScoredPrediction]]:
    """Return a row of articles with an F1 each, and errors where it has some."""
    scored = []
    for place, value in enumerate(errors):
        example = Example(
            f"a{place}", Article(f"a{place}", "x", "f", ""), Query("answer", "x"), ("x",)
        )
        scores = {"f1": place / 10, **({} if value is None else {"errors": value})}
        scored.append(ScoredPrediction(example, "k", Prediction(f"{name}{place}"), False, scores))
    known = [value for value in errors if value is not None]
    numbers = {
        "f1": Number(mean=0.2, n=len(errors), signature="f1|x"),
        "errors": Number(
            mean=sum(known) / len(known) if known else None, n=len(known), signature="errors|x"
        ),
    }
    row = Row(
        model=name, role="model", task="answer", scope="article", kind="k", metrics=numbers,
        counts=Counts(expected=len(errors), ok=len(errors), error=0, truncated=0, cached=0),
        cut={}, seconds=0, tokens_per_second=None, peak_memory_bytes=0, weights=None,
        weights_bytes=None, licence=None, prompt=None, identity={}, environments=[],
    )  # fmt: skip
    return row, scored


def test_its_interval_is_over_the_texts_that_have_one() -> None:
    made = [
        _row("all", [1, 2, 0, 4, 1]), _row("some", [1, None, 0, 4, None]), _row("none", [None] * 5)
    ]  # fmt: skip
    scored = {(row.model, row.task, row.scope): items for row, items in made}
    ranking = rank_rows([row for row, _ in made], scored, {"f1": SHARE, "errors": ERRORS})
    numbers = {row.model: row.metrics["errors"] for row in ranking.rows}
    for name, values in {"all": [1, 2, 0, 4, 1], "some": [1, 0, 4]}.items():
        (expected,) = estimates([values], range(len(values)), ranges=[(0, float("inf"))])
        interval = numbers[name].interval
        assert interval is not None
        assert expected.interval is not None
        assert (interval.low, interval.high) == (expected.interval.low, expected.interval.high)
        assert (numbers[name].n, numbers[name].clusters) == (len(values), len(values))
    assert (numbers["none"].mean, numbers["none"].interval, numbers["none"].n) == (None, None, 0)
    assert len(ranking.comparisons) == 3  # by the F1, which all have


def test_it_cannot_rank() -> None:
    with pytest.raises(ValueError, match="that some texts have no score by cannot rank"):
        Declaration(partial=True)


@pytest.fixture
def silent(suite_folder: Path, tmp_path: Path) -> Path:
    """A run whose lead-3 said nothing of the first article, written as the harness writes it."""
    run = small_runs.run(suite_folder, tmp_path / "run")
    (run / "predictions.sqlite").unlink()
    first = read_suite(suite_folder).examples("summarize")[0].id
    emptied = small_runs.replacing_texts(
        suite_folder,
        "lead-3",
        "summarize",
        lambda line: "" if line["example"] == first else line["text"],
    )
    small_runs.changed_copy(run, run, emptied)
    rebuilt = rebuild(read_run(run, altered=True), read_suite(suite_folder))
    assert rebuilt.problems == ()
    digest = write_lines(run / "predictions.jsonl", prediction_lines(rebuilt.board, rebuilt.scored))
    board = rebuilt.board.model_copy(update={"predictions_sha256": digest})
    (run / "leaderboard.json").write_text(board.sealed().to_json(), encoding="utf-8")
    return run


def test_a_summary_without_a_word_is_counted_and_gains_nothing(
    silent: Path, suite_folder: Path
) -> None:
    """Of the suite's articles lead-3 copies all but one, of which it says nothing."""
    board = read_run(silent).board
    row = next(
        r for r in board.rows if (r.model, r.task, r.scope) == ("lead-3", "summarize", "article")
    )
    n = row.counts.ok
    assert (row.counts.empty, row.counts.error) == (1, 0)
    support, unsupported = row.metrics["support"], row.metrics["unsupported"]
    assert support.mean == pytest.approx((n - 1) / n)
    assert support.n == n
    assert (unsupported.mean, unsupported.n) == (0, n - 1)
    assert row.metrics["extractive_coverage"].mean == 1
    text = terminal_text(tables(board), Display(80))
    assert f"Empty, lead-3: 1 of {n} texts have no word" in " ".join(text.split())
    header = next(line for line in text.splitlines() if line.startswith("summarize "))
    assert "empty" in header.split()
    suite = read_suite(suite_folder)
    page = build_report(read_run(silent), suite).page
    (group,) = (group for group in page.groups if group.id == "summarize")
    assert any("texts have no word" in caution for caution in group.cautions)
    assert verify(silent, suite_folder).differences == ()


def test_two_runs_and_a_plan_pass_over_what_has_no_score(
    silent: Path, suite_folder: Path, tmp_path: Path
) -> None:
    """The silent article has no count of errors in one run, and one in the other."""
    whole = small_runs.run(suite_folder, tmp_path / "whole")
    pair = compare(read_run(whole), read_run(silent), ["unsupported"])
    rows = {(row.name.model, row.name.scope, row.metric): row for row in pair.rows}
    by_rouge = rows["lead-3", "article", "rougeLsum"].scores
    by_errors = rows["lead-3", "article", "unsupported"].scores
    assert by_rouge is not None
    assert by_errors is not None
    assert by_errors.n == by_rouge.n - 1
    assert (by_errors.base, by_errors.head) == (0, 0)
    run, suite = read_run(silent), read_suite(suite_folder)
    scores = read_task_scores(run.board, suite, run.lines, "summarize", "unsupported")
    lacking = np.isnan(scores.values).sum(axis=1)
    assert dict(zip(scores.names, lacking, strict=True)) == dict.fromkeys(scores.names, 0) | {
        "lead-3": 1
    }
