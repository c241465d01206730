"""Does each model of a roster run here? Each is loaded alone and asked one example of each task."""

import json
import time
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

from harness.models.model import Loaded, Model
from harness.models.panic import panics_as_errors
from harness.models.roster.roster import Entry, note_network
from harness.records import SCOPES, Example, Task
from harness.suite.suite import Suite
from harness.tables.cells import csv_text
from harness.tables.table import Lines, Part

# So many characters of a prompt and of a prediction are shown.
_EXCERPT_LENGTH = 100


@dataclass(frozen=True, slots=True)
class Trial:
    """What a model did with one example; with an `error` it did nothing of use.

    `prompt` is what it read, or the messages that a server got; `None` for models that read none.
    """

    task: Task
    example: str
    prompt: str | None = None
    input_tokens: int | None = None
    output_tokens: int | None = None
    text: str | None = None
    seconds: float | None = None
    error: str | None = None


@dataclass(frozen=True, slots=True)
class ModelCheck:
    """What came of loading a model, and of asking it; with an `error` it was not loaded."""

    model: str
    kind: str
    loaded: Loaded | None = None
    seconds: float | None = None
    trials: tuple[Trial, ...] = ()
    error: str | None = None

    @property
    def failed(self) -> bool:
        """Whether anything went wrong."""
        return self.error is not None or any(trial.error is not None for trial in self.trials)


def check_models(
    entries: Iterable[Entry], suite: Suite, *, allow_code: bool = False
) -> Iterator[ModelCheck]:
    """Yield what comes of each model. Only one is in memory at a time; nothing is stored.

    One that runs a file of Python fails, unless `allow_code`.
    """
    for entry in entries:
        if entry.model.own_files and not allow_code:
            yield ModelCheck(entry.name, entry.kind, error=not_imported(entry.model.own_files))
            continue
        try:
            yield _check(entry, suite)
        finally:
            entry.model.unload()


def not_imported(files: Iterable[Path]) -> str:
    """Return that files are programs, which were not run."""
    names = ", ".join(path.name for path in files)
    return f"runs the program {names}, which was not done; read it, and add --allow-code"


def check_parts(checks: Sequence[ModelCheck]) -> list[Part]:
    """Return each check in a few lines; what failed is one of them."""
    return [Lines(tuple(_lines(check)), hang=4) for check in checks]


def failed_text(checks: Sequence[ModelCheck]) -> str:
    """Return how many failed, and which."""
    failed = [check.model for check in checks if check.failed]
    return f"{len(failed)} of {len(checks)} models failed: {', '.join(failed)}"


def checks_json(checks: Sequence[ModelCheck]) -> str:
    """Return all facts as JSON."""
    return json.dumps([asdict(check) for check in checks], indent=2)


def checks_csv(checks: Sequence[ModelCheck]) -> str:
    """Return a row for each example that a model was asked, and for each that was not loaded."""
    columns = ["task", "example", "input_tokens", "output_tokens", "seconds", "text", "error"]
    rows: list[list[object]] = []
    for check in checks:
        start = [check.model, check.kind]
        trials = [[getattr(trial, column) for column in columns] for trial in check.trials]
        failure = [None] * (len(columns) - 1)
        rows += [[*start, *trial] for trial in trials] or [[*start, *failure, check.error]]
    return csv_text(["model", "kind", *columns], rows)


def _lines(check: ModelCheck) -> list[str]:
    if check.error is not None:
        return [f"{check.model}: FAILED: {check.error}"]
    lines = [f"{check.model}: {check.kind}{_loaded_text(check)}"]
    for trial in check.trials:
        name = f"  {trial.task} {trial.example}"
        if trial.error is not None:
            lines.append(f"{name}: FAILED: {trial.error}")
            continue
        counts = [
            f"{tokens:,} tokens {what}"
            for tokens, what in ((trial.input_tokens, "read"), (trial.output_tokens, "written"))
            if tokens is not None
        ]
        lines.append(f"{name}: {', '.join([*counts, f'{trial.seconds:.1f} s'])}")
        if trial.prompt is not None:
            lines.append(f"    prompt: {_excerpt(trial.prompt)}")
        lines.append(f"    says: {_excerpt(trial.text or '') or '(nothing)'}")
    return lines


def _check(entry: Entry, suite: Suite) -> ModelCheck:
    examples = [example for task in entry.tasks if (example := _first_example(suite, task))]
    started = time.perf_counter()
    try:
        for example in examples:
            entry.model.identity(example.query.task)  # what is missing is told here
        note_network([entry])
        entry.model.prepare()
        seconds = time.perf_counter() - started
        loaded = entry.model.loaded()
    except Exception as error:  # whatever a model raises is its failure; the next has its turn
        return ModelCheck(entry.name, entry.kind, error=_reason(error))
    trials = tuple(_try(entry.model, example) for example in examples)
    return ModelCheck(entry.name, entry.kind, loaded, seconds, trials)


def _first_example(suite: Suite, task: Task) -> Example | None:
    """Return the suite's first example of a task: on an article, else on an event."""
    examples = (example for scope in SCOPES for example in suite.examples(task, scope, 1))
    return next(examples, None)


def _try(model: Model, example: Example) -> Trial:
    query = example.query
    try:
        started = time.perf_counter()
        with panics_as_errors():
            (prediction,) = model.predict([query])
        seconds = time.perf_counter() - started
        if prediction.error is not None:
            return Trial(query.task, example.id, error=prediction.error)
        model.prepare_estimates()
        estimate = model.estimate(query)
        exact = estimate.input_tokens == estimate.max_input_tokens
        rendered = model.rendered_prompt(query)
        return Trial(
            task=query.task,
            example=example.id,
            prompt=None if rendered is None else model.readable_prompt(rendered),
            input_tokens=estimate.input_tokens if exact else prediction.prompt_tokens,
            output_tokens=prediction.output_tokens,
            text=prediction.text,
            seconds=seconds,
        )
    except Exception as error:  # as in _check
        return Trial(query.task, example.id, error=_reason(error))


def _loaded_text(check: ModelCheck) -> str:
    if check.loaded is None:
        return ", no weights here"
    loaded = check.loaded
    size = f"{loaded.parameters / 1e6:,.1f} million parameters, {loaded.bytes / 1e6:,.0f} MB"
    return f" on {loaded.device} in {loaded.dtype}, {size}, loaded in {check.seconds:.1f} s"


def _reason(error: Exception) -> str:
    return " ".join(f"{type(error).__name__}: {error}".split())[:500]


def _excerpt(text: str) -> str:
    line = " ".join(text.split())
    return line if len(line) <= _EXCERPT_LENGTH else f"{line[:_EXCERPT_LENGTH]}…"
