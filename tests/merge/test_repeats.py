"""Shards of a run whose models are asked several times, merged, against one process."""

import re
import sqlite3
from pathlib import Path

import pytest

from harness.cli import main
from harness.leaderboard.run_folder import STORE
from harness.verify.verification import verify
from tests.merge.shard_runs import told_apart
from tests.servers import Request, answering

pytest.importorskip("openai")


def _reply(request: Request) -> None:
    """Answer by the seed and the city; fail the second time of one of the cities."""
    seed = request.body["seed"]
    city = re.findall(r"Ann met Bob in (\w+)", request.asked)[-1]
    if (seed, city) == (1, "paris"):
        request.send(400, '{"error": {"message": "no"}}')
    else:
        request.reply(["Ann", "Bob", f"Ann of {city}"][seed])


def test_merged_repeats_are_those_of_one_process(
    tmp_path: Path, suite: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    roster = tmp_path / "roster.toml"
    whole, merged = tmp_path / "whole", tmp_path / "merged"
    shards = [tmp_path / f"run-{number}" for number in (1, 2, 3)]
    with answering(_reply) as server:
        roster.write_text(
            f'[m]\nkind = "endpoint"\nurl = "{server.url}"\nmodel = "m"\nbackoff = 0.01\n'
        )
        options = ["--suite", str(suite), "--roster", str(roster), "--reader", "none", "-q"]
        repeated = ["eval", *options, "--repeats", "3"]
        assert main([*repeated, "--out", str(whole)]) == 3
        asked = len(server.seen)
        codes = [
            main([*repeated, "--shard", f"{number}/3", "--out", str(folder)])
            for number, folder in enumerate(shards, 1)
        ]
        assert sorted(codes) == [0, 0, 3]  # one has the city that fails
        assert len(server.seen) == 2 * asked
        once = ["eval", *options, "--shard", "3/3", "--out", str(tmp_path / "once")]
        assert main(once) in (0, 3)
    capsys.readouterr()
    assert main(["merge", *map(str, shards), "--out", str(merged), "-q"]) == 3
    err = capsys.readouterr().err
    assert "m answer: 2 of 36 predictions failed and are in no mean" in err
    assert told_apart(whole, merged) == []
    assert verify(merged, suite).differences == ()
    assert main(["merge", *map(str, shards[:2]), once[-1], "--out", str(tmp_path / "no")]) == 2
    assert "are no shards of one run: the options differ in repeats.m: 3 and 1" in (
        capsys.readouterr().err
    )

    with sqlite3.connect(shards[0] / STORE) as db:  # the second time is lost
        lost = db.execute("DELETE FROM predictions WHERE prediction LIKE '%\"Bob\"%'").rowcount
    db.close()
    assert lost == 3  # of Rome, which falls to the first alone: a summary and two answers
    again = ["merge", *map(str, shards), "--out", str(tmp_path / "again"), "-q"]
    assert main(again) == 2
    assert "3 predictions are missing: 3 of shard 1/3;" in capsys.readouterr().err
    assert main([*again, "--allow-missing"]) == 3
    assert "m answer: 4 of 36 predictions failed" in capsys.readouterr().err
