import json
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from harness.cli import main
from harness.errors import DataError
from harness.leaderboard.run_folder import read_run
from tests import small_runs

FROZEN = Path(__file__).parents[1] / "frozen"


@pytest.fixture
def run(suite_folder: Path, tmp_path: Path) -> Path:
    return small_runs.run(suite_folder, tmp_path / "run")


@pytest.mark.parametrize(
    "file", [".", "leaderboard.json", "predictions.jsonl", "predictions.sqlite"]
)
def test_a_run_is_read_from_its_folder_or_any_of_its_files(run: Path, file: str) -> None:
    found = read_run(run / file)
    assert found.board == read_run(run).board
    assert len(found.lines) == 3 * 2 + 2 + 2 * 4  # three floors and the oracle; two floors


def test_a_row_has_the_lines_of_its_scope_and_the_cluster_is_the_article() -> None:
    """Counted by hand: 131 questions on five articles, 30 on the event, which is one cluster."""
    run = read_run(FROZEN)
    rows = {(r.model, r.task, r.scope): r for r in run.board.rows}
    articles = run.lines_of(rows["no-answer", "answer", "article"])
    event = run.lines_of(rows["no-answer", "answer", "event"])
    assert (len(articles), len({line.cluster for line in articles})) == (131, 5)
    assert (len(event), {line.cluster for line in event}) == (30, {"us-japan-rare-earths-2025"})
    assert len(run.lines_of(rows["people", "summarize", "article"])) == 0


def _leaderboard(text: str) -> dict[str, str]:
    return {"leaderboard.json": text}


@pytest.mark.parametrize(
    ("files", "message"),
    [
        (_leaderboard(""), "leaderboard.json: not valid JSON: Expecting value"),
        (_leaderboard("[]"), "no leaderboard of version 2, but of None; `harness eval --out "),
        (
            _leaderboard('{"schema_version": 1, "rows": [{"kind": "causal"}]}'),
            "no leaderboard of version 2, but of 1; `harness eval --out ",
        ),
        (
            _leaderboard('{"schema_version": 1, "rows": [{"kind": "predictions"}]}'),
            "no leaderboard of version 2, but of 1; `harness score --out ",
        ),
        (_leaderboard('{"schema_version": 2}'), "leaderboard.json: suite: is missing; add it"),
        (
            _leaderboard('{"schema_version": 2, "rows": [{"kind": "causal"}]}'),
            "no leaderboard of version 2, but of its draft; `harness eval --out ",
        ),
        ({"predictions.jsonl": "{}\n"}, "predictions.jsonl:1: key: is missing; add it (and 5"),
        ({"predictions.jsonl": '{"model'}, "predictions.jsonl:1: not valid JSON: Unterminated"),
    ],
)
def test_what_is_no_run_is_one_line(run: Path, files: dict[str, str], message: str) -> None:
    for name, text in files.items():
        (run / name).write_text(text, encoding="utf-8")
    with pytest.raises(DataError) as caught:
        read_run(run)
    assert message in str(caught.value)
    assert "\n" not in str(caught.value)


def test_a_folder_without_a_run_says_what_is_missing(run: Path, tmp_path: Path) -> None:
    with pytest.raises(DataError, match=r"nowhere: no run: leaderboard.json is missing; name a f"):
        read_run(tmp_path / "nowhere")
    (run / "predictions.jsonl").unlink()
    with pytest.raises(DataError, match=r"no run: predictions.jsonl is missing"):
        read_run(run)


def test_what_score_made_is_a_run(tmp_path: Path) -> None:
    for name in ("gold", "mine"):
        (tmp_path / f"{name}.txt").write_text("Ann met Bob.\n", encoding="utf-8")
    files = [
        "--references",
        str(tmp_path / "gold.txt"),
        "--predictions",
        str(tmp_path / "mine.txt"),
    ]
    assert main(["score", *files, "--out", str(tmp_path / "scored"), "--quiet"]) == 0
    run = read_run(tmp_path / "scored")
    assert (run.verb, len(run.lines)) == ("score", 1)
    assert run.suite_name == f"references:{tmp_path / 'gold.txt'}"


@pytest.mark.parametrize("name", ["leaderboard.json", "predictions.jsonl"])
def test_a_file_that_was_changed_after_it_was_written_is_refused(run: Path, name: str) -> None:
    """One bit is enough: "1" and "0", or two letters, are one apart."""
    path = run / name
    data = path.read_bytes()
    place = data.index(b'"rouge1":' if name.endswith("l") else b'"high":') + len(b'"high": 0.')
    place = next(i for i in range(place, len(data)) if data[i : i + 1].isdigit())
    path.write_bytes(data[:place] + bytes([data[place] ^ 1]) + data[place + 1 :])
    with pytest.raises(DataError, match=rf"{name}: was changed after it was written .* verify"):
        read_run(run)
    assert read_run(run, altered=True)


def test_a_key_given_twice_is_refused(run: Path) -> None:
    """JSON parsers take the last of two in silence."""
    path = run / "leaderboard.json"
    text = path.read_text(encoding="utf-8")
    path.write_text(text.replace('"rank": 1', '"rank": 2, "rank": 1'), encoding="utf-8")
    with pytest.raises(DataError, match="not valid JSON: 'rank' is given twice in one object"):
        read_run(run)
    path.write_text(text, encoding="utf-8")
    path = run / "predictions.jsonl"
    text = path.read_text(encoding="utf-8")
    path.write_text(text.replace('"text":', '"text":"x","text":', 1), encoding="utf-8")
    with pytest.raises(DataError, match="jsonl:1: not valid JSON: 'text' is given twice"):
        read_run(run)


def test_a_line_given_twice_is_refused(run: Path) -> None:
    path = run / "predictions.jsonl"
    first = path.read_text(encoding="utf-8").split("\n")[0]
    path.write_text(f"{first}\n{first}\n", encoding="utf-8")
    with pytest.raises(DataError, match=r"jsonl:2: a second prediction of .* first; keep one"):
        read_run(run)


def test_a_row_given_twice_is_refused(run: Path) -> None:
    small_runs.edit_board(run, lambda board: board["rows"].append(board["rows"][0]))
    with pytest.raises(DataError, match=r"two rows of .* article; run `harness eval` anew"):
        read_run(run)


@pytest.mark.parametrize(
    ("edit", "message"),
    [
        (
            lambda board: small_runs.row(board, "lead-3", "summarize")["metrics"]["rouge1"].update(
                mean=1.5
            ),
            "leaderboard.json: lead-3 summarize rouge1: 1.5 is outside the range of the metric",
        ),
        (
            lambda board: board["metrics"].pop("rouge1"),
            "summarize rouge1: no such metric is declared",
        ),
        (
            lambda board: board["metrics"]["rouge1"].update(low=2.0),
            "leaderboard.json: metrics: a range from 2 to 1 is empty",
        ),
    ],
)
def test_a_number_that_no_metric_declares_is_refused(
    run: Path, edit: Callable[[dict[str, Any]], object], message: str
) -> None:
    small_runs.edit_board(run, edit)
    with pytest.raises(DataError, match=re.escape(message)):
        read_run(run)


def test_lines_that_the_leaderboard_does_not_count_are_refused(run: Path) -> None:
    small_runs.changed_copy(run, run, lambda x: None if x["example"] == "first/who" else x)
    found = read_run(run)
    (row,) = [r for r in found.board.rows if r.model == "no-answer"]
    with pytest.raises(DataError, match=r"3 predictions of no-answer answer, but .* counts 4"):
        found.lines_of(row)


def test_a_line_without_a_score_is_refused(run: Path) -> None:
    small_runs.changed_copy(run, run, lambda x: x | {"scores": {}})
    found = read_run(run)
    with pytest.raises(DataError, match="has not all scores of its row"):
        found.lines_of(found.board.rows[0])


def test_a_separator_within_a_text_ends_no_line(run: Path) -> None:
    small_runs.changed_copy(run, run, lambda x: x | {"text": "one\u2028two\x85three"})
    assert {line.text for line in read_run(run).lines} == {"one\u2028two\x85three"}


def test_a_score_that_is_no_number_is_refused(run: Path) -> None:
    text = (run / "predictions.jsonl").read_text(encoding="utf-8")
    line = json.loads(text.split("\n")[0])
    (run / "predictions.jsonl").write_text(
        json.dumps(line | {"scores": {"f1": float("nan")}}), encoding="utf-8"
    )
    with pytest.raises(DataError, match=r"scores.f1: must be a number, not nan"):
        read_run(run)


@pytest.mark.parametrize("number", ["NaN", "-Infinity"])
def test_what_is_no_json_in_what_is_only_recorded_is_refused(run: Path, number: str) -> None:
    """An environment is whatever was found; a hash of it there is none."""
    path = run / "leaderboard.json"
    text = path.read_text(encoding="utf-8")
    changed = text.replace('"environment": {', f'"environment": {{"x": {number},', 1)
    assert changed != text
    path.write_text(changed, encoding="utf-8")
    with pytest.raises(DataError, match=r"leaderboard\.json: holds NaN or Infinity, which are no"):
        read_run(run, altered=True)
