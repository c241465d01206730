"""What the official SQuAD scripts compute over all questions of a set.

Names, units (percent) and the order of every sum are those of evaluate-v1.1.py and
evaluate-v2.0.py, so that a number equals the script's to the last bit. A question without a
prediction scores 0 and stays in every denominator: evaluate-v1.1.py says so, evaluate-v2.0.py
stops at one.
"""

from collections.abc import Iterable, Mapping, Sequence


def squad_1_1_totals(exact: Sequence[float], f1: Sequence[float]) -> dict[str, float]:
    """Return `exact_match` and `f1` in percent, as evaluate-v1.1.py prints them.

    The arguments are the scores of each question, in the order of the data set.

    >>> squad_1_1_totals([1.0, 0.0], [1.0, 0.5])
    {'exact_match': 50.0, 'f1': 75.0}
    """
    return {
        "exact_match": _percent(map(_whole, exact), len(exact)),
        "f1": 100.0 * _uncompensated_sum(f1) / len(f1),
    }


def squad_2_0_splits(
    exact: Sequence[float], f1: Sequence[float], answerable: Sequence[bool | int]
) -> dict[str, float]:
    """Return `exact`, `f1`, `total`, and the same over `HasAns_` and `NoAns_` questions.

    As evaluate-v2.0.py prints them: in percent, in its order, without a split that is empty.
    `answerable` says of each question whether the data set gives any answer.
    """
    # The script's F1 of a question without answers is an integer. Where `sum` compensates, as
    # from Python 3.12 on, integers and floats are added differently.
    numbers = [f1[i] if has_answer else _whole(f1[i]) for i, has_answer in enumerate(answerable)]
    results = _split("", exact, numbers, range(len(exact)))
    with_answers = [i for i, has_answer in enumerate(answerable) if has_answer]
    without_answers = [i for i, has_answer in enumerate(answerable) if not has_answer]
    for prefix, questions in (("HasAns_", with_answers), ("NoAns_", without_answers)):
        if questions:
            results |= _split(prefix, exact, numbers, questions)
    return results


def best_threshold(
    scores: Sequence[float],
    answerable: Sequence[bool | int],
    nonempty: Sequence[bool | int],
    probabilities: Mapping[int, float],
) -> tuple[float, float]:
    """Return the best mean score in percent that refusing by probability gives, and its threshold.

    `probabilities` are of no answer, by the question's place in the other arguments; questions
    without a prediction have none. A question is refused if its probability is above the
    threshold. `nonempty` tells which predictions are not empty. The threshold is found as
    evaluate-v2.0.py finds it: from the lowest probability on, one question after the other in the
    order given where probabilities are equal, the first of the best; 0.0 if refusing all is best.
    """
    # With everything refused, exactly the questions without answers are right.
    score: float = sum(not answerable[i] for i in probabilities)
    best, threshold = score, 0.0
    for question in sorted(probabilities, key=probabilities.__getitem__):
        if answerable[question]:
            score += scores[question]
        elif nonempty[question]:
            score -= 1
        if score > best:
            best, threshold = score, probabilities[question]
    return 100.0 * best / len(scores), threshold


def best_thresholds(
    exact: Sequence[float],
    f1: Sequence[float],
    answerable: Sequence[bool | int],
    nonempty: Sequence[bool | int],
    probabilities: Mapping[int, float],
) -> dict[str, float]:
    """Return `best_exact`, `best_f1` and their thresholds; see `best_threshold`."""
    best_exact, exact_threshold = best_threshold(exact, answerable, nonempty, probabilities)
    best_f1, f1_threshold = best_threshold(f1, answerable, nonempty, probabilities)
    return {
        "best_exact": best_exact,
        "best_exact_thresh": exact_threshold,
        "best_f1": best_f1,
        "best_f1_thresh": f1_threshold,
    }


def _split(
    prefix: str, exact: Sequence[float], f1: Sequence[float], questions: Sequence[int]
) -> dict[str, float]:
    return {
        f"{prefix}exact": _percent((_whole(exact[i]) for i in questions), len(questions)),
        f"{prefix}f1": _percent((f1[i] for i in questions), len(questions)),
        f"{prefix}total": len(questions),
    }


def _whole(score: float) -> float:
    """Return a score as the integer that it is for the script; a mean over repeats may be none."""
    return int(score) if score == int(score) else score


def _percent(numbers: Iterable[float], count: int) -> float:
    return 100.0 * sum(numbers) / count


def _uncompensated_sum(numbers: Iterable[float]) -> float:
    """Return the sum as evaluate-v1.1.py makes it: by `+=`, which never compensates."""
    total = 0.0
    for number in numbers:
        total += number
    return total
