"""Which models of a run a judge is kin to: it tends to prefer the texts of its own."""

import re
from collections.abc import Sequence
from pathlib import PurePosixPath

from harness.models.checkpoint.weights import HubWeights
from harness.models.endpoint.endpoint import Endpoint
from harness.models.judges.chat.chat import Chat
from harness.models.model import Model
from harness.models.roster.roster import Entry

# First words of names that say nothing of whose model it is.
_NO_FAMILY = frozenset(("all", "model", "tiny", "mini", "the", "my"))


def kin_cautions(judge: Entry, models: Sequence[Entry]) -> list[str]:
    """Return what is to be said of a judge that judges its own texts, or its family's.

    Models are kin that have the same weights, or names that begin with the same word.
    """
    asked = _asked(judge.model)
    cautions = []
    same = [entry.name for entry in models if _same_weights(asked, _asked(entry.model))]
    if same:
        cautions.append(
            f"has the weights of {', '.join(same)}, whose texts it judges; a judge tends to prefer "
            "its own"
        )
    own = family(asked)
    kin = [e.name for e in models if own and family(e.model) == own and e.name not in same]
    if kin:
        cautions.append(
            f"is of the family of {', '.join(kin)} ({own}), whose texts it judges; a judge tends "
            "to prefer its own family's"
        )
    return cautions


def family(model: Model) -> str | None:
    """Return the word that a model's name begins with, `None` where it says nothing."""
    if isinstance(model, Endpoint):
        name = model.model
    elif isinstance(model.checkpoint, HubWeights):
        name = model.checkpoint.hub
    elif model.checkpoint is not None:
        name = model.checkpoint.label
    else:
        return None
    match = re.match(r"[A-Za-z]{3,}", PurePosixPath(name).name)
    word = match[0].lower() if match else None
    return None if word in _NO_FAMILY else word


def _asked(model: Model) -> Model:
    return model.asked if isinstance(model, Chat) else model


def _same_weights(one: Model, other: Model) -> bool:
    if isinstance(one, Endpoint) and isinstance(other, Endpoint):
        return (one.url, one.model) == (other.url, other.model)
    return bool(
        one.checkpoint
        and other.checkpoint
        and dict(one.checkpoint.identity()) == dict(other.checkpoint.identity())
    )
