"""Judges held against people: each is asked about the texts of a set, through the store."""

import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

import numpy as np
from numpy.typing import NDArray

from harness.agreement.judgments.judgments import JudgedSet
from harness.agreement.measures import Direction, Values
from harness.files import sha256
from harness.judging.judge import Judged, judge
from harness.judging.judgment import Judgment
from harness.judging.opinions.meanings import Meanings, asks_meanings
from harness.judging.opinions.measures import OpinionMeasures
from harness.metrics.options import MetricOptions, task_metrics
from harness.models.roster.roster import Entry
from harness.progress import note, progress_bar, say
from harness.records import Article, Example, Query
from harness.run.predict import keyed_chunks
from harness.run.store import Store
from harness.run.time_taken import time_taken

if TYPE_CHECKING:
    from typing import NoReturn

    from tqdm import tqdm

    from harness.metrics import Metrics


@dataclass(frozen=True)
class AskedJudges:
    """Judges, the store that keeps what they say, with its file, and where they run."""

    entries: Sequence[Entry]
    store: Store
    file: Path
    environment: Mapping[str, object]


@dataclass(frozen=True, slots=True)
class JudgeCost:
    """What asking a judge about a set takes: calls, those that are stored, tokens and money.

    Tokens are those that it reads, and at most those that it may write; `None` where nobody knows.
    `seconds` are by what its judgments in the store took; `None` where there are none.
    """

    judge: str
    set: str
    texts: int
    calls: int
    stored: int
    tokens: int | None
    cost: float | None
    seconds: float | None = None


def judged_values(
    judged: JudgedSet, judges: AskedJudges | None, options: MetricOptions
) -> Iterator[Values]:
    """Yield the values of a set's texts by the measures of each judge.

    NaN for a summary without an article or a word, for an answer whose question the data do not
    have, and for a text of which a judgment failed. A judge that does not judge such texts is not
    asked, and that is said. Raises CostLimitError as `predict` does.
    """
    for entry in judges.entries if judges else ():
        asked = _asked(judged, entry, options)
        if asked is None or judges is None:
            noun = "summaries" if judged.task == "summarize" else "answers"
            note(f"{judged.name}: {entry.name} is no judge of {noun}, and is not asked")
            continue
        said = _said(entry, asked.examples, judges, judged.name)
        problem = said.failures[0].error if said.failures else None
        yield from asked.values(said.judgments, problem)


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


def judge_costs(
    judged: JudgedSet, judges: AskedJudges, options: MetricOptions
) -> Iterator[JudgeCost]:
    """Yield what asking each judge about a set would take; no weights are read, nobody is asked."""
    for entry in judges.entries:
        asked = _asked(judged, entry, options)
        if asked is None:
            continue
        examples, model = asked.examples, entry.model
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
            time_taken(judges.file, model.identity("answer")).expected(
                len(keyed) - len(stored), tokens + most
            ),
        )
        model.unload()


class _Asked(Protocol):
    """What a judge is asked about a set, and the values that follow."""

    @property
    def examples(self) -> Sequence[Example]:
        """What it is asked, each once."""

    def values(self, judgments: Mapping[str, Judgment], problem: str | None) -> Iterator[Values]:
        """Yield the values by each of its measures, from what it said, by key."""


def _asked(judged: JudgedSet, entry: Entry, options: MetricOptions) -> _Asked | None:
    """Return what a judge is asked about a set; `None` where it does not judge such texts."""
    identity = entry.model.identity("answer")
    if judged.task == "answer":
        if not asks_meanings(identity):
            return None
        return _OfAnswers(judged, Meanings(entry.name, identity), options)
    measures = OpinionMeasures(entry.name, entry.kind, identity)
    return _OfSummaries(judged, measures) if measures.declarations else None


@dataclass(frozen=True)
class _OfSummaries:
    """What a judge is asked about the summaries of a set."""

    judged: JudgedSet
    measures: OpinionMeasures

    @property
    def examples(self) -> list[Example]:
        """Each claim on each article once."""
        asked: dict[tuple[str, str | None], Example] = {}
        for judgment in self.judged.judgments:
            if judgment.article is not None:
                text = judgment.article
                article = Article(judgment.article_id, text, self.judged.file, sha256(text))
                for claim in self.measures.asked(judgment.text, text):
                    asked.setdefault((text, claim.query.question), claim.example(article))
        return list(asked.values())

    def values(self, judgments: Mapping[str, Judgment], problem: str | None) -> Iterator[Values]:
        """Yield the values by each measure."""
        measures = self.measures.with_judgments(judgments)
        columns = {name: _no_values(self.judged) for name in measures.signatures}
        for place, judgment in enumerate(self.judged.judgments):
            if judgment.article is None:
                continue
            for name, value in measures.against_article(judgment.text, judgment.article).items():
                columns[name][place] = value
        for name, values in columns.items():
            declared = measures.declarations[name].direction
            direction: Direction = "none" if declared == "neither" else declared
            yield Values(name, direction, "article", measures.signatures[name], values, problem)


@dataclass(frozen=True)
class _OfAnswers:
    """What a judge is asked about the answers of a set."""

    judged: JudgedSet
    meanings: Meanings
    options: MetricOptions

    @property
    def examples(self) -> list[Example]:
        """Each answer that matches no golden answer exactly, once."""
        answers = self._answers()
        return self.meanings.asked(
            (example, text) for _, example, text, exact in answers if not exact
        )

    def values(self, judgments: Mapping[str, Judgment], problem: str | None) -> Iterator[Values]:
        """Yield the values by the measure."""
        meanings, values = self.meanings.with_judgments(judgments), _no_values(self.judged)
        for place, example, text, exact in self._answers():
            value = meanings.value(example, text, exact=exact)
            values[place] = np.nan if value is None else value
        exact_match = task_metrics("answer", self.options).signatures["exact_match"]
        signature = meanings.signature(exact_match)
        yield Values(meanings.name, "higher", "references", signature, values, problem)

    def _answers(self) -> Iterator[tuple[int, Example, str, bool]]:
        """Yield the place of each answer whose question is known, and whether it matches."""
        families: dict[str | None, Metrics] = {}
        for place, judgment in enumerate(self.judged.judgments):
            if judgment.question is None:
                continue
            if judgment.language not in families:
                options = self.options.in_language(judgment.language)
                families[judgment.language] = task_metrics("answer", options)
            scores = families[judgment.language].score(judgment.text, judgment.references)
            article = Article(judgment.article_id, "", self.judged.file, "")
            query = Query("answer", "", judgment.question)
            example = Example(judgment.article_id, article, query, judgment.references)
            yield place, example, judgment.text, scores["exact_match"] == 1


def _no_values(judged: JudgedSet) -> NDArray[np.float64]:
    return np.full(len(judged.judgments), np.nan)
