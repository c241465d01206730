"""Figures about a suite that are no findings: how many, how long, where, how alike."""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from statistics import fmean, median

from harness.check.finding import Finding
from harness.errors import MetricError
from harness.metrics.ceiling import people_scores
from harness.metrics.options import MetricOptions
from harness.records import Article, Example, Query
from harness.suite.goldens import GoldenFile
from harness.text import word_places


def notes(files: Sequence[GoldenFile], articles: Mapping[str, Article]) -> Iterator[Finding]:
    """Yield one note a figure and golden."""
    for file in files:
        golden = file.golden
        path = str(file.path)
        if golden.questions:
            kinds = Counter(question.kind for question in golden.questions)
            kind_counts = ", ".join(f"{kind} {count}" for kind, count in kinds.most_common())
            unanswerable = sum(not question.answers for question in golden.questions)
            yield Finding(
                "note",
                "questions",
                path,
                None,
                f"{len(golden.questions)} question{'s' * (len(golden.questions) > 1)}, "
                f"{unanswerable} unanswerable: {kind_counts}",
            )
        answers = [question.answers for question in golden.questions if question.answers]
        if answers:
            shortest = [min(len(word_places(answer)) for answer in forms) for forms in answers]
            yield Finding(
                "note",
                "answers",
                path,
                None,
                f"an answer has {fmean(map(len, answers)):.1f} forms on average, the shortest of "
                f"{median(shortest):g} words (median) and {max(shortest)} at most",
            )
            quarters = Counter(_quarters(file, articles))
            yield Finding(
                "note",
                "evidence",
                path,
                None,
                "evidence by quarter of the article: "
                + ", ".join(str(quarters[quarter]) for quarter in range(4)),
            )
        if len(golden.references) > 1:
            article = articles[file.articles[0]]
            example = Example(golden.article, article, Query("summarize", ""), golden.references)
            try:
                scores = people_scores(example, MetricOptions(language=article.language)) or {}
            except MetricError:
                continue  # an error says so: `harness.check.language`
            yield Finding(
                "note",
                "agreement",
                path,
                None,
                f"{len(golden.references)} references of "
                f"{', '.join(str(len(word_places(text))) for text in golden.references)} words; "
                f"each against the others: "
                + ", ".join(f"{name} {100 * score:.1f}" for name, score in scores.items()),
            )


def _quarters(file: GoldenFile, articles: Mapping[str, Article]) -> Iterator[int]:
    for question in file.golden.questions:
        for evidence in question.evidence:
            text = articles[evidence.article].text
            start = text.find(evidence.text)
            if start >= 0:
                yield min(3, 4 * start // max(1, len(text)))
