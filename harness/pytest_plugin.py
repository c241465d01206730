"""The pytest plugin: a suite's examples as a fixture, for tests of one's own model.

    def test_it_answers(golden_examples):
        examples = [example for example in golden_examples if example.task == "answer"]
        ...

Run with `pytest --goldens SUITE`, or with `goldens = SUITE` in pytest's configuration: a folder
with seeds/ and goldens/, `demo`, or a data set, `data:FILE`, as `--suite` takes them. A path is as
from where pytest was started, in the configuration as from pytest's root. The suite and the metrics
are imported when the fixture is first used: every pytest of the environment loads this file.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import pytest

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


def pytest_addoption(parser: pytest.Parser) -> None:
    """Add `--goldens`."""
    group = parser.getgroup("golden-harness")
    text = "suite for the fixture golden_examples: a folder, demo, or data:FILE"
    group.addoption("--goldens", metavar="SUITE", help=text)
    parser.addini("goldens", text)


@pytest.fixture(scope="session")
def golden_examples(request: pytest.FixtureRequest) -> Sequence[GoldenExample]:
    """All examples of the suite that `--goldens` names: of both tasks, on articles and events."""
    from harness.command.locations import located_from
    from harness.errors import HarnessError
    from harness.metrics.blind_spot import LetterTally
    from harness.metrics.options import MetricOptions, task_metrics
    from harness.records import SCOPES, TASKS
    from harness.suite.opening import open_suite

    config = request.config
    if option := config.getoption("--goldens"):
        name = located_from(option, config.invocation_params.dir)
    elif configured := config.getini("goldens"):
        name = located_from(configured, config.rootpath)
    else:
        pytest.fail("golden_examples needs a suite: pytest --goldens SUITE", pytrace=False)
    try:
        suite = open_suite(name)
    except HarnessError as error:
        pytest.fail(str(error), pytrace=False)
    options = MetricOptions(language=suite.language)
    found: list[GoldenExample] = []
    for task in TASKS:
        examples = [(scope, example) for scope in SCOPES for example in suite.examples(task, scope)]
        letters = LetterTally(task_metrics(task, options).blind_spot)
        letters.add(text for _, example in examples for text in example.references)
        found += [
            GoldenExample(
                example.id,
                task,
                scope,
                example.query.context,
                example.query.question,
                example.references,
                suite.language,
                letters.refusal,
            )
            for scope, example in examples
        ]
    return found
