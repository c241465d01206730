"""The folders in which the blocks of a page are run: what lies in each before the first of them."""

import json
import shutil
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

from harness.cli import main


@dataclass(frozen=True)
class Things:
    """What is made once for all pages: a run of floors on `demo`, and tiny checkpoints."""

    run: Path
    checkpoint: Callable[..., Path]


def demo_run(out: Path) -> Path:
    """Run the floors on the suite `demo`."""
    assert (
        main(["eval", "--suite", "demo", "--models", "lead-3,no-answer", "--out", str(out), "-q"])
        == 0
    )
    return out


def _empty(_: Path, __: Things) -> None:
    """Leave it as it is: nothing, or what the page writes."""


def _first(folder: Path, things: Things) -> None:
    """A person's first model, as transformers saved it."""
    shutil.copytree(things.checkpoint("bart"), folder / "my-model")
    settings = folder / "my-model" / "generation_config.json"
    length = {"max_length": 21}  # as those that are trained to summarize come with one
    settings.write_text(json.dumps(json.loads(settings.read_text("utf-8")) | length), "utf-8")


def _prompted(folder: Path, things: Things) -> None:
    """A roster with a language model."""
    shutil.copytree(things.checkpoint("llama"), folder / "my-model")
    roster = '[my-model]\nkind = "causal"\nweights = { folder = "my-model" }\n'
    (folder / "models.toml").write_text(roster, encoding="utf-8")


def _run(folder: Path, things: Things) -> None:
    """Two finished runs."""
    for name in ("results", "results-before"):
        shutil.copytree(things.run, folder / name)


FOLDERS: Mapping[str, Callable[[Path, Things], None]] = {
    "empty": _empty,
    "first": _first,
    "mine": _empty,
    "prompted": _prompted,
    "run": _run,
}
