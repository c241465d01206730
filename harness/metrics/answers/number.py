"""Exact match and F1 that keep what numbers are made of, where SQuAD's rule drops it.

To SQuAD "3.5%" is "35", "-5" is "5" and "A+" is "a". The published metric stays as it is; these
two stand beside it under names of their own, for texts in which numbers matter. They are not
stricter all the same: SQuAD keeps a curly quote or a dash beside a word, and these do not.
"""

import re
from collections.abc import Mapping, Sequence

from harness.metrics.answers.normalization import MLQA_ARTICLES
from harness.metrics.answers.squad import best_token_f1
from harness.metrics.blind_spot import BlindSpot
from harness.metrics.declaration import SHARE, Declaration
from harness.metrics.languages import language_code
from harness.text.characters import MARK, UNSPACED, fold_with_shape

# Every character of Unicode's category Sc up to version 17.
CURRENCIES = (
    "$¢£¤¥\u058f\u060b\u07fe\u07ff\u09f2\u09f3\u09fb\u0af1\u0bf9\u0e3f\u17db\u20a0-\u20c1"
    "\ua838\ufdfc\ufe69\uff04\uffe0\uffe1\uffe5\uffe6\U00011fdd-\U00011fe0\U0001e2ff\U0001ecb0"
)

# Most tokens are words of two characters and more, which no other alternative could begin; tried
# first, they take half of the time.
_TOKEN = re.compile(
    rf"""
      (?P<word>[^\W\d{MARK}]\w+(?:['’]\w+)*(?:[+]+|[−-]+(?!\w))?)
    | (?P<acronym>(?<!\w)[^\W\d_](?:\.[^\W\d_])+(?!\w))
    | (?P<sign>(?<!\w)[+±−–-])?
      (?:(?P<currency>[{CURRENCIES}])\s?)?
      (?P<number>(?:\d{{1,3}}(?:,\d{{3}})+(?!\d)|\d+)(?:\.\d+)*|(?<![\w.])\.\d+)
      (?P<after>[+−-]+(?!\w))?
    | (?P<symbol>[{CURRENCIES}%‰])
    | {UNSPACED}{MARK}*
    | [^\W\d{MARK}](?:['’]\w+)*(?:[+]+|[−-]+(?!\w))?
    """,
    re.VERBOSE,
)
_MINUS = str.maketrans("−–", "--", "'’")


def number_tokens(text: str, language: str = "en") -> list[str]:
    """Return the tokens of `text` that the number metrics compare, in order.

    Case is folded and combining marks belong to their letter (`harness.text.characters`); then a
    token is the first of these that fits, from left to right:

    - an acronym, its full stops dropped: "U.S." is "us";
    - a number, thousands commas dropped: "1,000.5" is "1000.5", ".5" is "0.5". A sign directly
      before it or before its currency, and not directly after a word or number, is part of it, as
      is one that ends it: "-5", "65+". The signs are + - ±; a minus sign or en dash counts as -.
      A currency symbol before the number is a token of its own, before it: "-$5" is "$", "-5";
    - a currency symbol or a percent or per mille sign;
    - a letter, with its marks, of a script that puts no space between words;
    - a word, with the + or - that ends it: "a+", "c++". Apostrophes are dropped: "japan's" is
      "japans". A hyphen within a word parts it in two.

    The words "a", "an" and "the" are dropped (of another language its articles, if MLQA has some),
    as is every other character. Numbers are compared as they are written: "5.0" is not "5".

    >>> number_tokens("The U.S. pays -$1,000.50, or 3.5%.")
    ['us', 'pays', '$', '-1000.50', 'or', '3.5', '%']
    """
    tokens: list[str] = []
    folded, shape = fold_with_shape(text, language)
    for match in _TOKEN.finditer(shape):
        if match.lastgroup == "word":
            token = folded[match.start() : match.end()]
            tokens.append(token if token.isalnum() else token.translate(_MINUS))
        elif number := match["number"]:
            if currency := match["currency"]:
                tokens.append(currency)
            number = number.replace(",", "")
            number = "0" + number if number.startswith(".") else number
            signs = match["sign"] or "", match["after"] or ""
            tokens.append(number.join(signs).translate(_MINUS))
        elif acronym := match["acronym"]:
            tokens.append(acronym.replace(".", ""))
        else:
            tokens.append(folded[match.start() : match.end()].translate(_MINUS))
    articles = MLQA_ARTICLES.get(language, ())
    return [token for token in tokens if token not in articles]


class NumberMatch:
    """Exact match and F1 over `number_tokens`, each the best over the acceptable answers.

    Two texts match exactly if their tokens are the same in the same order. Answers that leave no
    token are passed over, and an unanswerable question is right when the prediction leaves none.
    """

    def __init__(self, language: str | None = None) -> None:
        self._language = "en" if language is None else language_code(language)
        tokens = "number-1" if self._language == "en" else f"number-1-{self._language}"
        self._options = f"tokens:{tokens}|answers:best|unanswerable:squad-2.0|harness-1"

    @property
    def signatures(self) -> Mapping[str, str]:
        """The signature of each metric."""
        return {
            "number_exact_match": f"number_exact_match|{self._options}",
            "number_f1": f"number_f1|counts:multiset|{self._options}",
        }

    @property
    def declarations(self) -> Mapping[str, Declaration]:
        """Both are shares; exact match is on no example above F1."""
        return {"number_exact_match": Declaration(never_above="number_f1"), "number_f1": SHARE}

    @property
    def blind_spot(self) -> BlindSpot | None:
        """None: they see all letters."""
        return None

    def score(self, prediction: str, references: Sequence[str]) -> dict[str, float]:
        """Return both scores of a prediction."""
        predicted = number_tokens(prediction, self._language)
        return self.compare(
            predicted, [number_tokens(answer, self._language) for answer in references]
        )

    def compare(
        self, predicted: Sequence[str], answers: Sequence[Sequence[str]]
    ) -> dict[str, float]:
        """Return what `score` does, of the `number_tokens` of the texts."""
        answers = [answer for answer in answers if answer] or [[]]
        return {
            "number_exact_match": float(predicted in answers),
            "number_f1": best_token_f1(predicted, answers),
        }
