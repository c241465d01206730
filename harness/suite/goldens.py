"""YAML to goldens: what people wrote for each article and for the event, validated.

An error names the file, the line and the field. Reading never guesses: an unquoted number
where a text belongs is refused, not turned into one.
"""

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pydantic import TypeAdapter

from harness.errors import DataError, Problem, Problems, did_you_mean
from harness.files import Location, field_path
from harness.records import Evidence, Golden, Question
from harness.suite.golden_file import ArticleGolden, ArticleQuestion, EventGolden, EventQuestion
from harness.validation.validation import nearest_line, repeats, validate
from harness.validation.yaml_file import read_yaml

# The length asked of a summary where the golden names none.
ARTICLE_WORDS, EVENT_WORDS = (50, 70), (100, 130)

_ARTICLE_GOLDEN = TypeAdapter(ArticleGolden)
_EVENT_GOLDEN = TypeAdapter(EventGolden)


@dataclass(frozen=True)
class GoldenFile:
    """One golden file: its golden, the articles it is about, and the line of each field."""

    path: Path
    golden: Golden
    articles: tuple[str, ...]
    lines: Mapping[Location, int]
    brief: tuple[int, int] | None = None

    @property
    def is_event(self) -> bool:
        """Whether it is about several articles together."""
        return len(self.articles) > 1

    def problem(self, message: str, *location: int | str) -> Problem:
        """Return what is wrong with a field, for messages."""
        return Problem(self.path, message, field_path(location), nearest_line(location, self.lines))


def read_goldens(folder: Path, articles: Collection[str] | None) -> list[GoldenFile]:
    """Return the goldens of a folder: one an article in the articles' order, then events.

    `articles` are the ids that there are, `None` where that is not known. Raises DataError for a
    folder without goldens, and for all goldens of no article or of one that has its golden
    already, and all files and fields that are not as they should be.
    """
    paths = golden_paths(folder)
    if not paths:
        message = "there are no goldens here; write one YAML file an article"
        raise DataError(Problem(folder, message))
    files: dict[str, GoldenFile] = {}
    problems = Problems()
    for path in paths:
        with problems.collected():
            file = read_golden(path, articles)
            name = file.golden.article
            if name in files:
                message = f"{name!r} has its golden in {files[name].path}; keep one"
                problems.append(Problem(path, message))
            files.setdefault(name, file)
    problems.raise_any()
    if articles is None:
        return list(files.values())
    order = list(articles)
    return sorted(
        files.values(),
        key=lambda file: (file.is_event, 0 if file.is_event else order.index(file.golden.article)),
    )


def golden_paths(folder: Path) -> list[Path]:
    """Return the files of a folder that are read as goldens."""
    return sorted([*folder.glob("*.yaml"), *folder.glob("*.yml")])


def read_golden(path: Path, articles: Collection[str] | None = None) -> GoldenFile:
    """Return one golden file's content; raise DataError with all that is wrong in it.

    `articles` are the ids that the suite has, `None` where that is not known.
    """
    problems = Problems()
    content, lines = read_yaml(path, problems)
    is_event = isinstance(content, dict) and not content.keys().isdisjoint(("event", "articles"))
    parsed: ArticleGolden | EventGolden
    with problems.collected():
        if is_event:
            parsed = validate(_EVENT_GOLDEN, content, path, lines)
        else:
            parsed = validate(_ARTICLE_GOLDEN, content, path, lines)
    if isinstance(content, dict):
        problems += [
            Problem(path, message, field_path(location), nearest_line(location, lines))
            for location, message in _contradictions(content, lines, articles)
        ]
    problems.raise_any()
    if isinstance(parsed, EventGolden):
        name, articles, words = parsed.event, tuple(parsed.articles), EVENT_WORDS
        questions = [_event_question(question) for question in parsed.questions]
    else:
        name, articles, words = parsed.article, (parsed.article,), ARTICLE_WORDS
        questions = [_article_question(name, question) for question in parsed.questions]
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
    return GoldenFile(path, golden, articles, lines, parsed.words)


def _article_question(article: str, parsed: ArticleQuestion) -> Question:
    evidence = (Evidence(article, parsed.evidence),) if parsed.evidence else ()
    return Question(parsed.id, parsed.text, parsed.kind, tuple(parsed.answers), evidence)


def _event_question(parsed: EventQuestion) -> Question:
    evidence = tuple(Evidence(article, parsed.evidence[article]) for article in parsed.articles)
    return Question(parsed.id, parsed.text, parsed.kind, tuple(parsed.answers), evidence)


def _contradictions(
    content: Mapping[str, Any], lines: Mapping[Location, int], articles: Collection[str] | None
) -> Iterator[tuple[Location, str]]:
    """Yield what is wrong with a golden's fields together, and with the suite's articles.

    The fields are as the YAML has them, so that this is told with what else is wrong with them: one
    of a wrong type is passed over.
    """
    questions, named = content.get("questions"), content.get("articles")
    if not content.get("references") and not questions:
        yield (), "a golden needs references, questions, or both; it has neither"
    if articles is not None:
        yield from _stray_names(content, articles)
    for index, name, first in repeats(questions, "id"):
        line = lines["questions", first]
        message = f"{name!r} is taken by the question at line {line}; choose another"
        yield ("questions", index, "id"), message
    for index, question in enumerate(questions if isinstance(questions, list) else ()):
        if isinstance(question, dict) and isinstance(named, list):
            for field, message in _stray_evidence(question, named):
                yield ("questions", index, field), message


def _stray_names(
    content: Mapping[str, Any], articles: Collection[str]
) -> Iterator[tuple[Location, str]]:
    """Yield the names in a golden that do not fit the suite's articles."""
    named, event = content.get("articles"), content.get("event")
    names: dict[Location, Any] = {("article",): content.get("article")}
    if isinstance(named, list):
        names = {("articles", index): name for index, name in enumerate(named)}
    for location, name in names.items():
        if isinstance(name, str) and name not in articles:
            known = did_you_mean(name, [*articles])
            yield location, f"the suite has no article {name!r}{known}"
    if isinstance(event, str) and event in articles:
        yield ("event",), f"{event!r} is an article; rename it"


def _stray_evidence(
    question: Mapping[str, Any], event_articles: Sequence[Any]
) -> Iterator[tuple[str, str]]:
    """Yield what is wrong with the articles that answer a question on an event."""
    articles, evidence = question.get("articles"), question.get("evidence", {})
    if not isinstance(articles, list) or not isinstance(evidence, dict):
        return
    for name in articles:
        if name not in event_articles:
            yield "articles", f"names {name!r}, which is not among the event's `articles`"
    if {*map(str, articles)} != {*map(str, evidence)}:
        yield "evidence", "must have one sentence for each of `articles`, and for no other"
