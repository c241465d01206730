"""chrF and chrF++ are sacrebleu's, and by hand; several references, and what is refused."""

import subprocess
import sys
from collections.abc import Callable
from functools import partial

import pytest

from harness.errors import MetricError
from harness.metrics.chrf import Chrf
from harness.metrics.scorer import Scorer

sacrebleu = pytest.importorskip("sacrebleu", reason="the extra `chrf` is not installed")

PAIRS = [
    ("Police end the gunman.", ["police killed the gunman", "The gunman was killed by police."]),
    ("Wheat prices fell sharply.", ["Wheat was cheaper.", "Prices fell.", "wheat prices fell"]),
    ("美国和日本签署了协议", ["美国和日本周二在东京签署了一项关于稀土的新协议"]),
    ("भारत और जापान", ["भारत और जापान ने मंगलवार को समझौता किया"]),
    ("", ["Ann met Bob."]),
    ("Ann met Bob.", [""]),
    ("", [""]),
    ("a\u00a0b\tc\nd", ["a b c d"]),
    ("Ann, Bob!", ["Ann Bob"]),
    ("x" * 300, ["x" * 299 + "y"]),
]


@pytest.mark.parametrize(("prediction", "references"), PAIRS)
def test_scores_are_sacrebleus(prediction: str, references: list[str]) -> None:
    """Asked with all references at once, as its own users ask it: the best counts."""
    scores = Chrf().score(prediction, references)
    for name, order in (("chrf", 0), ("chrf_plus_plus", 2)):
        expected = sacrebleu.metrics.CHRF(word_order=order).sentence_score(prediction, references)
        assert scores[name] == expected.score / 100
    assert scores["chrf"] == sacrebleu.sentence_chrf(prediction, references).score / 100


def test_chrf_by_hand() -> None:
    """F2 over the mean precision and recall of each order that both texts have n-grams of.

    "abcd" and "abce": 3 of 4 single characters, 2 of 3 pairs, 1 of 2 triples, 0 of 1; longer
    n-grams neither has. Precision and recall are both (3/4 + 2/3 + 1/2 + 0) / 4 = 23/48, so F2 is
    23/48 too. The word is another one: chrF++ has a fifth order with 0, and is 23/60.

    "ab" and "abcd": precision (2/2 + 1/1) / 2 = 1, recall (2/4 + 1/3) / 2 = 5/12, and F2 is
    5 x 5/12 / (4 + 5/12) = 25/53. Spaces do not count: "a b" is the same, but for its words.
    """
    assert Chrf().score("abcd", ["abce"]) == {
        "chrf": pytest.approx(23 / 48), "chrf_plus_plus": pytest.approx(23 / 60),
    }  # fmt: skip
    assert Chrf().score("ab", ["abcd"])["chrf"] == pytest.approx(25 / 53)
    assert Chrf().score("a b", ["abcd"])["chrf"] == pytest.approx(25 / 53)


def test_chinese_by_hand() -> None:
    """Each character is one: 美国人 and 美国 share 2 of 3 and 2, and a pair of 2 and 1.

    Precision (2/3 + 1/2) / 2 = 7/12, recall 1, F2 = 5 x 7/12 / (4 x 7/12 + 1) = 7/8.
    """
    assert Chrf().score("美国人", ["美国"])["chrf"] == pytest.approx(7 / 8)
    assert Chrf().score("美国", ["日本"])["chrf"] == 0


def test_several_references_by_hand() -> None:
    """Against "ab" alone 1, against "abcd" 25/53 as above, against "xy" 0."""
    references = ["ab", "abcd", "xy"]
    expected = {
        "best": 1.0,
        "mean": (1 + 25 / 53 + 0) / 3,
        "jackknife": (25 / 53 + 1 + 1) / 3,  # without the first, the second, the third
    }
    for rule, value in expected.items():
        scorer = Chrf(references=rule)  # type: ignore[arg-type]
        assert scorer.score("ab", references)["chrf"] == pytest.approx(value)
        assert f"|references:{rule}|" in scorer.signatures["chrf"]


def test_what_it_says_of_itself() -> None:
    signature = f"|version:{sacrebleu.__version__}|sacrebleu"
    assert Chrf().signatures == {
        "chrf": f"chrf|references:best|case:mixed|eff:yes|nc:6|nw:0|space:no{signature}",
        "chrf_plus_plus": (
            f"chrf_plus_plus|references:best|case:mixed|eff:yes|nc:6|nw:2|space:no{signature}"
        ),
    }
    assert all(declaration.is_share for declaration in Chrf().declarations.values())
    assert Chrf().blind_spot is None


def test_it_scores_many_and_from_python() -> None:
    predictions, references = zip(*PAIRS, strict=True)
    many = list(Chrf().score_many(predictions, references))
    assert many == [Chrf().score(*pair) for pair in PAIRS]
    scorer = Scorer("summarize", Chrf())
    scorer.update(["Ann met Bob.", "x"], ["Ann met Bob.", "y"])
    assert scorer.compute().means == {"chrf": 0.5, "chrf_plus_plus": 0.5}


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (partial(Chrf, references="worst"), "references='worst' is none of best, mean, jackknife"),  # type: ignore[arg-type]
        (lambda: Chrf().score("a", []), "no reference to score 'a' against"),
        (lambda: Chrf().score("a", "b"), "references are a list of texts, not one: 'b'"),
        (lambda: list(Chrf().score_many(["a"], [["a"], ["b"]])), "more lists of references than"),
    ],
)
def test_what_makes_no_sense_is_refused(call: Callable[[], object], message: str) -> None:
    with pytest.raises(MetricError, match=message):
        call()


def test_without_the_package_a_line_says_how_to_get_it() -> None:
    """A name that is `None` in `sys.modules` cannot be imported: as if it were not there."""
    script = (
        "import sys\nsys.modules['sacrebleu'] = sys.modules['sacrebleu.metrics'] = None\n"
        "from harness.errors import MetricError\nfrom harness.metrics.chrf import Chrf\n"
        "try: Chrf()\nexcept MetricError as error: print(error)"
    )
    finished = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, check=True, timeout=60
    )
    assert finished.stdout.startswith("not installed, but needed for chrF: sacrebleu; run: ")
    assert finished.stdout.count("\n") == 1
