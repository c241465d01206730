"""Texts that people wrote and a reader is asked about: references, and some made worse."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from harness.metrics.ceiling import has_people
from harness.metrics.support.canary_shares import chosen_pairs, originals
from harness.metrics.support.corruptions import CORRUPTIONS, ENGLISH, Pair
from harness.records import Example, Scope, Task
from harness.run.shard import Shard

# What is asked about: of nothing all is known, and of the whole article it is asked in any case.
_ASKED = [title for title in CORRUPTIONS if title not in ("emptied", "whole article")]
# So many references are made worse, each in one way: it bounds what they add to a run.
MAX_CORRUPTED = 60


@dataclass(frozen=True)
class CorruptedReference:
    """The `number`-th reference of an example, from 1, made worse in the way of the title."""

    example: Example
    number: int
    title: str
    text: str


@dataclass(frozen=True)
class PeopleTexts:
    """The examples whose references are judged, and the references that are made worse."""

    examples: Sequence[Example] = ()
    corrupted: Sequence[CorruptedReference] = ()

    def share(self, shard: Shard) -> "PeopleTexts":
        """Return those of a shard's examples."""
        return PeopleTexts(
            [example for example in self.examples if shard.has(example)],
            [worse for worse in self.corrupted if shard.has(worse.example)],
        )


def people_texts(
    examples: Mapping[tuple[Task, Scope], Sequence[Example]], english: bool
) -> PeopleTexts:
    """Return what people wrote: where they have a row, that is where there are two references.

    Of articles each reference is made worse in one way, the ways in turn; one that finds nothing to
    make worse takes the next. What is done follows from the texts alone.
    """
    by_scope = {
        scope: task_examples
        for (task, scope), task_examples in examples.items()
        if task == "summarize"
    }
    judged = [e for task_examples in by_scope.values() if has_people(task_examples)
              for e in task_examples]  # fmt: skip
    everything = [example for task_examples in by_scope.values() for example in task_examples]
    return PeopleTexts(judged, list(_corrupted(judged, everything, english)))


def corrupted_references(
    examples: Mapping[tuple[Task, Scope], Sequence[Example]], english: bool
) -> list[CorruptedReference]:
    """Return references of articles that are made worse, however many each article has."""
    everything = [
        example
        for (task, _), task_examples in examples.items()
        if task == "summarize"
        for example in task_examples
    ]
    return list(_corrupted(everything, everything, english))


def _corrupted(
    judged: Sequence[Example], everything: Sequence[Example], english: bool
) -> Iterator[CorruptedReference]:
    titles = [title for title in _ASKED if english or title not in ENGLISH]
    places = {
        Pair(example.article.text, reference): (example, number)
        for example in judged
        if example.article.scope == "article"
        for number, reference in enumerate(example.references, start=1)
    }
    pairs = chosen_pairs(everything)
    turn = 0
    for pair, original in zip(pairs, originals(pairs), strict=True):
        if pair not in places or turn >= MAX_CORRUPTED:
            continue
        for title in titles[turn % len(titles) :] + titles[: turn % len(titles)]:
            if (text := CORRUPTIONS[title](original)) is not None:
                yield CorruptedReference(*places[pair], title, text)
                break
        turn += 1
