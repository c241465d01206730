"""What a model did not see of its source: the one place that reads it from a prediction."""

from harness.leaderboard.prediction_lines import PredictionLine
from harness.records import Article, Part
from harness.report.content.example import Cut
from harness.report.examples.evidence_spans import CharSpan


def unseen_spans(line: PredictionLine) -> list[CharSpan]:
    """Return the ranges of the source, in characters, that a model did not see."""
    return list(line.dropped)


def unseen_share(line: PredictionLine, article: Article) -> float:
    """Return the share of the source's characters that a model did not see."""
    if not article.text:
        return 0.0
    return sum(end - start for start, end in unseen_spans(line)) / len(article.text)


def unseen_share_by_article(line: PredictionLine, article: Article) -> tuple[Cut, ...]:
    """Return what a model did not see of each article, in the source's order."""
    parts = article.parts or (Part(article.id, 0, len(article.text)),)
    return tuple(
        Cut(article=part.article, share=line.cut[part.article])
        for part in parts
        if part.article in line.cut
    )
