"""What a suite can show: intervals, paired comparisons, rank groups, and the size it would need.

Pure functions over arrays of scores and the cluster (article) of each example. Questions on one
article share its difficulty, so the article, not the question, is what was sampled.
"""

from harness.stats.clusters import Clustered, clustered
from harness.stats.holm import holm
from harness.stats.intervals import Estimate, estimates
from harness.stats.paired import Comparison, compare, compare_all
from harness.stats.power import POWER, articles_needed, detectable, questions_needed
from harness.stats.ranks import LEVEL, beaten, rank_groups
from harness.stats.signflip import smallest_p
from harness.stats.student import NO_SPREAD, Interval, wilson
from harness.stats.variance import Spread, spread

__all__ = [
    "LEVEL",
    "NO_SPREAD",
    "POWER",
    "Clustered",
    "Comparison",
    "Estimate",
    "Interval",
    "Spread",
    "articles_needed",
    "beaten",
    "clustered",
    "compare",
    "compare_all",
    "detectable",
    "estimates",
    "holm",
    "questions_needed",
    "rank_groups",
    "smallest_p",
    "spread",
    "wilson",
]
