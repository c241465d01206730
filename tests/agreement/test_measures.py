"""Measures on a set: each text's value, and where there is none."""

import importlib

import numpy as np
import pytest
from sacrebleu.metrics import CHRF

from harness.agreement.further import FURTHER_MEASURES, with_further_measures
from harness.agreement.judgments.judgments import Judgment
from harness.agreement.measures import (
    MEASURES,
    OF_ARTICLE,
    measured,
    reference_systems,
)
from harness.agreement.plain import plain_words, source_precision, word_f1
from harness.metrics import metrics
from harness.metrics.options import MetricOptions
from harness.metrics.rouge.rouge import Rouge
from harness.metrics.summary import FROM_THE_ARTICLE
from tests.agreement.made import judged, judgment

SHARES = ("novel_1grams", "novel_2grams", "novel_3grams", "extractive_coverage")
ARTICLE = "Ann met Bob in Rome. They signed a pact on Monday."
REFERENCES = ("Ann and Bob signed a pact.", "A pact was signed in Rome.")


def _text(text: str, system: str = "s", **more: object) -> Judgment:
    fields: dict[str, object] = {"text": text, "article": ARTICLE, "references": REFERENCES}
    return judgment("a", system, {"good": 1.0}, **(fields | more))


def test_rouge_is_the_leaderboard_s_with_its_parts() -> None:
    texts = ["Ann signed a pact.", "", "Rome"]
    found = {v.measure: v for v in measured(judged([_text(text) for text in texts]))}
    asked = [name for name in MEASURES["summarize"] if name not in FURTHER_MEASURES]
    assert [*found] == asked
    family = Rouge(references="jackknife")
    for name, signature in family.signatures.items():
        triples = [family.precision_recall_f1(text, REFERENCES)[name] for text in texts]
        assert found[name].values.tolist() == [triple.f1 for triple in triples]
        assert found[f"{name}_recall"].values.tolist() == [triple.recall for triple in triples]
        assert found[f"{name}_precision"].values.tolist() == [t.precision for t in triples]
        assert found[name].signature == signature
        recall = signature.replace(f"{name}|f1|", f"{name}_recall|recall|")
        assert found[f"{name}_recall"].signature == recall


def test_further_measures_are_there_where_they_are_asked_for() -> None:
    """chrF by sacrebleu: with two references the jackknife is the mean over both."""
    data = judged([_text("Ann signed a pact."), _text("Ann", references=())])
    options = with_further_measures(MetricOptions(), ["chrf"])
    assert options.further == ("chrf",)
    (chrf,) = measured(data, ["chrf"], options)
    scores = [CHRF().sentence_score("Ann signed a pact.", [r]).score / 100 for r in REFERENCES]
    assert chrf.values[0] == pytest.approx(sum(scores) / 2)
    assert np.isnan(chrf.values[1])


def test_plain_measures_by_hand() -> None:
    """Of four words three are in the article; with the references (6 words each) they share 3 and 2.

    F1 is 2 * 3 / 10 and 2 * 2 / 10, the mean 0.5. No word is no overlap, and no error.
    """
    text = "Eve signed a pact"
    assert source_precision(ARTICLE, text) == 3 / 4
    assert word_f1(text, REFERENCES) == pytest.approx((0.6 + 0.6) / 2)
    assert (source_precision(ARTICLE, ""), word_f1("", REFERENCES)) == (0.0, 0.0)
    assert plain_words("Zürich 2024: 美国's") == ["zürich", "2024", "美", "国", "s"]


def test_a_text_of_ten_thousand_words_has_values() -> None:
    """Of no word there is nothing to be told that is copied, new or wrong."""
    long = "Ann met Bob in Rome. " * 2_000
    partial = {name for name, declared in FROM_THE_ARTICLE.items() if declared.partial}
    for values in measured(judged([_text(long), _text("")])):
        finite = np.isfinite(values.values).tolist()
        assert finite == [True, values.measure not in partial], values.measure


def test_what_the_article_bears_out_by_hand() -> None:
    """Of "Eve signed a pact" all words but "Eve" stand together in one sentence of the article.

    Each is in one sentence of two, and an unknown one weighs as much: 3 of 4 equal weights. Of its
    word pairs 2 of 3 are there, of its triples 1 of 2; one fragment of 3 words: 3 / 4 and 9 / 4.
    """
    names = ["support", "support_least", "source_rouge2_precision", "extractive_density", *SHARES]
    texts = [_text("Eve signed a pact"), _text("In Rome they signed 40."), _text("", article=None)]
    found = {v.measure: v for v in measured(judged(texts), [*names, "unsupported"])}
    expected = [3 / 4, 3 / 4, 2 / 3, 9 / 4, 1 / 4, 1 / 3, 1 / 2, 3 / 4]
    assert [found[name].values[0] for name in names] == pytest.approx(expected)
    assert found["unsupported"].values[1] == 1  # the 40
    family = metrics("summarize")
    for name, values in found.items():
        assert np.isnan(values.values[2])
        assert values.signature == family.signatures[name]
        assert values.needs == "article"
    ways = {name: values.direction for name, values in found.items()}
    assert (ways["support"], ways["unsupported"], ways["novel_2grams"]) == (
        "higher", "lower", "none",
    )  # fmt: skip


def test_what_is_by_rules_for_english_has_no_value_in_other_languages() -> None:
    german = _text("Anna traf Bob.", language="de", article="Anna traf Bob in Rom.")
    support, unsupported = measured(judged([german]), ["support", "unsupported"])
    assert support.values.tolist() == [1.0]
    assert unsupported.scored == 0


def test_what_a_text_lacks_leaves_it_without_a_value() -> None:
    texts = [_text("Ann"), _text("Ann", references=()), _text("Ann", article=None)]
    found = {values.measure: values.values for values in measured(judged(texts))}
    assert np.isnan(found["rouge1"]).tolist() == [False, True, False]
    assert np.isnan(found["word_f1"]).tolist() == [False, True, False]
    assert np.isnan(found["source_precision"]).tolist() == [False, False, True]
    assert np.isnan(found["words"]).tolist() == [False, False, False]


def test_a_system_of_references_is_left_out_where_references_are_needed() -> None:
    """Letter by letter, so that tokenized and natural texts are told as one."""
    gold = _text("ann and bob signed a pact .", system="gold")
    data = judged([gold, _text("Ann and Bob", system="s"), _text(REFERENCES[1], system="s")])
    assert reference_systems(data) == ["gold"]  # of s one of two, no more than half
    found = {values.measure: values.values for values in measured(data)}
    assert np.isnan(found["rouge1"]).tolist() == [True, False, False]
    assert np.isfinite(found["source_precision"]).all()


def test_each_text_is_scored_in_its_language() -> None:
    text, references = "Die Häuser brannten", ("Das Haus brannte",)
    data = judged([_text(text, language="de", references=references)])
    (rouge,) = measured(data, ["rouge1"])
    assert rouge.values.tolist() == [Rouge(language="de").score(text, references)["rouge1"]]
    assert "language:de" in rouge.signature
    (chosen,) = measured(data, ["rouge1"], MetricOptions(language="en"))  # a flag wins
    assert chosen.values.tolist() == [Rouge(language="en").score(text, references)["rouge1"]]


def test_a_text_that_a_measure_refuses_is_said_and_the_others_are_scored() -> None:
    refused = _text("x", references=("美国",), where="set.jsonl:7")
    (rouge, *_) = measured(judged([_text("Ann"), refused]), ["rouge1"])
    assert np.isnan(rouge.values).tolist() == [False, True]
    assert rouge.problem is not None
    assert rouge.problem.startswith("set.jsonl:7: the reference '美国' has no ASCII letter")


def test_answers_have_the_metrics_of_answers() -> None:
    data = judged(
        [judgment("q", "s", {}, text="It was Ann Lee.", references=("Ann Lee",))], task="answer"
    )
    found = {values.measure: values.values.tolist() for values in measured(data)}
    # Two of the reply's four words are the answer: precision 1/2, recall 1.
    assert found == {
        "exact_match": [0.0], "f1": [pytest.approx(2 / 3)], "number_exact_match": [0.0],
        "number_f1": [pytest.approx(2 / 3)], "contains": [1.0], "token_recall": [1.0],
        "words": [4.0],
    }  # fmt: skip


@pytest.mark.parametrize("name", OF_ARTICLE)
def test_a_registered_measure_is_a_function_of_article_and_summary(name: str) -> None:
    location, direction = OF_ARTICLE[name]
    module, _, attribute = location.partition(":")
    function = getattr(importlib.import_module(module), attribute)
    for summary in ("Ann met Bob in Rome.", "", "Zoë met 40 people."):
        assert isinstance(float(function(ARTICLE, summary, None)), float)
    assert direction in ("higher", "lower", "none")
