"""How often each measure sees that a reference was corrupted, and how often it does not."""

import hashlib
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass

from harness.metrics.support.corruptions import CORRUPTIONS, Original, Pair
from harness.records import Example

MAX_PAIRS = 200

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


def chosen_pairs(examples: Iterable[Example]) -> list[Pair]:
    """Return each article with each of its references, 200 pairs at most, the first by hash."""
    chosen: dict[bytes, Pair] = {}
    for example in examples:
        for reference in example.references:
            pair = Pair(example.article.text, reference)
            chosen[_hash(pair)] = pair
        if len(chosen) > 2 * MAX_PAIRS:
            chosen = _first(chosen)
    return list(_first(chosen).values())


def _first(pairs: Mapping[bytes, Pair]) -> dict[bytes, Pair]:
    """Return the 200 pairs with the smallest hashes, in their order."""
    return {key: pairs[key] for key in sorted(pairs)[:MAX_PAIRS]}


def originals(pairs: Sequence[Pair], seed: int = 0) -> list[Original]:
    """Return the pairs as corruptions take them, each with the articles of the others."""
    articles = list(dict.fromkeys(pair.article for pair in pairs))
    return [
        Original(*pair, [article for article in articles if article != pair.article], seed)
        for pair in pairs
    ]


def canary_shares(
    pairs: Sequence[Pair], scoring: Scoring, seed: int = 0, asked_of_some: Collection[str] = ()
) -> dict[str, dict[str, CanaryShare]]:
    """Return, by corruption and measure, how its number went; a pure function of its arguments.

    Of the measures `asked_of_some`, a pair without a number after it was corrupted is left out:
    nobody was asked.
    """
    to_corrupt = originals(pairs, seed)
    corrupted = {
        title: [corruption(original) for original in to_corrupt]
        for title, corruption in CORRUPTIONS.items()
    }
    before: list[Mapping[str, float]] = []
    after: dict[str, list[Mapping[str, float]]] = {title: [] for title in corrupted}
    for i, pair in enumerate(pairs):  # all of a pair together: its article is read once
        before.append(scoring(pair.reference, pair))
        for title, texts in corrupted.items():
            text = texts[i]
            after[title].append({} if text is None else scoring(text, pair))
    names = list(dict.fromkeys(name for scores in before for name in scores))
    shares = {}
    for title, texts in corrupted.items():
        known = [i for i, text in enumerate(texts) if text is not None]
        shares[title] = {
            name: _share(
                [
                    (before[i][name], after[title][i].get(name))
                    for i in known
                    if name in before[i] and (name in after[title][i] or name not in asked_of_some)
                ]
            )
            for name in names
        }
    return shares


def _hash(pair: Pair) -> bytes:
    return hashlib.sha256("\0".join(pair).encode("utf-8", "surrogatepass")).digest()


def _share(changes: Sequence[tuple[float, float | None]]) -> CanaryShare:
    numbers = [(old, new) for old, new in changes if new is not None]
    return CanaryShare(
        pairs=len(changes),
        lower=sum(new < old for old, new in numbers),
        equal=sum(new == old for old, new in numbers),
        higher=sum(new > old for old, new in numbers),
        none=len(changes) - len(numbers),
    )
