"""What a golden file may hold: the keys of its YAML, of one article or of an event."""

import datetime
from typing import Annotated

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, StringConstraints

from harness.suite.manifest import Identifier
from harness.validation.wording import Date, Text, Words


def _from_least_to_most(words: tuple[int, int]) -> tuple[int, int]:
    if words[0] > words[1]:
        raise ValueError
    return words


def _each_once(names: list[str]) -> list[str]:
    for name in names:
        if names.count(name) > 1:
            raise ValueError(f"names {name!r} twice; keep one")
    return names


# Strict: YAML reads `yes` as true, which would be 1.
_Count = Annotated[int, Field(ge=1, strict=True)]
WordRange = Annotated[
    tuple[_Count, _Count],
    AfterValidator(_from_least_to_most),
    Words("list of two whole numbers", "must be the least and the most words, such as [50, 70]"),
]
FindingName = Annotated[
    str,
    StringConstraints(pattern=r"^[a-z-]+(/[a-z0-9-]+)?$"),
    Words(
        "finding",
        "must be a finding as `harness check` names it, such as answer-long/who-signed",
    ),
]


class _Keys(BaseModel):
    model_config = ConfigDict(extra="forbid")


class _QuestionKeys(_Keys):
    """What every question has."""

    id: Annotated[Identifier, Field(examples=["who-signed"])]
    """Its name, once in the file."""
    kind: Annotated[Text, Field(examples=["who"])]
    """What is asked for, in a word of your own: who, when, how-much. `check` counts the kinds."""
    text: Annotated[Text, Field(examples=["Who signed the agreement?"])]
    """The question."""
    answers: Annotated[list[Text], Field(examples=[["Ann Lee", "Minister Ann Lee"]])]
    """Every form that counts as right, word for word; `[]` where the text does not say."""


class ArticleQuestion(_QuestionKeys):
    """A question on one article."""

    evidence: Text | None = None
    """The sentence of the article that answers, word for word; none where there are no answers."""


class EventQuestion(_QuestionKeys):
    """A question on an event."""

    articles: Annotated[
        list[Identifier],
        AfterValidator(_each_once),
        Field(examples=[["tokyo-visit", "rare-earths"]]),
    ]
    """The articles of the event that answer; `[]` where none does."""
    evidence: dict[Identifier, Text] = {}
    """For each of these articles the sentence that answers, word for word."""


class _GoldenKeys(_Keys):
    """What every golden has."""

    author: Annotated[Text, Field(examples=["editor"])]
    """Who wrote it."""
    date: Annotated[Date, Field(examples=[datetime.date(2026, 1, 31)])]
    """When."""
    version: Annotated[_Count, Field(examples=[1])]
    """Counts the changes to it."""
    words: WordRange | None = None
    """The length that the brief asked of the summaries, from least to most words. A model is asked
    for as many; `check` holds the references to it. If not given, a model is asked for 50 to 70
    words, of an event for 100 to 130."""
    references: list[Text] = []
    """Summaries that people wrote, each on its own."""
    allowed: dict[FindingName, Text] = {}
    """Warnings of `harness check` that you have looked at and keep, each with the reason."""


class ArticleGolden(_GoldenKeys):
    """What people wrote for one article: `goldens/ID.yaml`."""

    article: Annotated[Identifier, Field(examples=["tokyo-visit"])]
    """The article, by its id in the manifest."""
    questions: list[ArticleQuestion] = []
    """Questions on the article."""


class EventGolden(_GoldenKeys):
    """What people wrote for several articles together."""

    event: Annotated[Identifier, Field(examples=["us-japan-deal"])]
    """The event's name; no article has it."""
    articles: Annotated[
        list[Identifier],
        Field(min_length=2, examples=[["tokyo-visit", "rare-earths"]]),
        AfterValidator(_each_once),
    ]
    """The articles that report it, in the order in which a model reads them."""
    questions: list[EventQuestion] = []
    """Questions on the articles together."""
