"""A run with a reader, from the suite to the leaderboard and back by `harness verify`."""

import json
import sqlite3
from pathlib import Path

import pytest

from harness.cli import main
from harness.errors import DataError, UsageError
from harness.eval.evaluate import evaluate
from harness.eval.finished_run import Evaluation
from harness.files import sha256_file
from harness.leaderboard.printing.tables import tables
from harness.leaderboard.run_folder import read_run
from harness.suite.suite import read_suite
from harness.tables.terminal import Display, terminal_text
from harness.verify.verification import verify
from tests import small_runs

READER = "best-sentence"  # of the roster that ships: it answers, and needs no weights
ROSTER = """\
[quoting]
kind = "best-sentence"
[says-lead]
kind = "lead"
[broken]
kind = "extractive"
weights = {{ folder = "{weights}" }}
"""


def _set_reader(folder: Path, reader: str) -> Path:
    manifest = folder / "seeds" / "manifest.toml"
    manifest.write_text(f'reader = "{reader}"\n{manifest.read_text(encoding="utf-8")}')
    return folder


@pytest.fixture
def suite(suite_folder: Path) -> Path:
    """Return two articles of two sentences, each with a question it answers and one it does not."""
    return _set_reader(suite_folder, READER)


@pytest.fixture
def roster(tmp_path: Path) -> Path:
    weights = tmp_path / "weights"
    weights.mkdir()
    (weights / "config.json").write_text('{"model_type": "bert"}')
    (weights / "model.safetensors").write_bytes(b"no weights at all")
    path = tmp_path / "roster.toml"
    path.write_text(ROSTER.format(weights=weights))
    return path


def _run(suite: Path, out: Path, **options: object) -> Evaluation:
    return evaluate(suite, models=["lead-3"], tasks=["summarize"], out=out, **options)  # type: ignore[arg-type]


def _lines(out: Path) -> list[dict[str, object]]:
    text = (out / "judgments.jsonl").read_text(encoding="utf-8")
    return [json.loads(line) for line in text.splitlines()]


def test_a_run_has_judgments_that_verify_and_a_second_one_asks_nobody(
    suite: Path, tmp_path: Path
) -> None:
    out = tmp_path / "run"
    board = _run(suite, out).leaderboard
    (judge,) = board.judges
    assert (judge.name, judge.role, judge.failed) == (READER, "reader", 0)
    assert board.judgments_sha256 == sha256_file(out / "judgments.jsonl")
    lines = _lines(out)
    assert judge.calls == len({line["key"] for line in lines})
    # One reference an article, so people have no row, and are not judged.
    assert {line.get("model") for line in lines} == {
        None, "lead-3", "random-3", "lexrank", "oracle-extractive",
    }  # fmt: skip
    for row in board.rows:
        assert {"coverage", "above_lead", "told", "above_random", "made_up"} <= row.metrics.keys()
    # The first two sentences of an article of two are the article: its own lead.
    lead = next(row for row in board.rows if row.model == "lead-3")
    assert lead.metrics["above_lead"].mean == 0.0
    assert lead.metrics["told"].mean == 1.0
    assert not verify(out).differences
    assert verify(out).judgments == len(lines)

    again = _run(suite, out).leaderboard
    assert again.judges[0].cached == again.judges[0].calls == judge.calls
    assert again.judgments_sha256 == board.judgments_sha256
    text = terminal_text(tables(board), Display(width=100))
    assert f"what {READER} answers from a summary alone" in " ".join(text.split())


def test_what_a_killed_run_has_asked_is_not_asked_again(suite: Path, tmp_path: Path) -> None:
    whole, out = tmp_path / "whole", tmp_path / "run"
    judge = _run(suite, whole).leaderboard.judges[0]
    _run(suite, out)
    keys = sorted({str(line["key"]) for line in _lines(out)})
    kept = len(keys) // 2
    with sqlite3.connect(out / "predictions.sqlite") as store:
        store.executemany("DELETE FROM predictions WHERE key = ?", [(key,) for key in keys[kept:]])
    (out / "judgments.jsonl").unlink()
    (out / "leaderboard.json").unlink()
    resumed = _run(suite, out).leaderboard.judges[0]
    assert (resumed.calls, resumed.cached) == (judge.calls, kept)
    assert (out / "judgments.jsonl").read_bytes() == (whole / "judgments.jsonl").read_bytes()


def _tampered(out: Path, **changes: object) -> None:
    """Change the first judgment of an output, and all hashes with it."""
    lines = _lines(out)
    line = next(line for line in lines if line["text"] == "output")
    line |= changes
    text = "".join(
        json.dumps(one, sort_keys=True, separators=(",", ":"), ensure_ascii=False) + "\n"
        for one in lines
    )
    path = out / "judgments.jsonl"
    path.write_text(text, encoding="utf-8")
    small_runs.edit_board(out, lambda board: board.update(judgments_sha256=sha256_file(path)))


@pytest.mark.parametrize("changes", [{"answer": "Zoe"}, {"key": "0" * 64}, {"scores": {"f1": 0.9}}])
def test_a_tampered_judgment_is_found(
    suite: Path, tmp_path: Path, changes: dict[str, object]
) -> None:
    out = tmp_path / "run"
    _run(suite, out)
    _tampered(out, **changes)
    read_run(out)  # all hashes are right
    found = [str(difference) for difference in verify(out).differences]
    assert any(difference.startswith("judgments.jsonl: best-sentence") for difference in found)


def test_an_answer_changed_in_both_files_is_found_in_the_store(suite: Path, tmp_path: Path) -> None:
    out = tmp_path / "run"
    _run(suite, out)
    _tampered(out, answer="Zoe", scores={"f1": 0.0})
    assert any("predictions.sqlite: best-sentence" in str(d) for d in verify(out).differences)


def test_judgments_that_are_not_as_written_are_refused(suite: Path, tmp_path: Path) -> None:
    out = tmp_path / "run"
    _run(suite, out)
    path = out / "judgments.jsonl"
    written = path.read_text(encoding="utf-8")
    path.write_text(written + written.splitlines()[-1] + "\n", encoding="utf-8")
    with pytest.raises(DataError, match=r"judgments\.jsonl:\d+: a second judgment of best-sent"):
        read_run(out)
    path.write_text(written.replace('"answer"', '"reply"', 1), encoding="utf-8")
    with pytest.raises(DataError, match=r"judgments\.jsonl:1"):
        read_run(out)
    path.write_text(written.replace("\n", " \n", 1), encoding="utf-8")
    with pytest.raises(DataError, match="was changed after it was written"):
        read_run(out)
    path.unlink()
    with pytest.raises(DataError, match=r"judgments\.jsonl: is missing"):
        read_run(out)


def test_without_a_reader_there_is_no_coverage_and_it_is_said(suite: Path, tmp_path: Path) -> None:
    out = tmp_path / "run"
    _run(suite, out)
    board = _run(suite, out, reader="none").leaderboard
    assert not board.judges
    assert board.judgments_sha256 is None
    assert not (out / "judgments.jsonl").exists()  # of the run before
    assert all("coverage" not in row.metrics for row in board.rows)
    assert "No coverage: --reader none was given." in terminal_text(tables(board), Display())
    assert not verify(out).differences


def test_a_suite_whose_articles_answer_nothing_has_no_coverage(suite: Path, tmp_path: Path) -> None:
    for golden in (suite / "goldens").iterdir():
        golden.write_text(
            golden.read_text(encoding="utf-8").replace('answers: ["Ann"]', "answers: []")
        )
    board = _run(suite, tmp_path / "run").leaderboard
    assert board.no_judge == "the suite has no question that an article answers"
    assert not board.judges


def test_a_suite_that_names_no_reader_goes_on_as_before(suite_folder: Path, tmp_path: Path) -> None:
    board = _run(suite_folder, tmp_path / "run").leaderboard
    assert (board.judges, board.no_judge, board.judgments_sha256) == ([], None, None)
    assert all("coverage" not in row.metrics for row in board.rows)


@pytest.mark.parametrize(
    ("reader", "message"),
    [
        ("best-sentense", "--reader best-sentense: the roster has no model 'best-sentense'; did"),
        ("says-lead", "--reader says-lead: says-lead does not answer questions"),
    ],
)
def test_who_cannot_be_asked_is_refused_before_anything_is_run(
    suite: Path, roster: Path, tmp_path: Path, reader: str, message: str
) -> None:
    out = tmp_path / "run"
    with pytest.raises(UsageError, match=message):
        evaluate(suite, [roster], ["quoting", "says-lead"], out=out, reader=reader)
    assert not out.exists()


def test_a_reader_of_the_manifest_that_the_roster_lacks_is_refused(
    suite_folder: Path, tmp_path: Path
) -> None:
    _set_reader(suite_folder, "nobody")
    with pytest.raises(UsageError, match="the manifest's reader: the roster has no model 'nobody'"):
        _run(suite_folder, tmp_path / "run")
    _set_reader(suite_folder, "")
    with pytest.raises(DataError):
        read_suite(suite_folder)


def test_a_reader_that_cannot_be_loaded_is_counted_and_no_number(
    suite: Path, roster: Path, tmp_path: Path
) -> None:
    out = tmp_path / "run"
    done = evaluate(suite, [roster], ["says-lead"], ["summarize"], out=out, reader="broken")
    (judge,) = done.leaderboard.judges
    assert judge.failed == judge.calls > 0
    assert (judge.on_article, judge.on_nothing) == ({}, {})
    for row in done.leaderboard.rows:
        assert [row.metrics[name].mean for name in ("coverage", "above_lead", "made_up")] == [
            None
        ] * 3
        assert row.metrics["told"].n == 2  # which needs no reader
        assert row.counts.error == 0
    assert [text for text in done.failures if text.startswith("judging by broken: ")]
    assert not verify(out).differences


def test_a_summary_of_ten_thousand_words_is_judged(suite: Path, tmp_path: Path) -> None:
    path = suite / "seeds" / "first.txt"
    text = path.read_text(encoding="utf-8")
    long = text.replace("a pact", " ".join(["pacts"] * 10_000))
    path.write_text(long, encoding="utf-8")
    board = _run(suite, tmp_path / "run").leaderboard
    lead = next(row for row in board.rows if row.model == "lead-3")
    assert lead.metrics["coverage"].n == 2
    assert lead.metrics["words"].mean > 5_000  # type: ignore[operator]


def test_references_made_worse_are_judged_once_and_counted(tmp_path: Path) -> None:
    out = tmp_path / "run"
    board = evaluate(
        "demo", models=["lead-3"], tasks=["summarize"], out=out, reader=READER
    ).leaderboard
    people = next(row for row in board.rows if row.role == "people")
    assert people.metrics["coverage"].n == 3
    lines = [line for line in _lines(out) if ", " in str(line["text"])]
    texts = {(line["example"], line["text"]) for line in lines}
    assert len(texts) == 9  # three references each of three articles, each in one way
    for worse in ("number changed", "cut", "doubled"):
        judged = {name for name in texts if str(name[1]).endswith(f", {worse}")}
        assert board.canaries[worse]["coverage"].n == len(judged)
    # What needs nobody to be asked is counted of all of them, the event's three too.
    assert board.canaries["doubled"]["told"].n == 12
    whole = board.canaries["whole article"]
    assert (whole["told"].lower, whole["words"].higher) == (0, 1)
    # Of the whole articles; the event's is read only where the reader answers events as a model.
    assert whole["coverage"].n == whole["coverage"].none + 9 == 9
    assert board.canaries["emptied"]["coverage"].n == 12
    assert not {"made_up", "above_lead", "above_random"} & whole.keys()
    assert not verify(out).differences


def test_questions_may_weigh_by_references_and_verify_knows(suite: Path, tmp_path: Path) -> None:
    out = tmp_path / "run"
    (judge,) = _run(suite, out, question_weights="references").leaderboard.judges
    # "Ann met Bob in Rome." is the one reference of both, and tells who met Bob.
    assert judge.weights == {"first/who": 2, "second/who": 2}
    assert not verify(out).differences
    small_runs.edit_board(out, lambda board: board["judges"][0]["weights"].update({"first/who": 9}))
    assert any("first/who" in str(difference) for difference in verify(out).differences)
    with pytest.raises(UsageError, match="--question-weights: no reader is asked"):
        _run(suite, out, reader="none", question_weights="references")


def test_a_dry_run_says_who_would_be_asked_and_how_much_at_most(
    suite: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out = tmp_path / "run"
    command = ["eval", "--suite", str(suite), "--models", "lead-3", "--tasks", "summarize"]
    assert main([*command, "--out", str(out), "--dry-run", "--json"]) == 0
    told = json.loads(capsys.readouterr().out)
    # Two articles of two questions, one of them answered: 4 of each article on itself and on
    # nothing; 3 of each text: three floors', the oracle's, one reference and that made worse.
    assert (told["reader"], told["most_judgments"]) == (READER, 2 * (4 + 3 * 6))
    assert _run(suite, out).leaderboard.judges[0].calls <= told["most_judgments"]


def test_the_command_takes_a_reader_and_says_what_it_did(
    suite: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    command = ["eval", "--suite", str(suite), "--models", "lead-3", "--tasks", "summarize"]
    out = str(tmp_path / "run")
    assert main([*command, "--out", out, "--reader", READER]) == 0
    assert f"judging by {READER}: " in capsys.readouterr().err
    assert main([*command, "--out", out, "--reader", "nobody"]) == 2
    assert capsys.readouterr().err.splitlines()[1:] == [
        "harness: --reader nobody: the roster has no model 'nobody'; there are lead-3, random-3, "
        "lexrank, best-sentence, no-answer, minilm-lexrank, smollm2-135m, minilm-qa; add it to the "
        "roster, or give --reader none"
    ]
