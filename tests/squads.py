"""Small data sets laid out as SQuAD is: a JSON file, or tables as on the Hub."""

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

# Of each title its paragraphs, of each paragraph its questions with the answers that are accepted.
Titles = Mapping[str, Sequence[tuple[str, Sequence[tuple[str, Sequence[str]]]]]]

RIVERS: Titles = {
    "Rhine/Waal": [
        ("The Rhine rises in Switzerland. It ends at Rotterdam.",
         [("Where does it rise?", ["Switzerland", "in Switzerland"]),
          ("Where does it end?", ["Rotterdam"]),
          ("How deep is it?", [])]),
        ("The Waal is a branch. It is 80 km long.", [("How long is the Waal?", ["80 km"])]),
    ],
    "Oder": [("The Oder has no dam. 🙂 é", [("Who built the dam?", []), ("Has it one?", ["no"])])],
}  # fmt: skip


def items(titles: Titles) -> list[dict[str, Any]]:
    """Return the questions as the Hub has them, a row each; ids are q1, q2 ... in order."""
    rows: list[dict[str, Any]] = []
    for title, paragraphs in titles.items():
        for context, questions in paragraphs:
            for question, answers in questions:
                starts = [max(0, context.find(text)) for text in answers]
                rows.append(
                    {
                        "id": f"q{len(rows) + 1}",
                        "title": title,
                        "context": context,
                        "question": question,
                        "answers": {"text": list(answers), "answer_start": starts},
                    }
                )
    return rows


def write(
    path: Path, titles: Titles, title_last: bool = False, version: str | None = "v2.0"
) -> Path:
    """Write a JSON file as SQuAD is published."""
    data = []
    rows = iter(items(titles))
    for title, paragraphs in titles.items():
        parts = [
            {"context": context, "qas": [_published(next(rows)) for _ in questions]}
            for context, questions in paragraphs
        ]
        pair = {"title": title, "paragraphs": parts}
        data.append(dict(reversed(pair.items())) if title_last else pair)
    path.write_text(json.dumps({"version": version, "data": data}), encoding="utf-8")
    return path


def write_tables(folder: Path, titles: Titles) -> Path:
    """Write a folder as a data set lies on the Hub: two splits in Parquet files under `data`."""
    import pyarrow as pa
    import pyarrow.parquet

    (folder / "data").mkdir(parents=True)
    rows = items(titles)
    half = len(rows) // 2
    for name, some in (
        ("train-00000-of-00001", rows[:1]),
        ("validation-00000-of-00002", rows[:half]),
        ("validation-00001-of-00002", rows[half:]),
    ):
        table = pa.Table.from_pylist(some)
        pyarrow.parquet.write_table(table, folder / "data" / f"{name}.parquet")
    return folder


def many(count: int, titles: int = 8) -> Titles:
    """Return a data set of `count` questions, ten to a paragraph, of which a third has no answer.

    All texts differ, so that no prediction serves two questions.
    """
    found: dict[str, list[tuple[str, list[tuple[str, list[str]]]]]] = {}
    for start in range(0, count, 10):
        numbers = range(start, min(start + 10, count))
        told = " ".join(f"Thing {i} is called name{i} and nothing else at all." for i in numbers)
        asked = [
            (f"What is thing {i} called?", [] if i % 3 == 0 else [f"name{i}"]) for i in numbers
        ]
        found.setdefault(f"Title_{start // 10 % titles}", []).append((told, asked))
    return found


def _published(row: Mapping[str, Any]) -> dict[str, Any]:
    answers = row["answers"]
    return {
        "id": row["id"],
        "question": row["question"],
        "answers": [
            {"text": text, "answer_start": start}
            for text, start in zip(answers["text"], answers["answer_start"], strict=True)
        ],
        "is_impossible": not answers["text"],
    }
