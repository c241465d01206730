"""Time and memory of every command on a whole data set, at 1x and 4x the questions.

    python benchmarks/squad.py dev-v2.0.json

Only the floors are run, so what is measured is the harness and not a model. Each command is a
process of its own; memory is the most that it held. The larger set is the same four times, with
ids and contexts changed, so that no prediction serves two questions. Titles stay as they are: the
bootstrap holds 10,000 draws of them, up to some 50 MB, however many questions there are.
"""

import argparse
import json
import os
import subprocess
import sys
import tempfile
import time
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path

TIMES = (1, 4)
FLOORS = 2


def main() -> None:
    """Measure and print a table."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("file", type=Path, help="a data set laid out as SQuAD 1.1 or 2.0 is")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        root = Path(folder)
        questions, measured = {}, {}
        for times in TIMES:
            path = root / f"times{times}.json"
            # Made in a process of its own: what a parent holds counts as its children's memory.
            with ProcessPoolExecutor(1) as executor:
                questions[times] = executor.submit(_repeat, options.file, times, path).result()
            measured[times] = _measure(f"squad:{path}", root / f"out{times}")
    one, four = TIMES
    added = questions[four] - questions[one]
    print(
        f"{options.file.name}: {questions[one]:,} and {questions[four]:,} questions, "
        f"{FLOORS} floors\n"
    )
    print(f"{'':28}{'seconds':>16}{'MB':>14}{'bytes a question':>20}")
    for name in measured[one]:
        (fast, small), (slow, large) = measured[one][name], measured[four][name]
        grown = (large - small) / added
        print(f"{name:28}{fast:8.1f}{slow:8.1f}{small / 1e6:7.0f}{large / 1e6:7.0f}{grown:20,.0f}")


def _repeat(file: Path, times: int, path: Path) -> int:
    """Write the data set several times over; return how many questions that makes."""
    published = json.loads(file.read_text(encoding="utf-8"))
    data, count = [], 0
    for copy in range(times):
        for article in published["data"]:
            paragraphs = []
            for paragraph in article["paragraphs"]:
                qas = [{**qa, "id": f"{qa['id']}-{copy}"} for qa in paragraph["qas"]]
                count += len(qas)
                paragraphs.append({"context": f"{paragraph['context']}{' ' * copy}", "qas": qas})
            data.append({"title": article["title"], "paragraphs": paragraphs})
    path.write_text(json.dumps({"data": data}), encoding="utf-8")
    return count


def _measure(suite: str, out: Path) -> dict[str, tuple[float, int]]:
    """Return the seconds and the most bytes of each command."""
    run = ["eval", "--suite", suite, "--models", "best-sentence,no-answer", "--out", str(out)]
    commands = {
        "articles (opens the set)": ["articles", "--suite", suite],
        "check": ["check", "--suite", suite],
        "eval, all to be predicted": run,
        "eval again, all kept": run,
        "verify": ["verify", str(out), "--suite", suite],
        "compare": ["compare", str(out), str(out)],
        "gate": ["gate", str(out), "--baseline", str(out)],
        "plan": ["plan", str(out), "--difference", "0.02"],
    }
    return {name: _timed(command) for name, command in commands.items()}


def _timed(command: list[str]) -> tuple[float, int]:
    started = time.perf_counter()
    harness = [sys.executable, "-m", "harness.cli", *command]
    quiet = subprocess.DEVNULL
    with subprocess.Popen(harness, stdout=quiet, stderr=quiet) as child:
        _, status, usage = os.wait4(child.pid, 0)
        child.returncode = os.waitstatus_to_exitcode(status)
    if child.returncode not in (0, 1):  # 1: the check found something
        raise SystemExit(f"harness {' '.join(command)} ended with {child.returncode}")
    return time.perf_counter() - started, usage.ru_maxrss * 1024


if __name__ == "__main__":
    main()
