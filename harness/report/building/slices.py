"""Means over parts of the examples: by kind, answerable or not, article, length, cut or not."""

from collections.abc import Mapping, Sequence

from harness.leaderboard.prediction_lines import Line
from harness.records import Example
from harness.report.building.numbers import interval
from harness.report.content.plots import Slice, SliceCell, SlicePart
from harness.report.safety.visible_text import shown
from harness.report.task_group import Asked
from harness.stats import clustered
from harness.stats.student import t_intervals

# Upper ends of the parts by length, in words of the source.
LENGTHS = (100, 200, 400, 800, 1_600, 3_200, 6_400)
MOST_PARTS = 50

Labels = Sequence[str | None]


def slices(asked: Asked) -> tuple[Slice, ...]:
    """Return a group's slices: those with two parts or more.

    The slice by article goes where there are so many that it would be a list of examples.
    """
    examples, questions, models = asked.examples, asked.questions, list(asked.lines)
    found = []

    def add(name: str, title: str, explained: str, labels: Labels, order: Labels = ()) -> None:
        found.append(_slice(asked, name, title, explained, dict.fromkeys(models, labels), order))

    if asked.task == "answer":
        add(
            "kind",
            "By kind of question",
            "The kind that the golden gives a question.",
            [shown(questions[one.id].kind) if one.id in questions else None for one in examples],
        )
        add(
            "answerable",
            "Answerable or not",
            "Whether the text has the answer.",
            ["answerable" if one.references else "unanswerable" for one in examples],
        )
    articles = [shown(cluster(one)) for one in examples]
    if len(set(articles)) <= MOST_PARTS:
        add("article", f"By {asked.scope}", "Examples that intervals take together.", articles)
    add(
        "length",
        "By length of the source",
        "Words of the source, parted by white space.",
        [length_label(source_words(one)) for one in examples],
        [length_label(least + 1) for least in (0, *LENGTHS)],
    )
    seen = {
        model: [_evidence_label(line) for line in lines] for model, lines in asked.lines.items()
    }
    found.append(
        _slice(
            asked,
            "evidence",
            "Evidence seen or cut",
            "Whether the golden evidence was in what the model saw. The parts are other examples "
            "for each model, so compare down a column, not along a line.",
            seen,
            ["evidence seen", "evidence cut"],
        )
    )
    cut = {model: [_cut_label(line) for line in lines] for model, lines in asked.lines.items()}
    found.append(
        _slice(
            asked,
            "cut",
            "Cut or not",
            "Whether the model saw the whole source. The parts are other examples for each model, "
            "so compare down a column, not along a line.",
            cut,
            ["whole", "cut"],
        )
    )
    return tuple(one for one in found if len(one.parts) > 1)


def cluster(example: Example) -> str:
    """Return the article or event that an example is about: its id up to the first "/"."""
    return example.id.partition("/")[0]


def source_words(example: Example) -> int:
    """Return the length of an example's source, in words parted by white space."""
    return len(example.query.context.split())


def length_label(words: int) -> str:
    """Return the name of the part that a source of so many words belongs to.

    >>> length_label(100), length_label(101), length_label(10_000)
    ('1 to 100 words', '101 to 200 words', 'more than 6,400 words')
    """
    least = 0
    for most in LENGTHS:
        if words <= most:
            return f"{least + 1:,} to {most:,} words"
        least = most
    return f"more than {least:,} words"


def is_cut(line: Line) -> bool:
    """Return whether a model saw less than the whole source."""
    if line.source_tokens is None or line.kept_tokens is None:
        return bool(line.dropped)
    return bool(line.dropped) or line.kept_tokens < line.source_tokens


def _evidence_label(line: Line | None) -> str | None:
    if line is None or line.evidence_seen is None:
        return None
    return "evidence seen" if line.evidence_seen else "evidence cut"


def _cut_label(line: Line | None) -> str | None:
    if line is None or line.error is not None:
        return None
    return "cut" if is_cut(line) else "whole"


def _slice(
    asked: Asked,
    name: str,
    title: str,
    explained: str,
    labels: Mapping[str, Labels],
    order: Labels,
) -> Slice:
    """Return the slice in which each model's examples have these labels, `None` for no part."""
    parts: dict[str, dict[str, list[int]]] = {one: {} for one in order if one is not None}
    for model, some in labels.items():
        for at, label in enumerate(some):
            if label is not None:
                parts.setdefault(label, {}).setdefault(model, []).append(at)
    known = [(one, places) for one, places in parts.items() if places]
    if len(known) > MOST_PARTS:
        known = [*known[: MOST_PARTS - 1], _together(known[MOST_PARTS - 1 :])]
    return Slice(
        name=name,
        title=title,
        explained=explained,
        parts=tuple(_part(asked, one, places) for one, places in known),
    )


def _together(
    parts: Sequence[tuple[str, Mapping[str, list[int]]]],
) -> tuple[str, dict[str, list[int]]]:
    """Return the last parts as one."""
    merged: dict[str, list[int]] = {}
    for _, places in parts:
        for model, some in places.items():
            merged.setdefault(model, []).extend(some)
    return f"the {len(parts):,} others", merged


def _part(asked: Asked, label: str, places: Mapping[str, Sequence[int]]) -> SlicePart:
    return SlicePart(
        label=label,
        n=max(map(len, places.values())),
        cells=tuple(
            _cell(asked, row.model, places.get(row.model, ())) if row.model in asked.lines else None
            for row in asked.rows
        ),
    )


def _cell(asked: Asked, model: str, places: Sequence[int]) -> SliceCell:
    lines = asked.lines[model]
    scored = [(score, at) for at in places if (score := asked.score(lines[at])) is not None]
    failed = sum(1 for at in places if (line := lines[at]) is not None and line.error is not None)
    if not scored:
        return SliceCell(mean=None, n=0, failed=failed, clusters=0, interval=None)
    data = clustered([s for s, _ in scored], [cluster(asked.examples[at]) for _, at in scored])
    return SliceCell(
        mean=float(data.means[0]),
        n=len(scored),
        failed=failed,
        clusters=data.clusters,
        interval=interval(t_intervals(data, 0.95, (0.0, 1.0))[0]),
    )
