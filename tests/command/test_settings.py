"""Where a command's suite, rosters, results and prompts come from: a table a line of the docs."""

from pathlib import Path

import pytest

from harness.cli import main
from harness.command.settings import Setting, read_settings
from harness.errors import DataError


@pytest.fixture(autouse=True)
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    return tmp_path


def _lie_here(folder: Path) -> None:
    for name in ("seeds", "goldens"):
        (folder / name).mkdir()
    (folder / "models.toml").touch()


def test_an_empty_folder_has_what_ships() -> None:
    settings = read_settings({})
    assert settings.suite == Setting(None)
    assert settings.roster == Setting(("shipped",))
    assert settings.out == Setting(Path("results"))
    assert settings.prompts == Setting(None)


def test_the_first_that_says_it_wins(here: Path) -> None:
    """Each step is put before all those of the last; what it does not say stays as it was."""
    _lie_here(here)
    assert read_settings({}).suite == Setting(".", "seeds/ and goldens/ here")
    assert read_settings({}).roster == Setting(("models.toml",), "here")
    (here / "pyproject.toml").write_text(
        '[tool.golden-harness]\nsuite = "a"\nout = "b"\n[tool.other]\nsuite = 1\n'
    )
    origin = "pyproject.toml [tool.golden-harness]"
    assert read_settings({}).suite == Setting("a", origin)
    (here / "harness.toml").write_text('suite = "c"\nroster = ["d.toml", "shipped"]\n')
    assert read_settings({}).suite == Setting("c", "harness.toml")
    assert read_settings({}).roster == Setting(("d.toml", "shipped"), "harness.toml")
    assert read_settings({}).out == Setting(Path("b"), origin)
    variables = {
        "GOLDEN_HARNESS_SUITE": "e",
        "GOLDEN_HARNESS_ROSTER": "f.toml, shipped:hub",
        "GOLDEN_HARNESS_OUT": "",  # set to nothing: not set
        "GOLDEN_HARNESS_PROMPTS": "g",
    }
    settings = read_settings(variables)
    assert settings.suite == Setting("e", "GOLDEN_HARNESS_SUITE")
    assert settings.roster == Setting(("f.toml", "shipped:hub"), "GOLDEN_HARNESS_ROSTER")
    assert settings.out == Setting(Path("b"), origin)
    assert settings.prompts == Setting(Path("g"), "GOLDEN_HARNESS_PROMPTS")


@pytest.mark.parametrize("present", ["seeds", "goldens"])
def test_half_a_suite_is_none(here: Path, present: str) -> None:
    (here / present).mkdir()
    assert read_settings({}).suite == Setting(None)


@pytest.mark.parametrize(
    ("file", "text", "message"),
    [
        (
            "harness.toml",
            'suit = "a"',
            r"^harness.toml:1: suit: unknown key; did you mean suite\?$",
        ),
        (
            "harness.toml",
            "suite = 1",
            r"harness.toml:1: suite: must be the suite, as .*; write  suite = \"my-suite\"$",
        ),
        ("harness.toml", 'out = ""', "harness.toml:1: out: must be the folder that `harness eval`"),
        (
            "harness.toml",
            "roster = []",
            "harness.toml:1: roster: must be a roster or a list of them",
        ),
        ("harness.toml", "suite = ", "harness.toml: not valid TOML"),
        (
            "pyproject.toml",
            '[tool.golden-harness]\nx = "a"',
            "^pyproject.toml:2: tool.golden-harness.x: unknown key; there are suite, roster, out, ",
        ),
    ],
)
def test_a_wrong_file_says_what_and_where(here: Path, file: str, text: str, message: str) -> None:
    (here / file).write_text(text)
    with pytest.raises(DataError, match=message):
        read_settings({})


def test_all_that_is_wrong_is_told_at_once(here: Path) -> None:
    (here / "harness.toml").write_text('suit = "a"\n\nout = 1\n')
    (here / "pyproject.toml").write_text('[project]\n[tool.golden-harness]\nrooster = "x"\n')
    with pytest.raises(DataError) as caught:
        read_settings({})
    assert str(caught.value).splitlines() == [
        "3 problems in 2 files",
        "  harness.toml:1: suit: unknown key; did you mean suite?",
        "  harness.toml:3: out: must be the folder that `harness eval` writes, and all else reads; "
        'write  out = "results"',
        "  pyproject.toml:3: tool.golden-harness.rooster: unknown key; did you mean roster?",
    ]


def test_a_pyproject_of_something_else_is_left_alone(here: Path) -> None:
    (here / "pyproject.toml").write_text('tool = 1\n[project]\nname = "x"\n')
    assert read_settings({}).suite == Setting(None)


def test_of_a_run_that_is_not_there_no_suite_is_named(
    here: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["verify", "nowhere"]) == 2
    (line,) = capsys.readouterr().err.splitlines()
    assert line.startswith("harness: nowhere: no run: leaderboard.json is missing")
