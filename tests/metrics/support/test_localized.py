"""Support of a sentence by two neighbouring ones of the article: sums by hand, and a slow search."""

from collections.abc import Sequence
from functools import cache
from itertools import combinations
from math import log

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from harness.metrics.support.localized import LocalizedArticle, heaviest_common_subsequence
from harness.metrics.support.reading import Reader

ARTICLE = "Ann met Bob. Bob left Rome. Cid slept."

# Of three sentences "bob" stands in two and weighs ln(4 / 2); all others stand in one, or in none,
# and weigh ln(4), which is twice as much. So with ln(2) as the unit:
HALVES = [
    ("Ann met Bob.", 1, "Ann met Bob."),
    ("ANN MET BOB", 1, "Ann met Bob."),
    # In this order the place has one of three at a time: the heavier are 2 of 1 + 2 + 2.
    ("Bob met Ann.", 2 / 5, "Ann met Bob."),
    # Two sentences together.
    ("Ann left Rome.", 1, "Ann met Bob. Bob left Rome."),
    ("Bob slept.", 1, "Bob left Rome. Cid slept."),
    # The first and the third are no neighbours: 2 of 2 + 2.
    ("Ann slept.", 1 / 2, "Ann met Bob."),
    # What stands nowhere weighs as much as what stands in one: 2 of 2 + 2, and 1 of 1 + 2.
    ("Dan slept.", 1 / 2, "Cid slept."),
    ("Dan Bob.", 1 / 3, "Ann met Bob."),
    # By Porter's stems "slept" is not "sleeps", but "meets" is "meet" and not "met".
    ("Cid sleeps.", 1 / 2, "Cid slept."),
    ("Dan sings.", 0, None),
    # A word counts as often as the place has it: "bob" twice in neighbours, not three times.
    ("Bob Bob Bob.", 2 / 3, "Ann met Bob. Bob left Rome."),
]


def _article(text: str) -> LocalizedArticle:
    return LocalizedArticle(Reader().read(text).sentences)


@pytest.mark.parametrize(("sentence", "expected", "place"), HALVES)
def test_a_sentence_by_hand(sentence: str, expected: float, place: str | None) -> None:
    (support,) = _article(ARTICLE).support(Reader().read(sentence).sentences)
    assert support.support == pytest.approx(expected, abs=1e-9)
    place_text = (
        None
        if support.article_start is None
        else ARTICLE[support.article_start : support.article_end]
    )
    assert place_text == place
    assert sentence[support.start : support.end] == sentence


def test_a_weight_is_the_logarithm_of_rarity() -> None:
    """Four sentences: "a" in all, ln(5/4); "b" in two, ln(5/2); "c" in one, and "d": ln(5)."""
    article = _article("a b\na b\na c\na")
    (support,) = article.support(Reader().read("a b d").sentences)
    expected = (log(5 / 4) + log(5 / 2)) / (log(5 / 4) + log(5 / 2) + log(5))
    assert support.support == pytest.approx(expected, abs=1e-9)


def test_an_article_of_one_sentence_bears_out_its_own_words_alike() -> None:
    (support,) = _article("Ann met Bob").support(Reader().read("Ann met Cid").sentences)
    assert support.support == pytest.approx(2 / 3, abs=1e-9)
    assert (support.article_start, support.article_end) == (0, 11)


def test_nothing_is_borne_out_by_an_article_without_words() -> None:
    (support,) = LocalizedArticle([]).support(Reader().read("Ann.").sentences)
    assert support == (0, 4, 0, None, None)


def test_sentences_are_told_apart_where_they_stand_though_they_are_equal() -> None:
    summary = "Cid slept. Cid slept."
    supports = _article(ARTICLE).support(Reader().read(summary).sentences)
    assert [support[:3] for support in supports] == [(0, 10, 1), (11, 21, 1)]


WORDS = st.lists(st.sampled_from("abcdef"), max_size=8)
WEIGHTS = {letter: weight for weight, letter in enumerate("abcdef", 1)}


def _weight_by_search(words: Sequence[str], others: Sequence[str]) -> int:
    """Return the heaviest common subsequence, by looking at each subsequence of both."""

    def subsequences(of: Sequence[str]) -> set[tuple[str, ...]]:
        return {chosen for n in range(len(of) + 1) for chosen in combinations(of, n)}

    common = subsequences(words) & subsequences(others)
    return max(sum(WEIGHTS[word] for word in chosen) for chosen in common)


@settings(deadline=None)
@given(words=WORDS, others=WORDS)
def test_the_heaviest_common_subsequence_is_the_one_that_a_search_finds(
    words: list[str], others: list[str]
) -> None:
    weights = [WEIGHTS[word] for word in words]
    assert heaviest_common_subsequence(words, weights, others) == _weight_by_search(words, others)


@cache
def _by_recursion(words: tuple[str, ...], others: tuple[str, ...]) -> int:
    """Return the same by the recursion that defines it (Wagner and Fischer, 1974)."""
    if not words or not others:
        return 0
    heaviest = max(_by_recursion(words[:-1], others), _by_recursion(words, others[:-1]))
    if words[-1] == others[-1]:
        heaviest = max(heaviest, _by_recursion(words[:-1], others[:-1]) + WEIGHTS[words[-1]])
    return heaviest


@settings(deadline=None, max_examples=30)
@given(
    words=st.lists(st.sampled_from("ab"), min_size=12, max_size=20),
    others=st.lists(st.sampled_from("abcdef"), min_size=20, max_size=60),
)
def test_rare_and_frequent_words_together(words: list[str], others: list[str]) -> None:
    """In long texts a rare word is looked up, a frequent one is looked at with all others."""
    mixed = [*words, "f", "e", *words, "f"]
    weights = [WEIGHTS[word] for word in mixed]
    others = [*others, *"ab" * 40]
    expected = _by_recursion(tuple(mixed), tuple(others))
    assert heaviest_common_subsequence(mixed, weights, others) == expected


@settings(deadline=None)
@given(
    st.lists(st.lists(st.sampled_from("abcd"), min_size=1, max_size=4), min_size=1, max_size=5),
    WORDS,
)
def test_no_place_is_passed_over(sentences: list[list[str]], words: list[str]) -> None:
    """Most places are not looked at, as they share too little: the best one always is."""
    text = "\n".join(" ".join(sentence) for sentence in sentences)
    reader = Reader()
    read = reader.read(text).sentences
    n = len(read)
    frequency = {w: sum(w in part.stems for part in read) for w in "abcdef"}
    weights = {w: log((n + 1) / max(d, 1)) for w, d in frequency.items()}
    # One sentence, or two neighbours, of which each is in a pair if there are two.
    places = [read[i].stems + read[i + 1].stems for i in range(n - 1)] or [read[0].stems]
    for part in reader.read(" ".join(words)).sentences:
        (support,) = LocalizedArticle(read).support([part])
        best = max(
            sum(weights[w] for w in chosen)
            for size in range(len(part.stems) + 1)
            for chosen in combinations(part.stems, size)
            if any(_is_subsequence(chosen, place) for place in places)
        )
        expected = best / sum(weights[w] for w in part.stems)
        assert support.support == pytest.approx(expected, abs=1e-8)


def _is_subsequence(words: Sequence[str], others: Sequence[str]) -> bool:
    rest = iter(others)
    return all(word in rest for word in words)
