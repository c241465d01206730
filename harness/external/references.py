"""The references of a set, kept on the disk while systems are scored against them.

Texts lie in a temporary database, so that memory does not grow with the set and predictions may
come in any order.
"""

import hashlib
import json
import sqlite3
import weakref
from collections.abc import Iterator, Mapping
from pathlib import Path
from types import TracebackType
from typing import Literal, Self

from harness.errors import DataError, StoreError
from harness.external.formats import Format, Passage
from harness.external.outputs import FieldNames, ReferenceSet, read_references
from harness.files import canonical_json, sha256
from harness.records import TASKS, Article, Example, Query, Task
from harness.suite.data_set.names import name_slug

# What belongs together, and is one draw of intervals and tests: all questions on a title or
# paragraph of SQuAD's data set, what has one value in a named field, or nothing but each by itself.
Clusters = Literal["title", "paragraph", "field", "item"]
# What each is called in a sentence.
CLUSTER_NOUNS: Mapping[Clusters, str] = {
    "title": "title",
    "paragraph": "paragraph",
    "field": "cluster",
    "item": "item",
}

_SCHEMA = """
PRAGMA journal_mode=OFF;
PRAGMA synchronous=OFF;
CREATE TABLE sets (
    place INTEGER PRIMARY KEY,
    id TEXT NOT NULL UNIQUE,
    spot TEXT NOT NULL,          -- where it stands in the file
    texts TEXT NOT NULL,         -- JSON
    cluster TEXT,                -- by the named field
    paragraph INTEGER,           -- of SQuAD's data set, by its number below
    question TEXT
);
CREATE TABLE paragraphs (
    number INTEGER PRIMARY KEY,
    name TEXT NOT NULL,          -- TITLE#3: the third paragraph of its title
    title TEXT NOT NULL,         -- as `name_slug` writes it
    content TEXT NOT NULL,       -- the SHA-256 of the text, or its number in the file
    text TEXT NOT NULL,
    UNIQUE (title, content)
);
"""


class References:
    """The references of one file, by their ids and places (from 0). Use it in a `with` block.

    `answerable` has a 1 at the place of each set that is not empty; `has_ids` says whether the file
    has ids. Without ids the place, counted from 1, is the id. `task` is what they look like:
    answers under such a name or in SQuAD's data set, else summaries; `version` is that of SQuAD's
    data set. `clusters` is what belongs together. `hash` is over clusters, ids and texts in order,
    whatever the format: over all that a score or an interval depends on.
    """

    def __init__(self, path: Path, file_format: Format, fields: FieldNames) -> None:
        """Read the file; raise DataError for a bad one, an id given twice, or no references."""
        self.path = path
        self.answerable = bytearray()
        self.has_ids = False
        self.task: Task = TASKS[0]
        self.version: str | None = None
        self.clusters: Clusters = "field" if fields.cluster else "item"
        self._titles: dict[str, int] = {}  # paragraphs so far of each title
        self._last_paragraph: tuple[int, int, str] | None = None
        digest = hashlib.sha256()
        # A temporary file that goes with the connection, which whatever thread collects it closes.
        self._db = sqlite3.connect("", check_same_thread=False)
        weakref.finalize(self, self._db.close)  # of a bad file too, which no `with` block gets
        try:
            self._db.executescript(_SCHEMA)
            for reference_set in read_references(path, file_format, fields):
                if not self.answerable:
                    self.has_ids = reference_set.id is not None
                    self.version = reference_set.version if file_format == "json" else None
                    if reference_set.field.rstrip("s") == "answer":
                        self.task = "answer"
                digest.update(canonical_json(self._add(reference_set)).encode() + b"\n")
        except sqlite3.Error as error:
            raise StoreError(f"{path}: its texts cannot be kept on the disk ({error})") from None
        if not self.answerable:
            raise DataError(f"{path}: there are no references in it")
        if self._titles and not fields.cluster:
            self.clusters = "title" if len(self._titles) > 1 else "paragraph"
        self.hash = digest.hexdigest()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._db.close()

    def __len__(self) -> int:
        return len(self.answerable)

    def find(self, name: str) -> int | None:
        """Return the place of an id, `None` if the file has no such id."""
        row = self._db.execute("SELECT place FROM sets WHERE id = ?", (name,)).fetchone()
        return None if row is None else int(row[0])

    def all_texts(self) -> Iterator[tuple[str, ...]]:
        """Yield the references of each set, in order."""
        for (texts,) in self._db.execute("SELECT texts FROM sets ORDER BY place"):
            yield tuple(json.loads(texts))

    def ids(self) -> Iterator[str]:
        """Yield the ids in order."""
        for (name,) in self._db.execute("SELECT id FROM sets ORDER BY place"):
            yield name

    def examples(self, task: Task, start: int = 0) -> Iterator[Example]:
        """Yield the sets in order from the one at a place, as examples of a task.

        An example's id begins with its cluster, as those of a suite do: CLUSTER/ID, and of items
        that are clusters their ids alone, in which %2F stands for each slash. Where the file has no
        text that the references are on, the article is empty.
        """
        query = "SELECT id, texts, cluster, paragraph, question FROM sets WHERE place >= ? "
        file, no_source = self.path.name, Query(task, "")
        number: int | None = None
        article, title = Article("", "", file, ""), ""
        for name, texts, cluster, paragraph, question in self._db.execute(
            f"{query} ORDER BY place", (start,)
        ):
            if self.clusters == "item":
                example_id = _slug(name)
                article = Article(example_id, "", file, "")
            elif cluster is not None:
                example_id = f"{_slug(cluster)}/{name}"
                if paragraph is None and article.id != _slug(cluster):
                    article = Article(_slug(cluster), "", file, "")
            if paragraph is not None:
                if number != paragraph:
                    number = paragraph
                    article, title = self._paragraph(number)
                if cluster is None:
                    whole = title if self.clusters == "title" else article.id
                    example_id = f"{whole}/{name}"
            asked = Query(task, article.text, question) if question or article.text else no_source
            yield Example(example_id, article, asked, tuple(json.loads(texts)))

    def first_unanswerable(self) -> str | None:
        """Return where the first empty set stands in the file, `None` if there is none."""
        place = self.answerable.find(0)
        if place < 0:
            return None
        query = "SELECT spot FROM sets WHERE place = ?"
        return str(self._db.execute(query, (place,)).fetchone()[0])

    def _add(self, found: ReferenceSet) -> list[object]:
        """Take a set in; return what its scores and intervals depend on."""
        name = found.id if found.id is not None else str(len(self) + 1)
        paragraph, cluster = None, [] if found.cluster is None else [found.cluster]
        if found.passage:
            paragraph, paragraph_name = self._paragraph_number(found.passage)
            cluster = cluster or [paragraph_name]
        question = found.passage.question if found.passage else None
        texts = json.dumps(found.texts)
        row = (len(self), name, found.where, texts, found.cluster, paragraph, question)
        try:
            self._db.execute("INSERT INTO sets VALUES (?, ?, ?, ?, ?, ?, ?)", row)
        except sqlite3.IntegrityError:
            query = "SELECT spot FROM sets WHERE id = ?"
            first = self._db.execute(query, (name,)).fetchone()[0]
            raise DataError(
                f"{found.where}: the id {name!r} is given twice, first at {first}"
            ) from None
        self.answerable.append(bool(found.texts))
        return [*cluster, name, found.texts]

    def _paragraph_number(self, passage: Passage) -> tuple[int, str]:
        """Return the number and the name of a question's paragraph, which is taken in if new."""
        if self._last_paragraph and self._last_paragraph[0] == passage.number:
            return self._last_paragraph[1:]
        title = name_slug(passage.title)
        content = str(passage.number) if passage.context is None else sha256(passage.context)
        query = "SELECT number, name FROM paragraphs WHERE title = ? AND content = ?"
        row = self._db.execute(query, (title, content)).fetchone()
        if row is None:
            self._titles[title] = self._titles.get(title, 0) + 1
            name = f"{title}#{self._titles[title]}"
            number = self._db.execute(
                "INSERT INTO paragraphs (name, title, content, text) VALUES (?, ?, ?, ?)",
                (name, title, content, passage.context or ""),
            ).lastrowid
            row = (number, name)
        self._last_paragraph = (passage.number, int(row[0]), str(row[1]))
        return self._last_paragraph[1:]

    def _paragraph(self, number: int) -> tuple[Article, str]:
        query = "SELECT name, title, text FROM paragraphs WHERE number = ?"
        name, title, text = self._db.execute(query, (number,)).fetchone()
        return Article(name, text, self.path.name, sha256(text)), title


def _slug(name: str) -> str:
    """Return a name without the sign that ends a cluster's, so that no two become one.

    >>> _slug("a/b"), _slug("100%")
    ('a%2Fb', '100%25')
    """
    return name.replace("%", "%25").replace("/", "%2F")
