"""What a kill costs is what is under way."""

import os
import signal
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

from harness.run.store import Store

Tiny = Callable[..., Path]

# Prompts in any language end a text somewhere; here the limits differ, which ends each elsewhere.
SCRIPT = """
import os, signal, sys
from pathlib import Path
from harness.models.roster.roster import read_rosters
from harness.run.predict import predict
from harness.run.store import Store
from harness.suite.suite import read_suite

model = read_rosters([Path(sys.argv[1])])["model"].model
examples = list(read_suite().examples("answer"))[:12]
kill_at = int(sys.argv[3])

def progress(done, total):
    if done == kill_at:
        os.kill(os.getpid(), signal.SIGKILL)

with Store(Path(sys.argv[2])) as store:
    for predicted in predict(model, examples, store, {}, progress):
        print(predicted.key, predicted.cached, predicted.stored.prediction.batch)
"""


def test_what_was_done_of_a_batch_is_kept_when_the_process_is_killed(
    tiny_folder: Tiny, tmp_path: Path
) -> None:
    roster = tmp_path / "roster.toml"
    weights = f'weights = {{ folder = "{tiny_folder("llama")}" }}\n'
    roster.write_text(f'[model]\nkind = "causal"\n{weights}', encoding="utf-8")
    store = tmp_path / "store.sqlite"

    def run(kill_at: int) -> subprocess.CompletedProcess[str]:
        command = [sys.executable, "-c", SCRIPT, str(roster), str(store), str(kill_at)]
        return subprocess.run(
            command,
            env={**os.environ, "OMP_NUM_THREADS": "1"},
            capture_output=True,
            text=True,
            timeout=600,
            check=False,
        )

    killed = run(1)
    assert killed.returncode == -signal.SIGKILL, killed.stderr
    finished = run(-1)
    assert finished.returncode == 0, finished.stderr
    lines = [line.split() for line in finished.stdout.splitlines()]
    assert len(lines) == 12
    kept = [(key, batch) for key, cached, batch in lines if cached == "True"]
    assert len(kept) == 1
    assert int(kept[0][1]) > 1  # others were under way with it
    with Store(store) as opened:
        assert opened.stored_keys([kept[0][0]]) == {kept[0][0]}
