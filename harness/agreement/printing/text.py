"""The agreement as a person reads it: a table a set and aspect, the best measure first."""

from collections.abc import Sequence

from harness.agreement.agreement import SetAgreement
from harness.agreement.answers import AnswerFigure, system_order
from harness.agreement.correlations.comparing import Comparison
from harness.agreement.summaries import Figure
from harness.metrics.agreement.correlation_text import number, with_interval
from harness.stats.intervals import FEW_FOR_BOOTSTRAP
from harness.tables.table import Note, Notes, Part, Table, TableRow, columns_going

_SUMMARY = (
    "measure", "article", "both", "n", "tau", "r", "pooled", "systems", "pairs", "p",
)  # fmt: skip
_ANSWER = (
    "measure", "accuracy", "balanced", "AUC", "too kind", "too harsh", "pooled", "r", "systems",
    "p",
)  # fmt: skip
# What goes first where the terminal is narrow.
_GOING = (
    "tau", "r", "too kind", "too harsh", "balanced", "pairs", "systems", "p", "both", "n",
)  # fmt: skip

_LEGEND = (
    "Spearman's correlation with people: article is the mean within articles, n of how many "
    "count; both has the interval over other articles and other systems; pooled is over all "
    "texts, systems over systems' means. tau is Kendall's tau-b and r Pearson's, per article, or "
    "over all texts where articles have not three. "
    "pairs is how often two texts of an article are ordered alike, ties calibrated. In brackets "
    "the 95 % interval over articles. p: is the first row better, adjusted for all pairs."
)
_ANSWER_LEGEND = (
    "accuracy is how often a measure at the threshold says what people say; balanced is the mean "
    "over right and wrong answers; too kind and too harsh count the other cases. AUC is how often "
    "a right answer is above a wrong one. pooled is Spearman's correlation over all answers and r "
    "Pearson's, systems Spearman's over systems' means. In brackets the 95 % interval over "
    "questions. p: is the first row more accurate, adjusted for all pairs."
)


def agreement_parts(sets: Sequence[SetAgreement]) -> list[Part]:
    """Return the tables of all sets, with what each leaves out, and how to read them."""
    parts: list[Part] = []
    for found in sets:
        for source in (None, *found.sources):
            for aspect in found.aspects:
                parts += _summary_parts(found, aspect.aspect, source)
        for aspect in found.aspects:
            parts += _answer_parts(found, aspect.aspect)
        if cautions := _cautions(found):
            parts.append(Notes(tuple(Note(text, "warning") for text in cautions)))
    legends = [
        legend
        for legend, has in (
            (_LEGEND, any(found.summaries for found in sets)),
            (_ANSWER_LEGEND, any(found.answers for found in sets)),
        )
        if has
    ]
    return [*parts, *([Notes(tuple(map(Note, legends)))] if legends else [])]


def _summary_parts(found: SetAgreement, aspect: str, source: str | None) -> list[Part]:
    figures = [f for f in found.summaries if f.aspect == aspect and f.source == source]
    mixed = bool(found.sources) and source is None
    per_article = any(figure.article.groups for figure in figures)
    # A measure that tells the sources apart would seem to agree over all texts of them.
    if not figures or (mixed and not per_article):
        return []
    figures.sort(key=lambda figure: -_rank(figure.quoted.spearman.value))
    scope = f", {source}" if source else ", all sources together" if found.sources else ""
    heading = (
        f"{found.name}, {aspect}{scope}: {figures[0].n:,} summaries of "
        f"{_count(found.articles, 'article')} by {_count(len(found.systems), 'system')}"
    )
    if source:
        heading = f"{found.name}, {aspect}{scope}: {figures[0].n:,} summaries"
    rows = [
        TableRow(
            (
                figure.measure,
                with_interval(
                    figure.article.level.spearman.value, figure.article.level.spearman.articles
                ),
                _interval(figure),
                f"{figure.article.level.n}/{figure.article.groups}" if per_article else "-",
                number(figure.quoted.kendall.value),
                number(figure.quoted.pearson.value),
                "-" if mixed else with_interval(pooled.value, pooled.articles),
                with_interval(figure.system.spearman.value, figure.system.spearman.articles),
                with_interval(figure.pairs.value, figure.pairs.interval),
                _p(found.comparisons, figures[0].measure, figure.measure, aspect, source),
            )
        )
        for figure in figures
        for pooled in (figure.pooled.spearman,)
    ]
    return [Notes((Note(heading),)), Table(columns_going(_SUMMARY, _GOING), tuple(rows))]


def _answer_parts(found: SetAgreement, aspect: str) -> list[Part]:
    figures = [figure for figure in found.answers if figure.aspect == aspect]
    if not figures:
        return []
    figures.sort(key=lambda f: -_rank(f.accuracy.value if f.accuracy else f.pooled.spearman.value))
    heading = (
        f"{found.name}, {aspect}: {figures[0].n:,} {found.nouns[0]} "
        f"{'to' if found.nouns[1] == 'question' else 'of'} "
        f"{_count(found.articles, found.nouns[1])} by {_count(len(found.systems), 'system')}"
    )
    accuracy = next((figure.accuracy for figure in figures if figure.accuracy), None)
    if accuracy:
        heading += (
            f"; threshold {accuracy.threshold:g}; to say the same of all would be right for "
            f"{number(accuracy.always)}"
        )
    rows = [
        TableRow(
            (
                figure.measure,
                *_accuracy(figure),
                with_interval(figure.pooled.spearman.value, figure.pooled.spearman.articles),
                number(figure.pooled.pearson.value),
                with_interval(figure.system.spearman.value, figure.system.spearman.articles),
                _p(found.comparisons, figures[0].measure, figure.measure, aspect, None),
            )
        )
        for figure in figures
    ]
    table = Table(columns_going(_ANSWER, _GOING), tuple(rows))
    return [Notes((Note(heading),)), table, *_order(figures, aspect)]


def _accuracy(figure: AnswerFigure) -> tuple[str, str, str, str, str]:
    auc = with_interval(figure.auc.value, figure.auc.articles)
    if figure.accuracy is None:
        return "-", "-", auc, "-", "-"
    told = figure.accuracy
    return (
        with_interval(told.value, told.interval),
        number(told.balanced),
        auc,
        f"{told.false_right:,}",
        f"{told.false_wrong:,}",
    )


def _order(figures: Sequence[AnswerFigure], aspect: str) -> list[Part]:
    """Return a table of the systems in the order of people, with what each measure gives them."""
    order = system_order(figures, aspect)
    if len(order) < 2:
        return []
    names = [figure.measure for figure in figures]
    rows = [
        TableRow((system, number(people), *(number(means.get(name)) for name in names)))
        for system, people, means in order
    ]
    headers = ("system", "people", *names)
    return [Table(columns_going(headers, names[::-1]), tuple(rows))]


def _cautions(found: SetAgreement) -> list[str]:
    """Return what is in no figure of a set, and why."""
    noun, thing = found.nouns
    cautions = [
        f"{found.name}: all {aspect.n:,} scores of {aspect.aspect} are the same; no measure can "
        "agree with them"
        for aspect in found.aspects
        if aspect.constant and aspect.n > 1
    ]
    cautions += [
        f"{found.name}: no {noun} have a score of {aspect.aspect}"
        for aspect in found.aspects
        if not aspect.n
    ]
    if found.articles < FEW_FOR_BOOTSTRAP:
        cautions.append(
            f"{found.name}: one {thing} has no interval: how much {thing}s differ cannot be told"
            if found.articles == 1
            else f"{found.name}: {found.articles} {thing}s are few: the bootstrap's intervals are "
            "too short"
        )
    if found.reference_systems:
        cautions.append(
            f"{found.name}: {', '.join(found.reference_systems)}: the texts are references "
            "themselves; measures that need references leave them out"
        )
    if found.unknown_systems:
        cautions.append(
            f"{found.name}: of {found.unknown_systems:,} of {found.texts:,} {noun} the system is "
            "not known; they are in no figure of systems"
        )
    if found.left_out:
        cautions.append(f"{found.name}: {found.left_out:,} lines say that they are to be left out")
    told = {f.measure for f in found.summaries} | {f.measure for f in found.answers}
    without = {m.measure: m for m in found.measures if m.measure not in told}
    needy: dict[str, list[str]] = {}
    for name, measure in without.items():
        reason = measure.problem or (
            f"needs {'references' if measure.needs == 'references' else 'articles'}, and there are "
            "none"
            if not measure.scored
            else "gives all the same, or there is nothing to agree with"
        )
        needy.setdefault(reason, []).append(name)
    cautions += [f"{found.name}: no figure of {', '.join(n)}: {r}" for r, n in needy.items()]
    partly: dict[str, list[str]] = {}
    for measure in found.measures:
        if measure.measure in told and measure.problem:
            partly.setdefault(measure.problem, []).append(measure.measure)
    cautions += [
        f"{found.name}: {', '.join(names)}: not all {noun} have a value: {problem}"
        for problem, names in partly.items()
    ]
    return cautions


def _p(
    comparisons: Sequence[Comparison], best: str, measure: str, aspect: str, source: str | None
) -> str:
    for comparison in comparisons:
        if (comparison.aspect, comparison.source) == (aspect, source) and {
            comparison.a,
            comparison.b,
        } == {best, measure}:
            p = comparison.p_adjusted
            return "<.001" if p < 0.001 else number(p, 3)
    return "-"


def _interval(figure: Figure) -> str:
    both = figure.article.level.spearman.both
    return "-" if both is None else f"[{number(both.low)}, {number(both.high)}]"


def _rank(value: float | None) -> float:
    return -2.0 if value is None else value


def _count(count: int, noun: str) -> str:
    return f"{count:,} {noun}" if count == 1 else f"{count:,} {noun}s"
