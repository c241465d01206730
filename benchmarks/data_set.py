"""Time and memory of a run of floors on a data set of generated articles: `make bench-data`.

    python benchmarks/data_set.py --articles 300000 --step read

The articles are invented: sentences out of a list of words, by a seed, 30 to an article, with a
reference of three. Each step is a process of its own; memory is the most that it held, less what
the program holds with nothing to do. MB a second are by the processor's seconds, so that others on
the machine do not count. `read` is the pass that hashes and checks, `eval` a run of the
floor lead-3 alone and of all floors, `verify` the recomputing.
"""

import argparse
import json
import os
import random
import subprocess
import sys
import tempfile
import time
from pathlib import Path

WORDS = (
    "mill oats harbour ferry council bridge storm lake teacher market garden river clerk museum "
    "train letter window doctor orchard valley engine paper summer winter candle forest captain "
    "village school morning evening bottle copper silver hammer ladder basket carpet meadow"
).split()
VERBS = "opened closed sold found crossed painted mended visited counted carried".split()
STEPS = {
    "idle": "import harness.cli",
    "read": "from harness.suite.opening import open_suite; open_suite(sys.argv[1])",
    "lead": "from harness.cli import main; main(['eval', '--suite', sys.argv[1], '--models', "
    "'lead-3', '--out', sys.argv[2], '-q', '--format', 'csv'])",
    "verify": "from harness.cli import main; main(['verify', sys.argv[2], '-q'])",
}
_MEASURE = """
import resource, sys
%s
used = resource.getrusage(resource.RUSAGE_SELF)
print(used.ru_utime + used.ru_stime, used.ru_maxrss * 1024, file=sys.stderr)
"""


def main() -> None:
    """Write the articles, run the steps, and print a table."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--articles", type=int, default=300_000, help="how many (default: 300,000)")
    parser.add_argument("--sentences", type=int, default=30, help="of an article (default: 30)")
    parser.add_argument("--step", choices=[*STEPS], action="append", help="only these steps")
    parser.add_argument("--folder", type=Path, help="where to write (default: a temporary folder)")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as temporary:
        folder = options.folder or Path(temporary)
        path = folder / f"articles-{options.articles}-{options.sentences}.jsonl"
        if not path.is_file():
            _write(path, options.articles, options.sentences)
        size = path.stat().st_size
        print(f"{options.articles:,} articles, {size / 1e6:,.0f} MB\n")
        headers = ("seconds", "processor", "MB/s", "MB", "above idle")
        print(" " * 8 + "".join(f"{header:>12}" for header in headers))
        _, least, idle = _measure("idle", path, folder)
        for step in options.step or [*STEPS]:
            seconds, processor, peak = _measure(step, path, folder)
            speed = size / 1e6 / max(processor - least, 0.001)
            print(
                f"{step:8}{seconds:12.1f}{processor:12.1f}{speed:12.0f}{peak / 1e6:12.0f}"
                f"{(peak - idle) / 1e6:12.0f}"
            )


def _write(path: Path, articles: int, sentences: int) -> None:
    """Write articles with a reference each, an object a line."""
    rng = random.Random(0)
    with path.open("w", encoding="utf-8") as file:
        for number in range(articles):
            told = [_sentence(rng, number) for _ in range(sentences)]
            reference = "\n".join(rng.sample(told, 3))
            row = {"id": f"a{number}", "article": " ".join(told), "highlights": reference}
            file.write(json.dumps(row) + "\n")


def _sentence(rng: random.Random, number: int) -> str:
    """Return a sentence of some 26 words, as those of CNN/DailyMail have."""
    nouns = rng.sample(WORDS, 6)
    verbs = rng.sample(VERBS, 2)
    return (
        f"The {nouns[0]} of house {number} {verbs[0]} a {nouns[1]} and the {nouns[2]} on the "
        f"evening of the winter, while the {nouns[3]} {verbs[1]} every {nouns[4]} that a "
        f"{nouns[5]} had."
    )


def _measure(step: str, path: Path, folder: Path) -> tuple[float, float, int]:
    """Return the seconds that a step takes, those of the processor, and the most bytes it holds."""
    started = time.perf_counter()
    done = subprocess.run(
        [sys.executable, "-c", _MEASURE % STEPS[step], f"data:{path}", str(folder / "out")],
        capture_output=True, text=True, check=True,
        env={**os.environ, "SQLITE_TMPDIR": str(folder)},
    )  # fmt: skip
    processor, peak = done.stderr.split()[-2:]
    return time.perf_counter() - started, float(processor), int(peak)


if __name__ == "__main__":
    main()
