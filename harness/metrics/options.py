"""What may be chosen of the metrics for texts of another kind than English, in one place."""

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, fields, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal, cast

from harness.errors import MetricError, UsageError, did_you_mean
from harness.metrics import FAMILIES, BatchMetrics, Metrics, metrics
from harness.metrics.answers.normalization import Normalization
from harness.metrics.languages import language_code
from harness.metrics.own.family import SideMetric, WithOwn
from harness.metrics.own.metric import OwnMetric, named_metric
from harness.metrics.references import ReferenceRule
from harness.metrics.rouge.rouge import TYPES, Rouge
from harness.metrics.rouge.tokenization import Tokenizer
from harness.own_code.code import NamedCode
from harness.own_code.file import OwnCode
from harness.own_code.installed import METRIC_GROUP
from harness.records import Task

if TYPE_CHECKING:
    from harness.metrics.answers.equivalence import AnswerJudge, Equivalence
    from harness.metrics.bertscore.matching import TokenEncoder

_OF_TASK: Mapping[Task, tuple[str, ...]] = {
    "summarize": ("language", "tokenizer", "stemmer", "sentences", "references"),
    "answer": ("language", "normalization"),
}

# Metrics that a leaderboard has where they are asked for, and whose predictions each scores.
FURTHER_OF_TASK: Mapping[Task, tuple[str, ...]] = {
    "summarize": ("rouge_parts", "chrf", "bertscore"),
    "answer": ("equivalence",),
}
FURTHER = tuple(name for names in FURTHER_OF_TASK.values() for name in names)

# What is of one task alone.
_FLAGS = {
    "tokenizer": "--tokenizer",
    "stemmer": "--no-stemmer",
    "sentences": "--sentences",
    "references": "--several-references",
    "normalization": "--normalization",
}


@dataclass(frozen=True, slots=True)
class Encoder:
    """What embeds tokens for BERTScore, and which layer of it counts, from 1 on.

    `name` is how a person names both: `minilm-lexrank#6`.
    """

    name: str
    layer: int
    tokens: "TokenEncoder"


@dataclass(frozen=True)
class MetricOptions:
    """The language of the texts, and how they are parted and made alike; `None`: as it is usual.

    `normalization` is of answers (`harness.metrics.answers.normalization`), all but it and the
    language of ROUGE (`harness.metrics.rouge.rouge`). `further` are metrics beside the usual
    ones, of `FURTHER`. `encoder` names that of BERTScore; what was found by the name is
    `loaded_encoder`, and `loaded_judge` is what equivalence asks
    (`harness.models.roster.encoders`). `own_code` are classes of one's own that score too, each
    with the name that it was given; `own` are those that `with_own` has loaded.
    """

    language: str | None = None
    tokenizer: Tokenizer | None = None
    stemmer: bool | None = None
    sentences: Literal["harness", "newline"] | None = None
    references: Literal["best", "mean", "jackknife"] | None = None
    normalization: Normalization | None = None
    further: tuple[str, ...] | None = None
    encoder: str | None = None
    loaded_encoder: Encoder | None = field(default=None, compare=False, repr=False)
    loaded_judge: "AnswerJudge | None" = field(default=None, compare=False, repr=False)
    own_code: tuple[NamedCode, ...] = field(default=(), compare=False)
    own: tuple[OwnMetric, ...] = field(default=(), compare=False)

    @property
    def chosen(self) -> dict[str, object]:
        """All that is not as usual; English is."""
        values = {field.name: getattr(self, field.name) for field in fields(self) if field.compare}
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
            for task in _OF_TASK
            if task not in tasks and (flags := [*self._flags_of(task)])
        }

    def _flags_of(self, task: Task) -> Iterator[str]:
        """Yield the flags of what is chosen of a task's metrics alone."""
        for name in _OF_TASK[task]:
            if name in self.chosen and name in _FLAGS:
                yield _FLAGS[name]
        if further := [name for name in self.further or () if name in FURTHER_OF_TASK[task]]:
            yield f"--with {','.join(further)}"
        if task == "summarize" and self.encoder:
            yield "--encoder"

    def in_language(self, language: str | None) -> "MetricOptions":
        """Return the same in a language, where none is chosen."""
        return self if self.language or not language else replace(self, language=language)

    def with_further(self, names: Sequence[str], encoder: str | None) -> "MetricOptions":
        """Return the same with further metrics and an encoder, each where none is chosen."""
        further = (tuple(names) or None) if self.further is None else self.further
        usual = encoder if "bertscore" in (further or ()) else None
        return replace(self, further=further, encoder=self.encoder or usual)

    def with_own(self, more: Sequence[NamedCode] = ()) -> "MetricOptions":
        """Return the same with its own metrics loaded, and `more`; raise MetricError on one line.

        This runs their files.
        """
        if self.own:
            return self
        code = (*more, *self.own_code)
        own = tuple(OwnMetric(source, name) for source, name in code)
        return replace(self, own_code=code, own=own)

    @property
    def own_files(self) -> list[Path]:
        """The files of Python that score."""
        return [source.file for source, _ in self.own_code if isinstance(source, OwnCode)]


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
        further=checked_further(flags["further"], "--with") if flags["further"] else None,
        encoder=flags["encoder"],
        own_code=tuple(
            (named_metric(text, "--score-with", METRIC_GROUP), None)
            for text in flags.get("score_with") or ()
        ),
    )


def checked_further(names: Sequence[str], where: str) -> tuple[str, ...]:
    """Return names of `FURTHER` in its order; raise UsageError for another, `where` being named."""
    for name in names:
        if name not in FURTHER:
            raise UsageError(
                f"{where}: there is no further metric {name!r}{did_you_mean(name, FURTHER)}"
            )
    return tuple(name for name in FURTHER if name in names)


def task_metrics(task: Task, options: MetricOptions, **more: object) -> Metrics:
    """Return a leaderboard's metrics of a task, with what was chosen of them and `more`."""
    arguments = {**FAMILIES[task][1], **options.of(task), **more}
    if task == "summarize" and options.further:
        rule = cast("ReferenceRule", arguments.get("references", "best"))
        arguments["parts"] = "rouge_parts" in options.further
        arguments["further"] = further_families(options, rule)
    family = metrics(task, arguments)
    own: list[SideMetric] = [metric for metric in options.own if task in metric.tasks]
    if task == "answer" and "equivalence" in (options.further or ()):
        own.insert(0, equivalence(options))
    return WithOwn(family, own) if own else family


def further_families(options: MetricOptions, references: ReferenceRule) -> list[BatchMetrics]:
    """Return chrF and BERTScore as far as they are chosen, with this rule of several references.

    Raises MetricError where a package is missing, and for BERTScore without an encoder that was
    looked up; what the encoder raises.
    """
    # Imported when it is asked for, as few runs do.
    families: list[BatchMetrics] = []
    chosen = options.further or ()
    if "chrf" in chosen:
        from harness.metrics.chrf import Chrf

        families.append(Chrf(references=references))
    if "bertscore" in chosen:
        encoder = options.loaded_encoder
        if encoder is None:
            raise MetricError("BERTScore has no encoder; look one up with `with_encoder`")
        from harness.metrics.bertscore.bertscore import BertScore

        families.append(BertScore(encoder.tokens, encoder.layer, references=references))
    return families


def equivalence(options: MetricOptions) -> "Equivalence":
    """Return the metric of answers that asks a judge; raise MetricError without one."""
    from harness.metrics.answers.equivalence import Equivalence

    if options.loaded_judge is None:
        raise MetricError("equivalence has no judge; look one up with `with_answer_judge`")
    return Equivalence(options.loaded_judge)


def rouge(
    options: MetricOptions,
    references: Literal["best", "mean", "jackknife"],
    types: Sequence[str] = TYPES,
    exceptions: Path | None = None,
) -> Rouge:
    """Return ROUGE alone with what was chosen of it, but for what it makes of references."""
    chosen: dict[str, Any] = {**options.of("summarize"), "references": references}
    return Rouge(types, exceptions=exceptions, **chosen)
