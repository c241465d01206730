"""In which order queries are asked: those on one article together, some at a time."""

from collections.abc import Iterator, Mapping, Sequence

from harness.records import Query, Task

# Questions that are rendered together, and articles whose windows are counted together.
_AT_ONCE = 64


def on_one_article(queries: Mapping[int, Query]) -> Iterator[Sequence[int]]:
    """Yield the places of queries with one task and article.

    The longest come first: what does not fit is known early.
    """
    groups: dict[tuple[str, Task], list[int]] = {}
    for place, query in queries.items():
        groups.setdefault((query.context, query.task), []).append(place)
    for members in sorted(groups.values(), key=lambda places: -len(queries[places[0]].context)):
        yield from in_parts(sorted(members, key=lambda place: -len(queries[place].question or "")))


def longest_first(queries: Mapping[int, Query]) -> list[int]:
    """Return the places of queries, those with the longest articles and questions first.

    >>> longest_first({0: Query("summarize", "Ann."), 1: Query("answer", "Ann.", "Who?")})
    [1, 0]
    """
    return sorted(
        queries, key=lambda place: -len(queries[place].context + (queries[place].question or ""))
    )


def in_parts(places: Sequence[int]) -> Iterator[Sequence[int]]:
    """Yield some places at a time.

    >>> [len(part) for part in in_parts(range(100))]
    [64, 36]
    """
    for begin in range(0, len(places), _AT_ONCE):
        yield places[begin : begin + _AT_ONCE]
