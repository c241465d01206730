"""One task and scope on the page: its leaderboard, plots, pairs, slices and list of examples."""

from typing import Annotated

from pydantic import Field

from harness.records import Role, Scope, Task
from harness.report.content.part import Count, Interval, Part
from harness.report.content.plots import ExampleIndex, Frontier, Pairs, Plane, Slice


class Value(Part):
    """One metric of one row."""

    metric: str
    """The metric's name."""
    mean: float | None
    """The mean; null if every prediction failed."""
    is_share: bool
    """Whether scores are shares, or differences of two, and are shown times 100."""
    is_difference: bool
    """Whether scores are shown with their signs."""
    with_interval: bool
    """Whether its column shows its interval too."""
    minor: bool
    """Whether its column is hidden until it is chosen."""
    interval: Interval | None
    """Its interval; null where there is none."""
    n: Count
    """How many predictions it is over."""
    clusters: Count
    """How many articles or events they are on."""
    signature: str
    """All that it depends on."""
    signature_short: str
    """The metric and 8 digits of the signature's hash."""
    caution: str | None
    """What to beware of in the interval."""


class AboveFloor(Part):
    """How far a row is above the best floor, by the primary metric, on the examples of both."""

    floor: str
    """The floor."""
    difference: float
    """The row's mean less the floor's."""
    interval: Interval | None
    """Its interval, of this difference alone; null where there is none."""


class Prompt(Part):
    """The prompt of a row."""

    name: str
    """Its name."""
    version: int
    """Its version."""
    sha256: str
    """Its hash: the key in `How.prompts`, if the prompt was found."""


class Cost(Part):
    """What a row, or one prediction, took. Null is: not known, or does not apply."""

    seconds: float | None
    """Time spent predicting."""
    tokens_per_second: float | None
    """Output tokens a second."""
    peak_memory_bytes: Count | None
    """The most memory that the process held."""
    weights_bytes: Count | None
    """Size of the weights."""
    price: float | None
    """What it cost by the roster's prices."""


class BoardRow(Part):
    """One row of a group's leaderboard, in the leaderboard's order."""

    model: str
    """The model's name: unique within the group."""
    role: Role
    """model, floor, oracle or people; only the first two are ranked and compared."""
    kind: str
    """The kind of model."""
    place: Annotated[int, Field(ge=1)]
    """1 for the first row."""
    rank: int | None
    """1 and one for each row that beats it; null where it has none."""
    worst_rank: int | None
    """The worst rank that it may truly have."""
    beats: tuple[int, ...]
    """The places of the rows that it beats."""
    primary: Value
    """The primary metric, which sorts and ranks."""
    secondary: tuple[Value, ...]
    """All other metrics."""
    above_floor: AboveFloor | None
    """How far it is above the best floor; null for floors, and where there is none."""
    by_reference: tuple[float, ...]
    """Its means of the primary metric by each reference alone; empty where there is one."""
    splits: tuple[float | None, ...]
    """Its means over questions that have an answer, and over those that have none; null for a kind
    of which there are none, and empty where the suite knows one kind alone."""
    expected: Count
    """Examples asked."""
    ok: Count
    """Predictions that were scored."""
    failed: Count
    """Predictions that failed: in no mean."""
    missing: Count
    """Examples without a prediction: zeros in every mean."""
    cut: Count
    """Scored predictions whose source was cut to fit."""
    unfinished: Count
    """Scored predictions that a limit of their tokens ended."""
    cut_share: float | None
    """The mean share of the source's characters, over all scored predictions, that was not seen;
    null for people, the oracle, and where nothing was scored."""
    cost: Cost
    """What it took."""
    licence: str | None
    """The weights' licence."""
    weights: str | None
    """The weights' source and the beginning of their hash."""
    prompt: Prompt | None
    """The prompt; null for models that are not prompted."""


class PreferenceRow(Part):
    """How strong a row is, by which of two summaries a judge prefers."""

    model: str
    """The row's model; of people it is their first reference."""
    strength: float
    """In log odds, 0 being the mean of the rows."""
    interval: Interval | None
    """Its interval; null where there is none."""
    wins: float
    """The share of its pairs that it wins, a tie being half a win."""
    n: Count
    """How many pairs of it were judged."""


class PreferenceTable(Part):
    """Which row's summaries a judge prefers, the strongest first."""

    judge: str
    """The judge's name in the roster."""
    told: str
    """What is to be known of it, in sentences."""
    rows: tuple[PreferenceRow, ...]
    """The rows that were compared."""


class Band(Part):
    """The floor or the ceiling that the axis is drawn between."""

    name: str
    """The row that it is, or in words what it is."""
    mean: float
    """Where it stands."""
    interval: Interval | None
    """Its interval, if it is a row that has one."""


class Copy(Part):
    """The leaderboard in a format to copy: `head`, the lines of the rows shown, `foot`."""

    head: str
    """What stands before the rows; ends with a line break."""
    rows: tuple[str, ...]
    """One for each of the group's `rows`, each with its line break."""
    foot: str
    """What stands after them; may be empty."""


class Copies(Part):
    """The leaderboard to copy."""

    markdown: Copy
    """A table of GitHub's Markdown."""
    csv: Copy
    """Comma-separated values by RFC 4180; no cell is a formula to a spreadsheet."""
    latex: Copy
    """A LaTeX tabular that needs the package booktabs."""


class Group(Part):
    """All of one task and scope."""

    id: str
    """summarize, answer, summarize-event or answer-event: an anchor."""
    title: str
    """In words."""
    task: Task
    """The task."""
    scope: Scope
    """The scope."""
    metric: str
    """The primary metric."""
    metrics: tuple[str, ...]
    """All metrics, the primary one first."""
    models: tuple[str, ...]
    """The names of `rows`, in order: what indices of models mean everywhere."""
    rows: tuple[BoardRow, ...]
    """The leaderboard."""
    floor: Band | None
    """The best floor."""
    ceiling: Band | None
    """The ceiling: the better of people and oracle, null where a model is above it; of answers,
    every one acceptable."""
    disagreements: tuple[str, ...]
    """Which measures order which rows in opposite ways, each significantly: a sentence each."""
    power: str | None
    """What the suite can show, in a sentence."""
    in_sentences: tuple[str, ...]
    """Of answers: where the primary metric ranks a row for how it writes, as `contains` shows."""
    cautions: tuple[str, ...]
    """What to beware of when reading the intervals, each with the rows it is about."""
    plane: Plane | None
    """Of summaries: support against coverage; null where nobody was asked what they cover."""
    frontiers: tuple[Frontier, ...]
    """Quality against seconds, size, and price where one is known."""
    pairs: Pairs | None
    """Rows against rows; null where there are no two."""
    preferences: tuple[PreferenceTable, ...]
    """Of summaries: which row's judges prefer; empty where none was asked about pairs."""
    slices: tuple[Slice, ...]
    """Means by part; only slices with at least two parts."""
    examples: ExampleIndex
    """The examples, without their texts."""
    copies: Copies
    """The leaderboard to copy."""
