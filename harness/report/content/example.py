"""One example on the page: the source with its marks, the references, and what models gave.

Examples stand in chunks, which are files of their own beside the page where they are large.
"""

from typing import Literal

from harness.report.content.part import Count, Mark, Marked, Part


class Span(Part):
    """Where a model's answer stands in its article."""

    start: Count
    """Its beginning in the article's text as shown."""
    end: Count
    """Its end."""
    recorded: bool
    """Whether the model said where (true), or the answer's text was looked for (false)."""
    occurrences: Count
    """How often the answer's words stand in the article."""
    told: str
    """The same in words: "one of 3 places; this one is in the evidence"."""


class Candidate(Part):
    """One of a model's best answers."""

    text: str
    """Its text."""
    score: float
    """Its score."""


class Cut(Part):
    """What a model did not see of one article."""

    article: str
    """The article."""
    share: float
    """The share of its characters."""


class Unsupported(Part):
    """A number, name or quote of a summary that its article does not have."""

    what: str
    """number, name or quote."""
    text: str
    """As the summary has it."""


class BorneOut(Part):
    """A sentence of a summary, and where the article bears it out best."""

    start: Count
    """Its beginning in the summary as shown."""
    end: Count
    """Its end."""
    support: float
    """How far the article bears it out, from 0 to 1."""
    source_start: Count | None
    """Where the place in the article begins, in its text as shown; null if it shares no word."""
    source_end: Count | None
    """Where it ends."""


Verdict = Literal["right", "in part", "wrong", "left out", "made up", "silent", "failed"]


class ReaderAnswer(Part):
    """What a reader answered to a golden question from a summary alone."""

    question: Count
    """The question's index in the example's `questions`."""
    verdict: Verdict
    """Of a question that the article answers: right (F1 is 1), in part, wrong (F1 is 0), or left
    out, where the reader found no answer. Of another one: made up, or silent, which is right.
    failed: there is no judgment."""
    answer: str
    """The answer; "" where it found none."""
    f1: float | None
    """Its F1; null where it failed."""
    told: bool
    """Whether an acceptable answer was found in the summary, word for word, and is marked."""


class ClaimSaid(Part):
    """What a judge said of one claim of a text."""

    name: str
    """Which claim: sentence:1, whole, or an aspect."""
    start: Count
    """Its beginning in the text as shown."""
    end: Count
    """Its end."""
    numbers: dict[str, float]
    """The judge's numbers by name; empty where it failed."""
    source_start: Count | None
    """Where the passage begins, in the article as shown, that speaks most for it; null for none."""
    source_end: Count | None
    """Where it ends."""
    spans: tuple[tuple[int, int, float], ...]
    """The places of the text as shown that are not borne out, each with its probability."""
    said: str | None
    """The judge's reason, where it gave one."""
    error: str | None
    """Why it failed; null if it did not."""


class JudgeSaid(Part):
    """What a judge said of a text."""

    judge: str
    """The judge's name in the roster."""
    claims: tuple[ClaimSaid, ...]
    """Claim by claim."""


class PairSaid(Part):
    """What a judge said of a summary beside another's, once with each of them first."""

    judge: str
    """The judge's name in the roster."""
    against: str
    """Whose the other text is."""
    wins: float | None
    """How much of the win is this text's, from 0 to 1; null where a judgment failed."""
    changed: bool
    """Whether who wins changed with the order."""
    reasons: tuple[str | None, str | None]
    """The judge's reasons with this text first, and with it second; null where it gave none."""
    errors: tuple[str | None, str | None]
    """Why each of the two failed; null for one that did not."""


class Output(Part):
    """What one model gave for one example."""

    model: Count
    """Its index in the group's `models`."""
    text: Marked
    """The text that was scored; of an answer "" is: the article does not say."""
    raw: str | None
    """The output before anything was stripped; null if it is the same."""
    error: str | None
    """Why it failed; null if it did not."""
    missing: bool
    """Whether a file of predictions had none for it; then everything else is empty."""
    scores: dict[str, float]
    """The scores by metric; empty if it failed."""
    best_reference: int | None
    """Of summaries: which reference shares the most, by ROUGE-1 F1; the one that words were marked
    against."""
    unsupported: tuple[Unsupported, ...]
    """Of summaries: what the article does not have, in order."""
    sentences: tuple[BorneOut, ...]
    """Of summaries: its sentences that have a word, in order."""
    reader_answers: tuple[ReaderAnswer, ...]
    """Of summaries: what the reader answered from it, question by question; empty without one."""
    opinions: tuple[JudgeSaid, ...]
    """What each judge said of it; empty without judges."""
    pairs: tuple[PairSaid, ...]
    """Of summaries: what judges said of it beside each other's; empty where none was asked."""
    span: Span | None
    """Of answers: where it stands in the article; null for no answer and for words that do not
    stand there."""
    cut: tuple[Cut, ...]
    """What the model did not see, by article; empty if it saw all."""
    source_tokens: int | None
    """Tokens of the source."""
    kept_tokens: int | None
    """Tokens that the model saw."""
    output_tokens: int | None
    """Tokens that it wrote."""
    seconds: float | None
    """Its share of the batch's time; null if no store was beside the run."""
    rendered_sha256: str | None
    """Hash of the text that the model read, of prompted models."""
    key: str
    """Its key in the store; "" if it has none."""
    confidence: float | None
    """The model's confidence in its answer."""
    no_answer_probability: float | None
    """How probable the model holds it that the article does not say."""
    windows: int | None
    """In how many windows the source was read."""
    candidates: tuple[Candidate, ...]
    """The model's best answers."""
    finish: str | None
    """Why an endpoint stopped: stop, length."""
    served_by: str | None
    """What served it."""
    price: float | None
    """What it cost by the roster's prices."""


class Asked(Part):
    """A golden question of an article, which a reader was asked of its summaries."""

    id: str
    """Its id."""
    question: str
    """The question."""
    answers: tuple[str, ...]
    """The acceptable answers; none where the article does not say."""
    weight: int | None
    """How much it counts in coverage; null where all count alike."""


class JudgedReference(Part):
    """What a reader and judges made of a reference."""

    marks: tuple[Mark, ...]
    """The marks on the reference's text."""
    reader_answers: tuple[ReaderAnswer, ...]
    """What the reader answered from it."""
    opinions: tuple[JudgeSaid, ...]
    """What each judge said of it; empty without judges, and where people have no row."""


class Example(Part):
    """One example with everything that was said about it."""

    group: str
    """The id of its group."""
    id: str
    """Its id."""
    article: str
    """The key of its text in the chunk's `sources`."""
    question: str | None
    """The question, of answers."""
    kind: str | None
    """The question's kind."""
    answerable: bool | None
    """Whether the article says."""
    words: tuple[int, int] | None
    """Of summaries: the length that was asked for."""
    references: tuple[str, ...]
    """The summaries or acceptable answers that people wrote; none for an unanswerable question."""
    reader: str | None
    """Of summaries: who was asked the golden questions; null where nobody was."""
    questions: tuple[Asked, ...]
    """Of summaries: the questions that the reader was asked of them."""
    judged_references: tuple[JudgedReference, ...]
    """Of summaries: what the reader and judges made of each of `references`; empty where nobody
    was asked about them."""
    evidence_missing: tuple[str, ...]
    """Golden evidence that could not be found in the text, if any."""
    marks: tuple[Mark, ...]
    """The marks on its article, for this example; merged with those of the source itself."""
    outputs: tuple[Output, ...]
    """What the models gave, in the order of `models`; people have none."""
    before: tuple[Output, ...]
    """Of two runs: what the models gave in the base."""


class Source(Part):
    """An article or event, as read."""

    id: str
    """Its id."""
    title: str
    """Its headline, or its id."""
    outlet: str | None
    """Who published it."""
    date: str | None
    """When, as YYYY-MM-DD."""
    text: Marked
    """The text; marks are only for what cannot be seen."""
    articles: tuple[tuple[str, int, int], ...]
    """Of an event: where each article stands in the text."""


class Chunk(Part):
    """Some examples, with the sources that they are about."""

    number: Count
    """Which chunk it is."""
    sources: dict[str, Source]
    """The sources by id."""
    examples: tuple[Example, ...]
    """The examples."""


class ChunkFile(Part):
    """A chunk that is a file beside the page."""

    number: Count
    """Which chunk it is."""
    file: str
    """Its address, relative to the page: a script that calls `harnessChunk(NUMBER, DATA)`."""
    bytes: Count
    """Its size."""
    integrity: str
    """`sha256-…` in Base64, for the attribute `integrity` and the policy."""
