"""The cluster of a run: one that is joined, or one of its own that leaves nothing behind."""

import contextlib
import os
import secrets
import shutil
import signal
import socket
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from harness.environment import core_count
from harness.errors import UsageError
from harness.progress import note
from harness.requirements import missing_packages

# A socket's path has 107 characters, of which Ray needs some 65 below its folder.
_LONGEST_FOLDER = 40
_PREFIX = "harness-ray-"
# In the environment of all that a cluster of ours starts: its folder.
_MARK = "GOLDEN_HARNESS_RAY"
_OBJECT_STORE = 100 * 2**20
_CONNECT_SECONDS = 5.0
_STARTS = 3
# Ray reads these when it is first imported: no word to its makers, all on loopback, and workers as
# urgent as this process, which does nothing but wait for them.
_OURS = {
    "RAY_USAGE_STATS_ENABLED": "0",
    "RAY_ENABLE_WINDOWS_OR_OSX_CLUSTER": "0",
    "RAY_worker_niceness": "0",
}
_OF_ANY = {"RAY_USAGE_STATS_ENABLED": "0"}


@contextlib.contextmanager
def connected(address: str | None, secret_names: Sequence[str] = ()) -> Iterator[None]:
    """Give a block a cluster: the one at `address`, "auto" or HOST:PORT, else one of its own.

    Its own listens on loopback alone, wants a token, has no dashboard, and a folder that nobody
    else can read; when the block ends no process and no file of it is left. What the environment
    holds under `secret_names` does not reach it. Raises UsageError if there is no Ray, or none at
    the address.
    """
    if missing := missing_packages("ray"):
        raise UsageError(missing.message("--engine ray", instead="leave --engine out"))
    handlers = {number: signal.getsignal(number) for number in (signal.SIGINT, signal.SIGTERM)}
    # What Ray has to say of its nodes it prints, where only results belong.
    with contextlib.redirect_stdout(sys.stderr):
        opened = _joined(address) if address else _started(secret_names)
        with opened:
            try:
                yield
            finally:
                for number, handler in handlers.items():
                    with contextlib.suppress(ValueError):  # in another thread than the first
                        signal.signal(number, handler)


@contextlib.contextmanager
def _joined(address: str) -> Iterator[None]:
    with _variables(_OF_ANY):
        ray = _imported()
        address = _listening(address)
        try:
            ray.init(address=address, log_to_driver=False, configure_logging=False)
        except Exception as error:  # whatever is wrong there; a cluster of another version, say
            reason = " ".join(str(error).split())[:300]
            raise UsageError(f"--address {address}: cannot be joined: {reason}") from None
        try:
            note(
                f"joined the Ray cluster at {address}: whoever reaches its ports can run code on "
                "its machines, and read what this run sends there"
            )
            yield
        finally:
            ray.shutdown()


@contextlib.contextmanager
def _started(secret_names: Sequence[str]) -> Iterator[None]:
    folder = _private_folder()
    try:
        own = {
            "RAY_AUTH_MODE": "token",
            "RAY_AUTH_TOKEN": secrets.token_hex(32),
            _MARK: str(folder),
        }
        with _variables({**_OURS, **own, **dict.fromkeys(secret_names)}):
            ray = _imported()
            try:
                _start(ray, folder)
                yield
            finally:
                ray.shutdown()
                _await_end(folder)
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _start(ray: Any, folder: Path) -> None:
    """Start a cluster of one node; Ray gives up one that is not there after 30 seconds."""
    for attempt in range(_STARTS):
        try:
            ray.init(
                address="local",
                num_cpus=core_count(),
                include_dashboard=False,
                object_store_memory=_OBJECT_STORE,
                log_to_driver=False,
                configure_logging=False,
                _temp_dir=str(folder),
            )
        except Exception as error:  # that is all that Ray raises
            ray.shutdown()
            _await_end(folder)
            if attempt == _STARTS - 1:
                reason = " ".join(str(error).split())[:300]
                raise UsageError(
                    f"--engine ray: no cluster can be started on this machine: {reason}"
                ) from None
        else:
            return


def _imported() -> Any:
    import ray

    if ray.is_initialized():
        raise UsageError("--engine ray: this process is connected to a Ray cluster already")
    return ray


def _listening(address: str) -> str:
    """Return HOST:PORT of a cluster; raise UsageError, soon, if nothing listens there."""
    if address == "auto":
        from ray._private.services import canonicalize_bootstrap_address_or_die

        try:
            address = canonicalize_bootstrap_address_or_die("auto")
        except (ConnectionError, ValueError):
            raise UsageError(
                "--address auto: no Ray cluster runs on this machine; start one with `ray start "
                "--head`, or leave --address out for a cluster of this run's own"
            ) from None
    host, _, port = address.rpartition(":")
    if not host or not port.isdecimal():
        raise UsageError(f"--address {address}: must be auto or HOST:PORT")
    try:
        socket.create_connection((host, int(port)), timeout=_CONNECT_SECONDS).close()
    except (OSError, OverflowError) as error:
        raise UsageError(
            f"--address {address}: nothing answers there ({error}); `ray status` on a node of the "
            "cluster says where it is"
        ) from None
    return address


@contextlib.contextmanager
def _variables(values: Mapping[str, str | None]) -> Iterator[None]:
    """Give a block environment variables; those that are `None` it does not have."""
    before = {name: os.environ.get(name) for name in values}
    _set_variables(values)
    try:
        yield
    finally:
        _set_variables(before)


def _set_variables(values: Mapping[str, str | None]) -> None:
    for name, value in values.items():
        if value is None:
            os.environ.pop(name, None)
        else:
            os.environ[name] = value


def _private_folder() -> Path:
    """Return a new folder that is this process's; those of processes killed before are removed."""
    place = Path(tempfile.gettempdir())
    if len(str(place)) > _LONGEST_FOLDER - len(_PREFIX) - 17:
        place = Path("/tmp")  # noqa: S108 - a folder of its own is made in it
    for left in place.glob(f"{_PREFIX}*"):
        owner = left.name.removeprefix(_PREFIX).partition("-")[0]
        if owner.isdecimal() and left.owner() == Path.home().owner() and not _alive(int(owner)):
            shutil.rmtree(left, ignore_errors=True)
    return Path(tempfile.mkdtemp(prefix=f"{_PREFIX}{os.getpid()}-", dir=place))


def _alive(process: int) -> bool:
    try:
        os.kill(process, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True


def _await_end(folder: Path, seconds: float = 10.0) -> None:
    """Wait for the processes that a cluster had, which end by themselves; then end the rest."""
    deadline = time.monotonic() + seconds
    while (left := _using(folder)) and time.monotonic() < deadline:
        time.sleep(0.05)
    for process in left:
        with contextlib.suppress(ProcessLookupError):
            os.kill(process, signal.SIGKILL)


def _using(folder: Path) -> list[int]:
    """Return the processes that have the folder in their environment, or in their command."""
    name = str(folder).encode()
    using = []
    for process in Path("/proc").glob("[0-9]*"):
        if int(process.name) != os.getpid():
            with contextlib.suppress(OSError):
                told = (process / "cmdline").read_bytes() + (process / "environ").read_bytes()
                if name in told:
                    using.append(int(process.name))
    return using
