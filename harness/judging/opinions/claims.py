"""What a judge is asked about a text: each of its sentences, all of it, or aspects of it."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from harness.models.judges.chat.rubric import Aspect, rubric_question
from harness.records import Article, Example, Query
from harness.text import sentences, word_count

Parting = Literal["sentences", "whole", "aspects"]
WHOLE = "whole"


@dataclass(frozen=True, slots=True)
class Claim:
    """A part of a text, `text[start:end]`, with its name and the query that is derived from it."""

    name: str
    start: int
    end: int
    query: Query

    def example(self, article: Article) -> Example:
        """Return it as an example of the task `answer`: the claim stands where a question does."""
        return Example(f"{article.id}/{self.name}", article, self.query, ())


def claims(
    text: str, article: str, parting: Parting, aspects: Sequence[Aspect] = ()
) -> list[Claim]:
    """Return what is asked about a text with its article: nothing of a text without a word.

    `aspects` are those that a judge grades.

    >>> said = claims("Ann ran. Bob sat.", "Ann and Bob.", "sentences")
    >>> [(claim.name, claim.query.question) for claim in said]
    [('sentence:1', 'Ann ran.'), ('sentence:2', 'Bob sat.')]
    """
    if not word_count(text):
        return []
    if parting == "whole":
        return [Claim(WHOLE, 0, len(text), Query("answer", article, text))]
    if parting == "aspects":
        return [
            Claim(aspect, 0, len(text), Query("answer", article, rubric_question(aspect, text)))
            for aspect in aspects
        ]
    said = [span for span in sentences(text) if word_count(span.text)]
    return [
        Claim(f"sentence:{number}", span.start, span.end, Query("answer", article, span.text))
        for number, span in enumerate(said, start=1)
    ]
