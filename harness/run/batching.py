"""Queries to batches: which of them a model is asked together, and in which order."""

import itertools
from collections.abc import Iterator, Mapping

from harness.models.model import Model
from harness.records import Query


def model_batches(queries: Mapping[str, Query], model: Model) -> Iterator[tuple[str, ...]]:
    """Yield the keys in the model's batches.

    Summaries have an article each; there a batch holds several. Where a kind wants it, the
    answers of a batch share their article. The longest come first: what does not fit is known
    early, and equals stand together.
    """

    def shared_context(key: str) -> str | None:
        query = queries[key]
        return query.context if query.task == "answer" and model.one_article else None

    for _, group in itertools.groupby(queries, key=shared_context):
        members = sorted(group, key=lambda key: _length(queries[key]), reverse=True)
        size = model.batch_size(queries[members[0]])
        rest = iter(members)
        while batch := tuple(itertools.islice(rest, size)):
            yield batch


def whole_articles(queries: Mapping[str, Query], size: int) -> Iterator[tuple[str, ...]]:
    """Yield the keys in parts of `size` or some more, each of whole articles.

    The longest articles come first, for equals to stand together; what is one part stays in order.
    """
    if len(queries) <= size:
        if queries:
            yield tuple(queries)
        return
    by_article: dict[str, list[str]] = {}
    for key, query in queries.items():
        by_article.setdefault(query.context, []).append(key)
    part: list[str] = []
    for context in sorted(by_article, key=len, reverse=True):
        part += by_article[context]
        if len(part) >= size:
            yield tuple(part)
            part = []
    if part:
        yield tuple(part)


def _length(query: Query) -> int:
    return len(query.context) + len(query.question or "")
