"""The door for pytest: options and a fixture. `harness.pytest_plugin` says what they do.

It is a module of its own, and imports the harness when the fixture is first used, for every pytest
of the environment loads it: a project may have a package named `harness`, and an option
`--goldens`, of its own.
"""

import contextlib
from collections.abc import Generator, Sequence
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from harness.pytest_plugin import GoldenExample

# The first is ours alone; the second we have while a project has no option of that name.
_OPTION, _SHORT = "--golden-suite", "--goldens"
_KEY, _SHORT_KEY = "golden_suite", "goldens"
_TEXT = "suite for the fixture golden_examples: a folder, demo, or data:FILE"


def pytest_addoption(parser: pytest.Parser) -> None:
    """Add `--golden-suite`, and `--goldens` as long as nobody else adds it."""
    group = parser.getgroup("golden-harness")
    group.addoption(_OPTION, _SHORT, dest=_KEY, metavar="SUITE", help=_TEXT)
    parser.addini(_KEY, _TEXT)


@pytest.hookimpl(wrapper=True)
def pytest_load_initial_conftests(parser: pytest.Parser) -> Generator[None, Any, Any]:
    """Let go of the short names while a project's conftest adds its own."""
    options = getattr(parser, "optparser", None)  # of pytest before 9 it is another each time
    known: dict[str, Any] = getattr(options, "_option_string_actions", {})
    ours: list[Any] = [known[_OPTION]] if known.get(_SHORT) is known.get(_OPTION, parser) else []
    for action in ours:
        del known[_SHORT]
        action.option_strings.remove(_SHORT)
    result = yield
    for action in ours if _SHORT not in known else ():
        known[_SHORT] = action
        action.option_strings.append(_SHORT)
    with contextlib.suppress(ValueError):  # the project has it
        parser.addini(_SHORT_KEY, _TEXT)
    return result


@pytest.fixture(scope="session")
def golden_examples(request: pytest.FixtureRequest) -> "Sequence[GoldenExample]":
    """All examples of the suite that is named: of both tasks, on articles and events."""
    try:
        from harness.errors import HarnessError
        from harness.pytest_plugin import read_examples
    except ImportError as error:
        import harness

        place = getattr(harness, "__file__", None) or next(iter(harness.__path__))
        reason = f"golden_examples needs the package harness of golden-harness, and {place} is "
        pytest.fail(f"{reason}another of that name ({error}); rename that", pytrace=False)
    config = request.config
    if option := config.getoption(_KEY):
        named, folder = str(option), config.invocation_params.dir
    elif configured := config.getini(_KEY) or _ini(config, _SHORT_KEY):
        named, folder = str(configured), config.rootpath
    else:
        pytest.fail("golden_examples needs a suite: pytest --golden-suite SUITE", pytrace=False)
    try:
        return read_examples(named, folder)
    except HarnessError as error:
        way = ""
        if "--column" in str(error):  # which pytest does not have
            way = "; here a TOML file that describes the data names it under [columns]"
        pytest.fail(f"{error}{way}", pytrace=False)


def _ini(config: pytest.Config, key: str) -> str | None:
    """Return a text of the configuration; of a project that has the key for another thing none."""
    value = config.getini(key)
    return value if isinstance(value, str) else None
