"""Scored predictions to rows of the leaderboard: models, floors, the oracle, people."""

import math
from collections.abc import Iterable, Mapping, Sequence
from statistics import fmean

from harness.files import canonical_json, sha256
from harness.leaderboard.aggregation import Tally
from harness.leaderboard.evidence import cut_of
from harness.leaderboard.leaderboard import Counts, Number, PromptLine, Row
from harness.leaderboard.subsets import subsets
from harness.metrics import Metrics
from harness.metrics.ceiling import ORACLE, ORACLE_IDENTITY, PEOPLE, oracle_extractive, people
from harness.metrics.squad import Version
from harness.models.roster.prompt_variants import prompts_of
from harness.models.roster.roster import Entry
from harness.records import Example, Prediction, Role, Scope, Scored, Task

# An acceptable answer scores 1 by definition. For summaries the ceiling is the better of people
# and the oracle: on news, copying the right sentences often scores above people's own words.
ANSWER_CEILING = 1.0


def model_row(
    entry: Entry,
    scored: Sequence[Scored],
    signatures: Mapping[str, str],
    rules: Version = "2.0",
) -> Row:
    """Return one model's row. `rules` are the version of SQuAD's by which answers were scored."""
    task, scope = _kind_of(scored)
    tally = Tally(task, scored, signatures, rules)
    prompt = prompts_of(entry.model).get(task)
    weights = entry.model.checkpoint
    identity = dict(entry.model.identity(task))
    return Row(
        model=entry.name,
        role=entry.model.role,
        task=task,
        scope=scope,
        kind=entry.kind,
        metrics=tally.numbers(),
        counts=tally.counts(),
        cut=_mean_cut(scored),
        **subsets(scored),
        seconds=tally.seconds,
        tokens_per_second=tally.tokens / tally.seconds if tally.tokens and tally.seconds else None,
        peak_memory_bytes=tally.peak_memory,
        cost=tally.cost,
        served_by=tally.served_by,
        weights=dict(weights.identity()) if weights else None,
        weights_bytes=weights.size() if weights else None,
        licence=entry.licence,
        prompt=PromptLine(name=prompt.name, version=prompt.version, sha256=prompt.sha256)
        if prompt
        else None,
        identity=identity,
        generation=dict(entry.model.generation()),
        environments=tally.environments,
        squad=tally.squad,
        batch=tally.batch if identity.get("dtype", "float32") != "float32" else None,
    )


def oracle_row(
    examples: Sequence[Example], metrics: Metrics, environment: Mapping[str, object]
) -> tuple[Row, list[Scored]]:
    """Return the row of the extractive oracle of summaries, and what it chose."""
    scored = []
    for example in examples:
        text = oracle_extractive(example.query.context, example.references)
        chosen = {
            "model": ORACLE_IDENTITY,
            "context": example.query.context,
            "references": example.references,
        }
        scores = metrics.score(text, example.references)
        key = sha256(canonical_json(chosen))
        scored.append(Scored(example, key, Prediction(text), False, scores))
    row = _no_model(
        ORACLE, "oracle", scored[0].example, [one.scores for one in scored], metrics, environment
    )
    return row.model_copy(update={"identity": dict(ORACLE_IDENTITY)}), scored


def people_row(
    examples: Sequence[Example], metrics: Metrics, environment: Mapping[str, object]
) -> tuple[Row, list[Scored]] | None:
    """Return the row of people against people, and its scores.

    `None` unless every example has two references. The scores are of no one text, so their
    predictions are empty.
    """
    scores = [people(example) for example in examples]
    known = [one for one in scores if one is not None]
    if len(known) < len(scores) or not known:
        return None
    row = _no_model(PEOPLE, "people", examples[0], known, metrics, environment)
    nothing = Prediction("")
    return row, [
        Scored(example, "", nothing, False, one)
        for example, one in zip(examples, known, strict=True)
    ]


def measured(
    row: Row, scored: Sequence[Scored], signatures: Mapping[str, str], rules: Version = "2.0"
) -> Row:
    """Return the row with all that follows from its predictions made anew, costs aside."""
    tally = Tally(row.task, scored, signatures, rules)
    return row.model_copy(
        update={
            "metrics": tally.numbers(),
            "counts": tally.counts().model_copy(update={"cached": row.counts.cached}),
            "cut": _mean_cut(scored),
            "squad": tally.squad,
            "cost": tally.cost,
            "served_by": tally.served_by,
            **subsets(scored),
        }
    )


def with_shares(rows: Iterable[Row]) -> list[Row]:
    """Return the rows with each mean placed between its task's floor and ceiling."""
    found = list(rows)
    return [_with_share(row, found) for row in found]


def _kind_of(scored: Sequence[Scored]) -> tuple[Task, Scope]:
    first = scored[0].example
    return first.query.task, first.article.scope


def _mean_cut(scored: Sequence[Scored]) -> dict[str, float]:
    shares: dict[str, list[float]] = {}
    for one in scored:
        if one.prediction.error is None:
            cut = cut_of(one)
            for name in [part.article for part in one.example.article.parts] or [
                one.example.article.id
            ]:
                shares.setdefault(name, []).append(cut.get(name, 0.0))
    return {name: fmean(found) for name, found in sorted(shares.items()) if any(found)}


def _no_model(
    name: str,
    role: Role,
    example: Example,
    scores: Sequence[Mapping[str, float]],
    metrics: Metrics,
    environment: Mapping[str, object],
) -> Row:
    n = len(scores)
    return Row(
        model=name,
        role=role,
        task=example.query.task,
        scope=example.article.scope,
        kind=name,
        metrics={
            name: Number(
                mean=math.fsum(one[name] for one in scores) / n,
                n=n,
                signature=signature,
                share=None,
            )
            for name, signature in metrics.signatures.items()
        },
        counts=Counts(expected=n, ok=n, error=0, truncated=0, cached=0),
        cut={},
        seconds=0.0,
        tokens_per_second=None,
        peak_memory_bytes=0,
        weights=None,
        weights_bytes=None,
        licence=None,
        prompt=None,
        identity={"kind": name},
        environments=[dict(environment)],
    )


def _with_share(row: Row, rows: Sequence[Row]) -> Row:
    beside = [one for one in rows if (one.task, one.scope) == (row.task, row.scope)]
    placed = {}
    for name, number in row.metrics.items():
        floor = max(_means(beside, "floor", name), default=None)
        top = ANSWER_CEILING
        if row.task == "summarize":
            known = [*_means(beside, "people", name), *_means(beside, "oracle", name)]
            top = max(known, default=0.0)
        share = None
        if number.mean is not None and floor is not None and top > floor:
            share = (number.mean - floor) / (top - floor)
        placed[name] = number.model_copy(update={"share": share})
    return row.model_copy(update={"metrics": placed})


def _means(rows: Sequence[Row], role: Role, metric: str) -> list[float]:
    return [
        mean for row in rows if row.role == role and (mean := row.metrics[metric].mean) is not None
    ]
