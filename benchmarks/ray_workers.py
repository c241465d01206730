"""Two workers of one core each on a Ray cluster against one process of one core, on SQuAD.

    OMP_NUM_THREADS=1 python benchmarks/ray_workers.py --squad dev-v1.1.json --questions 2000

The model is the span reader that ships, in float32. Loading is left out: the clock starts when the
first worker has its model. Prints seconds by the clock and by the processor of whoever computes,
and what the driver's processor takes for each question: to read them, to hand them out and keep
what comes, and to score it.
"""

import argparse
import os
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path

from harness.environment import environment
from harness.metrics import metrics
from harness.models.model import Model
from harness.models.roster.roster import read_rosters
from harness.records import Example
from harness.run.asking import load
from harness.run.engines.engine import Job, Needs
from harness.run.engines.ray.cluster import connected
from harness.run.engines.ray.dispatch import Dispatch
from harness.run.engines.ray.fleet import Event
from harness.run.predict import Turn
from harness.run.scoring import score
from harness.run.store import Store
from harness.suite.opening import open_suite

TICKS = os.sysconf("SC_CLK_TCK")


def main() -> None:
    """Measure, and print."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--squad", type=Path, required=True)
    parser.add_argument("--questions", type=int, default=2000)
    parser.add_argument("--model", default="minilm-qa")
    options = parser.parse_args()
    began = time.process_time()
    suite = open_suite(f"squad:{options.squad}")
    examples = suite.examples("answer", "article", options.questions)[:]
    reading = time.process_time() - began
    model = read_rosters()[options.model].model
    with tempfile.TemporaryDirectory() as folder:
        alone = one_process(model, examples, Path(folder) / "alone.sqlite")
        two = two_workers(model, examples, Path(folder) / "two.sqlite")
    count = len(examples)
    print(f"{count:,} questions        seconds   of the processor")
    print(f"one process      {alone[0]:14.1f}{alone[1]:18.1f}")
    print(f"two workers      {two[0]:14.1f}{two[1]:18.1f}")
    print(f"times as fast    {alone[0] / two[0]:14.2f}{two[1] / alone[1]:18.3f} times as much")
    parts = (("read", reading), ("hand out and keep", two[2]), ("score", two[3]))
    print("driver: " + ", ".join(f"{name} {1000 * part / count:.3f} ms" for name, part in parts))


def one_process(model: Model, examples: Sequence[Example], path: Path) -> tuple[float, float]:
    """Return the seconds by the clock and by the processor that one process takes."""
    with Store(path) as store:
        turn = Turn(model, examples, store, environment(1), untold)
        load(model)
        began, processor = time.perf_counter(), time.process_time()
        turn.make()
        taken = time.perf_counter() - began, time.process_time() - processor
    model.unload()
    return taken


def two_workers(
    model: Model, examples: Sequence[Example], path: Path
) -> tuple[float, float, float, float]:
    """Return the seconds by the clock, and by the processor of workers, of dispatch and scoring."""
    with connected(None):
        from harness.run.engines.ray.actors import Actors

        class Timed(Actors):
            """Notes when the first model is loaded, and the processor's time of the processes."""

            loaded = last = 0.0
            before: dict[int, float] | None = None

            def events(self, seconds: float) -> list[Event]:
                """Return the events, and look at the clocks."""
                events = super().events(seconds)
                if any(event.kind == "loaded" for event in events):
                    self.loaded = self.loaded or time.perf_counter()
                    self.before = (self.before or {}) | {
                        process: used
                        for process, used in processor_times().items()
                        if process not in (self.before or {})
                    }
                if any(event.kind == "made" for event in events):
                    self.last, self.after = time.perf_counter(), processor_times()
                return events

        with Store(path) as store:
            fleet = Timed()
            began = time.process_time()
            turn = Turn(model, examples, store, environment(1), untold)
            job = Job("model", turn, Needs(1.0))
            Dispatch(fleet, [job], wait=60.0, most=2).run()
            own = time.process_time() - began
            began = time.process_time()
            for _ in score(turn.predictions, metrics("answer")):
                pass
            scoring = time.process_time() - began
    used = sum(fleet.after.values()) - sum((fleet.before or {}).values())
    return fleet.last - fleet.loaded, used, own, scoring


def processor_times() -> dict[int, float]:
    """Return the seconds that each process with a worker's model has computed for."""
    times = {}
    for process in Path("/proc").glob("[0-9]*"):
        try:
            if b"harness.run.engines.ray.model_process" in (process / "cmdline").read_bytes():
                fields = (process / "stat").read_text(encoding="utf-8").rpartition(")")[2].split()
                times[int(process.name)] = (int(fields[11]) + int(fields[12])) / TICKS
        except OSError:
            continue
    return times


def untold(done: int, total: int) -> None:
    """Tell nobody how much is done."""


if __name__ == "__main__":
    main()
