"""The worked examples of a prompt must not give away the suite that the model is scored on."""

from collections.abc import Iterable, Iterator

from harness.errors import DataError
from harness.prompting.prompts import Prompt, Shot
from harness.suite.suite import Suite
from harness.text import sentences, words

# Sentences of fewer words stand in many articles.
_MIN_WORDS = 8


def refuse_contaminated_shots(prompts: Iterable[Prompt], suite: Suite) -> None:
    """Raise DataError if a few-shot example holds a text of the suite, naming both.

    Texts are compared by their words. An article must share no sentence of eight words or more
    with an article of the suite, a question must not be one of its questions, and a reply not one
    of its reference summaries.
    """
    shots = [
        (prompt, index, shot) for prompt in prompts for index, shot in enumerate(prompt.few_shot)
    ]
    if not shots:
        return
    suite_texts = dict(_suite_texts(suite))
    for prompt, index, shot in shots:
        for field, text in _shot_texts(shot):
            if text in suite_texts:
                raise DataError(
                    f"the prompt {prompt.name!r}: few_shot[{index}].{field}: is in the suite, in "
                    f"{suite_texts[text]}: a model must not see what it is scored on; write another"
                )


def _suite_texts(suite: Suite) -> Iterator[tuple[tuple[str, ...], str]]:
    # Events hold the articles: the single article is the better name, so it comes last.
    for article in sorted(suite.articles.values(), key=lambda article: article.scope == "article"):
        for text in [_word_tuple(article.text), *_long_sentences(article.text)]:
            yield text, f"the article {article.id}"
    for name, golden in suite.goldens.items():
        for question in golden.questions:
            yield _word_tuple(question.text), f"the question {name}/{question.id}"
        for reference in golden.references:
            yield _word_tuple(reference), f"a reference of {name}"


def _shot_texts(shot: Shot) -> Iterator[tuple[str, tuple[str, ...]]]:
    for text in [_word_tuple(shot.article), *_long_sentences(shot.article)]:
        yield "article", text
    if shot.question is not None:
        yield "question", _word_tuple(shot.question)
    for text in [_word_tuple(shot.reply), *_long_sentences(shot.reply)]:
        if shot.question is None or len(text) >= _MIN_WORDS:
            yield "reply", text


def _long_sentences(text: str) -> Iterator[tuple[str, ...]]:
    for sentence in sentences(text):
        sentence_words = _word_tuple(sentence.text)
        if len(sentence_words) >= _MIN_WORDS:
            yield sentence_words


def _word_tuple(text: str) -> tuple[str, ...]:
    return tuple(words(text))
