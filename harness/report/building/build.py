"""A run and its suite to the page's data."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import chain, islice
from pathlib import Path

from harness.errors import StoreError
from harness.leaderboard.printing.sentence_notes import sentence_notes
from harness.leaderboard.run_folder import STORE, Run
from harness.metrics.options import MetricOptions
from harness.report.building.copy_formats import copy_formats
from harness.report.building.example_index import example_index
from harness.report.building.frontier import pareto_frontiers
from harness.report.building.leaderboard_rows import (
    caution_texts,
    disagreement_sentences,
    floor_and_ceiling,
    leaderboard_rows,
    power_sentence,
)
from harness.report.building.pair_matrix import pair_matrix
from harness.report.building.plane import coverage_plane
from harness.report.building.preferences import preference_content
from harness.report.building.run_comparison import base_lines, run_comparison
from harness.report.building.run_provenance import run_provenance
from harness.report.building.slices import score_slices
from harness.report.content.comparison import Comparison
from harness.report.content.example import Chunk
from harness.report.content.group import Group
from harness.report.content.page import SCHEMA_VERSION, Page
from harness.report.examples.examples import (
    MOST_LISTED,
    ExamplePosition,
    GroupWithBase,
    RunJudgments,
    assign_chunks,
    example_chunks,
)
from harness.report.examples.judge_opinions import JudgeOpinions
from harness.report.examples.pair_preferences import PairPreferences
from harness.report.examples.prediction_seconds import PredictionSeconds
from harness.report.examples.reader_answers import ReaderJudgments
from harness.report.task_group import task_groups
from harness.run.predict import READ_CHUNK
from harness.run.store import Store
from harness.suite.suite import Suite
from harness.visible import visible_text


@dataclass(frozen=True)
class ReportData:
    """The page without its examples' texts, and what these are made from."""

    page: Page
    groups_with_base: Sequence[GroupWithBase]
    chunk_positions: Sequence[Sequence[ExamplePosition]]
    known_seconds: PredictionSeconds
    judgments: RunJudgments
    metric_options: MetricOptions

    def chunks(self) -> Iterator[Chunk]:
        """Make the examples' texts, one chunk after the other."""
        return example_chunks(
            self.groups_with_base,
            self.chunk_positions,
            self.known_seconds,
            self.judgments,
            self.metric_options,
        )


def build_report(
    run: Run,
    suite: Suite,
    base: Run | None = None,
    suite_name: Path | str | None = None,
    most_listed: int = MOST_LISTED,
) -> ReportData:
    """Return the page of a run, or of what changed from `base` to it.

    `suite_name` is what the suite was named by, `None` for the shipped one. Of each group the first
    `most_listed` examples are on the page; all are in its numbers. Raises UsageError if the run was
    made on other articles or goldens, DataError if its files do not fit together.
    """
    groups = task_groups(run, suite)
    base_lines_by_group = [base_lines(group, base) for group in groups] if base else None
    groups_with_base = [
        GroupWithBase(group, base_lines_by_group[number] if base_lines_by_group else None)
        for number, group in enumerate(groups)
    ]
    chunk_positions = assign_chunks(groups_with_base, most_listed)
    known_seconds, store_problems = _prediction_seconds(groups_with_base, run, base, most_listed)
    comparison = (
        run_comparison(base, run, groups, base_lines_by_group)
        if base and base_lines_by_group is not None
        else None
    )
    page_groups = [
        _page_group(
            run,
            _without_refused_rows(group_with_base, comparison),
            _chunk_numbers(number, chunk_positions),
        )
        for number, group_with_base in enumerate(groups_with_base)
    ]
    power_sentences = [
        f"{page_group.title}: {page_group.power}" for page_group in page_groups if page_group.power
    ]
    provenance = run_provenance(run, suite, suite_name, base, power_sentences)
    page = Page(
        schema_version=SCHEMA_VERSION,
        title=visible_text(run.board.suite.id),
        run=visible_text(str(run.folder)),
        groups=tuple(page_groups),
        how=provenance.model_copy(update={"clipped": store_problems}),
        comparison=comparison,
        chunk_files=(),
    )
    return ReportData(
        page,
        groups_with_base,
        chunk_positions,
        known_seconds,
        RunJudgments(ReaderJudgments(run), JudgeOpinions(run), PairPreferences(run)),
        run.board.chosen_options(),
    )


def _page_group(run: Run, group_with_base: GroupWithBase, chunk_numbers: Sequence[int]) -> Group:
    group, board = group_with_base.group, run.board
    rows = leaderboard_rows(group)
    floor, ceiling = floor_and_ceiling(group.rows, group.task, group.metric)
    comparisons = [
        comparison
        for comparison in board.comparisons
        if (comparison.task, comparison.scope) == (group.task, group.scope)
    ]
    secondary_metrics = [value.metric for value in rows[0].secondary]
    return Group(
        id=group.id,
        title=group.title,
        task=group.task,
        scope=group.scope,
        metric=group.metric,
        metrics=(group.metric, *secondary_metrics),
        models=tuple(row.model for row in rows),
        rows=rows,
        floor=floor,
        ceiling=ceiling,
        disagreements=disagreement_sentences(board, group.task, group.scope),
        power=power_sentence(board, group.task, group.scope),
        in_sentences=tuple(map(visible_text, sentence_notes(group.rows))),
        cautions=caution_texts(group, board),
        plane=coverage_plane(group, board.judges),
        frontiers=pareto_frontiers(group.rows, group.metric),
        pairs=pair_matrix(group.rows, comparisons, group.declarations[group.metric].sign),
        preferences=preference_content(board, group.task, group.scope),
        slices=score_slices(group),
        examples=example_index(group, chunk_numbers, group_with_base.base_lines),
        copies=copy_formats(rows),
    )


def _without_refused_rows(
    group_with_base: GroupWithBase, comparison: Comparison | None
) -> GroupWithBase:
    """Return a group with the base's lines of those rows alone whose scores mean the same."""
    if comparison is None or group_with_base.base_lines is None:
        return group_with_base
    refused = {
        row.model
        for row in comparison.rows
        if row.group == group_with_base.group.id and row.refused
    }
    return GroupWithBase(
        group_with_base.group,
        {
            model: lines
            for model, lines in group_with_base.base_lines.items()
            if visible_text(model) not in refused
        },
    )


def _chunk_numbers(
    group_index: int, chunk_positions: Sequence[Sequence[ExamplePosition]]
) -> list[int]:
    """Return the number of the chunk that has each of a group's examples that are listed."""
    numbers = {
        position.example_index: number
        for number, positions in enumerate(chunk_positions)
        for position in positions
        if position.group_index == group_index
    }
    return [numbers[index] for index in range(len(numbers))]


def _prediction_seconds(
    groups_with_base: Sequence[GroupWithBase], run: Run, base: Run | None, most_listed: int
) -> tuple[PredictionSeconds, tuple[str, ...]]:
    """Return the seconds of the listed predictions by key from the stores, and any problem.

    Without a store the page has everything else.
    """
    problems = []
    base_lines = [lines for _, lines in groups_with_base if lines]

    def stored_seconds() -> Iterator[tuple[str, float]]:
        for stored_run, lines_by_group in (
            (base, base_lines),
            (run, [group.lines for group, _ in groups_with_base]),
        ):
            if stored_run is None or not (stored_run.folder / STORE).is_file():
                continue
            try:
                with Store(stored_run.folder / STORE, read_only=True) as store:
                    for lines in chain.from_iterable(one.values() for one in lines_by_group):
                        keys = (line.key for line in islice(lines, most_listed) if line)
                        while some := list(islice(keys, READ_CHUNK)):
                            for key, stored in store.get(some).items():
                                yield key, stored.prediction.seconds
            except StoreError as error:
                problems.append(
                    visible_text(f"The seconds of single predictions are not shown: {error}")
                )

    return PredictionSeconds(stored_seconds()), tuple(problems)
