"""How far measures of answers agree with people, on one set.

Where people said right or wrong: how often a measure with a threshold says the same, and how well
it orders right before wrong. Where they graded: correlations. Of systems: whether a measure puts
them in the order in which people do.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np

from harness.agreement.correlations.classification import Accuracy, accuracy, areas
from harness.agreement.correlations.comparing import Comparison, Subject, compare_by_group
from harness.agreement.correlations.draws import DRAWS, SEED, DrawnLayouts, interval
from harness.agreement.correlations.layout import Layout, layout_of
from harness.agreement.correlations.levels import Coefficient, Level, pooled_level, system_level
from harness.agreement.correlations.weighted import Floats, ties_restored
from harness.agreement.judgments.judgments import JudgedSet
from harness.agreement.measures import Values

THRESHOLD = 0.5


@dataclass(frozen=True, slots=True)
class BySystem:
    """One system's answers: how many, what people and a measure give them, and how they agree."""

    system: str
    n: int
    people: float
    measure: float
    accuracy: float | None
    auc: float | None


@dataclass(frozen=True, slots=True)
class AnswerFigure:
    """One measure against people on one label, on all answers of a set.

    `accuracy` is `None` where people graded, and for a measure without a threshold (the length);
    `auc` where people graded. `pooled` are the correlations over all answers, `system` those of
    systems' means. Intervals are over questions drawn again. `by_system` is in the order of people,
    the best first.
    """

    measure: str
    aspect: str
    n: int
    accuracy: Accuracy | None
    auc: Coefficient
    pooled: Level
    system: Level
    by_system: tuple[BySystem, ...]


def answer_figures(
    judged: JudgedSet,
    measures: Sequence[Values],
    aspects: Sequence[str],
    threshold: float = THRESHOLD,
    draws: int = DRAWS,
    seed: int = SEED,
) -> tuple[list[AnswerFigure], list[Comparison]]:
    """Return each measure's figures on each label, and the comparisons of every two measures.

    Comparisons are of the accuracy, by the sign-flip test over questions, where people said right
    or wrong; of a label that they graded there are none.
    """
    layout = layout_of(judged.judgments)
    measures = [replace(m, values=ties_restored(m.values)) for m in measures]
    figures: list[AnswerFigure] = []
    comparisons: list[Comparison] = []
    for aspect in aspects:
        scores = ties_restored(judged.scores_of(aspect))
        label = _Label(aspect, DrawnLayouts(layout, draws, seed), scores, threshold)
        figures += [figure for values in measures if (figure := label.figure(values)) is not None]
        comparisons += label.comparisons(measures)
    return figures, comparisons


class _Label:
    """What people said of the answers, by one of their labels."""

    def __init__(
        self, aspect: str, layouts: DrawnLayouts, scores: Floats, threshold: float
    ) -> None:
        self._aspect = aspect
        self._layouts = layouts
        self._scores = scores
        self._threshold = threshold
        given = scores[np.isfinite(scores)]
        self._binary = bool(np.isin(given, (0.0, 1.0)).all())

    def figure(self, values: Values) -> AnswerFigure | None:
        """Return a measure's figure; `None` where people or the measure say the same of all."""
        kept = np.isfinite(values.values) & np.isfinite(self._scores)
        measure, scores = values.values[kept], self._scores[kept]
        if not _differ(measure) or not _differ(scores):
            return None
        layout, draws = self._layouts.of(kept)
        with_threshold = self._binary and values.direction != "none"
        auc = Coefficient()
        if self._binary:
            drawn = np.concatenate(
                [
                    areas(measure, scores, batch.articles[layout.article])
                    for batch in draws.batches(4 * len(layout))
                ]
            )
            value = areas(measure, scores, np.ones((len(layout), 1)))[0]
            auc = Coefficient(float(value), interval(drawn))
        return AnswerFigure(
            values.measure,
            self._aspect,
            len(layout),
            accuracy(measure, scores, self._threshold, layout, draws) if with_threshold else None,
            auc,
            pooled_level(layout, measure, scores, draws),
            system_level(layout, measure, scores, draws),
            self._by_system(layout, measure, scores, with_threshold),
        )

    def _by_system(
        self, layout: Layout, measure: Floats, scores: Floats, with_threshold: bool
    ) -> tuple[BySystem, ...]:
        rows = []
        for place, name in enumerate(layout.systems):
            own = layout.system == place
            if not own.any():
                continue
            said, people = measure[own], scores[own]
            right = (said >= self._threshold) == (people == 1)
            area = areas(said, people, np.ones((len(said), 1)))[0] if self._binary else np.nan
            rows.append(
                BySystem(
                    name,
                    int(own.sum()),
                    float(people.mean()),
                    float(said.mean()),
                    float(right.mean()) if with_threshold else None,
                    float(area) if np.isfinite(area) else None,
                )
            )
        return tuple(sorted(rows, key=lambda row: (-row.people, row.system)))

    def comparisons(self, measures: Sequence[Values]) -> list[Comparison]:
        """Return the comparisons of accuracy of every two measures that have a threshold."""
        able = [values for values in measures if values.direction != "none" and values.scored]
        if not self._binary or len(able) < 2:
            return []
        kept = np.logical_and.reduce(
            [np.isfinite(self._scores), *(np.isfinite(values.values) for values in able)]
        )
        if not kept.any():
            return []
        layout, draws = self._layouts.of(kept)
        people = self._scores[kept] == 1
        right = [
            ((values.values[kept] >= self._threshold) == people).astype(np.float64)
            for values in able
        ]
        subject = Subject(self._aspect, None, "accuracy")
        names = [values.measure for values in able]
        return compare_by_group(subject, names, right, layout.article, draws)


def system_order(
    figures: Sequence[AnswerFigure], aspect: str
) -> list[tuple[str, float, Mapping[str, float]]]:
    """Return the systems in the order of people, each with the mean of people and each measure."""
    of_aspect = [figure for figure in figures if figure.aspect == aspect]
    means: dict[str, dict[str, float]] = {}
    people: dict[str, float] = {}
    for figure in of_aspect:
        for row in figure.by_system:
            people.setdefault(row.system, row.people)
            means.setdefault(row.system, {})[figure.measure] = row.measure
    order = sorted(people, key=lambda system: (-people[system], system))
    return [(system, people[system], means[system]) for system in order]


def _differ(values: Floats) -> bool:
    return len(values) > 1 and bool((values != values[0]).any())
