"""The worked examples of a prompt must not give away the suite that the model is scored on."""

from collections.abc import Collection, Iterable, Iterator

from harness.errors import DataError
from harness.prompting.prompts import Prompt, Shot
from harness.records import SCOPES
from harness.suite.suite import Suite
from harness.text import sentences, words

# Sentences of fewer words stand in many articles.
_MIN_WORDS = 8
# By so many words it is seen whether an article may have a sentence.
_BEGINNING = 4

_Words = tuple[str, ...]


def refuse_contaminated_shots(prompts: Iterable[Prompt], suite: Suite) -> None:
    """Raise DataError if a few-shot example holds a text of the suite, naming both.

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
            raise DataError(
                f"the prompt {prompt.name!r}: few_shot[{index}].{field}: is in the suite, in "
                f"{where}: a model must not see what it is scored on; write another"
            )


def _suite_texts(suite: Suite, beginnings: Collection[_Words]) -> Iterator[tuple[_Words, str]]:
    """Yield the suite's texts, one article after the other, each with what it is.

    Of an article's sentences those alone that may begin so: to part all takes long.
    """
    # Events hold the articles: the single article is the better name, so it comes first.
    for scope in SCOPES:
        for article in suite.articles.values():
            if article.scope != scope:
                continue
            own = words(article.text)
            yield tuple(own), f"the article {article.id}"
            if any(tuple(own[i : i + _BEGINNING]) in beginnings for i in range(len(own))):
                for text in _long_sentences(article.text):
                    yield text, f"the article {article.id}"
    for scope in SCOPES:
        for example in suite.examples("answer", scope):
            yield _word_tuple(example.query.question or ""), f"the question {example.id}"
        for example in suite.examples("summarize", scope):
            for reference in example.references:
                yield _word_tuple(reference), f"a reference of {example.article.id}"


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
