"""What is asked about a summary: the golden questions of its article or event."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from harness.records import Article, Example, Query, Scope, Task
from harness.suite.suite import Suite


@dataclass(frozen=True)
class Source:
    """An article or event with its golden questions, as examples of the task `answer`."""

    article: Article
    questions: Sequence[Example]

    @property
    def answerable(self) -> list[Example]:
        """The questions that the article answers."""
        return [question for question in self.questions if question.references]

    @property
    def unanswerable(self) -> list[Example]:
        """The questions that it does not answer."""
        return [question for question in self.questions if not question.references]


def sources(
    suite: Suite, examples: Mapping[tuple[Task, Scope], Sequence[Example]]
) -> dict[str, Source]:
    """Return, by its text, each article and event that is summarized and has questions.

    `examples` are those that are run. Of these articles all questions of the suite are taken, also
    where models are asked a part of them. What has the same text has the questions of both.
    """
    summarized = {
        scope: {example.article.text for example in task_examples}
        for (task, scope), task_examples in examples.items()
        if task == "summarize"
    }
    by_text: dict[str, Source] = {}
    for scope, texts in summarized.items():
        for question in suite.examples("answer", scope):
            article = question.article
            if article.text not in texts:
                continue
            known = by_text.get(article.text, Source(article, ()))
            by_text[article.text] = Source(known.article, (*known.questions, question))
    return by_text


def derived(question: Example, text: str) -> Example:
    """Return a question with another text in the place of its article.

    Of the article itself it is the very query that the task `answer` asks.
    """
    query = Query("answer", text, question.query.question)
    return Example(question.id, question.article, query, question.references)
