"""Whether a model's logits are numbers: where they are not, what is decoded is not its output.

The greatest of logits that are NaN is often an end token's, and so the text "": the right answer
to a question that an article does not answer.
"""

import contextlib
from collections.abc import Iterator
from typing import Any

NOT_FINITE = "ModelError: the model's logits are not all finite numbers; try another dtype"


class LogitsWatch:
    """The steps of one call of `generate` at which a row's logits were not all finite."""

    def __init__(self) -> None:
        """Begin before the first step."""
        self._steps: list[Any] = []

    def observe(self, logits: Any) -> None:
        """Take a step's logits, rows x tokens x vocabulary."""
        # A sum is finite exactly where all that is summed is: logits are far from a float32's end.
        self._steps.append(logits[:, -1].float().sum(dim=-1).isfinite())

    def first_bad_steps(self, rows: int) -> list[int | None]:
        """Return each row's first such step, from 0; `None` for one that had none.

        A row with several beams has one where any of them has.
        """
        import torch

        if not self._steps:
            return [None] * rows
        finite = torch.stack(self._steps).view(len(self._steps), rows, -1).all(dim=-1)
        return [
            next((step for step, fine in enumerate(row) if not fine), None)
            for row in finite.T.tolist()
        ]


@contextlib.contextmanager
def watched_logits(model: Any) -> Iterator[LogitsWatch]:
    """Watch the logits that a model gives within."""
    watch = LogitsWatch()
    hook = model.register_forward_hook(lambda _, __, output: watch.observe(output.logits))
    try:
        yield watch
    finally:
        hook.remove()
