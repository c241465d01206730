"""The frozen types that flow through the harness, from article to score.

Nothing here imports anything of ours. Everything is immutable, so a record can be
shared, hashed and stored without fear of a later change.
"""

import datetime
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

Task = Literal["summarize", "answer"]
TASKS: tuple[Task, ...] = ("summarize", "answer")

# What an example is about: one article, or an event that several articles report.
Scope = Literal["article", "event"]
SCOPES: tuple[Scope, ...] = ("article", "event")


# What a row of the leaderboard is: a model, or something to hold models against.
Role = Literal["model", "floor", "oracle", "people"]


@dataclass(frozen=True, slots=True)
class Part:
    """Where one article stands in the text of an event: `text[start:end]`, in characters."""

    article: str
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Article:
    """One cleaned source text with its provenance.

    An event is an article too: the joined text of its `parts`, which other articles lack.
    """

    id: str
    text: str
    file: str
    sha256: str
    outlet: str | None = None
    headline: str | None = None
    date: datetime.date | None = None
    language: str = "en"
    parts: tuple[Part, ...] = ()

    @property
    def scope(self) -> Scope:
        """Whether this is one article or an event."""
        return "event" if self.parts else "article"


@dataclass(frozen=True, slots=True)
class Evidence:
    """The sentence or sentences, word for word, in which an article answers a question."""

    article: str
    text: str


@dataclass(frozen=True, slots=True)
class Question:
    """One question on an article or event. No answers means: the text does not say.

    On an event, `evidence` has one entry for each article that answers.
    """

    id: str
    text: str
    kind: str
    answers: tuple[str, ...]
    evidence: tuple[Evidence, ...] = ()


@dataclass(frozen=True, slots=True)
class Golden:
    """What people wrote for one article or event.

    `words` is the length, from least to most, that the brief asked of the references, and so
    asks of a model. `allowed` holds the findings of `harness check` that people have looked at
    and left, by name, with their reason.
    """

    article: str
    author: str
    date: datetime.date
    version: int
    words: tuple[int, int]
    references: tuple[str, ...]
    questions: tuple[Question, ...]
    allowed: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Query:
    """All that a model ever sees of an example. There is no field for references.

    `words` is the length asked of a summary, from least to most.
    """

    task: Task
    context: str
    question: str | None = None
    words: tuple[int, int] | None = None


@dataclass(frozen=True, slots=True)
class Example:
    """One thing to predict, and the human texts that the prediction is scored against.

    `references` of an unanswerable question is the empty tuple. `evidence` is where the article
    answers, as the golden says; like the references, no model sees it.
    """

    id: str
    article: Article
    query: Query
    references: tuple[str, ...]
    evidence: tuple[Evidence, ...] = ()

    @property
    def cluster(self) -> str:
        """The article, event or title that it was drawn with: its id up to the first "/"."""
        return self.id.partition("/")[0]


@dataclass(frozen=True, slots=True)
class Step:
    """A window's summary on the way to the summary of a source that is longer than a window.

    `level` is 1 for windows of the source, 2 for windows of their summaries, and so on.
    """

    level: int
    rendered_sha256: str
    text: str


@dataclass(frozen=True, slots=True)
class Candidate:
    """One of the answers that a model weighed: `text` is `context[start:end]`, "" for none.

    `score` is its share, in [0, 1], of the weight of all answers that the model weighed.
    """

    text: str
    start: int
    end: int
    score: float


@dataclass(frozen=True, slots=True)
class Prediction:
    """What a model gave for one query, with what was cut and what it cost.

    `text` is scored; "" is the answer "the article does not say". `raw` is the output
    before anything was stripped. `rendered_sha256` is of the text the model really read,
    for models that read a prompt. A prediction with an `error` has no text to score.
    Token counts are the model's own, of the context alone; `None` for models that have no tokens.
    `seconds` is this query's share of its batch, `peak_memory` in bytes of the process. `batch` is
    how many were decoded together, `None` for models that decode nothing. `dropped` holds the
    ranges of the context, `context[start:end]`, that the model never saw, in order. `steps` are
    the summaries that `text` is a summary of, where it is one. `guessed_tokens` counts the tokens
    of the reply that were guessed from the prompt while it was decoded, and `right_guesses` those
    that the model then chose: they cost less, and change no text.

    Of models that extract: `span` is where `raw` stands in the context, [start, end) in
    characters; `confidence` is the model's own probability of `text`, and
    `no_answer_probability` of there being no answer, each in [0, 1] as its kind defines it, and
    with the latter `raw` is the answer they would give if they had to; `windows` is in how many
    parts the context was read, and `candidates` are the best answers, best first.

    Of a file of outputs: `missing` says that it has none for this query, which scores 0 by every
    metric that is not partial; `probability_place` is where the no-answer probability stands in its
    file, if that is in another order than the queries.

    `finish` is why the output ended, where that is known and its tokens do not tell: "length" at
    their limit. Of models behind a server it is in the server's words ("stop", "length"),
    `prompt_tokens` is what it counted (of judges what they read), `served_by` the name of the model
    that answered, and `cost` is by the roster's prices.
    """

    text: str
    raw: str = ""
    rendered_sha256: str | None = None
    source_tokens: int | None = None
    kept_tokens: int | None = None
    output_tokens: int | None = None
    guessed_tokens: int | None = None
    right_guesses: int | None = None
    error: str | None = None
    seconds: float = 0.0
    peak_memory: int = 0
    span: tuple[int, int] | None = None
    confidence: float | None = None
    no_answer_probability: float | None = None
    windows: int | None = None
    candidates: tuple[Candidate, ...] = ()
    finish: str | None = None
    prompt_tokens: int | None = None
    served_by: str | None = None
    cost: float | None = None
    batch: int | None = None
    dropped: tuple[tuple[int, int], ...] = ()
    steps: tuple[Step, ...] = ()
    missing: bool = False
    probability_place: int | None = None

    @property
    def truncated(self) -> bool:
        """Whether the model saw less than the whole source."""
        if self.dropped:
            return True
        if self.source_tokens is None or self.kept_tokens is None:
            return False
        return self.kept_tokens < self.source_tokens


@dataclass(frozen=True, slots=True)
class Repeat:
    """What a model gave when it was asked the same another time, the `number`-th, from 1.

    `scores` is empty exactly when the prediction is an error.
    """

    number: int
    key: str
    prediction: Prediction
    cached: bool
    scores: Mapping[str, float]
    environment: Mapping[str, object] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class ScoredPrediction:
    """One prediction with its score by every metric of its task; a partial one may be left out.

    `scores` is empty exactly when the prediction is an error. `environment` is where it was made,
    empty where that is not known.

    Of a model that was asked several times, `prediction` is the first that did not fail, the
    `number`-th, with its `own_scores`; `repeats` are the others in order, and `scores` the means
    over all that did not fail. It is an error if all are.
    """

    example: Example
    key: str
    prediction: Prediction
    cached: bool
    scores: Mapping[str, float]
    environment: Mapping[str, object] = field(default_factory=dict)
    number: int = 1
    own_scores: Mapping[str, float] = field(default_factory=dict)
    repeats: tuple[Repeat, ...] = ()

    @property
    def parts(self) -> tuple[Repeat, ...]:
        """All that the model gave for the example, each time that it was asked, in that order."""
        own = self.own_scores if self.repeats else self.scores
        first = Repeat(self.number, self.key, self.prediction, self.cached, own, self.environment)
        if not self.repeats:
            return (first,)
        return tuple(sorted((first, *self.repeats), key=lambda part: part.number))

    @property
    def texts(self) -> tuple[str, ...]:
        """The texts that were scored, in the order in which they were asked for."""
        if not self.repeats:
            return () if self.prediction.error is not None else (self.prediction.text,)
        return tuple(part.prediction.text for part in self.parts if part.prediction.error is None)
