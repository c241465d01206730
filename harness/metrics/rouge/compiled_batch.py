"""Many pairs at once through the compiled code. Importing this needs the extra `fast`."""

from collections.abc import Sequence
from itertools import chain
from typing import Any

import numpy as np

from harness.metrics.rouge.compiled_lcs import count_subsequences
from harness.metrics.rouge.compiled_ngrams import count_ngrams
from harness.metrics.rouge.compiled_tokenization import assign_numbers, tokenize_all
from harness.metrics.rouge.matching import LCS
from harness.metrics.rouge.tokenization import (
    ASCII_TABLE,
    MAX_FORMS,
    TokenizedText,
    Vocabulary,
)
from harness.text.characters import ascii_bytes

_ASCII_TABLE = np.frombuffer(ASCII_TABLE, np.uint8)


class CompiledCounter:
    """What `matching.PlainCounter` does, in compiled code."""

    def __init__(self, vocabulary: Vocabulary, kinds: Sequence[int]) -> None:
        self._vocabulary = vocabulary
        self._kinds = np.array(kinds, np.int64)
        self._clear_forms()

    def clear(self) -> None:
        """Forget every word: texts read before mean nothing from here on."""
        self._vocabulary.clear()
        self._clear_forms()

    def _clear_forms(self) -> None:
        # Memory that is never touched takes none.
        self._forms = np.zeros((2 * MAX_FORMS, 4), np.int64)
        self._known = np.zeros(16 * MAX_FORMS, np.uint8)
        self._used = np.zeros(2, np.int64)

    def tokenize(self, texts: Sequence[str]) -> list[TokenizedText]:
        """Return each text's words; each of its lines is a sentence."""
        if self._vocabulary.tokenizer != "default":
            words_and_ends = [self._vocabulary.tokenize(text) for text in texts]
            return [
                _tokenized_text(np.array(ids, np.int32), np.array(ends, np.int64))
                for ids, ends in words_and_ends
            ]
        if not texts:
            return []
        encoded = [ascii_bytes(text) for text in texts]
        joined = b"".join(encoded)
        data = np.frombuffer(joined, np.uint8)
        # A word needs a byte and one that ends it; a sentence one, except the last of a text.
        out = np.empty((5, len(joined) + len(texts)), np.int64)
        sizes = np.fromiter(map(len, encoded), np.int64, len(encoded))
        counts = tokenize_all(data, sizes, _ASCII_TABLE, self._forms, self._known, self._used, out)
        words, lines = counts[:-1].sum(axis=0).tolist()
        unknown = int(counts[-1, 0])
        if unknown:
            spans = out[2:4, :unknown].T.tolist()
            new_forms = [joined[begin:end].translate(ASCII_TABLE) for begin, end in spans]
            numbers = np.array([self._vocabulary.number(form) for form in new_forms], np.int64)
            assign_numbers(out[0, :words], out[4, :unknown], numbers, self._forms)
        ids, ends = out[0, :words].astype(np.int32), out[1, :lines].copy()
        tokenized = []
        word = line = 0
        for n_words, n_lines in counts[:-1].tolist():
            tokenized.append(
                _tokenized_text(ids[word : word + n_words], ends[line : line + n_lines])
            )
            word += n_words
            line += n_lines
        return tokenized

    def count(self, pairs: Sequence[tuple[TokenizedText, TokenizedText]]) -> list[list[int]]:
        """Return the matches of each pair, for each kind."""
        texts = list(chain.from_iterable(pairs))
        words = np.concatenate([words.ids for words in texts])
        lengths = np.array([len(words.ids) for words in texts], np.int64)
        matches = np.zeros((len(pairs), len(self._kinds)), np.int64)
        distinct = count_ngrams(words, lengths, self._kinds, self._vocabulary.size, matches)
        if self._kinds.min() <= LCS:
            ends = np.concatenate([words.ends for words in texts])
            sentences = np.array([len(words.ends) for words in texts], np.int64)
            count_subsequences(words, lengths, distinct, ends, sentences, self._kinds, matches)
        match_counts: list[list[int]] = matches.tolist()
        return match_counts


def _tokenized_text(ids: Any, ends: Any) -> TokenizedText:
    return TokenizedText(ids, ends)
