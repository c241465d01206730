"""GGUF files, converted to safetensors once and kept.

transformers parses a GGUF file anew at each load, and turns every number of it into a float32:
ten times as long as it takes to map those float32 into memory. The conversion is kept under the
file's SHA-256 and the versions of what converts, in $GOLDEN_HARNESS_CACHE, in
$XDG_CACHE_HOME/golden-harness or in ~/.cache/golden-harness; it may be deleted at any time.

The file is read alone: transformers would take a tokenizer and chat templates that lie beside it.
"""

import contextlib
import json
import os
import shutil
import tempfile
import time
from collections.abc import Callable, Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any

from harness.environment import package_versions
from harness.errors import WeightsError
from harness.files import canonical_json, sha256, sha256_file
from harness.models.checkpoint.checkpoint_files import CheckpointFiles
from harness.models.checkpoint.memory import trim_memory
from harness.models.checkpoint.seal import Seal
from harness.progress import warn

_FORMAT = 4  # counts changes to what is kept
_MANIFEST = "sha256.json"
_UNFINISHED = ".unfinished-"
_DAY = 86_400


@contextlib.contextmanager
def alone(files: CheckpointFiles) -> Iterator[Path]:
    """Give a folder in which a GGUF file lies alone, until the block ends; of others their own."""
    if files.gguf is None:
        yield files.folder
        return
    with tempfile.TemporaryDirectory() as folder:
        (Path(folder) / files.gguf).symlink_to((files.folder / files.gguf).resolve())
        yield Path(folder)


def cached_conversion(gguf: Path, load: Callable[[], Iterable[Any]]) -> CheckpointFiles | None:
    """Return a GGUF file's conversion, sealed, which is made if it is not there.

    `load` reads the GGUF file and gives, one after the other, what has a `save_pretrained`: the
    tokenizer, the model in float32, and its blocks. Returns None where no cache can be written; a
    line on stderr says so.
    """
    unfinished: Path | None = None
    try:
        source = _source(gguf)
        cached = _conversion_folder(source)
        if complete := _complete(cached, source):
            return complete
        cached.parent.mkdir(parents=True, exist_ok=True)
        _remove_unfinished(cached.parent)
        unfinished = Path(tempfile.mkdtemp(prefix=_UNFINISHED, dir=cached.parent))
    except (OSError, RuntimeError) as error:  # RuntimeError: there is no home
        _warn_uncached(gguf, error)
        return None
    try:
        for part in load():
            if not _saved(gguf, part, unfinished):
                return None
            del part  # what it takes is there for the next
            trim_memory()
        try:
            _write_manifest(unfinished, source)
            _publish(unfinished, cached, source)
            return _complete(cached, source)
        except OSError as error:
            _warn_uncached(gguf, error)
            return None
    finally:
        shutil.rmtree(unfinished, ignore_errors=True)


def _saved(gguf: Path, part: Any, folder: Path) -> bool:
    """Return whether a part of a conversion was written; a line on stderr says why not."""
    try:
        part.save_pretrained(folder)
    except Exception as error:  # each writer has a class of its own for a disk that is full
        _warn_uncached(gguf, error)
        return False
    return True


def kept_conversion(gguf: Path) -> CheckpointFiles | None:
    """Return a GGUF file's conversion, `None` if it was not made yet."""
    try:
        source = _source(gguf)
        return _complete(_conversion_folder(source), source)
    except RuntimeError:  # there is no home
        return None


def _source(gguf: Path) -> dict[str, object]:
    """Return what a conversion is made from, and by what."""
    return {
        "gguf": sha256_file(gguf),
        "format": _FORMAT,
        "packages": package_versions(("transformers", "gguf")),
    }


def _conversion_folder(source: Mapping[str, object]) -> Path:
    return cache_folder() / sha256(canonical_json(source))


def cache_folder() -> Path:
    """Return the folder of all conversions; raise RuntimeError if there is no home for it."""
    if own := os.environ.get("GOLDEN_HARNESS_CACHE"):
        return Path(own) / "gguf"
    shared = os.environ.get("XDG_CACHE_HOME")
    return (Path(shared) if shared else Path.home() / ".cache") / "golden-harness" / "gguf"


def _complete(folder: Path, source: Mapping[str, object]) -> CheckpointFiles | None:
    """Return a conversion that is there, to the last byte, and says that it is that of a source."""
    try:
        manifest = json.loads((folder / _MANIFEST).read_text(encoding="utf-8"))
        seal = Seal(str(folder), lambda: _files(folder))
    except (OSError, ValueError, WeightsError):
        return None
    is_it = manifest == {"source": source, "files": dict(seal.hashes)}
    return CheckpointFiles(folder, seal=seal) if is_it else None


def _write_manifest(folder: Path, source: Mapping[str, object]) -> None:
    """Write the manifest, and see that everything is on the disk."""
    hashes = {name: sha256_file(path) for name, path in _files(folder).items()}
    manifest = {"source": source, "files": hashes}
    (folder / _MANIFEST).write_text(json.dumps(manifest), encoding="utf-8")
    for path in [*folder.iterdir(), folder]:
        file = os.open(path, os.O_RDONLY)
        try:
            os.fsync(file)
        finally:
            os.close(file)


def _publish(unfinished: Path, cached: Path, source: Mapping[str, object]) -> None:
    """Give a conversion its name in one step; where another process was faster, leave its own."""
    with contextlib.suppress(OSError):
        unfinished.rename(cached)
        return
    if not _complete(cached, source):  # what stands there is damaged
        cached.rename(unfinished.with_name(unfinished.name + "-damaged"))
        unfinished.rename(cached)


def _remove_unfinished(folder: Path) -> None:
    """Remove what killed processes left: unfinished conversions that are a day old."""
    for path in folder.glob(_UNFINISHED + "*"):
        with contextlib.suppress(OSError):
            if time.time() - path.stat().st_mtime > _DAY:
                shutil.rmtree(path)


def _files(folder: Path) -> Mapping[str, Path]:
    return {path.name: path for path in sorted(folder.iterdir()) if path.name != _MANIFEST}


def _warn_uncached(gguf: Path, error: Exception) -> None:
    reason = " ".join(str(error).split())[:200]
    warn(
        f"{gguf.name} is read slowly each time: its conversion cannot be kept ({reason}); "
        "set GOLDEN_HARNESS_CACHE to a folder that can be written"
    )
