"""A run and its suite to the page's data."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from harness.errors import StoreError
from harness.files import sha256_file
from harness.leaderboard.run_folder import PREDICTIONS, STORE, Run
from harness.report.building.copy_formats import copies
from harness.report.building.example_index import example_index
from harness.report.building.frontier import frontiers
from harness.report.building.leaderboard_rows import (
    bands,
    board_rows,
    caution_texts,
    power_sentence,
)
from harness.report.building.pair_matrix import pairs
from harness.report.building.run_comparison import before_lines, comparison
from harness.report.building.run_provenance import how
from harness.report.building.slices import slices
from harness.report.content.comparison import Comparison
from harness.report.content.example import Chunk
from harness.report.content.group import Group
from harness.report.content.page import SCHEMA_VERSION, Page
from harness.report.examples.examples import Side, Spot, chunked, chunks
from harness.report.safety.visible_text import shown
from harness.report.task_group import Asked, all_asked
from harness.run.store import Store
from harness.suite.suite import Suite


@dataclass(frozen=True)
class Built:
    """The page without its examples' texts, and what these are made from."""

    page: Page
    sides: Sequence[Side]
    places: Sequence[Sequence[Spot]]
    seconds: Mapping[str, float]

    def chunks(self) -> Iterator[Chunk]:
        """Make the examples' texts, one chunk after the other."""
        return chunks(self.sides, self.places, self.seconds)


def build(
    run: Run, suite: Suite, base: Run | None = None, suite_folder: Path | str | None = None
) -> Built:
    """Return the page of a run, or of what changed from `base` to it.

    `suite_folder` is what the suite was named by, `None` for the shipped one. Raises UsageError
    if the run was made on other articles or goldens, DataError if its files do not fit together.
    """
    groups = all_asked(run, suite)
    before = [before_lines(asked, base) for asked in groups] if base else None
    sides = [Side(asked, before[number] if before else None) for number, asked in enumerate(groups)]
    places = chunked(sides)
    seconds, problem = _seconds(run, base)
    changed = comparison(base, run, groups, before) if base and before is not None else None
    found = [
        _group(run, _comparable(side, changed), _chunk_numbers(side.asked, number, places))
        for number, side in enumerate(sides)
    ]
    told = [f"{one.title}: {one.power}" for one in found if one.power]
    made = how(run, suite, suite_folder, base, told)
    page = Page(
        schema_version=SCHEMA_VERSION,
        title=shown(run.board.suite.id),
        run=shown(str(run.folder)),
        groups=tuple(found),
        how=made.model_copy(update={"clipped": (*_other_file(run), *problem)}),
        comparison=changed,
        chunk_files=(),
    )
    return Built(page, sides, places, seconds)


def _group(run: Run, side: Side, chunk_of: Sequence[int]) -> Group:
    asked, board = side.asked, run.board
    rows = board_rows(asked)
    floor, ceiling = bands(asked.rows, asked.task, asked.metric)
    compared = [
        one for one in board.comparisons if (one.task, one.scope) == (asked.task, asked.scope)
    ]
    others = [name for name in asked.rows[0].metrics if name != asked.metric]
    return Group(
        id=asked.id,
        title=asked.title,
        task=asked.task,
        scope=asked.scope,
        metric=asked.metric,
        metrics=(asked.metric, *others),
        models=tuple(row.model for row in rows),
        rows=rows,
        floor=floor,
        ceiling=ceiling,
        power=power_sentence(board, asked.task, asked.scope),
        cautions=caution_texts(asked.rows, asked.metric),
        frontiers=frontiers(asked.rows, asked.metric),
        pairs=pairs(asked.rows, compared),
        slices=slices(asked),
        examples=example_index(asked, chunk_of, side.before),
        copies=copies(rows),
    )


def _comparable(side: Side, changed: Comparison | None) -> Side:
    """Return a group with the base's lines of those rows alone whose scores mean the same."""
    if changed is None or side.before is None:
        return side
    refused = {row.model for row in changed.rows if row.group == side.asked.id and row.refused}
    return Side(
        side.asked,
        {model: lines for model, lines in side.before.items() if shown(model) not in refused},
    )


def _chunk_numbers(asked: Asked, group: int, places: Sequence[Sequence[Spot]]) -> list[int]:
    """Return the number of the chunk that has each of a group's examples."""
    found = [0] * len(asked.examples)
    for number, some in enumerate(places):
        for place in some:
            if place.group == group:
                found[place.at] = number
    return found


def _other_file(run: Run) -> Iterator[str]:
    """Yield a sentence if the predictions are not those that the leaderboard was written with."""
    path = run.folder / PREDICTIONS
    written = run.board.predictions_sha256
    if written is not None and path.is_file() and sha256_file(path) != written:
        yield shown(
            f"{path} is not as it was when the leaderboard was written, so numbers and examples "
            f"may not fit: see `harness verify {run.folder}`."
        )


def _seconds(run: Run, base: Run | None) -> tuple[dict[str, float], tuple[str, ...]]:
    """Return each prediction's seconds by key from the stores beside the runs, and any problem.

    Without a store the page has everything else.
    """
    found: dict[str, float] = {}
    problems = []
    for one in (base, run):
        if one is None or not (one.folder / STORE).is_file():
            continue
        try:
            with Store(one.folder / STORE) as store:
                for line in one.lines:
                    for key, kept in store.get([line.key]).items():
                        found[key] = kept.prediction.seconds
        except StoreError as error:
            problems.append(shown(f"The seconds of single predictions are not shown: {error}"))
    return found, tuple(problems)
