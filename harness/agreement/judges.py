"""Judges held against people: each is asked about the summaries of a set, through the store."""

import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from harness.agreement.judgments.judgments import JudgedSet
from harness.agreement.measures import Direction, Values
from harness.files import sha256
from harness.judging.judge import Judged, judge
from harness.judging.opinions.measures import OpinionMeasures
from harness.models.roster.roster import Entry
from harness.progress import progress_bar, say
from harness.records import Article, Example
from harness.run.predict import keyed_chunks
from harness.run.store import Store

if TYPE_CHECKING:
    from typing import NoReturn

    from tqdm import tqdm


@dataclass(frozen=True)
class AskedJudges:
    """Judges, the store that keeps what they say, and where they run."""

    entries: Sequence[Entry]
    store: Store
    environment: Mapping[str, object]


@dataclass(frozen=True, slots=True)
class JudgeCost:
    """What asking a judge about a set takes: calls, those that are stored, tokens and money.

    Tokens are those that it reads, and at most those that it may write; `None` where nobody knows.
    """

    judge: str
    set: str
    texts: int
    calls: int
    stored: int
    tokens: int | None
    cost: float | None


def judged_values(judged: JudgedSet, judges: AskedJudges | None) -> Iterator[Values]:
    """Yield the values of a set's summaries by the measures of each judge.

    NaN for a text without an article, without a word, or of which a judgment failed. Nothing of
    answers. Raises CostLimitError as `predict` does.
    """
    if judges is None or judged.task != "summarize":
        return
    for entry in judges.entries:
        measures = _measures(entry)
        said = _said(entry, _examples(judged, measures), judges, judged.name)
        problem = said.failures[0].error if said.failures else None
        yield from _values(judged, measures.with_judgments(said.judgments), problem)


def _said(entry: Entry, examples: Sequence[Example], judges: AskedJudges, name: str) -> Judged:
    """Return what a judge says of a set's claims, with a bar while it does, and a line after it."""
    bars: list[tqdm[NoReturn]] = []

    def progress(done: int, total: int) -> None:
        if not bars:
            bars.append(progress_bar(total, f"judging by {entry.name}", "claim", done))
        bars[0].update(done - bars[0].n)

    started = time.perf_counter()
    try:
        said = judge(entry, examples, judges.store, judges.environment, progress)
    finally:
        for bar in bars:
            bar.close()
        entry.model.unload()
    say(
        f"judging {name} by {entry.name}: {said.calls:,} calls, {said.cached:,} of them stored "
        f"before, {len(said.failures):,} failed, {time.perf_counter() - started:.1f} s"
        + ("" if said.tokens is None else f", {said.tokens:,} tokens")
        + ("" if said.cost is None else f", at a cost of {said.cost:.4g}")
    )
    return said


def judge_costs(judged: JudgedSet, judges: AskedJudges) -> Iterator[JudgeCost]:
    """Yield what asking each judge about a set would take; no weights are read, nobody is asked."""
    if judged.task != "summarize":
        return
    for entry in judges.entries:
        examples = _examples(judged, _measures(entry))
        model = entry.model
        keyed = [
            pair for chunk in keyed_chunks(examples, model.identity("answer")) for pair in chunk
        ]
        stored = judges.store.stored_keys(key for key, _ in keyed)
        weights = model.checkpoint
        known = weights is None or weights.is_here()
        tokens, most, cost = 0, 0, 0.0
        if known:
            model.prepare_estimates()
            for estimate in (
                model.estimate(example.query) for key, example in keyed if key not in stored
            ):
                tokens += estimate.input_tokens or 0
                most += estimate.max_output_tokens or 0
            cost = model.cost(tokens, most) or 0.0
        priced = model.cost(0, 0) is not None
        yield JudgeCost(
            entry.name,
            judged.name,
            len(judged.judgments),
            len(keyed),
            len(stored),
            tokens + most if known else None,
            cost if priced else None,
        )
        model.unload()


def _measures(entry: Entry) -> OpinionMeasures:
    return OpinionMeasures(entry.name, entry.kind, entry.model.identity("answer"))


def _examples(judged: JudgedSet, measures: OpinionMeasures) -> list[Example]:
    """Return what a judge is asked: each claim on each article once."""
    asked: dict[tuple[str, str | None], Example] = {}
    for judgment in judged.judgments:
        if judgment.article is not None:
            text = judgment.article
            article = Article(judgment.article_id, text, judged.file, sha256(text))
            for claim in measures.asked(judgment.text, text):
                asked.setdefault((text, claim.query.question), claim.example(article))
    return list(asked.values())


def _values(judged: JudgedSet, measures: OpinionMeasures, problem: str | None) -> Iterator[Values]:
    columns = {name: np.full(len(judged.judgments), np.nan) for name in measures.signatures}
    for place, judgment in enumerate(judged.judgments):
        if judgment.article is None:
            continue
        for name, value in measures.against_article(judgment.text, judgment.article).items():
            columns[name][place] = value
    for name, values in columns.items():
        declared = measures.declarations[name].direction
        direction: Direction = "none" if declared == "neither" else declared
        yield Values(name, direction, "article", measures.signatures[name], values, problem)
