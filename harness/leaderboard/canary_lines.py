"""Which measures of the article see that a suite's own references were made worse."""

from collections.abc import Iterable, Mapping

from harness.leaderboard.numbers import CanaryLine
from harness.metrics import Metrics
from harness.metrics.own.family import WithOwn
from harness.metrics.summary import Summary
from harness.metrics.support.canary_shares import canary_shares, chosen_pairs
from harness.metrics.support.corruptions import ENGLISH, Pair
from harness.records import Example

# Of references made worse the reader is asked what the article answers alone.
_NOT_ASKED = frozenset(("made_up",))


def canary_lines(examples: Iterable[Example], family: Metrics) -> dict[str, dict[str, CanaryLine]]:
    """Return, by corruption and measure, how often a corrupted reference scores lower and higher.

    Pairs of an article and one of its references, 200 of them at most, the first by their hash. A
    measure that none of these has before it was corrupted is left out, and so is a corruption that
    finds nothing to corrupt. Of what judges say the pairs are fewer: those that they were asked
    about. Empty for a family of metrics that asks for no article.
    """
    family = family.base if isinstance(family, WithOwn) else family
    if not isinstance(family, Summary) or "support" not in family.signatures:
        return {}
    pairs = chosen_pairs(examples)
    known: dict[tuple[str, str], Mapping[str, float]] = {}

    def scores(text: str, pair: Pair) -> Mapping[str, float]:
        key = (text, pair.article)  # all references of an article have it as their own summary
        if key not in known:
            scored = family.against_article(*key, controls=False)
            known[key] = {name: scored[name] for name in scored if name not in _NOT_ASKED}
        return known[key]

    english = "unsupported" in family.signatures
    lines: dict[str, dict[str, CanaryLine]] = {}
    for corruption, shares in canary_shares(
        pairs, scores, asked_of_some=family.asked_of_some
    ).items():
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
        if by_measure and (english or corruption not in ENGLISH):
            lines[corruption] = by_measure
    return lines
