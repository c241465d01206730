"""The tables of docs/agreement.md, from what `harness agreement FOLDER --json` has printed.

python benchmarks/agreement.py agreement.json
"""

import json
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

SUMMARIES = ("rouge1", "rouge2", "rougeLsum", "rouge1_recall", "source_precision", "words")
SYSTEMS = ("rouge1", "rougeLsum", "rouge1_recall", "source_precision", "words")
BORNE_OUT = (
    "support", "support_least", "source_rouge2_precision", "unsupported", "novel_2grams",
    "extractive_coverage", "extractive_density",
)  # fmt: skip
FURTHER = ("chrf", "chrf_plus_plus", "bertscore_precision", "bertscore_recall", "bertscore_f1")
BORNE_OUT_SYSTEMS = ("support", "source_rouge2_precision", "unsupported")
ANSWERS = ("exact_match", "f1", "contains", "token_recall", "words")


def number(value: float | None, digits: int = 2) -> str:
    """Return a number without the zero before its point."""
    if value is None:
        return ""
    text = f"{value:.{digits}f}"
    text = text.removeprefix("-") if not text.strip("-0.") else text
    return text.replace("0.", ".", 1) if text.lstrip("-").startswith("0.") else text


def cell(value: float | None, ends: Sequence[float] | None) -> str:
    """Return a number with its interval."""
    if value is None or ends is None:
        return number(value)
    return f"{number(value)} [{number(ends[0])}, {number(ends[1])}]"


def table(headers: Sequence[str], rows: Iterator[Sequence[str]]) -> None:
    """Print a table."""
    print(f"| {' | '.join(headers)} |\n|{'---|' * len(headers)}")
    for row in rows:
        print(f"| {' | '.join(row)} |")
    print()


def by_aspect(found: dict[str, Any]) -> Iterator[tuple[str, str, dict[str, Any]]]:
    """Yield the figures of a set's summaries by aspect and source, by measure."""
    for source in found["sources"] or [None]:
        for aspect in found["aspects"]:
            figures = {
                figure["measure"]: figure
                for figure in found["summaries"]
                if (figure["aspect"], figure["source"]) == (aspect["aspect"], source)
            }
            name = f"{found['name']}, {source}" if source else found["name"]
            if figures:
                yield name, aspect["aspect"], figures


def quoted(sets: Sequence[dict[str, Any]], measures: Sequence[str]) -> Iterator[Sequence[str]]:
    """Yield a row a set and aspect: Spearman's correlation per article, or pooled.

    Sets that have none of the measures have no row.
    """
    for found in sets:
        for name, aspect, figures in by_aspect(found):
            if not figures.keys() & set(measures):
                continue
            level = next(iter(figures.values()))["level"]
            cells = []
            for measure in measures:
                figure = figures.get(measure)
                if figure is None:
                    cells.append("")
                    continue
                at = figure["article"]["level"] if level == "article" else figure["pooled"]
                text = cell(at["spearman"]["value"], at["spearman"]["articles"])
                counted = level == "article" and measure == "unsupported"
                cells.append(f"{text} of {at['n']}" if counted and text else text)
            counts = [figures[m]["article"]["level"]["n"] for m in measures if m in figures]
            of = f"{max(counts)}" if level == "article" else "pooled"
            yield [name, aspect, of, *cells]


def systems(sets: Sequence[dict[str, Any]], measures: Sequence[str]) -> Iterator[Sequence[str]]:
    """Yield a row a set and aspect: Spearman's correlation of systems, both drawn again."""
    for found in sets:
        for name, aspect, figures in by_aspect(found):
            levels = {m: figures[m]["system"] for m in measures if m in figures}
            if any(level["spearman"]["value"] is not None for level in levels.values()):
                count = max(level["n"] for level in levels.values())
                cells = [
                    cell(levels[m]["spearman"]["value"], levels[m]["spearman"]["both"])
                    if m in levels
                    else ""
                    for m in measures
                ]
                yield [name, aspect, f"{count}", *cells]


def answers(sets: Sequence[dict[str, Any]], what: str) -> Iterator[Sequence[str]]:
    """Yield a row a set and label: of each measure its accuracy, its area, or its correlation."""
    for found in sets:
        for aspect in found["aspects"]:
            figures = {f["measure"]: f for f in found["answers"] if f["aspect"] == aspect["aspect"]}
            binary = any(figure["accuracy"] for figure in figures.values())
            if not figures or binary != (what != "pooled"):
                continue
            n = f"{max(figure['n'] for figure in figures.values()):,}"
            always = next(
                (f["accuracy"]["always"] for f in figures.values() if f["accuracy"]), None
            )
            cells = []
            for measure in ANSWERS:
                figure = figures.get(measure)
                if figure is None or (what == "accuracy" and figure["accuracy"] is None):
                    cells.append("")
                elif what == "accuracy":
                    cells.append(cell(figure["accuracy"]["value"], figure["accuracy"]["interval"]))
                else:
                    at = figure["auc"] if what == "auc" else figure["pooled"]["spearman"]
                    cells.append(cell(at["value"], at["articles"]))
            first = [found["name"], aspect["aspect"], n]
            yield [*first, *([number(always)] if what == "accuracy" else []), *cells]


def order(sets: Sequence[dict[str, Any]]) -> Iterator[Sequence[str]]:
    """Yield a row a set: Spearman's correlation of systems' means, over questions drawn again."""
    for found in sets:
        for aspect in found["aspects"]:
            figures = {f["measure"]: f for f in found["answers"] if f["aspect"] == aspect["aspect"]}
            levels = {m: figures[m]["system"] for m in ANSWERS if m in figures}
            if any(level["spearman"]["value"] is not None for level in levels.values()):
                cells = [
                    cell(level["spearman"]["value"], level["spearman"]["articles"])
                    for level in levels.values()
                ]
                yield [found["name"], f"{max(x['n'] for x in levels.values())}", *cells]


def main() -> None:
    """Print all tables."""
    sets = json.loads(Path(sys.argv[1]).read_text(encoding="utf-8"))["sets"]
    table(["set", "aspect", "articles", *SUMMARIES], quoted(sets, SUMMARIES))
    table(["set", "aspect", "articles", *BORNE_OUT], quoted(sets, BORNE_OUT))
    table(["set", "aspect", "articles", *FURTHER], quoted(sets, FURTHER))
    table(["set", "aspect", "systems", *SYSTEMS], systems(sets, SYSTEMS))
    table(["set", "aspect", "systems", *BORNE_OUT_SYSTEMS], systems(sets, BORNE_OUT_SYSTEMS))
    table(["set", "label", "answers", "always", *ANSWERS], answers(sets, "accuracy"))
    table(["set", "label", "answers", *ANSWERS], answers(sets, "auc"))
    table(["set", "label", "answers", *ANSWERS], answers(sets, "pooled"))
    table(["set", "systems", *ANSWERS], order(sets))


if __name__ == "__main__":
    main()
