"""Means over parts of the examples: by kind, answerable or not, article, length, cut or not."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from harness.metrics.answers.disagreement import KINDS, LENGTHS
from harness.report.building.numbers import interval
from harness.report.building.slice_columns import (
    CONTAINS,
    CUT,
    EVIDENCE,
    MOST_PARTS,
    ExampleColumns,
    Labels,
    ModelColumns,
)
from harness.report.content.plots import Slice, SliceCell, SlicePart
from harness.report.task_group import TaskGroup
from harness.stats import cluster_sums
from harness.stats.student import t_intervals


@dataclass(frozen=True)
class _Outline:
    """A slice without its numbers: what it is called, and which codes of `labels` each part has."""

    name: str
    title: str
    explained: str
    labels: Callable[[ModelColumns], Labels]
    parts: Sequence[tuple[str, Sequence[int]]]
    metric: str | None = None


class _PartCell(NamedTuple):
    """How many of a model's examples are in a part, and the part's cell."""

    members: int
    cell: SliceCell


def score_slices(group: TaskGroup) -> tuple[Slice, ...]:
    """Return a group's slices: those with two parts or more.

    The slice by article goes where there are so many that it would be a list of examples. Lines are
    gone through one model after the other: numbers are held of one model alone.
    """
    examples = ExampleColumns(group)
    outlines = _outlines(group, examples)
    cells: dict[str, list[list[_PartCell]]] = {}  # by model, slice and part
    for model, lines in group.lines.items():
        columns = ModelColumns(group, lines)
        cells[model] = [_cells(outline, columns, examples.clusters) for outline in outlines]
        del columns  # before those of the next model are made
    slices = (
        _slice(group, outline, {model: own[place] for model, own in cells.items()})
        for place, outline in enumerate(outlines)
    )
    return tuple(one for one in slices if len(one.parts) > 1)


def _outlines(group: TaskGroup, examples: ExampleColumns) -> list[_Outline]:
    """Return what may be slices of a group, in the order of the page."""
    outlines = []
    if group.task == "answer":
        outlines += [
            _of_examples(
                "kind",
                "By kind of question",
                "The kind that the golden gives a question.",
                examples.kind,
            ),
            _of_examples(
                "answerable",
                "Answerable or not",
                "Whether the text has the answer.",
                examples.answerable,
            ),
            _Outline(
                "disagreement",
                "Where measures disagree",
                "How exact match, F1 and contains see each answer. The parts are other examples "
                "for each model, so read how many they are; `harness show disagreements` lists "
                "them.",
                lambda columns: columns.disagreement,
                _each(KINDS),
            ),
            _Outline(
                "words",
                "Contains, by length of the answer",
                "Mean of contains, not of the primary metric, by how many words the answer has: a "
                "longer one holds more, right or not. The parts are other examples for each model.",
                lambda columns: columns.words,
                _each(LENGTHS),
                CONTAINS,
            ),
        ]
    if len(examples.article.numbers) <= MOST_PARTS:
        outlines.append(
            _of_examples(
                "article",
                f"By {group.scope}",
                "Examples that intervals take together.",
                examples.article,
            )
        )
    return [
        *outlines,
        _of_examples(
            "length",
            "By length of the source",
            "Words of the source, parted by white space.",
            examples.length,
        ),
        _Outline(
            "evidence",
            "Evidence seen or cut",
            "Whether the golden evidence was in what the model saw. The parts are other examples "
            "for each model, so compare down a column, not along a line.",
            lambda columns: columns.evidence,
            _each(EVIDENCE),
        ),
        _Outline(
            "cut",
            "Cut or not",
            "Whether the model saw the whole source. The parts are other examples for each model, "
            "so compare down a column, not along a line.",
            lambda columns: columns.cut,
            _each(CUT),
        ),
    ]


def _of_examples(name: str, title: str, explained: str, labels: Labels) -> _Outline:
    """Return the outline of a slice whose parts are the same for every model."""
    present = set(np.unique(labels.codes).tolist())
    parts = [(label, codes) for label, codes in _each(labels.numbers) if present & {*codes}]
    if len(parts) > MOST_PARTS:
        others = parts[MOST_PARTS - 1 :]
        codes = [code for _, own in others for code in own]
        parts = [*parts[: MOST_PARTS - 1], (f"the {len(others):,} others", codes)]
    return _Outline(name, title, explained, lambda _: labels, parts)


def _each(labels: Iterable[str]) -> list[tuple[str, Sequence[int]]]:
    """Return labels, which are numbered in their order, as parts."""
    return [(label, [number]) for number, label in enumerate(labels)]


def _cells(
    outline: _Outline, columns: ModelColumns, clusters: NDArray[np.int64]
) -> list[_PartCell]:
    """Return a model's cells of a slice, one for each part."""
    codes = outline.labels(columns).codes
    scores = np.frombuffer(columns.contains if outline.metric else columns.primary)
    failed = np.frombuffer(columns.failed, bool)
    cells = []
    for _, part_codes in outline.parts:
        members = np.isin(codes, part_codes)
        cell = _cell(scores, failed, members, clusters)
        cells.append(_PartCell(int(members.sum()), cell))
    return cells


def _cell(
    scores: NDArray[np.float64],
    failed: NDArray[np.bool_],
    members: NDArray[np.bool_],
    clusters: NDArray[np.int64],
) -> SliceCell:
    """Return a model's mean over those examples that are members of a part."""
    failures = int((members & failed).sum())
    scored = members & ~np.isnan(scores)
    if not scored.any():
        return SliceCell(mean=None, n=0, failed=failures, clusters=0, interval=None)
    data = cluster_sums(scores[scored], clusters[scored])
    return SliceCell(
        mean=float(data.means[0]),
        n=int(scored.sum()),
        failed=failures,
        clusters=data.clusters,
        interval=interval(t_intervals(data, 0.95, (0.0, 1.0))[0]),
    )


def _slice(group: TaskGroup, outline: _Outline, cells: Mapping[str, Sequence[_PartCell]]) -> Slice:
    """Return a slice of the parts that any model has an example of; they may be none."""
    parts = []
    for place, (label, _) in enumerate(outline.parts):
        own = {model: model_cells[place] for model, model_cells in cells.items()}
        n = max((cell.members for cell in own.values()), default=0)
        if n:
            row_cells = tuple(
                own[row.model].cell if row.model in own else None for row in group.rows
            )
            parts.append(SlicePart(label=label, n=n, cells=row_cells))
    return Slice(
        name=outline.name,
        title=outline.title,
        explained=outline.explained,
        metric=outline.metric or group.metric,
        parts=tuple(parts),
    )
