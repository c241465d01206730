"""The metrics of summaries: ROUGE, the summary's length, and what its article bears out of it.

Others can be put beside them, such as chrF.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import chain, tee
from pathlib import Path
from typing import Literal, Protocol

from harness.metrics import BatchMetrics
from harness.metrics.blind_spot import BlindSpot
from harness.metrics.declaration import Declaration, MetricRole
from harness.metrics.length import DECLARATION, WORDS
from harness.metrics.rouge.parts import RougeWithParts
from harness.metrics.rouge.rouge import Rouge
from harness.metrics.rouge.tokenization import Tokenizer
from harness.metrics.support.measures import MEASURES
from harness.metrics.support.support import Support
from harness.text import word_count

_ROLES: Mapping[str, MetricRole] = {"support": "ranked", "errors": "gated"}

# No sentence has more than all of them have on average.
_NEVER_ABOVE = {"support_least": "support"}

# A summary without a word has no more than these.
_ALWAYS_THERE = {
    "words",
    *(name for name, measure in MEASURES.items() if measure.role == "support"),
}

# What the article bears out, as the leaderboard has it. Of `unsupported` the sum: which of them are
# numbers, names and quotes, the report shows.
FROM_THE_ARTICLE: Mapping[str, Declaration] = {
    name: Declaration(
        MEASURES[name].low,
        MEASURES[name].high,
        MEASURES[name].better,
        _ROLES.get(MEASURES[name].role, "shown"),
        _NEVER_ABOVE.get(name),
        partial=name not in _ALWAYS_THERE,
    )
    for name in (
        "support",
        "support_least",
        "source_rouge2_precision",
        "unsupported",
        "novel_1grams",
        "novel_2grams",
        "novel_3grams",
        "extractive_coverage",
        "extractive_density",
    )
}


class JudgedMeasures(Protocol):
    """Measures of a summary by what judges said of it, all of them partial."""

    @property
    def signatures(self) -> Mapping[str, str]:
        """Each measure's name, and the text that pins everything its numbers depend on."""

    @property
    def declarations(self) -> Mapping[str, Declaration]:
        """Each measure's range, direction and role, by the same names."""

    @property
    def asked_of_some(self) -> frozenset[str]:
        """Those for which not every reference is judged that is made worse."""

    def against_article(
        self, text: str, article: str, *, controls: bool = True
    ) -> dict[str, float]:
        """Return each measure of a summary of an article that there is.

        Without `controls` nothing that compares it with other texts of the article.
        """


class Summary:
    """ROUGE and the number of words, and with `articles` what the article bears out beside them.

    `judged` adds what judges said; see `harness.judging`.

    The options are those of `Rouge`, and the language and the tokenizer are also those of
    `Support`. `unsupported` is by rules for English, and there is none of other languages. With
    `parts` ROUGE's precision and recall stand beside it; `further` are families that are held
    against the references too.

    A summary without a word says nothing that its article has: `support`, `support_least` and
    `source_rouge2_precision`, by which rows may be ranked, are 0. What else is told of a summary's
    words or spans is told of those that have some: silence makes no mistakes, and must not gain by
    it.

    Raises MetricError as `Rouge` does.
    """

    def __init__(
        self,
        *,
        articles: bool = False,
        language: str | None = None,
        stemmer: bool | None = None,
        references: Literal["best", "mean", "jackknife"] = "best",
        sentences: Literal["harness", "newline"] = "harness",
        tokenizer: Tokenizer | None = None,
        exceptions: Path | None = None,
        parts: bool = False,
        further: Sequence[BatchMetrics] = (),
        judged: JudgedMeasures | None = None,
    ) -> None:
        rouge = Rouge(
            language=language,
            stemmer=stemmer,
            references=references,
            sentences=sentences,
            tokenizer=tokenizer,
            exceptions=exceptions,
        )
        self._rouge = RougeWithParts(rouge) if parts else rouge
        self._by_references: tuple[BatchMetrics, ...] = (self._rouge, *further)
        self._support = Support(language, tokenizer=tokenizer, stemmer=stemmer)
        known = self._support.signatures
        self._measures = [name for name in FROM_THE_ARTICLE if articles and name in known]
        self._judged = judged

    @property
    def signatures(self) -> Mapping[str, str]:
        """The signature of each metric."""
        known = {**self._support.signatures, **(self._judged.signatures if self._judged else {})}
        by_references = [family.signatures for family in self._by_references]
        return dict(
            chain.from_iterable(
                signatures.items()
                for signatures in (*by_references, {name: known[name] for name in self._names})
            )
        )

    @property
    def declarations(self) -> Mapping[str, Declaration]:
        """What each metric says of itself."""
        by_references = [family.declarations.items() for family in self._by_references]
        return {
            **dict(chain.from_iterable(by_references)),
            **{name: FROM_THE_ARTICLE[name] for name in self._measures},
            **(self._judged.declarations if self._judged else {}),
            WORDS: DECLARATION,
        }

    @property
    def blind_spot(self) -> BlindSpot | None:
        """That of ROUGE, which `source_rouge2_precision` is too; all others see all."""
        return self._rouge.blind_spot

    @property
    def asked_of_some(self) -> frozenset[str]:
        """What judges say of some of the references that are made worse."""
        return self._judged.asked_of_some if self._judged else frozenset()

    def score(self, prediction: str, references: Sequence[str]) -> dict[str, float]:
        """Return what needs no article; raise MetricError as `Rouge.score` does."""
        return next(self.score_many([prediction], [references]))

    def score_many(
        self, predictions: Iterable[str], references: Iterable[Sequence[str]]
    ) -> Iterator[dict[str, float]]:
        """Yield what `score` returns, one after the other, as `Rouge.score_many` does."""
        counted, scored = tee(predictions)
        for scores, prediction in zip(
            self._against_references(scored, references), counted, strict=False
        ):
            yield scores | {WORDS: word_count(prediction)}

    def score_many_with_articles(
        self,
        predictions: Iterable[str],
        references: Iterable[Sequence[str]],
        articles: Iterable[str],
    ) -> Iterator[dict[str, float]]:
        """Yield what `score_with_article` returns, one after the other, as `score_many` does.

        Raises ValueError where there are more or fewer articles.
        """
        held, read, scored = tee(predictions, 3)
        known, looked_up = tee(articles)
        borne_out = (
            self._support.score_many_with_articles(read, looked_up)
            if self._measures
            else ({} for _ in zip(read, looked_up, strict=True))
        )
        for scores, prediction, article, supported in zip(
            self._against_references(scored, references), held, known, borne_out, strict=True
        ):
            yield scores | self._with_judged(prediction, article, supported)

    def score_with_article(
        self, prediction: str, references: Sequence[str], article: str
    ) -> dict[str, float]:
        """Return all metrics; raise MetricError as `Rouge` and `Support` do."""
        (scores,) = self._against_references([prediction], [references])
        return scores | self.against_article(prediction, article)

    def against_article(
        self, prediction: str, article: str, *, controls: bool = True
    ) -> dict[str, float]:
        """Return what needs no reference: words, what the article bears out, and what judges said.

        Without `controls` nothing that compares it with other texts of the article. Raises
        MetricError as `Support` does.
        """
        supported = self._support.score_with_article(prediction, article) if self._measures else {}
        return self._with_judged(prediction, article, supported, controls=controls)

    def _with_judged(
        self,
        prediction: str,
        article: str,
        supported: Mapping[str, float],
        *,
        controls: bool = True,
    ) -> dict[str, float]:
        """Return what `against_article` does, of what the article bears out."""
        if not self._measures:
            return {WORDS: word_count(prediction)}
        silent = {name: 0.0 for name in self._measures if not FROM_THE_ARTICLE[name].partial}
        scores = {**silent, **supported}
        if self._judged:
            scores |= self._judged.against_article(prediction, article, controls=controls)
        return {name: scores[name] for name in self._names if name in scores}

    def _against_references(
        self, predictions: Iterable[str], references: Iterable[Sequence[str]]
    ) -> Iterator[dict[str, float]]:
        """Yield the scores by the references, one after the other."""
        count = len(self._by_references)
        texts, accepted = tee(predictions, count), tee(references, count)
        streams = [
            family.score_many(texts[i], accepted[i]) for i, family in enumerate(self._by_references)
        ]
        for by_family in zip(*streams, strict=True):
            yield dict(chain.from_iterable(scores.items() for scores in by_family))

    @property
    def _names(self) -> list[str]:
        return [*self._measures, *(self._judged.signatures if self._judged else ()), WORDS]
