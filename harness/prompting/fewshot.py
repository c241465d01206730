"""The worked examples of a prompt must not give away the suite that the model is scored on."""

from collections.abc import Iterable, Iterator

from harness.errors import DataError
from harness.prompting.prompts import Prompt, Shot
from harness.suite.suite import Suite
from harness.text import sentences, words

# Sentences of fewer words stand in many articles.
_SHORTEST = 8


def refuse_given_away(prompts: Iterable[Prompt], suite: Suite) -> None:
    """Raise DataError if a few-shot example holds a text of the suite, naming both.

    Texts are compared by their words. An article must share no sentence of eight words or more
    with an article of the suite, a question must not be one of its questions, and a reply not one
    of its reference summaries.
    """
    shots = [(prompt, i, shot) for prompt in prompts for i, shot in enumerate(prompt.few_shot)]
    if not shots:
        return
    known = dict(_known(suite))
    for prompt, index, shot in shots:
        for field, text in _told(shot):
            if text in known:
                raise DataError(
                    f"the prompt {prompt.name!r}: few_shot[{index}].{field}: is in the suite, in "
                    f"{known[text]}: a model must not see what it is scored on; write another"
                )


def _known(suite: Suite) -> Iterator[tuple[tuple[str, ...], str]]:
    # Events hold the articles: the single article is the better name, so it comes last.
    for article in sorted(suite.articles.values(), key=lambda one: one.scope == "article"):
        for text in [_plain(article.text), *_long_sentences(article.text)]:
            yield text, f"the article {article.id}"
    for name, golden in suite.goldens.items():
        for question in golden.questions:
            yield _plain(question.text), f"the question {name}/{question.id}"
        for reference in golden.references:
            yield _plain(reference), f"a reference of {name}"


def _told(shot: Shot) -> Iterator[tuple[str, tuple[str, ...]]]:
    for text in [_plain(shot.article), *_long_sentences(shot.article)]:
        yield "article", text
    if shot.question is not None:
        yield "question", _plain(shot.question)
    for text in [_plain(shot.reply), *_long_sentences(shot.reply)]:
        if shot.question is None or len(text) >= _SHORTEST:
            yield "reply", text


def _long_sentences(text: str) -> Iterator[tuple[str, ...]]:
    for span in sentences(text):
        plain = _plain(span.text)
        if len(plain) >= _SHORTEST:
            yield plain


def _plain(text: str) -> tuple[str, ...]:
    return tuple(words(text))
