"""Texts with marks, and other small records that a page is made from.

Every text in a page is already safe to look at: no control character is in it that is not shown
as a token such as `⟦U+202E⟧` (`harness.visible`). It is still text, not HTML:
whoever puts it on a page escapes it. Offsets count UTF-16 code units, as `String.slice` of
JavaScript does.
"""

from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field

Count = Annotated[int, Field(ge=0)]
Mark = tuple[int, int, tuple[str, ...]]
"""Where a mark begins and ends, and what it says. Marks of one text are in order and do not
overlap: where several things are to be said of one place, one mark says them all."""


class Part(BaseModel):
    """What all records of a page share: frozen, and without NaN."""

    model_config = ConfigDict(extra="forbid", frozen=True, allow_inf_nan=False)


class Marked(Part):
    """A text and its marks. What no mark covers is plain.

    In the text of an article a mark says `evidence` (a golden sentence that answers), `answer` (an
    acceptable answer within it), `span:M` (where the answer of the group's model number M stands),
    and `cut:M` (what that model did not see). Of summaries `asked:Q` is an acceptable answer to the
    example's question number Q.

    In a summary it says `shared:1` to `shared:4` (a word of the best reference; the number is the
    length of the longest run of shared words that it is part of, 4 for four and more), `number`,
    `name` or `quote` (which the article does not have), and `asked:Q` as in the article.

    In every text `control` is a token that stands for what cannot be seen, and `clipped` one that
    says how much was left out.
    """

    text: str
    """The text."""
    marks: tuple[Mark, ...] = ()
    """Its marks."""


class Interval(Part):
    """A 95 % interval."""

    low: float
    """Its lower end."""
    high: float
    """Its upper end."""
    method: str
    """How it was made, by the leaderboard's name for it."""
