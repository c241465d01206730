"""What the leaderboard says of the suite that was run, and of what was chosen of its metrics."""

from typing import Literal

from harness.leaderboard.numbers import Count, Part
from harness.suite.selection import Selection


class DataLine(Part):
    """A data set that was run as a suite, with `--suite squad:...`."""

    source: str
    """The name of its file or folder, or its name and commit on the Hub, with the split."""
    questions: Count
    """Its questions."""
    unanswerable: Count
    """How many of them have no answer."""
    paragraphs: Count
    """How many texts they are on."""
    titles: Count
    """How many titles the paragraphs have."""
    clusters: Literal["title", "paragraph"]
    """What intervals and tests take as one article: all paragraphs of a title, or each paragraph
    where the whole set has one title."""
    rules: Literal["1.1", "2.0"]
    """The version of SQuAD's rules it is scored by: see the page on data sets."""
    ids_sha256: str
    """SHA-256 over the sorted ids of its questions, one a line: what tells it under any name."""


class SuiteLine(Part):
    """Which suite was run."""

    id: str
    """The suite's name."""
    hash: str
    """SHA-256 over the cleaned articles and all goldens, or over the references with their ids."""
    location: str | None = None
    """`shipped`, `demo`, `squad:...`, or its folder as seen from the run's; null for references."""
    limit: int | None
    """The most examples that were run of each task; null for all."""
    examples: list[str] | None = None
    """The patterns, one of which the id of each example that was run fits; null for all."""
    text: str | None = None
    """What stands in the id or the question of each example that was run; null for all."""
    data: DataLine | None = None
    """What the data set is of; null for a folder of articles and goldens."""

    @property
    def selection(self) -> Selection:
        """Which of the suite's examples were run."""
        return Selection(tuple(self.examples or ()), self.text, self.limit)


class OptionsLine(Part):
    """What was chosen of the metrics; null where all is as usual. See the page on metrics."""

    language: str | None = None
    """The language of the texts, by its code."""
    tokenizer: Literal["default", "unicode", "spaces"] | None = None
    """How ROUGE tells words."""
    stemmer: bool | None = None
    """Whether ROUGE stems them."""
    sentences: Literal["harness", "newline"] | None = None
    """How rougeLsum parts a text."""
    references: Literal["best", "mean", "jackknife"] | None = None
    """What ROUGE makes of several references."""
    normalization: Literal["squad", "mlqa", "korquad", "unicode"] | None = None
    """By whose rule answers are normalized."""
