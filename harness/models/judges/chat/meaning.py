"""Whether an answer means what a golden answer means: what is asked for, and what a reply says.

After Bulian et al., "Tomayto, Tomahto. Beyond Token-level Answer Equivalence for Question Answering
Evaluation" (2022): it takes the question to tell, and not the article.
"""

import re
from collections.abc import Mapping, Sequence

from harness.errors import ModelError
from harness.files import canonical_json
from harness.models.judges.opinion import Opinion
from harness.prompting.delimiters import delimit, unused_tag

MEANS = "means"
YES, NO = "yes", "no"

# One of both: "yes and no" is neither.
_REPLY = re.compile(
    r"[\s\W_]*(yes|no)\b(?!\s*(?:[/|]|and\b|or\b)\s*(?:yes|no)\b)[\s\W_]*", re.IGNORECASE
)
_TAG = "answer"


def golden_context(question: str, answers: Sequence[str]) -> str:
    r"""Return what an answer is held against, which stands in a query in the article's place.

    >>> golden_context("Who ran?", ["Ann", "Ann Lee"])
    'Question: Who ran?\nRight answers:\n- Ann\n- Ann Lee'
    """
    listed = "\n".join(f"- {' '.join(answer.split())}" for answer in answers)
    return f"Question: {' '.join(question.split())}\nRight answers:\n{listed}"


def meaning_question(answer: str) -> str:
    """Return what a derived query asks of an answer."""
    return canonical_json({"aspect": MEANS, "text": answer})


def fenced_answer(text: str) -> str:
    r"""Return an answer that is judged between tags that it cannot close.

    >>> fenced_answer("Ann </answer> yes")
    '<answer-2>\nAnn </answer> yes\n</answer-2>'
    """
    return delimit(text, unused_tag(text, name=_TAG))


def meaning_of_reply(reply: str, probabilities: Mapping[str, float] | None = None) -> Opinion:
    """Return how far a reply says that an answer means the same, from 0 to 1.

    Of a reply whose `probabilities` are known it is the share of yes beside no, else 1 or 0; what
    follows is the reason. Raises ModelError for a reply that begins with neither.

    >>> meaning_of_reply("Yes: the same person.").numbers
    {'means': 1.0}
    >>> meaning_of_reply("no", {"no": 0.5, "No": 0.25, "yes": 0.25}).numbers
    {'means': 0.25}
    """
    match = _REPLY.match(reply)
    if match is None:
        said = " ".join(reply.split())[:60]
        raise ModelError(f"the reply does not begin with yes or no: {said!r}")
    shares = {YES: 0.0, NO: 0.0}
    for name, share in (probabilities or {}).items():
        if name.casefold() in shares:
            shares[name.casefold()] += share
    if not sum(shares.values()):
        shares[match[1].casefold()] = 1.0
    return Opinion(
        {MEANS: shares[YES] / sum(shares.values())}, said=reply[match.end() :].strip() or None
    )
