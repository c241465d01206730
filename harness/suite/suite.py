"""Articles and goldens, ready to run: a suite and its examples.

A suite folder holds `seeds/` (the articles and `manifest.toml`) and `goldens/`. The shipped
suite is the project's own folder.
"""

import dataclasses
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal

from harness.command.locations import DATA
from harness.errors import DataError, Problems
from harness.files import canonical_json, read_text, sha256, shipped_path
from harness.own_code.code import NamedCode
from harness.records import Article, Example, Golden, Part, Query, Scope, Task
from harness.suite.articles import read_articles
from harness.suite.goldens import GoldenFile, read_goldens
from harness.suite.manifest import FILE, common_language, read_manifest
from harness.suite.metric_keys import further_metrics, own_metrics
from harness.text import has_word
from harness.text.letters import LetterCount


@dataclass(frozen=True, slots=True)
class DataSet:
    """What a suite that was not written here is of: see `harness.suite.data_set`.

    `source` is a file's name, or a name and commit on the Hub. `clusters` is what belongs together,
    `rules` the version of SQuAD's rules by which answers are scored: see
    `harness.suite.data_set.answers`. `ids_sha256` is over its sorted ids, one a line, `None` where
    it has none, and `sources_sha256` over the sorted hashes of its texts. `columns` are those that
    were read, by what they are, and `named_columns` those that a command line named. `bad_rows`
    were left out, and the first of them are listed.
    """

    source: str
    questions: int
    unanswerable: int
    paragraphs: int
    titles: int
    clusters: Literal["title", "paragraph", "article", "cluster"]
    rules: Literal["1.1", "2.0"] | None
    ids_sha256: str | None
    summaries: int = 0
    sources_sha256: str | None = None
    described_by: str | None = None
    columns: Mapping[str, Sequence[str]] = field(default_factory=dict)
    named_columns: Mapping[str, Sequence[str]] = field(default_factory=dict)
    skip_bad_rows: bool = False
    bad_rows: int = 0
    listed_bad_rows: Sequence[str] = ()


@dataclass(frozen=True)
class Suite:
    """Articles and events with their goldens, and the SHA-256 of all that can change a score.

    `articles` holds events too, by their own ids. `primary` holds the metrics that the manifest
    names for rows to be sorted and compared by; a task that it leaves out has the usual one, and
    `chosen_primary`, by the command line, goes before both.
    `language` is what metrics go by, `None` where the articles have several.
    `reader` is the model that the manifest names to be asked about summaries.
    `names` are those by which a roster may say that a model was trained on it. `data` is `None`
    for a folder of one's own. `warnings` say what to know before a score is believed. `further` are
    the metrics of summaries beside the usual ones, `own_metrics` those of one's own, which are not
    loaded, and `encoder` is BERTScore's. `licence` and
    `citation` are of the texts. `published` is how summaries are scored in published tables, by the
    names of `MetricOptions`, where that is not as usual here.
    """

    id: str
    hash: str
    articles: Mapping[str, Article]
    files: Sequence[GoldenFile]
    primary: Mapping[Task, str]
    names: frozenset[str] = frozenset()
    data: DataSet | None = None
    language: str | None = None
    warnings: Sequence[str] = ()
    chosen_primary: Mapping[Task, str] = field(default_factory=dict)
    further: Sequence[str] = ()
    own_metrics: Sequence[NamedCode] = ()
    encoder: str | None = None
    reader: str | None = None
    licence: str | None = None
    citation: str | None = None
    published: Mapping[str, str] = field(default_factory=dict)

    @property
    def goldens(self) -> dict[str, Golden]:
        """The goldens by the id of their article or event."""
        return {file.golden.article: file.golden for file in self.files}

    @property
    def rules(self) -> Literal["1.1", "2.0"]:
        """The version of SQuAD's rules by which answers are scored."""
        return (self.data.rules if self.data else None) or "2.0"

    @property
    def has_sources(self) -> bool:
        """Whether models are asked: else there are references alone, and no sentences to copy."""
        return True

    @property
    def cluster_noun(self) -> str | None:
        """What a cluster is called where it is neither article nor event."""
        return None

    def metric_options(self, task: Task) -> Mapping[str, object]:
        """Return how a task's metrics are made where nothing else is chosen."""
        return {"squad": self.rules} if task == "answer" and self.data else {}

    def examples(
        self, task: Task, scope: Scope = "article", limit: int | None = None
    ) -> Sequence[Example]:
        """Return a task's examples on articles or events, in order; the first `limit` if given."""
        examples_of = _summary_examples if task == "summarize" else _answer_examples
        examples = [
            example
            for name, golden in self.goldens.items()
            if self.articles[name].scope == scope
            for example in examples_of(self.articles[name], golden)
        ]
        return examples[:limit]

    def all_references(self, task: Task, scope: Scope = "article") -> Iterator[tuple[str, ...]]:
        """Yield the references of all examples of a task, in order."""
        for example in self.examples(task, scope):
            yield example.references

    def counted_letters(self, task: Task) -> LetterCount | None:
        """Return the letters of all references of a task, if they were counted when read."""
        return None

    def first_wordless(self, examples: Sequence[Example]) -> Example | None:
        """Return the first of some examples whose article has no word."""
        return next((e for e in examples if not has_word(e.query.context)), None)


def read_suite(folder: Path | None = None) -> Suite:
    """Return the suite in `folder` (the shipped one by default); raise DataError."""
    root = folder or shipped_path("")
    if root.is_file():
        raise DataError(
            f"{root}: a suite is a folder, and this is a file: --suite {DATA}{root} runs a "
            f"data set, and `harness score --references {root}` scores outputs "
            "made elsewhere"
        )
    if not root.is_dir():
        raise DataError(
            f"{root}: there is no such suite folder; check --suite, which takes a folder with "
            f"seeds/ and goldens/, shipped, demo or {DATA}FILE"
        )
    if not (root / "seeds").is_dir() or not (root / "goldens").is_dir():
        raise no_suite(root)
    problems = Problems()
    ids: list[str] | None = None
    with problems.collected():
        manifest = read_manifest(root / "seeds")
        ids = [entry.id for entry in manifest.article]
        articles = read_articles(root / "seeds", manifest)
        own = own_metrics(manifest.metrics, root / "seeds" / FILE)
    with problems.collected():
        files = read_goldens(root / "goldens", ids)
    problems.raise_any()
    events = {
        file.golden.article: event_article(
            file.golden.article, [articles[name] for name in file.articles]
        )
        for file in files
        if file.is_event
    }
    name = manifest.suite or root.resolve().name
    return Suite(
        id=name,
        hash=_suite_hash(articles, files),
        articles=articles | events,
        files=files,
        primary=manifest.primary,
        names=frozenset({name}),
        language=common_language(manifest),
        further=further_metrics(manifest.metrics),
        own_metrics=own,
        encoder=manifest.encoder,
        reader=manifest.reader,
        licence=manifest.licence,
        citation=manifest.citation,
    )


def no_suite(root: Path) -> DataError:
    """Return the error of a folder that has no articles and goldens, but may describe data sets."""
    described = re.compile(r"^\s*(data|hub)\s*=", re.MULTILINE)
    files = [file for file in sorted(root.glob("*.toml")) if described.search(read_text(file))]
    hint = f"; {' and '.join(map(str, files))} describe data sets: name one" if files else ""
    return DataError(f"{root}: not a suite; it needs the folders seeds/ and goldens/{hint}")


def event_article(name: str, articles: Sequence[Article]) -> Article:
    """Return the articles as one text, each headed by its outlet (or its id)."""
    text, parts = "", []
    for article in articles:
        text += f"{'' if not text else chr(10) * 2}{article.outlet or article.id}:\n\n"
        parts.append(Part(article.id, len(text), len(text) + len(article.text)))
        text += article.text
    files = ", ".join(article.file for article in articles)
    return Article(
        id=name,
        text=text,
        file=files,
        sha256=sha256(text),
        language=articles[0].language,
        parts=tuple(parts),
    )


def _suite_hash(articles: Mapping[str, Article], files: Sequence[GoldenFile]) -> str:
    content = {
        "articles": [[a.id, a.outlet, a.text] for a in articles.values()],
        "goldens": [
            dataclasses.asdict(file.golden)
            | {"date": str(file.golden.date), "articles": file.articles}
            for file in files
        ],
    }
    return sha256(canonical_json(content))


def _summary_examples(article: Article, golden: Golden) -> list[Example]:
    if not golden.references:
        return []
    query = Query("summarize", article.text, words=golden.words)
    return [Example(article.id, article, query, golden.references)]


def _answer_examples(article: Article, golden: Golden) -> list[Example]:
    return [
        Example(
            id=f"{article.id}/{question.id}",
            article=article,
            query=Query("answer", article.text, question.text),
            references=question.answers,
            evidence=question.evidence,
        )
        for question in golden.questions
    ]
