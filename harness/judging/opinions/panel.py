"""The judges of a run: what they are asked about, and the measures over what they said."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from harness.judging.judgment import Judgment
from harness.judging.opinions.measures import OpinionMeasures
from harness.judging.people_texts import PeopleTexts, corrupted_references, people_texts
from harness.records import Example, Scope, Task
from harness.run.shard import Shard

# A text that is judged, with the example that has its article.
JudgedExample = tuple[Example, str]


@dataclass(frozen=True)
class Panel:
    """Each judge's measures, and the people's texts that they are asked about.

    These are the references of which people have a row, and those that are made worse, to see what
    judges see.
    """

    judges: Sequence[OpinionMeasures]
    people: PeopleTexts

    def share(self, shard: Shard) -> "Panel":
        """Return what a shard asks of it."""
        return replace(self, people=self.people.share(shard))

    def asked(self, judge: OpinionMeasures, texts: Iterable[JudgedExample]) -> list[Example]:
        """Return what a judge is asked: each claim on each article once, whoever makes it.

        `texts` are followed by the references that are made worse, as they were and as they are.
        """
        asked: dict[tuple[str, str | None], Example] = {}
        for example, text in (*texts, *self._canaries()):
            for claim in judge.asked(text, example.article.text):
                key = (claim.query.context, claim.query.question)
                asked.setdefault(key, claim.example(example.article))
        return list(asked.values())

    def _canaries(self) -> Iterator[JudgedExample]:
        for worse in self.people.corrupted:
            yield worse.example, worse.example.references[worse.number - 1]
            yield worse.example, worse.text

    def with_judgments(self, judge: str, judgments: Mapping[str, Judgment]) -> "Panel":
        """Return the same with what the judge of a name said, by keys."""
        judges = [
            own.with_judgments(judgments) if own.judge == judge else own for own in self.judges
        ]
        return replace(self, judges=judges)


def panel(
    judges: Sequence[tuple[str, str, Mapping[str, object]]],
    examples: Mapping[tuple[Task, Scope], Sequence[Example]],
    english: bool,
) -> Panel:
    """Return the panel of judges, each given by its name, kind and identity."""
    return Panel(
        [OpinionMeasures(name, kind, identity) for name, kind, identity in judges],
        replace(people_texts(examples, english), corrupted=corrupted_references(examples, english)),
    )
