"""What a model did not see of its source, and whether the golden's evidence was in it.

Known to the scorer alone: a model is never told where the evidence stands.
"""

from collections.abc import Iterator

from harness.records import Article, Evidence, Part, ScoredPrediction


def cut_share_by_article(scored: ScoredPrediction) -> dict[str, float]:
    """Return the share of each article's characters that the model did not see, where any."""
    if not scored.prediction.dropped:
        return {}
    article = scored.example.article
    cut_shares = {
        part.article: sum(
            max(0, min(end, part.end) - max(start, part.start))
            for start, end in scored.prediction.dropped
        )
        / (part.end - part.start)
        for part in article.parts or (Part(article.id, 0, len(article.text)),)
    }
    return {name: share for name, share in cut_shares.items() if share > 0}


def evidence_seen(scored: ScoredPrediction) -> bool | None:
    """Return whether the model saw some evidence whole; `None` where there is none to see.

    Evidence that stands in the article several times, or on an event in several articles, was
    seen if one of them was. A prediction that failed has seen nothing that could be told.
    """
    if scored.prediction.error is not None:
        return None
    article = scored.example.article
    ranges = [
        evidence_range
        for evidence in scored.example.evidence
        for evidence_range in _evidence_ranges(article, evidence)
    ]
    if not ranges:
        return None
    return any(
        all(last <= start or end <= first for start, end in scored.prediction.dropped)
        for first, last in ranges
    )


def _evidence_ranges(article: Article, evidence: Evidence) -> Iterator[tuple[int, int]]:
    """Yield where evidence stands in the text of its article, or of an event's part."""
    parts = {part.article: part for part in article.parts}
    part = parts.get(evidence.article, Part(article.id, 0, len(article.text)))
    start = article.text.find(evidence.text, part.start, part.end)
    while start >= 0:
        yield start, start + len(evidence.text)
        start = article.text.find(evidence.text, start + 1, part.end)
