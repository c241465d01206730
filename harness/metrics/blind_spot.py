"""Letters that a metric does not see: how many they are, what is said of it, and what is refused.

The share is of the letters of all texts that a number is made of. Where it is small the number
stands, with a caution beside it; where it is large, as of a whole language, there is no number.
"""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

from harness.text.letters import Letters, ascii_letters, spaced_letters

# From which share of letters a caution stands beside a number, and from which there is none.
CAUTION_SHARE = 0.02
REFUSED_SHARE = 0.2


@dataclass(frozen=True)
class BlindSpot:
    """What metrics whose names begin with one of `about` do not see: `count` counts it in a text.

    `problem` says what they do with `{share}` of the letters, `way` what sees all of them. Where it
    does not refuse, there is a caution whatever the share.
    """

    about: str | tuple[str, ...]
    count: Callable[[str], Letters]
    problem: str
    way: str
    refuses: bool = True

    def caution(self, shares: Sequence[float]) -> str:
        """Return what is to be known of numbers with these shares of letters that are not seen."""
        low, high = f"{100 * min(shares):.1f}", f"{100 * max(shares):.1f}"
        return self._text(low if low == high else f"{low} to {high}", "references and predictions")

    def of_references(self, share: float) -> str:
        """Return what is to be known where the references alone have this share."""
        return self._text(f"{100 * share:.1f}", "references")

    def _text(self, share: str, texts: str) -> str:
        return f"{self.problem.format(share=f'{share} % of the letters of {texts}')}; {self.way}"


class LetterTally:
    """The letters of some texts, as a family of metrics with this blind spot sees them."""

    def __init__(self, spot: BlindSpot | None) -> None:
        self._spot = spot
        self._seen = self._unseen = 0

    def add(self, texts: Iterable[str]) -> None:
        """Count the letters of some more texts."""
        if self._spot is not None:
            for text in texts:
                self.add_counted(self._spot.count(text))

    def add_counted(self, letters: Letters) -> None:
        """Take in letters that were counted already, as this blind spot counts them."""
        self._seen += letters[0]
        self._unseen += letters[1]

    def __add__(self, other: "LetterTally") -> "LetterTally":
        both = LetterTally(self._spot)
        both._seen, both._unseen = self._seen + other._seen, self._unseen + other._unseen
        return both

    @property
    def share(self) -> float | None:
        """The share that is not seen; `None` where that is too little to speak of."""
        share = self._unseen / max(self._seen + self._unseen, 1)
        return share if share >= CAUTION_SHARE else None

    @property
    def refusal(self) -> str | None:
        """Why texts such as these cannot be references; `None` where they can."""
        share = self.share or 0.0
        return (
            self._spot.of_references(share)
            if self._spot and self._spot.refuses and share >= REFUSED_SHARE
            else None
        )


DROPPED = BlindSpot(
    ("rouge", "source_rouge2"),
    ascii_letters,
    "ROUGE's default tokenizer drops {share}",
    "name their language (--language), or choose the tokenizer `unicode` (--tokenizer unicode)",
)
UNSPACED = BlindSpot(
    "f1",
    spaced_letters,
    "{share} are of scripts without spaces, where F1 takes a phrase for one word and is all or "
    "nothing",
    "for F1 by character name their language (--language), or a normalization (--normalization)",
)


def spot_about(metric: str) -> BlindSpot | None:
    """Return the blind spot that a metric of this name may have."""
    return next((spot for spot in (DROPPED, UNSPACED) if metric.startswith(spot.about)), None)
