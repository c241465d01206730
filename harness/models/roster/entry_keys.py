"""The keys that every entry of a roster may have, whatever its kind."""

import re
from typing import Annotated

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field

from harness.errors import did_you_mean
from harness.models import KINDS
from harness.records import Task
from harness.validation.wording import Sha256, Text, Words


class _Keys(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, use_attribute_docstrings=True)


class TrainedOn(_Keys):
    """A data set that a model was trained on."""

    name: Annotated[Text, Field(examples=["rajpurkar/squad#train"])]
    """The data set, as `--suite` names it, without `data:`, `hub:` or `squad:` and the commit."""
    ids_sha256: Sha256 | None = None
    """The hash of its ids, which tells it under any name; `harness articles` prints it."""
    sources_sha256: Sha256 | None = None
    """The hash over its texts, which tells it under other ids, or without any; `harness articles`
    prints it."""


def _bytes(value: object) -> object:
    """Take a size with its unit, "8 GB" or "8 GiB"; a number is of bytes."""
    match = _SIZE.fullmatch(value.strip()) if isinstance(value, str) else None
    return int(float(match[1]) * _UNITS[match[2].upper()]) if match else value


_SIZE = re.compile(r"([0-9]+(?:\.[0-9]+)?) ?([KMGT]i?B|B)", re.IGNORECASE)
_UNITS = {"B": 1} | {
    f"{letter}{ending}": base**power
    for power, letter in enumerate("KMGT", start=1)
    for ending, base in (("B", 1000), ("IB", 1024))
}


class Resources(_Keys):
    """What a worker on a cluster is given: `harness eval --engine ray`."""

    cpus: Annotated[float, Field(gt=0)] | None = None
    """The cores that it computes with, as threads; by default as many as a run here would, and 1
    beside a GPU."""
    gpus: Annotated[float, Field(ge=0)] | None = None
    """Its GPUs, or the share of one; by default 1 where the entry's device is one."""
    memory: (
        Annotated[
            int,
            Field(ge=1),
            BeforeValidator(_bytes),
            Words("size", 'must be a size such as "8 GB"'),
        ]
        | None
    ) = None
    """What it may take, "8 GB"; without GPUs it is held to that. By default all that is there."""


def _known_kind(name: str) -> str:
    if name not in KINDS:
        raise ValueError(f"there is no kind {name!r}{did_you_mean(name, list(KINDS))}")
    return name


def _table_of_name(value: object) -> object:
    return {"name": value} if isinstance(value, str) else value


class EntryKeys(_Keys):
    """What every entry may have."""

    kind: Annotated[str, AfterValidator(_known_kind), Field(examples=["seq2seq"])]
    """What kind of model it is: one of those below."""
    tasks: Annotated[list[Task], Field(min_length=1)] | None = None
    """Only these of the tasks that it can do."""
    licence: str | None = None
    """The licence of the weights, shown on the leaderboard."""
    trained_on: list[Annotated[TrainedOn, BeforeValidator(_table_of_name)]] = []
    """The data sets it was trained on, on which it must not be scored: each a name, or a table as
    below."""
    resources: Resources | None = None
    """What a worker on a cluster is given for it: a table as below. It changes no text, and is no
    part of a prediction's key."""
