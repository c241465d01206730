"""What a run would do, before it does it: calls, tokens and cost, and what is stored already.

Keys are made as the run makes them, so that it predicts exactly what is told here. Tokenizers and
configurations are read, no weights; nothing is written, and nobody is asked.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from harness.errors import HarnessError
from harness.eval.jobs import Jobs
from harness.eval.judges.panel_estimate import PanelEstimate, panel_estimates
from harness.eval.judges.reader_turn import most_judgments
from harness.leaderboard.run_folder import STORE
from harness.models.model import Estimate, Model
from harness.models.panic import panics_as_errors
from harness.progress import progress_bar
from harness.records import Example, Query, Scope, Task
from harness.run.predict import keyed_chunks
from harness.run.repeats import times_asked
from harness.run.store import Store


@dataclass(frozen=True, slots=True)
class Tokens:
    """The tokens of some calls: those that are read, at most and about, and those written.

    The two are one number where the model's own tokenizer is here. Of a server's, `input` is by
    what it counted of the prompts stored already, or else a quarter of the bytes, and `max_input`
    no more than the bytes. `max_output` is as many as the calls may write, `output` as many as the
    stored replies had on average, or else the most.
    """

    input: int
    max_input: int
    output: int
    max_output: int


@dataclass(frozen=True, slots=True)
class DryRunRow:
    """A row of the leaderboard to be: of its examples, what is stored and what is to do.

    `repeats` is how often each example is asked; `stored`, and all below it, count every time.
    `calls` is how often the model is asked: once for queries that are alike, and for each window of
    a source that is summarized in parts. `cut` is how many sources the model would not see whole,
    `failing` how many cannot be asked at all, with `reason` of the first. `cost` is by `tokens`
    as they are expected, `max_cost` by the most that they can be: no run costs more, if the server
    heeds the most tokens of a reply that it is given. All of these are of what is to be predicted,
    and `None` where it is not known: `unknown` says why.
    """

    model: str
    task: Task
    scope: Scope
    examples: int
    stored: int
    calls: int
    tokens: Tokens | None = None
    cut: int | None = None
    failing: int = 0
    reason: str | None = None
    cost: float | None = None
    max_cost: float | None = None
    unknown: str | None = None
    repeats: int = 1

    @property
    def to_predict(self) -> int:
        """How many predictions of the examples are lacking."""
        return self.examples * self.repeats - self.stored


@dataclass(frozen=True, slots=True)
class DryRun:
    """What a run on a suite would do, and where its predictions are.

    `reader` is who is asked about the summaries, in `most_judgments` questions at most: the texts
    are not made yet. They are in no cost, and neither are `judges`.
    """

    suite: str
    out: str
    rows: tuple[DryRunRow, ...]
    reader: str | None = None
    most_judgments: int = 0
    judges: tuple[PanelEstimate, ...] = ()

    @property
    def cost(self) -> float | None:
        """What all of it is expected to cost, `None` without prices."""
        return _sum([row.cost for row in self.rows])

    @property
    def max_cost(self) -> float | None:
        """What all of it costs at most, `None` without prices."""
        return _sum([row.max_cost for row in self.rows])


def dry_run(jobs: Jobs, out: Path, repeats: int = 1) -> DryRun:
    """Return what running the jobs into a folder would take, with so many repeats.

    Examples are gone through some at a time. Raises StoreError for a store that cannot be read.
    """
    rows: list[DryRunRow] = []
    with Store(out / STORE, read_only=True) as store:
        for entry in jobs.entries:
            estimator = _Estimator(entry.model)
            for task, scope, examples in jobs.of(entry):
                tally = _Tally(estimator, store)
                times = times_asked(entry.model, repeats)
                identity = entry.model.identity(task)
                with progress_bar(times * len(examples), f"{entry.name} {task}", "example") as bar:
                    for number in range(1, times + 1):
                        for chunk in keyed_chunks(examples, identity, number):
                            tally.add(chunk)
                            bar.update(len(chunk))
                rows.append(tally.row(entry.name, task, scope, times))
            entry.model.unload()
    reader = jobs.reader.entry
    return DryRun(
        jobs.suite.id,
        str(out),
        tuple(rows),
        reader.name if reader else None,
        most_judgments(jobs, repeats) if reader else 0,
        tuple(panel_estimates(jobs, out / STORE, repeats)),
    )


class _Estimator:
    """Estimates queries of a model, whose tokenizer is read when the first one comes."""

    def __init__(self, model: Model) -> None:
        self.model = model
        self.has_price = model.cost(0, 0) is not None
        self.unknown: str | None = None
        self._prepared = False

    def estimate(self, query: Query) -> Estimate:
        """Return what is known of a query; raise what its model does if it cannot be predicted."""
        if not self._prepared:
            self._prepared = True
            self.unknown = self._prepare()
        return self.model.estimate(query) if self.unknown is None else Estimate()

    def _prepare(self) -> str | None:
        """Read the tokenizer; return why it cannot be read."""
        weights = self.model.checkpoint
        if weights is not None and not weights.is_here():
            return "the model is not on this disk yet"
        try:
            with panics_as_errors():
                self.model.prepare_estimates()
        except Exception as error:  # whatever a model raises; the run would record it
            return f"its tokenizer cannot be read: {_reason(error)}"
        return None


class _Tally:
    """What the examples of one row add up to."""

    def __init__(self, estimator: _Estimator, store: Store) -> None:
        self._estimator, self._store = estimator, store
        self._examples = self._stored = self._calls = self._failing = 0
        self._reason: str | None = None
        self._seen: set[str] = set()
        self._input = self._max_input = self._max_output = self._cut = 0
        self._knows_tokens = self._knows_cuts = False
        # Of the stored replies of a server: what it counted, and what was expected of the prompts.
        self._replies = self._reported_input = self._expected_input = self._reported_output = 0

    def add(self, chunk: Sequence[tuple[str, Example]]) -> None:
        """Add some examples with their keys."""
        stored = self._store.stored_keys(key for key, _ in chunk)
        self._examples += len(chunk)
        self._stored += sum(key in stored for key, _ in chunk)
        queries = {key: example.query for key, example in chunk if key not in self._seen}
        self._seen |= queries.keys()
        for key, query in queries.items():
            if key not in stored:
                self._add_call(query)
        if self._estimator.has_price:
            self._add_stored({key: query for key, query in queries.items() if key in stored})

    def _add_call(self, query: Query) -> None:
        try:
            with panics_as_errors():
                estimate = self._estimator.estimate(query)
        except Exception as error:  # a tokenizer or a template may raise anything
            self._failing += 1
            self._reason = self._reason or _reason(error)
            return
        self._calls += estimate.calls
        self._knows_tokens |= estimate.input_tokens is not None
        self._input += estimate.input_tokens or 0
        self._max_input += estimate.max_input_tokens or 0
        self._max_output += estimate.max_output_tokens or 0
        self._knows_cuts |= estimate.cut is not None
        self._cut += bool(estimate.cut)

    def _add_stored(self, queries: Mapping[str, Query]) -> None:
        for key, stored in self._store.get(queries).items():
            prediction = stored.prediction
            if prediction.prompt_tokens is not None and prediction.output_tokens is not None:
                self._replies += 1
                self._reported_input += prediction.prompt_tokens
                self._expected_input += self._estimator.estimate(queries[key]).input_tokens or 0
                self._reported_output += prediction.output_tokens

    def row(self, name: str, task: Task, scope: Scope, repeats: int) -> DryRunRow:
        """Return the row of all that was added."""
        has_price, cost = self._estimator.has_price, self._estimator.model.cost
        tokens = self._tokens() if self._knows_tokens or has_price else None
        return DryRunRow(
            model=name,
            task=task,
            scope=scope,
            examples=self._examples // repeats,
            stored=self._stored,
            calls=self._calls,
            tokens=tokens,
            cut=self._cut if self._knows_cuts else None,
            failing=self._failing,
            reason=self._reason,
            cost=cost(tokens.input, tokens.output) if tokens else None,
            max_cost=cost(tokens.max_input, tokens.max_output) if tokens else None,
            unknown=self._estimator.unknown,
            repeats=repeats,
        )

    def _tokens(self) -> Tokens:
        read, written = self._input, self._max_output
        if self._expected_input:
            read = round(read * self._reported_input / self._expected_input)
        if self._replies:
            written = round(self._calls * self._reported_output / self._replies)
            written = min(written, self._max_output)
        return Tokens(
            input=read,
            max_input=max(read, self._max_input),
            output=written,
            max_output=self._max_output,
        )


def _reason(error: Exception) -> str:
    text = " ".join(str(error).split())[:500]
    return text if isinstance(error, HarnessError) else f"{type(error).__name__}: {text}"


def _sum(costs: Sequence[float | None]) -> float | None:
    known = [cost for cost in costs if cost is not None]
    return sum(known) if known else None
