"""The answers of a question in the shapes that data sets keep them in, and the rules they go by.

"Ann"  ["Ann", "Ann Lee"]                            texts
{"text": ["Ann"], "answer_start": [0]}               SQuAD on the Hub
[{"text": "Ann", "answer_start": 0}]                 SQuAD as published
{"value": "Ann", "aliases": ["Ann", "Ann Lee"]}      TriviaQA
{"number": "", "date": {}, "spans": ["Ann"]}         DROP, Quoref
"""

import re
from collections.abc import Iterable, Mapping
from typing import Any, Literal

# How data sets say that there is no answer, or that it is held back, in the place of one.
_NO_ANSWERS = {
    "No Answer Present.": "is how MS MARCO says that there is no answer; write [] for that",
    "CANNOTANSWER": "is how QuAC says that there is no answer; write [] for that",
    "<unk>": "stands where TriviaQA holds an answer back; score a split that has its answers",
}
_VERSION = re.compile(r"v?(1\.1|2\.0)")


def answer_texts(value: object) -> tuple[str, ...]:
    """Return the texts that are accepted; none for an unanswerable question.

    An empty text is no answer: so FARM and others write that there is none. Raises ValueError,
    saying what it must be, for every other shape.

    >>> answer_texts({"value": "Ann", "aliases": ["Ann", "A. Lee"]})
    ('Ann', 'A. Lee')
    >>> answer_texts([{"text": "", "answer_start": -1}])
    ()
    """
    if value is None:
        return ()
    if isinstance(value, dict):
        texts = _texts_of_object(value)
    elif isinstance(value, list):
        texts = [_text_of_item(item) for item in value]
    else:
        texts = [_text(value)]
    return tuple(text for text in texts if text.strip())


def none_answerable(questions: int, unanswerable: int) -> str | None:
    """Return what to tell of a set in which no question has an answer; `None` for any other."""
    if unanswerable < questions:
        return None
    return (
        f"none of the {questions:,} questions has an answer, so saying nothing is always right; if "
        "the answers are held back, as in test sets, no score means anything"
    )


def squad_rules(version: object, unanswerable: bool) -> Literal["1.1", "2.0"]:
    """Return the version of SQuAD's rules for a set, by the version that its file names.

    1.1 knows no unanswerable question. Of a file without a version of SQuAD's those decide.

    >>> squad_rules("v2.0", False), squad_rules("1.1", False), squad_rules(None, False)
    ('2.0', '1.1', '1.1')
    """
    named = _VERSION.fullmatch(str(version))
    return "2.0" if unanswerable or (named and named[1] == "2.0") else "1.1"


def _texts_of_object(answers: Mapping[str, Any]) -> list[str]:
    if "text" in answers:
        texts = answers["text"]
        texts = [*texts] if isinstance(texts, list) else [texts]
        return [_text(text) for text in [*texts, *(answers.get("aliases") or [])]]
    if "value" in answers or "aliases" in answers:
        values = [answers[name] for name in ("value", "answer") if name in answers]
        texts = list(dict.fromkeys(map(_text, [*values, *(answers.get("aliases") or [])])))
        if not any(text.strip() for text in texts):
            raise ValueError("has neither a `value` nor `aliases`, as TriviaQA's answers have")
        return texts
    if "spans" in answers or "number" in answers:
        return [_drop_text(answers)]
    raise ValueError(f"must be a text or a list of texts, not an object of {_listed(answers)}")


def _drop_text(answers: Mapping[str, Any]) -> str:
    """Return the one text of DROP's answer: its number, its span, or its date."""
    number = str(answers["number"]) if answers.get("number") is not None else ""
    spans = list(dict.fromkeys(map(_text, answers.get("spans") or [])))
    date = answers.get("date") or {}
    parts = [date.get(part) for part in ("day", "month", "year")] if isinstance(date, dict) else []
    text = number or (spans[0] if spans else " ".join(str(part) for part in parts if part))
    if len(spans) > 1 and not number:
        raise ValueError(
            f"has {len(spans)} `spans`, which are one answer together; a text is scored against "
            "a whole answer, so write each question's accepted answers as a list of texts"
        )
    if not text.strip():
        raise ValueError("has no `spans`, number or date; write [] for an unanswerable question")
    return text


def _text_of_item(item: object) -> str:
    if not isinstance(item, dict):
        return _text(item)
    if "text" not in item:
        raise ValueError(f"must be a text or a list of texts, not objects of {_listed(item)}")
    return _text(item["text"])


def _text(value: object) -> str:
    if not isinstance(value, str):
        raise ValueError(f"must be a text or a list of texts, not {_shortened(value)}")
    if value in _NO_ANSWERS:
        raise ValueError(f"{value!r} {_NO_ANSWERS[value]}")
    return value


def _listed(names: Iterable[object]) -> str:
    return ", ".join(repr(name) for name in names) or "no keys"


def _shortened(value: object) -> str:
    text = repr(value)
    return text if len(text) <= 40 else text[:39] + "…"
