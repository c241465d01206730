"""How the measures of an answer disagree about it, and how long it is: what each gets wrong."""

from collections.abc import Mapping

from harness.metrics.length import WORDS

# At this score or more an answer counts as right, by any of the measures.
RIGHT = 0.5

IN_A_SENTENCE = "contains it, F1 below 50"
NEAR_IT = "F1 50 or more, does not contain it"
MORE_THAN_IT = "contains it, F1 50 or more, no exact match"
AGREED_RIGHT = "all say right"
AGREED_WRONG = "all say wrong"

# What answers are called, in the order in which they are shown.
KINDS: Mapping[str, str] = {
    IN_A_SENTENCE: "an acceptable answer stands in it, among many other words: right in a "
    "sentence perhaps, or something else that names it",
    MORE_THAN_IT: "an acceptable answer stands in it, with few other words",
    NEAR_IT: "much of an acceptable answer stands in it, but not in a row: another number or a "
    "part of the name perhaps",
    AGREED_RIGHT: "exact match, F1 and contains",
    AGREED_WRONG: "exact match, F1 and contains",
}
DISAGREEING = (IN_A_SENTENCE, MORE_THAN_IT, NEAR_IT)

# The parts by how many words a reply has, and the most words of each.
LENGTHS: Mapping[str, float] = {
    "no word": 0,
    "1 to 3 words": 3,
    "4 to 10 words": 10,
    "11 to 30 words": 30,
    "more than 30 words": float("inf"),
}


def disagreement(scores: Mapping[str, float]) -> str | None:
    """Return how exact match, F1 and contains see an answer; `None` where it lacks one of them.

    >>> disagreement({"exact_match": 0.0, "f1": 0.4, "contains": 1.0})
    'contains it, F1 below 50'
    """
    if not {"exact_match", "f1", "contains"} <= scores.keys():
        return None
    exact, near, there = (scores[name] >= RIGHT for name in ("exact_match", "f1", "contains"))
    if there and not near:
        return IN_A_SENTENCE
    if near and not there:
        return NEAR_IT
    if near and not exact:
        return MORE_THAN_IT
    return AGREED_RIGHT if near else AGREED_WRONG


def length_part(scores: Mapping[str, float]) -> str | None:
    """Return the part by length that a reply is in; `None` where its words are not counted.

    >>> length_part({"words": 4})
    '4 to 10 words'
    """
    if WORDS not in scores:
        return None
    return next(part for part, most in LENGTHS.items() if scores[WORDS] <= most)
