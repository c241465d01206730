"""The questions of a data set, kept on the disk while they are asked.

They lie in a temporary database that goes with the process. What is held in memory is one
paragraph, whatever the size of the set.
"""

import hashlib
import json
import sqlite3
from collections.abc import Iterable, Iterator, Mapping

from harness.errors import DataError, StoreError
from harness.files import canonical_json, sha256
from harness.records import Article, Example, Query
from harness.suite.squad.questions import Item

_SCHEMA = """
PRAGMA journal_mode=OFF;
PRAGMA synchronous=OFF;
CREATE TABLE paragraphs (
    number INTEGER PRIMARY KEY,
    name TEXT NOT NULL UNIQUE,   -- TITLE#3: the third paragraph of its title
    title TEXT NOT NULL,         -- as `_slug` writes it
    sha256 TEXT NOT NULL,        -- of the text
    text TEXT NOT NULL,
    UNIQUE (title, sha256)
);
CREATE TABLE questions (
    place INTEGER PRIMARY KEY,
    id TEXT NOT NULL UNIQUE,
    paragraph INTEGER NOT NULL REFERENCES paragraphs (number),
    text TEXT NOT NULL,
    answers TEXT NOT NULL        -- JSON
);
"""
UNTITLED = "untitled"


class Shelf(Mapping[str, Article]):
    """A data set's questions, and its paragraphs as articles by their names.

    `hash` is over titles, paragraphs, ids, questions and answers in their order, and is the same
    whatever the layout they were read from; `ids_sha256` is over the sorted ids alone.
    """

    def __init__(self, label: str, items: Iterable[Item]) -> None:
        """Take the questions in; raise DataError for an id given twice, and for no questions."""
        self._label = label
        self._numbers: dict[str, int] = {}  # paragraphs so far of each title
        self.questions = 0
        digest = hashlib.sha256(b"squad-1\n")
        self._db = sqlite3.connect("")  # a temporary file that goes with the connection
        try:
            self._db.executescript(_SCHEMA)
            self._db.execute("BEGIN")
            for item in items:
                self._add(item)
                row = [item.title, sha256(item.context), item.id, item.question, item.answers]
                digest.update(canonical_json(row).encode() + b"\n")
            self._db.execute("COMMIT")
        except sqlite3.Error as error:
            raise StoreError(f"{label}: its texts cannot be kept on the disk ({error})") from None
        self.hash = digest.hexdigest()
        self.unanswerable = self._number("SELECT count(*) FROM questions WHERE answers = '[]'")
        self.titles = len(self._numbers)
        if not self.questions:
            raise DataError(f"{label}: there are no questions in it; it is not SQuAD's data set")
        ids = hashlib.sha256()
        for (name,) in self._db.execute("SELECT id FROM questions ORDER BY id"):
            ids.update(name.encode() + b"\n")
        self.ids_sha256 = ids.hexdigest()

    @property
    def by_title(self) -> bool:
        """Whether questions belong together by title: not where there is only one."""
        return self.titles > 1

    def __len__(self) -> int:
        return self._number("SELECT count(*) FROM paragraphs")

    def __iter__(self) -> Iterator[str]:
        for (name,) in self._db.execute("SELECT name FROM paragraphs ORDER BY number"):
            yield name

    def __getitem__(self, name: str) -> Article:
        query = "SELECT number FROM paragraphs WHERE name = ?"
        row = self._db.execute(query, (name,)).fetchone()
        if row is None:
            raise KeyError(name)
        return self._paragraph(row[0])[0]

    def examples(self, start: int) -> Iterator[Example]:
        """Yield the questions in order from the one at a place, which counts from 0.

        An example's id begins with what its questions belong together by.
        """
        held: int | None = None
        query = "SELECT id, paragraph, text, answers FROM questions WHERE place >= ? ORDER BY place"
        for name, number, text, answers in self._db.execute(query, (start,)):
            if number != held:
                held = number
                article, title = self._paragraph(number)
            cluster = title if self.by_title else article.id
            yield Example(
                id=f"{cluster}/{name}",
                article=article,
                query=Query("answer", article.text, text),
                references=tuple(json.loads(answers)),
            )

    def counts(self) -> Iterator[tuple[str, int, int, int, int]]:
        """Yield of each title: its name, paragraphs, characters, questions, and unanswerable."""
        yield from self._db.execute(
            "SELECT title, count(*), sum(length(text)), sum(asked), sum(silent) FROM paragraphs "
            "JOIN (SELECT paragraph, count(*) AS asked, sum(answers = '[]') AS silent "
            "FROM questions GROUP BY paragraph) ON paragraph = number "
            "GROUP BY title ORDER BY min(number)"
        )

    def _add(self, item: Item) -> None:
        title = _slug(item.title)
        digest = sha256(item.context)
        query = "SELECT number FROM paragraphs WHERE title = ? AND sha256 = ?"
        row = self._db.execute(query, (title, digest)).fetchone()
        if row is None:
            self._numbers[title] = self._numbers.get(title, 0) + 1
            made = (f"{title}#{self._numbers[title]}", title, digest, item.context)
            row = (
                self._db.execute(
                    "INSERT INTO paragraphs (name, title, sha256, text) VALUES (?, ?, ?, ?)", made
                ).lastrowid,
            )
        # Several people may have given the same answer; the best over answers is no other.
        answers = json.dumps(list(dict.fromkeys(item.answers)))
        try:
            self._db.execute(
                "INSERT INTO questions VALUES (?, ?, ?, ?, ?)",
                (self.questions, item.id, row[0], item.question, answers),
            )
        except sqlite3.IntegrityError:
            raise DataError(
                f"{item.where}: the id {item.id!r} is given twice; each question needs its own"
            ) from None
        self.questions += 1

    def _paragraph(self, number: int) -> tuple[Article, str]:
        query = "SELECT name, title, sha256, text FROM paragraphs WHERE number = ?"
        name, title, digest, text = self._db.execute(query, (number,)).fetchone()
        return Article(name, text, self._label, digest), title

    def _number(self, query: str) -> int:
        return int(self._db.execute(query).fetchone()[0])


def _slug(title: str | None) -> str:
    """Return a title without what ids are made with, so that no two titles become one.

    >>> _slug("AC/DC"), _slug("C#"), _slug("100%"), _slug(None)
    ('AC%2FDC', 'C%23', '100%25', 'untitled')
    """
    if not title:
        return UNTITLED
    return title.replace("%", "%25").replace("/", "%2F").replace("#", "%23")
