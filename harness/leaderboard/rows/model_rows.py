"""Scored predictions to rows of the leaderboard: models, floors, the oracle, people."""

import math
from collections.abc import Iterator, Mapping, Sequence
from statistics import fmean
from typing import Any

from harness.files import canonical_json, sha256
from harness.leaderboard.leaderboard import Row
from harness.leaderboard.rows.aggregation import RowAggregate
from harness.leaderboard.rows.evidence import cut_share_by_article
from harness.leaderboard.rows.model_facts import ModelFacts
from harness.leaderboard.rows.subsets import subsets
from harness.leaderboard.rows.text_row import text_row
from harness.leaderboard.rows.unfinished import unfinished_test
from harness.metrics import Metrics
from harness.metrics.answers.squad import Version
from harness.metrics.ceiling import ORACLE, PEOPLE, People, has_people, oracle_identity
from harness.metrics.options import USUAL, MetricOptions
from harness.records import Example, Prediction, Scope, ScoredPrediction, Task
from harness.run.predict import Predicted
from harness.run.score_table import ScoreTable
from harness.run.store import StoredPrediction
from harness.stream import Stream, read_from


def model_row(
    facts: ModelFacts,
    scored: Sequence[ScoredPrediction],
    family: Metrics,
    rules: Version = "2.0",
) -> Row:
    """Return one model's row. `rules` are the version of SQuAD's by which answers were scored."""
    task, scope = _task_and_scope(scored)
    is_unfinished = unfinished_test(facts.output_limit, facts.identity)
    aggregate = RowAggregate(task, scored, family, rules, is_unfinished)
    return Row(
        **dict(facts),
        scope=scope,
        metrics=aggregate.metric_numbers(),
        counts=aggregate.counts(),
        **_cut_fields(scored, aggregate),
        seconds=aggregate.seconds,
        tokens_per_second=aggregate.tokens / aggregate.seconds
        if aggregate.tokens and aggregate.seconds
        else None,
        guessed_tokens=aggregate.guessed,
        right_guesses=aggregate.right_guesses,
        peak_memory_bytes=aggregate.peak_memory,
        cost=aggregate.cost,
        served_by=aggregate.served_by,
        environments=aggregate.environments,
        squad=aggregate.squad,
        batch=aggregate.batch if facts.identity.get("dtype", "float32") != "float32" else None,
    )


def oracle_predictions(
    examples: Sequence[Example], texts: Sequence[str], options: MetricOptions = USUAL
) -> Sequence[Predicted]:
    """Return what the extractive oracle of summaries chose, as predictions to be scored."""
    identity = oracle_identity(options)

    def read(start: int) -> Iterator[Predicted]:
        for example, text in zip(read_from(examples, start), read_from(texts, start), strict=True):
            key_content = {
                "model": identity,
                "context": example.query.context,
                "references": example.references,
            }
            stored = StoredPrediction(Prediction(text), {})
            yield Predicted(example, sha256(canonical_json(key_content)), stored, cached=False)

    return Stream(len(examples), read)


def oracle_row(
    scored: Sequence[ScoredPrediction],
    metrics: Metrics,
    environment: Mapping[str, object],
    options: MetricOptions = USUAL,
) -> Row:
    """Return the row of the oracle, by the scores of what it chose."""
    aggregate = RowAggregate("summarize", scored, metrics)
    example_kind, identity = _task_and_scope(scored), oracle_identity(options)
    return text_row(ORACLE, "oracle", example_kind, aggregate, identity, [environment])


def people_row(
    examples: Sequence[Example],
    metrics: Metrics,
    environment: Mapping[str, object],
    options: MetricOptions = USUAL,
) -> tuple[Row, Sequence[ScoredPrediction]] | None:
    """Return the row of people against people, and its scores.

    `None` unless every example has two references. The scores are of no one text, so their
    predictions are empty.
    """
    if not has_people(examples):
        return None
    people = People(options, metrics)
    table = ScoreTable(dict.fromkeys(metrics.signatures, math.nan))
    for place, example in enumerate(examples):
        table.put(place, people.scores(example) or {})

    def read(start: int) -> Iterator[ScoredPrediction]:
        for place, example in enumerate(read_from(examples, start), start):
            yield ScoredPrediction(example, "", Prediction(""), False, table.row(place))

    scored = Stream(len(examples), read)
    aggregate = RowAggregate("summarize", scored, metrics)
    identity = {"kind": PEOPLE}
    example_kind = _task_and_scope(scored)
    return text_row(PEOPLE, "people", example_kind, aggregate, identity, [environment]), scored


def recomputed_row(
    row: Row,
    scored: Sequence[ScoredPrediction],
    family: Metrics,
    rules: Version = "2.0",
) -> Row:
    """Return the row with all that follows from its predictions made anew, costs aside."""
    is_unfinished = unfinished_test(row.output_limit, row.identity)
    aggregate = RowAggregate(row.task, scored, family, rules, is_unfinished)
    return row.model_copy(
        update={
            "metrics": aggregate.metric_numbers(),
            "counts": aggregate.counts().model_copy(update={"cached": row.counts.cached}),
            "squad": aggregate.squad,
            "cost": aggregate.cost,
            "served_by": aggregate.served_by,
            **_cut_fields(scored, aggregate),
        }
    )


def _task_and_scope(scored: Sequence[ScoredPrediction]) -> tuple[Task, Scope]:
    first = scored[0].example
    return first.query.task, first.article.scope


def _cut_fields(scored: Sequence[ScoredPrediction], aggregate: RowAggregate) -> dict[str, Any]:
    """Return the row's fields on what the model did not see; nothing is read where that is none."""
    if not aggregate.truncated:
        return {"cut": {}, **subsets(())}
    return {"cut": _mean_cut(scored), **subsets(scored)}


def _mean_cut(scored: Sequence[ScoredPrediction]) -> dict[str, float]:
    shares_by_article: dict[str, list[float]] = {}
    for scored_prediction in scored:
        if scored_prediction.prediction.error is None:
            cut_shares = cut_share_by_article(scored_prediction)
            for article in [part.article for part in scored_prediction.example.article.parts] or [
                scored_prediction.example.article.id
            ]:
                shares_by_article.setdefault(article, []).append(cut_shares.get(article, 0.0))
    return {
        article: fmean(shares)
        for article, shares in sorted(shares_by_article.items())
        if any(shares)
    }
