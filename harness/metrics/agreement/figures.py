"""The figures of agreement with people that are recorded for each metric.

`figures.toml` has them. `benchmarks/agreement_figures.py` makes it from what `harness agreement`
finds on public sets, and docs/agreement.md shows all of it. Which sets are asked is the same for
every metric of a task, so that bad figures stand beside good ones.
"""

import itertools
from collections.abc import Mapping, Sequence
from functools import cache
from pathlib import Path
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict

from harness.files import read_toml
from harness.metrics.agreement.correlation_text import number, with_interval
from harness.metrics.languages import language_code
from harness.records import Task
from harness.stats import Interval
from harness.validation.attribute_texts import describe_properties

FILE = Path(__file__).parent / "figures.toml"
NOT_ESTABLISHED = "agreement not established"

# Parts of signatures that a figure does not depend on: versions of packages, which move digits far
# behind those that are told, and what an unanswerable question is, of which the sets have none.
_PASSED_OVER = ("torch", "transformers", "tokenizers", "version", "unanswerable")

# Those that are told where there is room for few, by set and level: of all metrics the same.
_SHORT = {
    ("summeval", "article"),
    ("qags_xsum", "pooled"),
    ("qa_evouna_nq", "answers"),
    ("qa_evouna_nq", "systems"),
}

_LEVELS = {"article": "", "pooled": " (pooled)", "answers": "", "systems": ""}


class AgreementFigure(BaseModel):
    """How far a metric was found to agree with people, on one aspect of one public set."""

    model_config = ConfigDict(extra="forbid", frozen=True, json_schema_extra=describe_properties)

    aspect: str
    """What people were asked, by the set's name for it."""
    set: str
    """The set, by its name in docs/agreement.md."""
    source: str | None = None
    """The corpus of a set that mixes several; null for all of it."""
    half: Literal["odd", "even"] | None = None
    """Which half of the articles; null for both."""
    level: Literal["article", "pooled", "systems", "answers"]
    """Among the summaries of an article (the mean over articles), over all texts at once, among
    the means of systems, or answer by answer."""
    statistic: Literal["spearman", "accuracy"]
    """Spearman's correlation, with the sign turned where less is better; or the share of answers
    that the metric at 0.5 calls right or wrong as people do."""
    value: float
    """The figure."""
    low: float | None = None
    """Where its 95 % interval begins, by bootstrap over articles or questions; null for none."""
    high: float | None = None
    """Where it ends."""
    n: int
    """How many articles, texts, systems or answers it is of."""
    always: float | None = None
    """Of accuracy: what saying the same of all answers would get."""

    @property
    def place(self) -> str:
        """Where it is from: `summeval (even)`, `frank (xsum)`, `qags_xsum (pooled)`."""
        of_set = f"{self.set} ({self.source})" if self.source else self.set
        half = f" ({self.half})" if self.half else ""
        return f"{of_set}{half}{_LEVELS[self.level]}"

    def text(self) -> str:
        """Return the figure with its interval and place."""
        interval = (
            None
            if self.low is None or self.high is None
            else Interval(self.low, self.high, "percentile")
        )
        told = with_interval(self.value, interval)
        if self.statistic == "accuracy":
            return f"{told} on {self.place} ({number(self.always)} by saying the same of all)"
        if self.level == "systems":
            return f"order of {self.n} systems {told} on {self.place}"
        return f"{told} on {self.place}"


def agreement_figures(
    task: Task, signature: str, language: str | None = None
) -> list[AgreementFigure]:
    """Return what is recorded of a metric, by its signature; nothing where nobody knows.

    So too for other options than the recorded ones, and for other languages than English, of which
    the sets are.
    """
    if language and language_code(language) != "en":
        return []
    name = signature.partition("|")[0]
    recorded = _recorded().get(task, {}).get(name)
    if recorded is None or _essence(recorded["signature"]) != _essence(signature):
        return []
    return [AgreementFigure(**figure) for figure in recorded["figures"]]


def agreement_text(figures: Sequence[AgreementFigure], short: bool = False) -> str:
    """Return the figures in words, by aspect; with `short` those of two sets that differ most."""
    told = [f for f in figures if not short or (f.set, f.level) in _SHORT]
    if not told:
        return NOT_ESTABLISHED
    by_aspect = itertools.groupby(told, key=lambda figure: figure.aspect)
    return "; ".join(f"{aspect} {', '.join(f.text() for f in own)}" for aspect, own in by_aspect)


def _essence(signature: str) -> tuple[str, ...]:
    """Return the parts of a signature that a figure depends on."""
    return tuple(part for part in signature.split("|") if part.split(":")[0] not in _PASSED_OVER)


@cache
def _recorded() -> Mapping[str, Mapping[str, Mapping[str, Any]]]:
    return read_toml(FILE)
