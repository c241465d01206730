"""`harness eval --max-cost` against a real server: it is never passed, and nothing is lost.

Prompts cost nothing here and a token of a reply costs 1, so that a request costs at most the 32
tokens that prompts/answer-span.toml allows, and 10 by what the server counts.
"""

import json
import sqlite3
from collections.abc import Callable
from pathlib import Path

import pytest

from harness.cli import main
from tests import small_runs
from tests.servers import Answer, Request, Server, answering

pytest.importorskip("openai")

PRICES = "prices = { input = 0, output = 1_000_000 }"
QUESTIONS = 12

Run = Callable[..., int]


def _reply(request: Request) -> None:
    request.reply("Ann")


@pytest.fixture
def run(tmp_path: Path) -> Run:
    """Run `harness eval` on twelve questions with a server's model, or several."""
    suite = small_runs.suite(tmp_path / "suite", articles=3, questions=4)

    def evaluate(server: Server, *more: str, entry: str = PRICES, names: str = "m") -> int:
        roster = tmp_path / "mine.toml"
        text = "\n".join(
            f'[{name}]\nkind = "endpoint"\nurl = "{server.url}"\nmodel = "{name}"\n'
            f'tasks = ["answer"]\nbackoff = 0.01\n{entry}\n'
            for name in names
        )
        roster.write_text(text, encoding="utf-8")
        arguments = ["--suite", suite, "--roster", roster, "--out", tmp_path / "out", *more]
        return main(["eval", *map(str, arguments)])

    return evaluate


def _stored(out: Path) -> int:
    """Return how many replies are stored."""
    return _kept(out, failed=False)


def _failed(out: Path) -> int:
    """Return how many failures are stored."""
    return _kept(out, failed=True)


def _kept(out: Path, failed: bool) -> int:
    db = sqlite3.connect(out / "predictions.sqlite")
    rows = db.execute("SELECT prediction, json FROM predictions JOIN facts ON identity = sha256")
    kept = [json.loads(text)["error"] for text, identity in rows if "endpoint" in identity]
    db.close()
    return sum((error is not None) == failed for error in kept)


@pytest.mark.parametrize("concurrency", [1, 2, 8])
def test_it_stops_before_the_limit_could_be_passed_and_goes_on_later(
    run: Run, tmp_path: Path, capsys: pytest.CaptureFixture[str], concurrency: int
) -> None:
    """Of 100, seven requests spend 70, and 30 is less than the 32 that the next may cost.

    Not more than three are under way at once: they may cost 96.
    """
    out = tmp_path / "out"
    entry = f"{PRICES}\nconcurrency = {concurrency}"
    with answering(_reply) as server:
        assert run(server, "--max-cost", "100", entry=entry) == 3
        assert len(server.seen) == _stored(out) == 7
        assert server.most <= min(concurrency, 3)
        said = capsys.readouterr()
        assert said.out == ""
        line = said.err.splitlines()[-1]
        assert line == (
            "harness: stopped before --max-cost 100 could be passed: 70 is spent, and the next "
            "request may cost 32; m answer lacks 5 of 12 predictions; 30 is left; all that was "
            "predicted is kept, and no leaderboard is made of a part: run again with more to go on"
        )
        assert not (out / "leaderboard.json").exists()
        assert _failed(out) == 0  # what was not asked is no failure
        assert run(server, "--max-cost", "100", entry=entry) == 0  # what is stored costs nothing
        assert len(server.seen) == QUESTIONS
        board = json.loads((out / "leaderboard.json").read_text(encoding="utf-8"))
        (counts,) = [row["counts"] for row in board["rows"] if row["model"] == "m"]
        assert (counts["ok"], counts["cached"]) == (12, 7)
        assert run(server, "--max-cost", "0", entry=entry) == 0
        assert len(server.seen) == QUESTIONS


def _refuse_some(request: Request) -> None:
    if request.number % 2:
        request.send(400, '{"error": {"message": "no"}}')
    else:
        _reply(request)


def _busy_once(request: Request) -> None:
    if request.number % 2:
        request.send(503, '{"error": {"message": "busy"}}')
    else:
        _reply(request)


def _break_off(request: Request) -> None:
    request.send(200, json.dumps({"choices": []}), short_by=5)


def _without_counts(request: Request) -> None:
    request.reply("Ann", usage=None)


def _without_text(request: Request) -> None:
    request.reply(None)


@pytest.mark.parametrize(
    ("answer", "asked"),
    [
        # Whatever may have been written is paid for with the most: 32, 64, 96.
        (_without_counts, 3),
        (_break_off, 3),
        # A reply without a text was counted all the same.
        (_without_text, 7),
        # What was refused costs nothing: of thirteen requests seven were refused.
        (_busy_once, 14),
    ],
)
def test_what_a_request_is_taken_to_cost(
    run: Run, tmp_path: Path, answer: Answer, asked: int
) -> None:
    with answering(answer) as server:
        assert run(server, "--max-cost", "100", entry=f"{PRICES}\nconcurrency = 1") == 3
        assert len(server.seen) == asked
    assert not (tmp_path / "out" / "leaderboard.json").exists()


def test_a_refusal_costs_nothing_and_is_a_failure_as_ever(run: Run, tmp_path: Path) -> None:
    """Six of twelve are refused, and six cost 60."""
    with answering(_refuse_some) as server:
        assert run(server, "--max-cost", "100", entry=f"{PRICES}\nconcurrency = 1") == 3
        assert len(server.seen) == QUESTIONS
    out = tmp_path / "out"
    assert (out / "leaderboard.json").exists()
    assert (_stored(out), _failed(out)) == (6, 6)


def test_a_server_that_is_not_there_costs_nothing(run: Run, tmp_path: Path) -> None:
    with answering(_reply) as server:
        pass
    assert run(server, "--max-cost", "32", entry=f"{PRICES}\nconcurrency = 1") == 3
    assert _failed(tmp_path / "out") == QUESTIONS


def test_a_server_that_writes_more_than_it_may_is_believed_the_next_time(run: Run) -> None:
    """It counts 50 where 32 are allowed: of 190 three requests spend 150, and 50 do not fit."""

    def write_much(request: Request) -> None:
        request.reply("Ann", usage={"prompt_tokens": 1, "completion_tokens": 50})

    with answering(write_much) as server:
        assert run(server, "--max-cost", "190", entry=f"{PRICES}\nconcurrency = 1") == 3
        assert len(server.seen) == 3


def test_models_share_the_limit(run: Run, capsys: pytest.CaptureFixture[str]) -> None:
    """The first spends 120 of 150; 30 is less than the second's first request may cost."""
    with answering(_reply) as server:
        assert run(server, "--max-cost", "150", names="ab") == 3
        assert [request.body["model"] for request in server.seen] == ["a"] * QUESTIONS
    assert "120 is spent, and the next request may cost 32; b answer lacks 12 of 12" in (
        capsys.readouterr().err
    )


def test_a_model_without_prices_is_refused_before_anything_runs(
    run: Run, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    with answering(_reply) as server:
        assert run(server, "--quiet", "--max-cost", "1", entry="") == 2
        assert server.seen == []
    assert capsys.readouterr().err.splitlines() == [
        "harness: m: --max-cost needs its `prices`; give them in the roster"
    ]
    assert not (tmp_path / "out").exists()


@pytest.mark.parametrize("text", ["-1", "x", "nan", "inf"])
def test_a_limit_is_a_number(capsys: pytest.CaptureFixture[str], text: str) -> None:
    assert main(["eval", f"--max-cost={text}"]) == 2
    assert f"--max-cost: must be a number from 0, not '{text}'" in capsys.readouterr().err
