"""Which share of a suite falls to which shard."""

import hashlib
from collections import Counter
from collections.abc import Sequence

import pytest

from harness.errors import UsageError
from harness.records import Article, Example, Query
from harness.run.shard import Examples, Shard, shard_of


def _example(cluster: str, name: str) -> Example:
    return Example(f"{cluster}/{name}", Article(cluster, "t", "f", ""), Query("answer", name), ())


def _ids(examples: Examples) -> list[str]:
    return [example.id for of_kind in examples.values() for example in of_kind]


QUESTIONS = [_example(f"article-{i % 40}", f"q{i}") for i in range(400)]


def test_a_shard_is_the_remainder_of_the_hash_of_the_name() -> None:
    """By hashlib and division on the hexadecimal digits, as sha256sum would print them."""
    for name in ("a", "Ünïcode", "tokyo-visit"):
        first = int(hashlib.sha256(name.encode()).hexdigest()[:16], 16)
        assert [shard_of(name, count) for count in (1, 4, 16)] == [
            1 + first % count for count in (1, 4, 16)
        ]


@pytest.mark.parametrize("count", [1, 2, 3, 16])
def test_each_example_falls_to_one_shard_with_its_whole_cluster(count: int) -> None:
    shares = [
        Shard(number, count).share({("answer", "article"): QUESTIONS})
        for number in range(1, count + 1)
    ]
    assert Counter(name for share in shares for name in _ids(share)) == Counter(
        example.id for example in QUESTIONS
    )
    clusters = [{name.partition("/")[0] for name in _ids(share)} for share in shares]
    assert sum(map(len, clusters)) == 40


@pytest.mark.parametrize("others", [QUESTIONS[::-1], QUESTIONS[:100], QUESTIONS[50:60]])
def test_the_share_does_not_depend_on_order_nor_on_what_else_is_run(
    others: Sequence[Example],
) -> None:
    whole = Shard(2, 4).share({("answer", "article"): QUESTIONS})
    share = Shard(2, 4).share({("answer", "article"): others})
    expected = {example.id for example in others} & {*_ids(whole)}
    assert _ids(share) == [example.id for example in others if example.id in expected]


@pytest.mark.parametrize("text", ["0/4", "5/4", "a/b", "3", "", "1/0", "-1/4", "1/4/4", "1.0/4"])
def test_what_is_no_shard(text: str) -> None:
    with pytest.raises(UsageError, match="must be NUMBER/COUNT, such as 3/16"):
        Shard.named(text)
