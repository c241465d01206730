"""How far support agrees with people, where their judgments are there to be read.

The definition was chosen on SummEval's odd articles, counted from 1 in the order of their file; the
bars are held on the even ones, and on another set.
"""

import gzip
import json
import os
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from scipy.stats import pearsonr, spearmanr

from harness.metrics.rouge.rouge import Rouge
from harness.metrics.support.support import Support

pytestmark = pytest.mark.slow

Lines = list[dict[str, Any]]


def _read(name: str) -> tuple[Lines, Lines]:
    """Return the lines of a set's articles and of its judged summaries."""
    folder = os.environ.get("JUDGMENTS_FOLDER")
    if not folder:
        pytest.skip("JUDGMENTS_FOLDER names no folder with summeval.jsonl.gz and the other sets")
    parts = []
    for part in (f"{name}.articles", name):
        with gzip.open(Path(folder) / f"{part}.jsonl.gz", "rt", encoding="utf-8") as lines:
            parts.append([json.loads(line) for line in lines])
    return parts[0], parts[1]


def _by_article(
    articles: Lines, judged: Lines, measure: Callable[[dict[str, Any], str], float]
) -> Mapping[str, float]:
    """Return the Spearman correlation with consistency of each article that has one."""
    correlations = {}
    for article in articles:
        lines = [line for line in judged if line["article_id"] == article["article_id"]]
        people = [line["scores"]["consistency"] for line in lines]
        ours = [measure(article, line["summary"]) for line in lines]
        if len(set(people)) > 1 and len(set(ours)) > 1:
            correlations[article["article_id"]] = float(spearmanr(ours, people).statistic)
    return correlations


def _interval(differences: Sequence[float]) -> tuple[float, float]:
    """Return the 95 % interval of a mean by the bootstrap over articles."""
    values = np.array(differences)
    draws = np.random.default_rng(0).integers(0, len(values), (10_000, len(values)))
    low, high = np.quantile(values[draws].mean(axis=1), [0.025, 0.975])
    return float(low), float(high)


def test_consistency_on_the_even_articles_of_summeval() -> None:
    """Spearman per article at least .42, and surely above ROUGE-1 by all references or the first."""
    articles, judged = _read("summeval")
    even = articles[1::2]
    family, rouge = Support(), Rouge(["rouge1"])
    support = _by_article(
        even, judged, lambda a, text: family.score_with_article(text, a["article"])["support"]
    )
    assert len(support) >= 45
    assert np.mean(list(support.values())) >= 0.42

    def overlap(references: slice) -> Mapping[str, float]:
        return _by_article(
            even, judged, lambda a, text: rouge.score(text, a["references"][references])["rouge1"]
        )

    for by_rouge in (overlap(slice(None)), overlap(slice(1))):
        both = sorted(support.keys() & by_rouge.keys())
        low, _ = _interval([support[name] - by_rouge[name] for name in both])
        assert low > 0


def test_consistency_on_qags() -> None:
    """Pearson over the summaries of CNN and Daily Mail at least .62."""
    articles, judged = _read("qags_cnndm")
    texts = {article["article_id"]: article["article"] for article in articles}
    family = Support()
    ours = [
        family.score_with_article(line["summary"], texts[line["article_id"]])["support"]
        for line in judged
    ]
    people = [line["scores"]["consistency"] for line in judged]
    assert pearsonr(ours, people).statistic >= 0.62
