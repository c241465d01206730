"""What changed between two rows: why their numbers may differ, or must not be compared."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

from harness.files import canonical_json
from harness.leaderboard.leaderboard import Leaderboard, Row

Part = Literal["data", "metric", "prompt", "model", "decoding", "package", "code", "machine"]
PARTS: tuple[Part, ...] = (
    "data", "metric", "prompt", "model", "decoding", "package", "code", "machine",
)  # fmt: skip

# Where the first word of a field of an identity belongs; all other fields are decoding.
_IDENTITY: Mapping[str, Part] = {
    "kind": "model",
    "weights": "model",
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
_ENVIRONMENT: Mapping[str, Part] = {
    "harness": "package",
    "python": "package",
    "packages": "package",
    "git_commit": "code",
    "git_dirty": "code",
}


@dataclass(frozen=True, slots=True)
class Change:
    """One thing that differs: the part it belongs to, its name, and what it was and is."""

    part: Part
    name: str
    base: str
    head: str

    def __str__(self) -> str:
        return f"{self.part}: {self.name} {_brief(self.base)} -> {_brief(self.head)}"


def refusals(base: tuple[Leaderboard, Row], head: tuple[Leaderboard, Row]) -> list[Change]:
    """Return why two rows of one model and task are not comparable; nothing if they are.

    Their goldens, the primary metric and its signature must be the same.
    """
    (base_board, base_row), (head_board, head_row) = base, head
    found = []
    if base_board.suite.hash != head_board.suite.hash:
        found.append(Change("data", "suite", base_board.suite.hash, head_board.suite.hash))
    name, other = base_board.primary[base_row.task], head_board.primary[head_row.task]
    if name != other:
        found.append(Change("metric", "primary", name, other))
    elif name not in base_row.metrics or name not in head_row.metrics:
        known = [name if name in row.metrics else "none" for row in (base_row, head_row)]
        found.append(Change("metric", "primary", *known))
    else:
        found += _signature(name, base_row, head_row)
    return found


def changes(base: Row, head: Row) -> list[Change]:
    """Return all that is recorded of two rows and differs, by part, each thing once."""
    found = [
        change
        for name in base.metrics
        if name in head.metrics
        for change in _signature(name, base, head)
    ]
    found += _prompt(base, head)
    found += _identity(base, head)
    found += _environment(base.environments, head.environments)
    return sorted(dict.fromkeys(found), key=lambda one: PARTS.index(one.part))


def _signature(name: str, base: Row, head: Row) -> list[Change]:
    one, two = base.metrics[name].signature, head.metrics[name].signature
    if one == two:
        return []
    left, right = one.split("|"), two.split("|")
    gone = "|".join(word for word in left if word not in right)
    come = "|".join(word for word in right if word not in left)
    return [Change("metric", f"signature of {name}", gone or one, come or two)]


def _prompt(base: Row, head: Row) -> list[Change]:
    if base.prompt == head.prompt:
        return []
    told = [
        f"{row.prompt.name} version {row.prompt.version} ({row.prompt.sha256[:12]})"
        if row.prompt
        else "none"
        for row in (base, head)
    ]
    return [Change("prompt", "template", *told)]


def _identity(base: Row, head: Row) -> Iterator[Change]:
    left, right = dict(_flat(base.identity)), dict(_flat(head.identity))
    for name in dict.fromkeys([*left, *right]):
        first, _, rest = name.partition(".")
        known_already = name == "prompt" and base.prompt != head.prompt
        if left.get(name) != right.get(name) and not known_already:
            part = _IDENTITY.get(first, "decoding")
            shown = rest if part == "package" else name
            yield Change(part, shown, left.get(name, "none"), right.get(name, "none"))


def _environment(
    base: Sequence[Mapping[str, object]], head: Sequence[Mapping[str, object]]
) -> Iterator[Change]:
    left, right = _values(base), _values(head)
    for name in dict.fromkeys([*left, *right]):
        if left.get(name) != right.get(name):
            first, _, rest = name.partition(".")
            part = _ENVIRONMENT.get(first, "machine")
            shown = {"harness": "golden-harness", "git_commit": "commit"}.get(first, rest or first)
            if first == "git_dirty":
                shown = "uncommitted changes"
            yield Change(part, shown, left.get(name, "none"), right.get(name, "none"))


def _values(environments: Sequence[Mapping[str, object]]) -> dict[str, str]:
    """Return each field's values, several if the predictions were made in several places."""
    found: dict[str, set[str]] = {}
    for environment in environments:
        for name, value in _flat(environment):
            found.setdefault(name, set()).add(value)
    return {name: " or ".join(sorted(values)) for name, values in found.items()}


def _flat(value: Mapping[str, object], prefix: str = "") -> Iterator[tuple[str, str]]:
    for name, inner in value.items():
        if isinstance(inner, Mapping):
            yield from _flat(inner, f"{prefix}{name}.")
        else:
            yield f"{prefix}{name}", inner if isinstance(inner, str) else canonical_json(inner)


def _brief(value: str) -> str:
    """Return a value as it fits a line: of a hash its first digits."""
    if len(value) >= 40 and all(letter in "0123456789abcdef" for letter in value):
        return value[:12]
    return value
