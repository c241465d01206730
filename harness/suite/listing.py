"""A suite's articles, or one of them: what `harness articles` prints."""

import json
from collections import Counter
from collections.abc import Sequence

from harness.command.data_choice import NOTHING_CHOSEN, DataChoice
from harness.command.locations import suite_folder
from harness.errors import UsageError, did_you_mean
from harness.suite.data_set.suite import DataSuite
from harness.suite.opening import open_suite
from harness.suite.suite import Suite
from harness.tables.cells import csv_text
from harness.tables.formats import Result
from harness.tables.table import Column, Lines, Table, TableRow
from harness.text import word_places

# How long each column stays where the width is too small for all.
_ARTICLE_COLUMNS = (
    Column("article", align="left", names=True),
    Column("outlet", keep=0, align="left"),
    Column("date", keep=1, align="left"),
    Column("words", keep=2),
    Column("references"),
    Column("questions"),
)
_SUMMARIZED_COLUMNS = (
    Column("article", align="left", names=True),
    Column("words"),
    Column("references"),
    Column("questions"),
)
_TITLE_COLUMNS = (
    Column("title", align="left", names=True),
    Column("paragraphs", keep=1),
    Column("characters", keep=0),
    Column("questions"),
    Column("unanswerable"),
)


def listing(
    suite_name: str, name: str | None, removed: bool, choice: DataChoice = NOTHING_CHOSEN
) -> Result:
    """Return the table of a suite's articles, or of the named one its text or what cleaning took.

    Of questions alone on paragraphs it is a table of titles.

    Raises UsageError for an article that the suite does not have.
    """
    if name is None and removed:
        raise UsageError("--removed needs an article's id; `harness articles` lists them")
    suite = open_suite(suite_name, choice)
    if isinstance(suite, DataSuite):
        if removed:
            raise UsageError("--removed: of a data set nothing is removed; it is asked as it is")
        if name is not None:
            return _text(name, _article_text(suite, name))
        return _summarized(suite) if suite.database.summaries else _titles(suite)
    if name is None:
        return _articles(suite)
    return _article(suite_name, name, removed)


def _articles(suite: Suite) -> Result:
    goldens = suite.goldens
    rows: list[list[object]] = [
        [
            article.id,
            article.outlet,
            article.date and str(article.date),
            len(word_places(article.text)),
            len(goldens[article.id].references) if article.id in goldens else 0,
            len(goldens[article.id].questions) if article.id in goldens else 0,
        ]
        for article in suite.articles.values()
    ]
    return _table(_ARTICLE_COLUMNS, rows, {"suite": suite.id}, "articles")


def _titles(suite: DataSuite) -> Result:
    """Return the table of a data set's titles."""
    facts, text = _told_of(suite)
    rows: list[list[object]] = [list(counts) for counts in suite.database.title_counts()]
    return _table(_TITLE_COLUMNS, rows, facts, "titles", text)


def _summarized(suite: DataSuite) -> Result:
    """Return the table of a data set's articles that have reference summaries."""
    facts, text = _told_of(suite)
    asked = Counter(example.article.id for example in suite.examples("answer"))
    rows: list[list[object]] = [
        [
            example.article.id,
            len(word_places(example.article.text)),
            len(example.references),
            asked[example.article.id],
        ]
        for example in suite.examples("summarize")
    ]
    return _table(_SUMMARIZED_COLUMNS, rows, facts, "articles", text)


def _told_of(suite: DataSuite) -> tuple[dict[str, str], str]:
    """Return what tells a data set under any name, and a line of a roster that says so."""
    database = suite.database
    name, digest = (
        ("ids_sha256", database.ids_sha256)
        if database.ids_sha256
        else ("sources_sha256", database.sources_sha256)
    )
    facts = {"suite": suite.id, "sources_sha256": database.sources_sha256}
    facts |= {"ids_sha256": database.ids_sha256} if database.ids_sha256 else {}
    line = f'{{ name = "{suite.id}", {name} = "{digest}" }}'
    return facts, f"In `trained_on` of a model that was trained on it: {line}"


def _table(
    columns: tuple[Column, ...],
    rows: Sequence[Sequence[object]],
    facts: dict[str, str],
    rows_name: str,
    *lines: str,
) -> Result:
    headers = [column.header for column in columns]
    content = {**facts, rows_name: [dict(zip(headers, row, strict=True)) for row in rows]}
    cells = [TableRow(tuple("" if value is None else str(value) for value in row)) for row in rows]
    return Result(
        table=lambda: [Table(columns, tuple(cells)), *([Lines(lines, hang=None)] if lines else [])],
        csv=lambda: csv_text(headers, rows),
        json=lambda: json.dumps(content, indent=2),
    )


def _article(suite_name: str, name: str, removed: bool) -> Result:
    from harness.suite.articles import clean_article
    from harness.suite.manifest import read_manifest

    folder = suite_folder(suite_name) / "seeds"
    entries = {entry.id: entry for entry in read_manifest(folder).article}
    if name not in entries:
        raise UsageError(f"no article {name!r} in the suite{did_you_mean(name, [*entries])}")
    text, paragraphs = clean_article(folder, entries[name])
    if not removed:
        return _text(name, text)
    content = [{"rule": paragraph.rule, "text": paragraph.text} for paragraph in paragraphs]
    lines = tuple(f"[{paragraph.rule}] {paragraph.text}" for paragraph in paragraphs)
    return Result(
        table=lambda: [Lines(lines, hang=None)],
        csv=lambda: csv_text(["rule", "text"], [list(line.values()) for line in content]),
        json=lambda: json.dumps({"article": name, "removed": content}, indent=2),
    )


def _article_text(suite: DataSuite, name: str) -> str:
    """Return the text of a data set's article, such as `Title#1` of questions on paragraphs."""
    if name not in suite.database:
        what = "article" if suite.database.summaries else "paragraph"
        named = "" if suite.database.summaries else "; they are named TITLE#1, TITLE#2, ..."
        raise UsageError(f"no {what} {name!r} in {suite.id}{named}")
    return suite.database[name].text


def _text(name: str, text: str) -> Result:
    return Result(
        table=lambda: [Lines((text,), hang=None)],
        csv=lambda: csv_text(["article", "text"], [[name, text]]),
        json=lambda: json.dumps({"article": name, "text": text}, indent=2),
    )
