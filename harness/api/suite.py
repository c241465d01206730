"""A suite from Python: one that has a name, or lists, a pandas frame or a `datasets.Dataset`."""

import json
import math
import tempfile
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any

from harness.command.data_choice import NOTHING_CHOSEN, ROLES, DataChoice, Role
from harness.errors import UsageError, did_you_mean
from harness.files import write_lines
from harness.records import SCOPES, Example, Task
from harness.suite.opening import open_suite as open_named
from harness.suite.suite import Suite as OpenedSuite

# A question, and the texts that are accepted: none where the article does not answer it.
QuestionAnswers = tuple[str, str | Sequence[str]]


@dataclass(frozen=True)
class Suite:
    """What models are run on: `location`, as `--suite` names it, or `rows` of your own.

    `choice` says which column is what. Rows are written beside the run that they are used in, as
    `NAME.jsonl`, so that the run can be verified, shown and gone on with.
    """

    name: str
    location: str | None = None
    choice: DataChoice = NOTHING_CHOSEN
    rows: Sequence[Mapping[str, object]] = field(default=(), repr=False)

    @classmethod
    def of(
        cls,
        articles: Sequence[str],
        references: Sequence[str | Sequence[str]] | None = None,
        questions: Sequence[Sequence[QuestionAnswers]] | None = None,
        *,
        name: str = "suite",
    ) -> "Suite":
        """Return the suite of lists: to each article its references, its questions, or both.

        A question is a pair of its text and the answer, or a list of those that are accepted; an
        empty list where the article does not answer. Raises UsageError for lists that do not go
        together.
        """
        lists = {"references": references, "questions": questions}
        for what, given in lists.items():
            if given is not None and len(given) != len(articles):
                raise UsageError(
                    f"Suite.of: there are {len(articles)} articles and {len(given)} {what}; each "
                    "article needs its own"
                )
        if references is None and questions is None:
            raise UsageError("Suite.of: give references, questions, or both")
        return cls(name, rows=tuple(_rows(articles, references, questions)))

    @classmethod
    def of_table(
        cls, table: object, columns: Mapping[str, str] | None = None, *, name: str = "suite"
    ) -> "Suite":
        """Return the suite of a pandas frame, a `datasets.Dataset`, or a list of dicts.

        `columns` says which is the article, reference, question, answers, id or cluster, where the
        usual names do not. Raises UsageError for another object.
        """
        return cls(name, choice=_choice(columns), rows=tuple(_table_rows(table)))

    def placed(self, folder: Path) -> str:
        """Return its location, once its rows stand in a folder."""
        if self.location is not None:
            return self.location
        path = folder / f"{self.name}.jsonl"
        write_lines(path, (json.dumps(row, ensure_ascii=False) + "\n" for row in self.rows))
        return f"data:{path}"

    def open(self) -> OpenedSuite:
        """Return the articles, with what is asked of them; raise DataError for what is wrong."""
        return self._opened

    @cached_property
    def _opened(self) -> OpenedSuite:
        if self.location is not None:
            return open_named(self.location, self.choice)
        with tempfile.TemporaryDirectory() as folder:  # read once, and then in a database
            return open_named(self.placed(Path(folder)), self.choice)

    def examples(self, task: Task) -> list[Example]:
        """Return a task's examples, of articles and then of events."""
        return [example for scope in SCOPES for example in self.open().examples(task, scope)]


def open_suite(name: str | Path, columns: Mapping[str, str] | None = None) -> Suite:
    """Return a suite as `--suite` names it: a folder, `demo`, or a data set; raise DataError.

    `columns` says which column of a data set is what.
    """
    suite = Suite(str(name), str(name), _choice(columns))
    suite.open()
    return suite


def as_suite(given: object) -> Suite:
    """Return what `evaluate` was given as a suite."""
    if isinstance(given, Suite):
        return given
    if isinstance(given, str | Path):
        return Suite(str(given), str(given))
    return Suite.of_table(given)


def _choice(columns: Mapping[str, str] | None) -> DataChoice:
    chosen: dict[Role, tuple[str, ...]] = {}
    for name, column in (columns or {}).items():
        role = next((role for role in ROLES if role == name), None)
        if role is None:
            raise UsageError(f"columns: there is no role {name!r}{did_you_mean(name, ROLES)}")
        chosen[role] = (column,)
    return DataChoice(chosen) if chosen else NOTHING_CHOSEN


def _rows(
    articles: Sequence[str],
    references: Sequence[str | Sequence[str]] | None,
    questions: Sequence[Sequence[QuestionAnswers]] | None,
) -> Iterator[dict[str, object]]:
    for number, article in enumerate(articles):
        row: dict[str, object] = {"article": article}
        if references is not None:
            row["reference"] = _texts(references[number])
        if questions is None:
            yield {"id": str(number + 1), **row}
            continue
        if not questions[number] and references is not None:
            raise UsageError(
                f"Suite.of: article {number} has no question, and others have; make a suite of "
                "summaries and one of questions"
            )
        for place, (question, answers) in enumerate(questions[number], start=1):
            own = {"question": question, "answers": _texts(answers)}
            yield {"id": f"{number + 1}-{place}", **row, **own}


def _texts(given: str | Sequence[str]) -> list[str]:
    return [given] if isinstance(given, str) else list(given)


def _table_rows(table: object) -> Iterator[dict[str, object]]:
    """Yield the rows of whatever has some; cells that are no JSON are made some."""
    if hasattr(table, "to_dict") and hasattr(table, "columns"):  # a pandas frame
        frame: Any = table
        # What is missing has several values there; of a cell that is a list nothing is.
        rows: Iterable[Any] = frame.astype(object).where(frame.notna(), None).to_dict("records")
    elif isinstance(table, Mapping) or not isinstance(table, Iterable):
        more = "; name one of its splits" if isinstance(table, Mapping) else ""
        raise UsageError(
            f"a suite is a name, a Suite, a pandas frame, a datasets.Dataset or a list of dicts, "
            f"not a {type(table).__name__}{more}"
        )
    else:
        rows = table
    for number, row in enumerate(rows):
        if not isinstance(row, Mapping):
            raise UsageError(f"row {number} is a {type(row).__name__}, and must be a dict")
        yield {str(name): _plain(cell) for name, cell in row.items()}


def _plain(cell: Any) -> object:
    """Return a cell as JSON has it: arrays are lists, what is missing is null."""
    if hasattr(cell, "tolist"):
        return _plain(cell.tolist())
    if isinstance(cell, float) and math.isnan(cell):
        return None
    if isinstance(cell, Mapping):
        return {str(name): _plain(value) for name, value in cell.items()}
    if isinstance(cell, list | tuple):
        return [_plain(value) for value in cell]
    return cell if isinstance(cell, str | int | float | bool | None) else str(cell)
