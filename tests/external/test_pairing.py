"""Predictions stand in another order than references: which of their fields are the ids."""

import json
from collections.abc import Mapping, Sequence
from pathlib import Path

import pytest

from harness.errors import DataError
from harness.external.outputs import FieldNames
from harness.external.pairing import looks_like_id, pair_ids
from harness.scores.request import ScoreRequest, System
from harness.scores.scoring import score_files

ANSWERS = ["Mara Holt", "Port Elver", "in May"]
Records = Sequence[Mapping[str, object]]


def _write(path: Path, records: Records) -> Path:
    path.write_text("".join(json.dumps(record) + "\n" for record in records), encoding="utf-8")
    return path


def _records(field: str, **ids: Sequence[object]) -> list[dict[str, object]]:
    return [
        {**{name: values[i] for name, values in ids.items()}, field: ANSWERS[i]}
        for i in range(len(ANSWERS))
    ]


def _exact_match(folder: Path, references: Records, *systems: Records) -> list[float | None]:
    paths = [_write(folder / f"s{i}.jsonl", records) for i, records in enumerate(systems)]
    request = ScoreRequest(
        _write(folder / "gold.jsonl", references), [System(path.stem, path) for path in paths]
    )
    means = {row.model: row.metrics["exact_match"].mean for row in score_files(request).rows}
    return [means[path.stem] for path in paths]


@pytest.mark.parametrize(
    "name",
    ["id", "ID", "_id", "qid", "question_id", "questionId", "example_id", "docid", "doc_id", "idx"],
)
def test_a_field_of_ids_that_both_have_pairs_them_in_any_order(tmp_path: Path, name: str) -> None:
    """Each prediction is right, so each must score 1, whatever the order of the lines."""
    assert looks_like_id(name)
    said = _records("prediction", **{name: [7, 8, 9]})
    gold = _records("answer", **{name: [7, 8, 9]})
    assert _exact_match(tmp_path, gold, said, said[::-1]) == [1.0, 1.0]


def test_what_is_no_id_of_the_records_is_passed_over(tmp_path: Path) -> None:
    """All three questions are on one document, so its id tells none of them apart."""
    gold = _records("answer", doc_id=["d", "d", "d"], qid=[1, 2, 3])
    said = _records("prediction", qid=[1, 2, 3], doc_id=["d", "d", "d"])
    assert _exact_match(tmp_path, gold, said[::-1]) == [1.0]


def test_the_same_ids_under_other_names_pair(tmp_path: Path) -> None:
    gold = _records("answer", id=["a", "b", "c"])
    said = _records("prediction", question_id=["a", "b", "c"])
    assert _exact_match(tmp_path, gold, said[::-1]) == [1.0]
    # Of what is missing, each scores 0: 1 of 3 is there.
    assert _exact_match(tmp_path, gold, said[2:]) == [pytest.approx(1 / 3)]


def test_records_with_the_same_field_in_the_same_order_belong_together_by_order(
    tmp_path: Path,
) -> None:
    gold = _records("answer", topic_id=["x", "x", "y"])
    assert _exact_match(tmp_path, gold, _records("prediction", topic_id=["x", "x", "y"])) == [1.0]


@pytest.mark.parametrize(
    ("gold", "said", "message"),
    [
        ({"qid": [1, 2, 3]}, {"qid": [4, 5, 6]}, "and by qid they do not belong together"),
        ({"topic_id": ["x", "y", "y"]}, {"topic_id": ["y", "x", "y"]}, "by topic_id they do not"),
        ({"qid": [1, 2, 3]}, {"doc_id": [4, 5, 6]}, "by qid and doc_id they do not belong"),
        ({"qid": [1, None, 3]}, {"qid": [3, None, 1]}, "name the ids' field with --id-field"),
    ],
)
def test_ids_that_do_not_fit_stop_the_run(
    tmp_path: Path,
    gold: Mapping[str, Sequence[object]],
    said: Mapping[str, Sequence[object]],
    message: str,
) -> None:
    with pytest.raises(DataError) as caught:
        _exact_match(tmp_path, _records("answer", **gold), _records("prediction", **said))
    assert message in str(caught.value)


@pytest.mark.parametrize("name", ["index", "idx"])
def test_a_count_of_the_records_is_no_id_beside_a_real_one(tmp_path: Path, name: str) -> None:
    """pandas numbers the rows of each file anew: by that number every right answer is wrong."""
    count = {name: [0, 1, 2]}
    gold = _records("answer", **count, qid=["a", "b", "c"])
    said = [
        {**record, name: place}
        for place, record in enumerate(_records("prediction", **count, qid=["a", "b", "c"])[::-1])
    ]
    assert _exact_match(tmp_path, gold, said) == [1.0]
    assert _exact_match(tmp_path, gold, _records("prediction", **count)) == [1.0]


@pytest.mark.parametrize(
    ("gold", "said"),
    [
        ({"id": [0, 1, 2], "qid": ["a", "b", "c"]}, {"id": [0, 1, 2], "qid": ["c", "b", "a"]}),
        ({"_id": [7, 8, 9], "qid": ["a", "b", "c"]}, {"_id": [9, 8, 7], "qid": ["a", "b", "c"]}),
        ({"idx": [0, 1, 2], "doc_id": ["x", "x", "y"]}, {"idx": [0, 1, 2], "doc_id": ["y", "x", "x"]}),
    ],
)  # fmt: skip
def test_ids_that_contradict_each_other_stop_the_run(
    tmp_path: Path, gold: Mapping[str, Sequence[object]], said: Mapping[str, Sequence[object]]
) -> None:
    with pytest.raises(DataError, match=r"belongs to one reference, and by .* to another"):
        _exact_match(tmp_path, _records("answer", **gold), _records("prediction", **said))


def test_ids_of_another_kind_do_not_contradict(tmp_path: Path) -> None:
    """A number that each tool gave its own records says nothing of the other's."""
    gold = _records("answer", id=["a", "b", "c"], uuid=["x", "y", "z"])
    said = _records("prediction", id=["a", "b", "c"], uuid=["u", "v", "w"])[::-1]
    assert _exact_match(tmp_path, gold, said, said[:2]) == [1.0, pytest.approx(2 / 3)]


def test_systems_that_need_other_ids_of_the_references_are_refused(tmp_path: Path) -> None:
    gold = _records("answer", qid=[1, 2, 3], uuid=["a", "b", "c"])
    with pytest.raises(DataError, match=r"is paired by qid with .*s0.jsonl and uuid with .*s1"):
        _exact_match(
            tmp_path,
            gold,
            _records("prediction", qid=[1, 2, 3]),
            _records("prediction", uuid=["a", "b", "c"]),
        )


def test_a_field_that_the_user_names_is_the_id(tmp_path: Path) -> None:
    gold = _write(tmp_path / "gold.jsonl", _records("answer", qid=[1, 2, 3], n=[3, 1, 2]))
    said = _write(tmp_path / "s.jsonl", _records("prediction", qid=[3, 2, 1], n=[3, 1, 2])[::-1])
    (row,) = score_files(ScoreRequest(gold, [System("s", said)], fields=FieldNames("n"))).rows
    assert row.metrics["exact_match"].mean == 1.0


def test_without_fields_of_ids_the_order_counts(tmp_path: Path) -> None:
    lines = tmp_path / "s.txt"
    lines.write_text("\n".join(ANSWERS), encoding="utf-8")
    gold = _write(tmp_path / "gold.jsonl", _records("answer", paid=[1, 2, 3]))
    assert pair_ids((gold, "jsonl"), (lines, "lines")) is None


def test_questions_that_stand_elsewhere_are_not_paired_by_order(tmp_path: Path) -> None:
    """All predictions are right, so by order, or by numbers of lines, they would score 0."""
    asked = ["Who?", "Where?", "When?"]
    gold = _records("answer", question=asked)
    said = _records("prediction", question=asked)[::-1]
    with pytest.raises(DataError, match="add --id-field 'question'"):
        _exact_match(tmp_path, gold, said)
    numbered = [[{"id": i, **record} for i, record in enumerate(some)] for some in (gold, said)]
    with pytest.raises(DataError, match="so id, which counts the records, does not say what"):
        _exact_match(tmp_path, *numbered)


def test_what_is_the_same_for_many_records_pairs_nothing(tmp_path: Path) -> None:
    gold = _records("answer", kind=["a", "b", "a"], question=["Who?", "Where?", "When?"])
    said = _records("prediction", kind=["b", "a", "a"], question=["Who?", "Where?", "When?"])
    assert _exact_match(tmp_path, gold, said) == [1.0]


def test_pandas_row_numbers_in_another_order_are_told_of(tmp_path: Path) -> None:
    (tmp_path / "gold.csv").write_text(",answer\n0,Ann\n1,Bob\n", encoding="utf-8")
    (tmp_path / "said.csv").write_text(",prediction\n1,Bob\n0,Ann\n", encoding="utf-8")
    request = ScoreRequest(tmp_path / "gold.csv", [System("said", tmp_path / "said.csv")])
    with pytest.raises(DataError, match="add --id-field 'Unnamed: 0'"):
        score_files(request)
