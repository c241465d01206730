"""The leaderboard: rows with counts, costs and signatures, and its JSON.

The fields are documented here; `leaderboard.schema.json` in the package is the JSON Schema made
from them.
"""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Literal, Self

from pydantic import Field

from harness.files import canonical_json, sha256
from harness.leaderboard.judge_line import JudgeLine
from harness.leaderboard.numbers import (
    AboveFloor,
    CanaryLine,
    Count,
    Counts,
    IntervalLine,
    MetricLine,
    Number,
    Part,
    RepeatsLine,
    Subset,
)
from harness.leaderboard.suite_line import OptionsLine, SuiteLine
from harness.metrics.options import MetricOptions
from harness.records import Role, Scope, Task

SCHEMA_VERSION = 2
SCHEMA_FILE = Path(__file__).parent / "leaderboard.schema.json"


class PromptLine(Part):
    """The prompt that a row's model was asked with."""

    name: str
    """The prompt's name."""
    version: int
    """The prompt's version, as its file says."""
    sha256: str
    """Hash of the template."""


class Row(Part):
    """One model on one task, over the articles or over the events."""

    model: str
    """The model's name in the roster, or the name of a row that is no model."""
    role: Role
    """model; or no model: floor, a trivial system; oracle, sentences chosen with the references
    in hand; people, each reference against the others."""
    task: Task
    """What it was asked to do."""
    scope: Scope
    """Whether its examples are single articles or events that several articles report."""
    kind: str
    """The kind of model."""
    metrics: dict[str, Number]
    """Each metric's mean, n and signature by name."""
    counts: Counts
    """What became of the examples."""
    cut: dict[str, float]
    """Of each article that was cut, the mean share of its characters that the model did not see."""
    uncut: Subset | None = None
    """The predictions whose source the model saw whole; null where no source was cut."""
    evidence_seen: Subset | None = None
    """Of answers: those whose golden names evidence that the model saw; null where none was cut."""
    evidence_cut: Subset | None = None
    """Of answers: those whose evidence was cut, all of it; null where no source was cut."""
    seconds: Annotated[float, Field(ge=0)]
    """Time spent predicting, loading aside; of cached predictions, what they took when made."""
    tokens_per_second: Annotated[float, Field(ge=0)] | None
    """Output tokens over seconds; null for models that write no tokens."""
    guessed_tokens: Count | None = None
    """How many output tokens were guessed from the prompt while decoding, to be checked several at
    once; null where that is not known or nothing guesses."""
    right_guesses: Count | None = None
    """How many of these the model then chose. Texts are the same without."""
    peak_memory_bytes: Count
    """The most memory the process held while predicting."""
    cost: Annotated[float, Field(ge=0)] | None = None
    """What the predictions cost when made; null without prices or token counts."""
    served_by: list[str] = Field(default_factory=list)
    """The names of the models that a server says have answered; several if it changed them."""
    weights: dict[str, object] | None
    """Source and hash of the weights; null for models that have none."""
    weights_bytes: Count | None
    """Size of the weights."""
    licence: str | None
    """The weights' licence, as the roster gives it."""
    prompt: PromptLine | None
    """The prompt; null for models that are not prompted."""
    output_limit: Count | None = None
    """The most tokens of one text, where its length tells whether the limit ended it; null where
    each prediction says how it ended, and for models that write none."""
    identity: dict[str, object]
    """All that can change the model's outputs: part of every prediction's key."""
    generation: dict[str, object] = Field(default_factory=dict)
    """The checkpoint's own settings, by transformers' names; those of `identity` go before them."""
    environments: list[dict[str, object]]
    """Where the predictions were made; several if they were made in several."""
    above_floor: AboveFloor | None = None
    """How far it is above the best floor; null for floors, and where there is none."""
    by_reference: list[float] = Field(default_factory=list)
    """Of summaries: the mean of the primary metric by the first reference of each example alone, by
    the second, and so on, as far as all examples have one; of people by that of the others. Empty
    where there is one reference. Texts by one hand are no sample, so no interval follows."""
    repeats: RepeatsLine | None = None
    """Of a model that was asked several times: how its scores vary; null for others."""
    squad: dict[str, float] | None = None
    """Of answers: what the official SQuAD script prints, in percent: with 2.0 the splits HasAns and
    NoAns, and the best thresholds where probabilities of no answer are given. A model's own go with
    the answers it would give if it had to. Failed predictions are left out."""
    trained_on: list[str] = Field(default_factory=list)
    """The names under which the roster says that the model was trained on this very suite: its
    scores then show what it remembers."""
    rank: Annotated[int, Field(ge=1)] | None = None
    """1 and one for each model or floor that beats it by the primary metric: the best place that it
    may truly have. Null for others, and where nothing was scored."""
    worst_rank: Annotated[int, Field(ge=1)] | None = None
    """The worst place that it may truly have: the number of ranked rows less those that it beats.
    The true ranks of all rows are between both in 95 % of tables."""
    beats: list[str] = Field(default_factory=list)
    """The rows of its task and scope that this one beats: better by the primary metric, with an
    adjusted p below 0.05."""
    batch: Count | None = None
    """The most predictions that were decoded together, where that may have changed them: in other
    formats than float32."""


class ComparisonLine(Part):
    """Two models or floors on the examples that both were scored on, by the primary metric."""

    task: Task
    """The task of both rows."""
    scope: Scope
    """The scope of both rows."""
    metric: str
    """The primary metric of the task."""
    a: str
    """One row's model."""
    b: str
    """The other's: the row that stands below."""
    n: Count
    """How many examples both were scored on."""
    difference: float
    """The mean of a less the mean of b, over those examples."""
    interval: IntervalLine | None
    """The interval of this difference alone, by t; null for one article or event, and where no two
    differ."""
    simultaneous: IntervalLine | None
    """The interval that holds for all comparisons of the family at once; it holds 0 if and only if
    `p_adjusted` is at least 0.05. Null where there is none: at five articles and fewer, where no
    two differ, and for two floors beside models."""
    p: Annotated[float, Field(ge=0, le=1)]
    """Two-sided, of the paired sign-flip test in which an article's examples flip together: exact
    where at most 16 articles differ, else (c + 1) / (B + 1) over B random patterns."""
    p_adjusted: Annotated[float, Field(ge=0, le=1)] | None
    """p, adjusted for all comparisons of its task and scope that a model takes part in, or for all
    where there is no model; null for two floors beside models."""
    adjustment: Literal["maxt exact", "maxt drawn", "none"]
    """How: step-down maxT (Romano & Wolf 2005) over all patterns of signs, or over the random ones;
    none for two floors."""
    wins: Count
    """Examples on which a scores better."""
    ties: Count
    """Examples on which both score the same."""
    losses: Count
    """Examples on which b scores better."""
    caution: str | None = None
    """What to beware of, in words: under 90 % of the examples in common. Null if nothing."""


class DisagreementLine(Part):
    """Two models or floors that one measure orders one way and another the other way.

    Each shows its order: its p is below 0.05, adjusted over all pairs that it compares.
    """

    task: Task
    """The task of both rows."""
    scope: Scope
    """The scope of both rows."""
    metric: str
    """The measure by which a is better: the primary metric where that is one of the two."""
    opposed: str
    """The measure by which b is better."""
    a: str
    """One row's model."""
    b: str
    """The other's."""
    difference: float
    """The mean of a less the mean of b, by `metric`, over the examples that both were scored on."""
    opposed_difference: float
    """The same by `opposed`."""
    p_adjusted: Annotated[float, Field(ge=0, le=1)]
    """p by `metric`, of the paired sign-flip test, adjusted as that of comparisons is."""
    opposed_p_adjusted: Annotated[float, Field(ge=0, le=1)]
    """The same by `opposed`, whose articles are flipped in 256 groups where there are more."""


class PowerLine(Part):
    """What the suite can show of a task and scope, by the primary metric."""

    task: Task
    """The task."""
    scope: Scope
    """The scope."""
    clusters: Count
    """How many articles (or events) all compared rows were scored on."""
    common: Count
    """How many examples all compared rows were scored on. Rows are sorted by their own means, each
    over its scored examples."""
    comparisons: Count
    """How many pairs of rows were compared."""
    smallest_p: Annotated[float, Field(ge=0, le=1)]
    """The least p that a comparison can have, whatever the scores."""
    minimum_difference: Annotated[float, Field(ge=0)] | None
    """The true difference that one comparison by Student's t would find with 80 % power at the 5 %
    level: from the median standard error of the differences between models, or between floors
    where there are no two models. Null where it cannot be told, or would be more than the range of
    the metric."""
    sentence: str
    """The same in words."""


class Leaderboard(Part):
    """Models on a suite: rows by task and scope, then best first by the primary metric."""

    schema_version: int
    """It grows when a field changes its meaning or goes."""
    suite: SuiteLine
    """Which suite was run."""
    primary: dict[Task, str]
    """The primary metric of each task, named before any run. Rows are sorted, compared and ranked
    by it alone; all other metrics only describe."""
    metrics: dict[str, MetricLine]
    """What each metric's numbers are, by its name."""
    metric_options: OptionsLine | None = None
    """What was chosen of the metrics, by flags or by the suite's language; null if nothing."""
    environment: dict[str, object]
    """Where the scores were made: versions, processor, threads, git commit."""
    predictions_sha256: str | None = None
    """Hash of `predictions.jsonl` as it was written; null where no such file is."""
    judgments_sha256: str | None = None
    """Hash of `judgments.jsonl` as it was written; null where no judge was asked."""
    content_sha256: str | None = None
    """Hash of all else in this file: of its JSON with sorted keys and without spaces."""
    rows: list[Row]
    """One a model and task."""
    comparisons: list[ComparisonLine] = Field(default_factory=list)
    """Every two models or floors of a task and scope that have scored examples in common."""
    disagreements: list[DisagreementLine] = Field(default_factory=list)
    """Every two models or floors whose order two measures show in opposite ways: of summaries the
    primary metric, support and coverage, of answers the primary metric and contains."""
    power: list[PowerLine] = Field(default_factory=list)
    """What the suite can show, one a task and scope."""
    judges: list[JudgeLine] = Field(default_factory=list)
    """The models that were asked about the summaries: the reader, if there is one."""
    no_judge: str | None = None
    """Why no reader was asked, though one was named or questions are there; null else."""
    canaries: dict[str, dict[str, CanaryLine]] = Field(default_factory=dict)
    """By the way in which the suite's references were made worse, and by measure: how often it
    sees it. At most 200 references, each against its article; empty without summaries."""

    def sealed(self) -> Self:
        """Return the same with the hash of its content: as it is to be written."""
        content = json.loads(self.model_dump_json())
        return self.model_copy(update={"content_sha256": content_sha256(content)})

    def chosen_options(self) -> MetricOptions:
        """Return what was chosen of the metrics."""
        return self.metric_options.options if self.metric_options else MetricOptions()

    def to_json(self) -> str:
        """Return the JSON text of the leaderboard file."""
        return self.model_dump_json(indent=2) + "\n"


def content_sha256(content: Mapping[str, object]) -> str:
    """Return the hash of a leaderboard's parsed JSON, the field `content_sha256` left out."""
    return sha256(
        canonical_json({name: content[name] for name in content if name != "content_sha256"})
    )


def schema() -> dict[str, object]:
    """Return the JSON Schema of the leaderboard file."""
    made = Leaderboard.model_json_schema()
    return {"$schema": "https://json-schema.org/draft/2020-12/schema", **made}
