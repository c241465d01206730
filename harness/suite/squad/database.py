"""The questions of a data set, kept on the disk while they are asked.

They lie in a temporary database that goes with the process. What is held in memory is one
paragraph, whatever the size of the set.
"""

import hashlib
import json
import sqlite3
import weakref
from collections.abc import Iterable, Iterator, Mapping

from harness.errors import DataError, StoreError
from harness.files import canonical_json, sha256
from harness.records import Article, Example, Query
from harness.suite.squad.answers import FlagTally
from harness.suite.squad.questions import SquadQuestion

_SCHEMA = """
PRAGMA journal_mode=OFF;
PRAGMA synchronous=OFF;
CREATE TABLE paragraphs (
    number INTEGER PRIMARY KEY,
    name TEXT NOT NULL UNIQUE,   -- TITLE#3: the third paragraph of its title
    title TEXT NOT NULL,         -- as `title_slug` writes it
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


class QuestionDatabase(Mapping[str, Article]):
    """A data set's questions, and its paragraphs as articles by their names.

    `hash` is over titles, paragraphs, ids, questions and answers in their order, and is the same
    whatever the layout they were read from; `ids_sha256` is over the sorted ids alone. `version`
    is what the file says of itself, `flags` holds those that contradict the answers.
    """

    def __init__(self, label: str, questions: Iterable[SquadQuestion]) -> None:
        """Take the questions in; raise DataError for an id given twice, and for no questions."""
        self._label = label
        self._paragraph_counts: dict[str, int] = {}  # paragraphs so far of each title
        self.questions = 0
        self.version: str | None = None
        self.flags = FlagTally()
        digest = hashlib.sha256(b"squad-1\n")
        # A temporary file that goes with the connection, which whatever thread collects it closes.
        self._db = sqlite3.connect("", check_same_thread=False)
        weakref.finalize(self, self._db.close)
        try:
            self._db.executescript(_SCHEMA)
            self._db.execute("BEGIN")
            for question in questions:
                self._add_question(question)
                self.version = question.version
                self.flags.add(question.where, question.is_impossible, bool(question.answers))
                row = [
                    question.title,
                    sha256(question.context),
                    question.id,
                    question.question,
                    question.answers,
                ]
                digest.update(canonical_json(row).encode() + b"\n")
            self._db.execute("COMMIT")
        except sqlite3.Error as error:
            raise StoreError(f"{label}: its texts cannot be kept on the disk ({error})") from None
        self.hash = digest.hexdigest()
        self.unanswerable = self._single_number(
            "SELECT count(*) FROM questions WHERE answers = '[]'"
        )
        self.titles = len(self._paragraph_counts)
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
        return self._single_number("SELECT count(*) FROM paragraphs")

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
        current_paragraph: int | None = None
        query = "SELECT id, paragraph, text, answers FROM questions WHERE place >= ? ORDER BY place"
        for question_id, number, text, answers in self._db.execute(query, (start,)):
            if number != current_paragraph:
                current_paragraph = number
                article, title = self._paragraph(number)
            cluster = title if self.by_title else article.id
            yield Example(
                id=f"{cluster}/{question_id}",
                article=article,
                query=Query("answer", article.text, text),
                references=tuple(json.loads(answers)),
            )

    def title_counts(self) -> Iterator[tuple[str, int, int, int, int]]:
        """Yield of each title: its name, paragraphs, characters, questions, and unanswerable."""
        yield from self._db.execute(
            "SELECT title, count(*), sum(length(text)), sum(asked), sum(silent) FROM paragraphs "
            "JOIN (SELECT paragraph, count(*) AS asked, sum(answers = '[]') AS silent "
            "FROM questions GROUP BY paragraph) ON paragraph = number "
            "GROUP BY title ORDER BY min(number)"
        )

    def _add_question(self, question: SquadQuestion) -> None:
        title = title_slug(question.title)
        text_sha256 = sha256(question.context)
        query = "SELECT number FROM paragraphs WHERE title = ? AND sha256 = ?"
        row = self._db.execute(query, (title, text_sha256)).fetchone()
        if row is None:
            self._paragraph_counts[title] = self._paragraph_counts.get(title, 0) + 1
            paragraph = (
                f"{title}#{self._paragraph_counts[title]}",
                title,
                text_sha256,
                question.context,
            )
            row = (
                self._db.execute(
                    "INSERT INTO paragraphs (name, title, sha256, text) VALUES (?, ?, ?, ?)",
                    paragraph,
                ).lastrowid,
            )
        # Several people may have given the same answer; the best over answers is no other.
        answers = json.dumps(list(dict.fromkeys(question.answers)))
        try:
            self._db.execute(
                "INSERT INTO questions VALUES (?, ?, ?, ?, ?)",
                (self.questions, question.id, row[0], question.question, answers),
            )
        except sqlite3.IntegrityError:
            raise DataError(
                f"{question.where}: the id {question.id!r} is given twice; "
                "each question needs its own"
            ) from None
        self.questions += 1

    def _paragraph(self, number: int) -> tuple[Article, str]:
        query = "SELECT name, title, sha256, text FROM paragraphs WHERE number = ?"
        name, title, digest, text = self._db.execute(query, (number,)).fetchone()
        return Article(name, text, self._label, digest), title

    def _single_number(self, query: str) -> int:
        return int(self._db.execute(query).fetchone()[0])


def title_slug(title: str | None) -> str:
    """Return a title without what ids are made with, so that no two titles become one.

    >>> title_slug("AC/DC"), title_slug("C#"), title_slug("100%"), title_slug(None)
    ('AC%2FDC', 'C%23', '100%25', 'untitled')
    """
    if not title:
        return UNTITLED
    return title.replace("%", "%25").replace("/", "%2F").replace("#", "%23")
