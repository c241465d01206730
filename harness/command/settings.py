"""Where a command's suite, rosters, results and prompts are, if its line does not say.

Each is taken from the first of these that has it: the environment (`GOLDEN_HARNESS_SUITE`),
`./harness.toml`, the table `[tool.golden-harness]` of `./pyproject.toml`, what lies in the working
folder (`seeds` with `goldens`, `models.toml`), and what ships.
"""

import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Generic, TypeVar

from harness.command.locations import located_from
from harness.errors import DataError, Problem, Problems, did_you_mean
from harness.files import (
    Location,
    field_path,
    parse_json,
    read_text,
    read_toml,
    read_toml_with_lines,
)

T = TypeVar("T")

SETTINGS_FILE = "harness.toml"
PYPROJECT_FILE = "pyproject.toml"
TABLE = "golden-harness"
# Each key with what it is and an example that may be pasted.
KEYS = {
    "suite": ("the suite, as --suite names it", 'suite = "my-suite"'),
    "roster": ("a roster or a list of them, as --roster names them", 'roster = ["mine.toml"]'),
    "out": ("the folder that `harness eval` writes, and all else reads", 'out = "results"'),
    "prompts": ("a folder of prompts, looked in before the roster's own", 'prompts = "prompts"'),
}
DEFAULT_OUT = Path("results")


@dataclass(frozen=True)
class Setting(Generic[T]):
    """A value, and where it was said: "" for what is so without anybody's saying."""

    value: T
    origin: str = ""

    def __str__(self) -> str:
        value = ", ".join(self.value) if isinstance(self.value, tuple) else str(self.value)
        return f"{value} ({self.origin})" if self.origin else value


@dataclass(frozen=True)
class Settings:
    """What a command line that names nothing is about. `suite` is `None` for what ships."""

    suite: Setting[str | None]
    roster: Setting[tuple[str, ...]]
    out: Setting[Path]
    prompts: Setting[Path | None]


def read_settings(environment: Mapping[str, str] = os.environ) -> Settings:
    """Return the settings of the working folder; raise DataError with all that is wrong in them."""
    said: dict[str, Setting[tuple[str, ...]]] = {}
    problems = Problems()
    for table in _tables():
        for key, value in table.keys.items():
            with problems.collected():
                said.setdefault(key, Setting(_texts(table, key, value), str(table)))
    problems.raise_any()
    for key in KEYS:
        name = f"GOLDEN_HARNESS_{key.upper()}"
        if text := environment.get(name):
            values = text.split(",") if key == "roster" else [text]
            said[key] = Setting(tuple(value.strip() for value in values if value.strip()), name)
    if "suite" not in said and Path("seeds").is_dir() and Path("goldens").is_dir():
        said["suite"] = Setting((".",), "seeds/ and goldens/ here")
    if "roster" not in said and Path("models.toml").is_file():
        said["roster"] = Setting(("models.toml",), "here")
    suite, out, prompts = said.get("suite"), said.get("out"), said.get("prompts")
    return Settings(
        suite=Setting(suite.value[0], suite.origin) if suite else Setting(None),
        roster=said.get("roster", Setting(("shipped",))),
        out=Setting(Path(out.value[0]).expanduser(), out.origin) if out else Setting(DEFAULT_OUT),
        prompts=(
            Setting(Path(prompts.value[0]).expanduser(), prompts.origin)
            if prompts
            else Setting(None)
        ),
    )


def recorded_suite(run: Path) -> str | None:
    """Return the suite that a run says it was made on, as `--suite` would name it from here.

    `None` where the run does not say, or is none: whoever reads it whole tells what is wrong.
    """
    try:
        content = parse_json(read_text(leaderboard_of(run)))
        location = content["suite"]["location"]
    except (DataError, ValueError, LookupError, TypeError):
        return None
    folder = run if run.is_dir() else run.parent
    return located_from(location, folder) if isinstance(location, str) else None


def leaderboard_of(run: Path) -> Path:
    """Return the leaderboard of a run that is named by its folder or by one of its files."""
    if run.suffix == ".json":
        return run
    return (run if run.is_dir() else run.parent) / "leaderboard.json"


@dataclass(frozen=True, slots=True)
class _Table:
    """A table of settings, and where it stands in its file."""

    file: Path
    location: Location
    keys: Mapping[str, object]

    def __str__(self) -> str:
        return f"{self.file} [{field_path(self.location)}]" if self.location else str(self.file)

    def problem(self, key: str, message: str) -> Problem:
        """Return what is wrong with a key; only then are the file's lines of interest."""
        location = (*self.location, key)
        _, lines = read_toml_with_lines(self.file)
        return Problem(self.file, message, field_path(location), lines.get(location))


def _tables() -> list[_Table]:
    """Return the tables of settings here, the one that counts more first."""
    tables: list[_Table] = []
    if (file := Path(SETTINGS_FILE)).is_file():
        tables.append(_Table(file, (), read_toml(file)))
    if (file := Path(PYPROJECT_FILE)).is_file():
        tool = read_toml(file).get("tool")
        keys = tool.get(TABLE) if isinstance(tool, dict) else None
        if isinstance(keys, dict):
            tables.append(_Table(file, ("tool", TABLE), keys))
    return tables


def _texts(table: _Table, key: str, value: object) -> tuple[str, ...]:
    if key not in KEYS:
        raise DataError(table.problem(key, f"unknown key{did_you_mean(key, list(KEYS))}"))
    values = value if key == "roster" and isinstance(value, list) else [value]
    if not values or not all(isinstance(text, str) and text for text in values):
        meaning, example = KEYS[key]
        raise DataError(table.problem(key, f"must be {meaning}; write  {example}"))
    return tuple(values)
