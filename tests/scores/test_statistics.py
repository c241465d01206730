"""What `harness score` says of its means: intervals, comparisons and ranks, by hand."""

import json
from collections.abc import Mapping
from pathlib import Path

import pytest

from harness.errors import DataError
from harness.external.outputs import FieldNames
from harness.leaderboard.leaderboard import Leaderboard, Row
from harness.scores.request import ScoreRequest, System
from harness.scores.scoring import score_files
from harness.scores.tables import clusters_text


def _lines(path: Path, field: str, values: Mapping[str, object]) -> Path:
    path.write_text(
        "".join(json.dumps({"id": name, field: value}) + "\n" for name, value in values.items()),
        encoding="utf-8",
    )
    return path


def _score(references: Path, *predictions: Path, cluster: str | None = None) -> Leaderboard:
    systems = [System(path.stem, path) for path in predictions]
    return score_files(ScoreRequest(references, systems, fields=FieldNames(cluster=cluster)))


def _row(board: Leaderboard, name: str) -> Row:
    return next(row for row in board.rows if row.model == name)


def _interval(row: Row, metric: str) -> tuple[float, float, str]:
    interval = row.metrics[metric].interval
    assert interval is not None
    return round(interval.low, 4), round(interval.high, 4), interval.method


def _eight_items(folder: Path) -> Leaderboard:
    """Eight questions: `good` is right on the first seven, `bad` on the first alone."""
    names = [f"q{i}" for i in range(8)]
    gold = _lines(folder / "gold.jsonl", "answers", {name: ["yes"] for name in names})
    good = _lines(
        folder / "good.jsonl", "prediction", dict.fromkeys(names[:7], "yes") | {"q7": "no"}
    )
    bad = _lines(
        folder / "bad.jsonl", "prediction", {"q0": "yes"} | dict.fromkeys(names[1:7], "no")
    )
    return _score(gold, good, bad)


def test_items_are_clusters_and_what_is_missing_counts(tmp_path: Path) -> None:
    """Right or wrong, so Wilson's interval: of 7 and of 1 in 8, as R's prop.test without
    correction has it; the eighth of `bad` is missing, and a zero."""
    board = _eight_items(tmp_path)
    assert _interval(_row(board, "good"), "f1") == (0.5291, 0.9776, "wilson")
    assert _interval(_row(board, "bad"), "f1") == (0.0224, 0.4709, "wilson")
    assert {row.metrics["f1"].clusters for row in board.rows} == {8}
    assert _row(board, "bad").counts.missing == 1
    assert clusters_text(board) == (
        "Intervals, comparisons and ranks are over 8 items, each by itself."
    )


def test_systems_are_compared_example_by_example_and_ranked(tmp_path: Path) -> None:
    """Six items differ, all for `good`: 2 of 2 ** 6 patterns of signs. Differences six times 1 and
    twice 0: mean 3/4, variance (6 / 16 + 2 * 9 / 16) / 7 = 3 / 14, so the standard error is
    sqrt(3 / 112) = 0.16366, and t of 7 degrees of freedom is 2.36462: from 0.36300 to over 1."""
    board = _eight_items(tmp_path)
    (line,) = board.comparisons
    assert (line.a, line.b, line.n, line.difference) == ("good", "bad", 8, 0.75)
    assert (line.wins, line.ties, line.losses) == (6, 2, 0)
    assert (line.p, line.p_adjusted, line.adjustment) == (2 / 64, 2 / 64, "maxt exact")
    assert line.interval is not None
    assert (round(line.interval.low, 5), line.interval.high) == (0.36300, 1.0)
    assert line.simultaneous is not None
    assert line.simultaneous.low >= 0  # as its p says
    good, bad = _row(board, "good"), _row(board, "bad")
    assert (good.rank, good.worst_rank, good.beats) == (1, 1, ["bad"])
    assert (bad.rank, bad.worst_rank, bad.beats) == (2, 2, [])
    assert board.power[0].sentence.startswith("Eight items tell two rows ")


def _squad(folder: Path, titles: list[str | None]) -> Path:
    """A data set of four paragraphs with four questions each."""
    data = [
        {"title": title, "paragraphs": [{"context": f"Text {t}.", "qas": [
            {"id": f"{t}-{q}", "question": "What?", "answers": [{"text": "yes"}]} for q in range(4)
        ]}]} for t, title in enumerate(titles)
    ]  # fmt: skip
    path = folder / "squad.json"
    path.write_text(json.dumps({"version": "1.1", "data": data}), encoding="utf-8")
    return path


def _said(folder: Path) -> Path:
    """Right on 3, 2, 2 and 3 of the four questions of each paragraph."""
    right = {f"{t}-{q}": q < count for t, count in enumerate((3, 2, 2, 3)) for q in range(4)}
    path = folder / "said.json"
    path.write_text(json.dumps({name: "yes" if ok else "no" for name, ok in right.items()}))
    return path


@pytest.mark.parametrize(
    ("titles", "clusters", "words"),
    [
        (["A/B", "C", "D", "E"], "title", "4 titles of the data set"),
        (["A", "A", "A", "A"], "paragraph", "4 paragraphs of the data set"),
        ([None, None, None, None], "paragraph", "4 paragraphs of the data set"),
    ],
)
def test_questions_on_a_title_or_paragraph_of_squad_are_one_cluster(
    tmp_path: Path, titles: list[str | None], clusters: str, words: str
) -> None:
    """Means of 3/4, 1/2, 1/2, 3/4: mean 5/8, standard deviation 1/8 * sqrt(4 / 3) = 0.144338, the
    standard error half of it, and t of 3 degrees of freedom 3.182446: 0.625 -+ 0.229673."""
    board = _score(_squad(tmp_path, titles), _said(tmp_path))
    assert _interval(board.rows[0], "f1") == (0.3953, 0.8547, "t")
    assert board.suite.references is not None
    assert board.suite.references.clusters == clusters
    assert words in clusters_text(board)


def test_the_field_of_clusters_is_the_one_that_is_named(tmp_path: Path) -> None:
    """The same sixteen answers by the field `page`, and by the id: 10 of 16 by Wilson."""
    data = json.loads(_squad(tmp_path, ["A", "A", "A", "A"]).read_text(encoding="utf-8"))["data"]
    lines = [
        {"id": one["id"], "page": page, "answers": ["yes"]}
        for page, article in enumerate(data)
        for one in article["paragraphs"][0]["qas"]
    ]
    gold = tmp_path / "gold.jsonl"
    gold.write_text("".join(json.dumps(line) + "\n" for line in lines), encoding="utf-8")
    by_page = _score(gold, _said(tmp_path), cluster="page")
    assert _interval(by_page.rows[0], "f1")[0] == 0.3953
    assert "over the 4 values of the field page." in clusters_text(by_page)
    by_itself = _score(gold, _said(tmp_path))
    # Wilson of 10 in 16, as R's prop.test without correction has it.
    assert _interval(by_itself.rows[0], "f1") == (0.3864, 0.8152, "wilson")
    by_id = _score(tmp_path / "squad.json", _said(tmp_path), cluster="id")
    assert _interval(by_id.rows[0], "f1") == _interval(by_itself.rows[0], "f1")
    assert len({by_page.suite.hash, by_itself.suite.hash, by_id.suite.hash}) == 3


@pytest.mark.parametrize(
    ("page", "message"),
    [
        ("", "gold.jsonl:1: has no field 'page', which --cluster-field names"),
        (', "page": ""', "gold.jsonl:1: page must be a text or a whole number"),
        (', "page": [1]', "gold.jsonl:1: page must be a text or a whole number"),
    ],
)
def test_a_field_that_names_no_cluster_is_refused(tmp_path: Path, page: str, message: str) -> None:
    gold = tmp_path / "gold.jsonl"
    gold.write_text('{"id": "a", "reference": "x"' + page + "}\n", encoding="utf-8")
    said = _lines(tmp_path / "said.jsonl", "prediction", {"a": "x"})
    with pytest.raises(DataError) as caught:
        _score(gold, said, cluster="page")
    assert message in str(caught.value)


def test_ids_with_slashes_are_clusters_by_themselves(tmp_path: Path) -> None:
    gold = _lines(tmp_path / "gold.jsonl", "answers", {f"same/{i}": ["yes"] for i in range(4)})
    said = _lines(tmp_path / "said.jsonl", "prediction", {f"same/{i}": "yes" for i in range(4)})
    assert _score(gold, said).rows[0].metrics["f1"].clusters == 4
