"""The judges of a run: what they are asked about, and the measures over what they said."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace

from harness.judging.judgment import Judgment
from harness.judging.judgment_lines import JudgedText
from harness.judging.opinions.meanings import JudgedAnswers, Meanings, asks_meanings
from harness.judging.opinions.measures import OpinionMeasures
from harness.judging.pairs.pairing import Pairing, asks_pairs
from harness.judging.people_texts import PeopleTexts, corrupted_references, people_texts
from harness.metrics import Metrics
from harness.records import Example, Scope, Task
from harness.run.shard import Shard

# A text that is judged, with the example that has its article; or an answer with its question.
JudgedExample = tuple[Example, str]
AnswerOfExample = tuple[Example, str]


@dataclass(frozen=True, slots=True)
class PanelJudge:
    """A judge by its name and kind, its identity, and the most pairs that it is asked about."""

    name: str
    kind: str
    identity: Mapping[str, object]
    most_pairs: int | None = None


@dataclass(frozen=True)
class Panel:
    """Each judge's measures, and the people's texts that they are asked about.

    `pairings` are of those judges that are asked which of two texts is better, `meanings` of those
    that are asked what answers mean. People's texts are the references of which people have a row,
    and those that are made worse, to see what judges see.
    """

    judges: Sequence[OpinionMeasures]
    people: PeopleTexts
    pairings: Mapping[str, Pairing] = field(default_factory=dict)
    meanings: Mapping[str, Meanings] = field(default_factory=dict)

    def share(self, shard: Shard) -> "Panel":
        """Return what a shard asks of it."""
        return replace(self, people=self.people.share(shard))

    def measures_of(self, judge: OpinionMeasures) -> list[str]:
        """Return the names of the measures that rest on what a judge said of single texts."""
        meanings = self.meanings.get(judge.judge)
        return [*judge.declarations, *([meanings.name] if meanings else ())]

    def asked(
        self,
        judge: OpinionMeasures,
        texts: Sequence[JudgedText],
        answers: Iterable[AnswerOfExample] = (),
    ) -> list[Example]:
        """Return what a judge is asked: each claim on each article once, whoever makes it.

        `texts` are followed by the references that are made worse, as they were and as they are, by
        pairs of the texts, and by `answers` that match no golden answer exactly.
        """
        asked: dict[tuple[str, str | None], Example] = {}
        of_texts = ((example, text) for _, example, _, _, text in texts)
        for example, text in (*of_texts, *self._canaries()):
            for claim in judge.asked(text, example.article.text):
                key = (claim.query.context, claim.query.question)
                asked.setdefault(key, claim.example(example.article))
        pairing = self.pairings.get(judge.judge)
        meanings = self.meanings.get(judge.judge)
        return [
            *asked.values(),
            *(pairing.asked(texts) if pairing else ()),
            *(meanings.asked(answers) if meanings else ()),
        ]

    def _canaries(self) -> Iterator[JudgedExample]:
        for worse in self.people.corrupted:
            yield worse.example, worse.example.references[worse.number - 1]
            yield worse.example, worse.text

    def with_judgments(self, judge: str, judgments: Mapping[str, Judgment]) -> "Panel":
        """Return the same with what the judge of a name said, by keys."""
        judges = [
            own.with_judgments(judgments) if own.judge == judge else own for own in self.judges
        ]
        pairings = {
            name: pairing.with_judgments(judgments) if name == judge else pairing
            for name, pairing in self.pairings.items()
        }
        meanings = {
            name: own.with_judgments(judgments) if name == judge else own
            for name, own in self.meanings.items()
        }
        return replace(self, judges=judges, pairings=pairings, meanings=meanings)


def panel(
    judges: Sequence[PanelJudge],
    examples: Mapping[tuple[Task, Scope], Sequence[Example]],
    english: bool,
) -> Panel:
    """Return the panel of judges."""
    return Panel(
        [OpinionMeasures(judge.name, judge.kind, judge.identity) for judge in judges],
        replace(people_texts(examples, english), corrupted=corrupted_references(examples, english)),
        {
            judge.name: Pairing(judge.name, judge.identity, judge.most_pairs)
            for judge in judges
            if asks_pairs(judge.identity)
        },
        {
            judge.name: Meanings(judge.name, judge.identity)
            for judge in judges
            if asks_meanings(judge.identity)
        },
    )


def with_meanings(families: Mapping[Task, Metrics], panel: Panel) -> dict[Task, Metrics]:
    """Return the metrics of each task, those of answers with what a panel says that they mean."""
    judged = dict(families)
    if panel.meanings and "answer" in families:
        judged["answer"] = JudgedAnswers(families["answer"], list(panel.meanings.values()))
    return judged
