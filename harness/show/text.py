"""One prediction as a person reads it."""

from harness.files import canonical_json
from harness.show.example_view import ExampleView
from harness.tables.cells import one_line
from harness.visible import visible_text

SILENCE = '"": the article does not say'


def example_text(view: ExampleView) -> str:
    """Return all that is known of a prediction, under headings.

    What the model did not see stands between marks. What cannot be seen is shown as a token such as
    `⟦U+001B⟧`: an output must not command a terminal.
    """
    sections = [
        _section("example", one_line(f"{view.example}, {view.task}, by {view.model} ({view.kind})"))
    ]
    sections += [_section("note", note) for note in view.notes]
    if view.question is not None:
        sections.append(_section("question", view.question))
    if view.context:  # references may have come without one
        sections.append(
            _section(f"context: {_context_length(view)}", mark_dropped(view.context, view.dropped))
        )
    prompt = view.prompt
    heading = f"prompt {prompt.name}" if prompt.name else "prompt"
    sections.append(_section(f"{heading}: {prompt.reason}", prompt.text or ""))
    sections += [
        _section(f"summary of a window, level {step['level']}", str(step["text"]))
        for step in view.steps
    ]
    if view.error is not None:
        sections.append(_section("failed", view.error))
    elif view.missing:
        sections.append(_section("missing", "the file of outputs has none, which scores 0"))
    else:
        if view.raw and view.raw != view.text:  # what chooses sentences has no output of its own
            sections.append(_section("raw output", view.raw))
        if not view.repeats:
            sections.append(_section("scored text", view.text or SILENCE))
    for repeat in view.repeats:
        heading = f"repeat {repeat.repeat} of {len(view.repeats)}"
        if repeat.error is not None:
            sections.append(_section(f"{heading}: failed", repeat.error))
            continue
        scores = ", ".join(
            f"{name} {_number(view, name, value):.1f}" for name, value in repeat.scores.items()
        )
        sections.append(_section(f"{heading}: {scores}", repeat.text or SILENCE))
    sections.append(_section("references", _bullets(view.references) or "none: unanswerable"))
    if view.evidence:
        seen = {True: "seen", False: "cut: the model could not see it", None: "not known"}
        passages = _bullets(
            tuple(f"{evidence.article}: {evidence.text}" for evidence in view.evidence)
        )
        sections.append(_section(f"evidence: {seen[view.evidence_seen]}", passages))
    heading = f"scores, means of {len(view.repeats)} repeats" if view.repeats else "scores"
    sections.append(_section(heading, _scores(view)))
    sections.append(_section("made with", _costs(view)))
    lines = "\n\n".join(sections).split("\n")
    return "\n".join(map(visible_text, lines))


def mark_dropped(text: str, dropped: tuple[tuple[int, int], ...]) -> str:
    """Return a text with marks around what was dropped of it.

    >>> print(mark_dropped("one two three", ((4, 8),)))
    one ⟦not seen, 4 characters: two ⟧three
    """
    parts = []
    at = 0
    for start, end in dropped:
        parts += [text[at:start], f"⟦not seen, {end - start:,} characters: {text[start:end]}⟧"]
        at = end
    return "".join([*parts, text[at:]])


def _section(heading: str, body: str) -> str:
    return f"== {one_line(heading)}\n{body}".rstrip()


def _bullets(texts: tuple[str, ...]) -> str:
    return "\n".join(f"- {text}" for text in texts)


def _context_length(view: ExampleView) -> str:
    length = f"{len(view.context):,} characters"
    if view.source_tokens is None:
        return length
    seen = f"{length}, {view.kept_tokens:,} of {view.source_tokens:,} tokens seen"
    if view.steps:
        seen += f", in {sum(step['level'] == 1 for step in view.steps)} windows"
    return seen


def _scores(view: ExampleView) -> str:
    if not view.scores:
        return "none: a failed prediction is in no mean"
    width = max(map(len, view.scores))
    return "\n".join(
        f"{name:{width}} {_number(view, name, value):5.1f}" for name, value in view.scores.items()
    )


def _number(view: ExampleView, name: str, value: float) -> float:
    """Return a score as it is shown: a share times 100."""
    return 100 * value if name in view.shares else value


def _costs(view: ExampleView) -> str:
    facts = {
        "decoding": view.decoding,
        "checkpoint's settings": view.generation or None,
        "output tokens": view.output_tokens,
        "ended by": view.finish,
        **view.costs,
    }
    for name, value in view.costs.items():
        if isinstance(value, float):
            facts[name] = f"{value:.3g}"
        elif name == "peak_memory" and isinstance(value, int):
            facts[name] = f"{value / 1e6:,.0f} MB"
    lines = [
        f"{name.replace('_', ' ')}: {value if isinstance(value, str) else canonical_json(value)}"
        for name, value in facts.items()
        if value is not None
    ]
    return "\n".join(lines) or "nothing was counted"
