r"""The figures of agreement that stand at each metric's column, and their tables for the docs.

    harness agreement judgments/ --with chrf,bertscore --json > all.json
    harness agreement judgments/summeval.jsonl.gz --half even --with chrf,bertscore --json \
      > even.json
    python benchmarks/agreement_figures.py all.json even.json

writes harness/metrics/agreement/figures.toml, and prints the tables. Each file adds to the last:
a measure may come from one file, and the others from another.
"""

import json
import sys
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from agreement import cell, number, table

from harness.metrics.agreement.figures import FILE, AgreementFigure
from harness.metrics.options import USUAL, task_metrics
from harness.records import TASKS, Task

# What is asked of every metric: set, half, source, aspect and level.
SUMMARIES = (
    ("summeval", "even", None, "consistency", "article"),
    ("qags_cnndm", None, None, "consistency", "pooled"),
    ("qags_xsum", None, None, "consistency", "pooled"),
    ("frank", None, "cnndm", "factuality", "article"),
    ("frank", None, "xsum", "factuality", "article"),
    ("summedits", None, None, "consistent", "article"),
    ("summeval", "even", None, "relevance", "article"),
    ("realsumm", None, None, "litepyramid_recall", "article"),
    ("rose_cnndm_protocol", None, None, "acu", "article"),
    ("rose_cnndm_protocol", None, None, "ref_free", "article"),
)
ANSWERS = (
    ("qa_evouna_nq", "correct", "answers"),
    ("qa_evouna_nq", "correct", "systems"),
    ("qa_nq301", "correct", "answers"),
    ("qa_nq301", "correct", "systems"),
    ("qa_efficientqa_nq", "correct", "answers"),
    ("qa_truthfulqa", "correct", "answers"),
    ("qa_sas_squad", "equivalent", "answers"),
    ("qa_kpqa_narrativeqa", "correct", "pooled"),
)
DIGITS = 4

Sets = Mapping[tuple[str, str | None], Mapping[str, Any]]


def read_sets(paths: Sequence[str]) -> Sets:
    """Return what was found by set and half; figures of one set in several files come together."""
    sets: dict[tuple[str, str | None], dict[str, Any]] = {}
    for path in paths:
        for found in json.loads(Path(path).read_text(encoding="utf-8"))["sets"]:
            known = sets.setdefault((found["name"], found.get("half")), found)
            if known is not found:
                for name in ("measures", "summaries", "answers"):
                    known[name] = [*known[name], *found[name]]
    return sets


def summary_figures(sets: Sets, measure: str) -> Iterator[AgreementFigure]:
    """Yield the figures of a measure of summaries; none of a set that cannot have one."""
    for name, half, source, aspect, level in SUMMARIES:
        for found in sets.get((name, half), {}).get("summaries", ()):
            if (found["measure"], found["aspect"], found["source"]) == (measure, aspect, source):
                told = found["article"]["level"] if level == "article" else found["pooled"]
                yield from figure(told["spearman"], told["n"], level, name, aspect, source, half)


def answer_figures(sets: Sets, measure: str) -> Iterator[AgreementFigure]:
    """Yield the figures of a measure of answers."""
    for name, aspect, level in ANSWERS:
        for found in sets.get((name, None), {}).get("answers", ()):
            if (found["measure"], found["aspect"]) != (measure, aspect):
                continue
            if level != "answers":
                told = found["system" if level == "systems" else "pooled"]
                yield from figure(told["spearman"], told["n"], level, name, aspect)
            elif (told := found["accuracy"]) is not None:
                low, high = ends(told["interval"])
                yield AgreementFigure(
                    aspect=aspect, set=name, level="answers", statistic="accuracy",
                    value=round(told["value"], DIGITS), low=low, high=high, n=found["n"],
                    always=round(told["always"], DIGITS),
                )  # fmt: skip


def figure(
    coefficient: Mapping[str, Any],
    n: int,
    level: Any,
    name: str,
    aspect: str,
    source: str | None = None,
    half: Any = None,
) -> Iterator[AgreementFigure]:
    """Yield the figure of a correlation, if there is one."""
    if coefficient["value"] is not None:
        low, high = ends(coefficient["articles"])
        yield AgreementFigure(
            aspect=aspect, set=name, source=source, half=half, level=level, statistic="spearman",
            value=round(coefficient["value"], DIGITS), low=low, high=high, n=n,
        )  # fmt: skip


def ends(interval: Sequence[float] | None) -> tuple[float | None, float | None]:
    """Return the ends of an interval, rounded."""
    return (round(interval[0], DIGITS), round(interval[1], DIGITS)) if interval else (None, None)


def recorded(sets: Sets, task: Task) -> dict[str, tuple[str, list[AgreementFigure]]]:
    """Return the signature and the figures of each metric of a task that has some.

    The signature is the one that a leaderboard has, where it has the metric.
    """
    of_task = [found for found in sets.values() if found["task"] == task]
    signatures = {m["measure"]: m["signature"] for found in of_task for m in found["measures"]}
    signatures |= {
        name: signature
        for name, signature in task_metrics(task, USUAL).signatures.items()
        if name in signatures
    }
    found_figures = summary_figures if task == "summarize" else answer_figures
    figures = {name: list(found_figures(sets, name)) for name in signatures}
    return {name: (signatures[name], own) for name, own in figures.items() if own}


def toml_lines(
    task: Task, metrics: Mapping[str, tuple[str, list[AgreementFigure]]]
) -> Iterator[str]:
    """Yield the lines of a task's metrics."""
    for name, (signature, figures) in metrics.items():
        yield f"[{task}.{name}]"
        yield f"signature = {json.dumps(signature)}"
        yield "figures = ["
        for own in figures:
            items = own.model_dump(exclude_none=True).items()
            yield f"  {{ {', '.join(f'{key} = {json.dumps(value)}' for key, value in items)} }},"
        yield "]\n"


def print_table(metrics: Mapping[str, tuple[str, list[AgreementFigure]]]) -> None:
    """Print a table with a line a set and aspect, and a column a metric."""
    places: dict[tuple[str, str], dict[str, AgreementFigure]] = {}
    for name, (_, figures) in metrics.items():
        for own in figures:
            of_what = own.aspect if own.level != "systems" else f"{own.aspect}, order of systems"
            places.setdefault((own.place, of_what), {})[name] = own
    for start in range(0, len(metrics), 6):
        names = list(metrics)[start : start + 6]
        rows = (
            (place, aspect, always(own), *(text(own.get(name)) for name in names))
            for (place, aspect), own in places.items()
            if any(name in own for name in names)
        )
        answers = any(own.always is not None for row in places.values() for own in row.values())
        headers = ["set", "aspect", "the same of all", *names]
        kept = [place for place in range(len(headers)) if answers or place != 2]
        table([headers[i] for i in kept], ([row[i] for i in kept] for row in rows))


def always(figures: Mapping[str, AgreementFigure]) -> str:
    """Return what saying the same of all answers would get."""
    values = [own.always for own in figures.values() if own.always is not None]
    return number(values[0]) if values else ""


def text(own: AgreementFigure | None) -> str:
    """Return a cell of the table."""
    if own is None:
        return ""
    return cell(own.value, None if own.low is None or own.high is None else (own.low, own.high))


if __name__ == "__main__":
    found_sets = read_sets(sys.argv[1:])
    lines = [
        "# How far metrics agree with people, by benchmarks/agreement_figures.py: do not edit."
    ]
    for made_task in TASKS:
        found_metrics = recorded(found_sets, made_task)
        lines += ["", *toml_lines(made_task, found_metrics)]
        print(f"{made_task}\n")
        print_table(found_metrics)
    FILE.write_text("\n".join(lines).rstrip() + "\n", encoding="utf-8")
