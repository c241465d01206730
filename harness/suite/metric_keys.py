"""What a manifest says of metrics beside the usual ones: names, or a table for each."""

from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Discriminator, Field, Tag

from harness.errors import DataError, Problem, Problems, did_you_mean
from harness.files import Location, field_path
from harness.own_code.code import NamedCode
from harness.own_code.file import OwnCode
from harness.own_code.installed import METRIC_GROUP, InstalledCode, installed
from harness.validation.validation import nearest_line
from harness.validation.wording import Text

# Metrics that this package has and a leaderboard has where they are asked for.
FURTHER = ("rouge_parts", "chrf", "bertscore", "equivalence")


class MetricKeys(BaseModel):
    """A metric of your own: a class in a file, or without `file` one of an installed package."""

    model_config = ConfigDict(extra="forbid", frozen=True, use_attribute_docstrings=True)

    file: Text | None = None
    """The file, relative to this one. It is a program that is run."""
    class_name: Text | None = Field(default=None, alias="class")
    """The class in it."""
    options: dict[str, Any] = {}
    """What the class is made with, by the names of its parameters."""
    files: list[Text] = []
    """Other files and folders that it imports or reads, whose hashes count too."""

    def own_code(self, name: str, folder: Path) -> OwnCode | InstalledCode | None:
        """Return what computes the metric of that name, `None` for one of this package.

        Raises ValueError for what is not there.
        """
        if self.file is None:
            if self.class_name or self.files:
                raise ValueError('needs `file` too; write  file = "my_metric.py"')
            if name in FURTHER and not self.options:
                return None
            offered = installed(METRIC_GROUP)
            if name not in offered:
                raise ValueError(
                    f"there is no metric {name!r}{did_you_mean(name, [*FURTHER, *offered])}; "
                    'of your own it needs  file = "my_metric.py"'
                )
            return InstalledCode(offered[name], self.options)
        if self.class_name is None:
            raise ValueError('needs `class` too; write  class = "MyMetric"')
        code = OwnCode(
            (folder / Path(self.file).expanduser()).resolve(),
            self.class_name,
            self.options,
            [(folder / Path(file).expanduser()).resolve() for file in self.files],
        )
        code.refuse_without("score")
        for path in code.files:
            if not path.exists():
                raise ValueError(f"{path}: there is no such file; `files` names it")
        return code


def _shape(value: object) -> str:
    return "table" if isinstance(value, dict) else "list"


Metrics = Annotated[
    Annotated[list[Literal["rouge_parts", "chrf", "bertscore", "equivalence"]], Tag("list")]
    | Annotated[dict[str, MetricKeys], Tag("table")],
    Discriminator(_shape),
]


def further_metrics(metrics: Metrics) -> list[str]:
    """Return the metrics of this package that are named."""
    return [name for name in FURTHER if name in metrics and not _is_own(metrics, name)]


def own_metrics(
    metrics: Metrics, path: Path, lines: Mapping[Location, int] | None = None
) -> list[NamedCode]:
    """Return the metrics of one's own with their names; raise DataError with all that is wrong.

    `path` is the file that names them, from which theirs are seen. Nothing is run.
    """
    named: list[NamedCode] = []
    problems = Problems()
    for name, keys in metrics.items() if isinstance(metrics, dict) else ():
        try:
            code = keys.own_code(name, path.parent)
        except (ValueError, DataError) as error:
            location = ("metrics", name)
            line = nearest_line(location, lines or {})
            problems.append(Problem(path, str(error), field_path(location), line))
            continue
        if code is not None:
            named.append((code, name))
    problems.raise_any()
    return named


def _is_own(metrics: Metrics, name: str) -> bool:
    keys = metrics[name] if isinstance(metrics, dict) else None
    return keys is not None and (keys.file is not None or bool(keys.options))
