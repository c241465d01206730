"""A data set through the same commands as any suite: run, resumed, scored, verified, gated."""

import json
import re
import signal
import sqlite3
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pytest

from harness.cli import main
from harness.compare.pairs import compare
from harness.errors import UsageError
from harness.eval.evaluate import evaluate
from harness.gate.verdicts import judge
from harness.leaderboard.leaderboard import Row
from harness.leaderboard.run_folder import read_run
from harness.models import KINDS
from harness.suite.data_set.suite import read_data_set
from harness.verify.verification import verify
from tests import squads

KIND = "tests.threshold_model:ThresholdModel"
THINGS = 120


@pytest.fixture
def things(tmp_path: Path) -> str:
    """A data set of 120 questions on eight titles, 40 of which have no answer."""
    return f"squad:{squads.write(tmp_path / 'things.json', squads.many(THINGS))}"


@pytest.fixture
def roster(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setitem(KINDS, "weighing", KIND)
    path = tmp_path / "models.toml"
    path.write_text('[weighing]\nkind = "weighing"\n', encoding="utf-8")
    return path


def _row(rows: list[Row], model: str) -> Row:
    return next(row for row in rows if row.model == model)


def _truth(number: int) -> tuple[float, float, float, bool]:
    """What `ThresholdModel` gets for a question if it must answer: exact match, F1, its doubt; and
    whether there is an answer. Of "it is name5" one word of three is right: F1 is 1/2.
    """
    doubt = (number * 7 % 11) / 11 * (0.5 if number % 3 else 1.0)
    if number % 3 == 0:
        return 0.0, 0.0, doubt, False
    return (1.0, 1.0, doubt, True) if number % 5 else (0.0, 0.5, doubt, True)


def _at(threshold: float, which: int) -> float:
    """The mean in percent where questions of more doubt than the threshold are refused."""
    total = 0.0
    for number in range(THINGS):
        told = _truth(number)
        total += told[which] if told[2] <= threshold else float(not told[3])
    return 100 * total / THINGS


def test_the_official_numbers_are_those_of_every_threshold_tried(
    things: str, roster: Path, tmp_path: Path
) -> None:
    """By the definition of evaluate-v2.0.py: a question is refused if its probability is above
    the threshold, and the best is taken over all thresholds, those above the model's own too.
    """
    board = evaluate(things, [roster], out=tmp_path / "out").leaderboard
    row = _row(board.rows, "weighing")
    assert row.squad is not None
    doubts = sorted({_truth(number)[2] for number in range(THINGS)})
    assert row.squad["f1"] == pytest.approx(_at(0.5, 1), rel=1e-12)
    assert row.squad["exact"] == pytest.approx(_at(0.5, 0), rel=1e-12)
    for name, which in (("best_exact", 0), ("best_f1", 1)):
        best = max(_at(doubt, which) for doubt in doubts)
        assert row.squad[name] == pytest.approx(best, rel=1e-12)
        assert _at(row.squad[f"{name}_thresh"], which) == pytest.approx(best, rel=1e-12)
    assert (row.squad["HasAns_total"], row.squad["NoAns_total"]) == (80, 40)
    silent = _row(board.rows, "no-answer")
    assert silent.squad is not None
    assert silent.squad["exact"] == silent.squad["f1"] == pytest.approx(100 * 40 / 120)
    assert "best_f1" not in silent.squad
    number = row.metrics["f1"]
    assert (number.n, number.clusters) == (120, 8)
    assert number.mean == pytest.approx(row.squad["f1"] / 100)


def test_in_a_set_of_version_1_1_the_older_script_counts(tmp_path: Path) -> None:
    """evaluate-v1.1.py: the gold "." normalizes to nothing, and so does saying nothing: an exact
    match whose F1 is 0. By 2.0 such a gold is passed over, and the match would be none.
    """
    two = {"T": [("Ann.", [("Who?", ["Ann", "."])])], "U": [("Bo.", [("Who?", ["Bo"])])]}
    name = f"squad:{squads.write(tmp_path / 'two.json', two, version='1.1')}"
    board = evaluate(name, models=["no-answer"], out=tmp_path / "out").leaderboard
    row = _row(board.rows, "no-answer")
    assert row.squad == {"exact_match": 50.0, "f1": 0.0}
    assert "squad-1.1" in row.metrics["f1"].signature
    assert board.suite.data is not None
    assert board.suite.data.rules == "1.1"
    assert verify(tmp_path / "out", name).differences == ()


def test_a_run_is_verified_compared_gated_and_planned_from(
    things: str, roster: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out = tmp_path / "out"
    evaluate(things, [roster], out=out)
    assert verify(out, things).differences == ()
    pair = compare(read_run(out), read_run(out))
    assert judge(pair).exit_code == 0
    assert {row.scores.clusters for row in pair.rows if row.scores} == {8}
    assert main(["plan", str(out), "--difference", "0.05"]) == 0
    assert "8 titles with 15.0 questions each" in capsys.readouterr().out
    lines = (out / "predictions.jsonl").read_text(encoding="utf-8").split("\n")
    doubted = next(i for i, line in enumerate(lines) if '"no_answer_probability":0.5' in line)
    lines[doubted] = re.sub(r'("no_answer_probability":)[\d.]+', r"\g<1>0.75", lines[doubted])
    (out / "predictions.jsonl").write_text("\n".join(lines), encoding="utf-8")
    told = [str(one) for one in verify(out, things).differences]
    assert any("no_answer_probability: stored" in one for one in told)
    assert any("predictions_sha256" in one for one in told)


def test_another_data_set_is_not_compared(things: str, tmp_path: Path) -> None:
    other = f"squad:{squads.write(tmp_path / 'other.json', squads.many(60))}"
    evaluate(things, models=["no-answer"], out=tmp_path / "a")
    evaluate(other, models=["no-answer"], out=tmp_path / "b")
    pair = compare(read_run(tmp_path / "a"), read_run(tmp_path / "b"))
    assert judge(pair).exit_code == 2
    with pytest.raises(UsageError, match="was run on the suite 'things', and this is 'other'"):
        verify(tmp_path / "a", other)


def test_its_titles_are_listed_and_its_questions_checked(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    poor = {
        "Good": [("Ann met Bob.", [("Who?", ["Ann"]), ("Who?", ["Ann"])])],
        "Bad": [("Cy left.", [("Who left?", ["Cyd", "."]), (" ", [])])],
    }
    name = f"squad:{squads.write(tmp_path / 'poor.json', poor)}"
    assert main(["articles", "--suite", name]) == 0
    listed = capsys.readouterr().out
    ids = read_data_set(name).database.ids_sha256
    assert re.search(r"Bad +1 +8 +2 +1\n", listed)
    assert f'{{ name = "poor", ids_sha256 = "{ids}" }}' in listed
    assert main(["articles", "--suite", name, "Bad#1"]) == 0
    assert capsys.readouterr().out == "Cy left.\n"
    assert main(["articles", "--suite", name, "Bad#2"]) == 2
    assert main(["check", "--suite", name, "--json"]) == 1
    report = json.loads(capsys.readouterr().out)
    assert {one["name"] for one in report["findings"]} == {
        "question-twice/q2", "answer-missing/q3", "answer-empty/q3", "question-empty/q4",
    }  # fmt: skip


def test_nothing_to_do_for_a_model_that_only_summarizes(things: str, tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="nothing to run: no chosen model can do a chosen task"):
        evaluate(things, models=["lead-3"], out=tmp_path / "out")


# Ctrl-C is heard, as on a terminal: a shell's background jobs are started deaf to it.
RUN = f"""
import signal, sys
signal.signal(signal.SIGINT, signal.default_int_handler)
from harness.models import KINDS
KINDS["weighing"] = "{KIND}"
from harness.cli import main
sys.exit(main(sys.argv[1:]))
"""


def _kept(out: Path) -> int:
    if not (out / "predictions.sqlite").exists():
        return 0
    database = sqlite3.connect(out / "predictions.sqlite", timeout=60)
    try:
        return int(database.execute("SELECT count(*) FROM predictions").fetchone()[0])
    except sqlite3.OperationalError:  # it is being made
        return 0
    finally:
        database.close()


@pytest.mark.parametrize("how", [signal.SIGINT, signal.SIGKILL])
def test_a_run_that_was_stopped_goes_on_where_it_was(
    things: str, roster: Path, tmp_path: Path, how: signal.Signals
) -> None:
    """It is stopped while its second batch waits for a file, and that file comes afterwards."""
    out, gate = tmp_path / "out", tmp_path / "gate"
    roster.write_text(f'[weighing]\nkind = "weighing"\ngate = "{gate}"\n', encoding="utf-8")
    command = [sys.executable, "-c", RUN, "eval", "--suite", things, "--roster", str(roster), "--out", str(out)]  # fmt: skip
    root = Path(__file__).parents[2]
    running = subprocess.Popen(command, cwd=root, stderr=subprocess.PIPE, text=True)
    floors = 2 * THINGS
    until = time.monotonic() + 300
    while _kept(out) <= floors and running.poll() is None and time.monotonic() < until:
        time.sleep(0.02)
    running.send_signal(how)
    _, err = running.communicate(timeout=300)
    assert running.returncode == (130 if how == signal.SIGINT else -how), err
    kept = _kept(out)
    assert floors < kept < floors + THINGS
    assert not (out / "leaderboard.json").exists()
    gate.touch()
    done = evaluate(things, [roster], out=out).leaderboard
    assert _row(done.rows, "weighing").counts.cached == kept - floors
    assert _row(done.rows, "weighing").counts.ok == THINGS
    whole = evaluate(things, [roster], out=tmp_path / "whole").leaderboard
    assert done.predictions_sha256 == whole.predictions_sha256


MEASURE = """
import sys
from pathlib import Path
from harness.eval.evaluate import evaluate
from harness.verify.verification import verify
evaluate(sys.argv[1], models=["no-answer"], out=Path(sys.argv[2]))
assert verify(Path(sys.argv[2]), sys.argv[1]).differences == ()
print(next(x for x in Path("/proc/self/status").read_text().splitlines() if x.startswith("VmHWM")))
"""


@pytest.mark.slow
@pytest.mark.skipif(not Path("/proc/self/status").exists(), reason="reads /proc")
def test_memory_hardly_grows_with_the_questions(tmp_path: Path) -> None:
    """Two floors on 500 and 2,500 questions, run and verified. Held as objects, a prediction with
    its example and scores takes some 4 kB: 8 MB more. Some 1.5 kB were measured, of which most is
    what an allocator does not give back at once.
    """
    peak: dict[int, int] = {}
    for count in (500, 2500):
        suite = squads.write(tmp_path / f"{count}.json", squads.many(count, titles=40))
        done = subprocess.run(
            [sys.executable, "-c", MEASURE, f"squad:{suite}", str(tmp_path / f"out{count}")],
            cwd=Path(__file__).parents[2],
            check=True, capture_output=True, text=True, timeout=600,
        )  # fmt: skip
        peak[count] = int(done.stdout.split()[-2])  # kB
    assert (peak[2500] - peak[500]) * 1024 / 2000 < 2500


def test_the_command_line_and_json(
    things: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    command = ["eval", "--suite", things, "--models", "no-answer", "--out", str(tmp_path / "out")]
    assert main([*command, "--limit", "30"]) == 0
    table = capsys.readouterr().out
    assert re.search(r"as SQuAD 2\.0 +exact +f1 +HasAns_exact", table)
    german = ["--language", "de", "--out", str(tmp_path / "de")]  # MLQA's rule, not the script's
    assert main([*command, *german]) == 0
    assert re.search(r"as SQuAD 2\.0, mlqa +exact", capsys.readouterr().out)
    assert main([*command, *german, "--normalization", "squad"]) == 0
    assert re.search(r"as SQuAD 2\.0 +exact", capsys.readouterr().out)
    assert main([*command, "--json"]) == 0
    board: dict[str, Any] = json.loads(capsys.readouterr().out)
    assert board["suite"]["data"]["source"] == "things.json"
    assert board["rows"][0]["counts"]["cached"] == 30
