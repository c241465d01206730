"""BERTScore: its formula by hand, and the class over a tiny encoder.

`test_bertscore_package.py` holds it against the package bert_score.
"""

import math
from collections.abc import Callable
from functools import partial
from pathlib import Path

import numpy as np
import pytest

from harness.errors import DataError, HarnessError, MetricError
from harness.metrics.bertscore import bertscore
from harness.metrics.bertscore.baseline import read_baseline
from harness.metrics.bertscore.bertscore import BertScore, EncodingCounts
from harness.metrics.bertscore.matching import (
    InverseDocumentFrequencies,
    Tokens,
    equal_weights,
    greedy_matching,
)
from harness.metrics.scorer import Scorer
from harness.models.encoder.token_encoder import CheckpointEncoder
from harness.models.model import Model

MakeModel = Callable[[str], Model]
F1 = "bertscore_f1"
ALL = ("bertscore_precision", "bertscore_recall", F1)


@pytest.fixture
def encoder(make_model: MakeModel, tiny_folder: Callable[..., Path]) -> CheckpointEncoder:
    toml = f'kind = "embedding-lexrank"\nweights = {{ folder = "{tiny_folder("bert")}" }}'
    model = make_model(toml)
    return CheckpointEncoder(model)


# Cosines of 3 x 2 tokens:      (1, 0)   (4, 3)
#                  (1, 0)         1        .8      -> 1
#                  (0, 2)         0        .6      -> .6
#                  (3, 4)         .6       .96     -> .96
#                                 1        .96
PREDICTION = np.array([[1, 0], [0, 2], [3, 4]], dtype=np.float32)
REFERENCE = np.array([[1, 0], [4, 3]], dtype=np.float32)


@pytest.mark.parametrize(
    ("prediction_weights", "reference_weights", "precision", "recall"),
    [
        ([1, 1, 1], [1, 1], (1 + 0.6 + 0.96) / 3, (1 + 0.96) / 2),
        ([1, 2, 1], [3, 1], (1 + 2 * 0.6 + 0.96) / 4, (3 * 1 + 0.96) / 4),
        # A special token counts nothing, and is matched with all the same.
        ([0, 1, 0], [0, 1], 0.6, 0.96),
        # Without a token that counts there is nothing to say.
        ([0, 0, 0], [1, 1], 0, 0),
        ([1, 1, 1], [0, 0], 0, 0),
    ],
)
def test_greedy_matching_by_hand(
    prediction_weights: list[float], reference_weights: list[float], precision: float, recall: float
) -> None:
    scores = greedy_matching(
        PREDICTION, REFERENCE, np.array(prediction_weights), np.array(reference_weights)
    )
    f1 = 2 * precision * recall / (precision + recall) if precision else 0
    assert scores == pytest.approx((precision, recall, f1), abs=1e-12)


def test_no_similarity_is_below_nothing() -> None:
    opposite = np.array([[-1, 0]], dtype=np.float32)
    assert greedy_matching(opposite, REFERENCE, np.ones(1), np.ones(2)) == (0, 0, 0)


def test_inverse_document_frequencies_by_hand() -> None:
    """log((n + 1) / (k + 1)) of n = 3 texts; a token counts once a text, 1 and 2 are special."""
    texts = [
        Tokens(ids, [i in (1, 2) for i in ids]) for ids in ([1, 7, 7, 2], [1, 7, 8, 2], [1, 2])
    ]
    frequencies = InverseDocumentFrequencies.of(texts)
    weights = frequencies.weights(Tokens([1, 7, 8, 9, 2], [True, False, False, False, True]))
    assert weights == pytest.approx([0, math.log(4 / 3), math.log(4 / 2), math.log(4 / 1), 0])
    assert equal_weights(texts[1]).tolist() == [0, 1, 1, 0]


TEXTS = ["Ann met Bob in Rome.", "The two signed a pact on trade.", "Rain fell for a week."]


def test_a_text_against_itself_is_1_and_an_empty_one_0(encoder: CheckpointEncoder) -> None:
    scorer = BertScore(encoder, 2)
    for text in TEXTS:
        assert scorer.score(text, [text]) == dict.fromkeys(ALL, 1.0)
        assert scorer.score(f"  {text}\n", [text]) == dict.fromkeys(ALL, 1.0)
        for pair in (("", text), (text, ""), ("", " ")):
            assert scorer.score(pair[0], [pair[1]]) == dict.fromkeys(ALL, 0.0)
    shares = scorer.declarations[F1]
    assert shares.is_share
    assert {name: scorer.declarations[name].role for name in ALL} == {
        "bertscore_precision": "shown", "bertscore_recall": "shown", F1: "ranked",
    }  # fmt: skip
    assert scorer.blind_spot is None


@pytest.mark.parametrize("rule", ["best", "mean", "jackknife"])
def test_several_references(encoder: CheckpointEncoder, rule: str) -> None:
    """Each number by itself: the best, the mean, or the mean of the best of the others."""
    prediction = "Ann signed a pact."
    alone = [BertScore(encoder, 1).score(prediction, [text]) for text in TEXTS]
    scores = BertScore(encoder, 1, references=rule).score(prediction, TEXTS)  # type: ignore[arg-type]
    for name in ALL:
        low, middle, high = sorted(values[name] for values in alone)
        expected = {
            "best": high,
            "mean": (low + middle + high) / 3,
            "jackknife": (high + high + middle) / 3,
        }
        assert scores[name] == pytest.approx(expected[rule], abs=1e-6)


BASELINE = "LAYER,P,R,F\n0,0.1,0.1,0.1\n1,0.25,0.5,0.75\n2,0.2,0.3,0.4\n"


def test_a_baseline_becomes_0_and_1_stays_1(encoder: CheckpointEncoder, tmp_path: Path) -> None:
    file = tmp_path / "tiny.tsv"
    file.write_text(BASELINE, encoding="utf-8")
    assert read_baseline(file, 1) == (0.25, 0.5, 0.75)
    plain, rescaled = BertScore(encoder, 1), BertScore(encoder, 1, rescale=file)
    before, after = (scorer.score(TEXTS[0], [TEXTS[1]]) for scorer in (plain, rescaled))
    for name, baseline in zip(ALL, (0.25, 0.5, 0.75), strict=True):
        assert after[name] == pytest.approx((before[name] - baseline) / (1 - baseline))
        # (0 - b) / (1 - b) is what no score is below: -1/3, -1 and -3.
        low = {0.25: -1 / 3, 0.5: -1.0, 0.75: -3.0}[baseline]
        assert rescaled.declarations[name].low == pytest.approx(low)
        assert rescaled.score("", [TEXTS[0]])[name] == pytest.approx(low)
        assert rescaled.declarations[name].high == 1
    assert rescaled.score(TEXTS[0], TEXTS) == dict.fromkeys(ALL, 1.0)
    assert "|rescaled:0.25,0.5,0.75|" in rescaled.signatures[F1]
    assert "|rescaled:no|" in plain.signatures[F1]


@pytest.mark.parametrize(
    ("text", "layer", "message"),
    [
        ("", 0, "has no line LAYER,P,R,F"),
        ("layer,p\n0,1\n", 0, "has no line LAYER,P,R,F"),
        (BASELINE, 3, "has no layer 3; take the file of this very model"),
        ("LAYER,P,R,F\n0,0.1,0.1\n", 0, ":2: a baseline is three numbers from 0 to below 1"),
        ("LAYER,P,R,F\n0,0.1,x,0.1\n", 0, ":2: a baseline is three numbers"),
        ("LAYER,P,R,F\n0,0.1,1.0,0.1\n", 0, ":2: a baseline is three numbers"),
        ("LAYER,P,R,F\n0,0.1,nan,0.1\n", 0, ":2: a baseline is three numbers"),
    ],
)
def test_a_file_that_is_no_baseline_is_refused(
    tmp_path: Path, text: str, layer: int, message: str
) -> None:
    file = tmp_path / "x.tsv"
    file.write_text(text, encoding="utf-8")
    with pytest.raises(DataError) as error:
        read_baseline(file, layer)
    assert message in str(error.value)
    assert "\n" not in str(error.value)


def test_a_file_with_tabs_is_the_same(tmp_path: Path) -> None:
    file = tmp_path / "x.tsv"
    file.write_text(BASELINE.replace(",", "\t"), encoding="utf-8")
    assert read_baseline(file, 2) == (0.2, 0.3, 0.4)
    with pytest.raises(HarnessError):
        read_baseline(tmp_path / "nowhere.tsv", 2)


def test_a_text_is_embedded_once(
    encoder: CheckpointEncoder, monkeypatch: pytest.MonkeyPatch
) -> None:
    scorer = BertScore(encoder, 2)
    one = list(scorer.score_many(TEXTS, [TEXTS[:2]] * 3))
    assert scorer.counts.texts == 3
    again = list(scorer.score_many(["Bob met Ann."], [TEXTS[:2]]))
    assert scorer.counts.texts == 4
    # Kept or not, and scored alone or with others: the same numbers.
    monkeypatch.setattr(bertscore, "_MAX_CACHED_BYTES", 0)
    monkeypatch.setattr(bertscore, "_CHUNK", 1)
    forgetful = BertScore(encoder, 2)
    for text, scores in zip([*TEXTS, "Bob met Ann."], [*one, *again], strict=True):
        assert forgetful.score(text, TEXTS[:2]) == pytest.approx(scores, abs=2e-6)
    assert forgetful.counts.texts > 4


def test_no_score_depends_on_the_system_before_it(encoder: CheckpointEncoder) -> None:
    """Not in the last bit: another run may have other systems."""
    references = [[text, "A pact was signed."] for text in TEXTS]
    first, second = (
        ["It rained in Rome. " * 9, "Bob", "x y z"],
        ["Ann met him.", "A pact.", "Rain!"],
    )
    scorer = BertScore(encoder, 2)
    list(scorer.score_many(first, references))
    after = list(scorer.score_many(second, references))
    assert list(BertScore(encoder, 2).score_many(second, references)) == after


def test_what_was_cut_and_what_is_unknown_is_counted(encoder: CheckpointEncoder) -> None:
    scorer = BertScore(encoder, 2)
    scorer.score("rain " * 500, ["☃ a"])
    # The window of 128 tokens has two special ones; the snowman is in no vocabulary of English.
    assert scorer.counts == EncodingCounts(texts=2, cut=1, tokens=126 + 2, unknown=1)


def test_what_no_file_can_hold_is_scored_as_what_it_becomes_there(
    encoder: CheckpointEncoder,
) -> None:
    """A lone half of a pair of UTF-16 is U+FFFD where it is written."""
    scorer = BertScore(encoder, 2, [*TEXTS, "\ud800"])
    assert scorer.score("Ann \ud800 met", TEXTS) == scorer.score("Ann \ufffd met", TEXTS)
    assert scorer.score("\x00\u200b", TEXTS) == dict.fromkeys(ALL, 0.0)


def test_the_signature_says_what_a_number_depends_on(encoder: CheckpointEncoder) -> None:
    same, other_layer = BertScore(encoder, 2), BertScore(encoder, 1)
    weighted, reordered = BertScore(encoder, 2, TEXTS), BertScore(encoder, 2, TEXTS[::-1])
    fewer, best = BertScore(encoder, 2, TEXTS[:2]), BertScore(encoder, 2, references="mean")
    signatures = [x.signatures[F1] for x in (same, other_layer, weighted, fewer, best)]
    assert len(set(signatures)) == 5
    assert weighted.signatures == reordered.signatures
    assert signatures[0].startswith("bertscore_f1|encoder:")
    assert signatures[0].endswith(
        "|layer:2|idf:none|rescaled:no|references:best|harness-bertscore-1=bert-score-0.3.13"
    )
    assert "|idf:3-texts-" in signatures[2]


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda encoder: BertScore(encoder, 0), "layer=0 is none"),
        (lambda encoder: BertScore(encoder, 1, "a text"), "idf needs several texts"),
        (lambda encoder: BertScore(encoder, 1, ["a", "a"]), "idf needs several texts"),
        (partial(BertScore, layer=1, references="worst"), "references='worst' is none"),  # type: ignore[arg-type]
        (lambda encoder: BertScore(encoder, 1).score("a", []), "no reference to score 'a'"),
        (lambda encoder: BertScore(encoder, 1).score("a", "b"), "are a list of texts, not one"),
        (
            lambda encoder: list(BertScore(encoder, 1).score_many(["a", "b"], [["a"]])),
            "there are more predictions than lists of references",
        ),
        (lambda encoder: BertScore(encoder, 3).score("a", ["b"]), "has 2 layers; layer 3 is none"),
    ],
)
def test_what_makes_no_sense_is_refused(
    encoder: CheckpointEncoder, make: Callable[[CheckpointEncoder], object], message: str
) -> None:
    with pytest.raises(HarnessError, match=message) as error:
        make(encoder)
    assert "\n" not in str(error.value)


def test_it_scores_from_python(encoder: CheckpointEncoder, tmp_path: Path) -> None:
    """Its canaries hold, rescaled too, and a bad text is named."""
    file = tmp_path / "x.tsv"
    file.write_text(BASELINE, encoding="utf-8")
    for family in (BertScore(encoder, 2), BertScore(encoder, 2, TEXTS, file)):
        scorer = Scorer("summarize", family)
        scorer.update(TEXTS, TEXTS)
        assert scorer.compute().means == dict.fromkeys(ALL, 1.0)


def test_a_family_that_calls_all_texts_alike_fails_its_canary(encoder: CheckpointEncoder) -> None:
    class Alike(BertScore):
        def score(self, prediction: str, references: object) -> dict[str, float]:
            return dict.fromkeys(ALL, 1.0 if prediction else 0.0)

    with pytest.raises(MetricError, match="the canary 'shuffled pairs' has failed"):
        Scorer("summarize", Alike(encoder, 2))
