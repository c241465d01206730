"""What a reader is asked in a run, and the measures over its answers."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

from harness.judging.coverage import ReaderMeasures
from harness.judging.judgment import Judgment
from harness.judging.people_texts import PeopleTexts, people_texts
from harness.judging.sources import Source, sources
from harness.judging.weights import summary_weights
from harness.metrics.options import MetricOptions
from harness.records import Example, Scope, Task
from harness.run.scoring import suite_metrics
from harness.run.shard import Shard
from harness.suite.suite import Suite


@dataclass(frozen=True)
class Inquiry:
    """The articles with their questions, by their texts, and what people wrote of them.

    `weights` are how much each question counts, `None` where all count alike.
    """

    sources: Mapping[str, Source]
    measures: ReaderMeasures
    people: PeopleTexts
    weights: Mapping[str, int] | None

    @property
    def has_answerable(self) -> bool:
        """Whether any of the questions is answered by its article."""
        return any(source.answerable for source in self.sources.values())

    def share(self, shard: Shard, examples: Iterable[Example]) -> "Inquiry":
        """Return what a shard asks of it; `examples` are the summaries of the shard.

        The measures stay those of the whole: what is asked of a text depends on no shard.
        """
        texts = {example.article.text for example in examples}
        known = {text: source for text, source in self.sources.items() if text in texts}
        return replace(self, sources=known, people=self.people.share(shard))

    def with_judgments(self, judgments: Mapping[str, Judgment]) -> "Inquiry":
        """Return the same with the measures over these judgments, by their keys."""
        return replace(self, measures=self.measures.with_judgments(judgments))


def inquiry(
    suite: Suite,
    examples: Mapping[tuple[Task, Scope], Sequence[Example]],
    identity: Mapping[str, object],
    options: MetricOptions,
    *,
    weigh: bool,
) -> Inquiry:
    """Return what a reader, of which `identity` is all, is asked of the examples that are run."""
    asked = sources(suite, examples)
    weights = summary_weights(asked, examples, options.language) if weigh else None
    english = "unsupported" in suite_metrics(suite, "summarize", options).signatures
    return Inquiry(
        asked,
        ReaderMeasures(
            asked,
            identity,
            suite_metrics(suite, "answer", options),
            options.language,
            weights=weights,
        ),
        people_texts(examples, english),
        weights,
    )
