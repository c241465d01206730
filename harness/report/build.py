"""A run and its suite to the page's data."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from harness.errors import StoreError
from harness.report.asked import Asked, all_asked
from harness.report.board import bands, board_rows, caution_texts, power_sentence
from harness.report.changed import before_lines, comparison
from harness.report.copies import copies
from harness.report.data.example import Chunk
from harness.report.data.group import Group
from harness.report.examples import Place, Side, chunked, chunks
from harness.report.frontier import frontiers
from harness.report.index import example_index
from harness.report.making import how
from harness.report.matrix import pairs
from harness.report.page import SCHEMA_VERSION, Page
from harness.report.slices import slices
from harness.report.visible import shown
from harness.runs import STORE, Run
from harness.store import Store
from harness.suite import Suite


@dataclass(frozen=True)
class Built:
    """The page without its examples' texts, and what these are made from."""

    page: Page
    sides: Sequence[Side]
    places: Sequence[Sequence[Place]]
    seconds: Mapping[str, float]

    def chunks(self) -> Iterator[Chunk]:
        """Make the examples' texts, one chunk after the other."""
        return chunks(self.sides, self.places, self.seconds)


def build(
    run: Run, suite: Suite, base: Run | None = None, suite_folder: Path | None = None
) -> Built:
    """Return the page of a run, or of what changed from `base` to it.

    `suite_folder` is where the suite was read from, `None` for the shipped one. Raises UsageError
    if the run was made on other articles or goldens, DataError if its files do not fit together.
    """
    groups = all_asked(run, suite)
    before = [before_lines(asked, base) for asked in groups] if base else None
    sides = [Side(asked, before[number] if before else None) for number, asked in enumerate(groups)]
    places = chunked(sides)
    seconds, problem = _seconds(run, base)
    found = [
        _group(run, side, _chunk_numbers(side.asked, number, places))
        for number, side in enumerate(sides)
    ]
    made = how(
        run, suite, suite_folder, [f"{one.title}: {one.power}" for one in found if one.power]
    )
    page = Page(
        schema_version=SCHEMA_VERSION,
        title=shown(run.board.suite.id),
        run=shown(str(run.folder)),
        groups=tuple(found),
        how=made.model_copy(update={"clipped": problem}),
        comparison=comparison(base, run, groups, before) if base and before is not None else None,
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


def _chunk_numbers(asked: Asked, group: int, places: Sequence[Sequence[Place]]) -> list[int]:
    """Return the number of the chunk that has each of a group's examples."""
    found = [0] * len(asked.examples)
    for number, some in enumerate(places):
        for place in some:
            if place.group == group:
                found[place.at] = number
    return found


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
