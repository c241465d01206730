"""A run with a judge that is asked which of two summaries is better, and `harness verify` of it."""

import json
import re
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from harness.cli import main
from harness.eval.evaluate import evaluate
from harness.leaderboard.judge_line import JudgeLine
from harness.leaderboard.leaderboard import Leaderboard
from harness.leaderboard.printing.tables import tables
from harness.leaderboard.run_folder import read_run
from harness.models.judges.opinion import Opinion
from harness.report.building.build import build_report
from harness.tables.terminal import Display, terminal_text
from harness.verify.verification import verify
from tests.servers import HANG_GUARD, Request, answering

# Copies of one row: their texts are the same, so that nobody is asked about them.
ROWS = '[row-long]\nkind = "lead"\nsentences = 3\n[row-same]\nkind = "lead"\nsentences = 3\n'
ROWS += '[row-short]\nkind = "lead"\nsentences = 1\n'

_TEXTS = re.compile(r"<first>\n(.*)\n</first>\n\n<second>\n(.*)\n</second>", re.DOTALL)

Judge = Callable[[str, str], str]


@dataclass
class Seen:
    """What a judge was asked: the two texts of each request, and its messages."""

    texts: list[tuple[str, str]] = field(default_factory=list)
    messages: list[str] = field(default_factory=list)


@contextmanager
def _serving(judge: Judge, folder: Path, more: str = "") -> Iterator[tuple[Seen, Path]]:
    """Serve a judge of two texts, and give a roster that asks it."""
    seen = Seen()

    def answer(request: Request) -> None:
        match = _TEXTS.search(request.asked)
        assert match
        seen.texts.append((match[1], match[2]))
        seen.messages.append(str(request.body["messages"]))
        reply = judge(match[1], match[2])
        if reply:
            request.reply(reply)
        else:
            request.send(500, "{}")

    with answering(answer) as server:
        roster = folder / "pairs.toml"
        roster.write_text(
            f'{ROWS}[judges.which]\nkind = "chat"\naspects = ["pair"]\n{more}\n'
            f'endpoint = {{ url = "{server.url}", model = "x", retries = 0, concurrency = 1 }}\n',
            encoding="utf-8",
        )
        yield seen, roster


def _run(suite: Path, roster: Path, out: Path) -> tuple[Leaderboard, JudgeLine]:
    board = evaluate(suite, [roster], tasks=["summarize"], out=out, judges=["which"]).leaderboard
    (judge,) = board.judges
    return board, judge


def _lines(out: Path) -> list[dict[str, str]]:
    text = (out / "judgments.jsonl").read_text(encoding="utf-8")
    return [json.loads(line) for line in text.splitlines()]


def _longer(first: str, second: str) -> str:
    """Prefer the longer text, whatever its place: a judge whose strengths are known."""
    return "1 It has more." if len(first) > len(second) else "2 It has more."


def test_strengths_follow_what_is_preferred_in_both_orders(
    suite_folder: Path, tmp_path: Path
) -> None:
    out = tmp_path / "run"
    with _serving(_longer, tmp_path) as (seen, roster):
        board, judge = _run(suite_folder, roster, out)
        asked = list(seen.texts)
        again = _run(suite_folder, roster, out)[1]
        assert seen.texts == asked  # nothing was asked again
    assert (again.cached, again.calls) == (judge.calls, judge.calls)
    # Each pair of different texts once in each order, and no text against itself.
    assert judge.calls == len(asked) == len(set(asked))
    assert {(second, first) for first, second in asked} == set(asked)
    assert all(first != second for first, second in asked)
    # Nobody is told who wrote a text.
    assert not any(
        name in message for message in seen.messages for name in ("row-", "oracle", "lexrank")
    )

    line = judge.preferences["article"]
    rows = {row.model for row in board.rows if row.scope == "article"}
    articles = next(row for row in board.rows if row.scope == "article").counts.expected
    assert line.pairs == articles * len(rows) * (len(rows) - 1) // 2
    assert line.unasked >= articles  # at least the copies
    assert (line.failed, line.changed) == (0, 0.0)
    strengths = {own.model: own for own in line.strengths}
    assert strengths.keys() == rows
    assert strengths["row-long"].strength == pytest.approx(strengths["row-same"].strength)
    assert strengths["row-long"].strength > strengths["row-short"].strength
    assert sum(own.strength for own in line.strengths) == pytest.approx(0)
    # By hand, from the texts: a win over each shorter one, half a win over each of the same words.
    texts = {
        (one["model"], one["example"]): one["text"]
        for one in map(json.loads, (out / "predictions.jsonl").read_text().splitlines())
        if one["example"] in ("first", "second")
    }
    assert rows == {model for model, _ in texts}
    won = [
        0.5 if other.split() == own.split() else float(len(own) > len(other))
        for (model, example), own in texts.items()
        if model == "row-long"
        for (rival, where), other in texts.items()
        if where == example and rival != model
    ]
    assert strengths["row-long"].n == len(won)
    assert strengths["row-long"].wins == pytest.approx(sum(won) / len(won)) != 0.5

    lines = _lines(out)
    assert {one["claim"] for one in lines} == {"pair"}
    opinion = Opinion.read(lines[0]["answer"])
    assert opinion.said == "It has more."
    assert sum(opinion.numbers.values()) == 1
    shown = " ".join(terminal_text(tables(board), Display(width=200)).split())
    assert "preferred by which" in shown
    assert "who wins changed with the order" in shown
    assert not verify(out).differences

    run = read_run(out)
    report = build_report(run, run.suite())
    group = next(group for group in report.page.groups if group.id == "summarize")
    assert [row.model for row in group.preferences[0].rows] == [
        strength.model for strength in line.strengths
    ]
    pairs = [
        (output.model, pair)
        for chunk in report.chunks()
        for example in chunk.examples
        for output in example.outputs
        for pair in output.pairs
    ]
    assert len(pairs) == 2 * (line.pairs - line.unasked)
    assert all(pair.wins in (0.0, 1.0) and not pair.changed for _, pair in pairs)
    assert {pair.reasons for _, pair in pairs} == {("It has more.", "It has more.")}

    # An answer is turned round, wherever it stands.
    turned = Opinion({"first": 0.0, "second": 1.0, "tie": 0.0})
    if opinion.numbers["second"]:
        turned = Opinion({"first": 1.0, "second": 0.0, "tie": 0.0})
    key = lines[0]["key"]
    for one in lines:
        one["answer"] = turned.text() if one["key"] == key else one["answer"]
    text = "".join(json.dumps(one, sort_keys=True, separators=(",", ":")) + "\n" for one in lines)
    (out / "judgments.jsonl").write_text(text, encoding="utf-8")
    found = " ".join(str(difference) for difference in verify(out).differences)
    assert "predictions.sqlite: which" in found
    assert "preferences" in found


def test_a_judge_that_prefers_what_stands_first_prefers_none(
    suite_folder: Path, tmp_path: Path
) -> None:
    with _serving(lambda first, second: "1", tmp_path) as (_, roster):
        _, judge = _run(suite_folder, roster, tmp_path / "run")
    line = judge.preferences["article"]
    assert line.changed == 1.0
    assert {own.wins for own in line.strengths} == {0.5}
    assert [own.strength for own in line.strengths] == pytest.approx([0.0] * len(line.strengths))


def test_ties_are_half_wins_and_a_reply_of_7_is_a_failure_of_the_pair(
    suite_folder: Path, tmp_path: Path
) -> None:
    with _serving(lambda first, second: "0 Equal.", tmp_path) as (_, roster):
        _, judge = _run(suite_folder, roster, tmp_path / "ties")
    assert judge.preferences["article"].changed == 0.0
    assert {own.wins for own in judge.preferences["article"].strengths} == {0.5}

    (tmp_path / "no").mkdir()
    with _serving(lambda first, second: "7", tmp_path / "no") as (_, roster):
        board, judge = _run(suite_folder, roster, tmp_path / "no" / "run")
    line = judge.preferences["article"]
    assert judge.failed == judge.calls > 0
    assert line.failed == line.pairs - line.unasked > 0
    assert line.changed is None
    # What nobody had to be asked about is known all the same.
    assert {own.model for own in line.strengths} >= {"row-long", "row-same"}
    shown = " ".join(terminal_text(tables(board), Display(width=200)).split())
    assert f"{judge.failed} of {judge.calls} judgments failed" in shown
    assert not verify(tmp_path / "no" / "run").differences


def test_a_bound_asks_about_so_many_pairs_and_no_more(suite_folder: Path, tmp_path: Path) -> None:
    whole, part = tmp_path / "whole", tmp_path / "part"
    with _serving(_longer, tmp_path) as (_, roster):
        _, every = _run(suite_folder, roster, whole)
    with _serving(_longer, tmp_path, "most_pairs = 3") as (seen, roster):
        _, judge = _run(suite_folder, roster, part)
        assert len(seen.texts) == judge.calls == 6 < every.calls
    assert judge.most_pairs == 3
    assert not verify(part).differences
    # A bound is no part of a judgment's key: those are among the others, but for the address.
    assert judge.identity.keys() == every.identity.keys()


def test_a_server_that_stops_half_way_is_asked_for_the_rest_of_the_pairs(
    suite_folder: Path, tmp_path: Path
) -> None:
    out, up, answered = tmp_path / "run", False, list[tuple[str, str]]()

    def judge(first: str, second: str) -> str:
        if not up and len(answered) >= 5:
            return ""
        answered.append((first, second))
        return _longer(first, second)

    with _serving(judge, tmp_path) as (_, roster):
        first = _run(suite_folder, roster, out)[1]
        assert first.failed == first.calls - 5
        # Of an odd number of orders one pair lacks the other: it is no preference.
        up = True
        second = _run(suite_folder, roster, out)[1]
    assert (second.cached, second.failed) == (5, 0)
    assert len(answered) == len(set(answered)) == second.calls
    assert not verify(out).differences


@pytest.mark.slow
def test_two_judges_that_are_killed_are_asked_nothing_twice(
    suite_folder: Path, tmp_path: Path
) -> None:
    """The second judge is about to answer its fifth question when the run is killed.

    That answer is held until the run has ended, so that it is lost, and asked for again.
    """
    held, ended = threading.Event(), threading.Event()
    asked: list[str] = []

    def answer(request: Request) -> None:
        asked.append(request.asked)
        if "<first>" in request.asked and sum("<first>" in one for one in asked) == 5:
            held.set()
            ended.wait(2 * HANG_GUARD)
        request.reply("2 It is so." if "<first>" in request.asked else "4 It is so.")

    out = tmp_path / "run"
    with answering(answer) as server:
        endpoint = f'url = "{server.url}", model = "x", retries = 0, concurrency = 1'
        roster = tmp_path / "two.toml"
        roster.write_text(
            f'{ROWS}[judges.grades]\nkind = "chat"\naspects = ["fluency"]\n'
            f"endpoint = {{ {endpoint} }}\n"
            f'[judges.which]\nkind = "chat"\naspects = ["pair"]\nendpoint = {{ {endpoint} }}\n',
            encoding="utf-8",
        )
        arguments = ["eval", "--suite", str(suite_folder), "--roster", str(roster)]
        arguments += ["--tasks", "summarize", "--judges", "grades,which", "--out", str(out)]
        with subprocess.Popen(
            [sys.executable, "-m", "harness", *arguments], stderr=subprocess.DEVNULL
        ) as process:
            assert held.wait(HANG_GUARD)
            process.kill()
            process.wait(HANG_GUARD)
        before = list(asked)
        ended.set()
        assert not (out / "leaderboard.json").exists()
        assert main(arguments) == 0
    board = read_run(out).board
    grades, which = board.judges
    lost = before[-1]
    assert asked.count(lost) == 2
    assert all(asked.count(one) == 1 for one in asked if one != lost)
    assert len(asked) == grades.calls + which.calls + 1
    assert (grades.cached, which.cached) == (grades.calls, 4)
    assert (grades.failed, which.failed) == (0, 0)
    assert not verify(out).differences


def test_a_dry_run_tells_calls_and_after_a_run_seconds(
    suite_folder: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out = tmp_path / "run"
    with _serving(_longer, tmp_path, "most_pairs = 7") as (seen, roster):
        arguments = ["eval", "--suite", str(suite_folder), "--roster", str(roster)]
        arguments += ["--tasks", "summarize", "--judges", "which", "--out", str(out)]
        assert main([*arguments, "--dry-run"]) == 0
        told = " ".join(capsys.readouterr().out.split())
        assert "7 pairs of summaries, in both orders, in about 14 calls" in told
        assert "how long it takes is known when it has judged something here" in told
        assert not seen.texts
        _run(suite_folder, roster, out)
        assert main([*arguments, "--dry-run", "--json"]) == 0
        (judge,) = json.loads(capsys.readouterr().out)["judges"]
        assert (judge["pairs"], judge["calls"], judge["timed"]) == (7, 14, 14)
        assert judge["seconds"] > 0
        assert main([*arguments, "--dry-run"]) == 0
        told = " ".join(capsys.readouterr().out.split())
        assert re.search(r"about \d+ s, by what its 14 stored judgments took", told)


@pytest.mark.parametrize(
    ("more", "message"),
    [
        ('prompts = { pair = "judge-x" }', "there is no prompt 'judge-x'"),
        ("most_pairs = 0", "most_pairs"),
    ],
)
def test_a_judge_of_pairs_that_cannot_be_is_one_line(
    suite_folder: Path,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    more: str,
    message: str,
) -> None:
    with _serving(_longer, tmp_path, more) as (seen, roster):
        arguments = ["eval", "--suite", str(suite_folder), "--roster", str(roster)]
        assert main([*arguments, "--judges", "which", "--out", str(tmp_path / "run")]) == 2
        assert not seen.texts
    assert message in capsys.readouterr().err
    assert not (tmp_path / "run").exists()
