"""YAML to goldens: what people wrote for each article and for the event, validated.

An error names the file, the line and the field. Reading never guesses: an unquoted number
where a text belongs is refused, not turned into one.
"""

import datetime
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field, StringConstraints, TypeAdapter

from harness.errors import DataError
from harness.files import Location, read_yaml, validate
from harness.records import Article, Evidence, Golden, Question
from harness.suite.articles import Identifier

Text = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1)]
WordRange = tuple[Annotated[int, Field(ge=1)], Annotated[int, Field(ge=1)]]


class _GoldenPart(BaseModel):
    model_config = ConfigDict(extra="forbid")


class _Question(_GoldenPart):
    id: Identifier
    kind: Text
    text: Text
    answers: list[Text]
    evidence: Text | None = None


class _EventQuestion(_GoldenPart):
    id: Identifier
    kind: Text
    text: Text
    answers: list[Text]
    articles: list[Identifier]
    evidence: dict[Identifier, Text] = {}


class _CommonFields(_GoldenPart):
    author: Text
    date: datetime.date
    version: Annotated[int, Field(ge=1)]
    words: WordRange | None = None
    references: list[Text] = []
    allowed: dict[Annotated[str, StringConstraints(pattern=r"^[a-z-]+(/[a-z0-9-]+)?$")], Text] = {}


class _ArticleGolden(_CommonFields):
    article: Identifier
    questions: list[_Question] = []


class _EventGolden(_CommonFields):
    event: Identifier
    articles: Annotated[list[Identifier], Field(min_length=2)]
    questions: list[_EventQuestion] = []


_ARTICLE_GOLDEN = TypeAdapter(_ArticleGolden)
_EVENT_GOLDEN = TypeAdapter(_EventGolden)


@dataclass(frozen=True)
class GoldenFile:
    """One golden file: its golden, the articles it is about, and the line of each field."""

    path: Path
    golden: Golden
    articles: tuple[str, ...]
    lines: Mapping[Location, int]

    @property
    def is_event(self) -> bool:
        """Whether it is about several articles together."""
        return len(self.articles) > 1

    def where(self, *location: int | str) -> str:
        """Return `file:line` of a field, for messages."""
        return f"{self.path}:{self.lines.get(location, 1)}"


def read_goldens(folder: Path, articles: Mapping[str, Article]) -> list[GoldenFile]:
    """Return the goldens of a folder: one an article in the articles' order, then events.

    Raises DataError for a folder without goldens, a golden for no article or for one that has
    its golden already, two questions of one id, and any file or field that is not as it should.
    """
    paths = sorted([*folder.glob("*.yaml"), *folder.glob("*.yml")])
    if not paths:
        raise DataError(f"{folder}: there are no goldens here; write one YAML file an article")
    files: dict[str, GoldenFile] = {}
    for path in paths:
        file = read_golden(path)
        for name in file.articles:
            if name not in articles:
                field = "articles" if file.is_event else "article"
                known = ", ".join(articles)
                raise DataError(
                    f"{file.where(field)}: {field}: the suite has no article {name!r} "
                    f"(it has {known})"
                )
        name = file.golden.article
        if name in files:
            raise DataError(f"{path}: {name!r} has its golden in {files[name].path}; keep one")
        if file.is_event and name in articles:
            raise DataError(f"{file.where('event')}: event: {name!r} is an article; rename it")
        files[name] = file
    order = list(articles)
    return sorted(
        files.values(),
        key=lambda file: (file.is_event, 0 if file.is_event else order.index(file.golden.article)),
    )


def read_golden(path: Path) -> GoldenFile:
    """Return one golden file's content; raise DataError with file, line and field."""
    content, lines = read_yaml(path)
    parsed: _ArticleGolden | _EventGolden
    if isinstance(content, dict) and "event" in content:
        parsed = validate(_EVENT_GOLDEN, content, path, lines)
        name, articles, words = parsed.event, tuple(parsed.articles), (100, 130)
        questions = [_event_question(path, lines, i, q) for i, q in enumerate(parsed.questions)]
    else:
        parsed = validate(_ARTICLE_GOLDEN, content, path, lines)
        name, articles, words = parsed.article, (parsed.article,), (50, 70)
        questions = [_article_question(parsed.article, q) for q in parsed.questions]
    if not parsed.references and not questions:
        raise DataError(f"{path}: a golden needs references, questions, or both; it has neither")
    _refuse_two_of_one_id(path, lines, questions)
    golden = Golden(
        article=name,
        author=parsed.author,
        date=parsed.date,
        version=parsed.version,
        words=parsed.words or words,
        references=tuple(parsed.references),
        questions=tuple(questions),
        allowed=parsed.allowed,
    )
    return GoldenFile(path, golden, articles, lines)


def _article_question(article: str, parsed: _Question) -> Question:
    evidence = (Evidence(article, parsed.evidence),) if parsed.evidence else ()
    return Question(parsed.id, parsed.text, parsed.kind, tuple(parsed.answers), evidence)


def _event_question(
    path: Path, lines: Mapping[Location, int], index: int, parsed: _EventQuestion
) -> Question:
    if set(parsed.articles) != set(parsed.evidence):
        line = lines[("questions", index)]
        raise DataError(
            f"{path}:{line}: questions[{index}].evidence: must have one sentence for each of "
            "`articles`, and for no other"
        )
    evidence = tuple(Evidence(article, parsed.evidence[article]) for article in parsed.articles)
    return Question(parsed.id, parsed.text, parsed.kind, tuple(parsed.answers), evidence)


def _refuse_two_of_one_id(
    path: Path, lines: Mapping[Location, int], questions: list[Question]
) -> None:
    first_seen: dict[str, int] = {}
    for index, question in enumerate(questions):
        line = lines[("questions", index)]
        if question.id in first_seen:
            raise DataError(
                f"{path}:{line}: questions[{index}].id: {question.id!r} is taken by the question "
                f"at line {first_seen[question.id]}; choose another"
            )
        first_seen[question.id] = line
