"""What a kill costs is what is under way."""

import json
import os
import shutil
import signal
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

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
counts = []

def progress(done, total):
    counts.append(done)
    if done == kill_at:
        os.kill(os.getpid(), signal.SIGKILL)

with Store(Path(sys.argv[2])) as store:
    for predicted in predict(model, examples, store, {}, progress):
        print(predicted.key, predicted.cached, predicted.stored.prediction.batch)
print(*counts)
"""
SEQ2SEQ = 'kind = "seq2seq"\nprompts = { answer = "answer-span" }\nmax_new_tokens = 24\n'
# What a roster has of each, the tiny checkpoint, how many texts are done when the kill comes, and
# how many were under way with them at least.
ROSTERS = {
    "causal": ('kind = "causal"\n', "llama", 1, 2),
    "greedy seq2seq": (SEQ2SEQ, "led", 1, 2),
    # Three beams, each of 512 tokens read and 24 written at most: a batch has two such texts.
    "beams": (f"{SEQ2SEQ}beams = 3\nbatch_tokens = 3300\n", "led", 3, 2),
}


@pytest.mark.parametrize(
    "case",
    [pytest.param(case, marks=() if case == "causal" else pytest.mark.minutes) for case in ROSTERS],
)
def test_what_was_done_of_a_batch_is_kept_when_the_process_is_killed(
    tiny_folder: Tiny, tmp_path: Path, case: str
) -> None:
    keys, name, done, batch_size = ROSTERS[case]
    folder = shutil.copytree(tiny_folder(name), tmp_path / "model")
    if name == "led":  # no token comes twice and each third ends a text: some before others
        path = folder / "generation_config.json"
        settings = json.loads(path.read_text())
        settings |= {"eos_token_id": list(range(2, 600, 3)), "no_repeat_ngram_size": 1}
        path.write_text(json.dumps(settings))
    roster = tmp_path / "roster.toml"
    roster.write_text(f'[model]\n{keys}weights = {{ folder = "{folder}" }}\n', encoding="utf-8")
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

    killed = run(done)
    assert killed.returncode == -signal.SIGKILL, killed.stderr
    finished = run(-1)
    assert finished.returncode == 0, finished.stderr
    *lines, counts = [line.split() for line in finished.stdout.splitlines()]
    assert len(lines) == 12
    kept = [(key, batch) for key, cached, batch in lines if cached == "True"]
    assert len(kept) == done
    assert min(int(batch) for _, batch in kept) >= batch_size
    with Store(store) as opened:
        assert opened.stored_keys([key for key, _ in kept]) == {key for key, _ in kept}
    assert [int(count) for count in counts] == list(range(done, 13))  # each text is counted
