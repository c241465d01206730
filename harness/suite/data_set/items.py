"""Rows of a data set to what is asked: an article with its references, or a question with answers.

One after the other: memory does not grow with their number.
"""

import itertools
from collections.abc import Iterator, Sequence
from typing import Any, NamedTuple

from harness.suite.data_set.answers import answer_texts
from harness.suite.data_set.cells import structure_in
from harness.suite.data_set.columns import IMPOSSIBLE, Columns, value_in
from harness.suite.data_set.reading.bad_rows import BadRows
from harness.suite.data_set.reading.json_rows import Row
from harness.suite.data_set.reading.rows import LONGEST_CELL, read_rows
from harness.suite.data_set.source import Source
from harness.text import replace_lone_surrogates


class Item(NamedTuple):
    """One row: where it stands, for messages, and what the data set says.

    `number` counts the rows from 1. `references` is `None` where the set has no summaries, and
    `question` where it has no questions. `starts` has the character of the text at which each
    answer begins; -1 where that is not told. Scoring has no need of it, training has. `version` is
    what SQuAD's file says of itself, `is_impossible` what the question says beside its answers.
    """

    where: str
    number: int
    id: str | None
    cluster: str | None
    text: str
    references: tuple[str, ...] | None
    question: str | None
    answers: tuple[str, ...]
    starts: tuple[int, ...]
    version: str | None = None
    is_impossible: object = None


class _BadValueError(Exception):
    """A value that cannot be what its column is: the column, and what is wrong."""


def read_items(
    source: Source,
    columns: Columns,
    bad: BadRows,
    separator: str | None = None,
    *,
    parts: bool = False,
) -> Iterator[Item]:
    """Yield the items of a data set in order; raise DataError, or UsageError without a package.

    `columns` are chosen on the way, and bad rows refused by `bad`. `separator` stands between
    paragraphs; with `parts` a list of references is one in parts. No answers means that the text
    does not say, whatever `is_impossible` is; an answer with an empty text is none.
    """
    number = 0
    for row in read_rows(source, bad, columns.choose):
        number += 1
        try:
            item = _item(row, number + bad.count, columns)
        except _BadValueError as error:
            bad.refuse(row.where, str(error))
            number -= 1
            continue
        if parts and item.references:
            item = item._replace(references=("\n".join(item.references),))
        if separator:
            item = item._replace(text=_paragraphs(item.text.split(separator)))
        yield item


def _item(row: Row, number: int, columns: Columns) -> Item:
    article, question = columns.of("article"), columns.of("question")
    references = columns.chosen.get("reference")
    texts: tuple[str, ...] = ()
    starts: Sequence[object] = ()
    if question is not None:
        texts, starts = _texts_and_starts(row, str(columns.of("answers")))
    pairs = [
        (text, start if isinstance(start, int) else -1)
        for text, start in itertools.zip_longest(texts, starts[: len(texts)])
        if text.strip()
    ]
    return Item(
        row.where,
        number,
        _identifier(row, columns.of("id")),
        _cluster(row, columns),
        _article(row, str(article)),
        None if references is None else _references(row, references),
        None if question is None else _text(_value(row, question), question),
        tuple(replace_lone_surrogates(text) for text, _ in pairs),
        tuple(start for _, start in pairs),
        row.version,
        row.columns.get(IMPOSSIBLE),
    )


def _value(row: Row, column: str) -> object:
    try:
        return value_in(row.columns, column)
    except KeyError:
        there = ", ".join(map(repr, row.columns)) or "none"
        raise _BadValueError(f"has no column {column!r}; there are {there}") from None


def _text(value: object, column: str, what: str = "must be a text") -> str:
    if not isinstance(value, str):
        raise _BadValueError(f"{column}: {what}, not {_shown(value)}")
    if len(value) > LONGEST_CELL:
        raise _BadValueError(
            f"{column}: has {len(value):,} characters, more than {LONGEST_CELL:,}; is it one text"
        )
    return replace_lone_surrogates(value)


def _article(row: Row, column: str) -> str:
    value = _value(row, column)
    if isinstance(value, list):
        return _paragraphs([_text(part, column) for part in value])
    return _text(value, column)


def _paragraphs(parts: Sequence[str]) -> str:
    return "\n\n".join(part.strip() for part in parts if part.strip())


def _references(row: Row, columns: Sequence[str]) -> tuple[str, ...]:
    """Return the texts of one column, a text or a list, or of several; each once."""
    texts: list[str] = []
    for column in columns:
        value = _value(row, column)
        if isinstance(value, str):
            value = _written(value, column)
        values = value if isinstance(value, list) else [value]
        what = "must be a text or a list of texts"
        texts += [_text(text, column, what) for text in values]
        if not values:
            raise _BadValueError(f"{column}: is an empty list; a summary needs a reference")
    return tuple(dict.fromkeys(texts))


def _written(text: str, column: str) -> object:
    """Return the list that a tool wrote as a text, as pandas does in a CSV, or the text."""
    try:
        structure = structure_in(text)
    except ValueError as error:
        raise _BadValueError(f"{column}: {error}") from None
    is_texts = isinstance(structure, list) and all(isinstance(item, str) for item in structure)
    return structure if is_texts and structure else text


def _identifier(row: Row, column: str | None) -> str | None:
    if column is None:
        return None
    value = _value(row, column)
    if isinstance(value, bool) or not isinstance(value, (str, int)):
        raise _BadValueError(f"{column}: must be a text or a whole number, not {_shown(value)}")
    if value == "":
        raise _BadValueError(f"{column}: must not be empty")
    return replace_lone_surrogates(str(value))


def _cluster(row: Row, columns: Columns) -> str | None:
    """Return what a row belongs to; of a title that is none, nothing."""
    column = columns.of("cluster")
    if column is None:
        return None
    if "cluster" not in columns.named:
        title = row.columns.get(column)
        return replace_lone_surrogates(title) if isinstance(title, str) else None
    value = _value(row, column)
    if isinstance(value, bool) or not isinstance(value, (str, int)) or value == "":
        raise _BadValueError(f"{column}: must be a text or a whole number that names a cluster")
    return replace_lone_surrogates(str(value))


def _texts_and_starts(row: Row, column: str) -> tuple[tuple[str, ...], Sequence[object]]:
    """Return the answers' texts, and where each begins in the layouts that say so."""
    answers: Any = _value(row, column)
    try:
        if isinstance(answers, str):
            structure = structure_in(answers)
            answers = answers if structure is None else structure
        texts = answer_texts(answers)
    except ValueError as error:
        raise _BadValueError(f"{column} {error}") from None
    if isinstance(answers, list) and all(isinstance(answer, dict) for answer in answers):
        answers = {
            "text": [answer["text"] for answer in answers],
            "answer_start": [answer.get("answer_start") for answer in answers],
        }
    if (
        isinstance(answers, dict)
        and isinstance(answers.get("text"), list)
        and ("aliases" not in answers)
    ):
        starts = answers.get("answer_start")
        return tuple(answers["text"]), starts if isinstance(starts, list) else ()
    return texts, ()


def _shown(value: object) -> str:
    """Return a value as a person reads it, shortened."""
    if value is None:
        return "null"
    if isinstance(value, bytes) or (isinstance(value, dict) and value.keys() >= {"bytes", "path"}):
        return "an image, a sound or other bytes"
    text = repr(value)
    return text if len(text) <= 40 else f"{text[:39]}…"
