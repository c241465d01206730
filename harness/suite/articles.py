"""Seeds to articles: what the outlet wrote, without the page around it.

Cleaning is deterministic, and says what it removed and why. It never touches wording:
misspelt names and wrong years stay, they are what the outlet printed.
"""

import datetime
from dataclasses import dataclass, field
from pathlib import Path
from typing import Annotated

from pydantic import ConfigDict, Field, StringConstraints, TypeAdapter

from harness.errors import DataError
from harness.files import read_text, read_toml, sha256_file, validate
from harness.records import Article, Task
from harness.text import normalize_spaces

Identifier = Annotated[str, StringConstraints(pattern=r"^[a-z0-9][a-z0-9-]{0,62}$")]

_SENTENCE_ENDINGS = tuple(".!?…:;\"'”’»)]")


@dataclass(frozen=True, slots=True)
class RemovedParagraph:
    """A paragraph that cleaning left out, and the rule that did it."""

    rule: str
    text: str


@dataclass(frozen=True)
class ManifestEntry:
    """One `[[article]]` table of `seeds/manifest.toml`; see the comment at its top."""

    __pydantic_config__ = ConfigDict(extra="forbid")

    id: Identifier
    file: Annotated[str, StringConstraints(min_length=1)]
    sha256: Annotated[str, StringConstraints(pattern=r"^[0-9a-f]{64}$")] | None = None
    outlet: str | None = None
    headline: str | None = None
    date: datetime.date | None = None
    date_source: str | None = None
    language: str = "en"
    rights: str | None = None
    begins: str | None = None
    ends: str | None = None


@dataclass(frozen=True)
class Manifest:
    """`seeds/manifest.toml`: the articles, and if given the suite's name and primary metrics."""

    __pydantic_config__ = ConfigDict(extra="forbid")

    article: Annotated[list[ManifestEntry], Field(min_length=1)]
    suite: Identifier | None = None
    primary: dict[Task, str] = field(default_factory=dict)


_MANIFEST = TypeAdapter(Manifest)


def read_articles(folder: Path) -> dict[str, Article]:
    """Return the cleaned articles of a seeds folder, by id, in the manifest's order.

    Raises DataError for a manifest that is missing or wrong, an id or a file named twice, a
    seed whose content is not the one the manifest pins, and text that cannot be found in it.
    """
    articles: dict[str, Article] = {}
    for entry in read_manifest(folder).article:
        text, _ = clean_article(folder, entry)
        articles[entry.id] = Article(
            id=entry.id,
            text=text,
            file=entry.file,
            sha256=sha256_file(folder / entry.file),
            outlet=entry.outlet,
            headline=entry.headline,
            date=entry.date,
            language=entry.language,
        )
    return articles


def read_manifest(folder: Path) -> Manifest:
    """Return `folder/manifest.toml`; raise DataError if it is not sound."""
    path = folder / "manifest.toml"
    if not path.is_file():
        raise DataError(f"{path}: there is no such file; it must list the suite's articles")
    manifest = validate(_MANIFEST, read_toml(path), path)
    for name in ("id", "file"):
        values = [getattr(entry, name) for entry in manifest.article]
        duplicates = sorted({value for value in values if values.count(value) > 1})
        if duplicates:
            raise DataError(f"{path}: {name} {duplicates[0]!r} is given to two articles; keep one")
    return manifest


def clean_article(folder: Path, entry: ManifestEntry) -> tuple[str, list[RemovedParagraph]]:
    """Return an article's own text, one paragraph a line block, and what was removed.

    The rules, in order: each line of the file is a paragraph and its spaces become regular;
    paragraphs before `begins` and after `ends` go (page chrome); a paragraph that stops in
    mid-sentence is joined with the next if that goes on in lower case; a paragraph that stood
    before, word for word, goes. Raises DataError.
    """
    path = folder / entry.file
    if Path(entry.file).name != entry.file or not path.is_file():
        raise DataError(
            f"{path}: named by the manifest for {entry.id!r}, but there is no such file"
        )
    if entry.sha256 and (digest := sha256_file(path)) != entry.sha256:
        raise DataError(
            f"{path}: the file has changed (SHA-256 {digest[:12]}…, the manifest pins "
            f"{entry.sha256[:12]}…); restore it, or update the manifest and read its goldens again"
        )
    lines = [normalize_spaces(line) for line in read_text(path).splitlines()]
    paragraphs = [line for line in lines if line]
    first, last = _body_range(path, paragraphs, entry)
    removed = [RemovedParagraph("before the article", text) for text in paragraphs[:first]]
    body: list[str] = []
    for paragraph in _join_broken_paragraphs(paragraphs[first : last + 1]):
        if paragraph in body:
            removed.append(RemovedParagraph("repeated", paragraph))
        else:
            body.append(paragraph)
    removed += [RemovedParagraph("after the article", text) for text in paragraphs[last + 1 :]]
    if not body:
        raise DataError(f"{path}: no text is left after cleaning; the file is empty")
    return "\n\n".join(body), removed


def _body_range(path: Path, paragraphs: list[str], entry: ManifestEntry) -> tuple[int, int]:
    first, last = 0, len(paragraphs) - 1
    if entry.begins is not None:
        begins = normalize_spaces(entry.begins)
        matches = [i for i, text in enumerate(paragraphs) if text.startswith(begins)]
        if not matches:
            raise DataError(f"{path}: no line begins with {begins!r}; correct `begins`")
        first = matches[0]
    if entry.ends is not None:
        ends = normalize_spaces(entry.ends)
        matches = [i for i, text in enumerate(paragraphs) if i >= first and text.endswith(ends)]
        if not matches:
            raise DataError(f"{path}: no line of the article ends with {ends!r}; correct `ends`")
        last = matches[-1]
    return first, last


def _join_broken_paragraphs(paragraphs: list[str]) -> list[str]:
    joined: list[str] = []
    for paragraph in paragraphs:
        if joined and paragraph[0].islower() and not joined[-1].endswith(_SENTENCE_ENDINGS):
            joined[-1] += " " + paragraph
        else:
            joined.append(paragraph)
    return joined
