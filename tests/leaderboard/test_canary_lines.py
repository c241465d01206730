"""What a run says of references that were made worse: counted by hand, and capped."""

from collections.abc import Mapping

from harness.leaderboard.canary_lines import canary_lines
from harness.leaderboard.numbers import CanaryLine
from harness.metrics import metrics
from harness.metrics.rouge.rouge import Rouge
from harness.metrics.summary import Summary
from harness.metrics.support.canary_shares import MAX_PAIRS
from harness.records import Article, Example, Query

TEXTS = {
    "Ann paid 5 euros in Rome. Bob left.": ("Ann paid 5 euros.", "Bob left."),
    "Rain fell in Oslo.": ("Rain fell.",),
}


def _examples(texts: Mapping[str, tuple[str, ...]]) -> list[Example]:
    return [
        Example(
            str(place), Article(str(place), text, "f", ""), Query("summarize", text), references
        )
        for place, (text, references) in enumerate(texts.items())
    ]


def test_by_hand() -> None:
    lines = canary_lines(_examples(TEXTS), metrics("summarize"))
    # One reference of three has a number: 5 becomes 6, which the article does not have.
    assert lines["number changed"]["support"] == CanaryLine(n=1, lower=1, higher=0, none=0)
    assert lines["number changed"]["unsupported"] == CanaryLine(n=1, lower=0, higher=1, none=0)
    assert lines["number changed"]["words"] == CanaryLine(n=1, lower=0, higher=0, none=0)
    # All are copied: said twice they are as true, and twice as long.
    assert lines["doubled"]["support"] == CanaryLine(n=3, lower=0, higher=0, none=0)
    assert lines["doubled"]["words"] == CanaryLine(n=3, lower=0, higher=1, none=0)
    # Of nothing, support is 0, and no error is counted.
    assert lines["emptied"]["support"] == CanaryLine(n=3, lower=1, higher=0, none=0)
    assert lines["emptied"]["unsupported"] == CanaryLine(n=3, lower=0, higher=0, none=1)
    # The whole article has full support, and is longer.
    assert lines["whole article"]["support"] == CanaryLine(n=3, lower=0, higher=0, none=0)
    assert lines["whole article"]["words"] == CanaryLine(n=3, lower=0, higher=1, none=0)
    # No reference has a name within a sentence.
    assert "name swapped" not in lines


def test_without_articles_there_are_none() -> None:
    assert canary_lines(_examples(TEXTS), Summary()) == {}
    assert canary_lines(_examples(TEXTS), Rouge()) == {}


def test_what_is_english_is_not_done_to_other_languages() -> None:
    german = {"Anna zahlte 5 Euro in Rom. Bob ging.": ("Anna zahlte 5 Euro.",)}
    lines = canary_lines(
        _examples(german), metrics("summarize", {"articles": True, "language": "de"})
    )
    assert not {"negated", "name swapped"} & lines.keys()
    assert lines["number changed"]["support"] == CanaryLine(n=1, lower=1, higher=0, none=0)


def test_of_many_references_some_hundreds_are_enough_and_their_order_is_nothing() -> None:
    many = {f"Ann met Bob {i} times. Rain fell.": (f"Ann met Bob {i} times.",) for i in range(250)}
    family = metrics("summarize")
    lines = canary_lines(_examples(many), family)
    assert {line.n for line in lines["doubled"].values()} == {MAX_PAIRS}
    assert lines == canary_lines(reversed(_examples(many)), family)
