"""Texts that people cut into sentences, and how many of those a splitter gives."""

from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

NEWS = Path(__file__).parent / "news_sentences.txt"


class Document(NamedTuple):
    """A text and the sentences that people made of it."""

    text: str
    sentences: list[str]


def read_documents(path: Path) -> list[Document]:
    """Return the documents of a file laid out as `news_sentences.txt` says in its head."""
    documents = []
    for block in path.read_text(encoding="utf-8").partition("---\n")[2].strip().split("\n\n"):
        lines = block.splitlines()
        text = lines[0]
        for line in lines[1:]:
            text += "\n" + line[2:] if line.startswith("¶ ") else " " + line
        documents.append(Document(text, [line.removeprefix("¶ ") for line in lines]))
    return documents


def spans(text: str, found: Sequence[str]) -> list[tuple[int, int]]:
    """Return where each of `found` lies in `text`, in order, without the blanks around it."""
    places, end = [], 0
    for piece in found:
        start = text.index(piece.strip(), end)
        end = start + len(piece.strip())
        places.append((start, end))
    return places


def right(document: Document, found: Sequence[str]) -> int:
    """Return how many of a document's sentences are among `found`, to the character."""
    wanted = spans(document.text, document.sentences)
    return len(set(wanted) & set(spans(document.text, found)))
