"""Letters that a metric does not see: counted by hand."""

import pytest

from harness.errors import MetricError
from harness.metrics.blind_spot import DROPPED, UNSPACED, LetterTally
from harness.metrics.rouge.rouge import Rouge
from harness.metrics.scorer import score
from harness.text.letters import ascii_letters, spaced_letters


@pytest.mark.parametrize(
    ("text", "seen", "unseen"),
    [
        ("Ann met Bob, 2024.", 9, 0),
        ("Müller für Köln", 10, 3),
        ("Mu\u0308ller", 6, 1),  # the mark stands apart, and the word is parted there
        ("राष्ट्रपति ने 2024", 0, 7),
        ("“Café” – ½ ❤\ufe0f", 3, 1),  # quotes, dashes and pictures are no letters
        ("İ K", 2, 0),  # the two that are ASCII's in lower case
        ("", 0, 0),
    ],
)
def test_letters_that_the_default_tokenizer_drops(text: str, seen: int, unseen: int) -> None:
    assert ascii_letters(text) == (seen, unseen)


@pytest.mark.parametrize(
    ("text", "seen", "unseen"),
    [
        ("Bergen", 6, 0),
        ("卑尔根 Bergen", 6, 3),
        ("サッカー、2024年", 0, 5),
        ("ไทย", 0, 3),
        ("二〇二四 a", 1, 4),  # a zero that is no letter to Python
        ("대한민국", 4, 0),  # Korean has spaces
        ("Müller", 6, 0),
        ("दिन", 2, 0),
    ],
)
def test_letters_of_scripts_without_spaces(text: str, seen: int, unseen: int) -> None:
    assert spaced_letters(text) == (seen, unseen)


def test_shares_under_two_percent_are_not_told_and_from_a_fifth_there_is_no_number() -> None:
    def tally(unseen: int) -> LetterTally:
        made = LetterTally(DROPPED)
        made.add(["a" * (1000 - unseen), "é" * unseen])
        return made

    assert tally(19).share is None
    assert tally(20).share == 0.02
    assert tally(199).refusal is None
    assert tally(200).refusal == (
        "ROUGE's default tokenizer drops 20.0 % of the letters of references; name their language "
        "(--language), or choose the tokenizer `unicode` (--tokenizer unicode)"
    )
    assert (tally(0) + tally(200)).share == 0.1
    assert LetterTally(None).refusal is None


def test_a_caution_stands_beside_the_scores() -> None:
    """4 of 101 letters: the five words have 19, and the others 82."""
    texts = ["Der Bär fraß über Österreich " + "sa " * 38]
    result = score(texts, texts)
    assert result.cautions == (DROPPED.caution([4 / 100]),)
    assert "drops 4.0 % of the letters of references and predictions" in result.cautions[0]
    assert score(["Ann"], ["Ann"]).cautions == ()


def test_a_language_that_would_be_parted_at_its_letters_is_refused() -> None:
    """`Müller für Köln` against `Möller für Kiln` was .727 by its remains m, ller, f, r, k, ln."""
    with pytest.raises(MetricError, match=r"drops 23\.1 % of the letters .*--tokenizer unicode"):
        score(["Möller für Kiln"], ["Müller für Köln"])
    unicode = Rouge(["rouge1"], tokenizer="unicode")
    found = score(["Möller für Kiln"], ["Müller für Köln"], metrics=unicode)
    assert found.means["rouge1"] == pytest.approx(1 / 3)  # für


def test_an_f1_that_is_all_or_nothing_is_refused() -> None:
    with pytest.raises(
        MetricError, match=r"100\.0 % of the letters .* are of scripts without spaces"
    ):
        score(["霍尔特"], [["马拉·霍尔特"]], task="answer")
    names = [["Bergen"]] * 40
    found = score(["Bergen"] * 39 + ["卑尔根"] * 1, names, task="answer")
    assert found.cautions == ()
    few = score(["Bergen"] * 30 + ["卑尔根" * 4] * 10, names, task="answer")
    assert few.cautions == (UNSPACED.caution([120 / 540]),)  # the model's own, not the references'
