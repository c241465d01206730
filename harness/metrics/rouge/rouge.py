"""ROUGE as rouge-score 0.1.2 computes it, to the last bit (Lin, "ROUGE", 2004)."""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import islice, zip_longest
from pathlib import Path
from typing import TYPE_CHECKING, Literal, Protocol

from harness.errors import MetricError
from harness.metrics.rouge.matching import LCS, UNION, Plain
from harness.metrics.rouge.porter import stem
from harness.metrics.rouge.precision_recall import CHOICES, Triple, Values, triple
from harness.metrics.rouge.tokenization import UNICODE, Stemmer, Tokenizer, Vocabulary, Words
from harness.text import SENTENCES, sentences

if TYPE_CHECKING:
    from harness.metrics.rouge.wordnet_exceptions import Exceptions

TYPES = ("rouge1", "rouge2", "rougeL", "rougeLsum")

# What is at work here, and what its numbers are equal to: plain and compiled code alike.
IMPLEMENTATION = "harness-rouge-1"
EQUAL_TO = "rouge-score-0.1.2"

# Predictions scored at once where there are many, and the words of references that are kept for
# the next system to be scored.
_CHUNK = 256
_KEPT_WORDS = 1_000_000

# Words read from which on compiled code pays: about what plain code counts while the compiled
# one is loaded, and while it is made where it is not kept on the disk yet.
_WORTHWHILE = 1_000_000
_WORTH_COMPILING = 10_000_000

Item = tuple[str, Sequence[str]]


class Counting(Protocol):
    """A way to read texts and to count what they share, in plain Python or compiled."""

    def clear(self) -> None:
        """Forget every word: texts read before mean nothing from here on."""

    def read(self, texts: Sequence[str]) -> list[Words]:
        """Return each text's words; each of its lines is a sentence."""

    def count(self, pairs: Sequence[tuple[Words, Words]]) -> list[list[int]]:
        """Return the matches of each pair, for each kind."""


class Rouge:
    """ROUGE-1 to -9, -L and -Lsum of a prediction against one reference or several.

    `references`: "best" takes the reference with the best F1 for each type, the first of equals,
    as rouge-score's `score_multi` does; "mean" the mean over the references; "jackknife" the mean
    over the references of the best of the others (Lin 2004, section 2.1), or the only one.

    `sentences`, for Lsum: "harness" splits with `harness.text`, "newline" at line breaks only, as
    rouge-score does.

    `tokenizer`: "default" is rouge-score's, which knows ASCII letters and digits only; "unicode"
    is for other scripts, see `harness.metrics.rouge.tokenization`.

    `exceptions`: a folder with WordNet's exception lists, which ROUGE-1.5.5 with `-m` asks before
    it stems. Published tables were often made so; rouge-score has no such lists. Other words get
    rouge-score's stems here too, which differ from those of ROUGE-1.5.5 in rare cases.

    `fast`: whether to count with compiled code, which gives the very same numbers and needs the
    extra `fast`. None means: where it is installed, as soon as so much was scored that loading
    it, or making it at the first time, pays.

    Raises MetricError for options that make no sense, and DataError for a folder of exceptions
    that is none.
    """

    def __init__(
        self,
        types: Sequence[str] = TYPES,
        *,
        stemmer: bool = True,
        references: Literal["best", "mean", "jackknife"] = "best",
        sentences: Literal["harness", "newline"] = "harness",
        tokenizer: Tokenizer = "default",
        exceptions: Path | None = None,
        fast: bool | None = None,
    ) -> None:
        for option, value, known in (
            ("references", references, tuple(CHOICES)),
            ("sentences", sentences, ("harness", "newline")),
            ("tokenizer", tokenizer, ("default", "unicode")),
        ):
            if value not in known:
                raise MetricError(f"{option}={value!r} is none of {', '.join(known)}")
        if not types:
            raise MetricError("no type is named; there are rouge1 to rouge9, rougeL, rougeLsum")
        if exceptions is not None and not stemmer:
            raise MetricError("exceptions are asked before the stemmer: they need stemmer=True")
        self._kinds = {name: _kind(name) for name in types}
        self._references = references
        self._choose = CHOICES[references]
        self._sentences = sentences
        self._split = sentences == "harness" and UNION in self._kinds.values()
        self._tokenizer = tokenizer
        self._exceptions = None if exceptions is None else _read_exceptions(exceptions)
        self._stemmer = stemmer
        self._vocabulary = Vocabulary(tokenizer, _stemmer(self._exceptions) if stemmer else None)
        self._known: dict[str, Words] = {}
        self._known_words = 0
        self._fast = fast
        self._counting: Counting = Plain(self._vocabulary, list(self._kinds.values()))
        self._seen = 0
        if fast:
            self._compile()

    @property
    def signatures(self) -> Mapping[str, str]:
        """The signature of each metric."""
        stems = "porter" if self._stemmer else "none"
        equal = f"={EQUAL_TO}"
        if self._exceptions is not None:
            stems = f"wordnet-{self._exceptions.hash}+porter"
        if self._exceptions is not None or self._tokenizer != "default":
            equal = ""
        tokens = "default" if self._tokenizer == "default" else UNICODE
        shared = f"stemmer:{stems}|tokenizer:{tokens}|references:{self._references}"
        splits = SENTENCES if self._sentences == "harness" else "newline"
        return {
            name: f"{name}|f1|"
            + (f"sentences:{splits}|" if kind == UNION else "")
            + f"{shared}|{IMPLEMENTATION}{equal}"
            for name, kind in self._kinds.items()
        }

    def score(self, prediction: str, references: Sequence[str]) -> dict[str, float]:
        """Return the F1 of each type.

        Raises MetricError for a reference of which the default tokenizer leaves nothing although
        it has letters or digits: everything would score 0.
        """
        return next(self.score_many([prediction], [references]))

    def triples(self, prediction: str, references: Sequence[str]) -> dict[str, Triple]:
        """Return precision, recall and F1 of each type; raise MetricError as `score` does."""
        return next(self.triples_many([prediction], [references]))

    def score_many(
        self, predictions: Iterable[str], references: Iterable[Sequence[str]]
    ) -> Iterator[dict[str, float]]:
        """Yield what `score` returns, for one prediction after the other.

        The inputs may be streams of any length: some hundred are read ahead and memory is
        constant. Raises MetricError as `score` does, and where one stream ends before the other.
        """
        for triples in self._triples(predictions, references):
            yield {name: values[2] for name, values in zip(self._kinds, triples, strict=True)}

    def triples_many(
        self, predictions: Iterable[str], references: Iterable[Sequence[str]]
    ) -> Iterator[dict[str, Triple]]:
        """Yield what `triples` returns, for one prediction after the other; see `score_many`."""
        for triples in self._triples(predictions, references):
            yield {name: Triple(*values) for name, values in zip(self._kinds, triples, strict=True)}

    def _triples(
        self, predictions: Iterable[str], references: Iterable[Sequence[str]]
    ) -> Iterator[list[Values]]:
        kinds = list(self._kinds.values())
        items = _side_by_side(predictions, references)
        while chunk := list(islice(items, _CHUNK)):
            pairs = self._pairs(chunk)
            counted = iter(zip(pairs, self._counting.count(pairs), strict=True))
            for _, several in chunk:
                rows = []
                for (ours, theirs), found in islice(counted, len(several)):
                    m, n = len(theirs.ids), len(ours.ids)
                    rows.append([triple(h, n, m, k) for h, k in zip(found, kinds, strict=True)])
                yield (
                    rows[0]
                    if len(rows) == 1
                    else [self._choose(column) for column in zip(*rows, strict=True)]
                )

    def _pairs(self, chunk: Sequence[Item]) -> list[tuple[Words, Words]]:
        if self._vocabulary.full:
            self._forget()
        if self._fast is None and self._seen > _WORTHWHILE:
            self._compile()
        known = self._references_of(chunk)
        ours = self._read([prediction for prediction, _ in chunk])
        return [
            (words, known[text])
            for words, (_, references) in zip(ours, chunk, strict=True)
            for text in references
        ]

    def _references_of(self, chunk: Sequence[Item]) -> Mapping[str, Words]:
        """Return the references' words by text, which the last system may have had."""
        for prediction, references in chunk:
            if isinstance(references, str):
                raise MetricError(f"references are a list of texts, not one: {references[:40]!r}")
            if not references:
                raise MetricError(f"no reference to score {prediction[:40]!r} against")
        wanted = dict.fromkeys(text for _, references in chunk for text in references)
        new = [text for text in wanted if text not in self._known]
        for text, words in zip(new, self._read(new), strict=True):
            if not len(words.ids) and any(map(str.isalnum, text)):
                raise MetricError(
                    f"the reference {text.strip()[:40]!r} has no ASCII letter or digit, and "
                    "ROUGE's default tokenizer drops all others; it cannot be scored: choose the "
                    "tokenizer `unicode`"
                )
            self._known[text] = words
            self._known_words += len(words.ids) + 1
        known = {text: self._known[text] for text in wanted}
        while self._known_words > _KEPT_WORDS:
            oldest = self._known.pop(next(iter(self._known)))
            self._known_words -= len(oldest.ids) + 1
        return known

    def _read(self, texts: list[str]) -> list[Words]:
        if self._split:
            texts = ["\n".join([s.text for s in sentences(text)]) for text in texts]
        read = self._counting.read(texts)
        self._seen += sum([len(words.ids) for words in read])
        return read

    def _forget(self) -> None:
        self._counting.clear()
        self._known.clear()
        self._known_words = 0

    def _compile(self) -> None:
        try:
            from harness.metrics.rouge.compiled_batch import Compiled, kept
        except ImportError:
            if self._fast:
                raise MetricError(
                    "fast=True needs numba; install the extra `fast`, or leave it out"
                ) from None
            self._fast = False
            return
        if self._fast or kept() or self._seen > _WORTH_COMPILING:
            self._forget()
            self._fast = True
            self._counting = Compiled(self._vocabulary, list(self._kinds.values()))


def _kind(name: str) -> int:
    if name in ("rougeL", "rougeLsum"):
        return LCS if name == "rougeL" else UNION
    if not re.fullmatch("rouge[1-9]", name):
        raise MetricError(f"there is no {name!r}; there are rouge1 to rouge9, rougeL, rougeLsum")
    return int(name[5:])


def _read_exceptions(folder: Path) -> "Exceptions":
    # What reads files takes longer to import than all the rest.
    from harness.metrics.rouge.wordnet_exceptions import read_exceptions

    return read_exceptions(folder)


def _stemmer(exceptions: "Exceptions | None") -> Stemmer:
    if exceptions is None:
        return stem
    bases = exceptions.bases
    return lambda form: bases.get(form) or stem(form)


def _side_by_side(
    predictions: Iterable[str], references: Iterable[Sequence[str]]
) -> Iterator[tuple[str, Sequence[str]]]:
    for prediction, several in zip_longest(predictions, references):
        if prediction is None or several is None:
            more, fewer = "predictions", "lists of references"
            if prediction is None:
                more, fewer = fewer, more
            raise MetricError(f"there are more {more} than {fewer}; give one for each")
        yield prediction, several
