"""What a row says of its model, whatever was predicted: what a merge knows of it, and no roster."""

from typing import Self

from pydantic import Field

from harness.leaderboard.leaderboard import PromptLine
from harness.leaderboard.numbers import Count, Part
from harness.models.roster.contamination import contaminating_data_sets
from harness.models.roster.prompt_variants import prompts_of
from harness.models.roster.roster import Entry
from harness.records import Role, Task
from harness.suite.suite import Suite


class ModelFacts(Part):
    """A model on one task; the fields are those of the leaderboard's row."""

    model: str
    """The model's name in the roster."""
    role: Role
    """model or floor."""
    task: Task
    """What it is asked to do."""
    kind: str
    """The kind of model."""
    weights: dict[str, object] | None
    """Source and hash of the weights; null for models that have none."""
    weights_bytes: Count | None
    """Size of the weights."""
    licence: str | None
    """The weights' licence, as the roster gives it."""
    prompt: PromptLine | None
    """The prompt; null for models that are not prompted."""
    output_limit: Count | None
    """The most tokens of one text, where its length tells whether the limit ended it."""
    identity: dict[str, object]
    """All that can change the model's outputs: part of every prediction's key."""
    generation: dict[str, object] = Field(default_factory=dict)
    """The checkpoint's own settings, as far as they were on the disk."""
    trained_on: list[str] = Field(default_factory=list)
    """The names under which the roster says that the model was trained on this very suite."""

    @classmethod
    def of(cls, entry: Entry, task: Task, suite: Suite) -> Self:
        """Return what is known of an entry. Raises what its identity does."""
        model = entry.model
        prompt = prompts_of(model).get(task)
        weights = model.checkpoint
        return cls(
            model=entry.name,
            role=model.role,
            task=task,
            kind=entry.kind,
            weights=dict(weights.identity()) if weights else None,
            weights_bytes=weights.size() if weights else None,
            licence=entry.licence,
            prompt=PromptLine(name=prompt.name, version=prompt.version, sha256=prompt.sha256)
            if prompt
            else None,
            output_limit=model.output_limit(task),
            identity=dict(model.identity(task)),
            generation=dict(model.generation_settings()),
            trained_on=contaminating_data_sets(entry, suite),
        )
