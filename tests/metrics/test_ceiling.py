import itertools

import pytest

from harness.metrics import metrics
from harness.metrics.ceiling import oracle_extractive, people_scores
from harness.metrics.rouge.rouge import Rouge
from harness.records import Article, Example, Query
from harness.suite.suite import read_suite
from harness.text import sentences

ARTICLE = Article("a", "Ann met Bob in Rome. It rained. They signed a pact. Cyd objected.", "f", "")


def _example(*references: str) -> Example:
    return Example("a", ARTICLE, Query("summarize", ARTICLE.text), references)


def test_people_are_scored_against_each_other_by_hand() -> None:
    """ROUGE-1 of "ann met bob" with "ann met cyd" is 2/3, both with "x y z" 0.

    The best of the others is 2/3 for the first two and 0 for the third: 4/9 in the mean.
    """
    scores = people_scores(_example("Ann met Bob", "Ann met Cyd", "x y z"))
    assert scores is not None
    assert scores["rouge1"] == pytest.approx(4 / 9)


def test_one_reference_has_nobody_to_agree_with() -> None:
    assert people_scores(_example("Ann met Bob")) is None


def test_models_and_people_are_compared_on_the_same_number_of_references() -> None:
    """Lin (2004), section 2.1: the mean over the sets that leave one reference out."""
    references = ["Ann met Bob", "Ann met Cyd", "x y z"]
    prediction = "Ann met Dan"
    # Against each: 2/3, 2/3, 0. The best of any two of them is 2/3.
    assert metrics("summarize").score(prediction, references)["rouge1"] == pytest.approx(2 / 3)
    # Against each: 1, 2/3, 0. Leaving the first out, the best is 2/3; else 1.
    scores = metrics("summarize").score("Ann met Bob", references)
    assert scores["rouge1"] == pytest.approx((2 / 3 + 1 + 1) / 3)


def test_the_oracle_takes_the_sentences_that_the_references_have() -> None:
    assert oracle_extractive(ARTICLE.text, ["They signed a pact. Ann met Bob in Rome."]) == (
        "Ann met Bob in Rome.\nThey signed a pact."
    )
    assert oracle_extractive(ARTICLE.text, ["zebra"]) == ""
    assert oracle_extractive("", ["Ann met Bob."]) == ""


def test_the_oracle_s_first_step_is_the_best_single_sentence() -> None:
    """By brute force over all sentences; each later step must add to it."""
    rouge = Rouge(("rouge1", "rouge2"))

    def gain(text: str, references: tuple[str, ...]) -> float:
        return sum(rouge.score(text, references).values())

    for example in read_suite().examples("summarize"):
        found = [s.text for s in sentences(example.query.context)]
        chosen = oracle_extractive(example.query.context, example.references)
        best = max(gain(text, example.references) for text in found)
        assert any(gain(line, example.references) == best for line in chosen.split("\n"))
        assert gain(chosen, example.references) >= best
        assert 1 <= len(chosen.split("\n")) <= 3


def test_no_three_sentences_in_a_row_beat_the_oracle() -> None:
    rouge = metrics("summarize")
    for example in read_suite().examples("summarize"):
        found = [s.text for s in sentences(example.query.context)]
        oracle = oracle_extractive(example.query.context, example.references)
        top = rouge.score(oracle, example.references)["rouge1"]
        for run in itertools.pairwise(found):
            assert rouge.score("\n".join(run), example.references)["rouge1"] <= top + 0.05
