"""A data set as a suite: its articles and questions, asked one after the other."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from harness.command.data_choice import NOTHING_CHOSEN, DataChoice, Role
from harness.command.locations import KNOWN, is_description
from harness.progress import progress_bar, say
from harness.records import Example, Scope, Task
from harness.stream import Stream
from harness.suite.data_set.answers import none_answerable, squad_rules
from harness.suite.data_set.columns import Columns
from harness.suite.data_set.database import DataDatabase
from harness.suite.data_set.description import DataKeys, described_source, read_description
from harness.suite.data_set.items import Item, read_items
from harness.suite.data_set.known import read_known
from harness.suite.data_set.reading.bad_rows import BadRows
from harness.suite.data_set.source import Source, read_source
from harness.suite.metric_keys import further_metrics, own_metrics
from harness.suite.suite import DataSet, Suite
from harness.text.letters import LetterCount

_BAR_ROWS = 256


@dataclass(frozen=True, kw_only=True)
class DataSuite(Suite):
    """A suite of a data set's articles and questions on them. It has no golden files.

    Questions on paragraphs of one title belong together, and so does what has one value in the
    column that was named for that: intervals and tests are over these. If all have the same, they
    are over articles or paragraphs.
    """

    database: DataDatabase

    @property
    def cluster_noun(self) -> str | None:
        """What a cluster is called where it is not an article."""
        return self.data.clusters if self.data else None

    def examples(
        self, task: Task, scope: Scope = "article", limit: int | None = None
    ) -> Sequence[Example]:
        """Return a task's examples, read from the disk each time; nothing on events."""
        count = self.database.questions if task == "answer" else self.database.summaries
        if scope != "article" or not count:
            return []
        return Stream(
            count if limit is None else min(limit, count),
            lambda start: self.database.examples(task, start),
        )

    def all_references(self, task: Task, scope: Scope = "article") -> Iterator[tuple[str, ...]]:
        """Yield the references of all examples of a task, in order; no article is read for it."""
        return self.database.references(task) if scope == "article" else iter(())

    def counted_letters(self, task: Task) -> LetterCount:
        """Return the letters of all references of a task, which were counted when they were read.

        Of summaries those that ROUGE's default tokenizer keeps, of answers those of scripts that
        have spaces.
        """
        return self.database.letters[task]

    def first_wordless(self, examples: Sequence[Example]) -> Example | None:
        """Return the first example of summaries whose article has no word, found when it was read.

        Of a part of the examples, which is smaller, each article is looked at.
        """
        if len(examples) < self.database.summaries:
            return super().first_wordless(examples)
        place = self.database.first_wordless
        return None if place is None else examples[place]


def read_data_set(name: str, choice: DataChoice = NOTHING_CHOSEN) -> DataSuite:
    """Return the suite that a data set's name says; raise DataError for what is none.

    A line says which column is what, unless it is read as a run records it. What `choice` names
    goes before what a file describes.
    """
    source, keys = _source(name)
    named: dict[Role, tuple[str, ...]] = {**keys.named_columns, **choice.columns}
    columns = Columns(source.label, named)
    bad = BadRows(choice.skip_bad_rows)
    items = _with_bar(
        read_items(source, columns, bad, keys.separator, parts=keys.parts), source.label
    )
    database = DataDatabase(source.label, items, bad, keys.words, keys.language)
    if not columns.untold and not choice.recorded:
        say(f"Columns of {source.label}: {columns.text}")
    data = DataSet(
        source=source.label,
        questions=database.questions,
        unanswerable=database.unanswerable,
        paragraphs=len(database),
        titles=database.clusters,
        clusters=_clusters(database, "cluster" in named),
        rules=squad_rules(database.version, database.unanswerable > 0)
        if database.questions
        else None,
        ids_sha256=database.ids_sha256,
        summaries=database.summaries,
        sources_sha256=database.sources_sha256,
        described_by=Path(name).name if is_description(name) else _known_name(name),
        columns={role: list(names) for role, names in columns.chosen.items()},
        named_columns={role: list(names) for role, names in choice.columns.items()},
        skip_bad_rows=choice.skip_bad_rows,
        bad_rows=bad.count,
        listed_bad_rows=bad.listed,
    )
    told = (
        none_answerable(data.questions, data.unanswerable) if data.questions else None,
        *database.doubts.warnings,
        columns.warning,
        bad.warning,
    )
    return DataSuite(
        id=keys.suite or source.id,
        hash=database.hash,
        articles=database,
        files=(),
        primary=keys.primary,
        names=source.names | ({keys.suite} if keys.suite else set()),
        data=data,
        language=keys.language,
        warnings=tuple(f"{data.source}: {text}" for text in told if text),
        further=further_metrics(keys.metrics),
        own_metrics=own_metrics(keys.metrics, Path(name).expanduser()),
        encoder=keys.encoder,
        reader=keys.reader,
        licence=keys.licence,
        citation=keys.citation,
        published=_as_published(database),
        database=database,
    )


def _source(name: str) -> tuple[Source, DataKeys]:
    """Return where a data set is, and what is said of it."""
    if is_description(name):
        path = Path(name).expanduser()
        keys = read_description(path)
        return described_source(keys, path), keys
    if name.startswith(KNOWN):
        return read_known(name)
    return read_source(name), DataKeys()


def _known_name(name: str) -> str | None:
    return name.partition("@")[0] if name.startswith(KNOWN) else None


def _clusters(
    database: DataDatabase, named: bool
) -> Literal["title", "paragraph", "article", "cluster"]:
    if database.by_cluster:
        return "cluster" if named else "title"
    return "article" if database.summaries else "paragraph"


def _as_published(database: DataDatabase) -> dict[str, str]:
    """Return how summaries are scored in published tables, as far as it is not what is usual here.

    By the best reference, of which there mostly is one; and by the sentences that line breaks part,
    where the references have some, as CNN/DailyMail's highlights do.
    """
    if not database.summaries:
        return {}
    lines = {"sentences": "newline"} if database.has_line_breaks else {}
    return {"references": "best", **lines}


def _with_bar(items: Iterator[Item], label: str) -> Iterator[Item]:
    """Yield the items, and show how many have been read."""
    with progress_bar(None, f"reading {label}", "row") as bar:
        count = 0
        for item in items:
            count += 1
            if count == _BAR_ROWS:
                bar.update(count)
                count = 0
            yield item
