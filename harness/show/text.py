"""One prediction as a person reads it."""

import unicodedata

from harness.files import canonical_json
from harness.show.example_view import Shown


def shown_text(shown: Shown) -> str:
    """Return all that is known of a prediction, under headings.

    What the model did not see stands between marks. Control characters are shown as U+FFFD: an
    output must not command a terminal.
    """
    parts = [_part("example", f"{shown.example}, {shown.task}, by {shown.model} ({shown.kind})")]
    parts += [_part("note", note) for note in shown.notes]
    if shown.question is not None:
        parts.append(_part("question", shown.question))
    parts.append(_part(f"context: {_extent(shown)}", marked(shown.context, shown.dropped)))
    prompt = shown.prompt
    about = f"prompt {prompt.name}" if prompt.name else "prompt"
    parts.append(_part(f"{about}: {prompt.reason}", prompt.text or ""))
    parts += [
        _part(f"summary of a window, level {one['level']}", str(one["text"])) for one in shown.steps
    ]
    if shown.error is not None:
        parts.append(_part("failed", shown.error))
    else:
        if shown.raw != shown.text:
            parts.append(_part("raw output", shown.raw))
        said = shown.text or '"": the article does not say'
        parts.append(_part("scored text", said))
    parts.append(_part("references", _list(shown.references) or "none: unanswerable"))
    if shown.evidence:
        seen = {True: "seen", False: "cut: the model could not see it", None: "not known"}
        told = _list(tuple(f"{one.article}: {one.text}" for one in shown.evidence))
        parts.append(_part(f"evidence: {seen[shown.evidence_seen]}", told))
    parts.append(_part("scores", _scores(shown)))
    parts.append(_part("made with", _costs(shown)))
    return _harmless("\n\n".join(parts))


def marked(text: str, dropped: tuple[tuple[int, int], ...]) -> str:
    """Return a text with marks around what was dropped of it.

    >>> print(marked("one two three", ((4, 8),)))
    one ⟦not seen, 4 characters: two ⟧three
    """
    parts = []
    at = 0
    for start, end in dropped:
        parts += [text[at:start], f"⟦not seen, {end - start:,} characters: {text[start:end]}⟧"]
        at = end
    return "".join([*parts, text[at:]])


def _part(head: str, body: str) -> str:
    return f"== {head}\n{body}".rstrip()


def _list(texts: tuple[str, ...]) -> str:
    return "\n".join(f"- {text}" for text in texts)


def _extent(shown: Shown) -> str:
    length = f"{len(shown.context):,} characters"
    if shown.source_tokens is None:
        return length
    told = f"{length}, {shown.kept_tokens:,} of {shown.source_tokens:,} tokens seen"
    if shown.steps:
        told += f", in {sum(one['level'] == 1 for one in shown.steps)} windows"
    return told


def _scores(shown: Shown) -> str:
    if not shown.scores:
        return "none: a failed prediction is in no mean"
    width = max(map(len, shown.scores))
    return "\n".join(f"{name:{width}} {100 * value:5.1f}" for name, value in shown.scores.items())


def _costs(shown: Shown) -> str:
    facts = {
        "decoding": shown.decoding,
        "checkpoint's settings": shown.generation or None,
        "output tokens": shown.output_tokens,
        **shown.costs,
    }
    lines = [
        f"{name.replace('_', ' ')}: {one if isinstance(one, str) else canonical_json(one)}"
        for name, one in facts.items()
        if one is not None
    ]
    return "\n".join(lines) or "nothing was counted"


def _harmless(text: str) -> str:
    return "".join(
        "\ufffd" if unicodedata.category(letter) == "Cc" and letter != "\n" else letter
        for letter in text
    )
