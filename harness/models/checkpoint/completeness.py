"""Whether a network is what its checkpoint holds: all of its weights, and in their places.

transformers fills what a file lacks at random, leaves out what has no place, and says so in a
log; two runs then give two texts.
"""

from collections.abc import Collection, Iterable, Mapping
from typing import Any

from harness.errors import ModelError


def refuse_incomplete(
    label: str,
    model: Any,
    info: Mapping[str, Any],
    *,
    brought: Collection[str] = (),
    unused: Collection[str] = (),
) -> None:
    """Raise ModelError for a network with weights that do not come from its checkpoint.

    `info` is what `from_pretrained` says with `output_loading_info`: a weight that is tied to
    one that is there is not missing. `brought` are the names of those that an adapter brings, and
    `unused` the modules that nothing of what is asked of the network goes through.

    Weights of another head are left out without a word, as `from_pretrained` is made for. Those
    of a module that the network has, such as a further layer, are not.
    """
    mismatched = {str(entry[0]) for entry in info.get("mismatched_keys") or ()}
    if mismatched:
        raise ModelError(
            f"{label}: the checkpoint's {_listed(mismatched)} has another shape than its "
            "config.json says; take the config.json that belongs to the weights"
        )
    missing = {
        name
        for name in info["missing_keys"]
        if name not in brought and not set(name.split(".")) & set(unused)
    }
    if missing:
        raise ModelError(
            f"{label}: the checkpoint has no {_listed(missing)}: what is missing would be filled "
            "at random, and random weights must not be scored; take whole weights, or the `kind` "
            "that they were trained for"
        )
    unexpected = {name for name in info["unexpected_keys"] if _has_module_of(model, name)}
    if unexpected:
        raise ModelError(
            f"{label}: the checkpoint holds {_listed(unexpected)}, for which its config.json has "
            "no place; take the config.json that belongs to the weights"
        )


def _has_module_of(model: Any, name: str) -> bool:
    """Return whether a weight's name belongs to a module that the network has, or its trunk."""
    prefix = model.base_model_prefix
    parts = name.split(".")
    if prefix and parts[0] == prefix:
        parts = parts[1:]
    children = {child for owner in (model, model.base_model) for child, _ in owner.named_children()}
    return parts[0] in children - {prefix}


def _listed(names: Iterable[str]) -> str:
    """Return the first of some names, and how many there are beside it."""
    first, *others = sorted(names)
    return f"{first} (and {len(others)} more)" if others else first
