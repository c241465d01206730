"""Which output of a classifier means what, by the names that its checkpoint gives them.

Which number stands for entailment differs from one published checkpoint to the next; taken
wrongly, a judge says the opposite of what it was trained to say, and no number looks wrong.
"""

from collections.abc import Collection, Mapping
from typing import Any

from harness.errors import ModelError

# Names that published checkpoints have, in lower case, spaces and the like being one underscore.
ENTAILMENT = ("entailment", "entails", "entail", "entailed", "supports")
CONTRADICTION = ("contradiction", "contradicts", "contradict", "contradicted", "refutes")
SUPPORTED = ("supported", "supports", "support", "entailment", "consistent", "factual")
UNSUPPORTED = ("hallucinated", "hallucination", "unsupported", "not_supported")


def label_names(config: Any) -> dict[int, str]:
    """Return the names of a checkpoint's labels by their numbers."""
    return {int(number): str(name) for number, name in config.id2label.items()}


def label_number(
    names: Mapping[int, str], meant: Collection[str], chosen: str | None, key: str, label: str
) -> int:
    """Return the number of the one label that is `meant`, or that the roster's `key` names.

    `label` is what the checkpoint is called. Raises ModelError where none has such a name, several
    have, or the chosen one is not there.
    """
    listed = ", ".join(names.values())
    wanted = {_plain(chosen)} if chosen is not None else set(meant)
    fitting = [number for number, name in names.items() if _plain(name) in wanted]
    if len(fitting) == 1:
        return fitting[0]
    if chosen is not None:
        raise ModelError(f"{label}: has no label {chosen!r} for `{key}`, but {listed}")
    raise ModelError(
        f"{label}: which of its labels means {key} cannot be told by their names ({listed}); say "
        f'which in the roster, {key} = "NAME"'
    )


def _plain(name: str) -> str:
    """Return a label's name as names are compared.

    >>> _plain("NOT SUPPORTED"), _plain("Not-supported")
    ('not_supported', 'not_supported')
    """
    return "_".join(name.replace("-", " ").replace("_", " ").casefold().split())
