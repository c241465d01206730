"""Porter's stemmer, with the departures that NLTK made from it.

M. F. Porter, "An algorithm for suffix stripping", Program 14.3 (1980), pages 130-137. rouge-score
stems with `nltk.stem.porter.PorterStemmer()`, so the words here get the very same stems: the
tests compare both. It is ours because NLTK takes a second to import and some 20 microseconds a
word, more than all the rest of ROUGE together.
"""

from collections.abc import Mapping

_VOWELS = b"aeiou"
_S, _Y, _D_G, _E_L = b"s"[0], b"y"[0], b"dg", b"el"
# c a consonant, v a vowel; a "y" is one or the other by what stands before it.
_CONSONANT, _VOWEL = b"cv"
_SHAPES = bytes(_VOWEL if byte in _VOWELS else _CONSONANT for byte in range(256))

_IRREGULAR: Mapping[bytes, bytes] = {
    b"sky": b"sky", b"skies": b"sky", b"dying": b"die", b"lying": b"lie", b"tying": b"tie",
    b"news": b"news", b"innings": b"inning", b"inning": b"inning", b"outings": b"outing",
    b"outing": b"outing", b"cannings": b"canning", b"canning": b"canning", b"howe": b"howe",
    b"proceed": b"proceed", b"exceed": b"exceed", b"succeed": b"succeed",
}  # fmt: skip

# Rules by a word's last two letters. The first suffix that fits decides, whether or not what
# stands before it is long enough, so longer suffixes come first.
Rules = Mapping[bytes, tuple[tuple[bytes, bytes], ...]]

_STEP_2: Rules = {
    b"al": ((b"ational", b"ate"), (b"tional", b"tion")),
    b"ci": ((b"enci", b"ence"), (b"anci", b"ance")),
    b"er": ((b"izer", b"ize"),),
    b"li": ((b"bli", b"ble"), (b"entli", b"ent"), (b"eli", b"e"), (b"ousli", b"ous"),
            (b"fulli", b"ful")),
    b"on": ((b"ization", b"ize"), (b"ation", b"ate")),
    b"or": ((b"ator", b"ate"),),
    b"sm": ((b"alism", b"al"),),
    b"ss": ((b"iveness", b"ive"), (b"fulness", b"ful"), (b"ousness", b"ous")),
    b"ti": ((b"aliti", b"al"), (b"iviti", b"ive"), (b"biliti", b"ble")),
    b"gi": (),  # logi, which counts its l to what stands before it
}  # fmt: skip
_STEP_3: Rules = {
    b"te": ((b"icate", b"ic"),),
    b"ve": ((b"ative", b""),),
    b"ze": ((b"alize", b"al"),),
    b"ti": ((b"iciti", b"ic"),),
    b"al": ((b"ical", b"ic"),),
    b"ul": ((b"ful", b""),),
    b"ss": ((b"ness", b""),),
}
_STEP_4: Mapping[bytes, tuple[bytes, ...]] = {
    b"al": (b"al",),
    b"ce": (b"ance", b"ence"),
    b"er": (b"er",),
    b"ic": (b"ic",),
    b"le": (b"able", b"ible"),
    b"nt": (b"ant", b"ement", b"ment", b"ent"),
    b"on": (b"ion",),
    b"ou": (b"ou",),
    b"sm": (b"ism",),
    b"te": (b"ate",),
    b"ti": (b"iti",),
    b"us": (b"ous",),
    b"ve": (b"ive",),
    b"ze": (b"ize",),
}


def stem(word: bytes) -> bytes:
    """Return the stem of a word of lower-case ASCII letters and digits.

    >>> [stem(word) for word in (b"relational", b"agreed", b"happily", b"skies")]
    [b'relat', b'agre', b'happili', b'sky']
    """
    if word in _IRREGULAR:
        return _IRREGULAR[word]
    if len(word) <= 2:
        return word
    last = word[-1]
    if last == _S:
        word = _without_plural(word)
        last = word[-1]
    if last in _D_G:
        word = _without_ed_ing(word)
    if word[-1] == _Y and len(word) > 2 and _shape(word)[-2] == _CONSONANT:
        word = word[:-1] + b"i"
    end = word[-2:]
    if end in _STEP_2:
        word = _step_2(word)
        end = word[-2:]
    if end in _STEP_3:
        word = _step_3(word)
        end = word[-2:]
    if end in _STEP_4:
        word = _step_4(word, end)
    return _step_5(word) if word[-1] in _E_L else word


def _shape(word: bytes) -> bytes:
    shape = word.translate(_SHAPES)
    if b"y" not in word:
        return shape
    marks = bytearray(shape)
    for at, byte in enumerate(word):
        if byte == _Y and at and marks[at - 1] == _CONSONANT:
            marks[at] = _VOWEL
    return bytes(marks)


def _measure(word: bytes) -> int:
    """Return Porter's m: how often a consonant follows a vowel."""
    return _shape(word).count(b"vc")


def _ends_short(word: bytes) -> bool:
    """Tell whether a word ends consonant, vowel, consonant but w, x, y; or is vowel, consonant."""
    shape = _shape(word)
    return (shape[-3:] == b"cvc" and word[-1:] not in (b"w", b"x", b"y")) or shape == b"vc"


def _without_plural(word: bytes) -> bytes:
    if word.endswith(b"ies"):
        return word[:-1] if len(word) == 4 else word[:-2]
    if word.endswith(b"sses"):
        return word[:-2]
    return word if word.endswith(b"ss") else word[:-1]


def _without_ed_ing(word: bytes) -> bytes:
    if word.endswith(b"ied"):
        return word[:-1] if len(word) == 4 else word[:-2]
    if word.endswith(b"eed"):
        return word[:-1] if _measure(word[:-3]) > 0 else word
    if word.endswith(b"ed"):
        before = word[:-2]
    elif word.endswith(b"ing"):
        before = word[:-3]
    else:
        return word
    shape = _shape(before)
    if b"v" not in shape:
        return word
    if before.endswith((b"at", b"bl", b"iz")):
        return before + b"e"
    if before[-2:-1] == before[-1:] and shape[-1] == _CONSONANT:
        return before if before[-1:] in (b"l", b"s", b"z") else before[:-1]
    if shape.count(b"vc") == 1 and _ends_short(before):
        return before + b"e"
    return before


def _step_2(word: bytes) -> bytes:
    # A radicalli is first a radical, and then looked at again.
    while word.endswith(b"alli") and _measure(word[:-4]) > 0:
        word = word[:-2]
    if word.endswith(b"logi"):
        return word[:-1] if _measure(word[:-3]) > 0 else word
    for suffix, replacement in _STEP_2.get(word[-2:], ()):
        if word.endswith(suffix):
            before = word[: -len(suffix)]
            return before + replacement if _measure(before) > 0 else word
    return word


def _step_3(word: bytes) -> bytes:
    for suffix, replacement in _STEP_3[word[-2:]]:
        if word.endswith(suffix):
            before = word[: -len(suffix)]
            return before + replacement if _measure(before) > 0 else word
    return word


def _step_4(word: bytes, end: bytes) -> bytes:
    for suffix in _STEP_4[end]:
        if word.endswith(suffix):
            before = word[: -len(suffix)]
            if _measure(before) > 1 and (suffix != b"ion" or before[-1:] in (b"s", b"t")):
                return before
            return word
    return word


def _step_5(word: bytes) -> bytes:
    if word[-1:] == b"e":
        before = word[:-1]
        measure = _measure(before)
        if measure > 1 or (measure == 1 and not _ends_short(before)):
            word = before
    if word[-2:] == b"ll" and _measure(word[:-1]) > 1:
        word = word[:-1]
    return word
