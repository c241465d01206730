"""What asking a roster's judges would take, told before anybody is asked."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from harness.errors import HarnessError
from harness.eval.jobs import Jobs
from harness.eval.judges.reader_turn import most_texts
from harness.judging.opinions.measures import OpinionMeasures
from harness.judging.pairs.pairing import asks_pairs, most_pairs
from harness.metrics.ceiling import has_people
from harness.models.judges.preference import pair_question
from harness.models.model import Model
from harness.models.roster.roster import Entry
from harness.records import Example, Query
from harness.run.time_taken import time_taken

# So many references of a scope are looked at to tell what judges will take.
_SAMPLED = 20


@dataclass(frozen=True, slots=True)
class PanelEstimate:
    """What asking a judge would take: how many texts and pairs at most, and about how much for them.

    The texts are not made yet, so calls and tokens are as for the first of the references; `None`
    where the judge is not on this disk. What is stored is not taken off. `seconds` are by what the
    judge's `timed` judgments in the store took; `None` where there are none.
    """

    judge: str
    texts: int
    pairs: int = 0
    calls: int | None = None
    tokens: int | None = None
    cost: float | None = None
    seconds: float | None = None
    timed: int = 0


def panel_estimates(jobs: Jobs, store: Path, repeats: int = 1) -> list[PanelEstimate]:
    """Return what asking each judge of the jobs would take; no weights are read."""
    texts, pairs = len(most_texts(jobs, repeats)), _pairs(jobs)
    sample = [
        example
        for (task, _), examples in jobs.examples.items()
        if task == "summarize"
        for example in examples[:_SAMPLED]
        if example.references
    ]
    return [_estimate(entry, texts, pairs, sample, store) for entry in jobs.judges]


def _pairs(jobs: Jobs) -> int:
    """Return how many pairs of rows there are on all examples, if none fails and all differ."""
    count = 0
    for (task, scope), examples in jobs.examples.items():
        if task == "summarize":
            models = sum(
                (task, scope) == row[:2] for entry in jobs.entries for row in jobs.of(entry)
            )
            rows = models + 1 + has_people(examples)  # the oracle, and people where they have a row
            count += rows * (rows - 1) // 2 * len(examples)
    return count


def _estimate(
    entry: Entry, texts: int, pairs: int, sample: Sequence[Example], store: Path
) -> PanelEstimate:
    model = entry.model
    identity = model.identity("answer")
    most = most_pairs(entry)
    pairs = min(pairs, pairs if most is None else most) if asks_pairs(identity) else 0
    weights = model.checkpoint
    if not sample or (weights is not None and not weights.is_here()):
        return PanelEstimate(entry.name, texts, pairs)
    measures = OpinionMeasures(entry.name, entry.kind, identity)
    of_texts = [
        claim.query
        for example in sample
        for claim in measures.asked(example.references[0], example.article.text)
    ]
    of_pairs = [query for example in sample for query in _pair_queries(example)] if pairs else []
    model.prepare_estimates()
    calls = read = written = 0.0
    for queries, times in ((of_texts, texts), (of_pairs, pairs)):
        tokens = _tokens(model, queries)
        share = times / len(sample)
        calls, read = calls + len(queries) * share, read + tokens[0] * share
        written += tokens[1] * share
    model.unload()
    timed = time_taken(store, identity)
    each = timed.seconds / timed.tokens * (read + written) if timed.tokens else None
    if each is None and timed.count:
        each = timed.seconds / timed.count * calls
    return PanelEstimate(
        entry.name,
        texts,
        pairs,
        round(calls),
        round(read + written),
        model.cost(read, written),
        each,
        timed.count,
    )


def _pair_queries(example: Example) -> Iterator[Query]:
    """Yield both orders of two texts as long as references."""
    first, last = example.references[0], example.references[-1]
    for texts in ((first, last), (last, first)):
        yield Query("answer", example.article.text, pair_question(*texts))


def _tokens(model: Model, queries: Sequence[Query]) -> tuple[int, int]:
    """Return how many tokens a judge would read, and write at most, for some queries."""
    read = written = 0
    for query in queries:
        try:
            estimate = model.estimate(query)
        except HarnessError:  # what cannot be judged is a failed judgment
            continue
        read += estimate.input_tokens or 0
        written += estimate.max_output_tokens or 0
    return read, written
