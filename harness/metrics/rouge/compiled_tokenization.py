"""Texts to numbers by compiled code: the tokens and sentences of `tokenization`.

A form is found in a table of hashes, each row with the form's hash, where its bytes stand in
`known`, its length, and its number plus one.
"""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from harness.metrics.rouge.compilation import compiled

Ints = NDArray[Any]

_START = np.uint64(0xCBF29CE484222325)  # FNV-1a, with a last mix for the high bits
_PRIME = np.uint64(0x100000001B3)
_SPREAD = np.uint64(0x9E3779B97F4A7C15)
_LINE_FEED = 0x0A
_SPACE = 0x20


@compiled
def tokenize_all(
    data: Ints, sizes: Ints, table: Ints, forms: Ints, known: Ints, used: Ints, out: Ints
) -> Ints:
    """Read texts that stand one after the other in `data`, `sizes` bytes each.

    `table` says what each byte counts as. To `out` go, a row for each: 0 the numbers of the
    words; 1 the ends of the sentences; 2 and 3 where a form stands that was not known, and 4
    its row in `forms` or -1. The number of the first unknown form is -1, of the second -2 and
    so on, until `assign_numbers` knows better. `used` counts the rows and bytes in use.

    Returns the words and sentences of each text, and in a last row the number of unknown forms.
    """
    counts = np.zeros((len(sizes) + 1, 2), np.int64)
    words = lines = unknown = at = 0
    for text in range(len(sizes)):
        first_word, first_line = words, lines
        end = at + sizes[text]
        begin = at
        hashed = _START
        while at <= end:
            byte = table[data[at]] if at < end else _LINE_FEED
            if byte not in (_SPACE, _LINE_FEED):
                hashed = (hashed ^ np.uint64(byte)) * _PRIME
                at += 1
                continue
            if at > begin:
                slot = _find_slot(data, begin, at, hashed, table, forms, known)
                number = forms[slot, 3]
                if number == 0:
                    number = -1 - unknown
                    out[2, unknown] = begin
                    out[3, unknown] = at
                    out[4, unknown] = -1
                    if 2 * used[0] < len(forms) and used[1] + at - begin <= len(known):
                        _add_form(data, begin, at, hashed, number, table, forms[slot], known, used)
                        out[4, unknown] = slot
                    unknown += 1
                out[0, words] = number - 1 if number > 0 else number
                words += 1
                hashed = _START
            if byte == _LINE_FEED:
                out[1, lines] = words - first_word
                lines += 1
            at += 1
            begin = at
        at = end
        counts[text, 0] = words - first_word
        counts[text, 1] = lines - first_line
    counts[-1, 0] = unknown
    return counts


@compiled
def _find_slot(
    data: Ints, begin: int, end: int, hashed: Any, table: Ints, forms: Ints, known: Ints
) -> Any:
    """Return the row of a form, or the free row where it belongs."""
    last = len(forms) - 1
    slot = np.int64((hashed * _SPREAD) >> np.uint64(24)) & last
    while forms[slot, 3] != 0:
        if forms[slot, 0] == np.int64(hashed) and forms[slot, 2] == end - begin:
            start = forms[slot, 1] - begin
            at = begin
            while at < end and known[start + at] == table[data[at]]:
                at += 1
            if at == end:
                return slot
        slot = (slot + 1) & last
    return slot


@compiled
def _add_form(
    data: Ints,
    begin: int,
    end: int,
    hashed: Any,
    number: int,
    table: Ints,
    row: Ints,
    known: Ints,
    used: Ints,
) -> None:
    row[0] = np.int64(hashed)
    row[1] = used[1]
    row[2] = end - begin
    row[3] = number
    for at in range(begin, end):
        known[used[1] + at - begin] = table[data[at]]
    used[0] += 1
    used[1] += end - begin


@compiled
def assign_numbers(words: Ints, slots: Ints, numbers: Ints, forms: Ints) -> None:
    """Give the unknown forms of `tokenize_all` their numbers, in its words and in the table."""
    for i in range(len(words)):
        if words[i] < 0:
            words[i] = numbers[-1 - words[i]]
    for i in range(len(slots)):
        if slots[i] >= 0:
            forms[slots[i], 3] = numbers[i] + 1
