import pytest
from rouge_score.rouge_scorer import RougeScorer

from harness.errors import MetricError
from harness.metrics.rouge import TYPES, Rouge
from harness.suite import read_suite

ROUGE = Rouge()


def test_rouge_by_hand() -> None:
    """Lin (2004), section 3.2: S1 "police killed the gunman", S2 "police kill the gunman".

    With the stemmer "killed" is "kill": everything matches. Without the word, of four unigrams
    three match and of three bigrams one; the longest common subsequence has three words.
    """
    assert ROUGE.score("police kill the gunman", ["police killed the gunman"]) == dict.fromkeys(
        TYPES, 1.0
    )
    scores = ROUGE.score("police end the gunman", ["police killed the gunman"])
    assert scores["rouge1"] == 3 / 4
    assert scores["rouge2"] == pytest.approx(1 / 3)
    assert scores["rougeL"] == 3 / 4


def test_the_reference_with_the_best_f1_counts_for_each_type() -> None:
    both = ["the deal was signed in tokyo", "beijing objects"]
    alone = [ROUGE.score("the deal was signed", [reference]) for reference in both]
    assert ROUGE.score("the deal was signed", both) == {
        name: max(one[name] for one in alone) for name in TYPES
    }


def test_lsum_reads_sentences_and_l_does_not() -> None:
    """The two sentences change places: no word is lost, but L sees only one of them."""
    scores = ROUGE.score("They signed. Mr. Xi objected.", ["Mr. Xi objected. They signed."])
    assert scores["rougeLsum"] == 1.0
    assert scores["rougeL"] == pytest.approx(3 / 5)


def test_shipped_references_score_as_the_package_scores_lines() -> None:
    """Where every sentence stands on a line of its own, the package needs none of our splitting."""
    scorer = RougeScorer(list(TYPES), use_stemmer=True)
    for example in read_suite().examples("summarize"):
        first, *others = example.references
        lines = [r.replace(". ", ".\n") for r in example.references]
        expected = scorer.score_multi(targets=lines[1:], prediction=lines[0])
        found = ROUGE.score(first, others)
        if ".\n" in "".join(lines) and not any("Mr" in r or "U.S" in r for r in lines):
            assert found == {name: expected[name].fmeasure for name in TYPES}


def test_nothing_said_is_zero() -> None:
    assert ROUGE.score("", ["Ann met Bob."]) == dict.fromkeys(TYPES, 0.0)


@pytest.mark.parametrize("text", ["日本とアメリカが署名した", "اليابان", "संयुक्त राज्य"])
def test_a_script_that_the_tokenizer_drops_is_refused(text: str) -> None:
    with pytest.raises(MetricError, match="has no ASCII letter or digit, and ROUGE's default"):
        ROUGE.score(text, [text])


def test_signatures_name_the_options_and_the_implementation() -> None:
    shared = "stemmer:porter|tokenizer:default|references:best|rouge-score-0.1.2"
    assert ROUGE.signatures == {
        "rouge1": f"rouge1|f1|{shared}",
        "rouge2": f"rouge2|f1|{shared}",
        "rougeL": f"rougeL|f1|{shared}",
        "rougeLsum": f"rougeLsum|f1|sentences:harness-1|{shared}",
    }
