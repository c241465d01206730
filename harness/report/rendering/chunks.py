"""Where the examples' texts go: into the page if they are few, else into files beside it.

A page that is opened from a disk cannot fetch a file, but it can load a script: each chunk is one
that hands its data over. A file is named by its content, so a page that is there already keeps its
own files until the new page has taken its place and `remove_stale_chunks` is called.
"""

import base64
import hashlib
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote

from harness.files import make_folder, write_atomically
from harness.report.building.build import ReportData
from harness.report.content.example import Chunk, ChunkFile
from harness.report.content.page import Page
from harness.report.rendering.freshness import CHUNK_FILE_NAME, chunk_folder
from harness.report.safety.script_json import script_json

# So many bytes of texts go into the page itself.
MAX_INLINE_BYTES = 1_500_000


@dataclass(frozen=True)
class PlacedPage:
    """A page, and its chunks as JSON to stand in it: none if they are files, in `folder`."""

    page: Page
    inline: tuple[str, ...]
    folder: Path


def place_chunks(
    report_data: ReportData, page: Path, max_inline_bytes: int = MAX_INLINE_BYTES
) -> PlacedPage:
    """Return the page's data for a file at `page`.

    Examples of more than `max_inline_bytes` in all are written beside it.

    Raises StoreError for a folder that cannot be written.
    """
    folder = chunk_folder(page)
    inline: list[str] = []
    size = 0
    chunks = report_data.chunks()
    for chunk in chunks:
        text = script_json(chunk)
        size += len(text.encode())
        if size > max_inline_bytes:
            files = tuple(_write_chunk_files(folder, inline, chunk, chunks))
            return PlacedPage(
                report_data.page.model_copy(update={"chunk_files": files}), (), folder
            )
        inline.append(text)
    return PlacedPage(report_data.page, tuple(inline), folder)


def remove_stale_chunks(placed: PlacedPage) -> None:
    """Remove chunks of an older page, once the new one stands in its place."""
    current = {Path(chunk_file.file).name for chunk_file in placed.page.chunk_files}
    if placed.folder.is_dir():
        for path in placed.folder.iterdir():
            if re.fullmatch(CHUNK_FILE_NAME, path.name) and path.name not in current:
                path.unlink(missing_ok=True)
        if not any(placed.folder.iterdir()):
            placed.folder.rmdir()


def _write_chunk_files(
    folder: Path, texts: list[str], chunk: Chunk, others: Iterator[Chunk]
) -> Iterator[ChunkFile]:
    """Write the chunks made so far, and the others as they are made."""
    make_folder(folder)
    for number, text in enumerate(texts):
        yield _write_chunk_file(folder, number, text)
    yield _write_chunk_file(folder, chunk.number, script_json(chunk))
    for chunk_after in others:
        yield _write_chunk_file(folder, chunk_after.number, script_json(chunk_after))


def _write_chunk_file(folder: Path, number: int, text: str) -> ChunkFile:
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
