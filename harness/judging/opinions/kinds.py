"""What each kind of judge is asked about, and the measures over its opinions."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from statistics import fmean

from harness.judging.opinions.claims import Parting
from harness.metrics.declaration import Declaration
from harness.models.judges.chat.rubric import ASPECTS, GRADE, Aspect
from harness.models.judges.opinion import Opinion
from harness.text import SENTENCE_SPLITTER, word_places

_SHARE = Declaration(role="gated", partial=True)


@dataclass(frozen=True, slots=True)
class Measure:
    """A number over the opinions on a text's claims; `rule` pins it in its signature.

    `value` is `None` where the judge gives no such number. `aspect` is the one that it is of, where
    judges of a kind are asked about several.
    """

    declaration: Declaration
    rule: str
    value: Callable[[str, Sequence[Opinion]], float | None]
    aspect: Aspect | None = None


@dataclass(frozen=True, slots=True)
class JudgeKind:
    """How a text is parted for judges of a kind, and their measures by name."""

    parting: Parting
    measures: Mapping[str, Measure]


def mean_of(number: str) -> Callable[[str, Sequence[Opinion]], float | None]:
    """Return the mean over a text's claims of a number that each opinion has."""

    def mean(_text: str, opinions: Sequence[Opinion]) -> float | None:
        values = [opinion.numbers.get(number) for opinion in opinions]
        known = [value for value in values if value is not None]
        return fmean(known) if known and len(known) == len(values) else None

    return mean


def summac_zs(_text: str, opinions: Sequence[Opinion]) -> float | None:
    """Return SummaC-ZS of a summary: `SummaCZS.image2score` of the package `summac` 0.0.4.

    Of each sentence the greatest entailment over the article less the greatest contradiction, and
    the mean over the sentences (Laban et al., 2022, section 3.2; its options use_ent and use_con).
    """
    differences = [
        opinion.numbers["entailment"] - opinion.numbers["contradiction"]
        for opinion in opinions
        if "contradiction" in opinion.numbers
    ]
    return fmean(differences) if differences and len(differences) == len(opinions) else None


def unsupported_words(text: str, opinions: Sequence[Opinion]) -> float | None:
    """Return the share of a text's words that a marked span touches."""
    places = word_places(text)
    marked = [(start, end) for opinion in opinions for start, end, _ in opinion.spans]
    touched = [any(start < last and end > first for start, end in marked) for first, last in places]
    return fmean(touched) if touched else None


_BY_SENTENCE = f"mean over sentences:{SENTENCE_SPLITTER}"

JUDGED_KINDS: Mapping[str, JudgeKind] = {
    "nli": JudgeKind(
        "sentences",
        {
            "entailment": Measure(
                _SHARE,
                f"greatest entailment over the article|{_BY_SENTENCE}",
                mean_of("entailment"),
            ),
            "summac_zs": Measure(
                Declaration(low=-1.0, high=1.0, role="gated", partial=True),
                f"greatest entailment less greatest contradiction|{_BY_SENTENCE}",
                summac_zs,
            ),
        },
    ),
    "supports": JudgeKind(
        "sentences",
        {
            "support": Measure(
                _SHARE, f"greatest support over the chunks|{_BY_SENTENCE}", mean_of("support")
            )
        },
    ),
    "token-support": JudgeKind(
        "whole",
        {
            "unsupported": Measure(
                Declaration(direction="lower", role="gated", partial=True),
                "share of words that a span touches|least over the chunks",
                unsupported_words,
            )
        },
    ),
    "chat": JudgeKind(
        "aspects",
        {
            aspect: Measure(
                Declaration(low=1.0, high=5.0, role="gated", partial=True),
                "grade from 1 to 5|mean by the probabilities of the grades, where they are given",
                mean_of(GRADE),
                aspect,
            )
            for aspect in ASPECTS
        },
    ),
}
