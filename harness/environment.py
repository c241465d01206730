"""What the numbers were made with: versions, processor, code. Imports nothing heavy."""

import hashlib
import importlib.metadata
import os
import platform
import subprocess
from collections.abc import Mapping, Sequence
from pathlib import Path

PACKAGES = ("torch", "transformers", "tokenizers", "numpy")
# Which commit of the code ran: two of one version are no two kinds of place.
_OF_CODE = ("git_commit", "git_dirty")
_VERSIONS: dict[str, str] = {}


def package_versions(packages: Sequence[str]) -> dict[str, str | None]:
    """Return the installed version of each package, `None` where it is not installed."""
    return {name: installed_version(name) for name in packages}


def installed_version(package: str) -> str | None:
    """Return the installed version of a package, `None` where it is not installed.

    One that was found is not looked for again: that goes through folders on the disk.
    """
    if package not in _VERSIONS:
        try:
            _VERSIONS[package] = importlib.metadata.version(package)
        except importlib.metadata.PackageNotFoundError:
            return None
    return _VERSIONS[package]


def environment(threads: int) -> Mapping[str, object]:
    """Return this process's environment, as the leaderboard records it."""
    commit = _git("rev-parse", "HEAD")
    changes = _git("status", "--porcelain")
    return {
        "harness": package_versions(["golden-harness"])["golden-harness"],
        "python": platform.python_version(),
        "platform": f"{platform.system()} {platform.machine()}",
        "cpu": _cpu(),
        "threads": threads,
        "packages": package_versions(PACKAGES),
        "git_commit": commit,
        "git_dirty": bool(changes) if commit and changes is not None else None,
    }


def place_kind(environment: Mapping[str, object]) -> dict[str, object]:
    """Return what an environment says of the kind of place: versions, processor, GPU, threads.

    >>> place_kind({"cpu": "EPYC", "threads": 2, "git_commit": "c0ffee", "git_dirty": False})
    {'cpu': 'EPYC', 'threads': 2}
    """
    return {name: value for name, value in environment.items() if name not in _OF_CODE}


def thread_count() -> int:
    """Return how many threads a model computes with: OMP_NUM_THREADS, or a core each."""
    setting = os.environ.get("OMP_NUM_THREADS", "")
    if setting.isdecimal() and int(setting) > 0:
        return int(setting)
    return core_count()


def core_count() -> int:
    """Return how many cores this process may use."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


def code_sha256() -> str:
    """Return one hash over the harness's own code: two that differ may decide otherwise."""
    folder = Path(__file__).parent
    digest = hashlib.sha256()
    for path in sorted(folder.rglob("*.py")):
        digest.update(f"{path.relative_to(folder)}\0".encode() + path.read_bytes() + b"\0")
    return digest.hexdigest()


def _cpu() -> str:
    info = Path("/proc/cpuinfo")
    if info.is_file():
        for line in info.read_text(encoding="utf-8", errors="replace").splitlines():
            if line.startswith("model name"):
                return line.partition(":")[2].strip()
    return platform.processor() or platform.machine()


def _git(*arguments: str) -> str | None:
    """Return what git says of the harness's own checkout, `None` outside of one.

    Git's variables are kept from it: a hook's GIT_DIR, say, names another repository.
    """
    folder = Path(__file__).resolve().parent.parent
    if not (folder / ".git").exists():
        return None
    variables = {
        name: value for name, value in os.environ.items() if not name.upper().startswith("GIT_")
    }
    try:
        completed = subprocess.run(
            ["git", "-C", str(folder), *arguments],
            check=False,
            capture_output=True,
            env=variables,
            text=True,
            timeout=20,
        )
    except (OSError, subprocess.TimeoutExpired):
        return None
    return completed.stdout.strip() if completed.returncode == 0 else None
