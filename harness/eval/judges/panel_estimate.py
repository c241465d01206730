"""What asking a roster's judges would take, told before anybody is asked."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import NamedTuple

from harness.errors import HarnessError
from harness.eval.jobs import Jobs
from harness.eval.judges.reader_turn import most_texts
from harness.judging.opinions.meanings import Meanings, asks_meanings
from harness.judging.opinions.measures import OpinionMeasures
from harness.judging.pairs.pairing import asks_pairs, most_pairs
from harness.metrics.ceiling import has_people
from harness.models.judges.chat.preference import pair_question
from harness.models.model import Model
from harness.models.roster.roster import Entry
from harness.records import TASKS, Example, Query, Task
from harness.run.repeats import times_asked
from harness.run.time_taken import time_taken

# So many references of a scope are looked at to tell what judges will take.
_SAMPLED = 20


@dataclass(frozen=True, slots=True)
class PanelEstimate:
    """What asking a judge would take: how many summaries, pairs of them and answers at most.

    The texts are not made yet, so calls and tokens are as for the first of the references; `None`
    where the judge is not on this disk. What is stored is not taken off. `seconds` are by what the
    judge's `timed` judgments in the store took; `None` where there are none.
    """

    judge: str
    texts: int
    pairs: int = 0
    answers: int = 0
    calls: int | None = None
    tokens: int | None = None
    cost: float | None = None
    seconds: float | None = None
    timed: int = 0


def panel_estimates(jobs: Jobs, store: Path, repeats: int = 1) -> list[PanelEstimate]:
    """Return what asking each judge of the jobs would take; no weights are read."""
    most = _Most(len(most_texts(jobs, repeats)), _pairs(jobs), _answers(jobs, repeats))
    samples: dict[Task, list[Example]] = {
        task: [
            example
            for (of_task, _), examples in jobs.examples.items()
            if of_task == task
            for example in examples[:_SAMPLED]
            if example.references
        ]
        for task in TASKS
    }
    return [_estimate(entry, most, samples, store) for entry in jobs.judges]


class _Most(NamedTuple):
    """How many texts there are to judge, if none fails, all differ and no answer is right."""

    texts: int
    pairs: int
    answers: int


def _answers(jobs: Jobs, repeats: int) -> int:
    """Return how many answers there are to questions that have golden ones."""
    return sum(
        times_asked(entry.model, repeats) * sum(bool(example.references) for example in examples)
        for entry in jobs.entries
        for task, _, examples in jobs.of(entry)
        if task == "answer"
    )


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
    entry: Entry, there: _Most, samples: Mapping[Task, Sequence[Example]], store: Path
) -> PanelEstimate:
    model = entry.model
    identity = model.identity("answer")
    measures = OpinionMeasures(entry.name, entry.kind, identity)
    bound = most_pairs(entry)
    texts = there.texts if measures.declarations else 0
    pairs = min(there.pairs, there.pairs if bound is None else bound) * asks_pairs(identity)
    answers = there.answers * asks_meanings(identity)
    told = PanelEstimate(entry.name, texts, pairs, answers)
    weights = model.checkpoint
    if not any(samples.values()) or (weights is not None and not weights.is_here()):
        return told
    meanings = Meanings(entry.name, identity)
    summarized, answered = samples["summarize"], samples["answer"]
    of_texts = [
        claim.query
        for example in summarized
        for claim in measures.asked(example.references[0], example.article.text)
    ]
    of_pairs = [query for example in summarized for query in _pair_queries(example)]
    of_answers = [
        query
        for example in answered
        if (query := meanings.query(example, example.references[0])) is not None
    ]
    model.prepare_estimates()
    calls = read = written = 0.0
    for queries, times, sampled in (
        (of_texts, texts, summarized),
        (of_pairs, pairs, summarized),
        (of_answers, answers, answered),
    ):
        if times and sampled:
            share = times / len(sampled)
            tokens = _tokens(model, queries)
            calls, read = calls + len(queries) * share, read + tokens[0] * share
            written += tokens[1] * share
    model.unload()
    timed = time_taken(store, identity)
    return replace(
        told,
        calls=round(calls),
        tokens=round(read + written),
        cost=model.cost(read, written),
        seconds=timed.expected(calls, read + written),
        timed=timed.count,
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
