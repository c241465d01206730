"""What changed from one run to another, as the page has it."""

from harness.report.content.part import Count, Interval, Part


class Change(Part):
    """One thing that differs between two runs of a row."""

    part: str
    """data, metric, prompt, model, decoding, package, code or machine."""
    name: str
    """What differs."""
    base: str
    """What it was."""
    head: str
    """What it is."""


class NamedExamples(Part):
    """Some examples, of which the first are named."""

    count: Count
    """How many they are."""
    ids: tuple[str, ...]
    """The first of them by their ids."""

    def __bool__(self) -> bool:
        """Return whether there are any."""
        return self.count > 0


class RowChange(Part):
    """A row of both runs. If `refused` says why, they are not comparable and not compared."""

    group: str
    """The id of its group."""
    model: str
    """The model."""
    metric: str
    """The primary metric."""
    refused: tuple[Change, ...]
    """Why they are not comparable."""
    changes: tuple[Change, ...]
    """All that differs."""
    n: Count
    """Examples that both scored."""
    clusters: Count
    """On so many articles."""
    base: float | None
    """The mean of the base over them; null if nothing was compared."""
    head: float | None
    """The mean of the head."""
    difference: float | None
    """Head less base."""
    interval: Interval | None
    """Its interval, as if it were the only row."""
    p: float | None
    """Two-sided, of the paired sign-flip test; null for one article."""
    simultaneous: Interval | None
    """The interval that holds for all models of the group at once; null where there is none."""
    p_adjusted: float | None
    """p, adjusted for all models of the group; null for what is no model beside models."""
    improved: Count
    """Examples that score better."""
    worse: Count
    """Examples that score worse."""
    equal: Count
    """Examples that score the same."""
    other_outputs: Count
    """Examples that both answered, with different texts."""
    missing: NamedExamples
    """Examples of the base that the head lacks."""
    added: NamedExamples
    """Examples that the head has more."""
    failed: NamedExamples
    """Examples that failed only in the head."""
    recovered: NamedExamples
    """Examples that failed only in the base."""


class Loss(Part):
    """An example that one model does worse on than it did."""

    group: str
    """The id of its group."""
    example: str
    """The example's id."""
    model: Count
    """The model's index in the group."""
    base: float
    """What it scored."""
    head: float
    """What it scores."""


class Comparison(Part):
    """What changed from one run to another."""

    base: str
    """The base, as it was named."""
    head: str
    """The head, as it was named."""
    rows: tuple[RowChange, ...]
    """The rows that both have."""
    only_base: tuple[str, ...]
    """Rows that only the base has, in words."""
    only_head: tuple[str, ...]
    """Rows that only the head has, in words."""
    losses: tuple[Loss, ...]
    """The largest losses of all rows, the largest first: at most 200."""
    losses_total: Count
    """How many losses there are in all."""
