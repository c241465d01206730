"""Texts of a data set that are perhaps not what they say: counted, and told of in a line each.

A table has no empty answer, no list and no truth value: tools write words in their place, and a
score by these is wrong without a word.
"""

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Literal

# What tools write where there is nothing, and no person does.
_NOTHING = frozenset(("nan", "NaN", "<NA>", "NaT", "NULL"))
# How data sets say that there is no answer: CoQA, QASPER and others; each can be an answer, too.
_NO_ANSWER = frozenset(
    (
        "unknown", "unanswerable", "not answerable", "no answer", "no_answer", "noanswer", "n/a",
        "none", "null", "not available", "[cls]", "<no answer>", "cannotanswer",
    )
)  # fmt: skip
_TRUTHS = frozenset(("True", "False"))
# What parts texts, by what it is called, with a sign that is in all of them.
_SEPARATORS = {
    "|": ("|", re.compile(r"\s*\|+\s*")),
    "<sep>": ("<", re.compile(r"\s*<sep>\s*", re.IGNORECASE)),
    "[SEP]": ("[", re.compile(r"\s*\[sep\]\s*", re.IGNORECASE)),
    "///": ("///", re.compile(r"\s*///\s*")),
}
# These stand in texts, too, but rarely between pieces as short as answers.
_SHORT_SEPARATORS = {
    ";": (";", re.compile(r"\s*;\s*")),
    " / ": (" / ", re.compile(r"\s+/\s+")),
    "\n": ("\n", re.compile(r"\s*\n\s*")),
}
_MOST_WORDS = 6
_HTML = re.compile(r"&(?:amp|lt|gt|quot|apos|nbsp|#\d{1,6}|#[xX][0-9a-fA-F]{1,6});")

# Control tokens that a tokenizer should have left out, and what data sets part sentences with:
# PEGASUS', BART's and BERT's, those of chat models; CNN/DailyMail's, PreSumm's and BigPatent's.
_MARKS = re.compile(
    r"<pad>|</?s>|<eos>|<bos>|<unk>|\[PAD\]|\[UNK\]|\[unused\d+\]|<\|[a-z_]{3,20}\|>"
    r"|<(?:end|start)_of_turn>|</?t>|<n>|<q>|<S_SEP>|\[X_SEP\]|##SENT##"
    r"|story_separator_special_tag"
)
_MARK_BEGINS = re.compile(r"[<\[#]|story_")
# Line breaks and characters of JSON or Python that were written out, and never read back.
_ESCAPE = re.compile(r"\\(?:[nt](?=[A-Z\s\"'-]|$)|u[0-9a-fA-F]{4})")
# UTF-8 that was read as Windows' or Latin-1, and bytes that were none.
_MISREAD = re.compile(
    "\u00c3[\u0080-\u00bf\u0152\u0153\u0160\u0161\u0178\u017d\u017e\u0192\u02c6\u02dc\u2020\u2021]"
    "|\u00e2\u20ac[\u2122\u0153\u009d\u02dc\u201c\u201d\u00a6]|\u00c2[\u00a0\u00a3\u00ab\u00bb\u00b0]|\ufffd"
)
_LABEL = re.compile(
    r"\s*((?:the |final |short )?(?:answer|summary|response|output|assistant)\s*:)", re.IGNORECASE
)
_JSON = re.compile(r"""\s*(?:```\w*\s*)?\{\s*"\w+"\s*:|\s*```""")

# From which share of all texts it is told: what few of many texts have is theirs.
_FEW, _MANY = 0.01, 0.2


@dataclass
class _Found:
    """How many examples have something, where the first stands, and what it is there."""

    count: int = 0
    where: str = ""
    text: str = ""

    def add(self, where: str, text: str) -> None:
        if not self.count:
            self.where, self.text = where, text
        self.count += 1


@dataclass(frozen=True)
class _Problem:
    """What is odd about an example's texts: `find` returns it, `None` where it is not there.

    It is told of `share` of all examples, of the texts that `nouns` are; `verb` stands before it,
    for one and for several.
    """

    find: Callable[[Sequence[str]], str | None]
    share: float
    told: str
    verb: tuple[str, str] = ("is", "are")
    nouns: tuple[str, ...] = ("reference",)


def _first_if_all(texts: Sequence[str], known: frozenset[str], *, lower: bool) -> str | None:
    """Return the first text, if all are some of those that are known."""
    for text in texts:
        word = text.strip().rstrip(".").lower() if lower else text.strip()
        if word not in known:
            return None
    return texts[0].strip()


def _found(pattern: re.Pattern[str], texts: Sequence[str]) -> str | None:
    """Return the first match in any of the texts: its group, where it has one."""
    matches = (pattern.search(text) for text in texts)
    return next((match[match.lastindex or 0] for match in matches if match), None)


def _begins(pattern: re.Pattern[str], texts: Sequence[str]) -> str | None:
    """Return how the first of the texts begins that begins so."""
    matches = (pattern.match(text) for text in texts)
    return next((match[match.lastindex or 0].strip() for match in matches if match), None)


def _html(texts: Sequence[str]) -> str | None:
    return _found(_HTML, [text for text in texts if "&" in text])


def _separator(texts: Sequence[str]) -> str | None:
    r"""Return what parts the only text into several that differ, `None` if nothing does.

    >>> _separator(["Ann | Ann Lee"]), _separator(["|x|"]), _separator(["Ann|Bob", "Ann"])
    ('|', None, None)
    >>> _separator(["Ann; Ann Lee"]), _separator(["Ann left; nobody of them knew then why she did"])
    (';', None)
    """
    if len(texts) > 1:
        return None
    text = texts[0].strip()
    text = _HTML.sub("&", text) if "&" in text else text
    for separators, most in ((_SEPARATORS, len(text)), (_SHORT_SEPARATORS, _MOST_WORDS)):
        for name, (sign, pattern) in separators.items():
            pieces = pattern.split(text) if sign in text else []
            if 1 < len(pieces) == len({*pieces} - {""}) and all(
                len(piece.split()) <= most for piece in pieces
            ):
                return name
    return None


# answer_aliases, aliases, possible_answers, alternativeAnswers ...
_MORE_ANSWERS = re.compile(
    r"(?:(?:answers?|obj|target)_?)?alias(?:es)?"
    r"|(?:possible|alternative|acceptable|additional|other|valid)_?answers?"
    r"|answers?_?(?:alternatives?|variants?)",
    re.IGNORECASE,
)


def may_hold_answers(name: str) -> bool:
    """Return whether a field's name says that it holds answers beside those of another.

    >>> [may_hold_answers(name) for name in ("answer_aliases", "possible_answers", "answer_start")]
    [True, True, False]
    """
    return bool(_MORE_ANSWERS.fullmatch(name))


def not_read(name: str, answers: str) -> str:
    """Return what to tell of a field that may hold more answers."""
    return (
        f"{name} is not read, and what stands there is not right unless it stands in {answers}, "
        "too; put all that is right into one list there"
    )


_BOTH = ("reference", "prediction")
_PROBLEMS = (
    _Problem(
        lambda texts: None if any(text.strip() for text in texts) else "nothing in it",
        0.0,
        "whatever is written, it scores 0 against that; drop the row",
        ("has", "have"),
    ),
    _Problem(
        lambda texts: _first_if_all(texts, _NOTHING, lower=False),
        0.0,
        "so tools write what is missing, and it is compared as a word; write an empty text where "
        "no answer is meant, and drop the row where nothing is known",
        nouns=_BOTH,
    ),
    _Problem(
        lambda texts: _first_if_all(texts, _NO_ANSWER, lower=True),
        _FEW,
        "some data sets say so that there is no answer, and it is compared as words; write an "
        "empty text if that is meant",
        nouns=_BOTH,
    ),
    _Problem(
        lambda texts: _first_if_all(texts, _TRUTHS, lower=False) and "True or False",
        _MANY,
        "so tools write yes and no, which do not match it; write what a prediction says",
    ),
    _Problem(
        _separator,
        _MANY,
        "it is compared as part of the text; if it parts several texts that are right, write a "
        "list of them, as JSON has it",
        ("has", "have"),
    ),
    _Problem(
        _html,
        _FEW,
        "so HTML writes a character, and it is compared as it stands; write the character",
        ("has", "have"),
    ),
    _Problem(
        lambda texts: _found(_MARKS, [text for text in texts if _MARK_BEGINS.search(text)]),
        _FEW,
        "a mark of a tokenizer or a data set, which is compared as a word; take such marks out",
        ("has", "have"),
        _BOTH,
    ),
    _Problem(
        lambda texts: _found(_ESCAPE, [text for text in texts if "\\" in text]),
        _FEW,
        "which stands for one character and was never read back; write the character",
        ("has", "have"),
        _BOTH,
    ),
    _Problem(
        lambda texts: _found(_MISREAD, [text for text in texts if not text.isascii()]),
        _FEW,
        "which is UTF-8 that was read as something else; save the file anew from where it is right",
        ("has", "have"),
        _BOTH,
    ),
    _Problem(
        lambda texts: _begins(_LABEL, texts),
        _MANY,
        "that is compared as part of the text; take it out",
        ("begins with", "begin with"),
        ("prediction",),
    ),
    _Problem(
        lambda texts: _begins(_JSON, texts),
        _MANY,
        "so it is code, all of which is compared; write the text alone",
        ("begins with", "begin with"),
        ("prediction",),
    ),
)

# What a flag is, as files have it: a truth value, a number, or a word for one.
_FLAGS = {"true": True, "false": False, "1": True, "0": False, "yes": True, "no": False}


class Doubts:
    """Counts what is odd about the texts of examples: references, or predictions.

    Of a question whose `is_impossible` says one thing and its answers another, the answers count,
    as in SQuAD's official script; that the two differ is worth a word.
    """

    def __init__(self, noun: Literal["reference", "prediction"] = "reference") -> None:
        """Begin with no text."""
        self._noun = noun
        self._total = 0
        self._found: dict[_Problem, _Found] = {}
        self._contradictions = _Found()

    def add(self, where: str, texts: Sequence[str], is_impossible: object = None) -> None:
        """Take in the texts of one example, each of which is right; none are none to doubt."""
        if is_impossible is not None and _FLAGS.get(str(is_impossible).lower()) is bool(texts):
            self._contradictions.add(where, "")
        if not texts:
            return
        self._total += 1
        for problem in _PROBLEMS:
            if self._noun in problem.nouns and (found := problem.find(texts)):
                self._found.setdefault(problem, _Found()).add(where, found)

    @property
    def warnings(self) -> tuple[str, ...]:
        """What to tell a person, a line each."""
        told = []
        if self._contradictions.count:
            told.append(
                "is_impossible says the opposite of the answers of "
                f"{self._contradictions.count:,} questions, first {self._contradictions.where}; "
                "the answers count, as in SQuAD's official script"
            )
        for problem, found in self._found.items():
            if found.count >= problem.share * self._total:
                have = problem.verb[found.count > 1]
                noun = self._noun if found.count == 1 else f"{self._noun}s"
                told.append(
                    f"{found.count:,} {noun} {have} {found.text!r}, first {found.where}: "
                    f"{problem.told}"
                )
        return tuple(told)
