"""Plain text: regular spaces, sentences with offsets, words.

The rules are fixed and need no download. `SENTENCE_SPLITTER` names their version: it belongs in
the signature of every number that depends on where a sentence ends.
"""

import re
from collections.abc import Iterator
from typing import NamedTuple

SENTENCE_SPLITTER = "harness-1"

_SPACE = re.compile(r"[^\S\n]+")
_INVISIBLE = re.compile("[\u200b\ufeff]")
_WORD = re.compile(r"\w+(?:[’'.,-]\w+)*")

# A terminator with the quotes and brackets that close after it, before white space or the
# end. Full-width terminators need no space after them.
_TERMINATOR = re.compile(r"[.!?…]+[\"'”’»)\]]*(?=\s|$)|[。！？]+[」』”’）]*")
_LAST_TOKEN = re.compile(r"[^\s(\[“‘\"'«–—-]+$")
_DOTTED = re.compile(r"(?:[^\W\d_]\.)+")
_NEXT_WORD = re.compile(r"\s*[\"'“‘«(\[]*([^\W_][\w’'-]*)?")
_REPORTING_VERB = re.compile(
    r"\s*(?:[\w’'.-]+\s+){1,4}?(?:said|says|asked|told|added|wrote|replied)\b"
)

# Words that a full stop follows without ending the sentence.
_NEVER_END = frozenset(
    "mr mrs ms dr prof rev hon sen rep gov gen col lt sgt capt cmdr adm maj brig pres st mt ft "
    "vs no nos fig vol pp approx ca jan feb mar apr jun jul aug sept sep oct nov dec".split()
)
# Abbreviations that may end a sentence; then what follows must look like a beginning.
_MAY_END = frozenset("jr sr inc corp co ltd plc llc bros etc dept univ assn est al".split())
_SENTENCE_STARTERS = frozenset(
    "a an the this that these those it its he his she her they their we our you your i in on at "
    "as by for from with to of but and or so yet if when while after before since although though "
    "because however meanwhile moreover also then there here what who where why how both each "
    "some many most no not one two according during under over until unless".split()
)


# A piece of a text, `text[start:end]`, and what it is.
LabelledSpan = tuple[int, int, str]


class Span(NamedTuple):
    """A piece of a text: `text[start:end]`, offsets in characters."""

    start: int
    end: int
    text: str


def normalize_spaces(text: str) -> str:
    r"""Return `text` with each run of blanks as one space and invisible marks gone.

    Line breaks stay, other characters too: wording is never touched.

    >>> normalize_spaces("a\u00a0 b\tc ")
    'a b c'
    """
    return _SPACE.sub(" ", _INVISIBLE.sub("", text)).strip()


def sentences(text: str) -> list[Span]:
    """Split `text` into sentences, in order; offsets are characters of `text`.

    A line break always ends a sentence. A full stop does not after a title, an initial, or
    an acronym whose next word does not look like a beginning.

    >>> [s.text for s in sentences("Mr. Xi met the U.S. envoy. It cost $3.5 billion.")]
    ['Mr. Xi met the U.S. envoy.', 'It cost $3.5 billion.']
    """
    spans = []
    for line in re.finditer(r"[^\n]+", text):
        start = line.start()
        for end in [*_boundaries(line.group(), line.start()), line.end()]:
            piece = text[start:end]
            stripped = piece.strip()
            if stripped:
                offset = start + len(piece) - len(piece.lstrip())
                spans.append(Span(offset, offset + len(stripped), stripped))
            start = end
    return spans


def words(text: str) -> list[str]:
    """Return the words of `text`, case folded, curly apostrophes made straight.

    >>> words("Japan’s $550 billion plan")
    ["japan's", '550', 'billion', 'plan']
    """
    return [match.group().casefold().replace("’", "'") for match in _WORD.finditer(text)]


def replace_lone_surrogates(text: str) -> str:
    r"""Return `text` with lone surrogates, which no file can hold, made U+FFFD.

    >>> replace_lone_surrogates("a\ud800") == "a\ufffd"
    True
    """
    return text.encode("utf-16", "surrogatepass").decode("utf-16", "replace")


def _boundaries(line: str, offset: int) -> Iterator[int]:
    for match in _TERMINATOR.finditer(line):
        if match.end() < len(line) and _ends_sentence(line, match):
            yield offset + match.end()


def _ends_sentence(line: str, terminator: re.Match[str]) -> bool:
    mark = terminator.group()
    if mark[0] in "。！？":
        return True
    following = _NEXT_WORD.match(line, terminator.end())
    word = following.group(1) if following else None
    if word is not None and word[0].islower():
        return False
    closed = mark[-1] not in ".!?…"
    if closed and mark[0] in "!?" and _REPORTING_VERB.match(line, terminator.end()):
        return False  # “Why now?” Mr. Xi asked.
    if mark[0] != "." or mark.startswith(".."):
        return True
    before = _LAST_TOKEN.search(line, 0, terminator.start())
    token = before.group() if before else ""
    starts = word is not None and word.casefold() in _SENTENCE_STARTERS
    if token.casefold() in _NEVER_END:
        return False
    if token.casefold() in _MAY_END or _DOTTED.fullmatch(token + "."):
        return starts or closed
    return True
