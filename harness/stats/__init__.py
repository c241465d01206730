"""What a suite can show: intervals, paired comparisons, ranks, and the size it would need.

Pure functions over arrays of scores and the cluster (article) of each example. Questions on one
article share its difficulty, so the article, not the question, is what was sampled.
"""

from harness.stats.clusters import ClusterSums, cluster_sums
from harness.stats.intervals import Estimate, estimates, row_estimates, under
from harness.stats.paired import Comparison, ScoredRows, compare, compare_all, compare_sets
from harness.stats.planning.joint_spread import JointSpread, joint_spread
from harness.stats.planning.power import POWER, minimum_detectable_difference
from harness.stats.planning.table_power import Power, TablePower
from harness.stats.ranks import SIGNIFICANCE_LEVEL, Rank, ranks, rows_beaten
from harness.stats.repeats import (
    NestedVariance,
    RepeatVariance,
    nested_variance,
    repeat_variance,
)
from harness.stats.signflip import smallest_p
from harness.stats.student import NO_SPREAD, Interval, wilson_interval
from harness.stats.variance import VarianceComponents, variance_components

__all__ = [
    "NO_SPREAD",
    "POWER",
    "SIGNIFICANCE_LEVEL",
    "ClusterSums",
    "Comparison",
    "Estimate",
    "Interval",
    "JointSpread",
    "NestedVariance",
    "Power",
    "Rank",
    "RepeatVariance",
    "ScoredRows",
    "TablePower",
    "VarianceComponents",
    "cluster_sums",
    "compare",
    "compare_all",
    "compare_sets",
    "estimates",
    "joint_spread",
    "minimum_detectable_difference",
    "nested_variance",
    "ranks",
    "repeat_variance",
    "row_estimates",
    "rows_beaten",
    "smallest_p",
    "under",
    "variance_components",
    "wilson_interval",
]
