"""How much each question counts, where what more people told counts more.

After the pyramid of Nenkova and Passonneau, "Evaluating Content Selection in Summarization: The
Pyramid Method" (2004), where content weighs as many as the references that have it.
"""

from collections.abc import Mapping, Sequence
from itertools import chain
from typing import Literal

from harness.files import canonical_json, sha256
from harness.judging.sources import Source
from harness.metrics.answers.contains import Reply, Sought
from harness.metrics.languages import language_code
from harness.records import Example, Scope, Task

QuestionWeights = Literal["references"]


def summary_weights(
    sources: Mapping[str, Source],
    examples: Mapping[tuple[Task, Scope], Sequence[Example]],
    language: str | None,
) -> dict[str, int]:
    """Return the weight of each question that an article answers, by its id.

    It is one, for whoever wrote the question, and one more for each reference of the article in
    which an acceptable answer stands word for word: from 1 to the number of references and one.
    """
    code = "en" if language is None else language_code(language)
    weights: dict[str, int] = {}
    summarized = [found for (task, _), found in examples.items() if task == "summarize"]
    for example in chain.from_iterable(summarized):
        source = sources.get(example.article.text)
        replies = [Reply(reference, code) for reference in example.references]
        for question in source.answerable if source else ():
            answers = [Sought.of(answer, code) for answer in question.references]
            told = sum(any(map(reply.contains, answers)) for reply in replies)
            weights[question.id] = 1 + told
    return weights


def weights_signature(weights: Mapping[str, int]) -> str:
    """Return what pins the weights in a signature."""
    return f"weights:1+references-{sha256(canonical_json(dict(weights)))[:8]}"
