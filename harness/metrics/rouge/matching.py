"""What two texts share, counted in plain Python.

n-grams are clipped as in Lin, "ROUGE: A Package for Automatic Evaluation of Summaries" (2004),
section 2. The longest common subsequence is Hyyrö's bit-parallel one ("Bit-Parallel LCS-length
Computation Revisited", 2004), on whole numbers of any length. The union LCS (Lin, section 3.2)
takes of each two sentences the very subsequence that rouge-score's backtracking takes.
"""

from collections import Counter
from collections.abc import Container, Iterable, Iterator, Mapping, Sequence
from itertools import pairwise, zip_longest
from typing import Protocol

from harness.metrics.rouge.tokenization import TokenizedText, Vocabulary

LCS = 0
UNION_LCS = -1

# Longer numbers than this are slower a bit; sentences are taken together up to here.
_BITS = 1 << 15


class MatchCounter(Protocol):
    """A way to read texts and to count what they share, in plain Python or compiled."""

    def clear(self) -> None:
        """Forget every word: texts read before mean nothing from here on."""

    def tokenize(self, texts: Sequence[str]) -> list[TokenizedText]:
        """Return each text's words; each of its lines is a sentence."""

    def count(self, pairs: Sequence[tuple[TokenizedText, TokenizedText]]) -> list[list[int]]:
        """Return the matches of each pair, for each kind."""


class PlainCounter:
    """A way to read texts and to count what they share."""

    def __init__(self, vocabulary: Vocabulary, kinds: Sequence[int]) -> None:
        self._vocabulary = vocabulary
        self._kinds = kinds

    def clear(self) -> None:
        """Forget every word: texts read before mean nothing from here on."""
        self._vocabulary.clear()

    def tokenize(self, texts: Sequence[str]) -> list[TokenizedText]:
        """Return each text's words; each of its lines is a sentence."""
        return [self._vocabulary.tokenize(text) for text in texts]

    def count(self, pairs: Sequence[tuple[TokenizedText, TokenizedText]]) -> list[list[int]]:
        """Return the matches of each pair, for each kind."""
        return [
            count_matches(prediction, reference, self._kinds) for prediction, reference in pairs
        ]


def count_matches(
    prediction: TokenizedText, reference: TokenizedText, kinds: Sequence[int]
) -> list[int]:
    """Return how many n-grams or words match, for each kind: an n, `LCS` or `UNION_LCS`."""
    bits = _ReferenceBits(reference, set(prediction.ids))
    masks = bits.masks
    shared = [word for word in prediction.ids if word in masks]
    if not shared:
        return [0] * len(kinds)
    counts = Counter(shared)
    matches = []
    for kind in kinds:
        if kind == 1:
            matches.append(_clipped_count(counts, masks, -1))
        elif kind > 1:
            matches.append(_shared_ngram_count(prediction.ids, reference.ids, kind))
        elif kind == LCS or (_one_sentence(prediction) and _one_sentence(reference)):
            matches.append(bits.lcs(shared))
        else:
            union = bits.union_lcs(_sentences(prediction), counts)
            matches.append(_clipped_count(counts, masks, union))
    return matches


def _clipped_count(counts: Mapping[int, int], masks: Mapping[int, int], bits: int) -> int:
    """Count the words that stand at `bits` of the reference, each up to its count."""
    total = 0
    for word, count in counts.items():
        occurrences = (masks[word] & bits).bit_count()
        total += occurrences if occurrences < count else count  # noqa: FURB136  min() takes twice the time
    return total


def _shared_ngram_count(prediction_ids: Sequence[int], reference_ids: Sequence[int], n: int) -> int:
    reference_ngrams = set(_ngrams(reference_ids, n))
    shared = [ngram for ngram in _ngrams(prediction_ids, n) if ngram in reference_ngrams]
    distinct = set(shared)
    if len(distinct) == len(shared):
        return len(shared)
    prediction_counts, reference_counts = Counter(shared), Counter(_ngrams(reference_ids, n))
    return sum([min(prediction_counts[ngram], reference_counts[ngram]) for ngram in distinct])


def _ngrams(ids: Sequence[int], n: int) -> Iterator[tuple[int, ...]]:
    return pairwise(ids) if n == 2 else zip(*(ids[offset:] for offset in range(n)), strict=False)


def _sentences(words: TokenizedText) -> Iterator[Sequence[int]]:
    start = 0
    for end in words.ends:
        if end > start:
            yield words.ids[start:end]
        start = end


def _one_sentence(words: TokenizedText) -> bool:
    return words.ends.count(len(words.ids)) + words.ends.count(0) == len(words.ends)


class _ReferenceBits:
    """A reference as bits: for each of `words` a number with a bit set wherever it stands.

    A free bit follows each sentence, so that a sum's carry never runs into the next one.
    """

    def __init__(self, reference: TokenizedText, words: Container[int]) -> None:
        masks: dict[int, int] = {}
        position = 0
        full = 0
        longest = 0
        for sentence in _sentences(reference):
            for place, word in enumerate(sentence, position):
                if word in masks:
                    masks[word] |= 1 << place
                elif word in words:
                    masks[word] = 1 << place
            length = len(sentence)
            full |= ((1 << length) - 1) << position
            position += length + 1
            longest = max(longest, length)
        self.masks: Mapping[int, int] = masks
        self._full = full
        self._longest = longest

    def lcs(self, words: list[int]) -> int:
        """Return the length of the longest common subsequence with the whole reference.

        All of `words` are in it. The free bits between sentences match and change nothing.
        """
        unmatched = (1 << self._full.bit_length()) - 1
        for mask in map(self.masks.__getitem__, words):
            matched = unmatched & mask
            unmatched = (unmatched + matched) | (unmatched ^ matched)
        return self._full.bit_count() - (unmatched & self._full).bit_count()

    def union_lcs(self, sentences: Iterator[Sequence[int]], common: Iterable[int]) -> int:
        """Return the bits of the reference's words that are in a sentence's LCS with theirs.

        Many sentences go through together, side by side in one long number, their last words
        aligned. Those of like length are taken together, as the longest sets the number of steps.
        """
        width = self._full.bit_length() // 8 + 1
        masks = {word: self.masks[word].to_bytes(width, "little") for word in common}
        columns = sorted(
            [
                column
                for column in (_match_columns(sentence, masks, width) for sentence in sentences)
                if column
            ],
            key=len,
        )
        taken = 0
        start = 0
        while start < len(columns):
            end = start + 1
            total = len(columns[start])
            while (
                end < len(columns)
                and (end - start + 1) * width * 8 <= _BITS
                and (end - start + 1) * len(columns[end]) <= 2 * (total + len(columns[end]))
            ):
                total += len(columns[end])
                end += 1
            taken |= self._union_of_group(columns[start:end], width)
            start = end
        return taken

    def _union_of_group(self, sentences: list[list[bytes]], width: int) -> int:
        """Walk `sentences` through the table of rouge-score, a column at a time and back.

        A column's number has bit i - 1 clear where the table grows from row i - 1 to row i. On
        the way back, from row i of column j, the next step to the left is in the highest row up
        to i that either matches (and is taken) or, matching nothing, has its bit clear: there
        the left cell is larger than the upper one.
        """
        columns = list(zip_longest(*sentences, fillvalue=bytes(width)))
        full = int.from_bytes(self._full.to_bytes(width, "little") * len(sentences), "little")
        unmatched = full
        steps = []
        for column in reversed(columns):
            mask = int.from_bytes(b"".join(column), "little")
            if mask:
                matched = unmatched & mask
                unmatched = ((unmatched + matched) | (unmatched ^ matched)) & full
            steps.append((mask, mask | (full ^ unmatched)))
        shifts = _shifts(full, self._longest)
        rows = full
        taken = 0
        for mask, stops in reversed(steps):
            rows &= stops
            if not rows:
                break
            for shift, inside in shifts:
                rows |= rows >> shift & inside
            highest = rows ^ (rows >> 1 & full)  # the highest row of each sentence
            match = highest & mask
            taken |= match
            rows ^= match
        union = 0
        data = taken.to_bytes(width * len(sentences), "little")
        for start in range(0, len(data), width):
            union |= int.from_bytes(data[start : start + width], "little")
        return union


def _match_columns(sentence: Sequence[int], masks: Mapping[int, bytes], width: int) -> list[bytes]:
    """Return the matches of each word of a sentence, from its last word to its first.

    Of neighbouring words that match nothing one is enough, but it matters: it is where the way
    back goes up. Before the first match it finds nothing more.
    """
    columns = []
    nothing = bytes(width)
    gap = False
    for word in reversed(sentence):
        if word in masks:
            columns.append(masks[word])
            gap = False
        elif not gap:
            columns.append(nothing)
            gap = True
    if gap:
        columns.pop()
    return columns


def _shifts(full: int, longest: int) -> list[tuple[int, int]]:
    """Return the shifts 1, 2, 4 ... with the bits that a shift reaches from their own sentence."""
    shifts = []
    shift = 1
    inside = full & full >> 1
    while shift < longest:
        shifts.append((shift, inside))
        inside &= inside >> shift
        shift *= 2
    return shifts
