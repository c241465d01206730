"""Judgments from files of JSON lines, plain or packed by gzip.

A set of summaries may have its articles in a file of its own: `NAME.articles.jsonl` beside
`NAME.jsonl`, joined by `article_id`. A folder is all sets in it.
"""

import gzip
import zlib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import cast

from harness.agreement.judgments.columns import (
    NEEDED,
    OF_ARTICLE,
    Columns,
    at,
    columns_of,
    names_of,
)
from harness.agreement.judgments.judgments import JudgedSet, Judgment
from harness.agreement.judgments.statements import read_statements
from harness.encoding import not_utf8
from harness.errors import DataError
from harness.files import parse_json, refuse_no_file
from harness.records import Task

_SUFFIXES = (".jsonl.gz", ".jsonl", ".ndjson", ".gz")
# Aspects of which less is better, as the judgments that this project is held against call them.
LOWER_ASPECTS = ("severity_worst", "n_critical", "n_major", "n_minor")

Record = Mapping[str, object]


def read_sets(
    paths: Sequence[Path],
    column_arguments: Sequence[str] = (),
    task: Task | None = None,
    lower: Sequence[str] = LOWER_ASPECTS,
) -> Iterator[JudgedSet]:
    """Yield the sets of some files and folders, read one at a time.

    `column_arguments` are ROLE=NAME; the task is told by the columns where it is `None`. Raises
    DataError for a file that cannot be read or lacks columns, UsageError for no such role.
    """
    for file in [file for path in paths for file in _files(path)]:
        yield _read_set(file, column_arguments, task, lower)


def _files(path: Path) -> list[Path]:
    if not path.exists():
        raise DataError(f"{path}: there is no such file; name JSON lines of judgments")
    if not path.is_dir():
        return [path]
    files = [
        file
        for file in sorted(path.iterdir())
        if file.name.endswith(_SUFFIXES[:3]) and ".articles." not in file.name
    ]
    if not files:
        raise DataError(f"{path}: has no judgments: no file of it ends in .jsonl or .jsonl.gz")
    return files


def _read_set(
    path: Path, arguments: Sequence[str], task: Task | None, lower: Sequence[str]
) -> JudgedSet:
    records = list(_records(path))
    if not records:
        raise DataError(f"{path}: has no judgments; it must have a JSON object a line")
    task = task or _task_of(arguments, records[0][1])
    columns = columns_of(arguments, task)
    _check_columns(path, columns, records)
    articles = _articles(path, columns) if task == "summarize" else {}
    kept = [(where, record) for where, record in records if not columns.leaves_out(record)]
    make = _summary if task == "summarize" else _answer
    judgments = [make(where, record, columns, articles) for where, record in kept]
    if task == "summarize":
        judgments = _with_references_of_groups(judgments)
    return JudgedSet(
        _set_name(path),
        str(path),
        task,
        tuple(judgments),
        len(records) - len(kept),
        frozenset(lower),
    )


def _set_name(path: Path) -> str:
    for suffix in _SUFFIXES:
        if path.name.endswith(suffix):
            return path.name.removesuffix(suffix)
    return path.stem


def _task_of(arguments: Sequence[str], record: Record) -> Task:
    """Return what a file is about: answers if there is a column of them and none of summaries."""
    named = {argument.partition("=")[0] for argument in arguments}
    if "summary" in named or ("summary" in record and "answer" not in named):
        return "summarize"
    return "answer" if "answer" in named or "answer" in record else "summarize"


def _records(path: Path) -> Iterator[tuple[str, dict[str, object]]]:
    for number, line in enumerate(_lines(path), start=1):
        if not line.strip():
            continue
        where = f"{path}:{number}"
        try:
            record = parse_json(line, strict=True)
        except (ValueError, RecursionError) as error:
            raise DataError(f"{where}: not valid JSON: {error}") from None
        if not isinstance(record, dict):
            raise DataError(f"{where}: must be a JSON object")
        yield where, record


def _lines(path: Path) -> Iterator[str]:
    try:
        refuse_no_file(path)
        with path.open("rb") as file:
            packed = file.read(2) == b"\x1f\x8b"
        with gzip.open(path) if packed else path.open("rb") as lines:
            for number, line in enumerate(lines, start=1):
                try:
                    yield line.decode("utf-8-sig" if number == 1 else "utf-8")
                except UnicodeDecodeError as error:
                    problem = not_utf8(line[:4] if number == 1 else b"", error.start)
                    raise DataError(f"{path}:{number}: {problem}") from None
    except OSError as error:  # a broken archive is one too
        raise DataError(f"{path}: cannot be read: {error.strerror or error}") from None
    except (EOFError, zlib.error) as error:
        raise DataError(f"{path}: cannot be unpacked: {error}; fetch it again") from None


def _check_columns(
    path: Path, columns: Columns, records: Sequence[tuple[str, dict[str, object]]]
) -> None:
    """Raise DataError where a column that is needed, or was named, is on no line."""
    missing = [
        " or ".join(roles)
        for roles in NEEDED[columns.task]
        if all(columns.value(record, role) is None for role in roles for _, record in records[:100])
    ]
    for role, names in columns.named.items():
        gone = [n for n in names if all(at(record, n) is None for _, record in records)]
        in_articles = role in OF_ARTICLE and columns.task == "summarize"
        if gone and not (in_articles and _articles_file(path)):
            missing.append(f"{role} (named {', '.join(gone)})")
    if missing:
        raise DataError(
            f"{path}: no column for {'; '.join(dict.fromkeys(missing))}; there are "
            f"{names_of(records[0][1])}; name them with --column ROLE=NAME"
        )


def _articles_file(path: Path) -> Path | None:
    name = _set_name(path)
    files = [path.with_name(f"{name}.articles{suffix}") for suffix in _SUFFIXES[:3]]
    return next((file for file in files if file.is_file()), None)


def _articles(path: Path, columns: Columns) -> dict[str, dict[str, object]]:
    """Return the articles that lie beside a set, by id."""
    file = _articles_file(path)
    if file is None:
        return {}
    articles: dict[str, dict[str, object]] = {}
    for where, record in _records(file):
        identifier = _identifier(record, columns, ("article_id",), where)
        if identifier in articles:
            raise DataError(f"{where}: article_id: {identifier!r} is there twice")
        articles[identifier] = record
    return articles


def _summary(
    where: str, record: Record, columns: Columns, articles: Mapping[str, Record]
) -> Judgment:
    article_id = _identifier(record, columns, ("article_id", "group"), where)
    beside: Record = {}
    if articles:
        if article_id not in articles:
            raise DataError(f"{where}: article_id: {article_id!r} is not in the file of articles")
        beside = articles[article_id]
    article = columns.value(record, "article")
    article = columns.value(beside, "article") if article is None else article
    references = columns.value(record, "references") or columns.value(beside, "references")
    group = columns.value(record, "group")
    return Judgment(
        where=where,
        article_id=article_id,
        group=article_id if group is None else str(group),
        system=_name(columns.value(record, "system")),
        text=_text(columns.value(record, "summary"), f"{where}: summary"),
        article=None if article is None else _text(article, f"{where}: article"),
        references=_texts(references, f"{where}: references"),
        scores=columns.scores(record, where),
        source=_name(columns.value(record, "source") or columns.value(beside, "source")),
        language=_name(columns.value(record, "language") or columns.value(beside, "language")),
        statements=read_statements(record, columns, where),
    )


def _answer(where: str, record: Record, columns: Columns, _: Mapping[str, Record]) -> Judgment:
    name = _identifier(record, columns, ("question_id", "question"), where)
    question = columns.value(record, "question")
    return Judgment(
        where=where,
        article_id=name,
        group=name,
        system=_name(columns.value(record, "system")),
        text=_text(columns.value(record, "answer"), f"{where}: answer"),
        article=None,
        references=_texts(columns.value(record, "references"), f"{where}: references"),
        scores=columns.scores(record, where),
        source=_name(columns.value(record, "source")),
        language=_name(columns.value(record, "language")),
        question=question if isinstance(question, str) else None,
    )


def _with_references_of_groups(judgments: Sequence[Judgment]) -> list[Judgment]:
    """Give texts without references those that another of their group has."""
    by_group: dict[str, tuple[str, ...]] = {}
    for judgment in judgments:
        if judgment.references:
            by_group.setdefault(judgment.group, judgment.references)
    return [
        judgment
        if judgment.references or judgment.group not in by_group
        else replace(judgment, references=by_group[judgment.group])
        for judgment in judgments
    ]


def _identifier(record: Record, columns: Columns, roles: Sequence[str], where: str) -> str:
    for role in roles:
        value = columns.value(record, role)
        if value is not None:
            return str(value)
    raise DataError(f"{where}: no {' and no '.join(roles)}; there are {names_of(record)}")


def _name(value: object) -> str | None:
    return None if value is None else str(value)


def _text(value: object, where: str) -> str:
    if not isinstance(value, str):
        raise DataError(f"{where}: must be a text, not {value!r:.40}")
    return value


def _texts(value: object, where: str) -> tuple[str, ...]:
    if value is None:
        return ()
    texts = [value] if isinstance(value, str) else value
    if not isinstance(texts, list) or not all(isinstance(text, str) for text in texts):
        raise DataError(f"{where}: must be a text or a list of texts, not {value!r:.40}")
    return tuple(cast("list[str]", texts))
