"""What the pytest plugin gives: a suite's examples as a fixture, for tests of one's own model.

    def test_it_answers(golden_examples):
        examples = [example for example in golden_examples if example.task == "answer"]
        ...

Run with `pytest --golden-suite SUITE`, or with `golden_suite = SUITE` in pytest's configuration: a
folder with seeds/ and goldens/, `demo`, or a data set, `data:FILE`, as `--suite` takes them. A path
is as from where pytest was started, in the configuration as from pytest's root. `--goldens` and
`goldens` are the same, in projects that have neither for something else. `golden_harness_pytest` is
what pytest loads.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from harness.records import Scope, Task


@dataclass(frozen=True)
class GoldenExample:
    """One thing to predict: an article to summarize, or a question on it.

    `article` is its cleaned text; `question` is `None` for summaries. `references` are the human
    summaries, or the acceptable answers: none if the article does not say. `language` is the
    suite's, and how they are scored follows it. `refusal` says why they are not scored by it: the
    metrics do not see too many letters of the suite's references.
    """

    id: str
    task: "Task"
    scope: "Scope"
    article: str
    question: str | None
    references: tuple[str, ...]
    language: str | None = None
    refusal: str | None = None

    def score(self, prediction: str, language: str | None = None) -> dict[str, float]:
        """Return each metric's score, by the suite's language or the one that is named.

        Shares are in [0, 1]; a length and a count are not.

        Raises MetricError for what cannot be scored.
        """
        from harness.errors import MetricError
        from harness.metrics.options import MetricOptions, task_metrics
        from harness.metrics.scorer import score_text

        if self.refusal and language is None:
            raise MetricError(f"{self.refusal}; here: score(prediction, language=...)")
        options = MetricOptions(language=language or self.language)
        family = task_metrics(self.task, options)
        return score_text(family, prediction, self.references, self.article)


def read_examples(suite: str, folder: Path) -> Sequence[GoldenExample]:
    """Return the examples of a suite that is named in a folder; raise a HarnessError."""
    from harness.command.locations import located_from
    from harness.metrics.blind_spot import LetterTally
    from harness.metrics.options import MetricOptions, task_metrics
    from harness.records import SCOPES, TASKS
    from harness.suite.opening import open_suite

    opened = open_suite(located_from(suite, folder))
    options = MetricOptions(language=opened.language)
    examples: list[GoldenExample] = []
    for task in TASKS:
        scoped = [(scope, example) for scope in SCOPES for example in opened.examples(task, scope)]
        letters = LetterTally(task_metrics(task, options).blind_spot)
        letters.add(text for _, example in scoped for text in example.references)
        examples += [
            GoldenExample(
                example.id,
                task,
                scope,
                example.query.context,
                example.query.question,
                example.references,
                opened.language,
                letters.refusal,
            )
            for scope, example in scoped
        ]
    return examples
