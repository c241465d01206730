"""Which measures of the article see that a suite's own references were made worse."""

import hashlib
import heapq
from collections.abc import Iterable, Mapping

from harness.leaderboard.numbers import CanaryLine
from harness.metrics import Metrics
from harness.metrics.summary import Summary
from harness.metrics.support.canary_shares import canary_shares
from harness.metrics.support.corruptions import Pair
from harness.records import Example

MAX_PAIRS = 200

# Their words and capitals are English.
_ENGLISH = frozenset(("name swapped", "negated"))


def canary_lines(examples: Iterable[Example], family: Metrics) -> dict[str, dict[str, CanaryLine]]:
    """Return, by corruption and measure, how often a corrupted reference scores lower and higher.

    Pairs of an article and one of its references, 200 of them at most, the first by their hash. A
    measure that none of these has before it was corrupted is left out, and so is a corruption that
    finds nothing to corrupt. Empty for a family of metrics that asks for no article.
    """
    if not isinstance(family, Summary) or "support" not in family.signatures:
        return {}
    pairs = heapq.nsmallest(
        MAX_PAIRS,
        dict.fromkeys(
            Pair(example.article.text, reference)
            for example in examples
            for reference in example.references
        ),
        key=_hash,
    )

    known: dict[tuple[str, str], Mapping[str, float]] = {}

    def scores(text: str, pair: Pair) -> Mapping[str, float]:
        key = (text, pair.article)  # all references of an article have it as their own summary
        if key not in known:
            known[key] = family.against_article(*key)
        return known[key]

    english = "unsupported" in family.signatures
    lines: dict[str, dict[str, CanaryLine]] = {}
    for corruption, shares in canary_shares(pairs, scores).items():
        by_measure = {
            measure: CanaryLine(
                n=share.pairs,
                lower=share.lower / share.pairs,
                higher=share.higher / share.pairs,
                none=share.none / share.pairs,
            )
            for measure, share in shares.items()
            if share.pairs
        }
        if by_measure and (english or corruption not in _ENGLISH):
            lines[corruption] = by_measure
    return lines


def _hash(pair: Pair) -> bytes:
    return hashlib.sha256("\0".join(pair).encode("utf-8", "surrogatepass")).digest()
