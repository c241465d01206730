"""Texts that a limit of tokens ended, perhaps in the middle of a sentence."""

from collections.abc import Callable, Mapping

from harness.leaderboard.leaderboard import Row
from harness.prompting.postprocessing import is_unfinished
from harness.records import Prediction


def finish_of(row: Row, prediction: Prediction) -> str | None:
    """Return why a prediction of a row ended: in its own words, or "length" for its limit."""
    limit_ended_it = unfinished_test(row.output_limit, row.identity)(prediction)
    return prediction.finish or ("length" if limit_ended_it else None)


def unfinished_test(
    output_limit: int | None, identity: Mapping[str, object]
) -> Callable[[Prediction], bool]:
    """Return what says of a row's prediction whether the limit of its tokens ended it.

    The stop texts are those of the model's `identity`.
    """
    stop = identity.get("stop")
    stop_texts = stop if isinstance(stop, list | tuple) else ()
    return lambda prediction: is_unfinished(prediction, output_limit, stop_texts)
