"""Articles and goldens, ready to run: a suite and its examples.

A suite folder holds `seeds/` (the articles and `manifest.toml`) and `goldens/`. The shipped
suite is the project's own folder.
"""

import dataclasses
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

from harness.articles import read_articles
from harness.errors import DataError
from harness.files import canonical_json, sha256
from harness.goldens import read_goldens
from harness.records import Article, Example, Golden, Query, Task


def shipped(name: str) -> Path:
    """Return where the package keeps something that ships with it: `seeds`, `models.toml`.

    In a checkout that is the project's folder, in an installed wheel a folder in the package.
    """
    package = Path(__file__).parent
    inside = package / "shipped"
    return (inside if inside.is_dir() else package.parent) / name


@dataclass(frozen=True)
class Suite:
    """Articles with their goldens, and the SHA-256 of all that can change a score."""

    id: str
    hash: str
    articles: Mapping[str, Article]
    goldens: Mapping[str, Golden]

    def examples(self, task: Task, limit: int | None = None) -> list[Example]:
        """Return the task's examples in the suite's order, the first `limit` if given."""
        make = _summaries if task == "summarize" else _answers
        found = [
            example
            for name, golden in self.goldens.items()
            for example in make(self.articles[name], golden)
        ]
        return found[:limit]


def read_suite(folder: Path | None = None) -> Suite:
    """Return the suite in `folder` (the shipped one by default); raise DataError."""
    root = folder or shipped("")
    if not root.is_dir():
        raise DataError(f"{root}: there is no such suite folder; check --suite")
    if not (root / "seeds").is_dir() or not (root / "goldens").is_dir():
        raise DataError(f"{root}: not a suite; it needs the folders seeds/ and goldens/")
    articles = read_articles(root / "seeds")
    goldens = read_goldens(root / "goldens", articles)
    return Suite(
        id=root.resolve().name if folder else "us-japan-rare-earths-2025",
        hash=_hash(articles.values(), goldens.values()),
        articles=articles,
        goldens=goldens,
    )


def _hash(articles: Iterable[Article], goldens: Iterable[Golden]) -> str:
    content = {
        "articles": [{"id": article.id, "text": article.text} for article in articles],
        "goldens": [dataclasses.asdict(golden) | {"date": str(golden.date)} for golden in goldens],
    }
    return sha256(canonical_json(content))


def _summaries(article: Article, golden: Golden) -> list[Example]:
    if not golden.references:
        return []
    query = Query("summarize", article.text)
    return [Example(article.id, article.id, query, golden.references)]


def _answers(article: Article, golden: Golden) -> list[Example]:
    return [
        Example(
            id=f"{article.id}/{question.id}",
            article=article.id,
            query=Query("answer", article.text, question.text),
            references=question.answers,
        )
        for question in golden.questions
    ]
