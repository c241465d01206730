"""Summaries of sources that are longer than a window: windows are summarized, then the summaries.

The windows follow each other without overlap and leave nothing out; each but the last ends with
a sentence where it can. Their summaries, an empty line between two, are the source of the next
level, until one window holds it.
"""

from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any

from harness.errors import ModelError
from harness.models.generative.truncation import Render, fit
from harness.records import Prediction, Query, Step
from harness.text import sentences

Split = Callable[[Query], list[Query]]
Predict = Callable[[Sequence[Query]], list[Prediction]]


def windows(tokenizer: Any, query: Query, render: Render, room: int) -> list[Query]:
    """Return queries on consecutive parts of the context, each of which `room` tokens hold.

    Joined, their contexts are the query's, blanks at its end aside. Raises ModelError as `fit`
    does.
    """
    parts: list[Query] = []
    rest = query.context
    while rest.strip() or not parts:
        asked = replace(query, context=rest)
        dropped = fit(tokenizer, asked, render, room).dropped
        if not dropped:
            return [*parts, asked]
        end = _end(rest, dropped[0][0])
        parts.append(replace(query, context=rest[:end]))
        rest = rest[end:]
    return parts


def map_reduce(queries: Sequence[Query], split: Split, predict: Predict) -> list[Prediction]:
    """Return the predictions for queries, those that fit a window together.

    `split` gives a query's windows, `predict` predictions for queries that fit. Raises
    ModelError if summaries are no shorter than what they are of: then there is no end to it.
    """
    parts = [split(query) for query in queries]
    short = [query for query, some in zip(queries, parts, strict=True) if len(some) == 1]
    made = iter(predict(short) if short else ())
    return [
        next(made) if len(some) == 1 else _reduced(query, some, split, predict)
        for query, some in zip(queries, parts, strict=True)
    ]


def next_source(texts: Sequence[str]) -> str:
    """Return summaries as one text to summarize."""
    return "\n\n".join(texts)


def _reduced(query: Query, parts: Sequence[Query], split: Split, predict: Predict) -> Prediction:
    steps: list[Step] = []
    asked = query
    source = written = level = 0
    while len(parts) > 1:
        made = predict(parts)
        level += 1
        steps += [Step(level, one.rendered_sha256 or "", one.text) for one in made]
        if level == 1:
            source = sum(one.source_tokens or 0 for one in made)
        written += sum(one.output_tokens or 0 for one in made)
        joined = next_source([one.text for one in made])
        if len(joined) >= len(asked.context):
            raise ModelError(
                f"the summaries of {len(parts)} windows are no shorter than the "
                f"{len(asked.context):,} characters that they are of; ask for fewer words, or "
                'choose long = "cut"'
            )
        asked = replace(query, context=joined)
        parts = split(asked)
    (last,) = predict([asked])
    return replace(
        last,
        source_tokens=source,
        kept_tokens=source,
        output_tokens=written + (last.output_tokens or 0),
        steps=tuple(steps),
    )


def _end(text: str, most: int) -> int:
    """Return where a window of at most so many characters ends, with a sentence if it can."""
    if not most:
        raise ModelError("the window has no room for a single word of the article")
    ends = [span.end for span in sentences(text[:most])]
    # The last sentence may go on behind the window.
    return ends[-2] if len(ends) > 1 and ends[-2] > most // 2 else most
