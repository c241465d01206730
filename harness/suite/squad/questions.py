"""Questions out of a data set, one after the other: memory does not grow with their number.

A JSON file as SQuAD is published is read by ijson, and tables as `rows` has it.
"""

import itertools
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple, NoReturn

import ijson

from harness.encoding import is_utf_16, not_utf8, refuse_packed
from harness.errors import DataError
from harness.suite.squad.answers import answer_texts
from harness.suite.squad.rows import read_rows
from harness.suite.squad.source import Source
from harness.text import replace_lone_surrogates

COLUMNS = ("context", "id", "question", "answers")


class SquadQuestion(NamedTuple):
    """One question: where it stands, for messages, and what the data set says of it.

    `starts` has the character of the context at which each answer begins; -1 where that is not
    told. Scoring has no need of it, training has. `version` is what a JSON file says of itself,
    `is_impossible` what the question says beside its answers.
    """

    where: str
    title: str | None
    context: str
    id: str
    question: str
    answers: tuple[str, ...]
    starts: tuple[int, ...]
    version: str | None = None
    is_impossible: object = None


def read_squad_questions(source: Source) -> Iterator[SquadQuestion]:
    """Yield the questions of a source in order; raise DataError, or UsageError without `datasets`.

    No answers means that the context does not say, whatever `is_impossible` is; an answer with an
    empty text is none.
    """
    if source.path is not None:
        refuse_packed(source.path)
    if source.path is not None and source.path.is_file() and source.path.suffix.lower() == ".json":
        if source.split:
            raise DataError(f"{source.path}: a JSON file has no splits; leave #{source.split} out")
        yield from _json_questions(source.path)
    else:
        yield from _table_questions(source)


def _json_questions(path: Path) -> Iterator[SquadQuestion]:
    """Yield a file's questions. It is read twice: a title may stand after its paragraphs."""
    try:
        with path.open("rb") as file:
            if is_utf_16(beginning := file.read(4)):
                raise DataError(f"{path}: {not_utf8(beginning)}")
        paragraph_counts, version = _outline(path)
        with path.open("rb") as file:
            _skip_byte_order_mark(file)
            paragraphs = ijson.items(file, "data.item.paragraphs.item", use_float=True)
            for title, count in paragraph_counts:
                for _ in range(count):
                    for question in _paragraph(path, title, next(paragraphs)):
                        yield question._replace(version=version)
    except ijson.JSONError as error:
        if "UTF8" in str(error):  # ijson names no byte
            raise DataError(f"{path}: {not_utf8(b'')}") from None
        raise DataError(f"{path}: not valid JSON: {' '.join(str(error).split())}") from None
    except UnicodeDecodeError as error:
        raise DataError(f"{path}: {not_utf8(b'', error.start)}") from None
    except OSError as error:
        raise DataError(f"{path}: cannot be read: {error.strerror}") from None


def _outline(path: Path) -> tuple[list[tuple[str | None, int]], str | None]:
    """Return each article's title and how many paragraphs it has, and the file's version.

    Raises DataError for a key that is given twice in one object, of which ijson takes the last.
    """
    keys_of_open_objects: list[set[str]] = []
    paragraph_counts: list[tuple[str | None, int]] = []
    title: str | None = None
    version: str | None = None
    count = 0
    with path.open("rb") as file:
        _skip_byte_order_mark(file)
        for prefix, event, value in ijson.parse(file):
            if event == "start_map":
                keys_of_open_objects.append(set())
            elif event == "end_map":
                keys_of_open_objects.pop()
            elif event == "map_key":
                if value in keys_of_open_objects[-1]:
                    where = f"{prefix}.{value}".lstrip(".").replace(".item", "[]")
                    raise DataError(f"{path}: {where}: is given twice in one object; keep one")
                keys_of_open_objects[-1].add(value)
            if prefix == "data.item.paragraphs.item" and event == "start_map":
                count += 1
            elif prefix == "data.item.title" and event == "string":
                title = value
            elif prefix == "data.item" and event == "start_map":
                title, count = None, 0
            elif prefix == "data.item" and event == "end_map":
                paragraph_counts.append((title, count))
            elif prefix == "version" and event in ("string", "number"):
                version = str(value)
    return paragraph_counts, version


def _skip_byte_order_mark(file: Any) -> None:
    """Go past a byte order mark."""
    if file.read(3) != b"\xef\xbb\xbf":
        file.seek(0)


def _paragraph(path: Path, title: str | None, content: Any) -> Iterator[SquadQuestion]:
    if not isinstance(content, dict) or not isinstance(content.get("qas"), list):
        _refuse(f"{path}: a paragraph of {title!r}", "has no list `qas`; it is not laid out as")
    for number, question in enumerate(content["qas"], start=1):
        name = question.get("id") if isinstance(question, dict) else None
        where = f"{path}: {title!r}: question {name or number!r}"
        if not isinstance(question, dict) or question.get("answers") is None:
            _refuse(where, "has no `answers`; it is not laid out as")
        fields = {"context": content.get("context"), **question}
        yield _question(where, title, fields, *_texts_and_starts(where, question["answers"]))


def _table_questions(source: Source) -> Iterator[SquadQuestion]:
    for number, row in enumerate(read_rows(source), start=1):
        where = f"{source.label}: row {number}"
        missing = [name for name in COLUMNS if name not in row]
        if missing:
            _refuse(where, f"has no column {missing[0]!r}; it is not laid out as")
        title = row.get("title") if isinstance(row.get("title"), str) else None
        yield _question(where, title, row, *_texts_and_starts(where, row["answers"]))


def _texts_and_starts(where: str, answers: Any) -> tuple[Sequence[str], Sequence[object]]:
    """Return the answers' texts, and where each begins in the layouts that say so."""
    try:
        texts = answer_texts(answers)
    except ValueError as error:
        raise DataError(f"{where}: answers {error}") from None
    if isinstance(answers, list) and all(isinstance(answer, dict) for answer in answers):
        answers = {
            "text": [answer["text"] for answer in answers],
            "answer_start": [answer.get("answer_start") for answer in answers],
        }
    if isinstance(answers, dict) and isinstance(answers.get("text"), list):
        starts = answers.get("answer_start")
        return answers["text"], starts if isinstance(starts, list) else ()
    return texts, ()


def _question(
    where: str,
    title: str | None,
    fields: Mapping[str, object],
    texts: Sequence[str],
    starts: Sequence[object],
) -> SquadQuestion:
    for name in ("context", "question"):
        if not isinstance(fields.get(name), str):
            raise DataError(f"{where}: {name}: must be a text")
    if isinstance(fields.get("id"), bool) or not isinstance(fields.get("id"), (str, int)):
        raise DataError(f"{where}: id: must be a text or a whole number")
    if fields["id"] == "":
        raise DataError(f"{where}: id: must not be empty")
    pairs = [
        (text, start if isinstance(start, int) else -1)
        for text, start in itertools.zip_longest(texts, starts[: len(texts)])
        if text.strip()
    ]
    return SquadQuestion(
        where,
        title,
        replace_lone_surrogates(str(fields["context"])),
        replace_lone_surrogates(str(fields["id"])),
        replace_lone_surrogates(str(fields["question"])),
        tuple(replace_lone_surrogates(text) for text, _ in pairs),
        tuple(start for _, start in pairs),
        is_impossible=fields.get("is_impossible"),
    )


def _refuse(where: str, what: str) -> NoReturn:
    raise DataError(f"{where}: {what} SQuAD's data set")
