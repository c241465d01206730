"""What people said of summaries and answers: a line each, and a set of them."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from harness.agreement.judgments.statements import Statement
from harness.records import Task

Half = Literal["odd", "even"]
HALVES: tuple[Half, ...] = ("odd", "even")


@dataclass(frozen=True, slots=True)
class Judgment:
    """One judged text: what it is of, who wrote it, and what people gave it.

    `text` is the summary or the answer; `article_id` names the article, or the question of an
    answer: what is drawn together in the bootstrap. `group` is inside what texts compete: the
    article, unless the data say otherwise. `article` is `None` where the data have none. A score
    is `None` where nobody gave one. `source` is the corpus that the article is of, where a set
    mixes several. `statements` are those that people looked for in a summary. `question` is the
    question of an answer, `None` where the data have it by its id alone.
    """

    where: str
    article_id: str
    group: str
    system: str | None
    text: str
    article: str | None
    references: tuple[str, ...]
    scores: Mapping[str, float | None]
    source: str | None = None
    language: str | None = None
    statements: tuple[Statement, ...] = ()
    question: str | None = None


@dataclass(frozen=True, slots=True)
class JudgedSet:
    """A set of judgments: its name, task and lines, and how many lines it asks to leave out.

    `lower` are the aspects of which a lower score is better.
    """

    name: str
    file: str
    task: Task
    judgments: tuple[Judgment, ...]
    left_out: int = 0
    lower: frozenset[str] = field(default_factory=frozenset)

    @property
    def aspects(self) -> tuple[str, ...]:
        """What people scored, in the order of the data."""
        names = (name for judgment in self.judgments for name in judgment.scores)
        return tuple(dict.fromkeys(names))

    def scores_of(self, aspect: str) -> NDArray[np.float64]:
        """Return people's scores of an aspect, (judgments,), NaN where one has none.

        Higher is better: where lower is, scores are turned, and a label of 0 or 1 stays one.
        """
        given = (judgment.scores.get(aspect) for judgment in self.judgments)
        scores = np.array([np.nan if score is None else score for score in given], dtype=np.float64)
        if aspect not in self.lower:
            return scores
        is_label = np.isin(scores[np.isfinite(scores)], (0.0, 1.0)).all()
        return 1.0 - scores if is_label else -scores

    def half(self, half: Half) -> "JudgedSet":
        """Return the judgments of every second article, or question, as the data first have them.

        The first, third and so on are odd: to tune on one half, and to look at the other after it.
        """
        names = dict.fromkeys(judgment.article_id for judgment in self.judgments)
        kept = {name for place, name in enumerate(names, 1) if (place % 2 == 1) == (half == "odd")}
        return replace(self, judgments=tuple(j for j in self.judgments if j.article_id in kept))

    @property
    def sources(self) -> tuple[str, ...]:
        """The sources that the set mixes; none if there are not at least two."""
        names = dict.fromkeys(j.source for j in self.judgments if j.source is not None)
        return tuple(sorted(names)) if len(names) > 1 else ()
