"""Check a whole suite: read what can be read, then look at each golden."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from harness.check.answers import check_questions
from harness.check.finding import Finding, at, unreadable
from harness.check.notes import notes
from harness.check.references import check_references
from harness.check.words import shared, shingles
from harness.errors import DataError
from harness.records import Article
from harness.suite.articles import Removed, clean, read_manifest
from harness.suite.goldens import GoldenFile, read_golden

SAME_ARTICLE = 0.3  # Jaccard similarity of runs of five words


@dataclass(frozen=True)
class Report:
    """What was found, and what a golden's `allowed` silenced, with the reason."""

    findings: Sequence[Finding]
    allowed: Sequence[tuple[Finding, str]]

    @property
    def sound(self) -> bool:
        """Whether there is neither an error nor a warning that nobody explained."""
        return all(finding.level == "note" for finding in self.findings)


def check(root: Path) -> Report:
    """Return the report on a suite folder; raise DataError only if it is no suite at all."""
    if not (root / "seeds").is_dir() or not (root / "goldens").is_dir():
        raise DataError(f"{root}: not a suite; it needs the folders seeds/ and goldens/")
    found: list[Finding] = []
    articles, removed = _articles(root / "seeds", found)
    files = _goldens(root / "goldens", articles, found)
    silenced: list[tuple[Finding, str]] = []
    for file in files:
        allowed = file.golden.allowed
        raised = list(_golden(file, articles, removed))
        for finding in raised:
            if finding.level == "warning" and finding.name in allowed:
                silenced.append((finding, allowed[finding.name]))
            else:
                found.append(finding)
        found += [
            at(
                "warning",
                "allowed-unused",
                file,
                ("allowed", name),
                f"allowed: nothing is found by the name {name!r} any more; drop it",
            )
            for name in sorted(allowed.keys() - {finding.name for finding in raised})
        ]
    found += _near_articles(root / "seeds" / "manifest.toml", articles)
    found += notes(files, articles)
    return Report(found, silenced)


def _articles(
    folder: Path, found: list[Finding]
) -> tuple[dict[str, Article], dict[str, list[Removed]]]:
    articles: dict[str, Article] = {}
    removed: dict[str, list[Removed]] = {}
    try:
        entries = read_manifest(folder).article
    except DataError as error:
        found.append(unreadable(error))
        return articles, removed
    for entry in entries:
        try:
            text, removed[entry.id] = clean(folder, entry)
        except DataError as error:
            found.append(unreadable(error))
            continue
        articles[entry.id] = Article(entry.id, text, entry.file, entry.sha256 or "", entry.outlet)
    return articles, removed


def _goldens(
    folder: Path, articles: Mapping[str, Article], found: list[Finding]
) -> list[GoldenFile]:
    files: dict[str, GoldenFile] = {}
    paths = sorted([*folder.glob("*.yaml"), *folder.glob("*.yml")])
    if not paths:
        found.append(Finding("error", "unreadable", str(folder), None, "there are no goldens here"))
    for path in paths:
        try:
            file = read_golden(path)
        except DataError as error:
            found.append(unreadable(error))
            continue
        field = ("articles",) if file.is_event else ("article",)
        missing = [name for name in file.articles if name not in articles]
        if missing:
            found.append(
                at(
                    "error",
                    "no-article",
                    file,
                    field,
                    f"the suite has no sound article {missing[0]!r}",
                )
            )
        elif file.golden.article in files:
            other = files[file.golden.article].path.name
            found.append(
                at(
                    "error",
                    "golden-twice",
                    file,
                    field,
                    f"{file.golden.article!r} has its golden in {other}",
                )
            )
        else:
            files[file.golden.article] = file
    covered = {name for file in files.values() for name in file.articles if not file.is_event}
    found += [
        Finding(
            "warning",
            "no-golden",
            str(folder),
            None,
            f"the article {name!r} has no golden; write {name}.yaml",
        )
        for name in articles
        if name not in covered
    ]
    return list(files.values())


def _golden(
    file: GoldenFile,
    articles: Mapping[str, Article],
    removed: Mapping[str, Sequence[Removed]],
) -> Iterator[Finding]:
    text = "\n\n".join(
        part
        for name in file.articles
        for part in (articles[name].outlet or "", articles[name].text)
    )
    yield from check_references(file, text)
    yield from check_questions(file, articles, removed)


def _near_articles(manifest: Path, articles: Mapping[str, Article]) -> Iterator[Finding]:
    pieces = {name: shingles(article.text, 5) for name, article in articles.items()}
    names = list(pieces)
    for i, name in enumerate(names):
        for other in names[:i]:
            if shared(pieces[name], pieces[other]) >= SAME_ARTICLE:
                yield Finding(
                    "warning",
                    "article-twice",
                    str(manifest),
                    None,
                    f"{name} is nearly {other}; keep one of them",
                )
