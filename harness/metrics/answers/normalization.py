"""What answers are made of before they are compared, by the rules of the data sets that have some.

- squad: SQuAD's, lower case without ASCII's punctuation and English articles; XQuAD is scored by it
  in every language (Artetxe et al., 2020; XTREME's evaluate_squad.py).
- mlqa: MLQA's (Lewis et al., 2020; mlqa_evaluation_v1.py): without Unicode's punctuation and the
  articles of the language, and of Chinese each character is a word.
- korquad: KorQuAD 1.0's (Lim et al., 2019; evaluate-v1.0.py): quotes and brackets part words,
  the rest of ASCII's punctuation goes, and F1 is over characters.
- unicode: ours, for languages without an official rule: the words of ROUGE's unicode tokenizer.
"""

import re
import string
import unicodedata
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal, NamedTuple, get_args

from harness.errors import MetricError
from harness.metrics.rouge.tokenization import UNICODE_TOKENIZER, unicode_words

Normalization = Literal["squad", "mlqa", "korquad", "unicode"]

_ARTICLES = re.compile(r"\b(a|an|the)\b")
_PUNCTUATION = str.maketrans("", "", string.punctuation)

# The articles of MLQA's languages; Hindi and Chinese have none, Arabic's is part of its word.
MLQA_ARTICLES: Mapping[str, tuple[str, ...]] = {
    "en": ("a", "an", "the"),
    "es": ("un", "una", "unos", "unas", "el", "la", "los", "las"),
    "vi": ("của", "là", "cái", "chiếc", "những"),
    "de": (
        "ein", "eine", "einen", "einem", "eines", "einer",
        "der", "die", "das", "den", "dem", "des",
    ),
    "hi": (),
    "ar": (),
    "zh": (),
}  # fmt: skip
_ARABIC_ARTICLE = "ال"  # wherever it stands: the script's pattern for word starts matches nothing
_HAN = re.compile("([\u4e00-\u9fa5])")

_KORQUAD_SPACES = str.maketrans(dict.fromkeys("'\"《》<>〈〉()‘’", " "))

# The languages of scripts without spaces that no data set's rule is for.
_UNSPACED_LANGUAGES = ("ja", "th", "lo", "km", "my", "bo")


class Normalized(NamedTuple):
    """A text that is made alike, and what F1 counts of it."""

    text: str
    tokens: Sequence[str]


@dataclass(frozen=True)
class Rule:
    """How a text is made alike, what F1 counts of it, and what signatures call that."""

    name: str
    normalize: Callable[[str], str]
    by_character: bool = False

    def read(self, text: str) -> Normalized:
        """Return a text normalized, with what F1 is over: its words, or its characters."""
        normal = self.normalize(text)
        words = normal.split()
        tokens = [letter for word in words for letter in word] if self.by_character else words
        return Normalized(normal, tokens)


def normalize_squad(text: str) -> str:
    """Return `text` lower-cased, without ASCII punctuation and articles, spaces made single.

    >>> normalize_squad("The  $550 billion.")
    '550 billion'
    """
    return " ".join(_ARTICLES.sub(" ", text.lower().translate(_PUNCTUATION)).split())


def rule_of(chosen: Normalization | None, language: str | None) -> Rule:
    """Return the rule that is named, or else the language's own; of English that is SQuAD's.

    Raises MetricError for a name that there is not, and for MLQA's rule and another's language.
    """
    if chosen is not None and chosen not in get_args(Normalization):
        raise MetricError(
            f"normalization={chosen!r} is none of {', '.join(get_args(Normalization))}"
        )
    name = chosen or _rule_of_language(language)
    if name == "squad":
        return Rule("squad", normalize_squad)
    if name == "korquad":
        return Rule("korquad-1.0", _normalize_korquad, by_character=True)
    if name == "unicode":
        suffix = f"-{language}" if language else ""
        return Rule(
            f"{UNICODE_TOKENIZER}{suffix}", lambda text: " ".join(unicode_words(text, language))
        )
    code = language or "en"
    if code not in MLQA_ARTICLES:
        raise MetricError(
            f"MLQA's normalization has no rule for {code!r}, but for {', '.join(MLQA_ARTICLES)}; "
            "choose another"
        )
    return Rule(f"mlqa-{code}-ucd-{unicodedata.unidata_version}", _mlqa(code))


def _rule_of_language(language: str | None) -> Normalization:
    if language in (None, "en"):
        return "squad"
    if language == "ko":
        return "korquad"
    if language in _UNSPACED_LANGUAGES:
        return "unicode"
    return "mlqa" if language in MLQA_ARTICLES else "squad"


class _UnicodePunctuation(dict[int, int | None]):
    """For `str.translate`: nothing of Unicode's punctuation and of ASCII's, all else itself."""

    def __missing__(self, code: int) -> int | None:
        character = chr(code)
        drops = unicodedata.category(character)[0] == "P" or character in string.punctuation
        self[code] = kept = None if drops else code
        return kept


_UNICODE_PUNCTUATION = _UnicodePunctuation()


def _mlqa(language: str) -> Callable[[str], str]:
    articles = re.compile(rf"\b(?:{'|'.join(MLQA_ARTICLES[language]) or '(?!)'})\b")

    def normalize(text: str) -> str:
        text = articles.sub(" ", text.lower().translate(_UNICODE_PUNCTUATION))
        if language == "ar":
            text = text.replace(_ARABIC_ARTICLE, " ")
        if language == "zh":
            text = _HAN.sub(r" \1 ", text)
        return " ".join(text.split())

    return normalize


def _normalize_korquad(text: str) -> str:
    return " ".join(text.translate(_KORQUAD_SPACES).lower().translate(_PUNCTUATION).split())
