"""Summaries of sources that are longer than a window: windows are summarized, then the summaries.

The windows follow each other without overlap and leave nothing out; each but the last ends with
a sentence where it can. Their summaries, an empty line between two, are the source of the next
level, until one window holds it.
"""

from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any

from harness.errors import ModelError
from harness.models.generative.truncation import Render, fit_to_window
from harness.records import Prediction, Query, Step
from harness.text import sentences

Split = Callable[[Query], list[Query]]
Predict = Callable[[Sequence[Query]], list[Prediction]]


def split_into_windows(
    tokenizer: Any, query: Query, render: Render, max_tokens: int
) -> list[Query]:
    """Return queries on consecutive parts of the context, each of which `max_tokens` tokens hold.

    Joined, their contexts are the query's, blanks at its end aside. Raises ModelError as
    `fit_to_window` does.
    """
    parts: list[Query] = []
    rest = query.context
    while rest.strip() or not parts:
        remaining = replace(query, context=rest)
        dropped = fit_to_window(tokenizer, remaining, render, max_tokens).dropped
        if not dropped:
            return [*parts, remaining]
        end = _window_end(rest, dropped[0][0])
        parts.append(replace(query, context=rest[:end]))
        rest = rest[end:]
    return parts


def map_reduce(
    queries: Sequence[Query],
    split: Split,
    predict: Predict,
    is_unfinished: Callable[[Prediction], bool],
) -> list[Prediction]:
    """Return the predictions for queries, those that fit a window together.

    `split` gives a query's windows, `predict` predictions for queries that fit, and
    `is_unfinished` says of one whether a limit ended it, which the tokens of all do not. Raises
    ModelError if summaries are no shorter than what they are of: then there is no end to it.
    """
    windows = [split(query) for query in queries]
    fitting = [query for query, parts in zip(queries, windows, strict=True) if len(parts) == 1]
    predictions = iter(predict(fitting) if fitting else ())
    return [
        next(predictions)
        if len(parts) == 1
        else _reduce(query, parts, split, predict, is_unfinished)
        for query, parts in zip(queries, windows, strict=True)
    ]


def join_summaries(texts: Sequence[str]) -> str:
    """Return summaries as one text to summarize."""
    return "\n\n".join(texts)


def _reduce(
    query: Query,
    windows: Sequence[Query],
    split: Split,
    predict: Predict,
    is_unfinished: Callable[[Prediction], bool],
) -> Prediction:
    steps: list[Step] = []
    reduced = query
    source_tokens = output_tokens = level = 0
    while len(windows) > 1:
        predictions = predict(windows)
        failed = next((prediction for prediction in predictions if prediction.error), None)
        if failed is not None:  # a summary of the other windows would not be one of the source
            return replace(failed, text="", raw="")
        level += 1
        steps += [
            Step(level, prediction.rendered_sha256 or "", prediction.text)
            for prediction in predictions
        ]
        if level == 1:
            source_tokens = sum(prediction.source_tokens or 0 for prediction in predictions)
        output_tokens += sum(prediction.output_tokens or 0 for prediction in predictions)
        joined = join_summaries([prediction.text for prediction in predictions])
        if len(joined) >= len(reduced.context):
            raise ModelError(
                f"the summaries of {len(windows)} windows are no shorter than the "
                f"{len(reduced.context):,} characters that they are of; ask for fewer words, or "
                'choose long = "cut"'
            )
        reduced = replace(query, context=joined)
        windows = split(reduced)
    (last,) = predict([reduced])
    return replace(
        last,
        finish="length" if is_unfinished(last) else last.finish,
        source_tokens=source_tokens,
        kept_tokens=source_tokens,
        output_tokens=output_tokens + (last.output_tokens or 0),
        steps=tuple(steps),
    )


def _window_end(text: str, max_characters: int) -> int:
    """Return where a window of at most so many characters ends, with a sentence if it can."""
    if not max_characters:
        raise ModelError("the window has no room for a single word of the article")
    ends = [span.end for span in sentences(text[:max_characters])]
    # The last sentence may go on behind the window.
    return ends[-2] if len(ends) > 1 and ends[-2] > max_characters // 2 else max_characters
