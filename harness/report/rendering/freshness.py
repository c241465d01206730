"""Whether the page of a run that is there already is what would be drawn again.

A page ends with a line that says what it was made from and what it was when it was written, as
hashes. Drawn from the same numbers by the same code, and as it was left, it need not be drawn anew.
"""

import hashlib
import os
import re
from collections.abc import Iterable
from itertools import chain
from pathlib import Path
from typing import Any

import harness
from harness.environment import package_versions
from harness.files import canonical_json, parse_json, read_text, replacing, sha256

CHUNK_FILE_NAME = r"[0-9]{5}-[0-9a-f]{16}\.js"
_LAST_LINE = re.compile(rb"<!-- made from ([0-9a-f]{64}), ([0-9a-f]{64}) until here -->\n\Z")
_LAST_LINE_LENGTH = 200


def chunk_folder(page: Path) -> Path:
    """Return where the examples of a page are, if they are not in it."""
    return page.with_name(f"{page.stem}-examples")


def page_inputs(leaderboard: Path) -> str:
    """Return the hash of all that a run's page is made from, by the file of its leaderboard.

    This has the hashes of predictions, judgments and suite; where it is stands in the page too.
    What was in the store before a run does not. Raises DataError for a file that cannot be read.
    """
    board: dict[str, Any] = parse_json(read_text(leaderboard))
    del board["content_sha256"]
    for judge in board["judges"]:
        del judge["cached"]
    for row in board["rows"]:
        del row["counts"]["cached"]
    made_by = {"code": _code_sha256(), **package_versions(["jinja2", "vl-convert-python"])}
    return sha256(canonical_json({"at": str(leaderboard), "board": board, "made_by": made_by}))


def write_page(path: Path, html: Iterable[str], inputs: str | None) -> None:
    """Write a page that comes in parts, with the line that says what it is made from, if told.

    Raises StoreError, with the page that was there as it was.
    """
    with replacing(path) as temporary, temporary.open("wb") as file:
        digest = hashlib.sha256()
        for part in html if inputs is None else chain(html, ["\n"]):
            encoded = part.encode()
            digest.update(encoded)
            file.write(encoded)
        if inputs is not None:
            line = f"<!-- made from {inputs}, {digest.hexdigest()} until here -->\n"
            file.write(line.encode())


def is_current(page: Path, leaderboard: Path) -> bool:
    """Return whether a page is what a leaderboard would be drawn as, and it and its files whole.

    Of the files beside it, which are named by what they hold, all must be there.
    """
    try:
        html = page.read_bytes()
    except OSError:
        return False
    last_line = _LAST_LINE.search(html, max(0, len(html) - _LAST_LINE_LENGTH))
    if last_line is None or last_line[1].decode() != page_inputs(leaderboard):
        return False
    before = html[: last_line.start()]
    if hashlib.sha256(before).hexdigest() != last_line[2].decode():
        return False
    names = {name.decode() for name in re.findall(CHUNK_FILE_NAME.encode(), before)}
    return all((chunk_folder(page) / name).is_file() for name in names)


def _code_sha256() -> str:
    """Return the hash of the package's own files."""
    root = Path(harness.__file__).parent
    digest = hashlib.sha256()
    own = (".py", ".j2", ".js", ".css", ".toml")
    files = (Path(folder, name) for folder, _, names in os.walk(root) for name in names)
    for path in sorted(path for path in files if path.name.endswith(own)):
        digest.update(f"{path.relative_to(root).as_posix()}\0".encode())
        digest.update(hashlib.sha256(path.read_bytes()).digest())
    return digest.hexdigest()
