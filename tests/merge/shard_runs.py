"""A suite, shards of runs on it, and how two runs are held against each other."""

from pathlib import Path

from harness.cli import main
from harness.eval.shards.shard_file import SHARD_FILE
from harness.leaderboard.leaderboard import Leaderboard
from harness.leaderboard.run_folder import JUDGMENTS, LEADERBOARD, PREDICTIONS, STORE
from harness.verify.difference import content_by_name, differences

ARTICLE = """\
article: {name}
author: e
date: 2026-01-01
version: 1
references: ["Ann met Bob in {name}. They signed.", "In {name} Ann and Bob signed a pact."]
questions:
  - {{id: who, kind: who, text: "Who met Bob?", answers: [Ann]}}
  - {{id: cost, kind: how-much, text: "What did the pact cost?", answers: []}}
"""
EVENT = """\
event: pact
articles: [rome, oslo]
author: e
date: 2026-01-01
version: 1
references: ["Ann met Bob. They signed.", "Ann and Bob signed a pact."]
questions:
  - id: who
    kind: who
    text: Who met Bob?
    answers: [Ann]
    articles: [rome, oslo]
    evidence: {rome: Ann met Bob in rome on Monday., oslo: Ann met Bob in oslo on Monday.}
"""
CITIES = ["rome", "oslo", "paris", "kyiv", "cairo", "lima"]


def write_pacts(folder: Path) -> Path:
    """Write six short articles and an event, with two references and a question or two each."""
    (folder / "seeds").mkdir(parents=True)
    (folder / "goldens").mkdir()
    manifest = ""
    for name in CITIES:
        text = f"Ann met Bob in {name} on Monday.\nThey signed a pact.\nIt rained. Cyd objected.\n"
        (folder / "seeds" / f"{name}.txt").write_text(text, encoding="utf-8")
        manifest += f'[[article]]\nid = "{name}"\nfile = "{name}.txt"\n'
        golden = ARTICLE.format(name=name)
        (folder / "goldens" / f"{name}.yaml").write_text(golden, encoding="utf-8")
    (folder / "goldens" / "pact.yaml").write_text(EVENT, encoding="utf-8")
    (folder / "seeds" / "manifest.toml").write_text(manifest, encoding="utf-8")
    return folder


def run_shards(root: Path, count: int, *options: str) -> list[Path]:
    folders = [root / f"run-{number}" for number in range(1, count + 1)]
    for number, folder in enumerate(folders, 1):
        assert main(["eval", "--shard", f"{number}/{count}", "--out", str(folder), *options]) == 0
        assert {file.name for file in folder.iterdir()} == {STORE, SHARD_FILE}
    return folders


def board(run: Path) -> Leaderboard:
    return Leaderboard.model_validate_json((run / LEADERBOARD).read_text(encoding="utf-8"))


def told_apart(one: Path, other: Path) -> list[str]:
    """Return what two runs differ in, costs, places and hashes over these aside.

    The page is made of these files and of nothing else.
    """
    known = [content_by_name(board(run)) for run in (one, other)]
    told = [str(difference) for difference in differences("", *known)]
    told = [text for text in told if not text.startswith(("content_sha256", "suite.location"))]
    for name in (PREDICTIONS, JUDGMENTS):
        contents = [run / name for run in (one, other) if (run / name).is_file()]
        if len({file.read_bytes() for file in contents}) > 1 or len(contents) == 1:
            told.append(name)
    return told
