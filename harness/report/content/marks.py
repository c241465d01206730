"""Ranges that overlap, made into marks that do not."""

from collections.abc import Iterable

from harness.report.content.part import Mark
from harness.text import LabelledSpan


def flatten_marks(ranges: Iterable[LabelledSpan]) -> tuple[Mark, ...]:
    """Return marks in order, none overlapping: each says all that its piece of text is.

    Words of one mark are sorted, each there once; neighbours that say the same are drawn together;
    empty ranges go.

    >>> flatten_marks([(0, 5, "name"), (3, 8, "shared:1")])
    ((0, 3, ('name',)), (3, 5, ('name', 'shared:1')), (5, 8, ('shared:1',)))
    """
    nonempty = [span for span in ranges if span[0] < span[1]]
    opening: dict[int, list[str]] = {}
    closing: dict[int, list[str]] = {}
    for start, end, word in nonempty:
        opening.setdefault(start, []).append(word)
        closing.setdefault(end, []).append(word)
    marks: list[Mark] = []
    open_now: dict[str, int] = {}
    last = 0
    for place in sorted({*opening, *closing}):
        words = tuple(sorted(open_now))
        if words:
            if marks and marks[-1][1] == last and marks[-1][2] == words:
                last = marks.pop()[0]
            marks.append((last, place, words))
        for word in closing.get(place, ()):
            open_now[word] -= 1
            if not open_now[word]:
                del open_now[word]
        for word in opening.get(place, ()):
            open_now[word] = open_now.get(word, 0) + 1
        last = place
    return tuple(marks)
