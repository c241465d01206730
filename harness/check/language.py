"""Whether the metrics see the letters of the goldens, by the language that the suite names."""

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

from harness.check.finding import Finding
from harness.metrics.blind_spot import LetterTally
from harness.metrics.options import MetricOptions, task_metrics
from harness.records import Article, Task
from harness.suite.goldens import GoldenFile


def check_language(
    manifest: Path, articles: Mapping[str, Article], files: Sequence[GoldenFile]
) -> Iterator[Finding]:
    """Yield an error where a run would be refused for letters that a metric does not see."""
    languages = {article.language for article in articles.values()}
    options = MetricOptions(language=languages.pop() if len(languages) == 1 else None)
    references: Mapping[Task, list[str]] = {
        "summarize": [text for file in files for text in file.golden.references],
        "answer": [
            text
            for file in files
            for question in file.golden.questions
            for text in question.answers
        ],
    }
    for task, texts in references.items():
        letters = LetterTally(task_metrics(task, options).blind_spot)
        letters.add(texts)
        if letters.refusal:
            message = f"{letters.refusal}; in the manifest that is `language`"
            yield Finding("error", "language", str(manifest), None, message)
