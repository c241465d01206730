"""Time and memory of the statistics of a million scores: 20 models, 50,000 questions.

    python benchmarks/stats.py

5,000 articles of ten questions; all intervals, and all 190 pairs. Fails over 10 s or 1 GB.
"""

import os
import resource
import time

os.environ.setdefault("OMP_NUM_THREADS", "1")
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")

import numpy as np

from harness.stats import compare_all, estimates, rows_beaten

MODELS, ARTICLES, QUESTIONS = 20, 5_000, 10


def main() -> None:
    """Make the scores, time both parts, print a line each."""
    rng = np.random.default_rng(0)
    ease = rng.normal(size=(1, ARTICLES, 1)) + rng.normal(size=(MODELS, ARTICLES, QUESTIONS))
    skill = np.linspace(-0.1, 0.1, MODELS)[:, None]
    scores = 1 / (1 + np.exp(-(ease.reshape(MODELS, -1) + skill)))
    articles = np.repeat([f"article-{i}" for i in range(ARTICLES)], QUESTIONS)

    start = time.perf_counter()
    means = estimates(scores, articles)
    halfway = time.perf_counter()
    pairs = compare_all(scores, articles)
    end = time.perf_counter()
    assert all(estimate.interval and estimate.bootstrap for estimate in means)
    distinct = sum(len(rows) for rows in rows_beaten(pairs, MODELS))
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024

    print(f"{scores.size:,} scores: {MODELS} models, {ARTICLES:,} articles, one thread")
    print(f"intervals of {len(means)} means, t and BCa of 10,000 draws: {halfway - start:.1f} s")
    print(f"{len(pairs)} pairs, of which {distinct} are told apart: {end - halfway:.1f} s")
    print(f"together {end - start:.1f} s, peak memory of the process {peak / 1e6:.0f} MB")
    assert end - start < 10, "over 10 s"
    assert peak < 1e9, "over 1 GB"


if __name__ == "__main__":
    main()
