"""What a run, its suite and its store know of one model's prediction of one example."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from difflib import get_close_matches
from pathlib import Path

from harness.errors import DataError, UsageError, did_you_mean
from harness.leaderboard.leaderboard import Row
from harness.leaderboard.prediction_lines import PredictionLine
from harness.leaderboard.rows.evidence import evidence_seen
from harness.leaderboard.rows.unfinished import finish_of
from harness.leaderboard.run_folder import STORE, Run, read_run
from harness.records import SCOPES, Example, Prediction, ScoredPrediction, Task
from harness.run.store import Store
from harness.show.rendered_prompt import RenderedPrompt, render_prompt
from harness.suite.suite import Suite


@dataclass(frozen=True)
class EvidenceView:
    """A golden's evidence, and the article that it stands in."""

    article: str
    text: str


@dataclass(frozen=True)
class RepeatView:
    """What a model said when it was asked for the `repeat`-th time, and what that text scored."""

    repeat: int
    text: str
    error: str | None
    scores: Mapping[str, float]


@dataclass(frozen=True)
class ExampleView:
    """One prediction with everything around it.

    `dropped` holds the ranges of `context` that the model never saw. `prompt` is the text that it
    read, made anew. `shares` names the scores that go from 0 to 1. `costs` has what was counted
    when the prediction was made, where it is known. `repeats` has all that a model said that was
    asked several times, in order: `text` is the first that did not fail, and `scores` are means.
    """

    model: str
    kind: str
    task: Task
    example: str
    context: str
    dropped: tuple[tuple[int, int], ...]
    question: str | None
    words: tuple[int, int] | None
    prompt: RenderedPrompt
    steps: tuple[Mapping[str, object], ...]
    decoding: object
    generation: Mapping[str, object]
    text: str
    raw: str
    error: str | None
    missing: bool
    references: tuple[str, ...]
    evidence: tuple[EvidenceView, ...]
    evidence_seen: bool | None
    scores: Mapping[str, float]
    shares: tuple[str, ...]
    source_tokens: int | None
    kept_tokens: int | None
    output_tokens: int | None
    finish: str | None
    cut: Mapping[str, float]
    costs: Mapping[str, object]
    notes: tuple[str, ...]
    repeats: tuple[RepeatView, ...] = ()


def show(
    example: str,
    model: str,
    run_path: Path,
    suite_name: str | Path | None = None,
    rosters: Sequence[str | Path] | None = None,
    prompt_folder: Path | None = None,
) -> ExampleView:
    """Return what is known of a model's prediction of an example.

    Raises UsageError, with the nearest names, for a model or an example that the run does not
    have, DataError for what is no run, or one of another suite.
    """
    run = read_run(run_path)
    line = _find_line(run, model, example)
    suite = run.suite(suite_name)
    example_record, row = _find_example(run, suite, line)
    notes = []
    if suite.hash != run.board.suite.hash:
        notes.append("the suite has changed since the run; its texts are shown as they are today")
    return ExampleView(
        model=model,
        kind=row.kind,
        task=line.task,
        example=example,
        context=example_record.query.context,
        dropped=line.dropped,
        question=example_record.query.question,
        words=example_record.query.words,
        prompt=render_prompt(row, line, example_record.query, rosters, prompt_folder),
        steps=tuple(step.model_dump() for step in line.steps),
        decoding=row.identity.get("decoding"),
        generation=row.generation,
        text=line.text,
        raw=line.text if line.raw is None else line.raw,
        error=line.error,
        missing=line.missing,
        references=example_record.references,
        evidence=tuple(
            EvidenceView(evidence.article, evidence.text) for evidence in example_record.evidence
        ),
        evidence_seen=_evidence_seen(example_record, line),
        scores=line.scores,
        shares=tuple(
            name
            for name, declared in run.board.metrics.items()
            if name in line.scores and declared.declaration.is_share
        ),
        source_tokens=line.source_tokens,
        kept_tokens=line.kept_tokens,
        output_tokens=line.output_tokens,
        finish=finish_of(row, line.prediction),
        cut=line.cut,
        costs=_costs(run.folder / STORE, line.key),
        notes=tuple(notes),
        repeats=tuple(
            RepeatView(
                part.repeat,
                part.text,
                part.error,
                line.own_scores if part is line else part.scores,
            )
            for part in (line.parts if line.repeats else ())
        ),
    )


def _find_line(run: Run, model: str, example: str) -> PredictionLine:
    models = list(dict.fromkeys(name for name, _ in run.line_numbers))
    if model not in models:
        raise UsageError(
            f"--model: {run.folder} has no model {model!r}{did_you_mean(model, models)}"
        )
    for line in run.lines:
        if (line.model, line.example) == (model, example):
            return line
    examples = list(dict.fromkeys(line.example for line in run.lines))
    if example in examples:
        raise UsageError(f"{run.folder}: {model} was not asked {example!r}; choose another --model")
    asked = [name for name in examples if name.endswith(f"/{example}")]  # its article left out
    close = get_close_matches(example, examples, cutoff=0.6)
    articles = list(dict.fromkeys(line.cluster for line in run.lines))
    asked += [name for name in examples if name.startswith(f"{example}/")]
    known = did_you_mean(example, close or articles)
    raise UsageError(
        f"{run.folder} has no example {example!r}"
        + (f"; did you mean {' or '.join(asked[:3])}?" if asked else known)
    )


def _find_example(run: Run, suite: Suite, line: PredictionLine) -> tuple[Example, Row]:
    """Return the line's example, and the row that it belongs to."""
    for scope in SCOPES:
        for example in suite.examples(line.task, scope):
            if example.id == line.example:
                name = (line.model, line.task, scope)
                for row in run.board.rows:
                    if (row.model, row.task, row.scope) == name:
                        return example, row
                raise DataError(f"{run.folder}: the leaderboard has no row of {' '.join(name)}")
    raise DataError(
        f"{run.folder}: was run on the suite {run.board.suite.id!r}, and {suite.id!r} has no "
        f"example {line.example!r}; name the suite's folder with --suite"
    )


def _evidence_seen(example: Example, line: PredictionLine) -> bool | None:
    prediction = Prediction(line.text, error=line.error, dropped=line.dropped)
    return evidence_seen(ScoredPrediction(example, line.key, prediction, False, line.scores))


def _costs(store: Path, key: str) -> dict[str, object]:
    """Return what the store has of a prediction that the lines do not have, if there is a store."""
    if not store.is_file():
        return {}
    with Store(store, read_only=True) as opened_store:
        stored = opened_store.get([key]).get(key)
    if stored is None:
        return {}
    shown_fields = {"text", "raw", "error", "steps", "dropped", *PredictionLine.model_fields}
    defaults = asdict(Prediction(""))
    return {
        name: value
        for name, value in asdict(stored.prediction).items()
        if name not in shown_fields and value != defaults[name]
    }
