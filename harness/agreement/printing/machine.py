"""The agreement as machines read it: JSON with all facts, and CSV with a line a figure."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import fields, is_dataclass
from typing import Any

from harness.agreement.agreement import SetAgreement
from harness.agreement.answers import AnswerFigure
from harness.agreement.correlations.draws import DRAWS, SEED
from harness.agreement.correlations.levels import Coefficient, Level
from harness.agreement.printing.short import short_forms
from harness.agreement.summaries import Figure
from harness.stats import Interval
from harness.tables.cells import csv_text

# What a figure has for further computing alone: a number a group.
_NOT_TOLD = {"by_group"}


def agreement_json(sets: Sequence[SetAgreement]) -> str:
    """Return all sets as JSON text, with the names of the fields of their records.

    `short` has each measure's figures in words, by measure and aspect, `short_both` the same with
    intervals over systems too; `draws` and `seed` are of
    the bootstrap.
    """
    content = {
        "draws": DRAWS,
        "seed": SEED,
        "sets": [_plain(found) for found in sets],
        "short": short_forms(sets),
        "short_both": short_forms(sets, both=True),
    }
    return json.dumps(content, indent=2, allow_nan=False, ensure_ascii=False)


def _plain(value: Any) -> Any:
    if isinstance(value, Interval):
        return [value.low, value.high]
    if is_dataclass(value) and not isinstance(value, type):
        level = {"level": value.level} if isinstance(value, Figure) else {}
        return level | {
            field.name: _plain(getattr(value, field.name))
            for field in fields(value)
            if field.name not in _NOT_TOLD
        }
    if isinstance(value, tuple | list):
        return [_plain(item) for item in value]
    if isinstance(value, Mapping):
        return {key: _plain(item) for key, item in value.items()}
    return value


def agreement_csv(sets: Sequence[SetAgreement]) -> str:
    """Return a line a figure, summaries' and answers' alike; what one has not is empty."""
    lines = []
    for found in sets:
        signatures = {measure.measure: measure.signature for measure in found.measures}
        figures = [*map(_summary, found.summaries), *map(_answer, found.answers)]
        for cells in figures:
            signature = signatures[str(cells["measure"])]
            cells |= {"set": found.name, "task": found.task, "signature": signature}
        lines += figures
    return csv_text(COLUMNS, ([line.get(name) for name in COLUMNS] for line in lines))


_ENDS = ("", "_low", "_high")


def _with_ends(names: Sequence[str]) -> list[str]:
    return [f"{name}{end}" for name in names for end in _ENDS]


COLUMNS = [
    "set", "task", "source", "aspect", "measure", "n", "level",
    "groups", "constant_scores", "constant_measure", "article_n",
    *_with_ends(["article_spearman"]), "article_both_low", "article_both_high",
    "article_kendall", "article_pearson",
    "pooled_n", *_with_ends(["pooled_spearman"]), "pooled_kendall", "pooled_pearson",
    "system_n", *_with_ends(["system_spearman"]), "system_both_low", "system_both_high",
    "system_kendall", "system_pearson",
    "pairs", *_with_ends(["pair_accuracy"]), "pair_threshold", "pair_uncalibrated",
    *_with_ends(["accuracy"]), "threshold", "always", "balanced", "false_right", "false_wrong",
    *_with_ends(["auc"]), "signature",
]  # fmt: skip


def _summary(figure: Figure) -> dict[str, object]:
    pairs, article = figure.pairs, figure.article
    return {
        "source": figure.source,
        "aspect": figure.aspect,
        "measure": figure.measure,
        "n": figure.n,
        "level": figure.level,
        "groups": article.groups,
        "constant_scores": article.constant_scores,
        "constant_measure": article.constant_measure,
        **_level("article", article.level),
        **_level("pooled", figure.pooled),
        **_level("system", figure.system),
        "pairs": pairs.pairs,
        **_ended("pair_accuracy", pairs.value, pairs.interval),
        "pair_threshold": pairs.threshold,
        "pair_uncalibrated": pairs.uncalibrated,
    }


def _answer(figure: AnswerFigure) -> dict[str, object]:
    cells: dict[str, object] = {
        "aspect": figure.aspect,
        "measure": figure.measure,
        "n": figure.n,
        "level": "pooled",
        **_level("pooled", figure.pooled),
        **_level("system", figure.system),
        **_coefficient("auc", figure.auc),
    }
    if figure.accuracy is not None:
        told = figure.accuracy
        cells |= _ended("accuracy", told.value, told.interval)
        cells |= {
            "threshold": told.threshold,
            "always": told.always,
            "balanced": told.balanced,
            "false_right": told.false_right,
            "false_wrong": told.false_wrong,
        }
    return cells


def _level(name: str, level: Level) -> dict[str, object]:
    both = level.spearman.both
    return {
        f"{name}_n": level.n,
        **_coefficient(f"{name}_spearman", level.spearman),
        f"{name}_both_low": both and both.low,
        f"{name}_both_high": both and both.high,
        f"{name}_kendall": level.kendall.value,
        f"{name}_pearson": level.pearson.value,
    }


def _coefficient(name: str, coefficient: Coefficient) -> dict[str, object]:
    return _ended(name, coefficient.value, coefficient.articles)


def _ended(name: str, value: float | None, interval: Interval | None) -> dict[str, object]:
    return {
        name: value,
        f"{name}_low": interval and interval.low,
        f"{name}_high": interval and interval.high,
    }
