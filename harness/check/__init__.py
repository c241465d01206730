"""What a careful person would want to know of a suite's articles and goldens before using them."""

from harness.check.finding import Finding, Level
from harness.check.suite import CheckReport, check_suite

__all__ = ["CheckReport", "Finding", "Level", "check_suite"]
