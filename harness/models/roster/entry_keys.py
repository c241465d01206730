"""The keys that every entry of a roster may have, whatever its kind."""

from collections.abc import Mapping
from typing import Annotated

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field

from harness.errors import did_you_mean
from harness.models import JUDGE_KINDS, KINDS
from harness.records import Task
from harness.validation.wording import Sha256, Text


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


def _known_kind(name: str) -> str:
    if name in JUDGE_KINDS:
        raise ValueError(f"{name!r} is a kind of judge: write [judges.NAME], and its keys below")
    return _one_of(name, KINDS)


def _known_judge_kind(name: str) -> str:
    return _one_of(name, JUDGE_KINDS)


def _one_of(name: str, kinds: Mapping[str, str]) -> str:
    if name not in kinds:
        raise ValueError(f"there is no kind {name!r}{did_you_mean(name, list(kinds))}")
    return name


def _table_of_name(value: object) -> object:
    return {"name": value} if isinstance(value, str) else value


# The data sets that an entry was trained on: each a name, or a table.
_TrainedOn = list[Annotated[TrainedOn, BeforeValidator(_table_of_name)]]


class EntryKeys(_Keys):
    """What every entry may have."""

    kind: Annotated[str, AfterValidator(_known_kind), Field(examples=["seq2seq"])]
    """What kind of model it is: one of those below."""
    tasks: Annotated[list[Task], Field(min_length=1)] | None = None
    """Only these of the tasks that it can do."""
    licence: str | None = None
    """The licence of the weights, shown on the leaderboard."""
    trained_on: _TrainedOn = []
    """The data sets it was trained on, on which it must not be scored: each a name, or a table as
    below."""


class JudgeKeys(_Keys):
    """What every judge may have, `[judges.NAME]`."""

    kind: Annotated[str, AfterValidator(_known_judge_kind), Field(examples=["nli"])]
    """What kind of judge it is: one of those below."""
    licence: str | None = None
    """The licence of the weights."""
    trained_on: _TrainedOn = []
    """The data sets it was trained on, of which it must not judge texts: as above."""
