"""What the leaderboard says of the suite that was run, and of what was chosen of its metrics."""

import dataclasses
import hashlib
from array import array
from collections.abc import Mapping, Sequence
from typing import Literal, Self

import numpy as np
from pydantic import Field

from harness.command.data_choice import ROLES, DataChoice
from harness.external.formats import Format
from harness.external.references import CLUSTER_NOUNS, Clusters
from harness.leaderboard.numbers import Count, Part
from harness.metrics.options import MetricOptions
from harness.records import Example, Scope, Task
from harness.suite.selection import Selection
from harness.suite.suite import Suite


class DataLine(Part):
    """A data set that was run as a suite."""

    source: str
    """The name of its file or folder, or its name and commit on the Hub, with the split."""
    questions: Count
    """Its questions."""
    unanswerable: Count
    """How many of them have no answer."""
    paragraphs: Count
    """How many texts it has."""
    titles: Count
    """How many titles the texts have, or how many values their clusters."""
    clusters: Literal["title", "paragraph", "article", "cluster"]
    """What intervals and tests take as one article: all paragraphs of a title, or all texts of one
    value in the column that was named for that; where there is only one, each text by itself."""
    rules: Literal["1.1", "2.0"] | None
    """The version of SQuAD's rules that answers are scored by: see the page on data sets; null
    where there are no questions."""
    ids_sha256: str | None
    """SHA-256 over its sorted ids, one a line: what tells it under any name; null where it has
    none."""
    summaries: Count = 0
    """How many of its texts have reference summaries."""
    sources_sha256: str | None = None
    """SHA-256 over the sorted SHA-256 of its texts, one a line, each once: what tells it where it
    has no ids."""
    described_by: str | None = None
    """The file that describes it, or the name that it ships under; null where a line named it."""
    columns: dict[str, list[str]] = Field(default_factory=dict)
    """The columns that were read, by what they are."""
    named_columns: dict[str, list[str]] = Field(default_factory=dict)
    """Those of them that were named with `--column`."""
    skip_bad_rows: bool = False
    """Whether rows that cannot be read were left out, with `--skip-bad-rows`."""
    bad_rows: Count = 0
    """How many were left out."""
    listed_bad_rows: list[str] = Field(default_factory=list)
    """The first hundred of them, each with what is wrong with it."""

    @property
    def choice(self) -> DataChoice:
        """How it was read, as far as the command line said it."""
        named = {
            role: tuple(self.named_columns[role]) for role in ROLES if role in self.named_columns
        }
        return DataChoice(named, self.skip_bad_rows, recorded=True)


class AskedLine(Part):
    """What was asked of a task and scope: all that the suite has of it, or a part."""

    task: Task
    """The task."""
    scope: Scope
    """The scope."""
    examples: Count
    """How many examples were run."""
    suite_examples: Count
    """How many the suite has."""
    clusters: Count
    """On how many articles, events or titles those are that were run."""
    suite_clusters: Count
    """On how many those of the suite are."""
    ids_sha256: str
    """SHA-256 over the ids of the examples that were run, in the suite's order, one a line: two
    runs of one suite with the same were asked the same."""

    @property
    def is_part(self) -> bool:
        """Whether the suite has examples that were not run."""
        return self.examples < self.suite_examples


class ReferencesLine(Part):
    """The references that outputs made elsewhere were scored against, with `harness score`."""

    format: Format
    """How the file was read."""
    id_field: str | None
    """The field of the ids; null for `id`, and where there are none."""
    reference_field: str | None
    """The field of the references that was named; null where its name told it."""
    cluster_field: str | None
    """The field that was named for clusters; null for none."""
    clusters: Clusters
    """What intervals and tests take as one: of SQuAD's data set all questions on a title, or on a
    paragraph where the whole set has one title; what has one value in the named field; or each item
    by itself."""
    rules: Literal["1.1", "2.0"]
    """The version of SQuAD's rules that answers are scored by."""
    exceptions: str | None
    """The folder of WordNet's exception lists as seen from the run's; null for none."""


class SuiteLine(Part):
    """Which suite was run."""

    id: str
    """The suite's name."""
    hash: str
    """SHA-256 over the cleaned articles and all goldens, or over the references with their ids and
    clusters."""
    location: str | None = None
    """`shipped`, `demo`, `data:...`, or its folder or description as seen from the run's;
    `references:` and the file of references as seen from it; null where references were scored and
    no run written."""
    limit: int | None
    """The most examples that were run of each task; null for all."""
    examples: list[str] | None = None
    """The patterns, one of which the id of each example that was run fits; null for all."""
    text: str | None = None
    """What stands in the id or the question of each example that was run; null for all."""
    sample: int | None = None
    """At least so many examples of each task were drawn, by whole articles; null where none were
    drawn."""
    sample_seed: int = 0
    """The seed they were drawn by."""
    primary: dict[Task, str] | None = None
    """The primary metrics that were chosen with `--primary`, by task; null where the suite's own
    stand."""
    asked: list[AskedLine] = Field(default_factory=list)
    """How much was run of each task and scope, and which."""
    data: DataLine | None = None
    """What the data set is of; null for a folder of articles and goldens."""
    references: ReferencesLine | None = None
    """How the references were read; null where models were asked."""
    licence: str | None = None
    """What may be done with the texts, as the suite says; null where it does not."""
    citation: str | None = None
    """What to cite, as the suite says; null where it does not."""

    @classmethod
    def of(
        cls,
        suite: Suite,
        selection: Selection,
        location: str | None,
        examples: Mapping[tuple[Task, Scope], Sequence[Example]],
        references: ReferencesLine | None = None,
    ) -> Self:
        """Return the line of a suite of which some examples were run; `examples` are those."""
        return cls(
            id=suite.id,
            hash=suite.hash,
            location=location,
            limit=selection.limit,
            examples=list(selection.examples) or None,
            text=selection.text,
            sample=selection.sample,
            sample_seed=selection.sample_seed,
            primary=dict(suite.chosen_primary) or None,
            asked=[
                _asked(suite, task, scope, chosen) for (task, scope), chosen in examples.items()
            ],
            data=DataLine(**dataclasses.asdict(suite.data)) if suite.data else None,
            references=references,
            licence=suite.licence,
            citation=suite.citation,
        )

    @property
    def selection(self) -> Selection:
        """Which of the suite's examples were run."""
        return Selection(
            tuple(self.examples or ()), self.text, self.limit, self.sample, self.sample_seed
        )

    def cluster_noun(self, scope: Scope) -> str:
        """Return what a thing is called that intervals and tests take as one.

        An article or an event, or of a data set and of outputs made elsewhere what
        `DataLine.clusters` and `ReferencesLine.clusters` says.
        """
        if self.data:
            return self.data.clusters
        return CLUSTER_NOUNS[self.references.clusters] if self.references else scope

    def asked_of(self, task: Task, scope: Scope) -> AskedLine | None:
        """Return what was asked of a task and scope, `None` where the run does not say."""
        lines = [line for line in self.asked if (line.task, line.scope) == (task, scope)]
        return lines[0] if lines else None


def _asked(suite: Suite, task: Task, scope: Scope, chosen: Sequence[Example]) -> AskedLine:
    """Return what was asked; of an example 8 bytes are held."""
    ids, clusters = hashlib.sha256(), array("q")
    for example in chosen:
        ids.update(f"{example.id}\n".encode())
        clusters.append(hash(example.cluster))
    everything = suite.examples(task, scope)
    all_clusters = clusters
    if len(everything) > len(chosen):
        all_clusters = array("q", (hash(example.cluster) for example in everything))
    return AskedLine(
        task=task,
        scope=scope,
        examples=len(chosen),
        suite_examples=len(everything),
        clusters=len(np.unique(clusters)),
        suite_clusters=len(np.unique(all_clusters)),
        ids_sha256=ids.hexdigest(),
    )


class OptionsLine(Part):
    """What was chosen of the metrics; null where all is as usual. See the page on metrics."""

    language: str | None = None
    """The language of the texts, by its code."""
    tokenizer: Literal["default", "unicode", "spaces"] | None = None
    """How ROUGE tells words."""
    stemmer: bool | None = None
    """Whether ROUGE stems them."""
    sentences: Literal["harness", "newline"] | None = None
    """How rougeLsum parts a text."""
    references: Literal["best", "mean", "jackknife"] | None = None
    """What ROUGE makes of several references."""
    normalization: Literal["squad", "mlqa", "korquad", "unicode"] | None = None
    """By whose rule answers are normalized."""
    further: list[Literal["rouge_parts", "chrf", "bertscore", "equivalence"]] | None = None
    """Metrics beside the usual ones."""
    encoder: str | None = None
    """The encoder of BERTScore and its layer, as it was named; null for the one that ships."""

    @property
    def options(self) -> MetricOptions:
        """The options of the metrics that this is the line of."""
        chosen = self.model_dump()
        return MetricOptions(**chosen | {"further": self.further and tuple(self.further)})
