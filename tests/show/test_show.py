"""`harness show`: one prediction with all that is known of it."""

import json
import re
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
import yaml

from harness.cli import main
from harness.errors import UsageError
from harness.eval.evaluate import evaluate
from harness.files import sha256
from harness.show.example_view import ExampleView, show
from harness.show.text import example_text
from harness.suite.selection import Selection
from harness.suite.suite import read_suite
from harness.verify.verification import verify
from tests import small_runs
from tests.servers import answering

PROMPT = """\
name = "brief"
version = 3
task = "summarize"
max_new_tokens = 16
user = "{article} In {words} words."
"""


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory, tiny_folder: Callable[..., Path]) -> Path:
    """A suite with evidence, a roster, and a run of it with cut sources."""
    root = tmp_path_factory.mktemp("show")
    small_runs.suite(root / "suite", articles=2, questions=40)
    golden = root / "suite" / "goldens" / "a.yaml"
    content = yaml.safe_load(golden.read_text(encoding="utf-8"))
    for i, question in enumerate(content["questions"]):
        question["evidence"] = f"Answer number {i} of a is aword{i}."
    golden.write_text(yaml.safe_dump(content), encoding="utf-8")
    (root / "prompts").mkdir()
    (root / "prompts" / "brief.toml").write_text(PROMPT, encoding="utf-8")
    weights = f'weights = {{ folder = "{tiny_folder("llama")}" }}'
    (root / "models.toml").write_text(
        f'[llama]\nkind = "causal"\nwindow = 600\n{weights}\n'
        '[reduce]\nkind = "causal"\nwindow = 400\nlong = "map-reduce"\n'
        f'tasks = ["summarize"]\nprompts = {{ summarize = "brief" }}\n{weights}\n',
        encoding="utf-8",
    )
    evaluate(
        root / "suite", [root / "models.toml"], out=root / "run", selection=Selection(limit=40)
    )
    return root


def _show(folder: Path, example: str, model: str) -> ExampleView:
    return show(example, model, folder / "run", folder / "suite", [folder / "models.toml"])


def test_a_cut_answer_is_shown_with_its_prompt(folder: Path) -> None:
    found = _show(folder, "a/q39", "llama")
    text = read_suite(folder / "suite").articles["a"].text
    assert found.context == text
    ((start, end),) = found.dropped
    assert end == len(text)
    assert found.prompt.state == "same"
    assert found.prompt.name == "answer-span version 2"
    assert found.prompt.text is not None
    assert sha256(found.prompt.text) == found.prompt.recorded_sha256
    assert f"<article>\n{text[:start]}\n</article>" in found.prompt.text
    assert found.references == ("aword39",)
    assert found.evidence[0].text == "Answer number 39 of a is aword39."
    assert found.evidence_seen is False
    assert set(found.scores) == {
        "exact_match", "f1", "contains", "token_recall", "words", "number_exact_match", "number_f1",
    }  # fmt: skip
    assert found.costs["seconds"] != 0
    printed = example_text(found)
    assert f"⟦not seen, {end - start:,} characters: {text[start:]}⟧" in printed
    assert "== evidence: cut: the model could not see it" in printed
    assert "its hash is the recorded one" in printed
    assert f"{found.kept_tokens:,} of {found.source_tokens:,} tokens seen" in printed
    assert "peak memory: " in printed
    assert _show(folder, "a/q0", "llama").evidence_seen is True


def test_a_summary_of_summaries_is_shown_with_its_steps(folder: Path) -> None:
    found = _show(folder, "a", "reduce")
    assert len(found.steps) > 1
    assert found.dropped == ()
    assert found.prompt.state == "same"
    assert found.prompt.name == "brief version 3"
    for step in found.steps:
        if step["level"] == found.steps[-1]["level"]:
            assert str(step["text"]) in str(found.prompt.text)
    printed = example_text(found)
    assert printed.count("== summary of a window, level 1") == sum(
        step["level"] == 1 for step in found.steps
    )
    assert f"in {sum(step['level'] == 1 for step in found.steps)} windows" in printed


def test_the_run_with_its_steps_and_cuts_verifies(folder: Path) -> None:
    assert verify(folder / "run", folder / "suite").differences == ()


def test_a_prompt_that_has_changed_since_is_not_passed_off(folder: Path, tmp_path: Path) -> None:
    copy = shutil.copytree(folder, tmp_path / "copy")
    path = copy / "prompts" / "brief.toml"
    path.write_text(PROMPT.replace("In {words}", "In just {words}"), encoding="utf-8")
    found = _show(copy, "a", "reduce")
    assert found.prompt.state == "other"
    assert "NOT what was read" in found.prompt.reason
    assert found.prompt.reason.endswith("since the run prompt changed")
    assert "In just 50 to 70 words." in str(found.prompt.text)


def test_without_the_roster_or_the_weights_it_says_so(folder: Path, tmp_path: Path) -> None:
    found = show("a", "reduce", folder / "run", folder / "suite")
    assert (found.prompt.state, found.prompt.text) == ("unknown", None)
    assert found.prompt.reason == "the roster has no 'reduce'; name its file with --roster"
    copy = shutil.copytree(folder, tmp_path / "copy")
    roster = copy / "models.toml"
    gone = '[reduce]\nkind = "causal"\nweights = { folder = "gone" }\n'
    roster.write_text(gone, encoding="utf-8")
    found = _show(copy, "a", "reduce")
    assert found.prompt.state == "unknown"
    assert "gone: no such folder" in found.prompt.reason


def test_whose_prediction_is_asked_for_where_there_are_several(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["show", "a", str(folder / "run"), "-q"]) == 2
    said = capsys.readouterr().err
    assert "--model: say whose prediction to show; there are " in said
    assert {"llama", "reduce"} <= set(re.findall(r"\w+", said))


def test_what_a_server_was_asked_is_shown_by_role_and_needs_no_key(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SHOW_KEY", "none")
    suite = small_runs.suite(tmp_path / "suite", articles=1, questions=1)
    roster = tmp_path / "models.toml"
    with answering(lambda request: request.reply("aword0")) as server:
        roster.write_text(
            f'[m]\nkind = "endpoint"\nurl = "{server.url}"\nmodel = "x"\n'
            'api_key_env = "SHOW_KEY"\ntasks = ["answer"]\n',
            encoding="utf-8",
        )
        evaluate(suite, [roster], out=tmp_path / "run")
        messages = server.seen[0].body["messages"]
    monkeypatch.delenv("SHOW_KEY")
    example = read_suite(suite).examples("answer")[0].id
    prompt = show(example, "m", tmp_path / "run", suite, [roster]).prompt
    assert prompt.state == "same"
    assert prompt.text == "\n\n".join(f"[{m['role']}]\n{m['content']}" for m in messages)
    assert main(["show", example, str(tmp_path / "run"), "-q"]) == 0  # of the only model
    with pytest.raises(UsageError, match=r"no example 'a'; did you mean a/q0\?"):
        show("a", "m", tmp_path / "run", suite, [roster])


def test_a_floor_reads_no_prompt_and_needs_no_torch(folder: Path) -> None:
    script = (
        "import sys; from harness.cli import main\n"
        "code = main(sys.argv[1:])\n"
        "heavy = {'torch', 'transformers', 'tokenizers'} & set(sys.modules)\n"
        "sys.exit(code or len(heavy))"
    )
    arguments = ["show", "a/q1", "--model", "best-sentence", "-q", str(folder / "run")]
    done = subprocess.run(
        [sys.executable, "-c", script, *arguments, "--suite", str(folder / "suite")],
        capture_output=True,
        text=True,
        check=False,
        timeout=300,
    )
    assert (done.returncode, done.stderr) == (0, "")
    assert "== prompt: this kind of model reads no prompt" in done.stdout
    assert "== raw output" not in done.stdout  # the scored text is all that there is
    assert re.search(r"^seconds: [\d.e-]{1,8}$", done.stdout, re.MULTILINE)
    assert re.search(r"^peak memory: [\d,]+ MB$", done.stdout, re.MULTILINE)
    assert "- a: Answer number 1 of a is aword1." in done.stdout


def test_json_has_the_same_facts(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    where = [str(folder / "run"), "--suite", str(folder / "suite")]
    roster = ["--roster", str(folder / "models.toml")]
    assert main(["show", "a/q0", *where, *roster, "--model", "llama", "--json"]) == 0
    told = json.loads(capsys.readouterr().out)
    found = _show(folder, "a/q0", "llama")
    assert told["prompt"]["text"] == found.prompt.text
    assert told["dropped"] == [list(one) for one in found.dropped]
    assert told["scores"] == found.scores


@pytest.mark.parametrize(
    ("example", "model", "message"),
    [
        ("a/q1", "lama", "has no model 'lama'; did you mean llama"),
        ("a/q99", "llama", "has no example 'a/q99'; did you mean a/q9"),
        ("q1", "llama", "has no example 'q1'; did you mean a/q1?"),
        ("zebra", "llama", "has no example 'zebra'; there are a, b"),
        ("a/q1", "reduce", "reduce was not asked 'a/q1'; choose another --model"),
        ("a/q1", "people", "has no model 'people'; there are"),
    ],
)
def test_a_wrong_name_is_one_line(folder: Path, example: str, model: str, message: str) -> None:
    with pytest.raises(UsageError) as caught:
        _show(folder, example, model)
    assert message in str(caught.value)
    assert "\n" not in str(caught.value)


def test_another_suite_is_named(folder: Path, suite_folder: Path) -> None:
    from harness.errors import DataError

    with pytest.raises(DataError, match=r"was run on the suite 'suite', and 'my-suite' has no"):
        show("a", "lead-3", folder / "run", suite_folder)


def test_a_suite_that_has_changed_is_told(folder: Path, tmp_path: Path) -> None:
    copy = shutil.copytree(folder, tmp_path / "copy")
    golden = copy / "suite" / "goldens" / "b.yaml"
    text = golden.read_text(encoding="utf-8").replace("Ann met Bob", "Ann met Cyd")
    golden.write_text(text, encoding="utf-8")
    (note,) = _show(copy, "a", "lead-3").notes
    assert "the suite has changed since the run" in note


def test_an_output_commands_no_terminal(folder: Path, tmp_path: Path) -> None:
    copy = shutil.copytree(folder, tmp_path / "copy")
    small_runs.changed_copy(
        copy / "run", copy / "run", lambda line: line | {"text": "a\x1b[2Jb\nc"}
    )
    assert "a⟦U+001B⟧[2Jb\nc" in example_text(_show(copy, "a", "lead-3"))


def test_a_share_stands_times_100_and_a_length_as_it_is(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """The lead is copied: all of it is borne out, and its words are those between its spaces."""
    command = ["show", "a", "--model", "lead-3", "-q", str(folder / "run")]
    assert main([*command, "--suite", str(folder / "suite"), "--json"]) == 0
    view = json.loads(capsys.readouterr().out)
    words = len(view["text"].split())
    assert view["scores"]["words"] == words
    assert "support" in view["shares"]
    assert "words" not in view["shares"]
    assert main([*command, "--suite", str(folder / "suite")]) == 0
    printed = capsys.readouterr().out
    assert re.search(r"^support +100\.0$", printed, re.MULTILINE)
    assert re.search(rf"^words +{words}\.0$", printed, re.MULTILINE)
