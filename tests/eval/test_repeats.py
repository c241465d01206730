"""`harness eval --repeats` against a real server, which answers by the seed that it is sent.

Two articles with two questions each. With seed 0 every answer is right, with seed 1 none, and with
seed 2 that to q0 alone. So q0 scores 1, 0, 1 and q1 1, 0, 0.
"""

import json
import re
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from harness.cli import main
from harness.leaderboard.run_folder import read_run
from harness.verify.verification import verify
from tests import small_runs
from tests.servers import Request, Server, answering

pytest.importorskip("openai")

Run = Callable[..., int]
PRICES = "prices = { input = 0, output = 1_000_000 }"


def _question(request: Request) -> tuple[str, str]:
    """Return which article is asked about, and the number of its question."""
    number = re.findall(r"What is number (\d)", request.asked)[-1]
    return re.findall(r"Answer number 0 of (\w) is", request.asked)[-1], number


def _reply(request: Request) -> None:
    article, number = _question(request)
    right = {0: True, 1: False, 2: number == "0"}[request.body["seed"]]
    request.reply(f"{article}word{number}" if right else "wrong")


@pytest.fixture
def run(tmp_path: Path) -> Run:
    """Run `harness eval` on the four questions."""
    suite = small_runs.suite(tmp_path / "suite", articles=2, questions=2)

    def evaluate(server: Server, *more: str, entry: str = PRICES) -> int:
        roster = tmp_path / "mine.toml"
        roster.write_text(
            f'[m]\nkind = "endpoint"\nurl = "{server.url}"\nmodel = "m"\n'
            f'tasks = ["answer"]\nconcurrency = 1\nbackoff = 0.01\n{entry}\n',
            encoding="utf-8",
        )
        arguments = ["--suite", suite, "--roster", roster, "--out", tmp_path / "out", *more]
        return main(["eval", *map(str, arguments)])

    return evaluate


def _lines(out: Path) -> dict[str, dict[str, Any]]:
    text = (out / "predictions.jsonl").read_text(encoding="utf-8")
    return {
        line["example"]: line for line in map(json.loads, text.splitlines()) if line["model"] == "m"
    }


def _row(out: Path) -> dict[str, Any]:
    board = json.loads((out / "leaderboard.json").read_text(encoding="utf-8"))
    return small_runs.row(board, "m", "answer")


def test_scores_are_means_and_both_variances_are_told(
    run: Run, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Each example's squares about its mean are 2/3, in all 8/3 over 12 - 4 scores: 1/3.

    The means 2/3 and 1/3 lie 1/6 about 1/2: 3 * 4 / 36 over 3 is 1/9, less than 1/3: 0 between.
    """
    out = tmp_path / "out"
    with answering(_reply) as server:
        assert run(server, "--repeats", "3") == 0
    assert Counter(request.body["seed"] for request in server.seen) == {0: 4, 1: 4, 2: 4}
    said = " ".join(capsys.readouterr().out.split())
    assert (
        "m: means of 3 repeats of each example; f1 spreads by 57.7 from one to the next, by 0.0 "
        "between examples (standard deviations); the interval has both in it."
    ) in said
    row = _row(out)
    assert row["metrics"]["f1"]["mean"] == pytest.approx(1 / 2)
    assert row["metrics"]["f1"]["n"] == row["counts"]["ok"] == 4
    assert row["squad"]["exact"] == pytest.approx(50)
    assert row["repeats"] == {
        "count": 3,
        "failed": 0,
        "within_variance": pytest.approx(1 / 3),
        "between_variance": 0,
    }
    assert row["cost"] == pytest.approx(12 * 10)
    line = _lines(out)["b/q0"]
    assert (line["text"], "repeat" in line) == ("bword0", False)
    assert line["scores"]["f1"] == pytest.approx(2 / 3)
    assert line["own_scores"]["f1"] == 1
    assert [(r["repeat"], r["text"], r["scores"]["f1"]) for r in line["repeats"]] == [
        (2, "wrong", 0),
        (3, "bword0", 1),
    ]
    keys = {
        key
        for ln in _lines(out).values()
        for key in [ln["key"], *(r["key"] for r in ln["repeats"])]
    }
    assert len(keys) == 12


def test_all_that_reads_a_run_takes_one_with_repeats(
    run: Run, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out = str(tmp_path / "out")
    with answering(_reply) as server:
        assert run(server, "--repeats", "3", "-q") == 0
    capsys.readouterr()
    assert main(["verify", out]) == 0
    assert "all equal" in capsys.readouterr().out
    for command in (["compare", out, out], ["gate", out, "--baseline", out], ["report", out]):
        assert main([*command, "-q"]) == 0
    page = (tmp_path / "out" / "report.html").read_text(encoding="utf-8")
    assert "means of 3 repeats of each example" in page
    assert "--repeats 3" in page
    capsys.readouterr()
    assert main(["show", "a/q1", out, "--model", "m"]) == 0
    shown = capsys.readouterr().out
    first, third = (
        next(line for line in shown.splitlines() if line.startswith(f"== repeat {number} of 3: "))
        for number in (1, 3)
    )
    assert "exact_match 100.0, f1 100.0" in first
    assert "exact_match 0.0, f1 0.0" in third
    assert first.endswith("words 1.0")  # a length is no share
    assert "== scores, means of 3 repeats" in shown
    assert main(["show", "a/q1", out, "--model", "m", "--json"]) == 0
    view = json.loads(capsys.readouterr().out)
    assert [(r["repeat"], r["text"]) for r in view["repeats"]] == [
        (1, "aword1"), (2, "wrong"), (3, "wrong"),
    ]  # fmt: skip


def test_other_texts_of_the_first_repeat_are_no_change_of_metric(
    run: Run, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Asked once, the texts are the same as the first of three, and the scores are not."""
    with answering(_reply) as server:
        assert run(server, "-q") == 0
        (tmp_path / "out").rename(tmp_path / "once")
        assert run(server, "--repeats", "3", "-q") == 0
    capsys.readouterr()
    assert main(["compare", str(tmp_path / "once"), str(tmp_path / "out"), "--json"]) == 0
    rows = json.loads(capsys.readouterr().out)["rows"]
    (pair,) = [row for row in rows if row["name"]["model"] == "m"]
    assert pair["refused"] == []
    assert pair["scores"]["difference"] == pytest.approx(-1 / 2)


def test_what_was_asked_once_is_the_first_repeat_and_nothing_is_asked_twice(
    run: Run, tmp_path: Path
) -> None:
    with answering(_reply) as server:
        assert run(server) == 0
        assert len(server.seen) == 4
        once = {name: line["key"] for name, line in _lines(tmp_path / "out").items()}
        assert _row(tmp_path / "out")["repeats"] is None
        assert run(server, "--repeats", "3") == 0
        assert len(server.seen) == 12
        assert {name: line["key"] for name, line in _lines(tmp_path / "out").items()} == once
        assert run(server, "--repeats", "3") == 0
        assert run(server, "--repeats", "2") == 0
        assert len(server.seen) == 12
    assert _row(tmp_path / "out")["metrics"]["f1"]["mean"] == pytest.approx(1 / 2)
    assert _row(tmp_path / "out")["repeats"]["count"] == 2


def test_it_is_estimated_and_stopped_by_what_all_repeats_cost_and_goes_on(
    run: Run, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """A reply costs 10 and at most 32: of 100, seven of twelve requests can be made."""
    out = tmp_path / "out"
    with answering(_reply) as server:
        assert run(server, "--repeats", "3", "--dry-run", "--json") == 0
        dry = json.loads(capsys.readouterr().out)
        (row,) = [row for row in dry["rows"] if row["model"] == "m"]
        assert (row["examples"], row["repeats"], row["calls"], row["to_predict"]) == (4, 3, 12, 12)
        assert row["max_cost"] == pytest.approx(12 * 32)
        assert server.seen == []
        assert run(server, "--repeats", "3", "--max-cost", "100") == 3
        assert len(server.seen) == 7
        assert "m answer lacks 5 of 12 predictions" in capsys.readouterr().err
        assert not (out / "leaderboard.json").exists()
        assert [request.body["seed"] for request in server.seen] == [0] * 4 + [1] * 3
        assert run(server, "--repeats", "3", "--dry-run", "--json") == 0
        dry = json.loads(capsys.readouterr().out)
        (row,) = [row for row in dry["rows"] if row["model"] == "m"]
        assert (row["stored"], row["to_predict"]) == (7, 5)
        assert run(server, "--repeats", "3") == 0
        assert len(server.seen) == 12
        assert "5 predicted, 7 kept from before, 0 failed" in capsys.readouterr().err
    assert _row(out)["metrics"]["f1"]["mean"] == pytest.approx(1 / 2)


def test_failures_of_single_repeats_are_counted_and_tried_again(
    run: Run, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """a/q0 fails the first time, b/q1 each time.

    Left are 0 and 1 of a/q0, 1, 0 and 0 of a/q1, and 1, 0 and 1 of b/q0: the mean of 1/2, 1/3 and
    2/3 is 1/2.
    """
    out = tmp_path / "out"
    broken = True

    def fail_some(request: Request) -> None:
        question, seed = _question(request), request.body["seed"]
        if broken and (question == ("b", "1") or (question, seed) == (("a", "0"), 0)):
            request.send(400, '{"error": {"message": "no"}}')
        else:
            _reply(request)

    with answering(fail_some) as server:
        assert run(server, "--repeats", "3") == 3
        said = capsys.readouterr()
        assert "m answer: 4 of 12 predictions failed and are in no mean" in said.err
        assert "4 of 12 failed." in " ".join(said.out.split())
        row = _row(out)
        assert (row["counts"]["ok"], row["counts"]["error"], row["repeats"]["failed"]) == (3, 1, 4)
        assert row["metrics"]["f1"]["mean"] == pytest.approx(1 / 2)
        lines = _lines(out)
        assert (lines["a/q0"]["repeat"], lines["a/q0"]["text"]) == (2, "wrong")
        assert [r.get("repeat", 1) for r in lines["a/q0"]["repeats"]] == [1, 3]
        assert "error" in lines["a/q0"]["repeats"][0]
        assert (lines["b/q1"]["scores"], len(lines["b/q1"]["repeats"])) == ({}, 2)
        assert main(["verify", str(out)]) == 0
        asked = len(server.seen)
        broken = False
        assert run(server, "--repeats", "3") == 0
        assert len(server.seen) == asked + 4
    row = _row(out)
    assert (row["counts"]["error"], row["repeats"]["failed"]) == (0, 0)


def test_verify_finds_what_was_changed_in_a_repeat(
    run: Run, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    with answering(_reply) as server:
        assert run(server, "--repeats", "3", "-q") == 0
    out = tmp_path / "out"

    def other_text(line: dict[str, Any]) -> dict[str, Any]:
        if (line["model"], line["example"]) == ("m", "a/q1"):
            line["repeats"][0]["text"] = "aword1"
        return line

    def without_last(line: dict[str, Any]) -> dict[str, Any]:
        if (line["model"], line["example"]) == ("m", "a/q1"):
            line["repeats"].pop()
        return line

    changed = small_runs.changed_copy(out, tmp_path / "text", other_text)
    said = [str(difference) for difference in verify(changed).differences]
    assert (
        "predictions.jsonl: m answer a/q1.repeats.1.scores.f1: stored 0.0, recomputed 1.0 (by -1)"
    ) in said
    assert (
        "predictions.sqlite: m answer a/q1 repeat 2.text: stored wrong, recomputed aword1"
    ) in said
    changed = small_runs.changed_copy(out, tmp_path / "gone", without_last)
    capsys.readouterr()
    assert main(["verify", str(changed)]) == 1
    assert "m answer: a/q1 was not asked 3 times, as its row says" in capsys.readouterr().out
    copy = small_runs.changed_copy(out, tmp_path / "row", lambda line: line)
    small_runs.edit_board(
        copy,
        lambda board: small_runs.row(board, "m", "answer")["repeats"].update(within_variance=0.1),
    )
    assert main(["verify", str(copy)]) == 1
    assert "repeats.within_variance: stored 0.1, recomputed 0.33333" in capsys.readouterr().out


@pytest.mark.slow  # torch is loaded
def test_what_always_says_the_same_is_asked_once(
    tmp_path: Path, tiny_folder: Callable[..., Path], capsys: pytest.CaptureFixture[str]
) -> None:
    suite = small_runs.suite(tmp_path / "suite", articles=2, questions=1)
    roster = tmp_path / "mine.toml"
    roster.write_text(f'[mine]\nkind = "causal"\nweights.folder = "{tiny_folder("llama")}"\n')
    out = tmp_path / "out"
    command = ["eval", "--suite", str(suite), "--roster", str(roster), "--out", str(out)]
    assert main([*command, "--repeats", "4"]) == 0
    said = capsys.readouterr()
    assert "harness: --repeats 4: mine say the same each time, and are asked once" in said.err
    assert [row.repeats for row in read_run(out).board.rows] == [None] * len(
        read_run(out).board.rows
    )


def test_the_temperature_is_the_roster_s_and_0_is_as_it_was(run: Run, tmp_path: Path) -> None:
    with answering(_reply) as server:
        assert run(server, "--limit", "1") == 0
        assert server.seen[0].body["temperature"] == 0
        assert '"temperature": 0,' in json.dumps(_row(tmp_path / "out")["identity"])
        assert run(server, "--limit", "1", entry=f"{PRICES}\ntemperature = 0.0") == 0
        assert len(server.seen) == 1
        assert run(server, "--limit", "1", entry=f"{PRICES}\ntemperature = 0.7") == 0
    assert [request.body["temperature"] for request in server.seen] == [0, 0.7]


@pytest.mark.slow  # three runs, and the package's own scores of them
def test_summaries_too_are_means_by_each_reference_and_by_rouge_score(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """What two repeats score is the mean of what the two texts score, each asked for alone."""
    pytest.importorskip("rouge_score")

    def summarize(request: Request) -> None:
        seed = request.body["seed"]
        request.reply("The bridge is closed for repairs." if seed else "The school has a garden.")

    def row(name: str, seed: int, repeats: int) -> dict[str, Any]:
        roster, out = tmp_path / f"{name}.toml", tmp_path / name
        roster.write_text(
            f'[m]\nkind = "endpoint"\nurl = "{server.url}"\nmodel = "m"\nseed = {seed}\n'
            'tasks = ["summarize"]\n'
        )
        command = ["eval", "--suite", "demo", "--roster", str(roster), "--out", str(out), "-q"]
        assert main([*command, "--no-floors", "--repeats", str(repeats)]) == 0
        assert main(["verify", str(out), "--reference"]) == 0
        board = json.loads((out / "leaderboard.json").read_text(encoding="utf-8"))
        return small_runs.row(board, "m", "summarize")

    with answering(summarize) as server:
        first, second, both = row("first", 0, 1), row("second", 1, 1), row("both", 0, 2)
    for name in both["metrics"]:
        mean = (first["metrics"][name]["mean"] + second["metrics"][name]["mean"]) / 2
        assert both["metrics"][name]["mean"] == pytest.approx(mean)
    assert len(both["by_reference"]) == 3
    assert both["by_reference"] == pytest.approx(
        [(a + b) / 2 for a, b in zip(first["by_reference"], second["by_reference"], strict=True)]
    )
    assert main(["report", str(tmp_path / "both"), "-q"]) == 0


def test_floors_are_asked_once(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    suite = small_runs.suite(tmp_path / "suite", articles=2, questions=1)
    command = ["eval", "--suite", str(suite), "--models", "lead-3", "--out", str(tmp_path / "out")]
    assert main([*command, "--repeats", "2"]) == 0
    said = capsys.readouterr().err
    assert "harness: --repeats 2: floors say the same each time, and are asked once" in said
    assert "lead-3 summarize: 2 predicted, 0 failed" in said


@pytest.mark.parametrize("text", ["0", "x", "1.5"])
def test_repeats_are_a_number(capsys: pytest.CaptureFixture[str], text: str) -> None:
    assert main(["eval", "--repeats", text]) == 2
    assert f"--repeats: must be a whole number from 1, not '{text}'" in capsys.readouterr().err
