"""Real Ray: clusters of two nodes on this machine, and whether anything is left of them."""

import os
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

# Before Ray is imported: all on loopback, and no word to its makers. A node that is gone is known to be
# after some seconds.
os.environ |= {
    "RAY_USAGE_STATS_ENABLED": "0",
    "RAY_ENABLE_WINDOWS_OR_OSX_CLUSTER": "0",
    "RAY_AUTH_MODE": "disabled",
    "RAY_worker_niceness": "0",
    "RAY_health_check_failure_threshold": "3",
    "RAY_health_check_period_ms": "1000",
}


@contextmanager
def two_nodes(second: dict[str, str] | None = None) -> Iterator[Any]:
    """Give a block a cluster of two nodes with one CPU each; `second` are the second's variables."""
    from ray.cluster_utils import Cluster

    options: dict[str, Any] = {"num_cpus": 1, "object_store_memory": 80 * 2**20}
    cluster = Cluster()
    try:
        _add_node(cluster, {**options, "include_dashboard": False})
        _add_node(cluster, {**options, "env_vars": second or {}})
        yield cluster
    finally:
        cluster.shutdown()


def _add_node(cluster: Any, options: dict[str, Any]) -> None:
    """Add a node; Ray gives one up that takes 30 seconds, on a machine that is busy."""
    for attempt in range(4):
        try:
            cluster.add_node(**options)
        except Exception:  # that is all that Ray raises
            if attempt == 3:
                raise
        else:
            break
    cluster.wait_for_nodes(timeout=120)


def processes_of(mark: str, command: str = "") -> set[int]:
    """Return the processes with something in their environment, and in their command."""
    found = set()
    for process in Path("/proc").glob("[0-9]*"):
        with suppress(OSError):
            if (
                mark.encode() in (process / "environ").read_bytes()
                and command.encode() in (process / "cmdline").read_bytes()
                and int(process.name) != os.getpid()
            ):
                found.add(int(process.name))
    return found


def model_processes(mark: str) -> set[int]:
    """Return the processes that hold a worker's model."""
    return processes_of(mark, "harness.run.engines.ray.model_process")


def await_true(condition: Any, seconds: float = 120.0) -> None:
    """Wait until something is so."""
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline
        time.sleep(0.05)
