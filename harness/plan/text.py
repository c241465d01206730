"""Plans as a person reads them, in points of the tables, and as machines do."""

import json
from collections.abc import Sequence
from dataclasses import asdict

from harness.plan.plan import Plan
from harness.stats import SIGNIFICANCE_LEVEL, smallest_p
from harness.tables.cells import csv_text
from harness.tables.markdown import markdown_text
from harness.tables.table import Column, Note, Notes, Part, Table, TableRow

FEW_ARTICLES = 10


def plan_parts(plans: Sequence[Plan]) -> list[Part]:
    """Return each plan as a few sentences, each with what it says before it."""
    return [
        Notes(
            (
                Note(_title(plan)),
                Note(f"  now      {_now(plan)}", hang=9),
                Note(f"  needed   {_needed(plan)}", hang=9),
                Note(f"  or       {_or(plan)}", hang=9),
                *([Note(f"  repeats  {told}", hang=9)] if (told := _repeats(plan)) else []),
                Note(f"  because  {_because(plan)}", hang=9),
                Note(f"  rule     {_rule(plan)}", hang=9),
                *(
                    [Note(f"  caution  {caution}", "warning", hang=9)]
                    if (caution := _caution(plan))
                    else []
                ),
            )
        )
        for plan in plans
    ]


def plans_markdown(plans: Sequence[Plan]) -> str:
    """Return a table of the plans, and below it what each is seen from."""
    columns = [Column("task", align="left"), Column("metric", align="left")]
    columns += [
        Column(header) for header in ("difference", "now shows", _nouns(plans), "95 % interval")
    ]
    columns += [Column(header) for header in ("questions", "shown in")]
    rows = [
        TableRow(
            (
                plan.task,
                plan.metric,
                _amount(plan, plan.difference, "g"),
                _detectable(plan),
                f"{plan.articles:,}",
                _interval(plan),
                f"{plan.questions:,}" if plan.task == "answer" else "",
                f"{_share(plan)}, {_share_from(plan)}",
            )
        )
        for plan in plans
    ]
    texts = [
        f"{plan.task}: {text}"
        for plan in plans
        for text in (
            f"now {_now(plan)}; {_because(plan)}",
            f"or {_or(plan)}",
            _repeats(plan),
            f"rule: {_rule(plan)}",
            _caution(plan),
        )
        if text
    ]
    return markdown_text([Table(tuple(columns), tuple(rows)), Notes(tuple(map(Note, texts)))])


def _nouns(plans: Sequence[Plan]) -> str:
    return f"{plans[0].noun if plans else 'article'}s"


def plans_csv(plans: Sequence[Plan]) -> str:
    """Return a line for each plan, with the names of its fields and of those of its spread."""
    header = ["task", "metric", "difference", "model_a", "model_b", "rows", "pairs", "clusters"]
    header += ["per_cluster", "sd", "correlation", "minimum_difference", "articles"]
    header += ["articles_low", "articles_high", "power", "power_error", "questions"]
    header += ["questions_per_article", "references"]
    header += ["repeats", "repeats_error", "repeats_least_error", "repeats_articles"]
    return csv_text(
        header,
        (
            [plan.task, plan.metric, plan.difference, *plan.models, plan.rows, plan.pairs,
             plan.spread.clusters, plan.spread.per_cluster, plan.spread.sd, plan.spread.correlation,
             plan.minimum_difference, plan.articles, plan.articles_low, plan.articles_high,
             plan.power.value, plan.power.error, plan.questions, plan.questions_per_article,
             plan.references, *(asdict(plan.repeats).values() if plan.repeats else [None] * 4)]
            for plan in plans
        ),
    )  # fmt: skip


def plans_json(plans: Sequence[Plan]) -> str:
    """Return plans as JSON text, with the names of their fields."""
    return json.dumps([asdict(plan) for plan in plans], indent=2, allow_nan=False)


def _title(plan: Plan) -> str:
    amount = _amount(plan, plan.difference, "g")
    return f"{plan.task}, {plan.metric}: to show a difference of {amount}"


def _amount(plan: Plan, value: float, digits: str = ".1f") -> str:
    """Return a difference or deviation: of a share in points, of another metric as it is."""
    return f"{100 * value:{digits}} points" if plan.is_share else f"{value:{digits}}"


def _now(plan: Plan) -> str:
    spread = plan.spread
    per_article = "one summary"
    if plan.task == "answer" or spread.per_cluster != 1:
        texts = "questions" if plan.task == "answer" else "summaries"
        per_article = f"{spread.per_cluster:.1f} {texts}"
    told = f"{spread.clusters} {plan.noun}s with {per_article} each show {_detectable(plan)}"
    if smallest_p(spread.clusters) >= SIGNIFICANCE_LEVEL:
        told += f": p is at least {smallest_p(spread.clusters):.4g}"
    return told


def _detectable(plan: Plan) -> str:
    least = plan.minimum_difference
    return _amount(plan, least) if least is not None else "none"


def _needed(plan: Plan) -> str:
    questions = f", with {plan.questions:,} questions in all" if plan.task == "answer" else ""
    return (
        f"{plan.articles:,} {plan.noun}s like these (95 % interval {_interval(plan)}){questions}: "
        f"they show it in {_share(plan)} of suites, {_share_from(plan)}"
    )


def _interval(plan: Plan) -> str:
    high = f"{plan.articles_high:,}" if plan.articles_high is not None else "over ten million"
    return f"{plan.articles_low:,} to {high}"


def _share(plan: Plan) -> str:
    return f"{100 * plan.power.value:.0f} %"


def _share_from(plan: Plan) -> str:
    error = plan.power.error
    return f"simulated (± {100 * error:.1f})" if error is not None else "by the t distribution"


def _or(plan: Plan) -> str:
    if plan.references is not None:
        return f"more references: what they would bring {plan.references}"
    articles = plan.spread.clusters
    if plan.questions_per_article is not None:
        return f"{articles} {plan.noun}s with {plan.questions_per_article:,} questions each"
    if smallest_p(articles) >= SIGNIFICANCE_LEVEL:
        return f"no number of questions: {articles} {plan.noun}s show nothing by an exact test"
    if plan.spread.per_cluster == 1:
        return "more questions: what they would bring cannot be told from one an article"
    return f"no number of questions: {articles} {plan.noun}s differ too much"


def _rule(plan: Plan) -> str:
    if plan.pairs == 1:
        return "that of the table, of one pair, at the 5 % level"
    return (
        f"that of the table, all {plan.pairs} pairs of {plan.rows} rows at once, at the 5 % level"
    )


def _repeats(plan: Plan) -> str | None:
    """Return what more repeats would bring; `None` where no model was asked several times."""
    gain = plan.repeats
    if gain is None:
        return None
    told = (
        f"with ever more than {gain.count} the standard error of the difference falls from "
        f"{_amount(plan, gain.standard_error)} to {_amount(plan, gain.least)}"
    )
    if gain.articles is None:
        return f"{told}: all of it comes of repeats"
    return f"{told}; {gain.articles:,} {plan.noun}s with {gain.count} each do as much"


def _because(plan: Plan) -> str:
    between = (
        f", {100 * plan.spread.correlation:.0f} % of the variance between {plan.noun}s"
        if plan.task == "answer"
        else ""
    )
    return (
        f"{plan.models[0]} and {plan.models[1]}, the middle one of all pairs, differ by example "
        f"with a standard deviation of {_amount(plan, plan.spread.sd)}{between}"
    )


def _caution(plan: Plan) -> str | None:
    if plan.spread.clusters >= FEW_ARTICLES:
        return None
    return f"seen from {plan.spread.clusters} {plan.noun}s this is a rough guess"
