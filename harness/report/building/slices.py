"""Means over parts of the examples: by kind, answerable or not, article, length, cut or not."""

from collections.abc import Mapping, Sequence

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

Labels = Sequence[str | None]


def score_slices(group: TaskGroup) -> tuple[Slice, ...]:
    """Return a group's slices: those with two parts or more.

    The slice by article goes where there are so many that it would be a list of examples.
    """
    examples, questions, models = group.examples, group.questions, list(group.lines)
    slices = []

    def add(name: str, title: str, explained: str, labels: Labels, order: Labels = ()) -> None:
        slices.append(_slice(group, name, title, explained, dict.fromkeys(models, labels), order))

    if group.task == "answer":
        add(
            "kind",
            "By kind of question",
            "The kind that the golden gives a question.",
            [
                visible_text(questions[example.id].kind) if example.id in questions else None
                for example in examples
            ],
        )
        add(
            "answerable",
            "Answerable or not",
            "Whether the text has the answer.",
            ["answerable" if example.references else "unanswerable" for example in examples],
        )
        slices += _answer_slices(group)
    articles = [visible_text(cluster_id(example)) for example in examples]
    if len(set(articles)) <= MOST_PARTS:
        add("article", f"By {group.scope}", "Examples that intervals take together.", articles)
    add(
        "length",
        "By length of the source",
        "Words of the source, parted by white space.",
        [length_label(source_words(example)) for example in examples],
        [length_label(lower + 1) for lower in (0, *LENGTHS)],
    )
    evidence_labels = {
        model: [_evidence_label(line) for line in lines] for model, lines in group.lines.items()
    }
    slices.append(
        _slice(
            group,
            "evidence",
            "Evidence seen or cut",
            "Whether the golden evidence was in what the model saw. The parts are other examples "
            "for each model, so compare down a column, not along a line.",
            evidence_labels,
            ["evidence seen", "evidence cut"],
        )
    )
    cut_labels = {
        model: [_cut_label(line) for line in lines] for model, lines in group.lines.items()
    }
    slices.append(
        _slice(
            group,
            "cut",
            "Cut or not",
            "Whether the model saw the whole source. The parts are other examples for each model, "
            "so compare down a column, not along a line.",
            cut_labels,
            ["whole", "cut"],
        )
    )
    return tuple(one for one in slices if len(one.parts) > 1)


def _answer_slices(group: TaskGroup) -> list[Slice]:
    """Return the slices by how measures see an answer, and by its length."""
    scores = {
        model: [line.scores if line else {} for line in lines]
        for model, lines in group.lines.items()
    }
    by_kind = {model: list(map(disagreement, own)) for model, own in scores.items()}
    by_length = {model: list(map(length_part, own)) for model, own in scores.items()}
    return [
        _slice(
            group,
            "disagreement",
            "Where measures disagree",
            "How exact match, F1 and contains see each answer. The parts are other examples for "
            "each model, so read how many they are; `harness show disagreements` lists them.",
            by_kind,
            list(KINDS),
        ),
        _slice(
            group,
            "words",
            "Contains, by length of the answer",
            "Mean of contains, not of the primary metric, by how many words the answer has: a "
            "longer one holds more, right or not. The parts are other examples for each model.",
            by_length,
            list(LENGTHS_OF_REPLIES),
            metric="contains",
        ),
    ]


def cluster_id(example: Example) -> str:
    """Return the article or event that an example is about: its id up to the first "/"."""
    return example.id.partition("/")[0]


def source_words(example: Example) -> int:
    """Return the length of an example's source, in words as people count them."""
    return len(word_places(example.query.context))


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
    name: str,
    title: str,
    explained: str,
    labels: Mapping[str, Labels],
    order: Labels,
    metric: str | None = None,
) -> Slice:
    """Return the slice in which each model's examples have these labels, `None` for no part."""
    parts: dict[str, dict[str, list[int]]] = {label: {} for label in order if label is not None}
    for model, example_labels in labels.items():
        for index, label in enumerate(example_labels):
            if label is not None:
                parts.setdefault(label, {}).setdefault(model, []).append(index)
    nonempty_parts = [
        (label, indices_by_model) for label, indices_by_model in parts.items() if indices_by_model
    ]
    if len(nonempty_parts) > MOST_PARTS:
        nonempty_parts = [
            *nonempty_parts[: MOST_PARTS - 1],
            _merged_parts(nonempty_parts[MOST_PARTS - 1 :]),
        ]
    return Slice(
        name=name,
        title=title,
        explained=explained,
        metric=metric or group.metric,
        parts=tuple(
            _part(group, label, indices_by_model, metric)
            for label, indices_by_model in nonempty_parts
        ),
    )


def _merged_parts(
    parts: Sequence[tuple[str, Mapping[str, list[int]]]],
) -> tuple[str, dict[str, list[int]]]:
    """Return the last parts as one."""
    merged: dict[str, list[int]] = {}
    for _, indices_by_model in parts:
        for model, indices in indices_by_model.items():
            merged.setdefault(model, []).extend(indices)
    return f"the {len(parts):,} others", merged


def _part(
    group: TaskGroup,
    label: str,
    indices_by_model: Mapping[str, Sequence[int]],
    metric: str | None,
) -> SlicePart:
    return SlicePart(
        label=label,
        n=max(map(len, indices_by_model.values())),
        cells=tuple(
            _cell(group, row.model, indices_by_model.get(row.model, ()), metric)
            if row.model in group.lines
            else None
            for row in group.rows
        ),
    )


def _cell(group: TaskGroup, model: str, indices: Sequence[int], metric: str | None) -> SliceCell:
    lines = group.lines[model]
    scored = [
        (score, index)
        for index in indices
        if (score := group.score(lines[index], metric)) is not None
    ]
    failed = sum(
        1 for index in indices if (line := lines[index]) is not None and line.error is not None
    )
    if not scored:
        return SliceCell(mean=None, n=0, failed=failed, clusters=0, interval=None)
    data = cluster_sums(
        [score for score, _ in scored], [cluster_id(group.examples[index]) for _, index in scored]
    )
    return SliceCell(
        mean=float(data.means[0]),
        n=len(scored),
        failed=failed,
        clusters=data.clusters,
        interval=interval(t_intervals(data, 0.95, (0.0, 1.0))[0]),
    )
