"""Many pairs at once through the compiled code. Importing this needs the extra `fast`."""

from collections.abc import Sequence
from itertools import chain

import numpy as np

from harness.metrics.rouge_compiled import count_all
from harness.metrics.rouge_words import Vocabulary, Words


class Counting:
    """`rouge_plain.hits` for many pairs of texts of one vocabulary."""

    def __init__(self, vocabulary: Vocabulary, kinds: Sequence[int]) -> None:
        self._vocabulary = vocabulary
        self._kinds = np.array(kinds, np.int64)

    def __call__(self, pairs: Sequence[tuple[Words, Words]]) -> list[list[int]]:
        """Return the matches of each pair, for each kind."""
        texts = list(chain.from_iterable(pairs))
        lengths = [len(words.ids) for words in texts]
        sentences = [len(words.ends) for words in texts]
        ids = chain.from_iterable([words.ids for words in texts])
        ends = chain.from_iterable([words.ends for words in texts])
        found: list[list[int]] = count_all(
            np.fromiter(ids, np.int32, sum(lengths)),
            np.array(lengths, np.int64),
            np.fromiter(ends, np.int64, sum(sentences)),
            np.array(sentences, np.int64),
            self._kinds,
            self._vocabulary.size,
        ).tolist()
        return found
