"""Hostile text made visible. The outside authority is Unicode's own table of categories."""

import re
import sys
import unicodedata

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from harness.report.content.part import Marked
from harness.report.safety.visible_text import VisibleText
from harness.visible import HIDDEN, LONG_TEXT, visible_excerpt, visible_text

ONE_HIDDEN = re.compile(f"[{HIDDEN}]")

# Formats that are seen: Arabic, Syriac and Kaithi signs written under or over digits.
SEEN = {0x70F, 0x6DD, 0x890, 0x891, 0x8E2, 0x110BD, 0x110CD, *range(0x600, 0x606)}
# Letters and marks that leave no trace on paper: Unicode calls them fillers, selectors, joiners or blank.
TRACELESS = re.compile(
    "HANGUL.* FILLER|VARIATION SELECTOR|COMBINING GRAPHEME JOINER|KHMER VOWEL INHERENT|PATTERN BLANK"
)


def sliced(text: str, start: int, end: int) -> str:
    """Return a piece of a text by UTF-16 code units, as JavaScript's `slice` does."""
    data = text.encode("utf-16-le", "surrogatepass")
    return data[2 * start : 2 * end].decode("utf-16-le", "surrogatepass")


def pieces(marked: Marked) -> list[tuple[str, tuple[str, ...]]]:
    return [(sliced(marked.text, start, end), words) for start, end, words in marked.marks]


def test_hidden_is_what_unicode_calls_so() -> None:
    for code in range(sys.maxunicode + 1):
        character = chr(code)
        category = unicodedata.category(character)
        if category == "Cn":  # not given a meaning yet, but for the code points that never will
            expected = code & 0xFFFE == 0xFFFE or 0xFDD0 <= code <= 0xFDEF
            if not expected:
                continue
        else:
            expected = category in ("Cc", "Cf", "Cs", "Co", "Zl", "Zp") or bool(
                TRACELESS.search(unicodedata.name(character, ""))
            )
            expected = expected and character not in "\t\n" and code not in SEEN
        assert bool(ONE_HIDDEN.match(character)) == expected, hex(code)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("plain — “text” é 中文\n\tend", "plain — “text” é 中文\n\tend"),
        ("\u202etxet", "⟦U+202E⟧txet"),  # right-to-left override
        ("a\u2066b\u2069", "a⟦U+2066⟧b⟦U+2069⟧"),  # isolates
        ("nul\0here", "nul⟦U+0000⟧here"),
        ("\x1b[31mred", "⟦U+001B⟧[31mred"),
        ("a\r\nb", "a⟦U+000D⟧\nb"),
        ("lone \ud83d half", "lone ⟦U+D83D⟧ half"),
        ("a\u200bb", "a⟦U+200B⟧b"),
        ("a\u2028b\u2029c", "a⟦U+2028⟧b⟦U+2029⟧c"),
        ("\0" * 1234, "⟦U+0000 ×1,234⟧"),
        ("tag \U000e0041", "tag ⟦U+E0041⟧"),
        ("می\u200cخواهم", "می\u200cخواهم"),  # Persian needs its joiner to be spelt
        ("x\u200cy", "x⟦U+200C⟧y"),
        ("👩\u200d🔬 ❤\ufe0f", "👩\u200d🔬 ❤\ufe0f"),
        ("a\ufe0f", "a⟦U+FE0F⟧"),
        ("e\u0301", "e\u0301"),
        ("h" + "\u0301" * 30, "h" + "\u0301" * 4 + "⟦26 more accents⟧"),
        ("</script><b onclick=x>&amp;", "</script><b onclick=x>&amp;"),  # escaping is the page's
    ],
)
def test_what_cannot_be_seen_is_told(text: str, expected: str) -> None:
    assert visible_text(text) == expected


def test_an_endless_word_is_clipped_and_says_so() -> None:
    seen = VisibleText(f"It said {'x' * 100_000} and went on.").marked()
    assert seen.text == f"It said {'x' * 500}⟦99,500 more characters of one word⟧ and went on."
    assert pieces(seen) == [("⟦99,500 more characters of one word⟧", ("clipped",))]


def test_words_of_scripts_without_spaces_are_not_endless() -> None:
    text = "条约已签署" * 1_000
    assert visible_text(text) == text


def test_a_text_of_millions_is_clipped_and_says_so() -> None:
    seen = VisibleText("word " * 300_000)
    assert seen.text.endswith("word ⟦1,000,000 more characters⟧")
    assert len(seen.text) < LONG_TEXT + 50
    # What went with the rest is where the token is.
    start, end = seen.map_span(1_400_000, 1_400_004)
    assert sliced(seen.text, start, end) == "⟦1,000,000 more characters⟧"


def test_ranges_count_as_javascript_does() -> None:
    seen = VisibleText("😀 a\u202eb 😀c")
    assert pieces(seen.marked([(2, 3, "x"), (4, 5, "x"), (7, 8, "y")])) == [
        ("a", ("x",)),
        ("⟦U+202E⟧", ("control",)),
        ("b", ("x",)),
        ("c", ("y",)),
    ]


def test_a_range_over_a_token_has_it_whole() -> None:
    seen = VisibleText("a\0\0\0b")
    assert sliced(seen.text, *seen.map_span(0, 2)) == "a⟦U+0000 ×3⟧"
    assert sliced(seen.text, *seen.map_span(2, 5)) == "⟦U+0000 ×3⟧b"


HOSTILE = st.text(
    st.sampled_from("ab \n\0\u202e\u200d\ufe0f\u0301😀👩❤中\U000e0041\u2028é"), max_size=40
)


@settings(deadline=None)
@given(HOSTILE, st.data())
def test_ranges_survive(text: str, data: st.DataObject) -> None:
    seen = VisibleText(text)
    start = data.draw(st.integers(0, len(text)))
    end = data.draw(st.integers(start, len(text)))
    places = [seen.map_span(0, start), seen.map_span(start, end), seen.map_span(end, len(text))]
    shown_pieces = [
        sliced(seen.text, *place) if a < b else ""
        for place, (a, b) in zip(places, [(0, start), (start, end), (end, len(text))], strict=True)
    ]
    # Pieces cover the text: where a token lies across an end, both its pieces have it.
    assert all(piece in seen.text for piece in shown_pieces)
    assert len("".join(shown_pieces)) >= len(seen.text)
    for character in text[start:end]:
        if not ONE_HIDDEN.match(character) and character != "\u0301":
            assert character in shown_pieces[1]


@settings(deadline=None)
@given(HOSTILE)
def test_only_joiners_and_selectors_that_spell_are_left(text: str) -> None:
    left = set(ONE_HIDDEN.findall(visible_text(text)))
    assert left <= {"\u200d", "\ufe0f"}
    visible_text(text).encode()  # no lone surrogate is left


def test_brief_is_one_short_line() -> None:
    assert visible_excerpt("a\n b\tc") == "a b c"
    assert visible_excerpt("word " * 100, 12) == "word word w…"
    assert visible_excerpt("\0" * 3) == "⟦U+0000 ×3⟧"
