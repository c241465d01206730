"""Check a whole suite: read what can be read, then look at each golden."""

import itertools
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from harness.check.answers import check_questions
from harness.check.finding import Finding, finding_at, unreadable_findings
from harness.check.language import check_language
from harness.check.notes import notes
from harness.check.pages import check_page, check_unread_files
from harness.check.references import check_references
from harness.check.words import jaccard_similarity, shingles
from harness.errors import DataError
from harness.records import Article
from harness.suite.articles import RemovedParagraph, clean_article
from harness.suite.goldens import GoldenFile, golden_paths, read_golden
from harness.suite.manifest import FILE, read_manifest
from harness.suite.suite import no_suite

SAME_ARTICLE = 0.3  # Jaccard similarity of runs of five words


@dataclass(frozen=True)
class CheckReport:
    """What was found, and what a golden's `allowed` silenced, with the reason."""

    findings: Sequence[Finding]
    allowed: Sequence[tuple[Finding, str]]

    def sound(self, *, strict: bool = False) -> bool:
        """Whether there is no error; if `strict`, no warning either that nobody explained."""
        harmless = ("note",) if strict else ("note", "warning")
        return all(finding.level in harmless for finding in self.findings)


def check_suite(root: Path) -> CheckReport:
    """Return the report on a suite folder; raise DataError only if it is no suite at all."""
    if not (root / "seeds").is_dir() or not (root / "goldens").is_dir():
        raise no_suite(root)
    findings: list[Finding] = []
    articles, removed = _read_articles(root / "seeds", findings)
    files = _read_goldens(root / "goldens", articles, findings)
    allowed_findings: list[tuple[Finding, str]] = []
    page_findings = {
        name: list(check_page(root / "seeds" / article.file, article.text))
        for name, article in articles.items()
    }
    for file in files:
        allowed_reasons = file.golden.allowed
        golden_findings = [
            *_check_golden(file, articles, removed),
            *page_findings.pop(file.golden.article, ()),
        ]
        for finding in golden_findings:
            if finding.level == "warning" and finding.name in allowed_reasons:
                allowed_findings.append((finding, allowed_reasons[finding.name]))
            else:
                findings.append(finding)
        findings += [
            finding_at(
                "warning",
                "allowed-unused",
                file,
                ("allowed", name),
                f"allowed: nothing is found by the name {name!r} any more; drop it",
            )
            for name in sorted(
                allowed_reasons.keys() - {finding.name for finding in golden_findings}
            )
        ]
    findings += itertools.chain.from_iterable(page_findings.values())
    findings += _check_near_duplicates(root / "seeds" / "manifest.toml", articles)
    findings += check_language(root / "seeds" / FILE, articles, files)
    findings += notes(files, articles)
    return CheckReport(findings, allowed_findings)


def _read_articles(
    folder: Path, findings: list[Finding]
) -> tuple[dict[str, Article], dict[str, list[RemovedParagraph]]]:
    articles: dict[str, Article] = {}
    removed: dict[str, list[RemovedParagraph]] = {}
    try:
        manifest = read_manifest(folder)
    except DataError as error:
        findings += unreadable_findings(error)
        return articles, removed
    entries = manifest.article
    findings += check_unread_files(
        folder,
        {FILE, *(entry.file for entry in entries)},
        "the manifest does not name it; give it an [[article]] table, or remove it",
    )
    for entry in entries:
        try:
            text, removed[entry.id] = clean_article(folder, entry)
        except DataError as error:
            findings += unreadable_findings(error)
            continue
        articles[entry.id] = Article(
            entry.id, text, entry.file, entry.sha256 or "", entry.outlet,
            language=entry.language or manifest.language or "en",
        )  # fmt: skip
    return articles, removed


def _read_goldens(
    folder: Path, articles: Mapping[str, Article], findings: list[Finding]
) -> list[GoldenFile]:
    files: dict[str, GoldenFile] = {}
    unreadable: set[str] = set()
    paths = golden_paths(folder)
    findings += check_unread_files(
        folder,
        {path.name for path in paths},
        "is no golden: only .yaml and .yml are read; rename or remove it",
    )
    if not paths:
        findings.append(
            Finding("error", "unreadable", str(folder), None, "there are no goldens here")
        )
    for path in paths:
        try:
            file = read_golden(path)
        except DataError as error:
            findings += unreadable_findings(error)
            unreadable.add(path.stem)
            continue
        missing = [name for name in file.articles if name not in articles]
        if missing:
            findings += [
                finding_at(
                    "error",
                    "no-article",
                    file,
                    ("articles", file.articles.index(name)) if file.is_event else ("article",),
                    f"the suite has no sound article {name!r}",
                )
                for name in missing
                if articles  # or else the manifest is what is wrong, and has been told
            ]
        elif file.golden.article in files:
            other = files[file.golden.article].path.name
            findings.append(
                finding_at(
                    "error",
                    "golden-twice",
                    file,
                    ("event",) if file.is_event else ("article",),
                    f"{file.golden.article!r} has its golden in {other}",
                )
            )
        else:
            files[file.golden.article] = file
    covered = {name for file in files.values() for name in file.articles if not file.is_event}
    findings += [
        Finding(
            "warning",
            "no-golden",
            str(folder),
            None,
            f"the article {name!r} has no golden; write {name}.yaml",
        )
        for name in articles
        if name not in covered | unreadable  # a golden is named after its article
    ]
    return list(files.values())


def _check_golden(
    file: GoldenFile,
    articles: Mapping[str, Article],
    removed: Mapping[str, Sequence[RemovedParagraph]],
) -> Iterator[Finding]:
    text = "\n\n".join(
        part
        for name in file.articles
        for part in (articles[name].outlet or "", articles[name].text)
    )
    yield from check_references(file, text)
    yield from check_questions(file, articles, removed)


def _check_near_duplicates(manifest: Path, articles: Mapping[str, Article]) -> Iterator[Finding]:
    article_shingles = {name: shingles(article.text, 5) for name, article in articles.items()}
    names = list(article_shingles)
    for i, name in enumerate(names):
        for other in names[:i]:
            if jaccard_similarity(article_shingles[name], article_shingles[other]) >= SAME_ARTICLE:
                yield Finding(
                    "warning",
                    "article-twice",
                    str(manifest),
                    None,
                    f"{name} is nearly {other}; keep one of them",
                )
