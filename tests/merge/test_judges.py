"""Judges that are asked shard by shard, and merged, against those of one process."""

import re
import sqlite3
from collections.abc import Callable
from pathlib import Path

import pytest

from harness.cli import main
from harness.eval.evaluate import evaluate
from harness.leaderboard.run_folder import JUDGMENTS, LEADERBOARD, STORE
from harness.merge.merge import merge
from harness.verify.verification import verify
from tests.merge.shard_runs import board, run_shards, told_apart
from tests.servers import Request, answering

MODELS = """\
[lead-2]
kind = "lead"
sentences = 2
[quoting]
kind = "best-sentence"
"""
JUDGES = """\
[judges.entails]
kind = "nli"
weights = {{ folder = "{classifier}" }}
[judges.marks]
kind = "token-support"
weights = {{ folder = "{token_classifier}" }}
"""

_PAIR = re.compile(r"<first>\n(.*)\n</first>\n\n<second>\n(.*)\n</second>", re.DOTALL)


@pytest.mark.slow  # torch is loaded
def test_judges_of_shards_are_those_of_one_process(
    tmp_path: Path,
    suite: Path,
    tiny_folder: Callable[..., Path],
    capsys: pytest.CaptureFixture[str],
) -> None:
    """The reader beside them: it is one more that is asked."""
    folders = {name: tiny_folder(name) for name in ("classifier", "token_classifier")}
    roster = tmp_path / "roster.toml"
    roster.write_text(MODELS + JUDGES.format(**folders), encoding="utf-8")
    whole = tmp_path / "whole"
    evaluate(suite, [roster], out=whole, reader="quoting", judges=["entails", "marks"])
    options = ["--suite", str(suite), "--roster", str(roster), "--reader", "quoting", "-q"]
    shards = run_shards(tmp_path, 3, *options, "--judges", "entails,marks")
    capsys.readouterr()
    roster.unlink()  # a merge needs neither it nor weights
    merged = tmp_path / "merged"
    assert main(["merge", *map(str, shards), "--out", str(merged), "-q"]) == 0
    assert told_apart(whole, merged) == []
    judges = board(merged).judges
    assert [judge.name for judge in judges] == ["quoting", "entails", "marks"]
    assert [judge.calls for judge in judges] == [judge.calls for judge in board(whole).judges]
    # References that were made worse were judged too, in whichever shard they fell to.
    assert any("entails.entailment" in lines for lines in board(merged).canaries.values())
    assert verify(merged, suite).differences == ()
    merge(shards[:2], tmp_path / "part", stores_only=True)
    merge([tmp_path / "part", shards[2]], tmp_path / "tree")
    assert told_apart(whole, tmp_path / "tree") == []

    (asked,) = {judge.calls for judge in judges if judge.name == "marks"}
    lost = _forget_judge(shards, "token-support")
    assert 0 < lost == asked
    capsys.readouterr()
    again = ["merge", *map(str, shards), "--out", str(tmp_path / "again"), "-q"]
    assert main(again) == 2
    err = capsys.readouterr().err
    assert f"{lost} judgments by marks are missing: " in err
    assert "of shard 1/3, " in err
    assert err.count("\n") == 1
    assert not (tmp_path / "again").exists()
    assert main([*again, "--allow-missing"]) == 3
    assert f"judging by marks: {lost} of {lost} judgments failed" in capsys.readouterr().err
    assert "not predicted: the shard 1/3 was not run to its end" in (
        tmp_path / "again" / JUDGMENTS
    ).read_text(encoding="utf-8")


def test_pairs_and_answers_are_judged_shard_by_shard(tmp_path: Path, suite: Path) -> None:
    """With the most pairs too: a shard cannot know which are drawn, and asks about enough."""

    def judge(request: Request) -> None:
        pair = _PAIR.search(request.asked)
        if pair:
            request.reply("1 It says more." if len(pair[1]) > len(pair[2]) else "2 It says more.")
        else:
            request.reply("yes" if "a" in request.asked[-40:] else "no")

    with answering(judge) as server:
        roster = tmp_path / "roster.toml"
        judges = '[judges.asked]\nkind = "chat"\naspects = ["pair", "means"]\nmost_pairs = 3\n'
        judges += f'endpoint = {{ url = "{server.url}", model = "x" }}\n'
        roster.write_text(MODELS + judges, encoding="utf-8")
        options = ["--suite", str(suite), "--roster", str(roster), "--reader", "none", "-q"]
        options += ["--judges", "asked"]
        assert main(["eval", *options, "--out", str(tmp_path / "whole")]) == 0
        shards = run_shards(tmp_path, 3, *options)
    merge(shards, tmp_path / "merged")
    assert told_apart(tmp_path / "whole", tmp_path / "merged") == []
    (line,) = board(tmp_path / "merged").judges
    assert line.most_pairs == 3
    assert line.preferences
    assert line.measures == ["asked.means"]
    assert verify(tmp_path / "merged", suite).differences == ()


def _forget_judge(shards: list[Path], kind: str) -> int:
    """Take what a judge of a kind said out of the stores; return how many judgments that was."""
    query = """DELETE FROM predictions WHERE identity IN (
        SELECT sha256 FROM facts WHERE json LIKE ?) RETURNING key"""
    keys = set[str]()
    for shard in shards:
        with sqlite3.connect(shard / STORE) as db:
            keys |= {key for (key,) in db.execute(query, (f'%"{kind}"%',)).fetchall()}
        db.close()
    return len(keys)


def test_judgments_that_fail_in_a_shard_are_told_and_asked_again(
    tmp_path: Path, suite: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """A server grades; the shard whose judge is down ends with 3, and with 0 when it is up."""
    up = False

    def grade(request: Request) -> None:
        if up:
            request.reply("4 It says so.")
        else:
            request.send(400, '{"error": {"message": "no"}}')

    with answering(grade) as server:
        roster = tmp_path / "roster.toml"
        judge = '[judges.{}]\nkind = "chat"\naspects = ["fluency"]\n'
        judge += f'endpoint = {{{{ url = "{server.url}", model = "x", backoff = 0.01 }}}}\n'
        roster.write_text(MODELS + judge.format("grades") + judge.format("other"))
        options = ["--suite", str(suite), "--roster", str(roster), "--reader", "none", "-q"]
        command = ["eval", *options, "--judges", "grades"]
        first = tmp_path / "run-1"
        assert main([*command, "--shard", "1/2", "--out", str(first)]) == 3
        assert "judging by grades: " in (err := capsys.readouterr().err)
        assert "; run again to try them again" in err
        up = True
        shards = run_shards(tmp_path, 2, *options, "--judges", "grades")
        assert main([*command, "--out", str(tmp_path / "whole")]) == 0
        merge(shards, tmp_path / "merged")
        assert told_apart(tmp_path / "whole", tmp_path / "merged") == []
        other = tmp_path / "other"
        options += ["--judges", "other", "--shard", "2/2", "--out", str(other)]
        assert main(["eval", *options]) == 0
    capsys.readouterr()
    assert main(["merge", str(first), str(other), "--out", str(tmp_path / "two"), "-q"]) == 2
    assert "are no shards of one run: the rosters differ in judge grades" in capsys.readouterr().err
    assert not (tmp_path / "two").exists()
    assert (tmp_path / "merged" / LEADERBOARD).exists()
