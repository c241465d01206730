"""A run with judges, from the roster to the leaderboard and back by `harness verify`."""

import json
import sqlite3
from collections.abc import Callable
from pathlib import Path

import pytest

from harness.cli import main
from harness.eval.evaluate import evaluate
from harness.eval.finished_run import Evaluation
from harness.leaderboard.printing.tables import tables
from harness.models.judges.opinion import Opinion
from harness.tables.terminal import Display, terminal_text
from harness.verify.verification import verify
from tests.servers import Request, answering

Folder = Callable[..., Path]


@pytest.fixture
def roster(tmp_path: Path, tiny_folder: Folder) -> Path:
    path = tmp_path / "judges.toml"
    path.write_text(
        f"""\
[says-lead]
kind = "lead"
sentences = 2
[says-more]
kind = "lead"
sentences = 3
[judges.entails]
kind = "nli"
weights = {{ folder = "{tiny_folder("classifier")}" }}
[judges.marks]
kind = "token-support"
weights = {{ folder = "{tiny_folder("token_classifier")}" }}
""",
        encoding="utf-8",
    )
    return path


def _run(suite: Path, roster: Path, out: Path, **options: object) -> Evaluation:
    arguments: dict[str, object] = {
        "rosters": [roster], "tasks": ["summarize"], "floors": True, "out": out,
        "judges": ["entails", "marks"],
    }  # fmt: skip
    return evaluate(suite, **(arguments | options))  # type: ignore[arg-type]


def _lines(out: Path) -> list[dict[str, object]]:
    text = (out / "judgments.jsonl").read_text(encoding="utf-8")
    return [json.loads(line) for line in text.splitlines()]


def test_a_judged_run_verifies_and_asks_nobody_twice(
    suite_folder: Path, roster: Path, tmp_path: Path
) -> None:
    out = tmp_path / "run"
    board = _run(suite_folder, roster, out).leaderboard
    assert [(j.name, j.role, j.kind, j.failed) for j in board.judges] == [
        ("entails", "judge", "nli", 0), ("marks", "judge", "token-support", 0),
    ]  # fmt: skip
    names = {"entails.entailment", "entails.summac_zs", "marks.unsupported"}
    for row in board.rows:
        assert names <= row.metrics.keys()
        assert all(row.metrics[name].mean is not None for name in names), row.model
    assert board.metrics["marks.unsupported"].declaration.direction == "lower"
    assert board.metrics["entails.summac_zs"].declaration.role == "gated"
    # Two models copy the same sentences: each is judged once.
    lines = _lines(out)
    for judge in board.judges:
        keys = {line["key"] for line in lines if line["judge"] == judge.name}
        assert judge.calls == len(keys) < sum(line["judge"] == judge.name for line in lines)
        assert judge.tokens
    # Nobody is told who wrote a text, nor what people wrote.
    assert {line.get("model") for line in lines} >= {None, "says-lead", "says-more"}
    # The mean over its sentences, from what is stored.
    line = next(row for row in board.rows if row.model == "says-lead")
    of_row = [
        [
            Opinion.read(str(one["answer"])).numbers["entailment"]
            for one in lines
            if (one["judge"], one.get("model"), one["example"], one["text"])
            == ("entails", "says-lead", example, "output")
        ]
        for example in ("first", "second")
    ]
    mean = sum(sum(values) / len(values) for values in of_row) / 2
    assert line.metrics["entails.entailment"].mean == pytest.approx(mean)
    # The corruptions are judged, and what the judge sees of them stands on the board.
    assert any("entails.entailment" in lines for lines in board.canaries.values())
    text = " ".join(terminal_text(tables(board), Display(width=200)).split())
    assert "by the judge entails (nli)" in text
    assert "agreement not established" in text
    assert not verify(out).differences
    assert verify(out).judgments == len(lines)

    again = _run(suite_folder, roster, out).leaderboard
    assert [judge.cached for judge in again.judges] == [judge.calls for judge in board.judges]
    assert again.judgments_sha256 == board.judgments_sha256

    lines[-1]["answer"] = '{"numbers":{"tokens":1}}'
    text = "".join(json.dumps(one, sort_keys=True, separators=(",", ":")) + "\n" for one in lines)
    (out / "judgments.jsonl").write_text(text, encoding="utf-8")
    found = [str(difference) for difference in verify(out).differences]
    assert any(difference.startswith("predictions.sqlite: marks") for difference in found)


def test_a_killed_run_of_two_judges_asks_only_what_it_lacks(
    suite_folder: Path, roster: Path, tmp_path: Path
) -> None:
    whole, out = tmp_path / "whole", tmp_path / "run"
    judges = _run(suite_folder, roster, whole).leaderboard.judges
    _run(suite_folder, roster, out)
    keys = sorted({str(line["key"]) for line in _lines(out)})
    kept = set(keys[: len(keys) // 2])
    with sqlite3.connect(out / "predictions.sqlite") as store:
        store.executemany(
            "DELETE FROM predictions WHERE key = ?", [(key,) for key in keys if key not in kept]
        )
    resumed = _run(suite_folder, roster, out).leaderboard.judges
    assert [judge.calls for judge in resumed] == [judge.calls for judge in judges]
    assert sum(judge.cached for judge in resumed) == len(kept)
    assert (out / "judgments.jsonl").read_bytes() == (whole / "judgments.jsonl").read_bytes()


def test_a_server_that_stops_half_way_is_asked_for_the_rest(
    suite_folder: Path, tmp_path: Path
) -> None:
    up = False
    asked: list[str] = []  # a request is the same object as others of its connection

    def answer(request: Request) -> None:
        asked.append(request.asked)
        if up or request.number <= 5:
            request.reply("4 It says so." if request.number % 2 else "7")
        else:
            request.send(500, "{}")

    with answering(answer) as server:
        roster = tmp_path / "served.toml"
        roster.write_text(
            '[says-lead]\nkind = "lead"\n[judges.grader]\nkind = "chat"\n'
            f'endpoint = {{ url = "{server.url}", model = "x", retries = 0, concurrency = 1 }}\n',
            encoding="utf-8",
        )
        first = _run(suite_folder, roster, tmp_path / "run", judges=["grader"])
        (judge,) = first.leaderboard.judges
        graded = asked[:5:2]
        assert judge.failed == judge.calls - len(graded)
        assert "judgments failed, and what needs them is in no mean" in first.failures[0]
        # A "7" is a failure and no number, and so are those that were not answered.
        numbers = [row.metrics["grader.fluency"] for row in first.leaderboard.rows]
        assert {number.mean for number in numbers} <= {None, 4.0}
        up = True
        second = _run(suite_folder, roster, tmp_path / "run", judges=["grader"])
        assert second.leaderboard.judges[0].cached == len(graded)
        asked_again = asked[-(judge.calls - len(graded)) :]
        assert not {*graded} & {*asked_again}
        assert len({*asked_again}) == judge.calls - len(graded)
    assert not verify(tmp_path / "run").differences


@pytest.mark.parametrize(
    ("toml", "judges", "message"),
    [
        ("", "entail", "the rosters have no judge 'entail'; did you mean entails?"),
        ("", "entails,none", "none stands beside judges"),
        ("", "entails,entails", "entails is there twice"),
        ('[judges.a]\nkind = "nil"\n', "a", "there is no kind 'nil'; did you mean nli?"),
        ('[wrong]\nkind = "nli"\n', "entails", "'nli' is a kind of judge: write [judges.NAME]"),
        ('[judges."a@b"]\nkind = "nli"\n', "entails", "a judge's name is letters, digits, dots"),
        ('[judges.entails]\nkind = "nli"\n', "entails", "('judges', 'entails') twice"),
    ],
)
def test_bad_judges_are_one_line(
    suite_folder: Path,
    roster: Path,
    capsys: pytest.CaptureFixture[str],
    tmp_path: Path,
    toml: str,
    judges: str,
    message: str,
) -> None:
    with roster.open("a", encoding="utf-8") as file:
        file.write(toml)
    arguments = ["eval", "--suite", str(suite_folder), "--roster", str(roster)]
    arguments += ["--out", str(tmp_path / "run"), "--judges", judges]
    assert main(arguments) == 2
    said = capsys.readouterr().err
    assert message in said
    assert not (tmp_path / "run").exists()


def test_judges_of_answers_alone_and_of_unclear_labels_are_refused_before_anything_runs(
    suite_folder: Path,
    roster: Path,
    tiny_folder: Folder,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
) -> None:
    arguments = ["eval", "--suite", str(suite_folder), "--roster", str(roster)]
    arguments += ["--out", str(tmp_path / "run"), "--judges"]
    assert main([*arguments, "entails", "--tasks", "answer", "--models", "no-answer"]) == 2
    assert (
        "--judges entails: it judges summaries, and none are made; leave it out"
        in capsys.readouterr().err
    )
    folder = tiny_folder("classifier", labels="LABEL_0,LABEL_1,LABEL_2")
    with roster.open("a", encoding="utf-8") as file:
        file.write(f'[judges.unclear]\nkind = "nli"\nweights = {{ folder = "{folder}" }}\n')
    assert main([*arguments, "unclear"]) == 2
    assert "the judge unclear: " in (said := capsys.readouterr().err)
    assert 'entailment = "NAME"' in said
    assert not (tmp_path / "run").exists()
