"""What a careful person would want to know of a suite's articles and goldens before using them."""

from harness.check.finding import Finding, Level
from harness.check.suite import Report, check

__all__ = ["Finding", "Level", "Report", "check"]
