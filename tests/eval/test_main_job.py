"""`harness eval` as a user runs it: the real embedded models on the shipped suite.

Interrupted, killed, run to its end, run again; without a network and without a home.
Without a home the weights are read slowly; after the interruption a cache is named, as the harness
then advises.
"""

import hashlib
import json
import os
import signal
import sqlite3
import subprocess
import sys
import time
from pathlib import Path

import jsonschema
import pytest

from harness.leaderboard.leaderboard import schema
from harness.models.gguf.conversion import cache_folder
from harness.models.roster.roster import read_rosters
from harness.records import Scope, Task
from harness.suite.selection import Selection
from harness.suite.suite import read_suite

# Any attempt to reach a network ends the process with a message of its own. Ctrl-C is heard, as on
# a terminal: a shell's background jobs, which these tests may run in, are started deaf to it.
RUN = """
import signal, socket, sys
signal.signal(signal.SIGINT, signal.default_int_handler)
def refuse(*arguments, **options):
    print("REACHED FOR THE NETWORK", arguments, file=sys.stderr)
    sys.exit(99)
socket.socket.connect = socket.getaddrinfo = socket.create_connection = refuse
from harness.cli import main
code = main(sys.argv[1:])
print("imported torch" if "torch" in sys.modules else "no torch", file=sys.stderr)
sys.exit(code)
"""


# Of the shipped suite the whole, for `make test-all`, and for `make test` an article with all on it.
WHOLE: list[str] = []
ARTICLE = ["--examples", "menafn-minerals-agreement", "menafn-minerals-agreement/*"]


def _start(out: Path, selection: list[str], **environment: str) -> "subprocess.Popen[str]":
    kept = {name: value for name, value in os.environ.items() if "CACHE" not in name}
    nowhere = f"{__file__}/nonexistent"  # below a file nobody makes a folder, not even root
    return subprocess.Popen(
        [sys.executable, "-c", RUN, "eval", "--out", str(out), *selection],
        env={**kept, "HOME": nowhere, "PYTHONFAULTHANDLER": "1", **environment},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def _kept(out: Path) -> int:
    """Return how many predictions of the language model are on the disk."""
    path = out / "predictions.sqlite"
    if not path.is_file():
        return 0
    database = sqlite3.connect(path, timeout=60)
    try:
        query = (
            "SELECT count(*) FROM predictions JOIN facts ON identity = sha256 "
            'WHERE json LIKE \'%"kind":"causal"%\''
        )
        (count,) = database.execute(query).fetchone()
        return int(count)
    except sqlite3.OperationalError:  # the tables are not there yet
        return 0
    finally:
        database.close()


def _stop_once_it_kept(
    out: Path, selection: list[str], more_than: int, with_signal: int, **environment: str
) -> tuple[int, str]:
    """Run until more than so many predictions are kept, then send a signal."""
    with _start(out, selection, **environment) as child:
        while _kept(out) <= more_than and child.poll() is None:
            time.sleep(0.2)
        child.send_signal(with_signal)
        _, err = child.communicate(timeout=600)
    return child.returncode, err


# Of each task and scope how many examples of how many clusters there are: counted by hand.
@pytest.mark.parametrize(
    ("selection", "counted"),
    [
        pytest.param(
            WHOLE,
            {
                ("summarize", "article"): (5, 5), ("summarize", "event"): (1, 1),
                ("answer", "article"): (131, 5), ("answer", "event"): (30, 1),
            },
            marks=pytest.mark.minutes,
        ),
        (ARTICLE, {("summarize", "article"): (1, 1), ("answer", "article"): (26, 1)}),
    ],
    ids=["whole", "an-article"],
)  # fmt: skip
def test_the_main_job(
    tmp_path: Path, selection: list[str], counted: dict[tuple[Task, Scope], tuple[int, int]]
) -> None:
    out = tmp_path / "results"
    cache = {"GOLDEN_HARNESS_CACHE": str(cache_folder().parent)}

    code, err = _stop_once_it_kept(out, selection, 0, signal.SIGINT)
    assert code == 130, err
    assert "harness: interrupted; what was predicted is kept, run again to go on" in err
    assert "set GOLDEN_HARNESS_CACHE to a folder that can be written" in err
    assert "Traceback" not in err
    after_interrupt = _kept(out)
    assert after_interrupt > 0

    code, err = _stop_once_it_kept(out, selection, after_interrupt, signal.SIGKILL, **cache)
    assert code == -signal.SIGKILL, err
    after_kill = _kept(out)
    assert after_kill > after_interrupt

    with _start(out, selection, **cache) as child:
        printed, err = child.communicate(timeout=7200)
    assert child.returncode == 0, err
    assert "imported torch" in err
    content = json.loads((out / "leaderboard.json").read_text(encoding="utf-8"))
    jsonschema.validate(content, schema())
    suite = read_suite()
    asked = content["suite"]["asked"]
    assert {name: content["suite"][name] for name in content["suite"] if name != "asked"} == {
        "id": suite.id, "hash": suite.hash, "location": "shipped", "limit": None,
        "examples": selection[1:] or None,
        "text": None, "sample": None, "sample_seed": 0, "data": None, "references": None,
        "primary": None, "licence": None, "citation": None,
    }  # fmt: skip
    assert [((a["task"], a["scope"]), (a["examples"], a["clusters"])) for a in asked] == [
        *counted.items()
    ]
    chosen = {
        (task, scope): Selection(tuple(selection[1:])).examples_of(suite, task, scope)
        for task, scope in counted
    }
    for a in asked:
        examples = suite.examples(a["task"], a["scope"])
        assert a["suite_examples"] == len(examples)
        ids = "".join(f"{example.id}\n" for example in chosen[a["task"], a["scope"]])
        assert a["ids_sha256"] == hashlib.sha256(ids.encode()).hexdigest()
    roster = read_rosters()
    rows = {(row["model"], row["task"], row["scope"]): row for row in content["rows"]}
    assert set(rows) == {
        *((e.name, *name) for e in roster.values() for name in counted if name[0] in e.tasks),
        *(
            (role, *name)
            for role in ("people", "oracle-extractive")
            for name in counted
            if name[0] == "summarize"
        ),
    }
    for (model, task, scope), row in rows.items():
        assert model in printed
        expected, _ = counted[task, scope]
        assert row["counts"]["expected"] == row["counts"]["ok"] == expected, row["counts"]
        assert row["counts"]["truncated"] == 0
    smollm_rows = [row for row in content["rows"] if row["model"] == "smollm2-135m"]
    assert sum(row["counts"]["cached"] for row in smollm_rows) == after_kill
    smollm = rows["smollm2-135m", "answer", "article"]
    assert smollm["tokens_per_second"] > 0
    assert smollm["peak_memory_bytes"] < 3_000_000_000
    assert smollm["weights"]["sha256"].startswith("b179c9523d0e")
    if selection == WHOLE:
        # Known of any news, on average: the lead beats chance, and no copying beats the oracle.
        rouge1 = {
            model: row["metrics"]["rouge1"]["mean"]
            for (model, task, scope), row in rows.items()
            if (task, scope) == ("summarize", "article")
        }
        assert rouge1["oracle-extractive"] > rouge1["lead-3"] > rouge1["random-3"] > 0.1
        assert rouge1["smollm2-135m"] > 0.2

    predictions = (out / "predictions.jsonl").read_bytes()
    with _start(out, selection) as child:
        again, err = child.communicate(timeout=600)
    assert child.returncode == 0
    assert err.splitlines()[1:] == ["no torch"]  # the first line says what it is about
    assert (out / "predictions.jsonl").read_bytes() == predictions
    second = json.loads((out / "leaderboard.json").read_text(encoding="utf-8"))
    for row in second["rows"]:
        predicted = row["role"] in ("model", "floor")  # the others have seen the references
        assert row["counts"]["cached"] == (row["counts"]["expected"] if predicted else 0)
    for board in (content, second):
        del board["content_sha256"]  # what was cached is hashed too
        for row in board["rows"]:
            del row["counts"]["cached"]
    (judge,), (second_judge,) = content["judges"], second["judges"]
    assert judge["name"] == "minilm-qa"
    questions = sum(count for (task, _), (count, _) in counted.items() if task == "answer")
    assert judge.pop("cached") == questions  # of whole articles it answers as a model
    assert second_judge.pop("cached") == judge["calls"] > 5 * questions
    assert second == content
    assert again == printed
