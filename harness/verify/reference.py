"""The default ROUGE of a run, computed by the package rouge-score too."""

import math
from array import array
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from statistics import fmean

from harness.errors import UsageError
from harness.leaderboard.leaderboard import Row
from harness.metrics.rouge.precision_recall import REFERENCE_AGGREGATIONS, ScoreTriple, best, mean
from harness.metrics.rouge.rouge import EQUAL_TO
from harness.records import Example
from harness.requirements import import_failed
from harness.text import SENTENCE_SPLITTER, sentences
from harness.verify.difference import Difference
from harness.verify.rebuild import RebuiltRun

_SOURCE = "source_rouge2_precision"


@dataclass(frozen=True)
class ReferenceCheck:
    """How many scores and means the package computed, and those that it has otherwise."""

    count: int
    differences: tuple[Difference, ...]

    def __str__(self) -> str:
        if not self.count:
            return f"no number of this run is said to equal that of {EQUAL_TO}"
        outcome = f"{len(self.differences)} differ" if self.differences else "all equal"
        return f"{self.count} scores and means of ROUGE computed by {EQUAL_TO} too: {outcome}"


def check_by_reference(rebuilt: RebuiltRun) -> ReferenceCheck:
    """Compare every score and mean whose signature says that it equals rouge-score's with that.

    The package tokenizes, stems, counts and computes F1; the sentences are ours, handed over one a
    line, and so is the jackknife over references, which it does not know. Numbers must be equal to
    the last bit. Raises UsageError where the package is not installed.
    """
    count = 0
    found: list[Difference] = []
    for row in rebuilt.board.rows:
        signatures = {
            name: number.signature
            for name, number in row.metrics.items()
            if number.signature.endswith(f"={EQUAL_TO}")
        }
        if not signatures:
            continue
        package = _Package(signatures)
        expected = {name: array("d") for name in signatures}
        for example, texts, scores in _scored(row, rebuilt):
            article = example.article.text
            if not texts:
                theirs = package.of_people(example.references, article)
            else:
                by_text = [package.score(text, example.references, article) for text in texts]
                theirs = {name: fmean(own[name] for own in by_text) for name in by_text[0]}
                count += len(theirs)
                found += _differences(f"{row.model} {row.task} {example.id}", scores, theirs)
            for name, values in expected.items():
                values.append(theirs[name])
        means = {name: math.fsum(all_) / len(all_) for name, all_ in expected.items() if all_}
        count += len(means)
        stored = {name: row.metrics[name].mean for name in means}
        found += _differences(f"rows.{row.model} {row.task} {row.scope}", stored, means)
    return ReferenceCheck(count, tuple(found))


def _scored(
    row: Row, rebuilt: RebuiltRun
) -> Iterator[tuple[Example, Sequence[str], Mapping[str, float]]]:
    """Yield each example of a row with its texts and scores; people, who have a mean, have none.

    Of several texts, which a model gave that was asked several times, the scores are the means.
    """
    if row.role == "people":
        others = next(
            scored
            for (_, task, scope), scored in rebuilt.scored.items()
            if (task, scope) == (row.task, row.scope)
        )
        for item in others:
            yield item.example, (), {}
    for item in rebuilt.scored.get((row.model, row.task, row.scope), ()):
        if item.prediction.error is None:
            yield item.example, item.texts, item.scores


class _Package:
    """rouge-score, with the options that signatures name."""

    def __init__(self, signatures: Mapping[str, str]) -> None:
        try:
            from rouge_score.rouge_scorer import RougeScorer
        except ImportError:
            raise UsageError(import_failed("harness verify --reference", "rouge-score")) from None
        self._has_source = _SOURCE in signatures
        self._names = [name for name in signatures if name != _SOURCE]
        parts = [part for name in self._names for part in signatures[name].split("|")]
        options = dict(part.split(":", 1) for part in parts if ":" in part)
        self._aggregate = REFERENCE_AGGREGATIONS[options["references"]]
        self._of_others = mean if options["references"] == "mean" else best
        self._splits = options.get("sentences") == SENTENCE_SPLITTER
        stems = options["stemmer"] == "porter"
        self._scorer = RougeScorer(self._names, use_stemmer=stems)
        self._source_scorer = RougeScorer(["rouge2"], use_stemmer=stems)

    def score(self, text: str, references: Sequence[str], article: str) -> dict[str, float]:
        """Return the F1 of each metric, and ROUGE-2's precision against the article."""
        triples = self._triples(text, references)
        scores = {name: self._aggregate(triples[name])[2] for name in self._names}
        return scores | self._of_source([text], article)

    def of_people(self, references: Sequence[str], article: str) -> dict[str, float]:
        """Return the mean over the references of the best of the others, or of their mean.

        Against the article it is that of all references.
        """
        of_each = [
            self._triples(reference, [*references[:i], *references[i + 1 :]])
            for i, reference in enumerate(references)
        ]
        scores = {
            name: fmean(self._of_others(triples[name])[2] for triples in of_each)
            for name in self._names
        }
        return scores | self._of_source(references, article)

    def _of_source(self, texts: Sequence[str], article: str) -> dict[str, float]:
        if not self._has_source:
            return {}
        scores = [self._source_scorer.score(target=article, prediction=text) for text in texts]
        return {_SOURCE: fmean(score["rouge2"].precision for score in scores)}

    def _triples(self, text: str, references: Sequence[str]) -> dict[str, list[ScoreTriple]]:
        prediction, *targets = map(self._lines, (text, *references))
        scores = [self._scorer.score(target=one, prediction=prediction) for one in targets]
        return {name: [tuple(score[name]) for score in scores] for name in self._names}

    def _lines(self, text: str) -> str:
        return "\n".join(span.text for span in sentences(text)) if self._splits else text


def _differences(
    where: str, ours: Mapping[str, float | None], theirs: Mapping[str, float]
) -> Iterator[Difference]:
    for name, value in theirs.items():
        own = ours[name]
        if own != value:
            by = None if own is None else own - value
            yield Difference(f"{EQUAL_TO}: {where}.{name}", repr(own), repr(value), by)
