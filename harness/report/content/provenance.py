"""How a run was made, and how to make it again."""

from harness.report.content.part import Count, Part


class Piece(Part):
    """A piece of a prompt: text, or the field that goes there."""

    text: str
    """The text; "" for a field."""
    field: str | None
    """article, question or words; null for text."""


class Message(Part):
    """One message of a prompt."""

    role: str
    """system or user."""
    pieces: tuple[Piece, ...]
    """The text, in pieces."""


class PromptText(Part):
    """A prompt's template, found by its hash."""

    name: str
    """Its name."""
    version: int
    """Its version."""
    messages: tuple[Message, ...]
    """What a model is asked."""
    max_new_tokens: int
    """The most tokens of an answer."""


class Signature(Part):
    """A metric's signature, and the rows whose number has it."""

    metric: str
    """The metric."""
    signature: str
    """All that it depends on."""
    short: str
    """Its short form."""


class Environment(Part):
    """Where something was made, and what."""

    models: tuple[str, ...]
    """The rows made there; empty for the scores themselves."""
    facts: tuple[tuple[str, str], ...]
    """Names and values, flat: ("packages.torch", "2.13.0+cpu")."""


class CanaryRow(Part):
    """What the measures make of references that were made worse in one way."""

    corruption: str
    """How they were made worse."""
    n: Count
    """How many there were."""
    shares: tuple[tuple[float, float, float] | None, ...]
    """By measure, the share that scored lower than before, that scored higher, and that had no
    score any more; null where none had one before."""


class Canaries(Part):
    """Whether the measures of the article see that the suite's own references were made worse."""

    measures: tuple[str, ...]
    """The measures."""
    rows: tuple[CanaryRow, ...]
    """One for each way."""


class How(Part):
    """How the run was made, and how to make it again."""

    suite: str
    """The suite's name."""
    suite_hash: str
    """Its hash."""
    limit: int | None
    """The most examples of each task, if not all were run."""
    articles: Count
    """Articles of the suite."""
    events: Count
    """Events of the suite."""
    predictions_sha256: str | None
    """Hash of predictions.jsonl."""
    signatures: tuple[Signature, ...]
    """Every signature, once."""
    scored: Environment
    """Where the scores were made."""
    predicted: tuple[Environment, ...]
    """Where the predictions were made."""
    identities: dict[str, tuple[tuple[str, str], ...]]
    """By model, all that can change its outputs, flat."""
    prompts: dict[str, PromptText]
    """The prompts by hash, as far as they were found."""
    commands: tuple[str, ...]
    """Commands that make the run and this page again, and check it."""
    rules: tuple[tuple[str, str], ...]
    """How marks, slices and the frontier are made: a name and a sentence each."""
    power: tuple[str, ...]
    """What a suite of this size can show: a sentence for each group."""
    agreement: dict[str, tuple[str, str]]
    """By metric, how far it was found to agree with people: in a few words, and all that is
    known."""
    canaries: Canaries | None
    """Whether the measures see corrupted references; null without summaries."""
    clipped: tuple[str, ...]
    """What this page does not show in full, and files that do not fit together, in sentences."""
