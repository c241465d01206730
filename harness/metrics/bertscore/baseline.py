"""Baselines of BERTScore: what unrelated texts score, by layer, in the files that are published.

A score x becomes (x - b) / (1 - b): 0 is what unrelated texts have, 1 stays 1. Scores of one model
then spread over more of the range; their order is as before.
"""

import csv
from pathlib import Path

from harness.errors import DataError, Problem
from harness.files import read_text
from harness.metrics.bertscore.matching import BertScores

_COLUMNS = ["LAYER", "P", "R", "F"]


def read_baseline(path: Path, layer: int) -> BertScores:
    """Return the baseline of a layer out of a file as bert_score has one for each model.

    That has the columns LAYER, P, R and F, parted by commas whatever it is called, or by tabs.
    Raises DataError for a file that cannot be read, has no such layer, or has other than numbers
    from 0 to below 1.
    """
    text = read_text(path)
    header, *lines = text.splitlines() or [""]
    delimiter = "\t" if "\t" in header else ","
    if [name.strip() for name in header.split(delimiter)] != _COLUMNS:
        raise DataError(
            Problem(
                path,
                f"has no line {','.join(_COLUMNS)} at its beginning; take a file of bert_score's "
                "rescale_baseline",
                line=1,
            )
        )
    for line, row in enumerate(csv.reader(lines, delimiter=delimiter), start=2):
        if row and row[0].strip() == str(layer):
            return _values(path, line, row)
    raise DataError(Problem(path, f"has no layer {layer}; take the file of this very model"))


def rescaled(score: float, baseline: float) -> float:
    """Return a score on the scale on which the baseline is 0."""
    return (score - baseline) / (1 - baseline)


def _values(path: Path, line: int, row: list[str]) -> BertScores:
    try:
        values = [float(cell) for cell in row[1:]]
    except ValueError:
        values = []
    if len(values) != 3 or not all(0 <= value < 1 for value in values):
        raise DataError(
            Problem(path, "a baseline is three numbers from 0 to below 1: P, R and F", line=line)
        )
    return BertScores(*values)
