import csv
import json
import math
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import jsonschema
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from harness import score
from harness.cli import main
from harness.errors import DataError, HarnessError, MetricError, UsageError
from harness.files import sha256_file
from harness.leaderboard.leaderboard import Leaderboard, Row, schema
from harness.leaderboard.printing.notes import empty_notes
from harness.metrics.options import MetricOptions
from harness.scores.request import ScoreRequest, System
from harness.scores.scoring import score_files

REFERENCES = {
    "a": ["Ann met Bob in Rome.", "Bob and Ann met."],
    "b": ["They signed a pact. Cyd objected."],
    "c": ["It rained all day in Oslo."],
}
ROUGE = ("rouge1", "rouge2", "rougeL", "rougeLsum")
ONE = {"a": "Ann met Bob.", "b": "A pact was signed. Cyd objected.", "c": "It rained."}
TWO = {"a": "Bob met Cyd in Rome.", "b": "", "c": "It rained all day in Oslo."}

Write = Callable[[str, str], Path]


@pytest.fixture
def write(tmp_path: Path) -> Write:
    def write(name: str, content: str) -> Path:
        (tmp_path / name).write_text(content, encoding="utf-8")
        return tmp_path / name

    return write


def _lines(content: Mapping[str, Any], field: str) -> str:
    return "".join(json.dumps({"id": k, field: v}) + "\n" for k, v in content.items())


def _score(references: Path, *predictions: Path, **more: Any) -> Leaderboard:
    systems = [System(path.stem, path) for path in predictions]
    return score_files(ScoreRequest(references, systems, **more))


def _row(board: Leaderboard, name: str) -> Row:
    return next(row for row in board.rows if row.model == name)


def _means(row: Row) -> dict[str, float | None]:
    return {name: number.mean for name, number in row.metrics.items()}


def test_several_systems_become_a_leaderboard(write: Write) -> None:
    references = write("gold.jsonl", _lines(REFERENCES, "references"))
    one = write("one.jsonl", _lines(ONE, "prediction"))
    board = _score(references, one, write("two.jsonl", _lines(TWO, "prediction")))
    assert board.suite.id == "gold"
    assert {row.model for row in board.rows} == {"one", "two"}
    for row, texts in ((_row(board, "one"), ONE), (_row(board, "two"), TWO)):
        expected = score(list(texts.values()), list(REFERENCES.values()))
        assert _means(row) == expected.means
        assert {n: x.signature for n, x in row.metrics.items()} == expected.signatures
        assert (row.counts.expected, row.counts.ok, row.counts.missing) == (3, 3, 0)
        assert (row.task, row.kind, row.squad) == ("summarize", "predictions", None)
    means = [row.metrics["rougeLsum"].mean or 0.0 for row in board.rows]
    assert means == sorted(means, reverse=True)
    assert _row(board, "one").identity["sha256"] == sha256_file(one)
    assert [_row(board, name).counts.empty for name in ("one", "two")] == [0, 1]
    assert empty_notes([_row(board, "two")]) == ["Empty, two: 1 of 3 texts have no word."]
    assert (board.canaries, "support" in board.metrics) == ({}, False)  # no article is known


def test_the_leaderboard_follows_the_schema(write: Write, tmp_path: Path) -> None:
    references = write("gold.jsonl", _lines(REFERENCES, "references"))
    board = _score(references, write("one.jsonl", _lines(ONE, "prediction")), out=tmp_path / "out")
    content = json.loads((tmp_path / "out" / "leaderboard.json").read_text(encoding="utf-8"))
    jsonschema.validate(content, schema(), cls=jsonschema.Draft202012Validator)
    assert Leaderboard.model_validate(content) == board
    number = content["rows"][0]["metrics"]["rouge1"]
    assert number["signature_short"].startswith("rouge1:")


def _parquet(path: Path, content: Mapping[str, Any], field: str) -> Path:
    columns = {"id": list(content), field: list(content.values()), "article": ["x"] * len(content)}
    pq.write_table(pa.table(columns), path)
    return path


def test_the_format_does_not_matter(write: Write, tmp_path: Path) -> None:
    first = {name: texts[0] for name, texts in REFERENCES.items()}
    texts = {"jsonl": _lines(first, "reference"), "json": json.dumps(
        [{"id": name, "reference": text} for name, text in first.items()]
    ), "csv": "id,reference\n" + "".join(f'{k},"{v}"\n' for k, v in first.items())}  # fmt: skip
    references = [write(f"gold.{suffix}", content) for suffix, content in texts.items()]
    references.append(_parquet(tmp_path / "gold.parquet", first, "reference"))
    systems = [
        write("s.jsonl", _lines(ONE, "prediction")),
        write("s.json", json.dumps(ONE)),
        write("s.csv", "id,prediction\n" + "".join(f'{k},"{v}"\n' for k, v in ONE.items())),
        _parquet(tmp_path / "s.parquet", ONE, "prediction"),
    ]
    boards = [_score(r, s) for r in references for s in systems]
    gold = write("gold.txt", "".join(f"{text}\n" for text in first.values()))
    lines = _score(gold, write("s.txt", "".join(f"{text}\n" for text in ONE.values())))
    assert len({board.suite.hash for board in boards}) == 1
    expected = score(list(ONE.values()), list(first.values())).means
    assert all(_means(board.rows[0]) == expected for board in [*boards, lines])


def test_order_does_not_matter(write: Write) -> None:
    references = write("gold.jsonl", _lines(REFERENCES, "references"))
    there = _score(references, write("s.jsonl", _lines(ONE, "prediction")))
    turned = dict(reversed(ONE.items()))
    back = _score(references, write("s.jsonl", _lines(turned, "prediction")))
    assert _means(there.rows[0]) == _means(back.rows[0])


def test_a_missing_prediction_is_counted_and_scores_0(write: Write, tmp_path: Path) -> None:
    """One has no line, one is null: two zeros of three."""
    references = write("gold.jsonl", _lines(REFERENCES, "references"))
    predictions = write("s.jsonl", _lines({"c": REFERENCES["c"][0], "a": None}, "prediction"))
    board = _score(references, predictions, items=tmp_path / "items.jsonl")
    (row,) = board.rows
    assert (row.counts.expected, row.counts.ok, row.counts.missing) == (3, 1, 2)
    assert _means(row) == dict.fromkeys(ROUGE, 1 / 3) | {"words": 6 / 3}
    assert row.counts.empty == 0
    assert {number.n for number in row.metrics.values()} == {3}
    items = [json.loads(line) for line in (tmp_path / "items.jsonl").read_text().splitlines()]
    assert [(one["id"], one["missing"], one["scores"]["rouge1"]) for one in items] == [
        ("a", True, 0.0), ("b", True, 0.0), ("c", False, 1.0),
    ]  # fmt: skip


def test_means_are_those_of_the_items(write: Write, tmp_path: Path) -> None:
    references = write("gold.jsonl", _lines(REFERENCES, "references"))
    predictions = write("s.jsonl", _lines(ONE, "prediction"))
    (row,) = _score(references, predictions, items=tmp_path / "items.parquet").rows
    table = pq.read_table(tmp_path / "items.parquet")
    for name, number in row.metrics.items():
        assert number.mean == math.fsum(table.column(name).to_pylist()) / 3


SQUAD = {"version": "v2.0", "data": [{"paragraphs": [{"qas": [
    {"id": "q1", "answers": [{"text": "Ann Lee"}, {"text": "Ann"}]},
    {"id": "q2", "answers": [{"text": "35"}]},
    {"id": "q3", "answers": []},
    {"id": "q4", "answers": []},
]}]}]}  # fmt: skip


def test_squad_2_0_with_probabilities(write: Write) -> None:
    """q1 exact; q2 is right to SQuAD, not as a number; q3 is silent; q4 speaks, but not surely."""
    system = System(
        "s",
        write("s.json", json.dumps({"q1": "Ann", "q2": "3.5%", "q3": "", "q4": "Bob"})),
        write("na.json", json.dumps({"q4": 0.9, "q1": 0.1, "q2": 0.2, "q3": 0.8})),
    )
    board = score_files(ScoreRequest(write("gold.json", json.dumps(SQUAD)), [system]))
    (row,) = board.rows
    assert _means(row) == {
        "exact_match": 3 / 4, "f1": 3 / 4, "contains": 2 / 4, "token_recall": 3 / 4,
        "words": 3 / 4,  # Ann, 3.5%, nothing and Bob
        "number_exact_match": 2 / 4, "number_f1": 2 / 4,
    }  # fmt: skip
    assert row.squad == {
        "exact": 75.0, "f1": 75.0, "total": 4,
        "HasAns_exact": 100.0, "HasAns_f1": 100.0, "HasAns_total": 2,
        "NoAns_exact": 50.0, "NoAns_f1": 50.0, "NoAns_total": 2,
        "best_exact": 100.0, "best_exact_thresh": 0.2, "best_f1": 100.0, "best_f1_thresh": 0.2,
    }  # fmt: skip
    assert row.identity.keys() == {"kind", "file", "sha256", "probabilities_sha256"}


def test_probabilities_beside_the_predictions(write: Write) -> None:
    lines = [("q1", "Ann", 0.1), ("q2", "", 0.3), ("q3", "x", 0.2)]
    predictions = "".join(
        json.dumps({"id": i, "prediction_text": t, "no_answer_probability": p}) + "\n"
        for i, t, p in lines
    )
    (row,) = _score(write("gold.json", json.dumps(SQUAD)), write("s.jsonl", predictions)).rows
    assert row.squad is not None
    # Refusing all gives q3, and q4 has no prediction; below 0.1 q1 too.
    assert (row.squad["best_exact"], row.squad["best_exact_thresh"]) == (100 * 2 / 4, 0.1)
    assert (row.squad["NoAns_exact"], row.counts.missing) == (0.0, 1)


def test_squad_1_1_is_told_by_the_data_set_or_the_user(write: Write) -> None:
    gold = {"version": "1.1", "data": [{"paragraphs": [{"qas": [
        {"id": "q1", "answers": [{"text": "a"}]}]}]}]}  # fmt: skip
    references = write("gold.json", json.dumps(gold))
    predictions = write("s.json", '{"q1": "the"}')
    (row,) = _score(references, predictions).rows
    assert row.squad == {"exact_match": 100.0, "f1": 0.0}
    assert "unanswerable:squad-1.1" in row.metrics["f1"].signature
    (row,) = _score(references, predictions, squad="2.0").rows
    assert row.squad is not None
    assert row.squad["f1"] == 100.0


GOLD = _lines(REFERENCES, "references")
SAID = _lines(ONE, "prediction")


@pytest.mark.parametrize(
    ("gold", "said", "more", "error", "message"),
    [
        (GOLD, _lines({str(i): "x" for i in range(7)}, "prediction"), {}, DataError,
         "s.jsonl: 7 ids are not in GOLD: '0', '1', '2', '3', '4', …"),
        (GOLD, _lines({**ONE, "d": "x"}, "prediction"), {}, DataError, "s.jsonl: 1 id is not in GOLD: 'd'"),
        (GOLD, SAID + _lines({"a": "x"}, "prediction"), {}, DataError, "s.jsonl:4: the id 'a' has a prediction already"),
        (GOLD + _lines({"a": "x"}, "references"), SAID, {}, DataError, "gold.jsonl:4: the id 'a' is given twice"),
        (GOLD, '{"prediction": "x"}\n', {}, DataError, "gold.jsonl has ids and "),
        (GOLD, '{"id": "a", "prediction": \n', {}, DataError, "s.jsonl:1: not valid JSON"),
        (_lines({"a": []}, "references"), SAID, {}, DataError, "gold.jsonl:1: has no reference; a summary needs one"),
        (_lines({"a": "日本"}, "references"), _lines({"a": "日本"}, "prediction"), {}, DataError, "GOLD: ROUGE's default tokenizer drops 100.0 % of the letters of references"),
        (GOLD, SAID, {"squad": "1.1"}, UsageError, "are for answers; add --task answer"),
        (GOLD, SAID, {"task": "answer", "options": MetricOptions(stemmer=False)}, UsageError, "are for summaries; add --task summarize"),
        (_lines({"a": []}, "answers"), _lines({"a": ""}, "prediction"), {"squad": "1.1"}, MetricError, "SQuAD 1.1 does not know"),
        (_lines(REFERENCES, "answers"),
         '{"id": "a", "prediction": "x", "na_prob": 0.5}\n{"id": "b", "prediction": "x"}\n', {}, DataError,
         "s.jsonl: 1 predictions have no no-answer probability; give one to each, or to none"),
    ],
)  # fmt: skip
def test_what_does_not_fit_is_refused(
    write: Write, tmp_path: Path, gold: str, said: str, more: dict[str, Any],
    error: type[HarnessError], message: str,
) -> None:  # fmt: skip
    references = write("gold.jsonl", gold)
    with pytest.raises(error) as caught:
        _score(references, write("s.jsonl", said), out=tmp_path / "out", **more)
    assert message.replace("GOLD", str(references)) in str(caught.value)
    assert "\n" not in str(caught.value)
    assert not (tmp_path / "out" / "leaderboard.json").exists()


def test_the_last_file_s_fault_is_found_before_the_first_is_scored(
    write: Write, capsys: pytest.CaptureFixture[str]
) -> None:
    good, bad = write("good.jsonl", SAID), write("bad.jsonl", SAID + "{")
    with pytest.raises(DataError, match=r"bad.jsonl:4"):
        _score(write("gold.jsonl", GOLD), good, bad)
    assert capsys.readouterr().err == ""


def test_lines_must_be_as_many(write: Write) -> None:
    with pytest.raises(
        DataError, match=r"s.txt has 2 predictions and .* 3 references; without ids"
    ):
        _score(write("gold.txt", "x\ny\nz\n"), write("s.txt", "x\ny\n"))
    with pytest.raises(
        DataError, match=r"s.txt has 4 predictions and .* 3 references; without ids"
    ):
        _score(write("gold.txt", "x\ny\nz\n"), write("s.txt", "x\ny\nz\n\n"))


def test_strange_probabilities_are_refused(write: Write) -> None:
    system = System("s", write("s.json", '{"q1": "Ann"}'), write("na.json", '{"q1": 0, "q9": 1}'))
    with pytest.raises(DataError, match=r"na.json: 1 id is not in .*gold.json: 'q9'"):
        score_files(ScoreRequest(write("gold.json", json.dumps(SQUAD)), [system]))


def test_two_systems_of_one_name_are_refused(write: Write) -> None:
    said = write("s.jsonl", SAID)
    with pytest.raises(UsageError, match="two systems are named 's'; name them with NAME=FILE"):
        _score(write("gold.jsonl", GOLD), said, said)


def test_letters_that_rouge_drops_are_told_beside_the_numbers(
    write: Write, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    """1 of 20 letters of the reference, 1 of 20 of the prediction: 5 %."""
    references = write(
        "gold.jsonl", _lines({"a": "Für die alte Stadt am Fluss"[:25]}, "references")
    )
    text = json.loads(references.read_text(encoding="utf-8"))["references"]
    assert sum(map(str.isalpha, text)) == 20
    predictions = write("s.jsonl", _lines({"a": text}, "prediction"))
    command = ["score", "--references", str(references), "--predictions", str(predictions)]
    assert main([*command, "--out", str(tmp_path / "out")]) == 0
    assert "Caution: ROUGE's default tokenizer drops 5.0 % of the letters of references and" in (
        " ".join(capsys.readouterr().out.split())
    )
    board = json.loads((tmp_path / "out" / "leaderboard.json").read_text(encoding="utf-8"))
    unseen = {name: number["unseen"] for name, number in board["rows"][0]["metrics"].items()}
    assert unseen == dict.fromkeys(ROUGE, 0.05) | {"words": None}
    assert main([*command, "--format", "csv"]) == 0
    (line,) = csv.DictReader(capsys.readouterr().out.splitlines())
    assert line["rouge1_unseen"] == "0.05"
    assert main([*command, "--tokenizer", "unicode"]) == 0
    assert "Caution" not in capsys.readouterr().out


def test_answers_by_the_rule_of_their_language(
    write: Write, capsys: pytest.CaptureFixture[str]
) -> None:
    """3 of 3 and of 5 characters, the point aside: MLQA's script says 0.7499999999999999."""
    references = write("gold.jsonl", _lines({"a": ["马拉·霍尔特"]}, "answers"))
    predictions = write("s.jsonl", _lines({"a": "霍尔特"}, "prediction"))
    command = [
        "score",
        "--references",
        str(references),
        "--predictions",
        str(predictions),
        "--json",
    ]
    assert main(command) == 2
    assert "are of scripts without spaces" in capsys.readouterr().err
    assert main([*command, "--language", "zh"]) == 0
    board = json.loads(capsys.readouterr().out)
    assert board["metric_options"]["language"] == "zh"
    assert board["rows"][0]["metrics"]["f1"]["mean"] == 0.7499999999999999
    assert main([*command, "--language", "zh", "--no-stemmer"]) == 2
    assert "options of ROUGE are for summaries" in capsys.readouterr().err
