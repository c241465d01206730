"""Shares of corrupted references, counted by hand."""

import hashlib
from collections.abc import Mapping

from harness.metrics.support.canary_shares import CanaryShare, canary_shares, chosen_pairs
from harness.metrics.support.corruptions import CORRUPTIONS, Pair
from harness.metrics.support.support import Support
from harness.records import Article, Example, Query

PAIRS = [
    Pair("Ann paid 5 euros in Rome. Bob left.", "Ann paid 5 euros."),
    Pair("Rain fell in Oslo.", "Rain fell."),
]


def _length_and_numbers(text: str, pair: Pair) -> Mapping[str, float]:
    """Score the characters, and of a text with digits their sum."""
    digits = [int(character) for character in text if character.isdigit()]
    return {"length": len(text), **({"digits": sum(digits)} if digits else {})}


def test_by_hand() -> None:
    shares = canary_shares(PAIRS, _length_and_numbers)
    assert list(shares) == list(CORRUPTIONS)
    # Only the first has a number: 5 becomes 6.
    assert shares["number changed"] == {
        "length": CanaryShare(pairs=1, equal=1),
        "digits": CanaryShare(pairs=1, higher=1),
    }
    assert shares["doubled"] == {
        "length": CanaryShare(pairs=2, higher=2),
        "digits": CanaryShare(pairs=1, higher=1),
    }
    # "Ann paid" has no digit any more; the second never had one.
    assert shares["cut"] == {
        "length": CanaryShare(pairs=2, lower=2),
        "digits": CanaryShare(pairs=1, none=1),
    }
    assert shares["emptied"]["length"].lower_share == 1
    assert shares["name swapped"]["length"].lower_share is None  # neither has a name to swap


def test_the_whole_article_has_full_support_and_an_emptied_one_has_none() -> None:
    family = Support()
    shares = canary_shares(PAIRS, lambda text, pair: family.score_with_article(text, pair.article))
    assert shares["whole article"]["support"] == CanaryShare(pairs=2, equal=2)
    assert shares["whole article"]["words"] == CanaryShare(pairs=2, higher=2)
    assert shares["emptied"]["support"] == CanaryShare(pairs=2, none=2)
    assert shares["emptied"]["words"].lower_share == 1
    assert shares["number changed"]["support"].lower_share == 1
    assert shares["negated"]["support"].lower_share == 1
    assert shares["sentence of another article"]["support_least"].lower_share == 1


def test_the_seed_alone_decides() -> None:
    family = Support()

    def score(text: str, pair: Pair) -> Mapping[str, float]:
        return family.score_with_article(text, pair.article)

    assert canary_shares(PAIRS, score, 7) == canary_shares(PAIRS, score, 7)


def test_of_many_pairs_the_first_by_hash_are_chosen_each_once() -> None:
    examples = []
    for number in range(1_500):
        article = Article(f"a{number}", f"Article {number % 700}.", "f", "")
        references = (f"Reference {number % 700}.", "Shared.")
        examples.append(Example(article.id, article, Query("summarize", article.text), references))
    pairs = {(e.article.text, text) for e in examples for text in e.references}
    assert len(pairs) == 1_400
    by_hash = sorted(pairs, key=lambda pair: hashlib.sha256("\0".join(pair).encode()).digest())
    assert chosen_pairs(examples) == by_hash[:200]
