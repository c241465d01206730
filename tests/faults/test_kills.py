"""A run that is killed at any moment loses nothing that was stored, and ends as it would have."""

import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.servers import answering

OWN = """\
class Own:
    def predict(self, queries):
        return [query.context[:60] for query in queries]
"""
ROOT = Path(__file__).parent.parent.parent


@pytest.mark.minutes
def test_a_hundred_kills_lose_nothing(tmp_path: Path, tiny_folder: Callable[..., Path]) -> None:
    """Over all kinds of models, and a judge: 100 moments, drawn at random."""
    kinds = {
        "causal": "llama",
        "seq2seq": "bart",
        "extractive": "bert_qa",
        "embedding-lexrank": "bert",
    }
    (tmp_path / "own.py").write_text(OWN)
    with answering(lambda request: request.reply("Ann met Bob in Rome.")) as server:
        roster = tmp_path / "roster.toml"
        roster.write_text(
            "".join(
                f'[{kind}]\nkind = "{kind}"\nweights = {{ folder = "{tiny_folder(name)}" }}\n'
                + ("max_new_tokens = 8\n" if kind == "seq2seq" else "")
                for kind, name in kinds.items()
            )
            + f'[served]\nkind = "endpoint"\nurl = "{server.url}"\nmodel = "m"\n'
            + '[own]\nkind = "python"\nfile = "own.py"\nclass = "Own"\n'
            + '[judges.entails]\nkind = "nli"\n'
            + f'weights = {{ folder = "{tiny_folder("classifier")}" }}\n'
        )
        done = subprocess.run(
            [sys.executable, "-m", "tests.faults.killing", "demo", roster, tmp_path, "100"],
            cwd=ROOT,
            env={**os.environ, "OMP_NUM_THREADS": "1"},
            capture_output=True,
            text=True,
            check=False,
        )
    assert done.returncode == 0, done.stderr[-2000:]
    assert done.stdout.startswith("100 kills, ")
