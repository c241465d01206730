"""Where the examples' texts go: into the page if they are few, else into files beside it.

A page that is opened from a disk cannot fetch a file, but it can load a script: each chunk is one
that hands its data over. A file is named by its content, so a page that is there already keeps its
own files until the new page has taken its place and `tidy` is called.
"""

import base64
import hashlib
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote

from harness.files import make_folder, write_atomically
from harness.report.building.build import Built
from harness.report.content.example import Chunk, ChunkFile
from harness.report.content.page import Page
from harness.report.safety.script_json import embedded

# So many bytes of texts go into the page itself.
MOST_INLINE = 1_500_000

_NAME = re.compile(r"[0-9]{5}-[0-9a-f]{16}\.js")


@dataclass(frozen=True)
class Placed:
    """A page, and its chunks as JSON to stand in it: none if they are files, in `folder`."""

    page: Page
    inline: tuple[str, ...]
    folder: Path


def place(built: Built, page: Path, most_inline: int = MOST_INLINE) -> Placed:
    """Return the page's data for a file at `page`.

    Examples of more than `most_inline` bytes in all are written beside it.

    Raises StoreError for a folder that cannot be written.
    """
    folder = page.with_name(f"{page.stem}-examples")
    kept: list[str] = []
    size = 0
    made = built.chunks()
    for chunk in made:
        text = embedded(chunk)
        size += len(text.encode())
        if size > most_inline:
            files = tuple(_files(folder, kept, chunk, made))
            return Placed(built.page.model_copy(update={"chunk_files": files}), (), folder)
        kept.append(text)
    return Placed(built.page, tuple(kept), folder)


def tidy(placed: Placed) -> None:
    """Remove chunks of an older page, once the new one stands in its place."""
    wanted = {Path(one.file).name for one in placed.page.chunk_files}
    if placed.folder.is_dir():
        for path in placed.folder.iterdir():
            if _NAME.fullmatch(path.name) and path.name not in wanted:
                path.unlink(missing_ok=True)
        if not any(placed.folder.iterdir()):
            placed.folder.rmdir()


def _files(
    folder: Path, first: list[str], chunk: Chunk, others: Iterator[Chunk]
) -> Iterator[ChunkFile]:
    """Write the chunks made so far, and the others as they are made."""
    make_folder(folder)
    for number, text in enumerate(first):
        yield _write(folder, number, text)
    yield _write(folder, chunk.number, embedded(chunk))
    for one in others:
        yield _write(folder, one.number, embedded(one))


def _write(folder: Path, number: int, text: str) -> ChunkFile:
    script = f"harnessChunk({number},{text});\n"
    data = script.encode()
    digest = hashlib.sha256(data)
    name = f"{number:05}-{digest.hexdigest()[:16]}.js"
    if not (folder / name).is_file():
        write_atomically(folder / name, script)
    return ChunkFile(
        number=number,
        file=f"{quote(folder.name)}/{name}",
        bytes=len(data),
        integrity=f"sha256-{base64.b64encode(digest.digest()).decode()}",
    )
