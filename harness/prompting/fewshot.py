"""The worked examples of a prompt must not give away the suite that the model is scored on."""

from collections.abc import Collection, Iterable, Iterator
from typing import NamedTuple

from harness.errors import DataError
from harness.prompting.prompts import Prompt, Shot
from harness.records import SCOPES, Article
from harness.suite.suite import Suite
from harness.text import folded, sentences, words

# Sentences of fewer words stand in many articles.
_MIN_WORDS = 8
# By so many words it is seen whether an article may have a sentence.
_BEGINNING = 4

_Words = tuple[str, ...]


def refuse_contaminated_shots(prompts: Iterable[Prompt], suite: Suite) -> None:
    """Raise DataError if a few-shot example holds a text of the suite, naming both."""
    for copied in copied_shots(prompts, suite):
        raise DataError(f"{copied}: a model must not see what it is scored on; write another")


class CopiedShot(NamedTuple):
    """A field of a prompt's worked example that holds a text of a suite, and which."""

    prompt: str
    field: str
    where: str

    def __str__(self) -> str:
        return f"the prompt {self.prompt!r}: {self.field}: is in the suite, in {self.where}"


def copied_shots(prompts: Iterable[Prompt], suite: Suite) -> Iterator[CopiedShot]:
    """Yield the texts of a suite that prompts' worked examples hold.

    Texts are compared by their words. An article must share no sentence of eight words or more
    with an article of the suite, a question must not be one of its questions, and a reply not one
    of its reference summaries.
    """
    wanted: dict[_Words, tuple[Prompt, int, str]] = {}
    for prompt in prompts:
        for index, shot in enumerate(prompt.few_shot):
            for field, text in _shot_texts(shot):
                wanted.setdefault(text, (prompt, index, field))
    if not wanted:
        return
    for text, where in _suite_texts(suite, {text[:_BEGINNING] for text in wanted}):
        if text in wanted:
            prompt, index, field = wanted[text]
            yield CopiedShot(prompt.name, f"few_shot[{index}].{field}", where)


def _suite_texts(suite: Suite, beginnings: Collection[_Words]) -> Iterator[tuple[_Words, str]]:
    """Yield the suite's texts that may begin so, one article after the other, each with what it is.

    To part all texts takes long: of most it is seen sooner that the words do not stand in them.
    """
    events = []
    for article in suite.articles.values():
        if article.scope == "event":
            events.append(article)
        else:
            yield from _article_texts(article, beginnings)
    # Events hold the articles: the single article is the better name, so it comes first.
    for article in events:
        yield from _article_texts(article, beginnings)
    for scope in SCOPES:
        for example in suite.examples("answer", scope):
            question = example.query.question or ""
            if _may_have(question, beginnings):
                yield _word_tuple(question), f"the question {example.id}"
        for example in suite.examples("summarize", scope):
            for reference in example.references:
                if _may_have(reference, beginnings):
                    yield _word_tuple(reference), f"a reference of {example.article.id}"


def _article_texts(
    article: Article, beginnings: Collection[_Words]
) -> Iterator[tuple[_Words, str]]:
    if not _may_have(article.text, beginnings):
        return
    own = words(article.text)
    yield tuple(own), f"the article {article.id}"
    if any(tuple(own[i : i + _BEGINNING]) in beginnings for i in range(len(own))):
        for text in _long_sentences(article.text):
            yield text, f"the article {article.id}"


def _may_have(text: str, beginnings: Iterable[_Words]) -> bool:
    """Return whether all words of a beginning stand somewhere in a text, if only within others."""
    letters = folded(text)
    return any(all(word in letters for word in beginning) for beginning in beginnings)


def _shot_texts(shot: Shot) -> Iterator[tuple[str, _Words]]:
    for text in [_word_tuple(shot.article), *_long_sentences(shot.article)]:
        yield "article", text
    if shot.question is not None:
        yield "question", _word_tuple(shot.question)
    for text in [_word_tuple(shot.reply), *_long_sentences(shot.reply)]:
        if shot.question is None or len(text) >= _MIN_WORDS:
            yield "reply", text


def _long_sentences(text: str) -> Iterator[_Words]:
    for sentence in sentences(text):
        sentence_words = _word_tuple(sentence.text)
        if len(sentence_words) >= _MIN_WORDS:
            yield sentence_words


def _word_tuple(text: str) -> _Words:
    return tuple(words(text))
