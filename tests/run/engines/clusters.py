"""Real Ray: clusters of several nodes on this machine, and whether anything is left of them."""

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
def nodes(*variables: dict[str, str]) -> Iterator[Any]:
    """Give a block a cluster of nodes with one CPU each, one for each set of variables."""
    from ray.cluster_utils import Cluster

    cluster = Cluster()
    try:
        for of_node in variables:
            add_node(cluster, of_node)
        yield cluster
    finally:
        cluster.shutdown()


def add_node(cluster: Any, variables: dict[str, str]) -> Any:
    """Add a node, and return it; Ray gives one up that takes 30 seconds, where much else runs."""
    head = {} if cluster.head_node else {"include_dashboard": False}
    for attempt in range(4):
        try:
            node = cluster.add_node(
                num_cpus=1, object_store_memory=80 * 2**20, env_vars=variables, **head
            )
        except Exception:  # that is all that Ray raises
            if attempt == 3:
                raise
        else:
            break
    cluster.wait_for_nodes(timeout=120)
    return node


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
