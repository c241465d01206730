"""The keys that every entry of a roster may have, whatever its kind."""

import re
from collections.abc import Sequence
from pathlib import Path
from typing import Annotated

from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    ValidationInfo,
)

from harness.command.locations import is_data_set, located_from
from harness.errors import did_you_mean
from harness.models import JUDGE_KINDS, is_kind, known_kinds
from harness.models.task_prompts import RosterContext
from harness.records import Task
from harness.validation.wording import Sha256, Text, Words

# What people write for a kind, each in small letters: the models and servers that it is for.
_MEANT = {
    "seq2seq": ("bart", "t5", "flan-t5", "mt5", "pegasus", "led", "mbart", "encoder-decoder"),
    "causal": ("gpt", "gpt2", "llama", "mistral", "qwen", "llm", "decoder", "chat", "gguf"),
    "extractive": ("bert", "roberta", "deberta", "electra", "qa", "reader", "span"),
    "endpoint": ("openai", "vllm", "tgi", "ollama", "api", "server", "http", "url", "litellm"),
    "python": ("own", "custom", "function", "class", "code"),
}


class _Keys(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, allow_inf_nan=False)


def _data_set(name: str, info: ValidationInfo) -> str:
    if not is_data_set(name):
        raise ValueError(
            f"must be named as --suite names a data set, data:FILE or hub:OWNER/NAME, not {name!r}"
        )
    folder = info.context.folder if isinstance(info.context, RosterContext) else Path()
    return located_from(name, folder)


class TrainedOn(_Keys):
    """A data set that a model was trained on."""

    name: Annotated[Text, Field(examples=["rajpurkar/squad#train"])]
    """The data set, as `--suite` names it, without `data:`, `hub:` or `squad:` and the commit."""
    ids_sha256: Sha256 | None = None
    """The hash of its ids, which tells it under any name; `harness articles` prints it."""
    sources_sha256: Sha256 | None = None
    """The hash over its texts, which tells it under other ids, or without any; `harness articles`
    prints it."""
    data: (
        Annotated[Text, AfterValidator(_data_set), Field(examples=["data:train.jsonl"])] | None
    ) = None
    """The data itself, as `--suite` names it and a path as seen from the roster: `harness check`
    then lists which rows are in it."""


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
    if name in JUDGE_KINDS:
        raise ValueError(f"{name!r} is a kind of judge: write [judges.NAME], and its keys below")
    if not is_kind(name):
        raise _no_kind(name, known_kinds())
    return name


def _known_judge_kind(name: str) -> str:
    if name not in JUDGE_KINDS:
        raise _no_kind(name, [*JUDGE_KINDS])
    return name


def _no_kind(name: str, kinds: Sequence[str]) -> ValueError:
    meant = [kind for kind, words in _MEANT.items() if name.lower() in words and kind in kinds]
    hint = f"; did you mean {meant[0]}?" if meant else did_you_mean(name, kinds)
    return ValueError(f"there is no kind {name!r}{hint}")


def _table_of_name(value: object) -> object:
    return {"name": value} if isinstance(value, str) else value


# The data sets that an entry was trained on: each a name, or a table.
_TrainedOn = list[
    Annotated[TrainedOn, BeforeValidator(_table_of_name, json_schema_input_type=str | TrainedOn)]
]


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
    resources: Resources | None = None
    """What a worker on a cluster is given for it: a table as below. It changes no text, and is no
    part of a prediction's key."""


class JudgeKeys(_Keys):
    """What every judge may have, `[judges.NAME]`."""

    kind: Annotated[str, AfterValidator(_known_judge_kind), Field(examples=["nli"])]
    """What kind of judge it is: one of those below."""
    licence: str | None = None
    """The licence of the weights."""
    trained_on: _TrainedOn = []
    """The data sets it was trained on, of which it must not judge texts: as above."""
