import contextlib
import os
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from harness.models.model import Model
from harness.models.roster.roster import read_rosters

FOLDER_SUITE = """\
article: {id}
author: editor
date: 2026-01-01
version: 1
references: ["Ann met Bob in Rome. They signed a pact."]
questions:
  - {{id: who, kind: who, text: "Who met Bob?", answers: ["Ann"]}}
  - {{id: cost, kind: how-much, text: "What did the pact cost?", answers: []}}
"""


# Whoever runs the tests may have settings of their own.
for _name in [name for name in os.environ if name.startswith("GOLDEN_HARNESS_")]:
    del os.environ[_name]
# How wide and how coloured an output is, a test says itself. (readline, which pytest imports, tells
# the processes that share the tests of a terminal with 80 columns.)
for _name in ("COLUMNS", "NO_COLOR", "FORCE_COLOR"):
    os.environ.pop(_name, None)

# One of the processes that `make test` starts, or nothing.
WORKER = os.environ.get("PYTEST_XDIST_WORKER")


def _cores() -> int:
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


if WORKER:
    # Two processes that compute with a thread for each core take the cores from one another, and
    # are slower than one alone. What the tests start has this from here.
    _share = _cores() // int(os.environ["PYTEST_XDIST_WORKER_COUNT"])
    os.environ.setdefault("OMP_NUM_THREADS", str(max(1, _share)))


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_auto_num_workers() -> int:
    """A process for each core that is ours; with more than four all wait for the longest test."""
    return min(4, _cores())


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Begin with what takes minutes: several processes then do all else meanwhile.

    What stands next to it stays with its process, so that there come the shortest: doctests.
    """
    if WORKER:
        items.sort(key=lambda item: not isinstance(item, pytest.DoctestItem))
        items.sort(key=lambda item: item.get_closest_marker("minutes") is None)


@pytest.fixture(scope="session")
def shared_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder that all processes of this run of pytest share."""
    own = tmp_path_factory.getbasetemp()
    folder = (own.parent if WORKER else own) / "shared"
    folder.mkdir(exist_ok=True)
    return folder


@pytest.fixture
def suite_folder(tmp_path: Path) -> Path:
    """A suite of one's own: two small articles with their goldens."""
    folder = tmp_path / "my-suite"
    (folder / "seeds").mkdir(parents=True)
    (folder / "goldens").mkdir()
    manifest = ""
    for name, city in (("first", "Rome"), ("second", "Oslo")):
        text = f"Ann met Bob in {city} on Monday.\nThey signed a pact.\nIt rained. Cyd objected.\n"
        (folder / "seeds" / f"{name}.txt").write_text(text, encoding="utf-8")
        manifest += f'[[article]]\nid = "{name}"\nfile = "{name}.txt"\n'
        (folder / "goldens" / f"{name}.yaml").write_text(
            FOLDER_SUITE.format(id=name), encoding="utf-8"
        )
    (folder / "seeds" / "manifest.toml").write_text(manifest, encoding="utf-8")
    return folder


@pytest.fixture
def make_model(tmp_path: Path) -> Callable[..., Model]:
    """Make a model as a user does: from a roster entry, given as TOML."""

    def make(toml: str) -> Model:
        roster = tmp_path / "roster.toml"
        roster.write_text(f"[model]\n{toml}\n", encoding="utf-8")
        return read_rosters([roster])["model"].model

    return make


@pytest.fixture(scope="session")
def tiny_folder(shared_folder: Path) -> Callable[..., Path]:
    """Build a tiny checkpoint once for all tests: `tiny_folder("bart", window=64)`."""
    root = shared_folder / "checkpoints"
    root.mkdir(exist_ok=True)

    def build(name: str, **options: Any) -> Path:
        from tests import tiny, tiny_judges

        folder = root / "-".join([name, *(f"{k}{v}" for k, v in sorted(options.items()))])
        if not folder.exists():
            with tempfile.TemporaryDirectory(dir=root) as unfinished:
                checkpoint = Path(unfinished) / folder.name
                getattr(tiny if hasattr(tiny, name) else tiny_judges, name)(checkpoint, **options)
                with contextlib.suppress(OSError):  # another process was faster
                    checkpoint.rename(folder)
        return folder

    return build
