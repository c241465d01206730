"""`samples_*.jsonl` of lm-evaluation-harness: what its model said, and what it scored that with."""

import itertools
import json
import math
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from harness.errors import DataError
from harness.external.outputs import ExternalPrediction
from harness.files import shipped_path
from harness.leaderboard.leaderboard import Row
from harness.prompting.prompts import read_prompt

# What a sample has, whatever its task (lm-eval 0.4.13).
_KEYS = {"doc_id", "doc", "filtered_resps", "resps", "arguments"}
# What its documents may be named by, as tasks have it; else they are numbered.
_IDS = ("id", "_id", "qid", "question_id")


def are_samples(path: Path) -> bool:
    """Return whether a file has samples of lm-evaluation-harness."""
    if path.suffix != ".jsonl" or not path.is_file():
        return False
    try:
        with path.open("rb") as file:
            first = json.loads(file.readline())
    except ValueError:
        return False
    return isinstance(first, dict) and first.keys() >= _KEYS


def read_samples(path: Path) -> Iterator[ExternalPrediction]:
    """Yield what was said of each document; raise DataError for what is no sample.

    Of a task that `harness export` wrote a reply is read by the prompt that was exported. A sample
    is named by its document's id, or else by its place among the documents, from 1.
    """
    prompts = {file.stem: file for file in shipped_path("prompts").glob("*.toml")}
    for where, sample in _samples(path):
        document = sample["doc"] if isinstance(sample["doc"], dict) else {}
        text = sample["filtered_resps"]
        while isinstance(text, list) and text:
            text = text[0]
        if not isinstance(text, str):
            raise DataError(f"{where}: filtered_resps has no text; only tasks that write are read")
        named = document.get("prompt_name")
        if named in prompts:
            text = read_prompt(prompts[named]).postprocess(text)
        name = next((str(document[key]) for key in _IDS if key in document), None)
        yield ExternalPrediction(where, name, text, None)


def difference_lines(path: Path, row: Row) -> list[str]:
    """Return for each metric that both have, by its name, the two means and how they differ."""
    values: dict[str, list[float]] = {}
    for _, sample in _samples(path):
        for name in row.metrics:
            value = sample.get(name)
            if isinstance(value, int | float) and not isinstance(value, bool):
                values.setdefault(name, []).append(value)
    lines = []
    for name, theirs in values.items():
        mean, ours = math.fsum(theirs) / len(theirs), row.metrics[name].mean
        if ours is not None:
            lines.append(
                f"{row.model}: {name} is {ours:.6g} here and {mean:.6g} by lm-eval, a difference "
                f"of {ours - mean:+.3g}"
            )
    return lines


def _samples(path: Path) -> Iterator[tuple[str, Mapping[str, Any]]]:
    with path.open(encoding="utf-8") as file:
        for number, line in zip(itertools.count(1), file, strict=False):
            try:
                sample = json.loads(line)
            except ValueError as error:
                raise DataError(f"{path}:{number}: not valid JSON: {error}") from None
            if not isinstance(sample, dict) or not sample.keys() >= _KEYS:
                raise DataError(f"{path}:{number}: is no sample of lm-eval")
            yield f"{path}:{number}", sample
