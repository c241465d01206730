"""Time and memory of uniting the stores of shards: part of `make bench-scale`.

    python benchmarks/merge.py --predictions 1000000 --shards 16

The predictions are made up, with as many bytes as a span model's on SQuAD (three candidates each)
or, with `--kind summaries`, as a summarizer's on CNN/DailyMail. The stores are written first, by
the store itself, and united in a process of its own, whose processor time and most memory are told;
scoring is not part of it.
"""

import argparse
import os
import random
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

from harness.files import sha256
from harness.records import Candidate, Prediction
from harness.run.store import Store

IDENTITY = {"kind": "extractive", "dtype": "float32", "weights": {"sha256": "0" * 64}}
ENVIRONMENT = {"harness": "0", "cpu": "made up", "threads": 1}
BATCH = 20_000
# Reading the modules is a part of what the process takes.
UNITE = (
    "import sys; from pathlib import Path; from harness.run.uniting import unite; "
    "unite([*map(Path, sys.argv[2:])], Path(sys.argv[1]))"
)
SYLLABLES = "ba del fon gri kul mer nos pa rin sto tav wen".split()


def main() -> None:
    """Measure, and print."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--predictions", type=int, default=1_000_000)
    parser.add_argument("--shards", type=int, default=16)
    parser.add_argument("--kind", choices=("answers", "summaries"), default="answers")
    parser.add_argument("--folder", type=Path, help="where stores are kept (default: nowhere)")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as temporary:
        folder = options.folder or Path(temporary)
        folder.mkdir(parents=True, exist_ok=True)
        stores = [folder / f"shard-{number}.sqlite" for number in range(options.shards)]
        for number, store in enumerate(stores):
            if not store.is_file():
                count = options.predictions // options.shards
                write(store, number, count, options.kind)
        sizes = sum(store.stat().st_size for store in stores)
        united = folder / "united.sqlite"
        united.unlink(missing_ok=True)
        seconds, wall, memory = in_a_process(stores, united)
        count, size = options.predictions, united.stat().st_size
        print(f"{count:,} {options.kind} in {options.shards} shards, {sizes / 1e6:,.0f} MB:")
        print(f"  united in {seconds:.1f} s of a processor, {wall:.1f} s in all")
        print(f"  {memory / 1e6:.0f} MB at most, {size / count:,.0f} bytes a prediction")


def write(path: Path, number: int, count: int, kind: str) -> None:
    """Write a shard's store of so many made-up predictions."""
    rng = random.Random(number)
    made = _answers(rng) if kind == "answers" else _summaries(rng)
    with Store(path) as store:
        for first in range(0, count, BATCH):
            keys = [sha256(f"{number} {i}") for i in range(first, min(first + BATCH, count))]
            store.put(zip(keys, made, strict=False), IDENTITY, ENVIRONMENT)


def _words(rng: random.Random, count: int) -> str:
    return " ".join("".join(rng.choices(SYLLABLES, k=rng.randint(1, 3))) for _ in range(count))


def _answers(rng: random.Random) -> Iterator[Prediction]:
    while True:
        candidates = tuple(
            Candidate(_words(rng, 3), start, start + 15, rng.random())
            for start in rng.sample(range(800), 3)
        )
        yield Prediction(
            candidates[0].text,
            raw=candidates[0].text,
            source_tokens=160,
            kept_tokens=160,
            seconds=rng.random(),
            peak_memory=500_000_000,
            span=(candidates[0].start, candidates[0].end),
            confidence=rng.random(),
            no_answer_probability=rng.random(),
            windows=1,
            candidates=candidates,
        )


def _summaries(rng: random.Random) -> Iterator[Prediction]:
    while True:
        text = _words(rng, 55)
        yield Prediction(
            text,
            raw=text,
            rendered_sha256=sha256(text),
            source_tokens=900,
            kept_tokens=900,
            output_tokens=75,
            seconds=rng.random(),
            peak_memory=2_000_000_000,
            batch=16,
        )


def in_a_process(stores: list[Path], united: Path) -> tuple[float, float, int]:
    """Return processor seconds, seconds and the most bytes of a process that unites stores."""
    started = time.perf_counter()
    with subprocess.Popen([sys.executable, "-c", UNITE, str(united), *map(str, stores)]) as child:
        _, status, usage = os.wait4(child.pid, 0)
        child.returncode = os.waitstatus_to_exitcode(status)
    if child.returncode:
        raise SystemExit("uniting failed")
    wall = time.perf_counter() - started
    return usage.ru_utime + usage.ru_stime, wall, usage.ru_maxrss * 1024


if __name__ == "__main__":
    main()
