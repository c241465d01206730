"""One task and scope of a run, with the suite's examples and every model's lines side by side."""

import itertools
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from harness.errors import DataError, UsageError
from harness.leaderboard.leaderboard import Row
from harness.leaderboard.prediction_lines import Line
from harness.leaderboard.run_folder import Run
from harness.records import SCOPES, Example, Question, Scope, Task
from harness.suite.suite import Suite


@dataclass(frozen=True)
class Asked:
    """What was asked and said of one task and scope.

    `lines` has, for each model that predicts, one entry for each of `examples`: its line, or
    `None` where a run of part of the suite has none. `questions` are by the example's id.
    """

    task: Task
    scope: Scope
    metric: str
    rows: Sequence[Row]
    examples: Sequence[Example]
    questions: Mapping[str, Question]
    lines: Mapping[str, Sequence[Line | None]]

    @property
    def id(self) -> str:
        """The group's name in links."""
        return self.task if self.scope == "article" else f"{self.task}-{self.scope}"

    @property
    def title(self) -> str:
        """The group's name for people."""
        what = "Summaries" if self.task == "summarize" else "Answers"
        return f"{what} of {'articles' if self.scope == 'article' else 'events'}"

    def score(self, line: Line | None) -> float | None:
        """Return a line's primary score; `None` for one that failed or is not there."""
        return None if line is None else line.scores.get(self.metric)


def all_asked(run: Run, suite: Suite) -> list[Asked]:
    """Return a run's groups in the leaderboard's order.

    Raises UsageError if the run was made on other articles or goldens, DataError for lines that
    do not fit their rows or the suite.
    """
    board = run.board
    if board.suite.hash != suite.hash:
        same = suite.id == board.suite.id
        raise UsageError(
            f"{run.folder}: was run on "
            + (
                f"{suite.id!r} as it was before its articles or goldens changed; run "
                "`harness eval` again"
                if same
                else f"the suite {board.suite.id!r}, and this is {suite.id!r}; name its folder "
                "with --suite"
            )
        )
    found = []
    for task, scope in itertools.product(board.primary, SCOPES):
        rows = [row for row in board.rows if (row.task, row.scope) == (task, scope)]
        if rows:
            examples = list(suite.examples(task, scope, board.suite.limit))
            found.append(_asked(run, suite, rows, examples))
    return found


def _asked(run: Run, suite: Suite, rows: Sequence[Row], examples: Sequence[Example]) -> Asked:
    task, scope = rows[0].task, rows[0].scope
    place = {example.id: at for at, example in enumerate(examples)}
    questions = {
        f"{golden.article}/{question.id}": question
        for golden in suite.goldens.values()
        for question in golden.questions
    }
    lines: dict[str, list[Line | None]] = {}
    for row in rows:
        if row.role == "people":
            continue
        said: list[Line | None] = [None] * len(examples)
        for line in run.of(row):
            if line.example not in place:
                raise DataError(
                    f"{run.folder}: {row.model} {task}: {line.example} is no example of the "
                    "suite; look closer with `harness verify`"
                )
            said[place[line.example]] = line
        lines[row.model] = said
    return Asked(
        task=task,
        scope=scope,
        metric=run.board.primary[task],
        rows=rows,
        examples=examples,
        questions={name: one for name, one in questions.items() if name in place}
        if task == "answer"
        else {},
        lines=lines,
    )
