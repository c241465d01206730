"""What a score could be: people against people, and the best that copying can do.

Neither is a model: both see the references. They are rows of the leaderboard, marked as what
they are, so that a model's score can be read between a floor and a ceiling.
"""

from array import array
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from statistics import fmean
from typing import Literal

from harness.metrics import BatchMetrics, Metrics
from harness.metrics.options import USUAL, MetricOptions, further_families, rouge
from harness.metrics.own.family import WithOwn
from harness.metrics.rouge.parts import RougeWithParts
from harness.metrics.rouge.sentence_choice import SentenceChoice
from harness.metrics.summary import Summary
from harness.records import Example, Scope, Task
from harness.stream import Stream, read_from
from harness.text import SENTENCE_SPLITTER, Span, sentences

PEOPLE = "people"
ORACLE = "oracle-extractive"
ORACLE_SENTENCES = 3

# What pins the oracle's choice, as a model's identity pins its outputs.
ORACLE_IDENTITY = {
    "kind": ORACLE,
    "revision": 1,
    "sentences": ORACLE_SENTENCES,
    "gain": "rouge1 f1 + rouge2 f1, best reference",
    "splitter": SENTENCE_SPLITTER,
}


def oracle_identity(options: MetricOptions = USUAL) -> dict[str, object]:
    """Return what pins the oracle's choice by metrics of these options."""
    chosen = options.of("summarize")
    return {**ORACLE_IDENTITY, "metrics": chosen} if chosen else dict(ORACLE_IDENTITY)


def people_scores(
    example: Example, options: MetricOptions = USUAL, family: Metrics | None = None
) -> dict[str, float] | None:
    """Return what `People` says of one example."""
    return People(options, family).scores(example)


class People:
    """Holds the references of one example after the other against each other.

    The score is the mean over references of each against the others. A model's is the mean over the
    same sets of references, each with one left out, so the two are compared on the same number of
    references: the jackknife of Lin (2004), section 2.1. Where the mean over references is chosen
    for models, it is so for people too; where the best, people have one reference less to be like.

    With the leaderboard's `family` each reference is held against the article too, which needs no
    other reference.
    """

    def __init__(self, options: MetricOptions = USUAL, family: Metrics | None = None) -> None:
        """Take what is chosen of the metrics."""
        rule: Literal["best", "mean"] = "mean" if options.references == "mean" else "best"
        overlap = rouge(options, rule)
        with_parts = "rouge_parts" in (options.further or ())
        by_references: BatchMetrics = RougeWithParts(overlap) if with_parts else overlap
        self._families = [by_references, *further_families(options, rule)]
        self._own = family if isinstance(family, WithOwn) else None
        base = self._own.base if self._own else family
        self._of_article = base if isinstance(base, Summary) else None

    def scores(self, example: Example) -> dict[str, float] | None:
        """Return an example's scores by metric, `None` where there is no other reference."""
        references = example.references
        if len(references) < 2:
            return None
        others = [[*references[:i], *references[i + 1 :]] for i in range(len(references))]
        means: dict[str, float] = {}
        for family in self._families:
            scores = list(family.score_many(references, others))
            means |= {name: fmean(one[name] for one in scores) for name in scores[0]}
        if self._of_article:
            article = example.article.text
            borne_out = [self._of_article.against_article(text, article) for text in references]
            for name in self._of_article.signatures:
                if values := [one[name] for one in borne_out if name in one]:
                    means[name] = fmean(values)
        if self._own:
            own = self._own.own_scores(references, others, example.article.text)
            for name in self._own.signatures:
                if values := [one[name] for one in own if name in one]:
                    means[name] = fmean(values)
        return means


def has_people(examples: Iterable[Example]) -> bool:
    """Whether people can be held against people: every example has two references."""
    return all(len(example.references) > 1 for example in examples)


def oracle_texts(
    examples: Mapping[tuple[Task, Scope], Sequence[Example]],
    options: MetricOptions = USUAL,
    progress: Callable[[int], object] | None = None,
) -> dict[Scope, Sequence[str]]:
    """Return what the oracle chooses of each example of the task `summarize`, by scope.

    Of an example 24 bytes stay, where its sentences stand in the context: the texts are read again.
    `progress` is called with the number of examples since it was called before.
    """
    oracle = Oracle(options)
    return {
        scope: _texts_of(oracle, task_examples, progress)
        for (task, scope), task_examples in examples.items()
        if task == "summarize"
    }


def _texts_of(
    oracle: "Oracle", examples: Sequence[Example], progress: Callable[[int], object] | None
) -> Sequence[str]:
    ends = array("i")  # of each sentence its start and its end; nothing stands at (0, 0)
    width = 2 * ORACLE_SENTENCES
    for example in examples:
        spans = oracle.choose(example.query.context, example.references)
        of_example = [end for span in spans for end in (span.start, span.end)]
        ends.extend(of_example + [0] * (width - len(of_example)))
        if progress:
            progress(1)

    def read(start: int) -> Iterator[str]:
        for index, example in enumerate(read_from(examples, start), start):
            own = ends[width * index : width * (index + 1)]
            spans = zip(own[::2], own[1::2], strict=True)
            yield "\n".join(example.query.context[a:b] for a, b in spans if b)

    return Stream(len(examples), read)


def oracle_extractive(
    context: str, references: Sequence[str], options: MetricOptions = USUAL
) -> str:
    """Return up to three sentences of `context`, one a line, chosen with the references in hand."""
    return "\n".join(span.text for span in Oracle(options).choose(context, references))


class Oracle:
    """Chooses sentences with the references in hand, of one article after the other.

    Greedy, as the oracle of extractive summarization is: each step takes the sentence that adds
    most to ROUGE-1 plus ROUGE-2 F1 (Nallapati et al., "SummaRuNNer", 2017, section 3.1), the
    first of equals, and none if nothing adds.
    """

    def __init__(self, options: MetricOptions = USUAL) -> None:
        """Take the options that tell words."""
        self._rouge = rouge(options, "best", ("rouge1", "rouge2"))
        self._choice = SentenceChoice(self._rouge.vocabulary)

    def choose(self, context: str, references: Sequence[str]) -> list[Span]:
        """Return up to three sentences, in their order; raise MetricError as `Rouge.score` does."""
        for reference in references:
            self._rouge.refuse_unseen(reference)
        candidates = sentences(context)
        texts = [span.text for span in candidates]
        places = self._choice.choose(texts, references, ORACLE_SENTENCES)
        return [candidates[place] for place in places]
