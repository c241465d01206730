"""Scores of summaries with their article: in batches, asked several times, and missing."""

import pytest

from harness.leaderboard.rows.aggregation import RowAggregate
from harness.metrics.scorer import score_text
from harness.metrics.summary import Summary
from harness.records import Article, Example, Prediction, Query
from harness.run.predict import Predicted
from harness.run.scoring import score
from harness.run.store import StoredPrediction

ARTICLE = "Ann met Bob in Rome. They signed a pact on Monday."
REFERENCES = ("Ann and Bob signed a pact.",)
FAMILY = Summary(articles=True)
PARTIAL = {name for name, declared in FAMILY.declarations.items() if declared.partial}


def _predicted(*texts: str, missing: bool = False, article: str = ARTICLE) -> Predicted:
    """Return what was made of an article, asked as many times as there are texts."""
    example = Example("a", Article("a", article, "f", ""), Query("summarize", article), REFERENCES)
    first, *others = [
        Predicted(
            example, "k", StoredPrediction(Prediction(text, missing=missing), {}), False, number
        )
        for number, text in enumerate(texts, start=1)
    ]
    return Predicted(example, "k", first.stored, False, 1, tuple(others))


def test_a_batch_scores_each_text_by_its_own_article() -> None:
    """More than fit into one batch; every second is the article's own sentence."""
    made = [
        _predicted("Ann met Bob in Rome.", article=ARTICLE if i % 2 else "Rain fell all day.")
        for i in range(300)
    ]
    scored = list(score(made, FAMILY))
    assert [item.scores["support"] for item in scored] == [0.0, 1.0] * 150
    for item, one in zip(scored[:2], made, strict=False):
        article = one.example.article.text
        assert item.scores == score_text(FAMILY, "Ann met Bob in Rome.", REFERENCES, article)


def test_the_mean_of_several_times_is_over_those_that_have_a_score() -> None:
    """Of 40 the article says nothing; silence has 0 words, no support, and no errors to count."""
    (item,) = score([_predicted("Ann met 40.", "", "Ann met Bob in Rome.")], FAMILY)
    assert item.scores["unsupported"] == (1 + 0) / 2
    assert item.scores["words"] == pytest.approx((3 + 0 + 5) / 3)
    first = item.own_scores["support"]
    assert item.scores["support"] == pytest.approx((first + 0 + 1) / 3)
    assert [part.scores.keys() & PARTIAL for part in item.parts] == [PARTIAL, set(), PARTIAL]


def test_always_silent_is_scored_and_missing_is_not_silent() -> None:
    silent, missing = score([_predicted("", ""), _predicted("", missing=True)], FAMILY)
    for item in (silent, missing):
        assert item.scores == dict.fromkeys(FAMILY.signatures.keys() - PARTIAL, 0)
    row = RowAggregate("summarize", [silent, missing], FAMILY)
    counts = row.counts()
    assert (counts.ok, counts.empty, counts.missing) == (1, 1, 1)
    numbers = row.metric_numbers()
    assert (numbers["support"].mean, numbers["support"].n) == (0, 2)
    assert (numbers["unsupported"].mean, numbers["unsupported"].n) == (None, 0)
