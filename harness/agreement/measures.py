"""The measures that are held against people, and their values of the texts of a set.

A measure of a summary against its article alone needs a function
`f(article, summary, language) -> float` and one line in `OF_ARTICLE`. Those of the leaderboard are
`BORNE_OUT`.
"""

import importlib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Literal, cast

import numpy as np

from harness.agreement import plain
from harness.agreement.correlations.weighted import Floats
from harness.agreement.further import (
    FURTHER_MEASURES,
    FURTHER_OF_ANSWERS,
    equivalence_values,
    further_values,
)
from harness.agreement.judgments.judgments import JudgedSet
from harness.errors import MetricError
from harness.metrics.options import (
    MetricOptions,
    rouge,
    task_metrics,
)
from harness.metrics.rouge.parts import PARTS, RougeWithParts
from harness.metrics.rouge.precision_recall import PrecisionRecallF1
from harness.metrics.rouge.rouge import TYPES, Rouge
from harness.metrics.summary import FROM_THE_ARTICLE, Summary
from harness.records import Task

# Which way a measure is better; the length is neither.
Direction = Literal["higher", "lower", "none"]
Needs = Literal["references", "article", "text"]

# Measures of a summary against its article: the function, and which way is better.
OF_ARTICLE: Mapping[str, tuple[str, Direction]] = {
    "source_precision": ("harness.agreement.plain:source_precision", "higher"),
}

# What the leaderboard has of a summary by its article.
BORNE_OUT: Mapping[str, Direction] = {
    name: "none" if declared.direction == "neither" else declared.direction
    for name, declared in FROM_THE_ARTICLE.items()
}

ROUGE_MEASURES = (*TYPES, *(f"{name}_{part}" for name in TYPES for part in PARTS))
ANSWER_MEASURES = (
    "exact_match", "f1", "number_exact_match", "number_f1", "contains", "token_recall",
)  # fmt: skip

# In the order in which they are shown where nothing else orders them.
MEASURES: Mapping[Task, tuple[str, ...]] = {
    "summarize": (*ROUGE_MEASURES, *FURTHER_MEASURES, "word_f1", *OF_ARTICLE, *BORNE_OUT, "words"),
    "answer": (*ANSWER_MEASURES, *FURTHER_OF_ANSWERS, "words"),
}


@dataclass(frozen=True, slots=True)
class Values:
    """A measure's values of the texts of a set, (texts,), NaN where it gives none.

    `problem` says why the first one has none for which the measure itself gave a reason.
    """

    measure: str
    direction: Direction
    needs: Needs
    signature: str
    values: Floats
    problem: str | None = None

    @property
    def scored(self) -> int:
        """How many texts have a value."""
        return int(np.isfinite(self.values).sum())


def measured(
    judged: JudgedSet,
    names: Sequence[str] | None = None,
    options: MetricOptions | None = None,
) -> list[Values]:
    """Return the values of a set's texts by the named measures, or by all of its task.

    Those of `FURTHER_MEASURES` have values where the options have what brings them.
    Texts of systems that are a reference themselves have no value by what needs references.
    """
    wanted = MEASURES[judged.task] if names is None else names
    options = options or MetricOptions()
    found: dict[str, Values] = {}
    for values in _of_task(judged, wanted, options):
        found[values.measure] = values
    return [found[name] for name in wanted if name in found]


def _of_task(judged: JudgedSet, wanted: Sequence[str], options: MetricOptions) -> Iterator[Values]:
    if judged.task == "answer":
        if set(ANSWER_MEASURES) & set(wanted):
            yield from _by_family(judged, replace(options, further=None))
        if "equivalence" in wanted and "equivalence" in (options.further or ()):
            signature, values = equivalence_values(judged, options)
            yield Values("equivalence", "higher", "references", signature, values)
    else:
        usable = with_references(judged)
        if set(ROUGE_MEASURES) & set(wanted):
            yield from _by_rouge(judged, usable, options, wanted)
        if set(FURTHER_MEASURES) & set(wanted):
            for name, signature, values in further_values(judged, usable, options):
                yield Values(name, "higher", "references", signature, values)
        if "word_f1" in wanted:
            yield _plain_f1(judged, usable)
        for name in OF_ARTICLE:
            if name in wanted:
                yield _by_article(judged, name, options)
        if set(BORNE_OUT) & set(wanted):
            yield from _borne_out(judged, options)
    if "words" in wanted:
        counts = [plain.word_count(judgment.text) for judgment in judged.judgments]
        yield Values("words", "none", "text", "words|harness-1", np.array(counts))


def with_references(judged: JudgedSet) -> list[bool]:
    """Return which texts can be held against references: they have some, and are none."""
    references = set(reference_systems(judged))
    return [bool(j.references) and j.system not in references for j in judged.judgments]


def reference_systems(judged: JudgedSet) -> list[str]:
    """Return the systems most of whose texts are one of their references, letter by letter."""
    equal: dict[str, list[bool]] = {}
    if judged.task == "answer":
        return []
    for judgment in judged.judgments:
        if judgment.system is not None and judgment.references:
            letters = "".join(plain.plain_words(judgment.text))
            same = any(letters == "".join(plain.plain_words(r)) for r in judgment.references)
            equal.setdefault(judgment.system, []).append(same)
    return sorted(system for system, same in equal.items() if 2 * sum(same) > len(same))


def _by_rouge(
    judged: JudgedSet, usable: Sequence[bool], options: MetricOptions, wanted: Sequence[str]
) -> Iterator[Values]:
    types = [name for name in TYPES if any(w == name or w.startswith(f"{name}_") for w in wanted)]
    columns = {name: np.full(len(judged.judgments), np.nan) for name in ROUGE_MEASURES}
    signatures: dict[str, str] = {}
    problem = None
    for language, places in _by_language(judged, usable).items():
        family = _rouge(options.in_language(language), types)
        signatures = signatures or dict(RougeWithParts(family).signatures)
        predictions = [judged.judgments[place].text for place in places]
        references = [judged.judgments[place].references for place in places]
        try:
            scored = list(family.precision_recall_f1_many(predictions, references))
            kept = places
        except MetricError:
            scored, kept, reason = _one_by_one(judged, places, family)
            problem = problem or reason
        for place, scores in zip(kept, scored, strict=True):
            for name, triple in scores.items():
                columns[name][place] = triple.f1
                columns[f"{name}_precision"][place] = triple.precision
                columns[f"{name}_recall"][place] = triple.recall
    for name in ROUGE_MEASURES:
        if name.partition("_")[0] in types:
            yield Values(
                name, "higher", "references", signatures.get(name, name), columns[name], problem
            )


def _rouge(options: MetricOptions, types: Sequence[str]) -> Rouge:
    return rouge(options, options.references or "jackknife", types)


def _one_by_one(
    judged: JudgedSet, places: Sequence[int], family: Rouge
) -> tuple[list[dict[str, PrecisionRecallF1]], list[int], str | None]:
    """Return the scores of the texts that have some, their places, and the first problem."""
    scored, kept, problem = [], [], None
    for place in places:
        judgment = judged.judgments[place]
        try:
            scored.append(family.precision_recall_f1(judgment.text, judgment.references))
            kept.append(place)
        except MetricError as error:
            problem = problem or f"{judgment.where}: {error}"
    return scored, kept, problem


def _by_family(judged: JudgedSet, options: MetricOptions) -> Iterator[Values]:
    """Yield the values of each metric of answers."""
    signatures = task_metrics("answer", options).signatures
    columns = {name: np.full(len(judged.judgments), np.nan) for name in ANSWER_MEASURES}
    problem = None
    everything = [True] * len(judged.judgments)
    for language, places in _by_language(judged, everything).items():
        family = task_metrics("answer", options.in_language(language))
        signatures = family.signatures if language else signatures
        for place in places:
            judgment = judged.judgments[place]
            try:
                scores = family.score(judgment.text, judgment.references)
            except MetricError as error:
                problem = problem or f"{judgment.where}: {error}"
                continue
            for name, column in columns.items():
                column[place] = scores[name]
    for name, values in columns.items():
        yield Values(name, "higher", "references", signatures[name], values, problem)


def _plain_f1(judged: JudgedSet, usable: Sequence[bool]) -> Values:
    values = [
        plain.word_f1(judgment.text, judgment.references) if kept else np.nan
        for judgment, kept in zip(judged.judgments, usable, strict=True)
    ]
    signature = f"word_f1|references:mean|{plain.SIGNATURE}"
    return Values("word_f1", "higher", "references", signature, np.array(values))


def _by_article(judged: JudgedSet, name: str, options: MetricOptions) -> Values:
    location, direction = OF_ARTICLE[name]
    module, _, attribute = location.partition(":")
    function = getattr(importlib.import_module(module), attribute)
    values = np.full(len(judged.judgments), np.nan)
    problem = None
    for place, judgment in enumerate(judged.judgments):
        if judgment.article is None:
            continue
        language = options.language or judgment.language
        try:
            value = float(function(judgment.article, judgment.text, language))
        except MetricError as error:
            problem = problem or f"{judgment.where}: {error}"
            continue
        if np.isfinite(value):
            values[place] = value
        else:
            problem = problem or f"{judgment.where}: {value} is no number"
    return Values(name, direction, "article", f"{name}|harness-1", values, problem)


def _borne_out(judged: JudgedSet, options: MetricOptions) -> Iterator[Values]:
    """Yield what the leaderboard has of a summary by its article.

    A summary without a word has what it has there: 0 by what may rank, and nothing by the others.
    """
    signatures = _summary(options).signatures
    columns = {name: np.full(len(judged.judgments), np.nan) for name in BORNE_OUT}
    problem = None
    has_article = [judgment.article is not None for judgment in judged.judgments]
    for language, places in _by_language(judged, has_article).items():
        family = _summary(options.in_language(language))
        signatures = {**signatures, **family.signatures} if language else signatures
        for place in places:
            judgment = judged.judgments[place]
            try:
                scores = family.against_article(judgment.text, judgment.article or "")
            except MetricError as error:
                problem = problem or f"{judgment.where}: {error}"
                continue
            for name in columns.keys() & scores.keys():
                columns[name][place] = scores[name]
    for name, values in columns.items():
        signature = signatures.get(name, name)
        yield Values(name, BORNE_OUT[name], "article", signature, values, problem)


def _summary(options: MetricOptions) -> Summary:
    return cast("Summary", task_metrics("summarize", options))


def _by_language(judged: JudgedSet, usable: Sequence[bool]) -> dict[str | None, list[int]]:
    """Return the places of the texts that are scored, by their language."""
    places: dict[str | None, list[int]] = {}
    for place, (judgment, kept) in enumerate(zip(judged.judgments, usable, strict=True)):
        if kept:
            places.setdefault(judgment.language, []).append(place)
    return places
