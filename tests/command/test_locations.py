"""A suite's name as the command line has it, what a run records, and the way back."""

import shutil
from pathlib import Path

import pytest

from harness.cli import main
from harness.command.locations import located_from, recorded_location
from harness.errors import DataError
from harness.files import shipped_path
from harness.leaderboard.run_folder import read_run
from harness.suite.opening import open_suite
from tests import small_runs


@pytest.fixture(autouse=True)
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.mark.parametrize(
    ("name", "run", "recorded", "seen_from_here"),
    [
        ("shipped", "results", "shipped", "shipped"),
        ("demo", "results", "demo", "demo"),
        (None, "results", "shipped", "shipped"),
        (shipped_path(""), "results", "shipped", "shipped"),
        ("birds", "results", "../birds", "birds"),
        ("birds", "runs/new", "../../birds", "birds"),
        (".", "results", "..", "."),
        ("squad:set.json", "results", "squad:../set.json", "squad:set.json"),
        ("squad:tables#test", "results", "squad:../tables#test", "squad:tables#test"),
        ("squad:o/n@c#test", "results", "squad:o/n@c#test", "squad:o/n@c#test"),
        ("squad:./o/n#test", "results", "squad:../o/n#test", "squad:./o/n#test"),
        ("squad:./o/n#test", ".", "squad:./o/n#test", "squad:./o/n#test"),
        ("squad:./o/n@c", "o", "squad:n@c", "squad:./o/n@c"),
        ("squad:o/set.json", ".", "squad:o/set.json", "squad:o/set.json"),
    ],
)
def test_a_name_there_and_back(
    here: Path, name: str | Path | None, run: str, recorded: str, seen_from_here: str
) -> None:
    (here / "set.json").touch()
    (here / "tables").mkdir()
    (here / "o" / "n").mkdir(parents=True)
    (here / "o" / "n@c").mkdir()
    (here / "o" / "set.json").touch()
    assert recorded_location(name, Path(run)) == recorded
    assert located_from(recorded, Path(run)) == seen_from_here


def test_a_path_called_like_what_ships_is_a_path(here: Path) -> None:
    small_runs.suite(here / "demo", articles=2, questions=1)
    assert open_suite("./demo").id == "demo"
    assert recorded_location("./demo", Path("results")) == "../demo"
    assert len(open_suite("demo").articles) > len(open_suite("./demo").articles)


def test_outside_of_the_repository_the_shipped_suite_is_told_from_the_small_one(
    monkeypatch: pytest.MonkeyPatch, here: Path
) -> None:
    """As in an installed wheel, which has no seeds."""
    monkeypatch.setattr("harness.command.locations.shipped_path", lambda name: here / name)
    assert open_suite().id == open_suite("demo").id
    with pytest.raises(DataError, match="--suite shipped: its articles are in the project's repos"):
        open_suite("shipped")


def test_a_run_and_its_suite_may_move_together(
    here: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    small_runs.suite(here / "old" / "birds", articles=2, questions=1)
    small_runs.run(Path("old/birds"), Path("old/results"))
    shutil.move("old", "new")
    assert read_run(Path("new/results")).board.suite.location == "../birds"
    for command in (["verify", "new/results"], ["show", "a", "new/results", "--model", "lead-3"]):
        assert main(command) == 0
        assert "Suite new/birds (as the run records)" in capsys.readouterr().err


def test_a_suite_that_is_gone_is_named(here: Path, capsys: pytest.CaptureFixture[str]) -> None:
    small_runs.suite(here / "birds", articles=2, questions=1)
    small_runs.run(Path("birds"), Path("results"))
    shutil.move("birds", "bees")
    assert main(["verify"]) == 2
    assert "birds: there is no such suite folder; check --suite" in capsys.readouterr().err
    assert main(["verify", "--suite", "bees"]) == 1
    assert capsys.readouterr().out.splitlines()[-1].endswith("recomputed: 1 differ")  # its name
