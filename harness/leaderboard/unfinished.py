"""Texts that a limit of tokens ended, perhaps in the middle of a sentence."""

from collections.abc import Callable, Mapping

from harness.leaderboard.leaderboard import Row
from harness.records import Prediction

# What servers call it: OpenAI's API, and those that pass another's word on.
_LIMITS = ("length", "max_tokens")


def finish_of(row: Row, prediction: Prediction) -> str | None:
    """Return why a prediction of a row ended: in its own words, or "length" for its limit."""
    limit_ended_it = unfinished_test(row.output_limit, row.identity)(prediction)
    return prediction.finish or ("length" if limit_ended_it else None)


def unfinished_test(
    output_limit: int | None, identity: Mapping[str, object]
) -> Callable[[Prediction], bool]:
    """Return what says of a row's prediction whether the limit of its tokens ended it.

    A prediction's own `finish` goes first. Without it, one is unfinished that has as many tokens as
    the limit and none of the stop texts of the model's `identity`; of a summary of summaries that
    cannot be told, since its tokens are those of all of them.
    """
    stop_texts = identity.get("stop")
    stops = stop_texts if isinstance(stop_texts, list | tuple) else ()

    def is_unfinished(prediction: Prediction) -> bool:
        if prediction.finish is not None:
            return prediction.finish.lower() in _LIMITS
        if output_limit is None or prediction.steps:
            return False
        reached = (prediction.output_tokens or 0) >= output_limit
        return reached and not any(stop in prediction.raw for stop in stops)

    return is_unfinished
