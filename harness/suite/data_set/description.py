"""What a file says of a data set: where it is, and which of its columns is what."""

from pathlib import Path
from typing import Annotated, Self

from pydantic import (
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    StringConstraints,
    TypeAdapter,
    model_validator,
)

from harness.command.data_choice import Role
from harness.command.locations import DATA
from harness.errors import DataError, Problem
from harness.files import read_toml_with_lines
from harness.suite.data_set.source import COMMIT, Source, read_source
from harness.suite.golden_file import WordRange
from harness.suite.manifest import SuiteKeys
from harness.validation.validation import validate
from harness.validation.wording import Text, Words


def _as_list(value: object) -> object:
    return [value] if isinstance(value, str) else value


HubName = Annotated[
    str,
    StringConstraints(pattern=r"^[\w-][\w.-]*(/[\w.-]+)?$"),
    Words("name on the Hub", "must be a name on the Hub, such as abisee/cnn_dailymail"),
]
Commit = Annotated[
    str,
    StringConstraints(pattern=f"^{COMMIT.pattern}$"),
    Words("commit", "must be a commit of 40 digits, as the Hub shows it under Files, History"),
]


class ColumnKeys(BaseModel):
    """Which column is what; those that are left out are found by their names.

    With dots a name is one of a column within a column.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    article: Text | None = None
    """The text that is summarized, or that questions are on; of a list the items are paragraphs."""
    reference: (
        Annotated[
            list[Text],
            Field(min_length=1),
            BeforeValidator(_as_list, json_schema_input_type=str | list[str]),
        ]
        | None
    ) = None
    """A reference summary, or a list of them; several columns are several references."""
    question: Text | None = None
    """The question."""
    answers: Text | None = None
    """The answers that are accepted: a text, a list of texts, or as SQuAD and others have them."""
    id: Text | None = None
    """What names a row; without one rows are numbered."""


class DataKeys(SuiteKeys):
    """What may be said of a data set, wherever it is."""

    config: Text | None = None
    """Of a data set on the Hub, or a folder as there, its configuration."""
    split: Text | None = None
    """The split; it may be left out where there is one."""
    cluster: Text | None = None
    """The column whose rows belong together in the statistics; of questions `title` if not given,
    and else each article by itself."""
    words: WordRange | None = None
    """The length that the brief asks of a summary, from least to most."""
    separator: Annotated[str, Field(min_length=1)] | None = None
    """What stands between paragraphs of an article in the place of a line break."""
    parts: bool = False
    """Whether a list of references is one summary in parts, and not several summaries."""
    columns: ColumnKeys | None = None
    """Which column is what: a table as below."""

    @property
    def named_columns(self) -> dict[Role, tuple[str, ...]]:
        """The columns by role."""
        keys = self.columns or ColumnKeys()
        several: dict[Role, str | None] = {
            "article": keys.article,
            "question": keys.question,
            "answers": keys.answers,
            "id": keys.id,
            "cluster": self.cluster,
        }
        named: dict[Role, tuple[str, ...]] = {
            role: (name,) for role, name in several.items() if name is not None
        }
        return named if keys.reference is None else {**named, "reference": tuple(keys.reference)}


class Description(DataKeys):
    """A data set of yours, or a commit of one on the Hub."""

    data: Annotated[Text | None, Field(examples=["articles.jsonl"])] = None
    """Its file, several by a pattern, or its folder, as seen from this file."""
    hub: HubName | None = None
    """In the place of `data`, its name on the Hub."""
    commit: Commit | None = None
    """The commit on the Hub."""

    @model_validator(mode="after")
    def _is_somewhere(self) -> Self:
        if (self.data is None) == (self.hub is None):
            raise ValueError('needs either `data` or `hub`; write  data = "articles.jsonl"')
        if (self.hub is None) != (self.commit is None):
            raise ValueError("has one of `hub` and `commit`, which belong together; give both")
        return self


_DESCRIPTION = TypeAdapter(Description)


def read_description(path: Path) -> Description:
    """Return what a file says of a data set; raise DataError with all that is wrong in it."""
    content, lines = read_toml_with_lines(path)
    return validate(_DESCRIPTION, content, path, lines)


def described_source(keys: Description, path: Path) -> Source:
    """Return where the data set is that a file describes; raise DataError for what is not there."""
    if keys.data is not None:
        location = path.parent / Path(keys.data).expanduser()
        try:
            source = read_source(f"{DATA}{location}")
        except DataError:
            raise DataError(
                Problem(path, f"there is no file or folder {location}, as seen from here", "data")
            ) from None
        return Source(source.path, config=keys.config, split=keys.split or source.split)
    return Source(None, keys.hub, keys.config, keys.commit, keys.split)
