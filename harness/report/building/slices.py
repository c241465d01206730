"""Means over parts of the examples: by kind, answerable or not, article, length, cut or not."""

import math
from array import array
from collections.abc import Iterable, Mapping

import numpy as np
from numpy.typing import NDArray

from harness.leaderboard.prediction_lines import PredictionLine
from harness.metrics.answers.disagreement import KINDS, disagreement, length_part
from harness.metrics.answers.disagreement import LENGTHS as LENGTHS_OF_REPLIES
from harness.records import Example
from harness.report.building.numbers import interval
from harness.report.content.plots import Slice, SliceCell, SlicePart
from harness.report.task_group import TaskGroup
from harness.stats import cluster_sums
from harness.stats.student import t_intervals
from harness.text import word_places
from harness.visible import visible_text

# Upper ends of the parts by length, in words of the source.
LENGTHS = (100, 200, 400, 800, 1_600, 3_200, 6_400)
MOST_PARTS = 50
CONTAINS = "contains"


class _Labels:
    """Which part of a slice each example is in, in 4 bytes; -1 for none."""

    def __init__(self, order: Iterable[str] = ()) -> None:
        self.numbers = {label: number for number, label in enumerate(order)}
        self._codes = array("i")

    def add(self, label: str | None) -> None:
        """Take the next example's part; one that is new comes after those that are known."""
        number = -1 if label is None else self.numbers.setdefault(label, len(self.numbers))
        self._codes.append(number)

    @property
    def codes(self) -> NDArray[np.int32]:
        """Each example's part, (examples,)."""
        return np.frombuffer(self._codes, np.int32)


class _ModelColumns:
    """What slices have of a model's lines: parts, and scores by which means are made."""

    def __init__(self) -> None:
        self.primary, self.contains = array("d"), array("d")  # NaN: none
        self.failed = bytearray()
        self.disagreement, self.words = _Labels(KINDS), _Labels(LENGTHS_OF_REPLIES)
        self.evidence = _Labels(["evidence seen", "evidence cut"])
        self.cut = _Labels(["whole", "cut"])

    def add(self, line: PredictionLine | None, group: TaskGroup) -> None:
        """Take the next example's line."""
        for scores, metric in ((self.primary, None), (self.contains, CONTAINS)):
            score = group.score(line, metric)
            scores.append(math.nan if score is None else score)
        self.failed.append(line is not None and line.error is not None)
        if group.task == "answer":
            self.disagreement.add(disagreement(line.scores if line else {}))
            self.words.add(length_part(line.scores if line else {}))
        self.evidence.add(_evidence_label(line))
        self.cut.add(_cut_label(line))


class _Columns:
    """All that slices are made of, in one pass over a group: some 60 bytes an example and row."""

    def __init__(self, group: TaskGroup) -> None:
        self.models = {model: _ModelColumns() for model in group.lines}
        self.kind, self.article = _Labels(), _Labels()
        self.answerable = _Labels()
        self.length = _Labels(length_label(lower + 1) for lower in (0, *LENGTHS))
        clusters = array("q")
        for example, *lines in zip(group.examples, *group.lines.values(), strict=True):
            question = group.questions.get(example.id)
            self.kind.add(visible_text(question.kind) if question else None)
            self.answerable.add("answerable" if example.references else "unanswerable")
            # Where there are more articles than parts they are no slice, and have no name here.
            name = visible_text(example.cluster)
            self.article.add(name if len(self.article.numbers) <= MOST_PARTS else None)
            self.length.add(length_label(source_words(example)))
            clusters.append(hash(example.cluster))  # of one process alone
            for columns, line in zip(self.models.values(), lines, strict=True):
                columns.add(line, group)
        self.clusters = _in_order(np.frombuffer(clusters, np.int64))


def _in_order(values: NDArray[np.int64]) -> NDArray[np.int64]:
    """Return numbers for values, from 0 in the order in which they first come."""
    _, first, inverse = np.unique(values, return_index=True, return_inverse=True)
    places = np.empty(len(first), np.int64)
    places[np.argsort(first)] = np.arange(len(first))
    return places[inverse]


def score_slices(group: TaskGroup) -> tuple[Slice, ...]:
    """Return a group's slices: those with two parts or more.

    The slice by article goes where there are so many that it would be a list of examples.
    """
    columns = _Columns(group)
    slices = []

    def add(
        name: str,
        title: str,
        explained: str,
        labels: _Labels | Mapping[str, _Labels],
        metric: str | None = None,
    ) -> None:
        by_model = dict.fromkeys(group.lines, labels) if isinstance(labels, _Labels) else labels
        slices.append(_slice(group, columns, name, title, explained, by_model, metric))

    if group.task == "answer":
        add(
            "kind",
            "By kind of question",
            "The kind that the golden gives a question.",
            columns.kind,
        )
        add(
            "answerable",
            "Answerable or not",
            "Whether the text has the answer.",
            columns.answerable,
        )
        add(
            "disagreement",
            "Where measures disagree",
            "How exact match, F1 and contains see each answer. The parts are other examples for "
            "each model, so read how many they are; `harness show disagreements` lists them.",
            {model: own.disagreement for model, own in columns.models.items()},
        )
        add(
            "words",
            "Contains, by length of the answer",
            "Mean of contains, not of the primary metric, by how many words the answer has: a "
            "longer one holds more, right or not. The parts are other examples for each model.",
            {model: own.words for model, own in columns.models.items()},
            CONTAINS,
        )
    if len(columns.article.numbers) <= MOST_PARTS:
        add(
            "article",
            f"By {group.scope}",
            "Examples that intervals take together.",
            columns.article,
        )
    add(
        "length",
        "By length of the source",
        "Words of the source, parted by white space.",
        columns.length,
    )
    add(
        "evidence",
        "Evidence seen or cut",
        "Whether the golden evidence was in what the model saw. The parts are other examples "
        "for each model, so compare down a column, not along a line.",
        {model: own.evidence for model, own in columns.models.items()},
    )
    add(
        "cut",
        "Cut or not",
        "Whether the model saw the whole source. The parts are other examples for each model, "
        "so compare down a column, not along a line.",
        {model: own.cut for model, own in columns.models.items()},
    )
    return tuple(one for one in slices if len(one.parts) > 1)


def source_words(example: Example) -> int:
    """Return the length of an example's source, in words as people count them."""
    context = example.query.context
    return len(context.split()) if context.isascii() else len(word_places(context))


def length_label(words: int) -> str:
    """Return the name of the part that a source of so many words belongs to.

    >>> length_label(100), length_label(101), length_label(10_000)
    ('1 to 100 words', '101 to 200 words', 'more than 6,400 words')
    """
    lower = 0
    for upper in LENGTHS:
        if words <= upper:
            return f"{lower + 1:,} to {upper:,} words"
        lower = upper
    return f"more than {lower:,} words"


def is_cut(line: PredictionLine) -> bool:
    """Return whether a model saw less than the whole source."""
    if line.source_tokens is None or line.kept_tokens is None:
        return bool(line.dropped)
    return bool(line.dropped) or line.kept_tokens < line.source_tokens


def _evidence_label(line: PredictionLine | None) -> str | None:
    if line is None or line.evidence_seen is None:
        return None
    return "evidence seen" if line.evidence_seen else "evidence cut"


def _cut_label(line: PredictionLine | None) -> str | None:
    if line is None or line.error is not None:
        return None
    return "cut" if is_cut(line) else "whole"


def _slice(
    group: TaskGroup,
    columns: _Columns,
    name: str,
    title: str,
    explained: str,
    labels: Mapping[str, _Labels],
    metric: str | None,
) -> Slice:
    """Return the slice in which each model's examples have these labels; its parts may be none."""
    codes = {model: own.codes for model, own in labels.items()}
    numbers = {label: n for own in labels.values() for label, n in own.numbers.items()}
    parts = [
        (label, {model: own == number for model, own in codes.items()})
        for label, number in numbers.items()
        if any((own == number).any() for own in codes.values())
    ]
    if len(parts) > MOST_PARTS:
        others = parts[MOST_PARTS - 1 :]
        merged = {model: np.any([own[model] for _, own in others], axis=0) for model in codes}
        parts = [*parts[: MOST_PARTS - 1], (f"the {len(others):,} others", merged)]
    return Slice(
        name=name,
        title=title,
        explained=explained,
        metric=metric or group.metric,
        parts=tuple(
            SlicePart(
                label=label,
                n=max(int(own.sum()) for own in members.values()),
                cells=tuple(
                    _cell(columns, row.model, members[row.model], metric)
                    if row.model in group.lines
                    else None
                    for row in group.rows
                ),
            )
            for label, members in parts
        ),
    )


def _cell(
    columns: _Columns, model: str, members: NDArray[np.bool_], metric: str | None
) -> SliceCell:
    """Return a model's mean over those examples that are members of a part."""
    own = columns.models[model]
    scores = np.frombuffer(own.contains if metric else own.primary)
    failed = int((members & np.frombuffer(own.failed, bool)).sum())
    scored = members & ~np.isnan(scores)
    if not scored.any():
        return SliceCell(mean=None, n=0, failed=failed, clusters=0, interval=None)
    data = cluster_sums(scores[scored], columns.clusters[scored])
    return SliceCell(
        mean=float(data.means[0]),
        n=int(scored.sum()),
        failed=failed,
        clusters=data.clusters,
        interval=interval(t_intervals(data, 0.95, (0.0, 1.0))[0]),
    )
