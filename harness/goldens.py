"""YAML to goldens: what people wrote for each article, validated.

An error names the file, the line and the field. Reading never guesses: an unquoted number
where a text belongs is refused, not turned into one.
"""

import datetime
from pathlib import Path
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field, StringConstraints, TypeAdapter

from harness.articles import Identifier
from harness.errors import DataError
from harness.files import read_yaml, validate
from harness.records import Article, Golden, Question

Text = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1)]


class _Question(BaseModel):
    model_config = ConfigDict(extra="forbid")

    id: Identifier
    kind: Text
    text: Text
    answers: list[Text]
    evidence: Text | None = None


class _Golden(BaseModel):
    model_config = ConfigDict(extra="forbid")

    article: Identifier
    author: Text
    date: datetime.date
    version: Annotated[int, Field(ge=1)]
    references: list[Text] = []
    questions: list[_Question] = []


_GOLDEN = TypeAdapter(_Golden)


def read_goldens(folder: Path, articles: dict[str, Article]) -> dict[str, Golden]:
    """Return the goldens of a folder by article id, in the articles' order.

    Raises DataError for a folder without goldens, a golden for no article or for one that has
    its golden already, two questions of one id, and any file or field that is not as it should.
    """
    paths = sorted([*folder.glob("*.yaml"), *folder.glob("*.yml")])
    if not paths:
        raise DataError(f"{folder}: there are no goldens here; write one YAML file an article")
    found: dict[str, tuple[Path, Golden]] = {}
    for path in paths:
        golden = read_golden(path)
        if golden.article not in articles:
            known = ", ".join(articles)
            raise DataError(
                f"{path}: article: the suite has no article {golden.article!r} (it has {known})"
            )
        if golden.article in found:
            other = found[golden.article][0]
            raise DataError(f"{path}: {golden.article!r} has its golden in {other}; keep one")
        found[golden.article] = (path, golden)
    return {name: found[name][1] for name in articles if name in found}


def read_golden(path: Path) -> Golden:
    """Return one golden file's content; raise DataError with file, line and field."""
    content, lines = read_yaml(path)
    parsed = validate(_GOLDEN, content, path, lines)
    if not parsed.references and not parsed.questions:
        raise DataError(f"{path}: a golden needs references, questions, or both; it has neither")
    first_seen: dict[str, int] = {}
    for index, question in enumerate(parsed.questions):
        line = lines[("questions", index)]
        if question.id in first_seen:
            raise DataError(
                f"{path}:{line}: questions[{index}].id: {question.id!r} is taken by the question "
                f"at line {first_seen[question.id]}; choose another"
            )
        first_seen[question.id] = line
    return Golden(
        article=parsed.article,
        author=parsed.author,
        date=parsed.date,
        version=parsed.version,
        references=tuple(parsed.references),
        questions=tuple(
            Question(q.id, q.text, q.kind, tuple(q.answers), q.evidence) for q in parsed.questions
        ),
    )
