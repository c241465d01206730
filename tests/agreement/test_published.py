"""Public judgments: figures that others computed or published for the very same data.

The folder named by JUDGMENTS_FOLDER has the sets as `NAME.jsonl.gz` with `NAME.articles.jsonl.gz`,
and a README with figures by plain word F1 and word precision, computed without this project.
"""

import gzip
import json
import os
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from harness.agreement.answers import AnswerFigure, answer_figures
from harness.agreement.judgments.judgments import JudgedSet
from harness.agreement.judgments.reading import read_sets
from harness.agreement.measures import Values, measured
from harness.agreement.summaries import Figure, summary_figures
from harness.metrics.answers.normalization import normalize_squad
from harness.metrics.rouge.rouge import Rouge

pytestmark = pytest.mark.slow

# So many draws are enough where no interval is looked at.
FEW = 20


def _place(name: str) -> Path:
    folder = os.environ.get("JUDGMENTS_FOLDER")
    if not folder:
        pytest.skip("JUDGMENTS_FOLDER names no folder with public judgments")
    return Path(folder) / f"{name}.jsonl.gz"


@cache
def _read(path: Path) -> JudgedSet:
    (judged,) = read_sets([path])
    return judged


def _lines(path: Path) -> list[dict[str, Any]]:
    with gzip.open(path, "rt", encoding="utf-8") as file:
        return [json.loads(line) for line in file]


@cache
def _figures(path: Path, measure: str) -> dict[tuple[str, str | None], Figure]:
    judged = _read(path)
    values = measured(judged, [measure])
    figures, _ = summary_figures(judged, values, judged.aspects, draws=FEW)
    return {(figure.aspect, figure.source): figure for figure in figures}


# Of the README: word F1, the mean over the references, and word precision against the article.
# Article level and how many articles count, pooled, system level; `None` where it has no figure.
README: list[tuple[str, str, str, tuple[float, int] | None, float, float | None]] = [
    ("summeval", "coherence", "word_f1", (0.165, 100), 0.174, 0.47),
    ("summeval", "consistency", "word_f1", (0.154, 96), 0.134, 0.73),
    ("summeval", "fluency", "word_f1", (0.115, 98), 0.081, 0.68),
    ("summeval", "relevance", "word_f1", (0.309, 100), 0.288, 0.70),
    ("summeval", "coherence", "source_precision", (0.047, 99), 0.054, -0.10),
    ("summeval", "consistency", "source_precision", (0.367, 95), 0.329, 0.50),
    ("summeval", "fluency", "source_precision", (0.285, 97), 0.229, 0.20),
    ("summeval", "relevance", "source_precision", (0.088, 99), 0.097, 0.09),
    ("realsumm", "litepyramid_recall", "word_f1", (0.370, 100), 0.458, 0.42),
    ("realsumm", "litepyramid_recall", "source_precision", (0.006, 89), 0.062, 0.26),
    ("newsroom", "informativeness", "word_f1", (0.107, 60), 0.137, 0.21),
    ("newsroom", "relevance", "source_precision", (0.521, 60), 0.509, 0.29),
    ("rose_cnndm_protocol", "acu", "word_f1", (0.360, 99), 0.571, 0.36),
    ("rose_cnndm_protocol", "normalized_acu", "source_precision", (-0.057, 90), 0.047, -0.80),
    ("opinsummeval", "sentiment_consistency", "source_precision", (0.176, 100), 0.194, 0.39),
    ("summeval_op", "aspect_coverage", "word_f1", (-0.448, 32), -0.392, -0.84),
    ("summeval_op", "aspect_coverage", "source_precision", (-0.629, 32), -0.582, -0.83),
    ("squality", "overall", "word_f1", (0.679, 100), 0.566, None),
    ("multi_summeval", "focus", "word_f1", None, 0.607, None),
    ("newsllm_pairwise", "informative_preferred", "source_precision", None, 0.203, 0.36),
    ("polytope", "no_inaccuracy", "source_precision", (0.704, 107), 0.523, 0.76),
    ("qags_cnndm", "consistency", "source_precision", None, 0.407, None),
    ("qags_xsum", "consistency", "source_precision", None, 0.308, None),
    ("xsumfaith", "faithful_words", "word_f1", (0.150, 497), 0.183, 0.40),
    ("xsumfaith", "faithful_words", "source_precision", (0.196, 498), 0.400, -0.30),
    ("frank", "factuality", "word_f1", (0.237, 286), 0.336, 0.85),
    ("frank", "factuality", "source_precision", (0.368, 272), 0.750, 0.73),
    ("entfa", "entities_supported", "source_precision", None, 0.527, None),
    ("faithbench", "consistent", "source_precision", (0.186, 61), 0.133, 0.47),
    ("summedits", "consistent", "source_precision", (0.030, 160), -0.037, None),
]


@pytest.mark.parametrize(("name", "aspect", "measure", "article", "pooled", "system"), README)
def test_the_figures_that_come_with_the_judgments(
    name: str,
    aspect: str,
    measure: str,
    article: tuple[float, int] | None,
    pooled: float,
    system: float | None,
) -> None:
    figure = _figures(_place(name), measure)[aspect, None]
    if article is None:
        assert figure.article.level.spearman.value is None
    else:
        assert figure.article.level.n == article[1]
        assert figure.article.level.spearman.value == pytest.approx(article[0], abs=0.00051)
    assert figure.pooled.spearman.value == pytest.approx(pooled, abs=0.00051)
    if system is None:
        assert figure.system.spearman.value is None
    else:
        assert figure.system.spearman.value == pytest.approx(system, abs=0.0051)


@pytest.mark.parametrize(
    ("key", "article", "system"),
    [
        ("rouge_1_recall", 0.497, 0.911),
        ("rouge_2_recall", 0.421, 0.952),
        ("rouge_l_recall", 0.479, 0.903),
        ("rouge_1_f", 0.366, 0.417),
        ("rouge_2_f", 0.324, 0.400),
        ("rouge_l_f", 0.349, 0.304),
        ("bert_recall", 0.440, 0.716),
    ],
)
def test_values_that_realsumm_s_publishers_released(
    key: str, article: float, system: float
) -> None:
    """Per article over 24 systems; BARTScore's README prints 0.4975 for ROUGE-1 recall."""
    path = _place("realsumm")
    released = np.array([line.get("published", {}).get(key, np.nan) for line in _lines(path)])
    values = Values(key, "higher", "references", key, released.astype(np.float64))
    (figure,), _ = summary_figures(_read(path), [values], ["litepyramid_recall"], draws=FEW)
    assert figure.n == 2400
    assert figure.article.level.spearman.value == pytest.approx(article, abs=0.00051)
    assert figure.system.spearman.value == pytest.approx(system, abs=0.00051)


@pytest.mark.parametrize(
    ("key", "measure", "equal"), [("Rouge1", "rouge1", 0.96), ("Rouge2", "rouge2", 0.99), ("RougeL", "rougeL", 0.98)]
)  # fmt: skip
def test_rouge_is_what_frank_s_publishers_released(key: str, measure: str, equal: float) -> None:
    """To four digits, but for texts that they parted into words otherwise."""
    path = _place("frank")
    released = np.array([line["published"][key] for line in _lines(path)])
    judgments = _read(path).judgments
    family = Rouge([measure], references="best")
    scores = family.score_many([j.text for j in judgments], [j.references for j in judgments])
    ours = np.array([score[measure] for score in scores])
    assert (np.abs(ours - released) < 0.005).mean() >= equal
    assert np.corrcoef(ours, released)[0, 1] > 0.998


def test_rouge_is_near_what_realsumm_s_publishers_released() -> None:
    """By ROUGE-1.5.5 as it seems, whose words are others: ROUGE-2 is near for nine of ten."""
    path = _place("realsumm")
    lines = _lines(path)
    judgments = _read(path).judgments
    family = Rouge(["rouge1", "rouge2"], references="best")
    scores = [*family.precision_recall_f1_many([j.text for j in judgments], [j.references for j in judgments])]  # fmt: skip
    for measure, key, near in (
        ("rouge1", "rouge_1_recall", 0.72),
        ("rouge2", "rouge_2_recall", 0.9),
    ):
        pairs = [
            (score[measure].recall, line["published"][key])
            for score, line in zip(scores, lines, strict=True)
            if line.get("published")
        ]
        ours, released = np.array(pairs).T
        assert (np.abs(ours - released) < 0.005).mean() >= near
        assert np.corrcoef(ours, released)[0, 1] > 0.995


def _of_answers(name: str, *values: Values) -> dict[str, AnswerFigure]:
    judged = _read(_place(name))
    measures = [*measured(judged, ["exact_match", "f1", "contains"]), *values]
    figures, _ = answer_figures(judged, measures, judged.aspects[:1], draws=FEW)
    return {figure.measure: figure for figure in figures}


def _substring(judged: JudgedSet) -> Values:
    """Contains as the README has it: a normalized answer somewhere in the reply, words or not."""
    found = []
    for judgment in judged.judgments:
        reply = normalize_squad(judgment.text)
        answers = [normal for answer in judgment.references if (normal := normalize_squad(answer))]
        found.append(float(any(answer in reply for answer in answers)))
    return Values("substring", "higher", "references", "substring", np.array(found))


def test_answers_of_five_systems_as_evouna_s_people_judged_them() -> None:
    """The README's figures of 15,098 answers; 335 lines are marked as improper."""
    judged = _read(_place("qa_evouna_nq"))
    assert (len(judged.judgments), judged.left_out) == (15_098, 335)
    figures = _of_answers("qa_evouna_nq", _substring(judged))
    for name, accuracy, order in (
        ("exact_match", 0.388, -0.87),
        ("f1", 0.418, -0.30),
        ("substring", 0.837, 0.90),
    ):
        told = figures[name].accuracy
        assert told is not None
        assert told.value == pytest.approx(accuracy, abs=0.00051)
        assert told.always == pytest.approx(0.732, abs=0.00051)
        assert figures[name].system.spearman.value == pytest.approx(order, abs=0.0051)
    assert figures["f1"].auc.value == pytest.approx(0.890, abs=0.00051)
    substring = figures["substring"].accuracy
    assert substring is not None
    assert (substring.false_right, substring.false_wrong) == (137, 2318)
    # At word boundaries less is wrongly called right, and replies whose citations are written
    # to the word before them lose what they have.
    contains = figures["contains"].accuracy
    assert contains is not None
    assert contains.false_right < 137
    people = [row.system for row in figures["f1"].by_system]
    assert people == ["Bing Chat", "ChatGPT-4", "ChatGPT-3.5", "DPR+FiD", "text-davinci-003"]


@pytest.mark.parametrize(
    ("name", "label", "exact_match", "f1", "area"),
    [
        ("qa_nq301", "correct", 0.724, 0.784, 0.858),
        ("qa_efficientqa_nq", "correct", None, 0.889, 0.736),
        ("qa_sas_squad", "equivalent", 0.886, 0.778, 0.806),
        ("qa_truthfulqa", "correct", 0.582, 0.554, 0.505),
    ],
)
def test_right_and_wrong_answers_of_other_sets(
    name: str, label: str, exact_match: float | None, f1: float, area: float
) -> None:
    figures = _of_answers(name)
    told = figures["f1"].accuracy
    assert told is not None
    assert figures["f1"].aspect == label
    assert told.value == pytest.approx(f1, abs=0.00051)
    assert figures["f1"].auc.value == pytest.approx(area, abs=0.00051)
    if exact_match is None:
        assert "exact_match" not in figures  # it calls none right, so it says nothing
    else:
        exact = figures["exact_match"].accuracy
        assert exact is not None
        assert exact.value == pytest.approx(exact_match, abs=0.00051)


@pytest.mark.parametrize(
    ("name", "rho", "r"),
    [
        ("qa_kpqa_marco", 0.387, 0.400),
        ("qa_kpqa_marco_multi", 0.611, 0.587),
        ("qa_kpqa_avsd", 0.593, 0.609),
        ("qa_kpqa_narrativeqa", 0.713, 0.720),
        ("qa_kpqa_semeval", 0.607, 0.605),
    ],
)
def test_graded_answers(name: str, rho: float, r: float) -> None:
    pooled = _of_answers(name)["f1"].pooled
    assert pooled.spearman.value == pytest.approx(rho, abs=0.00051)
    assert pooled.pearson.value == pytest.approx(r, abs=0.00051)
