"""The answers of a model that measures see differently, and how `contains` goes with length."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from pathlib import Path
from statistics import fmean

from harness.errors import UsageError, did_you_mean
from harness.leaderboard.prediction_lines import PredictionLine, select_lines
from harness.leaderboard.run_folder import read_run
from harness.metrics.answers.disagreement import (
    DISAGREEING,
    KINDS,
    LENGTHS,
    disagreement,
    length_part,
)
from harness.records import SCOPES
from harness.suite.suite import Suite
from harness.visible import visible_text


@dataclass(frozen=True)
class LengthPart:
    """The answers of some length: how many, and what share of them contains an acceptable one."""

    part: str
    n: int
    contains: float


@dataclass(frozen=True)
class Disagreement:
    """An answer that measures see differently: how, what was said, what would have been right."""

    kind: str
    example: str
    text: str
    references: tuple[str, ...]
    scores: Mapping[str, float]


@dataclass(frozen=True)
class Disagreements:
    """A model's answers: how many there are of each kind, those that disagree, and by length."""

    model: str
    counts: Mapping[str, int]
    disagreements: tuple[Disagreement, ...]
    by_length: tuple[LengthPart, ...]


def disagreements(
    model: str, run_path: Path, suite_name: str | Path | None = None
) -> Disagreements:
    """Return the answers of a model on which exact match, F1 and contains disagree.

    Raises UsageError for a model that the run does not have, or that answered nothing which these
    three scored.
    """
    run = read_run(run_path)
    models = list(dict.fromkeys(name for name, _ in run.line_numbers))
    if model not in models:
        raise UsageError(
            f"--model: {run.folder} has no model {model!r}{did_you_mean(model, models)}"
        )
    order = {kind: place for place, kind in enumerate(DISAGREEING)}
    counts = dict.fromkeys(KINDS, 0)
    by_length: dict[str, list[float]] = {part: [] for part in LENGTHS}
    disagreeing: list[tuple[str, PredictionLine]] = []
    for line in select_lines(run.lines, run.line_numbers.get((model, "answer"), ())):
        kind, part = disagreement(line.scores), length_part(line.scores)
        if kind is None:
            continue
        counts[kind] += 1
        if kind in order:
            disagreeing.append((kind, line))
        if part is not None:
            by_length[part].append(line.scores["contains"])
    if not any(counts.values()):
        raise UsageError(
            f"{run.folder}: {model} has no answers that `contains` has scored: they failed, or "
            "the run is older than it"
        )
    asked = {line.example for _, line in disagreeing}
    references = _references(run.suite(suite_name), asked)
    return Disagreements(
        model,
        counts,
        tuple(
            Disagreement(
                kind, line.example, line.text, references.get(line.example, ()), dict(line.scores)
            )
            for kind, line in sorted(
                disagreeing, key=lambda item: (order[item[0]], item[1].example)
            )
        ),
        tuple(
            LengthPart(part, len(values), fmean(values))
            for part, values in by_length.items()
            if values
        ),
    )


def disagreements_text(view: Disagreements) -> str:
    """Return the same as a person reads it; what cannot be seen is shown as a token."""
    sections = [
        f"== answers of {view.model}\n" + _columns(view.counts),
        "== contains, by length of the answer\n"
        + _columns(
            {part.part: f"{100 * part.contains:5.1f}  n {part.n}" for part in view.by_length}
        ),
    ]
    for kind in DISAGREEING:
        own = [item for item in view.disagreements if item.kind == kind]
        if own:
            sections.append(f"== {kind}: {KINDS[kind]}\n" + "\n".join(map(_item, own)))
    return "\n".join(map(visible_text, "\n\n".join(sections).split("\n")))


def _item(item: Disagreement) -> str:
    accepted = " | ".join(item.references) or "none: unanswerable"
    f1, words = 100 * item.scores["f1"], item.scores["words"]
    said = " ".join(item.text.split())
    heading = f"{item.example}: F1 {f1:.1f}, {words:.0f} words"
    return f"{heading}\n  said      {said}\n  accepted  {accepted}"


def _columns(values: Mapping[str, object]) -> str:
    width = max(map(len, values), default=0)
    return "\n".join(f"{name:{width}}  {value:>5}" for name, value in values.items())


def _references(suite: Suite, asked: Collection[str]) -> dict[str, tuple[str, ...]]:
    return {
        example.id: example.references
        for scope in SCOPES
        for example in suite.examples("answer", scope)
        if example.id in asked
    }
