"""What is drawn of a group's rows: quality against cost, pairs, slices."""

from harness.records import Role
from harness.report.content.part import Count, Interval, Part


class Point(Part):
    """A row in a plot of quality against cost."""

    model: str
    """The row."""
    role: Role
    """model or floor."""
    cost: float
    """Seconds, bytes or price: 0 for the size of a model that has no weights."""
    mean: float
    """The primary metric."""
    interval: Interval | None
    """Its interval."""
    frontier: bool
    """Whether no other row is at least as good and as cheap, and better in one of the two."""


class Frontier(Part):
    """Quality against one kind of cost."""

    axis: str
    """seconds, weights_bytes or price."""
    label: str
    """The axis in words, with its unit."""
    points: tuple[Point, ...]
    """The rows, by rising cost. The frontier is the line through those with `frontier`."""


class PlanePoint(Part):
    """A row in the plane of support against coverage."""

    model: str
    """The row."""
    role: Role
    """Its role."""
    coverage: float
    """Its mean coverage."""
    coverage_interval: Interval | None
    """Its interval."""
    support: float
    """Its mean support."""
    support_interval: Interval | None
    """Its interval."""
    words: float
    """How long its summaries are, in the mean: the size of its mark."""


class Whole(Part):
    """The whole article in the place of a summary: what no summary is above, at what length."""

    coverage: float
    """What the reader answers from it."""
    words: float
    """How long the articles are, in the mean."""


class Plane(Part):
    """Support against coverage, with the length of the summaries."""

    points: tuple[PlanePoint, ...]
    """The rows, in the leaderboard's order."""
    whole: Whole | None
    """The whole article; null where the reader was not asked about it."""
    left_out: tuple[str, ...]
    """Rows that lack a number, which are not drawn."""
    claim: str
    """What the intervals allow to claim, in sentences."""


class PairCell(Part):
    """One row against another: row less column."""

    difference: float
    """The difference of means."""
    simultaneous: Interval | None
    """Its interval that holds for all pairs at once."""
    no_simultaneous: str | None
    """Why there is none, in words: "none at 5 articles"; null where there is one."""
    interval: Interval | None
    """Its interval as if it were the only pair."""
    p: float
    """Two-sided, of the sign-flip test."""
    p_adjusted: float | None
    """The same, adjusted for all comparisons of the group; null for two floors beside models."""
    wins: Count
    """Examples on which the row scores higher."""
    ties: Count
    """Examples on which both score the same."""
    losses: Count
    """Examples on which the column scores higher."""
    verdict: str
    """better, worse, or "not told apart": of the row, at the 5 % level after adjustment; of two
    floors beside models "not tested"."""
    n: Count
    """How many examples both were scored on."""
    caution: str | None
    """What to beware of, in words: few examples in common."""


class Pairs(Part):
    """Every row against every other."""

    models: tuple[str, ...]
    """Rows and columns, best first."""
    cells: tuple[tuple[PairCell | None, ...], ...]
    """By row, then column; null on the diagonal and for rows that were not compared."""


class SliceCell(Part):
    """One row on a part of the examples."""

    mean: float | None
    """The slice's metric's mean; null if nothing was scored."""
    n: Count
    """Over so many scored predictions."""
    failed: Count
    """Predictions that failed: not in the mean."""
    clusters: Count
    """The articles or events they are on."""
    interval: Interval | None
    """Student's t over articles; null below two articles and where no two differ."""


class SlicePart(Part):
    """One part of the examples: a line of a slice's table."""

    label: str
    """Its name: "when", "answerable", an article's id, "101 to 200 words"."""
    n: Count
    """Its examples. Where a slice goes by the model (cut or not), the most that a row has."""
    cells: tuple[SliceCell | None, ...]
    """One for each of the group's `models`; null for people, whose predictions are no texts."""


class Slice(Part):
    """The examples, parted in one way."""

    name: str
    """kind, answerable, disagreement, words, article, length, evidence, cut: stable, for links."""
    title: str
    """The same for people."""
    explained: str
    """What the parts are, in a sentence."""
    metric: str
    """The metric whose means stand in the cells: the primary one unless the title says other."""
    parts: tuple[SlicePart, ...]
    """At most 50 parts; the others are drawn together in a last one, labelled so."""


class ExampleIndex(Part):
    """A group's examples as columns of equal length, in the suite's order; of many the first."""

    total: Count
    """How many examples the group has, listed or not."""
    ids: tuple[str, ...]
    """The examples' ids; `#GROUP/ID` is the example's stable link."""
    titles: tuple[str, ...]
    """The question, or the article's headline or first words: clipped to about 100 characters."""
    articles: tuple[str, ...]
    """The article or event that each is about."""
    kinds: tuple[str | None, ...]
    """Of questions: their kind."""
    answerable: tuple[bool | None, ...]
    """Of questions: whether the article says."""
    lengths: tuple[int, ...]
    """Words of the source."""
    chunks: tuple[int, ...]
    """The number of the chunk that has the example."""
    scores: tuple[tuple[float | None, ...] | None, ...]
    """For each of the group's `models` the primary scores, to 6 digits; null where a prediction
    failed or is missing. Null as a whole for people."""
    failed: tuple[tuple[int, ...], ...]
    """For each model the positions at which it failed."""
    cut: tuple[tuple[int, ...], ...]
    """For each model the positions at which its source was cut."""
    before: tuple[tuple[float | None, ...] | None, ...] | None
    """Of two runs: the scores in the base; null as a whole for models that it lacks, and for rows
    that are not comparable."""
