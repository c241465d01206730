from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from harness.models import Model
from harness.models.roster import read_rosters
from harness.suite import shipped

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
        return read_rosters([roster], shipped("prompts"))["model"].model

    return make


@pytest.fixture(scope="session")
def tiny_folder(tmp_path_factory: pytest.TempPathFactory) -> Callable[..., Path]:
    """Build a tiny checkpoint once a session: `tiny_folder("bart", window=64)`."""
    root = tmp_path_factory.mktemp("checkpoints")

    def build(name: str, **options: Any) -> Path:
        from tests import tiny

        folder = root / "-".join([name, *(f"{k}{v}" for k, v in sorted(options.items()))])
        if not folder.exists():
            getattr(tiny, name)(folder, **options)
        return folder

    return build
