"""What each measure of a summary against its article is: its range, and what it is for."""

from collections.abc import Mapping
from math import inf
from typing import Literal, NamedTuple

from harness.metrics.length import WORDS


class Measure(NamedTuple):
    """What a measure's numbers are: their range, which of them are better, and what they are for.

    `role`: "support" is what may be ranked by; "errors" are counted beside it; "copying" says how
    much of the summary is the article's own words, which is neither good nor bad; "length".
    """

    low: float
    high: float
    better: Literal["higher", "lower", "neither"]
    role: Literal["support", "errors", "copying", "length"]


MEASURES: Mapping[str, Measure] = {
    "support": Measure(0, 1, "higher", "support"),
    "support_least": Measure(0, 1, "higher", "support"),
    "source_rouge2_precision": Measure(0, 1, "higher", "support"),
    "unsupported": Measure(0, inf, "lower", "errors"),
    "unsupported_numbers": Measure(0, inf, "lower", "errors"),
    "unsupported_names": Measure(0, inf, "lower", "errors"),
    "unsupported_quotes": Measure(0, inf, "lower", "errors"),
    "unsupported_share": Measure(0, 1, "lower", "errors"),
    "novel_1grams": Measure(0, 1, "neither", "copying"),
    "novel_2grams": Measure(0, 1, "neither", "copying"),
    "novel_3grams": Measure(0, 1, "neither", "copying"),
    "extractive_coverage": Measure(0, 1, "neither", "copying"),
    "extractive_density": Measure(0, inf, "neither", "copying"),
    WORDS: Measure(0, inf, "neither", "length"),
}
