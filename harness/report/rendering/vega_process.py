"""Vega-Lite's SVG, drawn in a process of its own.

V8, which draws, ends its process where the address space is short, or on input that it does not
expect: it must not end the one that holds a run's results.
"""

import json
import signal
import subprocess
import sys
import threading
from collections.abc import Mapping
from types import TracebackType
from typing import Self

from harness.errors import StoreError

VEGA_LITE = "6.4"
# Ten plots take a second.
_SECONDS = 60.0
_DRAW = f"""
import json, sys
from vl_convert import vegalite_to_svg
for line in sys.stdin:
    svg = vegalite_to_svg(json.loads(line), vl_version="{VEGA_LITE}")
    print(json.dumps(svg), flush=True)
"""


class VegaProcess:
    """What draws plots, one after the other. Use it in a `with` block; it starts with the first."""

    def __init__(self) -> None:
        """Start nothing yet."""
        self._process: subprocess.Popen[str] | None = None

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        if self._process is not None:
            self._process.kill()
            self._process.communicate()

    def svg(self, specification: Mapping[str, object]) -> str:
        """Return a Vega-Lite specification as SVG.

        Raises StoreError where the process ends, or takes more than a minute.
        """
        try:
            process = self._process = self._process or _start()
        except OSError as error:
            raise StoreError(f"its plots cannot be drawn: {error}") from None
        timer = threading.Timer(_SECONDS, process.kill)
        timer.start()
        try:
            svg = _exchange(process, json.dumps(specification))
        finally:
            timer.cancel()
        if svg is None:
            raise StoreError(f"its plots cannot be drawn: what draws them {_end_of(process)}")
        return svg


def _start() -> subprocess.Popen[str]:
    # -P: no module of the folder that a user is in.
    return subprocess.Popen(
        [sys.executable, "-P", "-c", _DRAW],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
        encoding="utf-8",
    )


def _exchange(process: subprocess.Popen[str], line: str) -> str | None:
    """Return what comes back for a line; `None` from a process that ended."""
    if process.stdin is None or process.stdout is None:
        return None
    try:
        process.stdin.write(f"{line}\n")
        process.stdin.flush()
        svg: str = json.loads(process.stdout.readline())
    except (OSError, ValueError):
        return None
    return svg


def _end_of(process: subprocess.Popen[str]) -> str:
    try:
        code = process.wait(timeout=5)
    except subprocess.TimeoutExpired:
        process.kill()
        code = process.wait()
    if code == -signal.SIGKILL:
        return f"was killed: it took more than {_SECONDS:.0f} s, or too much memory"
    ended = f"was ended by signal {-code}" if code < 0 else f"ended with code {code}"
    return f"{ended}; it needs much address space (`ulimit -v`) and some files (`ulimit -n`)"
