"""What may be chosen of the metrics for texts of another kind than English, in one place."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, fields, replace
from pathlib import Path
from typing import Any, Literal

from harness.metrics import FAMILIES, Metrics, metrics
from harness.metrics.answers.normalization import Normalization
from harness.metrics.languages import language_code
from harness.metrics.rouge.rouge import TYPES, Rouge
from harness.metrics.rouge.tokenization import Tokenizer
from harness.records import Task

_OF_TASK: Mapping[Task, tuple[str, ...]] = {
    "summarize": ("language", "tokenizer", "stemmer", "sentences", "references"),
    "answer": ("language", "normalization"),
}

# What is of one task alone.
_FLAGS = {
    "tokenizer": "--tokenizer",
    "stemmer": "--no-stemmer",
    "sentences": "--sentences",
    "references": "--several-references",
    "normalization": "--normalization",
}


@dataclass(frozen=True)
class MetricOptions:
    """The language of the texts, and how they are parted and made alike; `None`: as it is usual.

    `normalization` is of answers (`harness.metrics.answers.normalization`), all but it and the
    language of ROUGE (`harness.metrics.rouge.rouge`).
    """

    language: str | None = None
    tokenizer: Tokenizer | None = None
    stemmer: bool | None = None
    sentences: Literal["harness", "newline"] | None = None
    references: Literal["best", "mean", "jackknife"] | None = None
    normalization: Normalization | None = None

    @property
    def chosen(self) -> dict[str, object]:
        """All that is not as usual; English is."""
        values = {field.name: getattr(self, field.name) for field in fields(self)}
        if self.language and language_code(self.language) == "en":
            values["language"] = None
        return {name: value for name, value in values.items() if value is not None}

    def of(self, task: Task) -> dict[str, object]:
        """Return what is chosen of a task's metrics, by the names of their class's options."""
        return {name: value for name, value in self.chosen.items() if name in _OF_TASK[task]}

    def of_no_task(self, tasks: Collection[Task]) -> dict[Task, list[str]]:
        """Return what is chosen of the metrics of other tasks alone, by its flags."""
        return {
            task: flags
            for task, names in _OF_TASK.items()
            if task not in tasks
            and (flags := [_FLAGS[n] for n in names if n in self.chosen and n in _FLAGS])
        }

    def in_language(self, language: str | None) -> "MetricOptions":
        """Return the same in a language, where none is chosen."""
        return self if self.language or not language else replace(self, language=language)


USUAL = MetricOptions()


def chosen_by_flags(flags: Mapping[str, Any]) -> MetricOptions:
    """Return what a command line chose, whose options are those of `harness.command.options`."""
    return MetricOptions(
        language=flags["language"],
        tokenizer=flags["tokenizer"],
        stemmer=flags["stemmer"],
        sentences=flags["sentences"],
        references=flags["several_references"],
        normalization=flags["normalization"],
    )


def task_metrics(task: Task, options: MetricOptions, **more: object) -> Metrics:
    """Return a leaderboard's metrics of a task, with what was chosen of them and `more`."""
    return metrics(task, {**FAMILIES[task][1], **options.of(task), **more})


def rouge(
    options: MetricOptions,
    references: Literal["best", "mean", "jackknife"],
    types: Sequence[str] = TYPES,
    exceptions: Path | None = None,
) -> Rouge:
    """Return ROUGE alone with what was chosen of it, but for what it makes of references."""
    chosen: dict[str, Any] = {**options.of("summarize"), "references": references}
    return Rouge(types, exceptions=exceptions, **chosen)
