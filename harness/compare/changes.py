"""What changed between two rows: why their numbers may differ, or must not be compared."""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

from harness.files import flat_fields
from harness.leaderboard.leaderboard import Leaderboard, Row

Part = Literal["data", "metric", "prompt", "model", "decoding", "package", "code", "machine"]
PARTS: tuple[Part, ...] = (
    "data", "metric", "prompt", "model", "decoding", "package", "code", "machine",
)  # fmt: skip

# Where the first word of a field of an identity belongs; all other fields are decoding.
_IDENTITY_PARTS: Mapping[str, Part] = {
    "kind": "model",
    "weights": "model",
    "sha256": "model",
    "probabilities_sha256": "model",
    "adapter": "model",
    "tokenizer": "model",
    "dtype": "model",
    "file": "model",
    "prompt": "prompt",
    "prefix": "prompt",
    "date": "prompt",
    "backend": "package",
    "revision": "code",
    "splitter": "code",
    "device": "machine",
}
_ENVIRONMENT_PARTS: Mapping[str, Part] = {
    "harness": "package",
    "python": "package",
    "packages": "package",
    "git_commit": "code",
    "git_dirty": "code",
}


# The number of a version in a part of a signature.
_VERSION = re.compile(r"-\d[\d.]*")


@dataclass(frozen=True, slots=True)
class Change:
    """One thing that differs: the part it belongs to, its name, and what it was and is."""

    part: Part
    name: str
    base: str
    head: str

    def __str__(self) -> str:
        return f"{self.part}: {self.name} {_shortened(self.base)} -> {_shortened(self.head)}"


def refusals(
    base: tuple[Leaderboard, Row], head: tuple[Leaderboard, Row], metric: str
) -> list[Change]:
    """Return why two rows of one model and task are not comparable by a metric; nothing if so.

    Their goldens must be the same, the primary metric if it is that of the base, and what the
    metric declares and its signature.
    """
    (base_board, base_row), (head_board, head_row) = base, head
    reasons = []
    if base_board.suite.hash != head_board.suite.hash:
        reasons.append(Change("data", "suite", base_board.suite.hash, head_board.suite.hash))
    base_primary, head_primary = (
        board.primary[base_row.task] for board in (base_board, head_board)
    )
    is_primary = metric == base_primary
    label = "primary" if is_primary else metric
    if is_primary and base_primary != head_primary:
        reasons.append(Change("metric", label, base_primary, head_primary))
    elif metric not in base_row.metrics or metric not in head_row.metrics:
        present = [metric if metric in row.metrics else "none" for row in (base_row, head_row)]
        reasons.append(Change("metric", label, *present))
    else:
        reasons += _declaration_changes(metric, base_board, head_board)
        reasons += signature_changes(metric, base_row, head_row)
    return reasons


def _declaration_changes(name: str, base: Leaderboard, head: Leaderboard) -> list[Change]:
    """Return the range or direction of a metric where two runs have other ones."""
    texts = []
    for board in (base, head):
        declared = board.metrics[name].declaration
        texts.append(f"{declared.low:g} to {declared.high:g}, {declared.direction} is better")
    if texts[0] == texts[1]:
        return []
    return [Change("metric", f"range of {name}", *texts)]


def rescoring_hint(reasons: Iterable[Change]) -> str | None:
    """Return what to do where another metric or rule decided; `None` if no reason is that.

    >>> rescoring_hint([Change("metric", "signature of f1", "tokens:number-1", "tokens:number-2")])
    'scored by two versions of tokens:number; `harness eval` again, as the older run was made, \
scores its stored predictions anew without a model'
    """
    for change in reasons:
        if change.name == "primary" and "none" not in (change.base, change.head):
            return (
                f"ranked by two primary metrics, {change.base} and {change.head}; `harness eval` "
                "again with the same --primary, as the older run was made, runs no model"
            )
        rule = _VERSION.sub("", change.base)
        if change.part == "metric" and rule == _VERSION.sub("", change.head):
            return (
                f"scored by two versions of {rule}; `harness eval` again, as the older run was "
                "made, scores its stored predictions anew without a model"
            )
    return None


def changes(base: Row, head: Row) -> list[Change]:
    """Return all that is recorded of two rows and differs, by part, each thing once."""
    differences = [
        change
        for name in base.metrics
        if name in head.metrics
        for change in signature_changes(name, base, head)
    ]
    differences += _prompt_changes(base, head)
    differences += _identity_changes(base, head)
    differences += _environment_changes(base.environments, head.environments)
    return sorted(dict.fromkeys(differences), key=lambda change: PARTS.index(change.part))


def part_changes(base: tuple[Leaderboard, Row], head: tuple[Leaderboard, Row]) -> list[Change]:
    """Return that two rows of one suite were asked other examples, as one change or none.

    Of the same number of examples, which are others all the same, it names the hashes.
    """
    asked = [board.suite.asked_of(row.task, row.scope) for board, row in (base, head)]
    before, after = asked
    if before is None or after is None or before.ids_sha256 == after.ids_sha256:
        return []
    if before.examples == after.examples:
        return [Change("data", "examples", before.ids_sha256, after.ids_sha256)]
    counts = [f"{line.examples} of {line.suite_examples}" for line in (before, after)]
    return [Change("data", "examples", *counts)]


def signature_changes(name: str, base: Row, head: Row) -> list[Change]:
    """Return what differs between two rows' signatures of a metric, as one change or none."""
    base_signature, head_signature = base.metrics[name].signature, head.metrics[name].signature
    if base_signature == head_signature:
        return []
    base_parts, head_parts = base_signature.split("|"), head_signature.split("|")
    removed = "|".join(word for word in base_parts if word not in head_parts)
    added = "|".join(word for word in head_parts if word not in base_parts)
    return [
        Change("metric", f"signature of {name}", removed or base_signature, added or head_signature)
    ]


def _prompt_changes(base: Row, head: Row) -> list[Change]:
    if base.prompt == head.prompt:
        return []
    descriptions = [
        f"{row.prompt.name} version {row.prompt.version} ({row.prompt.sha256[:12]})"
        if row.prompt
        else "none"
        for row in (base, head)
    ]
    return [Change("prompt", "template", *descriptions)]


def _identity_changes(base: Row, head: Row) -> Iterator[Change]:
    base_fields, head_fields = (
        dict(flat_fields(base.identity)),
        dict(flat_fields(head.identity)),
    )
    for name in dict.fromkeys([*base_fields, *head_fields]):
        first, _, rest = name.partition(".")
        known_already = name == "prompt" and base.prompt != head.prompt
        if base_fields.get(name) != head_fields.get(name) and not known_already:
            part = _IDENTITY_PARTS.get(first, "decoding")
            label = rest if part == "package" else name
            yield Change(part, label, base_fields.get(name, "none"), head_fields.get(name, "none"))


def _environment_changes(
    base: Sequence[Mapping[str, object]], head: Sequence[Mapping[str, object]]
) -> Iterator[Change]:
    base_fields, head_fields = _environment_values(base), _environment_values(head)
    for name in dict.fromkeys([*base_fields, *head_fields]):
        if base_fields.get(name) != head_fields.get(name):
            first, _, rest = name.partition(".")
            part = _ENVIRONMENT_PARTS.get(first, "machine")
            label = {"harness": "golden-harness", "git_commit": "commit"}.get(first, rest or first)
            if first == "git_dirty":
                label = "uncommitted changes"
            yield Change(part, label, base_fields.get(name, "none"), head_fields.get(name, "none"))


def _environment_values(environments: Sequence[Mapping[str, object]]) -> dict[str, str]:
    """Return each field's values, several if the predictions were made in several places."""
    values_by_field: dict[str, set[str]] = {}
    for environment in environments:
        for name, value in flat_fields(environment):
            values_by_field.setdefault(name, set()).add(value)
    return {name: " or ".join(sorted(values)) for name, values in values_by_field.items()}


def _shortened(value: str) -> str:
    """Return a value as it fits a line: of a hash its first digits."""
    if len(value) >= 40 and all(letter in "0123456789abcdef" for letter in value):
        return value[:12]
    return value
