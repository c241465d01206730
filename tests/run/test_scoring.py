"""Scores of summaries with their article: in batches, asked several times, and missing."""

import pytest

from harness.errors import MetricError
from harness.leaderboard.rows.aggregation import RowAggregate
from harness.metrics.scorer import score_text
from harness.metrics.summary import Summary
from harness.records import Article, Example, Prediction, Query
from harness.run.predict import Predicted
from harness.run.scoring import RowToScore, score, score_together
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


def test_rows_side_by_side_are_scored_as_each_alone() -> None:
    """Of different lengths, one asked several times: what batch a text is in changes nothing."""
    rain = "Rain fell all day."
    rows = [
        [
            _predicted("Ann met Bob in Rome.", article=ARTICLE if i % 2 else rain)
            for i in range(200)
        ],
        [_predicted("Ann met 40.", "", "It was in Rome.")],
        [_predicted("They signed.", missing=True), _predicted("Bob signed.", article=rain)],
    ]
    counted: list[int] = []
    together = score_together([RowToScore(row) for row in rows], FAMILY, counted.append)
    assert [list(scored) for scored in together] == [list(score(row, FAMILY)) for row in rows]
    assert sum(counted) == 200 + 3 + 1


def test_a_row_alone_says_what_a_text_is_to_have_that_cannot_be_scored() -> None:
    """The other row says nothing of it: there it is an error."""
    told: list[tuple[int, int]] = []

    def unscorable(index: int, number: int, error: MetricError) -> dict[str, float]:
        told.append((index, number))
        return {"rouge1": 0.5}

    good, bad = _predicted("Ann met Bob."), _predicted("Ann met Bob.", article="?!")
    first, second = score_together(
        [RowToScore([good, bad], unscorable), RowToScore([good])], FAMILY
    )
    assert told == [(1, 1)]
    assert list(first)[1].scores["rouge1"] == 0.5
    assert [item.scores for item in second] == [item.scores for item in first][:1]
    with pytest.raises(MetricError, match="has no word"):
        score_together([RowToScore([good], unscorable), RowToScore([bad])], FAMILY)


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
