"""The files of a checkpoint: which of them are read, and one hash over those."""

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from harness.errors import WeightsError
from harness.files import canonical_json, sha256, sha256_file

READ_PATTERNS = ("*.json", "*.txt", "*.model", "*.jinja", "*.tiktoken", "*.safetensors", "*.gguf")
# Text that says something about a model and cannot change what it does.
_IGNORED = ("README.md", "data_config.json", "modules.json")


@dataclass(frozen=True)
class CheckpointFiles:
    """A checkpoint on the disk: its folder, and the GGUF file in it if it is one."""

    folder: Path
    gguf: str | None = None


def read_json_object(path: Path) -> dict[str, Any] | None:
    """Return a JSON file's object, `None` if there is no such file; raise WeightsError."""
    if not path.is_file():
        return None
    try:
        content = json.loads(path.read_text(encoding="utf-8"))
    except ValueError as error:
        raise WeightsError(f"{path}: not valid JSON ({error}); download it again") from None
    if not isinstance(content, dict):
        raise WeightsError(f"{path}: must hold an object; download it again")
    return content


def fingerprint(folder: Path) -> str:
    """Return one hash over the names and contents of the files that loaders may read."""
    paths = {path for pattern in READ_PATTERNS for path in folder.glob(pattern)}
    hashes = {path.name: sha256_file(path) for path in paths if path.name not in _IGNORED}
    return sha256(canonical_json(hashes))
