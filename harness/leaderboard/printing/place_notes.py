"""Which rows were made in several kinds of place, and how these differ."""

from collections.abc import Iterable, Mapping, Sequence

from harness.environment import place_kind
from harness.files import canonical_json, flat_fields

UNKNOWN = "unknown"
# So many values of one fact are named.
_MOST_VALUES = 4


def place_notes(environments: Iterable[tuple[str, Sequence[Mapping[str, object]]]]) -> list[str]:
    """Return a sentence for each set of kinds of place that rows were made in, if it is several.

    Takes each row's name and its environments, whose commits of the code make no two kinds.

    >>> place_notes([("lead-3", [{"cpu": "EPYC", "threads": 2}, {"cpu": "Xeon", "threads": 2}])])
    ['lead-3: made in 2 kinds of place, which differ in cpu (EPYC or Xeon).']
    """
    names_by_text: dict[str, list[str]] = {}
    for name, of_row in environments:
        kinds = {canonical_json(kind): kind for known in of_row if (kind := place_kind(known))}
        if len(kinds) > 1:
            text = f"made in {len(kinds)} kinds of place, which differ in {_differing(kinds)}."
            names_by_text.setdefault(text, []).append(name)
    return [f"{', '.join(names)}: {text}" for text, names in names_by_text.items()]


def _differing(kinds: Mapping[str, Mapping[str, object]]) -> str:
    """Return the facts that the kinds do not have alike, each with its values."""
    places = [dict(flat_fields(kind)) for kind in kinds.values()]
    facts = []
    for name in dict.fromkeys(name for place in places for name in place):
        values = sorted({place[name] for place in places if name in place})
        values += [UNKNOWN] if any(name not in place for place in places) else []
        if len(values) > 1:
            more = [f"{len(values) - _MOST_VALUES} more"] if len(values) > _MOST_VALUES else []
            named = " or ".join([*values[:_MOST_VALUES], *more])
            facts.append(f"{name.removeprefix('packages.')} ({named})")
    return ", ".join(facts)
