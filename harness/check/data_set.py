"""What a careful person would want to know of a data set before scoring anything by it."""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from itertools import chain, islice
from statistics import median

from harness.check.finding import Finding, Level
from harness.check.function_words import another_language
from harness.check.training import TrainedRows, copied_examples, trained_on_all
from harness.metrics.answers.normalization import normalize_squad
from harness.metrics.blind_spot import LetterTally
from harness.metrics.languages import language_code
from harness.metrics.options import MetricOptions, task_metrics
from harness.models.roster.roster import Entry
from harness.records import TASKS, Example
from harness.suite.data_set.suite import DataSuite
from harness.text import word_count, words

# So many findings of a rule are listed; of the others their number is told.
MOST_LISTED = 50

_Problem = tuple[Level, str, str]


def check_data_set(suite: DataSuite, entries: Sequence[Entry] = ()) -> Iterator[Finding]:
    """Yield what is found about its articles and questions, in their order and task by task.

    And which of the models were trained on it or on which of its rows, and whose prompts hold some
    of its texts. Of a text some 100 bytes are in memory.
    """
    source = suite.data.source if suite.data else suite.id
    for warning in suite.warnings:
        name = "bad-rows" if suite.data and suite.data.bad_rows else "answers-doubtful"
        yield Finding("warning", name, source, None, warning.removeprefix(f"{source}: "))
    for model, told in trained_on_all(entries, suite):
        yield Finding("warning", f"trained-on/{model}", source, None, told)
    for prompt, told in islice(copied_examples(entries, suite), MOST_LISTED):
        yield Finding("error", f"prompt-copied/{prompt}", source, None, told)
    yield from _unseen_letters(suite, source)
    counts: Counter[str] = Counter()
    levels: dict[str, Level] = {}
    for example, (level, rule, message) in _all_problems(suite, TrainedRows(entries, suite)):
        counts[rule] += 1
        levels[rule] = level
        if counts[rule] <= MOST_LISTED:
            name = f"{rule}/{example.id.partition('/')[2] or example.id}"
            yield Finding(level, name, source, None, f"{example.id}: {message}")
    for rule, count in counts.items():
        if count > MOST_LISTED:
            told = f"and {count - MOST_LISTED:,} more of {rule}"
            yield Finding(levels[rule], rule, source, None, told)
    yield from _lengths(suite, source)


def _all_problems(suite: DataSuite, trained: TrainedRows) -> Iterator[tuple[Example, _Problem]]:
    summaries = _SummaryCheck(suite)
    for example in suite.examples("summarize"):
        for problem in chain(summaries.problems(example), _trained_on(trained, example)):
            yield example, problem
    article = ""
    first_asked: dict[str, str] = {}
    for example in suite.examples("answer"):
        if example.article.id != article:
            article, first_asked = example.article.id, {}
            if not suite.database.summaries:
                for problem in summaries.of_article(example):
                    yield example, problem
        for problem in chain(
            _question_problems(example, first_asked), _trained_on(trained, example)
        ):
            yield example, problem
        first_asked.setdefault(example.query.question or "", example.id)


def _trained_on(trained: TrainedRows, example: Example) -> Iterator[_Problem]:
    for model, told in trained.problems(example):
        yield "warning", f"trained-on/{model}", told


class _SummaryCheck:
    """Looks at articles and their references, and knows those that it has seen."""

    def __init__(self, suite: DataSuite) -> None:
        self._language = language_code(suite.language) if suite.language else None
        self._articles: dict[bytes, str] = {}
        self._references: dict[int, str] = {}

    def problems(self, example: Example) -> Iterator[_Problem]:
        """Yield what is wrong with an article and its references."""
        yield from self.of_article(example)
        article = " ".join(words(example.article.text))
        if not article:
            return
        for reference in example.references:
            told = " ".join(words(reference))
            if not told:
                yield "error", "reference-empty", "its reference has no word; drop the row"
                continue
            first = self._references.setdefault(hash(told), example.id)
            if first != example.id:
                yield "warning", "reference-twice", f"has the reference of {first}"
            if f" {told} " in f" {article} ":
                yield (
                    "warning",
                    "reference-copied",
                    "its reference stands in the article word for word, so copying wins",
                )
            if word_count(reference) > word_count(example.article.text):
                yield "warning", "reference-longer", "its reference is longer than its article"

    def of_article(self, example: Example) -> Iterator[_Problem]:
        """Yield what is wrong with an article."""
        text = example.article.text
        if not words(text):
            yield "error", "article-empty", "its article has no word; drop the row"
            return
        digest = bytes.fromhex(example.article.sha256)
        first = self._articles.setdefault(digest, example.article.id)
        if first != example.article.id:
            yield "warning", "article-twice", f"has the article of {first}; drop one"
        if self._language and (other := another_language(text, self._language)):
            yield (
                "warning",
                "language",
                f"its article is in {other}, and the language stated is {self._language}",
            )


def _question_problems(example: Example, first_asked: Mapping[str, str]) -> Iterator[_Problem]:
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


def _unseen_letters(suite: DataSuite, source: str) -> Iterator[Finding]:
    """Yield an error where a run would be refused for letters that a metric does not see."""
    options = MetricOptions(language=suite.language)
    for task in TASKS:
        letters = LetterTally(task_metrics(task, options).blind_spot)
        for references in suite.all_references(task):
            letters.add(references)
        if letters.refusal:
            yield Finding("error", "unseen-letters", source, None, letters.refusal)


def _lengths(suite: DataSuite, source: str) -> Iterator[Finding]:
    """Yield a note on how long articles and references are, in words."""
    articles: Counter[int] = Counter()
    references: Counter[int] = Counter()
    for example in suite.examples("summarize"):
        articles[word_count(example.article.text)] += 1
        references.update(map(word_count, example.references))
    for what, lengths in (("articles", articles), ("references", references)):
        if lengths:
            message = (
                f"{lengths.total():,} {what}, of {median(lengths.elements()):g} words (median), "
                f"{min(lengths):,} to {max(lengths):,}"
            )
            yield Finding("note", f"length-of-{what}", source, None, message)
