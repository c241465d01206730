"""The files of a suite's folders: pages that are no plain text, and files that nobody reads."""

from collections import Counter
from collections.abc import Collection, Iterator
from html.parser import HTMLParser
from pathlib import Path

from harness.check.finding import Finding

# Elements that no article speaks of by accident, and those that text is marked up with.
_PAGE_ELEMENTS = frozenset(("!doctype", "html", "head", "body", "script", "style"))
_TEXT_ELEMENTS = frozenset(
    ("a", "article", "b", "blockquote", "br", "div", "em", "figure", "footer", "h1", "h2", "h3",
     "header", "i", "img", "li", "main", "nav", "ol", "p", "section", "span", "strong", "table",
     "td", "tr", "ul")
)  # fmt: skip
_MANY_TAGS = 3

# What may lie in any folder.
_ABOUT_THE_FOLDER = ("readme", "licence", "license", "notice")


def check_page(path: Path, text: str) -> Iterator[Finding]:
    """Yield a finding if an article's own text is HTML; `path` is its file."""
    tags = _Tags()
    tags.feed(text)
    if not tags.counts.keys() & _PAGE_ELEMENTS and tags.counts.total() < _MANY_TAGS:
        return
    shown = ", ".join(f"<{name}>" for name, _ in tags.counts.most_common(5))
    yield Finding(
        "warning",
        "html",
        str(path),
        None,
        f"the article has {tags.counts.total()} tags of HTML ({shown}), which models would read "
        "and quote; save the page's text, not its source",
    )


def check_unread_files(folder: Path, read: Collection[str], message: str) -> Iterator[Finding]:
    """Yield a finding for each file of a folder that is not among those that are read."""
    for path in sorted(folder.iterdir()):
        if path.name not in read and not path.name.lower().startswith((".", *_ABOUT_THE_FOLDER)):
            yield Finding("warning", "unread", str(path), None, message)


class _Tags(HTMLParser):
    """Counts the tags of HTML in a text."""

    def __init__(self) -> None:
        super().__init__()
        self.counts: Counter[str] = Counter()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Count a tag that opens."""
        if tag in _PAGE_ELEMENTS | _TEXT_ELEMENTS:
            self.counts[tag] += 1

    def handle_decl(self, decl: str) -> None:
        """Count a declaration of the document's type."""
        if decl.lower().startswith("doctype"):
            self.counts["!doctype"] += 1
