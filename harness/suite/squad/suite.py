"""A data set as a suite: its questions, asked one after the other."""

from collections.abc import Sequence
from dataclasses import dataclass

from harness.records import Example, Scope, Task
from harness.stream import Stream
from harness.suite.squad.answers import none_answerable, squad_rules
from harness.suite.squad.database import QuestionDatabase
from harness.suite.squad.questions import read_squad_questions
from harness.suite.squad.source import read_source
from harness.suite.suite import DataSet, Suite


@dataclass(frozen=True, kw_only=True)
class SquadSuite(Suite):
    """A suite of questions on paragraphs, which are its articles. It has no golden files.

    Questions on paragraphs of one title belong together: intervals and tests are over titles. If
    the whole set has one title, they are over paragraphs.
    """

    database: QuestionDatabase

    def examples(
        self, task: Task, scope: Scope = "article", limit: int | None = None
    ) -> Sequence[Example]:
        """Return the questions, read from the disk each time; nothing for other tasks."""
        if task != "answer" or scope != "article":
            return []
        count = self.database.questions
        return Stream(count if limit is None else min(limit, count), self.database.examples)


def read_squad(name: str) -> SquadSuite:
    """Return the suite that `squad:...` names; raise DataError for what is none."""
    source = read_source(name)
    database = QuestionDatabase(source.label, read_squad_questions(source))
    data = DataSet(
        source=source.label,
        questions=database.questions,
        unanswerable=database.unanswerable,
        paragraphs=len(database),
        titles=database.titles,
        clusters="title" if database.by_title else "paragraph",
        rules=squad_rules(database.version, database.unanswerable > 0),
        ids_sha256=database.ids_sha256,
    )
    return SquadSuite(
        id=source.id,
        hash=database.hash,
        articles=database,
        files=(),
        primary={},
        names=source.names,
        data=data,
        warnings=tuple(
            f"{data.source}: {told}"
            for told in (
                none_answerable(data.questions, data.unanswerable),
                database.flags.warning,
            )
            if told
        ),
        database=database,
    )
