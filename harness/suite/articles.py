"""Seeds to articles: what the outlet wrote, without the page around it.

Cleaning is deterministic, and says what it removed and why. It never touches wording:
misspelt names and wrong years stay, they are what the outlet printed.
"""

import difflib
from dataclasses import dataclass
from pathlib import Path

from harness.errors import DataError, Problem, Problems
from harness.files import read_text, refuse_no_file, sha256_file
from harness.records import Article
from harness.suite.manifest import Manifest, ManifestEntry, read_manifest
from harness.text import normalize_spaces

_SENTENCE_ENDINGS = tuple(".!?…:;\"'”’»)]")


@dataclass(frozen=True, slots=True)
class RemovedParagraph:
    """A paragraph that cleaning left out, and the rule that did it."""

    rule: str
    text: str


def read_articles(folder: Path, manifest: Manifest | None = None) -> dict[str, Article]:
    """Return the cleaned articles of a seeds folder, by id, in the manifest's order.

    Raises DataError for a manifest that is missing or wrong, and for all articles of which the
    file is missing, or not the one that the manifest pins, or lacks a text that it names.
    """
    articles: dict[str, Article] = {}
    problems = Problems()
    read = manifest or read_manifest(folder)
    for entry in read.article:
        with problems.collected():
            text, _ = clean_article(folder, entry)
            articles[entry.id] = Article(
                id=entry.id,
                text=text,
                file=entry.file,
                sha256=sha256_file(folder / entry.file),
                outlet=entry.outlet,
                headline=entry.headline,
                date=entry.date,
                language=entry.language or read.language or "en",
            )
    problems.raise_any()
    return articles


def clean_article(folder: Path, entry: ManifestEntry) -> tuple[str, list[RemovedParagraph]]:
    """Return an article's own text, one paragraph a line block, and what was removed.

    The rules, in order: each line of the file is a paragraph and its spaces become regular;
    paragraphs before `begins` and after `ends` go (page chrome); a paragraph that stops in
    mid-sentence is joined with the next if that goes on in lower case; a paragraph that stood
    before, word for word, goes. Raises DataError.
    """
    path = folder / entry.file
    if Path(entry.file).name != entry.file or not path.is_file():
        message = f"named by the manifest for {entry.id!r}, but there is no such file"
        raise DataError(Problem(path, message))
    if path.resolve().parent != folder.resolve():  # what it leads to would stand in reports
        message = "is a link that leads out of its folder; copy the file there"
        raise DataError(Problem(path, message))
    refuse_no_file(path)
    if entry.sha256 and (digest := sha256_file(path)) != entry.sha256:
        message = (
            f"the file has changed (SHA-256 {digest[:12]}…, the manifest pins "
            f"{entry.sha256[:12]}…); restore it, or update the manifest and read its goldens again"
        )
        raise DataError(Problem(path, message))
    lines = [normalize_spaces(line) for line in read_text(path).splitlines()]
    first, last = _body_range(path, lines, entry)
    before, own, after = (
        [line for line in part if line]
        for part in (lines[:first], lines[first : last + 1], lines[last + 1 :])
    )
    removed = [RemovedParagraph("before the article", text) for text in before]
    body: list[str] = []
    for paragraph in _join_broken_paragraphs(own):
        if paragraph in body:
            removed.append(RemovedParagraph("repeated", paragraph))
        else:
            body.append(paragraph)
    removed += [RemovedParagraph("after the article", text) for text in after]
    if not body:
        raise DataError(Problem(path, "no text is left after cleaning; the file is empty"))
    return "\n\n".join(body), removed


def _body_range(path: Path, lines: list[str], entry: ManifestEntry) -> tuple[int, int]:
    """Return the first and the last of the lines that are the article's own."""
    begins, ends = normalize_spaces(entry.begins or ""), normalize_spaces(entry.ends or "")
    first = min((i for i, line in enumerate(lines) if line.startswith(begins)), default=None)
    last = max((i for i, line in enumerate(lines) if line.endswith(ends)), default=None)
    problems = Problems()
    if lines and first is None:
        problems.append(_no_such_line(path, lines, "begin", begins))
    if lines and last is None:
        problems.append(_no_such_line(path, lines, "end", ends))
    if first is not None and last is not None and last < first:
        message = f"no line of the article ends with {ends!r}: this one stands before it; "
        problems.append(Problem(path, f"{message}correct `begins` or `ends`", line=last + 1))
    problems.raise_any()
    return first or 0, last or 0


def _no_such_line(path: Path, lines: list[str], verb: str, wanted: str) -> Problem:
    """Return what is said of a line that does not "begin" or "end" so: where the words do stand."""
    count = max(4, len(wanted.split()))
    part, order = (slice(count), "first") if verb == "begin" else (slice(-count, None), "last")
    edges = {number: " ".join(line.split()[part]) for number, line in enumerate(lines, start=1)}
    for number, line in enumerate(lines, start=1):
        if wanted in line:
            message = f"`{verb}s` is {wanted!r}, which stands in the middle of this line; give the "
            return Problem(path, f"{message}line's {order} words: {edges[number]!r}", line=number)
    nearest = difflib.get_close_matches(wanted, edges.values(), n=1)
    hint = f"; the nearest: {nearest[0]!r}" if nearest else ""
    return Problem(path, f"no line {verb}s with {wanted!r}{hint}; correct `{verb}s`")


def _join_broken_paragraphs(paragraphs: list[str]) -> list[str]:
    joined: list[str] = []
    for paragraph in paragraphs:
        if joined and paragraph[0].islower() and not joined[-1].endswith(_SENTENCE_ENDINGS):
            joined[-1] += " " + paragraph
        else:
            joined.append(paragraph)
    return joined
