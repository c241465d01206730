"""A few texts whose scores are known, scored before every run: a broken metric stops it.

Each canary is a way in which metrics are known to have been wrong without anyone's notice. All of
them together take milliseconds.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from statistics import fmean
from typing import cast

from harness.errors import MetricError
from harness.metrics import PRIMARY, ArticleMetrics, Metrics
from harness.metrics.own.canaries import check_own_canaries
from harness.metrics.own.family import WithOwn
from harness.metrics.support.measures import MEASURES
from harness.records import Task

# Twelve words or more each, so that even ROUGE-9 has something to count, and few in common.
_SUMMARIES = (
    "Seven fishing boats sank near Bergen while heavy autumn storms battered western Norway.",
    "Engineers repaired the old Lisbon funicular after eleven months of careful metal work.",
    "A young pianist from Accra won first prize, playing Chopin without any printed score.",
    "Wheat prices fell sharply because Argentine farmers harvested more grain than expected.",
)
_ANSWERS = ("Bergen", "eleven months", "a pianist from Accra", "3.5%")
_NOT_LATIN = (
    "وقعت الولايات المتحدة واليابان اتفاقا جديدا بشأن المعادن النادرة في طوكيو يوم الثلاثاء الماضي",
    "भारत और जापान ने मंगलवार को नई दिल्ली में दुर्लभ खनिज पर एक नया समझौता किया",
    "美国和日本周二在东京签署了一项关于稀土的新协议",
)
# No word is lost when the sentences change places, but a subsequence sees only one of them.
_TWO_SENTENCES = ("They signed.\nMr. Xi objected.", "Mr. Xi objected.\nThey signed.")
_ARTICLE = " ".join(_SUMMARIES)
_SUPPORT = ("support", "support_least", "source_rouge2_precision")
_MAX_SHUFFLED = 0.35
_MAX_REPEATED = 0.5
# To embeddings any two texts are somewhat alike, how much is the encoder's own; none are the same.
_MAX_OF_EMBEDDINGS = 0.99

Scores = Mapping[str, float]


def check_canaries(task: Task, family: Metrics) -> None:
    """Score the canaries of a task; raise MetricError, naming the first that is not as it must be.

    Metrics are known by their names: canaries for those that `family` lacks are left out. Those of
    one's own have canaries by what they declare.
    """
    if isinstance(family, WithOwn):
        golds = _SUMMARIES if task == "summarize" else _ANSWERS
        for metric in family.own:
            check_own_canaries(task, metric, golds, _NOT_LATIN)
        family = family.base
    for name, canary in _CANARIES[task].items():
        problem = canary(family)
        if problem:
            raise MetricError(
                f"the canary {name!r} has failed: {problem}; the metric is broken and nothing was "
                "scored: install the package anew, or give other metric options"
            )


def _scores(family: Metrics, prediction: str, references: Sequence[str]) -> dict[str, float]:
    """Return what says how near a prediction is to its references: no lengths."""
    scores = family.score(prediction, references)
    return {name: value for name, value in scores.items() if name not in MEASURES}


def _gold_against_gold(golds: Sequence[str]) -> Callable[[Metrics], str]:
    def canary(family: Metrics) -> str:
        return _first_violation(
            lambda x: x == 1, "1", (_scores(family, gold, [gold]) for gold in golds)
        )

    return canary


def _empty_prediction(golds: Sequence[str]) -> Callable[[Metrics], str]:
    def canary(family: Metrics) -> str:
        # Less where what unrelated texts have is 0: BERTScore with a baseline.
        scores = (_scores(family, "", [gold]) for gold in golds)
        return _first_violation(lambda x: x <= 0, "0, or less", scores)

    return canary


def _shuffled_pairs(golds: Sequence[str]) -> Callable[[Metrics], str]:
    def canary(family: Metrics) -> str:
        pairs = zip(golds, [*golds[1:], golds[0]], strict=True)
        scores = [_scores(family, prediction, [gold]) for prediction, gold in pairs]
        means = {name: fmean(values[name] for values in scores) for name in scores[0]}
        return _first_above(_MAX_SHUFFLED, means)

    return canary


def _repeated_token(family: Metrics) -> str:
    scores = _scores(family, "paris paris paris paris paris", ["paris"])
    others = {
        name: value
        for name, value in scores.items()
        if name != "contains"
        and not name.endswith("_recall")  # nothing of the reference is missing
    }
    return _first_above(_MAX_REPEATED, others)


def _lsum_is_not_l(family: Metrics) -> str:
    prediction, reference = _TWO_SENTENCES
    scores = family.score(prediction, [reference])
    if not {"rougeL", "rougeLsum"} <= scores.keys() or scores["rougeL"] < scores["rougeLsum"]:
        return ""
    return f"rougeLsum is {scores['rougeLsum']}, no more than rougeL, for sentences that moved"


def _not_latin(task: Task) -> Callable[[Metrics], str]:
    checked_names = (PRIMARY[task], "rouge1", "contains")

    def canary(family: Metrics) -> str:
        for text in _NOT_LATIN:
            try:
                scores = family.score(text, [text])
            except MetricError:
                continue  # refused, and so not 0 in silence
            checked = {name: scores[name] for name in scores if name in checked_names}
            problem = _first_violation(lambda x: x == 1, "1 or refused", [checked])
            if problem:
                return problem
        return ""

    return canary


def _silence(family: Metrics) -> str:
    if "unanswerable:squad-1.1" in family.signatures.get("exact_match", ""):
        return ""  # where every question has an answer
    return _first_violation(lambda x: x == 1, "1", [_scores(family, "", [])]) or _first_violation(
        lambda x: x == 0, "0", [_scores(family, "Bergen", [])]
    )


def _numbers(family: Metrics) -> str:
    pairs = (("3.5%", "35"), ("-5", "5"), ("A+", "a"))
    scores = [family.score(prediction, [answer]) for prediction, answer in pairs]
    kept = [
        {name: value for name, value in item_scores.items() if name.startswith("number_")}
        for item_scores in scores
    ]
    return _first_violation(lambda x: x == 0, "0", kept)


def _in_a_sentence(family: Metrics) -> str:
    # An answer in a sentence is found, and no part of a word or number.
    text = "Seven boats sank near Bergen in 2014."
    for answer, expected in (
        ("Bergen", {"contains": 1, "token_recall": 1, "words": 7}),
        ("14", {"contains": 0}),
        ("ergen", {"contains": 0}),
    ):
        scores = family.score(text, [answer])
        for name in expected.keys() & scores.keys():
            if scores[name] != expected[name]:
                return f"{name} is {scores[name]}, must be {expected[name]}"
    return ""


def _first_above(most: float, scores: Scores) -> str:
    """Return what is wrong with the first score above `most`, or what embeddings may have."""
    for name, value in scores.items():
        limit = _MAX_OF_EMBEDDINGS if name.startswith("bertscore_") else most
        if not value <= limit:  # what is no number is above it too
            return f"{name} is {value}, must be at most {limit}"
    return ""


def _borne_out(text: str, article: str, expected: Scores) -> Callable[[Metrics], str]:
    """Return the canary of what an article bears out of a text: those of `expected` alone."""

    def canary(family: Metrics) -> str:
        if not hasattr(family, "score_with_article"):
            return ""
        scores = cast("ArticleMetrics", family).score_with_article(text, [article], article)
        wrong = [name for name in expected if name in scores and scores[name] != expected[name]]
        if not wrong:
            return ""
        return f"{wrong[0]} is {scores[wrong[0]]}, must be {expected[wrong[0]]}"

    return canary


def _first_violation(
    holds: Callable[[float], bool], expected: str, scores: Iterable[Scores]
) -> str:
    """Return what is wrong with the first score for which something does not hold, or ""."""
    for item_scores in scores:
        for name, value in item_scores.items():
            if not holds(value):
                return f"{name} is {value}, must be {expected}"
    return ""


_CANARIES: Mapping[Task, Mapping[str, Callable[[Metrics], str]]] = {
    "summarize": {
        "gold against gold": _gold_against_gold(_SUMMARIES),
        "empty prediction": _empty_prediction(_SUMMARIES),
        "shuffled pairs": _shuffled_pairs(_SUMMARIES),
        "repeated token": _repeated_token,
        "Lsum is not L": _lsum_is_not_l,
        "not Latin": _not_latin("summarize"),
        "the article itself": _borne_out(
            _ARTICLE, _ARTICLE, dict.fromkeys(_SUPPORT, 1) | {"unsupported": 0, "novel_2grams": 0}
        ),
        "another article": _borne_out(
            "In 1931 Paulo went home.", _ARTICLE, dict.fromkeys(_SUPPORT, 0) | {"unsupported": 2}
        ),
        "nothing said": _borne_out("", _ARTICLE, dict.fromkeys((*_SUPPORT, "words"), 0)),
    },
    "answer": {
        "gold against gold": _gold_against_gold(_ANSWERS),
        "empty prediction": _empty_prediction(_ANSWERS),
        "shuffled pairs": _shuffled_pairs(_ANSWERS),
        "repeated token": _repeated_token,
        "in a sentence": _in_a_sentence,
        "not Latin": _not_latin("answer"),
        "silence": _silence,
        "numbers": _numbers,
    },
}
