import itertools
import random

import pytest
from rouge_score.rouge_scorer import RougeScorer

from harness.errors import MetricError
from harness.metrics import metrics
from harness.metrics.ceiling import oracle_extractive, oracle_texts, people_scores
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


def _by_brute_force(texts: list[str], references: list[str]) -> str:
    """Return what is chosen where rouge-score scores every text that might be, one at a time."""
    scorer = RougeScorer(["rouge1", "rouge2"], use_stemmer=True)

    def gain(places: list[int]) -> float:
        text = "\n".join(texts[place] for place in places)
        scores = scorer.score_multi(references, text)
        return float(scores["rouge1"].fmeasure + scores["rouge2"].fmeasure)

    chosen: list[int] = []
    for _ in range(3):
        tried = [sorted([*chosen, i]) for i in range(len(texts)) if i not in chosen]
        best = max(tried, key=gain, default=chosen)  # the first of equals
        if not best or gain(best) <= (gain(chosen) if chosen else 0.0):
            break
        chosen = best
    return "\n".join(texts[place] for place in chosen)


def test_the_oracle_chooses_what_scoring_every_text_chooses() -> None:
    """Few words, so that many sentences are equals, and many word pairs stand across two."""
    rng = random.Random(7)
    words = "ann met cats cat run running runs rome a 5".split()
    for _ in range(300):
        texts = [
            f"{' '.join(rng.choices(words, k=rng.randint(1, 5))).capitalize()}!"
            for _ in range(rng.randint(0, 8))
        ]
        references = [
            " ".join(rng.choices(words, k=rng.randint(1, 12))) for _ in range(rng.randint(1, 3))
        ]
        assert oracle_extractive("\n".join(texts), references) == _by_brute_force(texts, references)


def test_the_oracle_s_texts_are_read_again_from_their_articles() -> None:
    examples = [_example("They signed a pact. Ann met Bob in Rome."), _example("zebra")]
    texts = oracle_texts({("summarize", "article"): examples, ("answer", "article"): examples})
    assert list(texts) == ["article"]
    assert list(texts["article"]) == ["Ann met Bob in Rome.\nThey signed a pact.", ""]
    assert texts["article"][0] == "Ann met Bob in Rome.\nThey signed a pact."


def test_a_reference_of_which_no_letter_is_seen_has_no_oracle() -> None:
    with pytest.raises(MetricError, match="has no ASCII letter"):
        oracle_extractive(ARTICLE.text, ["Ann", "協定"])


def test_no_three_sentences_in_a_row_beat_the_oracle() -> None:
    rouge = metrics("summarize")
    for example in read_suite().examples("summarize"):
        found = [s.text for s in sentences(example.query.context)]
        oracle = oracle_extractive(example.query.context, example.references)
        top = rouge.score(oracle, example.references)["rouge1"]
        for run in itertools.pairwise(found):
            assert rouge.score("\n".join(run), example.references)["rouge1"] <= top + 0.05
