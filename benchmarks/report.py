"""How long the data of a report takes, and how much memory, on a run made up.

    python -m benchmarks.report [EXAMPLES]

Five models on 10,000 examples by default; a tenth of them are summaries.
"""

import resource
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import TypeVar

from harness.report.building.build import build_report
from harness.report.rendering.chunks import place_chunks
from harness.report.safety.script_json import script_json
from tests.large_runs import large_run

T = TypeVar("T")


def timed(name: str, work: Callable[[], T]) -> T:
    """Do the work, and print its wall-clock and processor seconds and the memory held so far."""
    wall, cpu = time.perf_counter(), time.process_time()
    result = work()
    wall, cpu = time.perf_counter() - wall, time.process_time() - cpu
    held = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024
    print(f"{name:24}{wall:8.1f} s {cpu:8.1f} s of processor {held:8} MB held at most")
    return result


def main(examples: int) -> None:
    """Make a run and its report's data, and print the sizes of the files."""
    with tempfile.TemporaryDirectory() as folder:
        run, suite = timed("the run itself", lambda: large_run(Path(folder), examples))
        report = timed("the page", lambda: build_report(run, suite))
        report_files = timed(
            "the examples' files", lambda: place_chunks(report, Path(folder) / "report.html")
        )
        sizes = [chunk.bytes for chunk in report_files.page.chunk_files] or [
            len(x) for x in report_files.inline
        ]
        print(
            f"page {len(script_json(report_files.page)) / 1e6:.2f} MB, {len(sizes)} chunks of at "
            f"most {max(sizes) / 1e6:.2f} MB, {sum(sizes) / 1e6:.1f} MB in all"
        )


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 10_000)
