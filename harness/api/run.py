"""A run from Python: its rows, a table, every example, and the page in a notebook."""

import html
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from harness.errors import UsageError
from harness.leaderboard.leaderboard import Leaderboard, Row
from harness.leaderboard.printing.tables import tables
from harness.leaderboard.run_folder import Run as RunFolder
from harness.leaderboard.run_folder import read_run as read_folder
from harness.progress import quiet
from harness.records import SCOPES, TASKS, Scope, Task
from harness.requirements import missing_packages
from harness.tables.notebook import notebook_text

if TYPE_CHECKING:
    import pandas as pd

_HEIGHT = 640  # of a page in a notebook, in pixels


@dataclass(frozen=True, slots=True)
class ExampleResult:
    """What a model said of one example, and what it scored; with an `error` it said nothing."""

    model: str
    task: Task
    scope: Scope
    example: str
    article: str
    question: str | None
    references: tuple[str, ...]
    text: str
    error: str | None
    scores: Mapping[str, float]


@dataclass(frozen=True)
class Report:
    """The page of a run; a notebook shows it."""

    path: Path

    def _repr_html_(self) -> str:
        page = html.escape(self.path.read_text(encoding="utf-8"), quote=True)
        style = f"width: 100%; height: {_HEIGHT}px; border: 1px solid #ccc"
        return f'<iframe sandbox="allow-scripts" style="{style}" srcdoc="{page}"></iframe>'


@dataclass(frozen=True)
class Run:
    """A finished run in a folder. A notebook shows its leaderboard."""

    folder: Path
    _read: RunFolder = field(repr=False)

    @property
    def leaderboard(self) -> Leaderboard:
        """All that `leaderboard.json` says."""
        return self._read.board

    @property
    def rows(self) -> Sequence[Row]:
        """The leaderboard's rows, best first of each task and scope."""
        return self.leaderboard.rows

    def row(self, model: str, task: Task, scope: Scope = "article") -> Row:
        """Return a row; raise UsageError where there is none."""
        for row in self.rows:
            if (row.model, row.task, row.scope) == (model, task, scope):
                return row
        raise UsageError(f"{self.folder}: there is no row of {model} {task} {scope}")

    @property
    def failed(self) -> int:
        """How many predictions failed; they are in no mean."""
        return sum(row.counts.error for row in self.rows)

    def table(self) -> "pd.DataFrame":
        """Return a pandas frame with a line for each row and metric; raise UsageError without it.

        `low` and `high` are the ends of the 95 % interval.
        """
        if missing := missing_packages("pandas"):
            raise UsageError(missing.message("run.table()"))
        import pandas as pd

        return pd.DataFrame([*_table_lines(self.leaderboard)])

    def examples(self) -> list[ExampleResult]:
        """Return every prediction with what was asked and what it scored, in the rows' order."""
        with quiet():  # how its data are read was said when it was run
            suite = self._read.suite()
        asked = {
            (task, scope, example.id): example
            for task in TASKS
            for scope in SCOPES
            for example in suite.examples(task, scope)
        }
        return [
            ExampleResult(
                line.model, line.task, row.scope, line.example,
                example.article.text, example.query.question, example.references,
                line.text, line.error, dict(line.scores),
            )
            for row in self.rows
            for line in self._read.lines_of(row)
            for example in [asked[row.task, row.scope, line.example]]
        ]  # fmt: skip

    def report(self) -> Report:
        """Write the page of the run and return it; raise UsageError where a package is missing."""
        from harness.report.write import write_report

        with quiet():
            return Report(write_report(self.folder))

    def _repr_markdown_(self) -> str:
        return notebook_text(tables(self.leaderboard), "run.table()")


def read_run(path: str | Path) -> Run:
    """Return the run in a folder that `harness eval` or `evaluate` wrote; raise DataError."""
    folder = Path(path)
    if not folder.is_dir():
        folder = folder.parent
    return Run(folder, read_folder(folder))


def _table_lines(board: Leaderboard) -> Iterator[dict[str, Any]]:
    for row in board.rows:
        for name, number in row.metrics.items():
            interval = number.interval
            yield {
                "task": row.task,
                "scope": row.scope,
                "model": row.model,
                "role": row.role,
                "rank": row.rank,
                "metric": name,
                "primary": board.primary[row.task] == name,
                "mean": number.mean,
                "low": interval.low if interval else None,
                "high": interval.high if interval else None,
                "n": number.n,
                "failed": row.counts.error,
                "signature": number.signature,
            }
