"""Kills a run at random moments, and looks at what is left each time: python -m tests.faults.killing

The runs are forked from one process that has imported everything, so that a moment lies anywhere in
a run and not in its imports. Prints what was lost, or how many kills there were.
"""

import json
import os
import random
import signal
import sys
import time
from pathlib import Path

from harness.eval.evaluate import evaluate
from harness.leaderboard.run_folder import JUDGMENTS, PREDICTIONS, STORE, read_run
from harness.models.roster.roster import read_judges
from harness.run.store import Store


def _child(suite: str, roster: Path, out: Path) -> int:
    """Begin a run in a process of its own, and return its id."""
    process = os.fork()
    if process == 0:
        null = os.open(os.devnull, os.O_WRONLY)
        os.dup2(null, 1)
        os.dup2(null, 2)
        evaluate(suite, [roster], out=out, judges=[*read_judges([roster])])
        os._exit(0)
    return process


def _stored(out: Path) -> dict[str, str]:
    """Return what is stored without an error, by its key."""
    path = out / STORE
    if not path.exists():
        return {}
    with Store(path) as store:
        keys = [row[0] for row in store._db.execute("SELECT key FROM predictions")]
        kept = store.get(keys)
        if len(kept) != len(keys):
            raise AssertionError(f"{len(keys) - len(kept)} stored predictions cannot be read")
    return {
        key: stored.prediction.text for key, stored in kept.items() if not stored.prediction.error
    }


def _texts(out: Path) -> dict[str, str]:
    """Return what was predicted and judged in a finished run, by its key."""
    lines = [
        line
        for name in (PREDICTIONS, JUDGMENTS)
        for line in (out / name).read_text(encoding="utf-8").splitlines()
    ]
    records = map(json.loads, lines)
    return {r["key"]: r["text"] if "model" in r and "task" in r else r["answer"] for r in records}


def kill_many(suite: str, roster: Path, folder: Path, kills: int, seed: int = 0) -> str:
    """Kill runs of a roster so often, and return what to tell of it; raise AssertionError."""
    random.seed(seed)
    begun = time.monotonic()
    whole = folder / "whole"
    os.waitpid(_child(suite, roster, whole), 0)
    seconds = time.monotonic() - begun
    expected = _texts(whole)
    done = finished = 0
    number = 0
    while done < kills:
        number += 1
        out = folder / f"killed-{number}"
        before: dict[str, str] = {}
        while done < kills:
            process = _child(suite, roster, out)
            time.sleep(random.uniform(0, seconds))
            os.kill(process, signal.SIGKILL)
            _, status = os.waitpid(process, 0)
            now = _stored(out)
            lost = {key for key, text in before.items() if now.get(key) != text}
            if lost:
                raise AssertionError(f"{len(lost)} predictions were lost after {done} kills")
            before = now
            if (out / "leaderboard.json").exists():  # whole, or not there
                read_run(out)  # raises for a leaderboard of other predictions
            if status == 0:  # it was faster
                break
            done += 1
        os.waitpid(_child(suite, roster, out), 0)
        if _texts(out) != expected:
            raise AssertionError("a run that was killed ends with other texts")
        finished += 1
    return f"{done} kills, {finished} runs finished, {len(expected)} texts each: none lost"


if __name__ == "__main__":
    named_suite, named_roster, named_folder, count = sys.argv[1:]
    for module in ("torch", "transformers", "peft", "openai"):
        __import__(module)
    sys.stdout.write(kill_many(named_suite, Path(named_roster), Path(named_folder), int(count)))
