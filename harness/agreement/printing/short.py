"""A figure in a few words, as it can stand beside a measure: ".42 [.38, .46] on summeval"."""

from collections.abc import Sequence

from harness.agreement.agreement import SetAgreement
from harness.agreement.answers import AnswerFigure
from harness.agreement.summaries import Figure
from harness.metrics.agreement.correlation_text import number, with_interval


def short_figure(figure: Figure, set_name: str, both: bool = False) -> str:
    """Return Spearman's correlation of a summaries' measure, and what it is of.

    Per article, its interval over articles, or over articles and systems if there is one; over all
    texts, and said so, where articles have not several.
    """
    spearman = figure.quoted.spearman
    interval = (both and spearman.both) or spearman.articles
    told = [figure.source, "pooled" if figure.level == "pooled" else None]
    place = ", ".join(filter(None, told))
    return (
        f"{with_interval(spearman.value, interval)} on {set_name}{f' ({place})' if place else ''}"
    )


def short_answer(figure: AnswerFigure, set_name: str) -> str:
    """Return how well an answers' measure tells right from wrong, or its Spearman's correlation."""
    if figure.auc.value is None:
        spearman = figure.pooled.spearman
        return f"{with_interval(spearman.value, spearman.articles)} on {set_name} (pooled)"
    auc = f"AUC {with_interval(figure.auc.value, figure.auc.articles)}"
    if figure.accuracy is None:
        return f"{auc} on {set_name}"
    told = figure.accuracy
    accuracy = with_interval(told.value, told.interval)
    return f"{auc}, right {accuracy} (always the same: {number(told.always)}) on {set_name}"


def short_forms(sets: Sequence[SetAgreement], both: bool = False) -> dict[str, dict[str, str]]:
    """Return each measure's figures by aspect, those of all sets in a line.

    Intervals are over articles, or `both` articles and systems where four are known or more.

    Of a set that mixes sources each source stands alone: over all of them together a measure that
    tells the sources apart would seem to agree.
    """
    texts: dict[str, dict[str, list[str]]] = {}
    for found in sets:
        for figure in found.summaries:
            if figure.quoted.spearman.value is not None and _is_told(figure, found):
                texts.setdefault(figure.measure, {}).setdefault(figure.aspect, []).append(
                    short_figure(figure, found.name, both)
                )
        for answer in found.answers:
            texts.setdefault(answer.measure, {}).setdefault(answer.aspect, []).append(
                short_answer(answer, found.name)
            )
    return {
        measure: {aspect: "; ".join(parts) for aspect, parts in by_aspect.items()}
        for measure, by_aspect in texts.items()
    }


def _is_told(figure: Figure, found: SetAgreement) -> bool:
    return not found.sources or figure.source is not None
