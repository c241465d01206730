"""The pytest plugin: a suite's examples as a fixture, for tests of one's own model.

    def test_it_answers(golden_examples):
        examples = [example for example in golden_examples if example.task == "answer"]
        ...

Run with `pytest --goldens DIR`, or with `goldens = DIR` in pytest's configuration. The suite and
the metrics are imported when the fixture is first used: every pytest of the environment loads
this file.
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
    summaries, or the acceptable answers: none if the article does not say.
    """

    id: str
    task: "Task"
    scope: "Scope"
    article: str
    question: str | None
    references: tuple[str, ...]

    def score(self, prediction: str) -> dict[str, float]:
        """Return each metric's score in [0, 1]; raise MetricError for what cannot be scored."""
        from harness.metrics import metrics

        return metrics(self.task).score(prediction, self.references)


def pytest_addoption(parser: pytest.Parser) -> None:
    """Add `--goldens`."""
    group = parser.getgroup("golden-harness")
    text = "folder of a suite (seeds/ and goldens/) for the fixture golden_examples"
    group.addoption("--goldens", metavar="DIR", help=text)
    parser.addini("goldens", text)


@pytest.fixture(scope="session")
def golden_examples(request: pytest.FixtureRequest) -> Sequence[GoldenExample]:
    """All examples of the suite that `--goldens` names: of both tasks, on articles and events."""
    from harness.errors import HarnessError
    from harness.records import SCOPES, TASKS
    from harness.suite.suite import read_suite

    config = request.config
    option = config.getoption("--goldens")
    folder = config.invocation_params.dir / option if option else None
    if folder is None and (configured := config.getini("goldens")):
        folder = config.rootpath / configured
    if folder is None:
        pytest.fail("golden_examples needs a suite: pytest --goldens DIR", pytrace=False)
    try:
        suite = read_suite(folder)
    except HarnessError as error:
        pytest.fail(str(error), pytrace=False)
    return [
        GoldenExample(
            example.id,
            task,
            scope,
            example.query.context,
            example.query.question,
            example.references,
        )
        for task in TASKS
        for scope in SCOPES
        for example in suite.examples(task, scope)
    ]
