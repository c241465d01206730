"""chrF, BERTScore and equivalence, which are held against people where they are asked for."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace

import numpy as np

from harness.agreement.correlations.weighted import Floats
from harness.agreement.judgments.judgments import JudgedSet
from harness.metrics.answers.equivalence import NAME
from harness.metrics.options import (
    MetricOptions,
    checked_further,
    equivalence,
    further_families,
)

# Each measure, and what of `harness.metrics.options.FURTHER` brings it.
FURTHER_MEASURES: Mapping[str, str] = {
    "chrf": "chrf",
    "chrf_plus_plus": "chrf",
    "bertscore_precision": "bertscore",
    "bertscore_recall": "bertscore",
    "bertscore_f1": "bertscore",
}
FURTHER_OF_ANSWERS: Mapping[str, str] = {NAME: "equivalence"}


def with_further_measures(options: MetricOptions, names: Sequence[str] | None) -> MetricOptions:
    """Return the options with what brings the measures that are named."""
    known = {**FURTHER_MEASURES, **FURTHER_OF_ANSWERS}
    brought = {known[name] for name in names or () if name in known}
    further = checked_further([*(options.further or ()), *sorted(brought)], "--with")
    return replace(options, further=further or None)


def further_values(
    judged: JudgedSet, usable: Sequence[bool], options: MetricOptions
) -> Iterator[tuple[str, str, Floats]]:
    """Yield each measure's name, signature and values of a set's texts, NaN where not usable.

    The language of the texts is all the same to them.
    """
    places = [place for place, kept in enumerate(usable) if kept]
    predictions = [judged.judgments[place].text for place in places]
    references = [judged.judgments[place].references for place in places]
    for family in further_families(options, options.references or "jackknife"):
        scored = list(family.score_many(predictions, references))
        for name, signature in family.signatures.items():
            values = np.full(len(judged.judgments), np.nan)
            values[places] = [scores[name] for scores in scored]
            yield name, signature, values


def equivalence_values(judged: JudgedSet, options: MetricOptions) -> tuple[str, Floats]:
    """Return the signature of `equivalence` and its values of a set's replies."""
    metric = equivalence(options)
    judgments = judged.judgments
    scores = metric.scores(
        [judgment.text for judgment in judgments],
        [judgment.references for judgment in judgments],
    )
    return metric.signature, np.array(scores)
