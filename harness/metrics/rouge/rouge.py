"""ROUGE as rouge-score 0.1.2 computes it, to the last bit (Lin, "ROUGE", 2004)."""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import islice
from pathlib import Path
from typing import Literal, get_args

from harness.errors import MetricError
from harness.metrics.blind_spot import DROPPED, BlindSpot
from harness.metrics.declaration import SHARE, Declaration
from harness.metrics.languages import language_code
from harness.metrics.references import scored_items
from harness.metrics.rouge.matching import LCS, UNION_LCS, MatchCounter, PlainCounter
from harness.metrics.rouge.precision_recall import (
    REFERENCE_AGGREGATIONS,
    PrecisionRecallF1,
    ScoreTriple,
    precision_recall_f1,
)
from harness.metrics.rouge.stems.stemming import SNOWBALL, stemmer_of
from harness.metrics.rouge.tokenization import (
    UNICODE_TOKENIZER,
    TokenizedText,
    Tokenizer,
    Vocabulary,
)
from harness.requirements import import_failed
from harness.text import SENTENCE_SPLITTER, sentences
from harness.text.letters import ascii_letters

TYPES = ("rouge1", "rouge2", "rougeL", "rougeLsum")

# What is at work here, and what its numbers are equal to: plain and compiled code alike.
IMPLEMENTATION = "harness-rouge-1"
EQUAL_TO = "rouge-score-0.1.2"

# Predictions scored at once where there are many, and the words of references that are kept for
# the next system to be scored.
_CHUNK = 256
_MAX_CACHED_WORDS = 100_000

# Words read from which on compiled code pays. Plain code counts so many in a minute, compiled code
# in a third of that; it is made in some seconds, and holds 60 MB.
_WORDS_WORTH_COMPILING = 100_000_000

Item = tuple[str, Sequence[str]]


class Rouge:
    """ROUGE-1 to -9, -L and -Lsum of a prediction against one reference or several.

    `references`: "best" takes the reference with the best F1 for each type, the first of equals,
    as rouge-score's `score_multi` does; "mean" the mean over the references; "jackknife" the mean
    over the references of the best of the others (Lin 2004, section 2.1), or the only one.

    `sentences`, for Lsum: "harness" splits with `harness.text`, "newline" at line breaks only, as
    rouge-score does.

    `language`: the texts' own, by its code; English is meant where it is `None`.

    `tokenizer`: "default" is rouge-score's, which knows ASCII letters and digits only; "unicode"
    is for other scripts, and "spaces" for texts that are parted into words already, see
    `harness.metrics.rouge.tokenization`. `None` is "default" for English, else "unicode".

    `stemmer`: of English Porter's, as in rouge-score, of other languages Snowball's. `None`: where
    there is one, and the tokenizer is not "spaces".

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
        language: str | None = None,
        stemmer: bool | None = None,
        references: Literal["best", "mean", "jackknife"] = "best",
        sentences: Literal["harness", "newline"] = "harness",
        tokenizer: Tokenizer | None = None,
        exceptions: Path | None = None,
        fast: bool | None = None,
    ) -> None:
        code = None if language is None else language_code(language)
        code = None if code == "en" else code
        tokenizer = tokenizer or ("unicode" if code else "default")
        if stemmer is None:
            stemmer = tokenizer != "spaces" and (code is None or code in SNOWBALL)
        for option, value, allowed in (
            ("references", references, tuple(REFERENCE_AGGREGATIONS)),
            ("sentences", sentences, ("harness", "newline")),
            ("tokenizer", tokenizer, get_args(Tokenizer)),
        ):
            if value not in allowed:
                raise MetricError(f"{option}={value!r} is none of {', '.join(allowed)}")
        if not types:
            raise MetricError("no type is named; there are rouge1 to rouge9, rougeL, rougeLsum")
        if exceptions is not None and (code or not stemmer):
            raise MetricError("exceptions are asked before the English stemmer: they need it")
        self._kinds = {name: _kind(name) for name in types}
        self._references = references
        self._aggregate = REFERENCE_AGGREGATIONS[references]
        self._sentences = sentences
        self._split_sentences = sentences == "harness" and UNION_LCS in self._kinds.values()
        self._tokenizer = tokenizer
        self._language = code
        self._stems, stem = stemmer_of(code, exceptions) if stemmer else ("none", None)
        self._vocabulary = Vocabulary(tokenizer, stem, code)
        self._reference_cache: dict[str, TokenizedText] = {}
        self._cached_words = 0
        self._fast = fast
        self._counter: MatchCounter = PlainCounter(self._vocabulary, list(self._kinds.values()))
        self._words_read = 0
        if fast:
            self._switch_to_compiled()

    @property
    def signatures(self) -> Mapping[str, str]:
        """The signature of each metric."""
        same = self._tokenizer == "default" and self._stems in ("porter", "none")
        implementation = f"{IMPLEMENTATION}={EQUAL_TO}" if same else IMPLEMENTATION
        tokens = UNICODE_TOKENIZER if self._tokenizer == "unicode" else self._tokenizer
        language = f"language:{self._language}|" if self._language else ""
        shared = f"{language}stemmer:{self._stems}|tokenizer:{tokens}|references:{self._references}"
        splitter = SENTENCE_SPLITTER if self._sentences == "harness" else "newline"
        return {
            name: f"{name}|f1|"
            + (f"sentences:{splitter}|" if kind == UNION_LCS else "")
            + f"{shared}|{implementation}"
            for name, kind in self._kinds.items()
        }

    @property
    def declarations(self) -> Mapping[str, Declaration]:
        """All are shares."""
        return dict.fromkeys(self._kinds, SHARE)

    @property
    def vocabulary(self) -> Vocabulary:
        """What tells its words, and which of them are one."""
        return self._vocabulary

    @property
    def blind_spot(self) -> BlindSpot | None:
        """What the default tokenizer drops."""
        return DROPPED if self._tokenizer == "default" else None

    def score(self, prediction: str, references: Sequence[str]) -> dict[str, float]:
        """Return the F1 of each type.

        Raises MetricError for a reference of which the default tokenizer drops every letter: it
        would be told from others by its numbers alone, if it has any.
        """
        return next(self.score_many([prediction], [references]))

    def precision_recall_f1(
        self, prediction: str, references: Sequence[str]
    ) -> dict[str, PrecisionRecallF1]:
        """Return precision, recall and F1 of each type; raise MetricError as `score` does."""
        return next(self.precision_recall_f1_many([prediction], [references]))

    def score_many(
        self, predictions: Iterable[str], references: Iterable[Sequence[str]]
    ) -> Iterator[dict[str, float]]:
        """Yield what `score` returns, for one prediction after the other.

        The inputs may be streams of any length: some hundred are read ahead and memory is
        constant. Raises MetricError as `score` does, and where one stream ends before the other.
        """
        for triples in self._score_triples(predictions, references):
            yield {name: values[2] for name, values in zip(self._kinds, triples, strict=True)}

    def precision_recall_f1_many(
        self, predictions: Iterable[str], references: Iterable[Sequence[str]]
    ) -> Iterator[dict[str, PrecisionRecallF1]]:
        """Yield what `precision_recall_f1` returns, one after the other; see `score_many`."""
        for triples in self._score_triples(predictions, references):
            yield {
                name: PrecisionRecallF1(*values)
                for name, values in zip(self._kinds, triples, strict=True)
            }

    def _score_triples(
        self, predictions: Iterable[str], references: Iterable[Sequence[str]]
    ) -> Iterator[list[ScoreTriple]]:
        kinds = list(self._kinds.values())
        items = scored_items(predictions, references)
        while chunk := list(islice(items, _CHUNK)):
            pairs = self._tokenized_pairs(chunk)
            counted_pairs = iter(zip(pairs, self._counter.count(pairs), strict=True))
            for _, accepted in chunk:
                by_reference = []
                for (prediction, reference), matches in islice(counted_pairs, len(accepted)):
                    reference_words, prediction_words = len(reference.ids), len(prediction.ids)
                    by_reference.append(
                        [
                            precision_recall_f1(hits, prediction_words, reference_words, kind)
                            for hits, kind in zip(matches, kinds, strict=True)
                        ]
                    )
                yield (
                    by_reference[0]
                    if len(by_reference) == 1
                    else [self._aggregate(column) for column in zip(*by_reference, strict=True)]
                )

    def _tokenized_pairs(self, chunk: Sequence[Item]) -> list[tuple[TokenizedText, TokenizedText]]:
        if self._vocabulary.full:
            self._clear_caches()
        if self._fast is None and self._words_read > _WORDS_WORTH_COMPILING:
            self._switch_to_compiled()
        tokenized_references = self._tokenized_references(chunk)
        tokenized_predictions = self._tokenize([prediction for prediction, _ in chunk])
        return [
            (words, tokenized_references[text])
            for words, (_, references) in zip(tokenized_predictions, chunk, strict=True)
            for text in references
        ]

    def _tokenized_references(self, chunk: Sequence[Item]) -> Mapping[str, TokenizedText]:
        """Return the references' words by text, which the last system may have had."""
        wanted = dict.fromkeys(text for _, references in chunk for text in references)
        new = [text for text in wanted if text not in self._reference_cache]
        for text, words in zip(new, self._tokenize(new), strict=True):
            self.refuse_unseen(text)
            self._reference_cache[text] = words
            self._cached_words += len(words.ids) + 1
        tokenized = {text: self._reference_cache[text] for text in wanted}
        while self._cached_words > _MAX_CACHED_WORDS:
            oldest = self._reference_cache.pop(next(iter(self._reference_cache)))
            self._cached_words -= len(oldest.ids) + 1
        return tokenized

    def refuse_unseen(self, reference: str) -> None:
        """Raise MetricError for a reference of which the tokenizer drops every letter."""
        if self._tokenizer != "default" or reference.isascii():
            return
        kept, dropped = ascii_letters(reference)
        if dropped and not kept:
            raise MetricError(
                f"the reference {reference.strip()[:40]!r} has no ASCII letter, and ROUGE's "
                "default tokenizer drops all others; it cannot be scored: name its language "
                "(--language), or choose the tokenizer `unicode` (--tokenizer unicode)"
            )

    def _tokenize(self, texts: list[str]) -> list[TokenizedText]:
        if self._split_sentences:
            texts = ["\n".join([sentence.text for sentence in sentences(text)]) for text in texts]
        tokenized = self._counter.tokenize(texts)
        self._words_read += sum([len(words.ids) for words in tokenized])
        return tokenized

    def _clear_caches(self) -> None:
        self._counter.clear()
        self._reference_cache.clear()
        self._cached_words = 0

    def _switch_to_compiled(self) -> None:
        try:
            from harness.metrics.rouge.compiled_batch import CompiledCounter
        except ImportError:
            if self._fast:
                raise MetricError(import_failed("fast=True", "numba")) from None
            self._fast = False
            return
        self._clear_caches()
        self._fast = True
        self._counter = CompiledCounter(self._vocabulary, list(self._kinds.values()))


def _kind(name: str) -> int:
    if name in ("rougeL", "rougeLsum"):
        return LCS if name == "rougeL" else UNION_LCS
    if not re.fullmatch("rouge[1-9]", name):
        raise MetricError(f"there is no {name!r}; there are rouge1 to rouge9, rougeL, rougeLsum")
    return int(name[5:])
