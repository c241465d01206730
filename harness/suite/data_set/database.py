"""The articles of a data set, with what is asked of them, kept on the disk while they are asked.

They lie in a temporary database that goes with the process (in the folder that SQLITE_TMPDIR or
TMPDIR names). What is held in memory is one article, whatever the size of the set.
"""

import hashlib
import json
import sqlite3
import weakref
from collections.abc import Iterable, Iterator, Mapping

from harness.errors import DataError, StoreError
from harness.files import canonical_json, sha256
from harness.records import Article, Example, Query, Task
from harness.suite.data_set.doubtful import Doubts
from harness.suite.data_set.items import Item
from harness.suite.data_set.names import given_twice, name_slug, row_id
from harness.suite.data_set.reading.bad_rows import BadRows
from harness.text import has_word
from harness.text.letters import LetterCount, ascii_letters, spaced_letters

_SCHEMA = """
PRAGMA journal_mode=OFF;
PRAGMA synchronous=OFF;
CREATE TABLE articles (
    number INTEGER PRIMARY KEY,
    name TEXT NOT NULL UNIQUE,   -- TITLE#3, the third paragraph of its title; of summaries the id
    cluster TEXT NOT NULL,       -- as `name_slug` writes it
    sha256 TEXT NOT NULL,        -- of the text
    text TEXT NOT NULL
);
CREATE TABLE texts (             -- each once, in the order of their hashes
    sha256 TEXT PRIMARY KEY
) WITHOUT ROWID;
CREATE TABLE questions (
    place INTEGER PRIMARY KEY,
    id TEXT NOT NULL UNIQUE,
    article INTEGER NOT NULL REFERENCES articles (number),
    text TEXT NOT NULL,
    answers TEXT NOT NULL        -- JSON
);
CREATE TABLE summaries (
    place INTEGER PRIMARY KEY,
    article INTEGER NOT NULL UNIQUE REFERENCES articles (number),
    refs TEXT NOT NULL           -- JSON
);
"""
# Questions find the article that they share with others by its text.
_BY_TEXT = "CREATE INDEX by_text ON articles (cluster, sha256)"


class DataDatabase(Mapping[str, Article]):
    """A data set's questions and summaries, and its texts as articles by their names.

    `hash` is over all that can change a score, in its order, and is the same whatever the layout
    it was read from; `ids_sha256` is over the sorted ids alone, `None` where it has none, and
    `sources_sha256` over the sorted hashes of its texts. `version` is what the file says of itself,
    `doubts` holds what is odd about references, `letters` those of each task's. `has_line_breaks`
    says whether any reference summary has several lines. `language` is of the articles.
    """

    def __init__(
        self,
        label: str,
        items: Iterable[Item],
        bad: BadRows,
        words: tuple[int, int] | None = None,
        language: str | None = None,
    ) -> None:
        """Take the items in; an id given twice is bad. Raises DataError where there are none."""
        self._label, self._bad, self._words = label, bad, words
        self._language = language or "en"
        # Texts so far of each cluster, where questions share them.
        self._counts: dict[str, int] = {}
        self.questions = self.summaries = 0
        self.version: str | None = None
        self.doubts = Doubts()
        self.letters: Mapping[Task, LetterCount] = {
            "summarize": LetterCount(ascii_letters),
            "answer": LetterCount(spaced_letters),
        }
        self.first_wordless: int | None = None  # the place of a summary whose article has no word
        self.has_line_breaks = self._has_ids = self._has_clusters = False
        # A temporary file that goes with the connection, which whatever thread collects it closes.
        self._db = sqlite3.connect("", check_same_thread=False)
        weakref.finalize(self, self._db.close)
        try:
            self._db.executescript(_SCHEMA)
            self._db.execute("BEGIN")
            self.hash = self._take_in(items)
            self._db.execute("COMMIT")
            self.unanswerable = self._single_number(
                "SELECT count(*) FROM questions WHERE answers = '[]'"
            )
            self.clusters = (
                self._single_number("SELECT count(DISTINCT cluster) FROM articles")
                if self._has_clusters
                else min(1, self.questions + self.summaries)
            )
            self.ids_sha256 = self._hash_of(self._ids_query) if self._has_ids else None
            self.sources_sha256 = self._hash_of("SELECT sha256 FROM texts ORDER BY sha256")
        except sqlite3.Error as error:
            raise StoreError(f"{label}: its texts cannot be kept on the disk ({error})") from None
        if not self.questions and not self.summaries:
            left = f" that can be read; {bad.warning}" if bad.count else ""
            raise DataError(f"{label}: there are no rows in it{left}; it is no data set")

    @property
    def by_cluster(self) -> bool:
        """Whether texts belong together by cluster or title: not where there is only one."""
        return self._has_clusters and self.clusters > 1

    def __len__(self) -> int:
        return self._single_number("SELECT count(*) FROM articles")

    def __iter__(self) -> Iterator[str]:
        for (name,) in self._db.execute("SELECT name FROM articles ORDER BY number"):
            yield name

    def __getitem__(self, name: str) -> Article:
        query = "SELECT number FROM articles WHERE name = ?"
        row = self._db.execute(query, (name,)).fetchone()
        if row is None:
            raise KeyError(name)
        return self._article(row[0])[0]

    def examples(self, task: Task, start: int) -> Iterator[Example]:
        """Yield a task's examples in order from the one at a place, which counts from 0.

        An example's id begins with what belongs together with it.
        """
        if task == "summarize":
            query = "SELECT article, refs FROM summaries WHERE place >= ? ORDER BY place"
            for number, references in self._db.execute(query, (start,)):
                article, cluster = self._article(number)
                name = f"{cluster}/{article.id}" if self.by_cluster else article.id
                asked = Query(task, article.text, words=self._words)
                yield Example(name, article, asked, tuple(json.loads(references)))
            return
        current: int | None = None
        query = "SELECT id, article, text, answers FROM questions WHERE place >= ? ORDER BY place"
        for question_id, number, text, answers in self._db.execute(query, (start,)):
            if number != current:
                current = number
                article, cluster = self._article(number)
            yield Example(
                id=f"{cluster if self.by_cluster else article.id}/{question_id}",
                article=article,
                query=Query(task, article.text, text),
                references=tuple(json.loads(answers)),
            )

    def references(self, task: Task) -> Iterator[tuple[str, ...]]:
        """Yield the references of a task's examples in order, and read no text for it."""
        query = (
            "SELECT refs FROM summaries ORDER BY place"
            if task == "summarize"
            else "SELECT answers FROM questions ORDER BY place"
        )
        for (references,) in self._db.execute(query):
            yield tuple(json.loads(references))

    def ids(self, task: Task) -> Iterator[str]:
        """Yield the ids of a task's rows as they are in the set; of one without ids the numbers."""
        query = (
            "SELECT name FROM articles JOIN summaries ON article = number"
            if task == "summarize"
            else "SELECT id FROM questions"
        )
        yield from (name for (name,) in self._db.execute(query))

    def text_hashes(self) -> Iterator[str]:
        """Yield the SHA-256 of each text."""
        for (digest,) in self._db.execute("SELECT sha256 FROM texts"):
            yield digest

    def title_counts(self) -> Iterator[tuple[str, int, int, int, int]]:
        """Yield of each title: its name, paragraphs, characters, questions, and unanswerable."""
        yield from self._db.execute(
            "SELECT cluster, count(*), sum(length(text)), sum(asked), sum(silent) FROM articles "
            "JOIN (SELECT article, count(*) AS asked, sum(answers = '[]') AS silent "
            "FROM questions GROUP BY article) ON article = number "
            "GROUP BY cluster ORDER BY min(number)"
        )

    def _take_in(self, items: Iterable[Item]) -> str:
        """Keep all items; return their hash."""
        digest: hashlib._Hash | None = None
        for item in items:
            if digest is None:
                # That of questions alone is as it was before there were summaries.
                has_summaries = item.references is not None
                digest = hashlib.sha256(b"data-1\n" if has_summaries else b"squad-1\n")
                if self._words:
                    digest.update(canonical_json(self._words).encode() + b"\n")
                if item.question is not None:
                    self._db.execute(_BY_TEXT)
                self._has_ids, self.version = item.id is not None, item.version
            if wrong := self._wrong(item):
                self._bad.refuse(item.where, wrong)
                continue
            text_sha256 = sha256(item.text)
            try:
                self._add(item, text_sha256)
            except sqlite3.IntegrityError:
                self._bad.refuse(item.where, given_twice(item))
                continue
            row = [item.cluster, text_sha256, item.id, item.question, item.answers]
            if item.references is not None:
                row = [*row, item.references]
            digest.update(canonical_json(row).encode() + b"\n")
        return digest.hexdigest() if digest else ""

    def _wrong(self, item: Item) -> str | None:
        """Return what is wrong with a question beside the items before it."""
        if item.question is None:
            return None
        query = "SELECT 1 FROM questions WHERE id = ?"
        if self._db.execute(query, (row_id(item),)).fetchone():
            return given_twice(item)
        if item.references is not None:
            number = self._number_of(item, sha256(item.text))
            query = "SELECT refs FROM summaries WHERE article = ?"
            row = self._db.execute(query, (number,)).fetchone()
            if row and json.loads(row[0]) != [*item.references]:
                return "has other references than a row before it with the same article"
        return None

    def _add(self, item: Item, text_sha256: str) -> None:
        if item.question is None:
            number = self._add_article(item, text_sha256)
        else:
            self.doubts.add(item.where, item.answers, item.is_impossible)
            number = self._number_of(item, text_sha256) or self._add_article(item, text_sha256)
            # Several people may have given the same answer; the best over answers is no other.
            answers = list(dict.fromkeys(item.answers))
            self._db.execute(
                "INSERT INTO questions VALUES (?, ?, ?, ?, ?)",
                (self.questions, row_id(item), number, item.question, json.dumps(answers)),
            )
            self.letters["answer"].add(answers)
            self.questions += 1
        if item.references is None:
            return
        added = self._db.execute(
            "INSERT OR IGNORE INTO summaries VALUES (?, ?, ?)",
            (self.summaries, number, json.dumps(item.references)),
        ).rowcount
        if added:
            self.letters["summarize"].add(item.references)
            self.doubts.add(item.where, item.references)
            if self.first_wordless is None and not has_word(item.text):
                self.first_wordless = self.summaries
        self.summaries += added
        if not self.has_line_breaks:
            self.has_line_breaks = any("\n" in text.strip() for text in item.references)

    def _number_of(self, item: Item, text_sha256: str) -> int | None:
        """Return the number of the article with the same text, `None` if it is new."""
        query = "SELECT number FROM articles WHERE cluster = ? AND sha256 = ?"
        row = self._db.execute(query, (name_slug(item.cluster), text_sha256)).fetchone()
        return None if row is None else int(row[0])

    def _add_article(self, item: Item, text_sha256: str) -> int:
        cluster = name_slug(item.cluster)
        self._has_clusters = self._has_clusters or item.cluster is not None
        if item.references is None:
            self._counts[cluster] = self._counts.get(cluster, 0) + 1
            name = f"{cluster}#{self._counts[cluster]}"
        else:
            name = name_slug(row_id(item))
        row = (name, cluster, text_sha256, item.text)
        query = "INSERT INTO articles (name, cluster, sha256, text) VALUES (?, ?, ?, ?)"
        number = int(self._db.execute(query, row).lastrowid or 0)
        self._db.execute("INSERT OR IGNORE INTO texts VALUES (?)", (text_sha256,))
        return number

    def _article(self, number: int) -> tuple[Article, str]:
        query = "SELECT name, cluster, sha256, text FROM articles WHERE number = ?"
        name, cluster, digest, text = self._db.execute(query, (number,)).fetchone()
        return Article(name, text, self._label, digest, language=self._language), cluster

    @property
    def _ids_query(self) -> str:
        return (
            "SELECT id FROM questions ORDER BY id"
            if self.questions
            else "SELECT name FROM articles ORDER BY name"
        )

    def _hash_of(self, query: str) -> str:
        """Return the SHA-256 over the texts that a query gives, one a line."""
        digest = hashlib.sha256()
        for (text,) in self._db.execute(query):
            digest.update(text.encode() + b"\n")
        return digest.hexdigest()

    def _single_number(self, query: str) -> int:
        return int(self._db.execute(query).fetchone()[0])
