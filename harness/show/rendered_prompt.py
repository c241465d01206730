"""The text that a model read, made anew by its own tokenizer and held against the record."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Literal

from harness.errors import HarnessError
from harness.files import canonical_json, sha256
from harness.leaderboard.leaderboard import Row
from harness.leaderboard.prediction_lines import PredictionLine
from harness.models.generative.map_reduce import join_summaries
from harness.models.roster.prompt_variants import prompt_variants
from harness.models.roster.roster import Entry, read_rosters
from harness.records import Query

# none: it reads no prompt. same: the text has the recorded hash. other: it has another, so it is
# not what was read. unknown: it cannot be made here.
State = Literal["none", "same", "other", "unknown"]


@dataclass(frozen=True)
class RenderedPrompt:
    """A prediction's prompt: its name, the text made anew, and how far that can be trusted."""

    name: str | None
    state: State
    reason: str
    text: str | None = None
    recorded_sha256: str | None = None


def render_prompt(
    row: Row,
    line: PredictionLine,
    query: Query,
    rosters: Sequence[str | Path] | None,
    prompt_folder: Path | None = None,
) -> RenderedPrompt:
    """Return a prediction's prompt, rendered by the model that the roster has today.

    Only a model that reads a prompt is looked for; only then is its tokenizer loaded.
    """
    name = f"{row.prompt.name} version {row.prompt.version}" if row.prompt else None
    recorded = line.rendered_sha256
    if recorded is None:
        reason = "the prediction failed" if line.error else "this kind of model reads no prompt"
        if row.kind == "predictions":
            reason = "not known, for this was made elsewhere"
        return RenderedPrompt(name, "none", reason)
    try:
        entry = _entry(row, rosters, prompt_folder)
        if entry is None:
            reason = f"the roster has no {row.model!r}; name its file with --roster"
            return RenderedPrompt(name, "unknown", reason, None, recorded)
        text = _rendered(entry, row, _last_query(query, line))
        is_same = text is not None and sha256(text) == recorded
        changed = "" if is_same else _changed_fields(row, entry)  # which may need a server's key
    except HarnessError as error:
        return RenderedPrompt(name, "unknown", f"it cannot be made anew: {error}", None, recorded)
    if text is None:
        return RenderedPrompt(name, "unknown", "this kind of model cannot show it", None, recorded)
    readable = entry.model.readable_prompt(text)
    if is_same:
        return RenderedPrompt(
            name, "same", "made anew; its hash is the recorded one", readable, recorded
        )
    changed_since = f"; since the run {changed} changed" if changed else ""
    reason = (
        f"NOT what was read: made anew, it has another hash than the recorded one{changed_since}"
    )
    return RenderedPrompt(name, "other", reason, readable, recorded)


def _rendered(entry: Entry, row: Row, query: Query) -> str | None:
    try:
        return entry.model.rendered_prompt(query)
    except HarnessError:
        entry.model.identity(row.task)  # of weights that are not here it says so
        raise


def _entry(
    row: Row, rosters: Sequence[str | Path] | None, prompt_folder: Path | None
) -> Entry | None:
    """Return the row's model; of "model [prompt]" the model with that prompt."""
    entries = read_rosters(rosters, prompt_folder)
    if row.model in entries or row.prompt is None:
        return entries.get(row.model)
    unprompted = entries.get(row.model.removesuffix(f" [{row.prompt.name}]"))
    variants = prompt_variants([unprompted], [row.prompt.name], [row.task]) if unprompted else []
    return next((variant for variant in variants if variant.name == row.model), None)


def _changed_fields(row: Row, entry: Entry) -> str:
    """Return which fields of the model's identity are others today."""
    today = entry.model.identity(row.task)
    fields = dict.fromkeys([*row.identity, *today])
    return ", ".join(
        name
        for name in fields
        if canonical_json(row.identity.get(name)) != canonical_json(today.get(name))
    )


def _last_query(query: Query, line: PredictionLine) -> Query:
    """Return what the text was asked from: the summaries of the last level, where there are any."""
    if not line.steps:
        return query
    level = line.steps[-1].level
    texts = [step.text for step in line.steps if step.level == level]
    return replace(query, context=join_summaries(texts))
