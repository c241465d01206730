"""How often each measure sees that a reference was corrupted, and how often it does not."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from harness.metrics.support.corruptions import CORRUPTIONS, Original, Pair

# Each measure's number of a text as the summary of a pair's article.
Scoring = Callable[[str, Pair], Mapping[str, float]]


@dataclass(frozen=True)
class CanaryShare:
    """Of some pairs, how many scored how once their reference was corrupted.

    `lower`, `equal` and `higher` are by the number, whichever is better; `none` had one before and
    none after. Pairs without a number before, or with nothing to corrupt, are none of `pairs`.
    """

    pairs: int = 0
    lower: int = 0
    equal: int = 0
    higher: int = 0
    none: int = 0

    @property
    def lower_share(self) -> float | None:
        """The share of pairs whose corrupted reference scored lower; `None` without pairs."""
        return self.lower / self.pairs if self.pairs else None


def canary_shares(
    pairs: Sequence[Pair], scoring: Scoring, seed: int = 0
) -> dict[str, dict[str, CanaryShare]]:
    """Return, by corruption and measure, how its number went; a pure function of its arguments."""
    before = [scoring(pair.reference, pair) for pair in pairs]
    names = list(dict.fromkeys(name for scores in before for name in scores))
    articles = list(dict.fromkeys(pair.article for pair in pairs))
    originals = [
        Original(*pair, [article for article in articles if article != pair.article], seed)
        for pair in pairs
    ]
    shares = {}
    for title, corruption in CORRUPTIONS.items():
        corrupted = [corruption(original) for original in originals]
        after = [
            {} if text is None else scoring(text, pair)
            for text, pair in zip(corrupted, pairs, strict=True)
        ]
        known = [i for i, text in enumerate(corrupted) if text is not None]
        shares[title] = {
            name: _share(
                [(before[i][name], after[i].get(name)) for i in known if name in before[i]]
            )
            for name in names
        }
    return shares


def _share(changes: Sequence[tuple[float, float | None]]) -> CanaryShare:
    numbers = [(old, new) for old, new in changes if new is not None]
    return CanaryShare(
        pairs=len(changes),
        lower=sum(new < old for old, new in numbers),
        equal=sum(new == old for old, new in numbers),
        higher=sum(new > old for old, new in numbers),
        none=len(changes) - len(numbers),
    )
