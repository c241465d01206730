"""What a judge gave for one derived query, as the text of its prediction holds it."""

import math
from collections.abc import Mapping
from dataclasses import dataclass, field

from harness.errors import DataError, ModelError
from harness.files import canonical_json, parse_json

# Digits that are kept of a probability: what two machines round differently is behind them.
_DIGITS = 6


@dataclass(frozen=True, slots=True)
class Opinion:
    """Numbers by their names, where the judge looked, and what it marked.

    `passage` is where the article speaks most for the claim, `spans` are the places of the judged
    text that are not borne out, each with its probability; [start, end) in characters. `said` is
    what it gave as its reason.

    >>> Opinion.read(Opinion({"support": 0.25}, passage=(0, 9)).text()).passage
    (0, 9)
    """

    numbers: Mapping[str, float]
    passage: tuple[int, int] | None = None
    spans: tuple[tuple[int, int, float], ...] = ()
    said: str | None = field(default=None)

    def text(self) -> str:
        """Return it as JSON, numbers with six digits; raise ModelError for what is no number."""
        for name, number in self.numbers.items():
            if not math.isfinite(number):
                raise ModelError(f"{name} is {number}, which is no number")
        content: dict[str, object] = {
            "numbers": {name: round(number, _DIGITS) for name, number in self.numbers.items()}
        }
        if self.passage is not None:
            content["passage"] = list(self.passage)
        if self.spans:
            content["spans"] = [
                [start, end, round(probability, _DIGITS)] for start, end, probability in self.spans
            ]
        if self.said is not None:
            content["said"] = self.said
        return canonical_json(content)

    @classmethod
    def read(cls, text: str) -> "Opinion":
        """Return the opinion of a text; raise DataError for a text that holds none.

        >>> Opinion.read("a 4, I think")
        Traceback (most recent call last):
        ...
        harness.errors.DataError: no opinion: a 4, I think
        """
        try:
            content = parse_json(text.encode())
            passage = content.get("passage")
            return cls(
                {str(name): _finite(number) for name, number in content["numbers"].items()},
                None if passage is None else (int(passage[0]), int(passage[1])),
                tuple((int(s), int(e), _finite(p)) for s, e, p in content.get("spans", ())),
                content.get("said"),
            )
        except (ValueError, TypeError, LookupError, AttributeError):
            raise DataError(f"no opinion: {' '.join(text.split())[:80]}") from None


def _finite(number: object) -> float:
    if isinstance(number, bool) or not isinstance(number, int | float):
        raise TypeError
    if not math.isfinite(number):
        raise ValueError
    return float(number)
