"""Rows that were made in several kinds of place, told by how the places differ."""

from collections.abc import Mapping, Sequence
from pathlib import Path

import pytest

from harness.cli import main
from harness.environment import environment, thread_count
from harness.eval.evaluate import evaluate
from harness.leaderboard.printing.place_notes import place_notes
from harness.leaderboard.run_folder import read_run
from harness.models.roster.roster import read_rosters
from harness.run.predict import predict
from harness.run.store import Store
from harness.suite.suite import read_suite
from tests.small_runs import suite

Environment = Mapping[str, object]
HERE: Environment = {
    "harness": "0.2", "cpu": "EPYC", "threads": 2, "packages": {"torch": "2.13.0"},
    "git_commit": "c" * 40, "git_dirty": False,
}  # fmt: skip


def _with(**other: object) -> Environment:
    return {**HERE, **other}


@pytest.mark.parametrize(
    ("places", "told"),
    [
        ([], None),
        ([HERE], None),
        ([HERE, _with(git_commit="d" * 40, git_dirty=True)], None),  # another commit: no other kind
        ([HERE, {}], None),  # of what was not made nothing is known
        ([HERE, _with(cpu="Xeon")], "2 kinds of place, which differ in cpu (EPYC or Xeon)"),
        ([HERE, _with(gpu="H200")], "2 kinds of place, which differ in gpu (H200 or unknown)"),
        (
            [HERE, _with(harness="0.3", packages={"torch": "2.14.0"})],
            "2 kinds of place, which differ in harness (0.2 or 0.3), torch (2.13.0 or 2.14.0)",
        ),
        (
            [_with(threads=threads) for threads in range(1, 8)],
            "7 kinds of place, which differ in threads (1 or 2 or 3 or 4 or 3 more)",
        ),
    ],
)
def test_what_is_told_of_places(places: Sequence[Environment], told: str | None) -> None:
    assert place_notes([("m", places)]) == ([] if told is None else [f"m: made in {told}."])


def test_rows_of_the_same_places_are_named_together() -> None:
    both = [HERE, _with(cpu="Xeon")]
    (told,) = place_notes([("a", both), ("b", [HERE]), ("c", [*reversed(both)])])
    assert told == "a, c: made in 2 kinds of place, which differ in cpu (EPYC or Xeon)."


def test_a_run_that_went_on_elsewhere_says_so(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """One prediction of an older version, the rest made here."""
    folder, out = suite(tmp_path / "suite", 2, 2), tmp_path / "run"
    first = read_suite(folder).examples("summarize")[:1]
    older = {**environment(thread_count()), "harness": "0.0.1"}
    model = read_rosters()["lead-3"].model
    with Store(out / "predictions.sqlite") as store:
        predict(model, first, store, older, lambda done, total: None)
    assert main(["eval", "--suite", str(folder), "--models", "lead-3", "--out", str(out)]) == 0
    assert "lead-3: made in 2 kinds of place, which differ in harness (0.0.1 or " in " ".join(
        capsys.readouterr().out.split()
    )
    (row,) = [row for row in read_run(out).board.rows if row.model == "lead-3"]
    assert older in row.environments
    assert len(row.environments) == 2
    assert "lead-3: made in 2 kinds of place" in (out / "report.html").read_text(encoding="utf-8")
    key = next(line.key for line in read_run(out).lines if line.model == "lead-3")
    evaluate(folder, models=["lead-3"], out=tmp_path / "again")
    again = read_run(tmp_path / "again").lines
    assert key in [line.key for line in again]  # where it was made is no part of it
