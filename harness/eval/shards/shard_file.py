"""What the run of a shard says of itself, in `shard.json`: all that a merge has to know.

A merge reads no roster and no weights: it may run where neither is, nor a GPU.
"""

from collections.abc import Iterator, Mapping
from itertools import chain
from pathlib import Path
from typing import Annotated, Literal

from pydantic import Field, TypeAdapter

from harness.errors import DataError
from harness.files import canonical_json, flat_fields, parse_json, read_text, write_atomically
from harness.judging.weights import QuestionWeights
from harness.leaderboard.judge_line import JudgeFacts, ReaderFacts
from harness.leaderboard.numbers import Part
from harness.leaderboard.rows.model_facts import ModelFacts
from harness.leaderboard.suite_line import OptionsLine, SuiteLine
from harness.run.shard import MOST_SHARDS
from harness.validation.validation import validate_output

SHARD_FILE = "shard.json"
SCHEMA_VERSION = 1

Positive = Annotated[int, Field(ge=1)]


class ShardFile(Part):
    """Which shards of which run a folder has the predictions of."""

    schema_version: Literal[1]
    """It grows when a field changes its meaning or goes."""
    shards: list[Positive]
    """The numbers of the shards, sorted: several in a folder that was merged."""
    count: Annotated[int, Field(ge=1, le=MOST_SHARDS)]
    """How many shards there are."""
    harness: str | None
    """The version of the harness."""
    suite: SuiteLine
    """Which suite is run, and how much of it in all shards together."""
    metric_options: OptionsLine | None
    """What was chosen of the metrics; null if nothing."""
    models: list[ModelFacts]
    """The models and floors, on each of their tasks, in the roster's order."""
    repeats: dict[str, Positive]
    """How often each of them is asked the same."""
    reader: ReaderFacts | None
    """Who is asked about the summaries; null for nobody."""
    no_judge: str | None
    """Why nobody is, where that is to be said."""
    judges: list[JudgeFacts] = Field(default_factory=list)
    """Which judges of the roster are asked about the summaries."""
    question_weights: QuestionWeights | None
    """How questions weigh in what the reader covers; null: all alike."""

    def write(self, folder: Path) -> None:
        """Write the file into a folder; raise StoreError."""
        write_atomically(folder / SHARD_FILE, self.model_dump_json(indent=2) + "\n")

    @property
    def name(self) -> str:
        """The shards as a person names them: `3/16`, or `1-4,7/16`."""
        return f"{listed_numbers(self.shards)}/{self.count}"

    def difference(self, other: "ShardFile") -> str | None:
        """Return what another has otherwise, in a few words; `None` if both are of one run."""
        if self.count != other.count:
            return f"one is of {self.count} shards, the other of {other.count}"
        if (self.suite.id, self.suite.hash) != (other.suite.id, other.suite.hash):
            return (
                f"the suites differ: {self.suite.id} ({self.suite.hash[:12]}) and "
                f"{other.suite.id} ({other.suite.hash[:12]})"
            )
        if self.harness != other.harness:
            return f"the versions of the harness differ: {self.harness} and {other.harness}"
        for what, fields, other_fields in self._comparable(other):
            for name in dict.fromkeys(chain(fields, other_fields)):
                values = [f.get(name, "none") for f in (fields, other_fields)]
                if values[0] != values[1]:
                    return f"{what} differ in {name}: {values[0][:80]} and {values[1][:80]}"
        return None

    def _comparable(
        self, other: "ShardFile"
    ) -> Iterator[tuple[str, Mapping[str, str], Mapping[str, str]]]:
        yield "the rosters", self._roster(), other._roster()
        yield "the choices of examples", self._choice(), other._choice()
        yield "the options", self._options(), other._options()

    def _roster(self) -> dict[str, str]:
        """Return models, what they are, the reader and the judges, as one flat list."""
        # These two are known only once the weights have come.
        left_out = {"generation", "weights_bytes"}
        named: dict[str, object] = {
            f"{model.model} {model.task}": model.model_dump(mode="json", exclude=left_out)
            for model in self.models
        }
        named["reader"] = self.reader.model_dump(mode="json") if self.reader else {}
        named["no reader"] = self.no_judge
        named |= {f"judge {judge.name}": judge.model_dump(mode="json") for judge in self.judges}
        return dict(flat_fields(named))

    def _choice(self) -> dict[str, str]:
        return dict(flat_fields(self.suite.model_dump(mode="json", exclude={"location"})))

    def _options(self) -> dict[str, str]:
        line = self.metric_options
        options = line.model_dump(mode="json", exclude_none=True) if line else {}
        weights = {"question_weights": self.question_weights}
        return dict(flat_fields({**options, **weights, "repeats": self.repeats}))


def listed_numbers(numbers: list[int]) -> str:
    """Return sorted numbers as a person lists them.

    >>> listed_numbers([1, 2, 3, 4, 7, 9, 10])
    '1-4,7,9,10'
    """
    runs: list[list[int]] = []
    for number in numbers:
        if runs and number == runs[-1][-1] + 1:
            runs[-1].append(number)
        else:
            runs.append([number])
    return ",".join(
        f"{run[0]}-{run[-1]}" if len(run) > 2 else ",".join(map(str, run)) for run in runs
    )


def read_shard_file(folder: Path) -> ShardFile | None:
    """Return what a folder's shard says of itself, `None` where there is no such file.

    Raises DataError for a file that cannot be read or is of another version.
    """
    path = folder / SHARD_FILE
    if not path.is_file():
        return None
    try:
        content = parse_json(read_text(path))
    except ValueError as error:
        raise DataError(f"{path}: not valid JSON: {error}") from None
    version = content.get("schema_version") if isinstance(content, dict) else None
    if version != SCHEMA_VERSION:
        raise DataError(
            f"{path}: of version {canonical_json(version)}, and this harness reads "
            f"{SCHEMA_VERSION}; merge with the version that ran the shards"
        )
    return validate_output(TypeAdapter(ShardFile), content, path)
