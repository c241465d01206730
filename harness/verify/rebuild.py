"""A leaderboard made anew from the lines of its predictions and the suite."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import compress, islice

import numpy as np
from numpy.typing import NDArray

from harness.errors import MetricError
from harness.external.reference_suite import ReferenceSuite
from harness.judging.judgment_lines import JudgmentLine
from harness.judging.opinions.panel import with_meanings
from harness.leaderboard.assembly import assemble_leaderboard
from harness.leaderboard.judges.length_effect import with_length_effects
from harness.leaderboard.judges.preferences import with_preferences
from harness.leaderboard.leaderboard import Leaderboard, Row
from harness.leaderboard.positions import ABSENT, Positions
from harness.leaderboard.prediction_lines import PredictionLine, RepeatLine, RowKey, select_lines
from harness.leaderboard.rows.model_rows import oracle_predictions, recomputed_row
from harness.leaderboard.run_folder import Run
from harness.leaderboard.suite_line import ReferencesLine
from harness.metrics.ceiling import ORACLE, oracle_texts
from harness.models.roster.encoders import with_answer_judge, with_encoder
from harness.own_code.code import NamedCode
from harness.records import Example, Scope, ScoredPrediction, Task
from harness.run.keys import PredictionKeys
from harness.run.predict import Predicted
from harness.run.repeats import combined
from harness.run.scoring import RowToScore, score_rows, suite_metrics
from harness.run.store import StoredPrediction
from harness.stream import Stream
from harness.suite.suite import Suite
from harness.verify.judgments import rebuilt_judging

# What is unknown of the examples: where they are scored does not matter to what is compared.
UNKNOWN_ENVIRONMENT: Mapping[str, object] = {}

TaskScope = tuple[Task, Scope]


@dataclass(frozen=True)
class RebuiltRun:
    """The leaderboard as it should be, each row's scored predictions, and what did not fit in.

    `lines` are those that the scored predictions of models and floors were made from, `judgments`
    those that should be there.
    """

    board: Leaderboard
    scored: Mapping[RowKey, Sequence[ScoredPrediction]]
    lines: Mapping[RowKey, Sequence[PredictionLine]]
    problems: tuple[str, ...]
    judgments: Sequence[JudgmentLine] = ()


def rebuild(run: Run, suite: Suite, own: Sequence[NamedCode] = ()) -> RebuiltRun:
    """Return the leaderboard that follows from a run's lines, its claims and the suite.

    `own` are the metrics of one's own that it was scored with too. Taken over from the run: which
    rows there are, what they say of their models (which the keys prove), and costs. Made anew:
    keys, scores, the oracle, people, and all numbers.
    """
    suite = replace(suite, chosen_primary=run.board.suite.primary or {})
    selection = run.board.suite.selection
    examples = selection.by_kind(suite, run.board.primary)
    problems: list[str] = []
    line_numbers = _line_numbers(run, examples, problems)
    options = with_answer_judge(with_encoder(run.board.chosen_options())).with_own(own)
    families = {task: suite_metrics(suite, task, options) for task, _ in examples}
    judging = rebuilt_judging(run, suite, examples, options)
    if judging:
        families["summarize"] = suite_metrics(suite, "summarize", options, judged=judging.measures)
        families = with_meanings(families, judging.panel)
    to_score: dict[RowKey, RowToScore] = {}
    lines: dict[RowKey, Sequence[PredictionLine]] = {}
    own_rows = {(row.model, row.task, row.scope): row for row in run.board.rows}
    for name, row in own_rows.items():
        if row.role in ("oracle", "people"):
            continue
        row_examples = examples.get((row.task, row.scope), [])
        numbers = line_numbers.get(name, np.full(len(row_examples), ABSENT))
        present = (numbers != ABSENT).tobytes()
        problems += [
            f"{_name_text(name)}: {example.id} has no prediction"
            for example in (
                compress(row_examples, (not has_line for has_line in present))
                if not all(present)
                else ()
            )
        ]
        if not any(present):
            continue
        lines[name] = select_lines(run.lines, numbers[numbers != ABSENT])
        to_score[name] = _row_to_score(row, row_examples, present, lines[name], problems)
    oracles = oracle_texts(examples, options) if suite.has_sources else {}
    for scope, texts in oracles.items():
        chosen = oracle_predictions(examples["summarize", scope], texts, options)
        to_score[ORACLE, "summarize", scope] = RowToScore(chosen)
    scored = score_rows(to_score, families)
    rows = [
        recomputed_row(own_rows[name], scored[name], families[name[1]], suite.rules)
        for name in lines
    ]
    board, scored_by_row = assemble_leaderboard(
        suite,
        selection,
        run.board.suite.location,
        examples,
        families,
        rows,
        scored,
        UNKNOWN_ENVIRONMENT,
        options,
        _references_line(run, suite),
    )
    judgments = judging.lines(board, scored_by_row) if judging else []
    board = board.model_copy(
        update={
            "no_judge": run.board.no_judge,
            "judges": judging.recomputed(judgments) if judging else [],
        }
    )
    board = with_length_effects(board, scored_by_row)
    if judging:
        board = with_preferences(board, scored_by_row, judging.panel)
    problems += [
        f"{_name_text(name)}: has predictions and no row"
        for name in line_numbers
        if name not in scored_by_row
    ]
    return RebuiltRun(board, scored_by_row, lines, tuple(problems), judgments)


def _references_line(run: Run, suite: Suite) -> ReferencesLine | None:
    """Return how the references were read, with what they themselves say belongs together."""
    line = run.board.suite.references
    if line is None or not isinstance(suite, ReferenceSuite):
        return None
    return line.model_copy(update={"clusters": suite.references.clusters})


def _line_numbers(
    run: Run, examples: Mapping[TaskScope, Sequence[Example]], problems: list[str]
) -> dict[RowKey, NDArray[np.int64]]:
    """Return of each row where in the file the line of each of its examples stands, or ABSENT."""
    positions = {
        name: Positions(example.id for example in group) for name, group in examples.items()
    }
    line_numbers: dict[RowKey, NDArray[np.int64]] = {}
    for (model, task), numbers in run.line_numbers.items():
        lines = select_lines(run.lines, numbers)
        unknown = np.ones(len(lines), bool)
        for scope in (scope for name, scope in examples if name == task):
            at = positions[task, scope].of(line.example for line in lines)
            known = at != ABSENT
            unknown &= ~known
            if known.any():
                of_examples = np.full(len(positions[task, scope]), ABSENT)
                of_examples[at[known]] = np.asarray(numbers)[known]
                line_numbers[model, task, scope] = of_examples
        problems += [
            f"{model} {task}: {line.example} is no example of the suite"
            for line in select_lines(lines, np.flatnonzero(unknown))
        ]
    return line_numbers


def _row_to_score(
    row: Row,
    row_examples: Sequence[Example],
    present: bytes,
    lines: Sequence[PredictionLine],
    problems: list[str],
) -> RowToScore:
    """Return the lines to score anew; `present` says which of the row's examples have one."""
    times = row.repeats.count if row.repeats else 1
    numbers = list(range(1, times + 1))
    problems += [
        f"{row.model} {row.task}: {line.example} was not asked {times} "
        f"time{'s' if times > 1 else ''}, as its row says"
        for line in lines
        if [part.repeat for part in line.parts] != numbers
    ]

    keys = PredictionKeys(row.identity)

    def read(start: int) -> Iterator[Predicted]:
        examples_and_lines = zip(compress(row_examples, present), lines, strict=True)
        for example, line in islice(examples_and_lines, start, None):
            yield combined([_predicted(keys, example, part) for part in line.parts])

    def unscorable(index: int, number: int, error: MetricError) -> Mapping[str, float]:
        line = lines[index]
        problems.append(f"{row.model} {row.task}: {line.example} cannot be scored: {error}")
        if not line.repeats:
            return line.scores
        own = {part.repeat: part.scores for part in line.repeats} | {line.repeat: line.own_scores}
        return own[number]

    return RowToScore(Stream(len(lines), read), unscorable)


def _predicted(keys: PredictionKeys, example: Example, part: RepeatLine) -> Predicted:
    """Return what a line has of one time that an example was asked, under its right key."""
    stored = StoredPrediction(part.prediction, UNKNOWN_ENVIRONMENT)
    key = keys.key(example.query, part.repeat)
    return Predicted(example, key, stored, False, part.repeat)


def _name_text(name: RowKey) -> str:
    return " ".join(name)
