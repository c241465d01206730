"""What a chat judge may be asked, and how each is put to it and read."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Literal, cast, get_args

from harness.errors import ModelError
from harness.files import parse_json
from harness.models.judges.chat.meaning import NO, YES, fenced_answer, meaning_of_reply
from harness.models.judges.chat.preference import (
    FIRST,
    SECOND,
    VERDICTS,
    fenced_pair,
    preference_of_reply,
)
from harness.models.judges.chat.rubric import ASPECTS, GRADES, fenced, grade_of_reply
from harness.models.judges.opinion import Opinion

Asked = Literal["consistency", "relevance", "coherence", "fluency", "pair", "means"]
ALL_ASKED: tuple[Asked, ...] = get_args(Asked)


@dataclass(frozen=True, slots=True)
class Form:
    """How something is asked: the query's texts in `fences`, and what a reply may be.

    `fields` name the texts. A reply begins with one of `choices`, by which its `opinion` is read,
    with the probabilities of all of them where these are known.
    """

    fields: tuple[str, ...]
    fences: Callable[..., str]
    choices: tuple[str, ...]
    opinion: Callable[[str, Mapping[str, float]], Opinion]


_GRADED = Form(("text",), fenced, GRADES, grade_of_reply)
FORMS: Mapping[Asked, Form] = {
    **dict.fromkeys(ASPECTS, _GRADED),
    "pair": Form((FIRST, SECOND), fenced_pair, tuple(VERDICTS), preference_of_reply),
    "means": Form(("text",), fenced_answer, (YES, NO), meaning_of_reply),
}


def read_question(question: str) -> tuple[Asked, str]:
    """Return what a derived query asks, and its texts in fences.

    Raises ModelError for a query that is none of a judge's.
    """
    try:
        content = parse_json(question.encode())
        form = FORMS[content["aspect"]]
        texts = [content[name] for name in form.fields]
    except (ValueError, TypeError, LookupError):
        texts = [None]
    if not all(isinstance(text, str) for text in texts):
        raise ModelError("a judge was asked what it cannot judge: no text with an aspect of it")
    return cast("Asked", content["aspect"]), form.fences(*texts)
