"""The stemmer against NLTK's, which rouge-score uses."""

import re
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from nltk.stem.porter import PorterStemmer

from harness.metrics.rouge.stems.porter import stem

NLTK = PorterStemmer()
SUFFIXES = (
    "ed ing s es ies ied sses eed y ational tional enci anci izer bli alli entli eli ousli ization "
    "ation ator alism iveness fulness ousness aliti iviti biliti fulli logi icate ative alize "
    "iciti ical ful ness al ance ence er ic able ible ant ement ment ent ion sion tion ou ism ate "
    "iti ous ive ize e ll at bl iz ss ying"
).split()
TEXTS = [*Path(__file__).parents[2].glob("seeds/*.txt"), *Path(__file__).parents[1].rglob("*.py")]


@pytest.mark.parametrize("path", TEXTS, ids=lambda path: path.name)
def test_words_of_texts_have_nltks_stems(path: Path) -> None:
    words = sorted(set(re.findall("[a-z0-9]+", path.read_text(encoding="utf-8").lower())))
    assert [stem(word.encode()).decode() for word in words] == [NLTK.stem(word) for word in words]


@pytest.mark.parametrize("word", [*NLTK.pool, *NLTK.pool.values(), *SUFFIXES])
def test_irregular_words_and_bare_suffixes_have_nltks_stems(word: str) -> None:
    for form in (word, word + "s", "y" + word, "sky" + word):
        assert stem(form.encode()).decode() == NLTK.stem(form)


@settings(max_examples=4000, deadline=None)
@given(
    st.text("aeiouybcdlstzwx1", max_size=5),
    st.lists(st.sampled_from(SUFFIXES), max_size=3).map("".join),
)
def test_generated_words_have_nltks_stems(start: str, end: str) -> None:
    assert stem((start + end).encode()).decode() == NLTK.stem(start + end)
