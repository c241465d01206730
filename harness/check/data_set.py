"""What a careful person would want to know of a data set before scoring anything by it."""

from collections.abc import Iterator, Mapping

from harness.check.finding import Finding, Level
from harness.metrics.answers.normalization import normalize_squad
from harness.records import Example
from harness.suite.squad.suite import SquadSuite


def check_data_set(suite: SquadSuite) -> Iterator[Finding]:
    """Yield what is found about its questions, in their order and in one pass."""
    source = suite.data.source if suite.data else suite.id
    for warning in suite.warnings:
        yield Finding(
            "warning", "answers-doubtful", source, None, warning.removeprefix(f"{source}: ")
        )
    paragraph = ""
    first_asked: dict[str, str] = {}
    for example in suite.examples("answer"):
        if example.article.id != paragraph:
            paragraph, first_asked = example.article.id, {}
        for level, rule, message in _problems(example, first_asked):
            name = f"{rule}/{example.id.partition('/')[2]}"
            yield Finding(level, name, source, None, f"{example.id}: {message}")
        first_asked.setdefault(example.query.question or "", example.id)


def _problems(example: Example, first_asked: Mapping[str, str]) -> Iterator[tuple[Level, str, str]]:
    question = example.query.question or ""
    if not question.strip():
        yield "error", "question-empty", "asks nothing; drop it"
    elif question in first_asked:
        yield "warning", "question-twice", f"asks the same as {first_asked[question]}; drop one"
    for answer in example.references:
        if not normalize_squad(answer):
            yield (
                "warning",
                "answer-empty",
                f"SQuAD's normalization leaves nothing of its answer {answer!r}: by version 1.1 "
                "saying nothing matches it, by 2.0 it is passed over",
            )
        elif answer not in example.article.text:
            yield (
                "error",
                "answer-missing",
                f"its answer {answer!r} does not stand in {example.article.id}",
            )
