"""`--prompts`: the same model under several prompts, in rows that are kept apart."""

import json
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from harness.cli import main
from harness.compare.pairs import compare
from harness.errors import UsageError
from harness.eval.evaluate import evaluate
from harness.gate.verdicts import judge
from harness.leaderboard.run_folder import read_run
from harness.models.roster.prompt_variants import prompt_variants, prompts_of
from harness.models.roster.roster import Entry, read_rosters
from harness.records import TASKS
from harness.verify.verification import verify
from tests import small_runs

PROMPT = """\
name = "{name}"
version = 1
task = "answer"
max_new_tokens = 4
user = "{name} {{article}} {{question}}"
"""


@pytest.fixture
def roster(tmp_path: Path, tiny_folder: Callable[..., Path]) -> Path:
    """A floor, two prompted models, and one that reads no prompt; with prompts of their own."""
    (tmp_path / "prompts").mkdir()
    for name in ("ask", "beg"):
        (tmp_path / "prompts" / f"{name}.toml").write_text(PROMPT.format(name=name), "utf-8")
    path = tmp_path / "roster.toml"
    path.write_text(
        '[lead]\nkind = "lead"\n'
        f'[llama]\nkind = "causal"\nweights = {{ folder = "{tiny_folder("llama")}" }}\n'
        f'[t5]\nkind = "seq2seq"\nweights = {{ folder = "{tiny_folder("t5")}" }}\n'
        'prompts = { answer = "answer-span" }\nmax_new_tokens = 4\n'
        f'[bart]\nkind = "seq2seq"\nweights = {{ folder = "{tiny_folder("bart")}" }}\n',
        encoding="utf-8",
    )
    return path


def _entries(roster: Path, *names: str) -> list[Entry]:
    entries = read_rosters([roster])
    return [entries[name] for name in names] if names else list(entries.values())


def test_each_prompted_model_is_an_entry_for_each_prompt(roster: Path) -> None:
    found = prompt_variants(_entries(roster), ["ask", "beg"], TASKS)
    assert [(one.name, one.tasks) for one in found] == [
        ("lead", ("summarize",)),
        ("llama", ("summarize",)),  # under its own prompt
        ("llama [ask]", ("answer",)),
        ("llama [beg]", ("answer",)),
        ("t5", ("summarize",)),
        ("t5 [ask]", ("answer",)),
        ("t5 [beg]", ("answer",)),
        ("bart", ("summarize",)),
    ]
    assert [prompts_of(one.model)["answer"].name for one in found if "[" in one.name] == [
        *("ask", "beg", "ask", "beg")
    ]


def test_a_prompt_for_the_other_task_too(roster: Path) -> None:
    found = prompt_variants(_entries(roster, "llama"), ["summarize-brief", "ask", "ask"], TASKS)
    assert [(one.name, one.tasks) for one in found] == [
        ("llama [summarize-brief]", ("summarize",)),
        ("llama [ask]", ("answer",)),
    ]


@pytest.mark.parametrize(
    ("models", "names", "tasks", "message"),
    [
        (["llama"], ["aks"], TASKS, "--prompts: there is no prompt 'aks'; did you mean ask"),
        (["lead", "bart"], ["ask"], TASKS, "no chosen model is prompted to do what 'ask' asks"),
        (["t5"], ["summarize-brief"], TASKS, "is prompted to do what 'summarize-brief' asks"),
        (["llama"], ["ask"], ["summarize"], "'ask' is a prompt to answer, and that is not among"),
    ],
)
def test_a_prompt_that_nothing_takes_is_refused(
    roster: Path, models: list[str], names: list[str], tasks: list[str], message: str
) -> None:
    chosen = [task for task in TASKS if task in tasks]
    with pytest.raises(UsageError) as caught:
        prompt_variants(_entries(roster, *models), names, chosen)
    assert message in str(caught.value)


def test_a_leaderboard_keeps_them_apart(
    roster: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    suite = small_runs.suite(tmp_path / "suite", articles=2, questions=3)
    out = tmp_path / "out"
    asked = ["eval", "--suite", str(suite), "--roster", str(roster), "--out", str(out)]
    asked += ["--models", "llama", "--tasks", "answer", "--prompts", "ask,beg"]
    assert main(asked) == 0
    printed = capsys.readouterr().out
    shutil.copytree(out, tmp_path / "before")
    run = read_run(tmp_path / "before")
    rows = {row.model: row for row in run.board.rows if row.role == "model"}
    assert set(rows) == {"llama [ask]", "llama [beg]"}
    for name, row in rows.items():
        assert name in printed
        assert row.prompt is not None
        assert f"llama [{row.prompt.name}]" == name
        assert len(run.lines_of(row)) == 6
    keys = [{line.key for line in run.lines if line.model == name} for name in rows]
    assert not keys[0] & keys[1]
    pairs = {frozenset((one.a, one.b)) for one in run.board.comparisons}
    assert frozenset(rows) in pairs
    assert verify(out, suite).differences == ()
    assert judge(compare(run, run)).exit_code == 0

    # One prompt alone is the same row, made from what is kept.
    assert main([*asked[:-1], "beg", "--json"]) == 0
    board = json.loads(capsys.readouterr().out)
    (row,) = [row for row in board["rows"] if row["role"] == "model"]
    assert (row["model"], row["counts"]["cached"]) == ("llama [beg]", 6)
    gate = judge(compare(run, read_run(out)))
    assert [str(one.name) for one in gate.with_state("failed")] == ["llama [ask] answer"]


def test_without_the_option_nothing_changes(roster: Path, tmp_path: Path) -> None:
    suite = small_runs.suite(tmp_path / "suite", articles=1, questions=1)
    done = evaluate(suite, [roster], ["llama"], ["answer"], out=tmp_path / "out")
    (row,) = [row for row in done.leaderboard.rows if row.role == "model"]
    assert row.model == "llama"
    assert row.prompt is not None
    assert row.prompt.name == "answer-span"
