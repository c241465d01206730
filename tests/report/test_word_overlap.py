"""Shared words. rouge-score's own tokenizer says what words are; run lengths are counted by hand."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from rouge_score.rouge_scorer import RougeScorer
from rouge_score.tokenizers import DefaultTokenizer

from harness.metrics.options import MetricOptions
from harness.report.examples.word_overlap import (
    WordReader,
    best_reference,
    run_lengths,
    shared_ranges,
)

THEIRS = DefaultTokenizer(use_stemmer=True)


@given(st.text(st.sampled_from("aB5 é’-.\u0130\u212aſ\nrunnigsS"), max_size=60))
@settings(max_examples=300, deadline=None)
def test_words_are_those_of_rouge_score(text: str) -> None:
    reader = WordReader()
    ours = [word.number for word in reader.words(text)]
    numbers: dict[str, int] = {}
    theirs = [numbers.setdefault(word, len(numbers)) for word in THEIRS.tokenize(text)]
    seen: dict[int, int] = {}
    assert [seen.setdefault(number, len(seen)) for number in ours] == theirs


def test_words_keep_their_places() -> None:
    text = "Japan’s RUNNERS, 2025"
    assert [text[word.start : word.end] for word in WordReader().words(text)] == [
        "Japan", "s", "RUNNERS", "2025",
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("options", "text", "other", "expected"),
    [
        (MetricOptions(language="hi"), "दिन में", "दान में", ["में"]),  # a mark tells words apart
        (MetricOptions(language="zh-CN"), "市长开放老桥", "市长说老桥", ["市", "长", "老", "桥"]),
        (MetricOptions(language="de"), "Die Kategorien, Stra\u00adße", "KATEGORIE STRASSE",
         ["Kategorien", "Stra\u00adße"]),
        (MetricOptions(language="tr"), "I\u0307zmir’in", "izmir", ["I\u0307zmir"]),
        (MetricOptions(tokenizer="spaces"), "a-b C", "a-b c", ["a-b"]),
        (MetricOptions(stemmer=False), "runs ran", "run ran", ["ran"]),
        (MetricOptions(tokenizer="unicode"), "a_b ½ \u00ad", "b ½", ["b", "½"]),
    ],
)  # fmt: skip
def test_words_are_those_of_the_runs_rouge(
    options: MetricOptions, text: str, other: str, expected: list[str]
) -> None:
    reader = WordReader(options)
    words, others = reader.words(text), {word.number for word in reader.words(other)}
    assert [text[w.start : w.end] for w in words if w.number in others] == expected


# the cat sat on the mat | on the mat the cat lay: "on the mat" is 3, "the cat" 2.
@pytest.mark.parametrize(
    ("summary", "reference", "expected"),
    [
        ("the cat sat on the mat", "on the mat the cat lay", [2, 2, 0, 3, 3, 3]),
        ("a b c d e f", "a b c d e f", [4, 4, 4, 4, 4, 4]),
        ("a b c d", "d c b a", [1, 1, 1, 1]),
        ("a b x c d", "a b c d", [2, 2, 0, 2, 2]),
        ("", "a", []),
        ("a", "", [0]),
    ],
)
def test_each_word_has_its_longest_run(summary: str, reference: str, expected: list[int]) -> None:
    assert (
        run_lengths([ord(x[0]) for x in summary.split()], [ord(x[0]) for x in reference.split()])
        == expected
    )


def marked(summary: str, reference: str) -> list[tuple[str, str]]:
    reader = WordReader()
    ranges = shared_ranges(reader.words(summary), reader.words(reference))
    return [(summary[start:end], word.removeprefix("shared:")) for start, end, word in ranges]


def test_neighbours_of_one_run_are_drawn_together() -> None:
    assert marked("The leaders signed deals, today.", "Leaders sign deals today in Oslo") == [
        ("leaders signed deals, today", "4")
    ]


def test_neighbours_of_two_runs_stay_apart() -> None:
    # "red fox" and "big dog" stand in the reference, "fox big" does not.
    assert marked("red fox big dog", "big dog and red fox") == [("red fox", "2"), ("big dog", "2")]


def test_the_best_reference_is_rouge_scores() -> None:
    summary = "Trump met Takaichi in Tokyo and signed a deal on rare earths"
    references = [
        "The two leaders met",
        "A deal on rare earths was signed in Tokyo by Trump and Takaichi",
        "Trump met Takaichi",
    ]
    scorer = RougeScorer(["rouge1"], use_stemmer=True)
    f1 = [scorer.score(one, summary)["rouge1"].fmeasure for one in references]
    reader = WordReader()
    read = [reader.words(one) for one in references]
    assert best_reference(reader.words(summary), read) == f1.index(max(f1)) == 1
    assert best_reference([], read) == 0
