"""One task and scope of a run, with the suite's examples and every model's lines side by side."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import compress, product

import numpy as np
from numpy.typing import NDArray

from harness.errors import DataError, UsageError
from harness.leaderboard.leaderboard import Row
from harness.leaderboard.positions import ABSENT, Positions
from harness.leaderboard.prediction_lines import PredictionLine, select_lines
from harness.leaderboard.run_folder import Run
from harness.metrics.declaration import Declaration
from harness.records import SCOPES, Example, Question, Scope, Task
from harness.stream import Stream, read_from
from harness.suite.suite import Suite


@dataclass(frozen=True)
class TaskGroup:
    """What was asked and said of one task and scope.

    `lines` has, for each model that predicts, one entry for each of `examples`: its line, or
    `None` where a run of part of the suite has none. Both are read whenever they are gone through.
    `questions` are by their ids: those of the examples, or those that were asked of summaries.
    """

    task: Task
    scope: Scope
    metric: str
    declarations: Mapping[str, Declaration]
    rows: Sequence[Row]
    examples: Sequence[Example]
    noun: str
    questions: Mapping[str, Question]
    lines: Mapping[str, Sequence[PredictionLine | None]]

    @property
    def id(self) -> str:
        """The group's name in links."""
        return self.task if self.scope == "article" else f"{self.task}-{self.scope}"

    @property
    def title(self) -> str:
        """The group's name for people."""
        outputs = "Summaries" if self.task == "summarize" else "Answers"
        return f"{outputs} of {self.noun}s" if self.noun in SCOPES else outputs

    def score(self, line: PredictionLine | None, metric: str | None = None) -> float | None:
        """Return a line's primary score, or another; `None` where it failed or is not there."""
        return None if line is None else line.scores.get(metric or self.metric)


def task_groups(run: Run, suite: Suite) -> list[TaskGroup]:
    """Return a run's groups in the leaderboard's order.

    Raises UsageError if the run was made on other articles or goldens, DataError for lines that
    do not fit their rows or the suite.
    """
    board = run.board
    if board.suite.hash != suite.hash:
        same_suite = suite.id == board.suite.id
        raise UsageError(
            f"{run.folder}: was run on "
            + (
                f"{suite.id!r} as it was before its articles or goldens changed; run "
                "`harness eval` again"
                if same_suite
                else f"the suite {board.suite.id!r}, and this is {suite.id!r}; name its folder "
                "with --suite"
            )
        )
    groups = []
    for task, scope in product(board.primary, SCOPES):
        rows = [row for row in board.rows if (row.task, row.scope) == (task, scope)]
        if rows:
            examples = board.suite.selection.examples_of(suite, task, scope)
            groups.append(_task_group(run, suite, rows, examples))
    return groups


def _task_group(
    run: Run, suite: Suite, rows: Sequence[Row], examples: Sequence[Example]
) -> TaskGroup:
    task, scope = rows[0].task, rows[0].scope
    positions = Positions(example.id for example in examples)
    questions = {
        f"{golden.article}/{question.id}": question
        for golden in suite.goldens.values()
        for question in golden.questions
    }
    judged = {line.question for line in run.judgments if line.question}
    names = list(questions)
    asked = (
        positions.of(names) != ABSENT if task == "answer" else [name in judged for name in names]
    )
    lines: dict[str, Sequence[PredictionLine | None]] = {}
    for row in rows:
        if row.role == "people":
            continue
        row_lines = run.lines_of(row)
        at = positions.of(line.example for line in row_lines)
        for unknown in select_lines(row_lines, np.flatnonzero(at == ABSENT)[:1]):
            raise DataError(
                f"{run.folder}: {row.model} {task}: {unknown.example} is no example of the "
                "suite; look closer with `harness verify`"
            )
        lines[row.model] = beside_examples(row_lines, at, len(examples))
    return TaskGroup(
        task=task,
        scope=scope,
        metric=run.board.primary[task],
        declarations={name: line.declaration for name, line in run.board.metrics.items()},
        rows=rows,
        examples=examples,
        noun=run.board.suite.cluster_noun(scope),
        questions={name: questions[name] for name in compress(names, asked)},
        lines=lines,
    )


def beside_examples(
    lines: Sequence[PredictionLine], at: NDArray[np.int64], examples: int
) -> Sequence[PredictionLine | None]:
    """Return lines in the order of so many examples, `None` for an example that has none.

    `at` has the place of each line's example, `ABSENT` where it is none of these. A line is read
    when it is gone through; 8 bytes of each are held only where lines have another order.
    """
    number = np.full(examples, ABSENT)
    known = at != ABSENT
    number[at[known]] = np.flatnonzero(known)
    present = number != ABSENT
    in_order = select_lines(lines, number[present])
    if present.all():
        return in_order

    def read(start: int) -> Iterator[PredictionLine | None]:
        rest = read_from(in_order, int(present[:start].sum()))
        return (next(rest) if is_there else None for is_there in present[start:])

    return Stream(examples, read)
