"""Files with the hashes that stand for them in a key, and whether they are still those.

Weights are hashed when a run begins, and read much later: from then on loaded networks may lie on
the disk (safetensors are mapped into memory). What was written to meanwhile is not what the key
says, and what it gave must not be kept under that key.
"""

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from harness.errors import WeightsError
from harness.files import canonical_json, sha256, sha256_file

# A file may be written twice within one tick of its clock, and look the same: nanoseconds.
_TICK = 2_000_000_000


def fingerprint(hashes: Mapping[str, str]) -> str:
    """Return one hash over the names and contents of files."""
    return sha256(canonical_json(hashes))


@dataclass(frozen=True, slots=True)
class _State:
    """A file's hash, and what the disk said of the file right before it was read."""

    sha256: str
    stat: tuple[int, ...]
    settled: bool


@lru_cache(maxsize=64)  # two models of a roster may share their weights
def _settled_sha256(path: Path, _stat: tuple[int, ...]) -> str:
    """Return the hash of a file, which is read once as long as the disk says the same of it."""
    return sha256_file(path)


class Seal:
    """Files by their names, as they were when they were hashed."""

    def __init__(self, label: str, list_files: Callable[[], Mapping[str, Path]]) -> None:
        """Hash the files that `list_files` finds; `label` is whose they are, in messages.

        Raises WeightsError for a file that cannot be read, and what `list_files` raises.
        """
        self._label = label
        self._list_files = list_files
        self._states = {name: self._state(path) for name, path in list_files().items()}
        self._changed: str | None = None

    @property
    def hashes(self) -> dict[str, str]:
        """The SHA-256 of each file, by its name."""
        return {name: state.sha256 for name, state in self._states.items()}

    def untouched(self) -> bool:
        """Return whether nothing touched the files since the last call; reads only what was.

        False is for files that were touched and are the same. Raises WeightsError for those that
        changed, came or went, and ever after: they may change back, what was read of them does not.
        """
        if self._changed is None:
            files = self._list_files()
            unlike = sorted(files.keys() ^ self._states.keys())
            touched = False
            for name in [] if unlike else files:
                known = self._states[name]
                if known.settled and self._stat(files[name]) == known.stat:
                    continue
                self._states[name] = found = self._state(files[name])
                touched |= found.stat != known.stat
                if found.sha256 != known.sha256:
                    unlike.append(name)
            if not unlike:
                return not touched
            self._changed = unlike[0]
        raise WeightsError(
            f"{self._label}: {self._changed} changed during the run, after its hash was taken for "
            "the key; nothing is kept under that key, so run again when nothing writes to it"
        )

    def _state(self, path: Path) -> _State:
        now = time.time_ns()
        stat = self._stat(path)
        settled = not 0 <= now - max(stat[-2:]) < _TICK
        try:
            digest = _settled_sha256(path, stat) if settled else sha256_file(path)
        except OSError as error:
            raise self._unreadable(path, error) from None
        return _State(digest, stat, settled)

    def _stat(self, path: Path) -> tuple[int, ...]:
        """Return what changes with a file; the time of its last change cannot be set by hand."""
        try:
            stat = path.stat()
        except OSError as error:
            raise self._unreadable(path, error) from None
        return stat.st_dev, stat.st_ino, stat.st_size, stat.st_mtime_ns, stat.st_ctime_ns

    def _unreadable(self, path: Path, error: OSError) -> WeightsError:
        return WeightsError(f"{self._label}: {path}: cannot be read ({error.strerror})")
