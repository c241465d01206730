"""`harness models --check`: each model is loaded and asked, and a failure is a line of its own."""

import json
from collections.abc import Callable
from pathlib import Path

import pytest

from harness.cli import main
from tests.servers import answering


@pytest.fixture
def roster(tiny_folder: Callable[..., Path], tmp_path: Path) -> Path:
    (tmp_path / "empty").mkdir()
    (tmp_path / "empty" / "config.json").write_text("{}", encoding="utf-8")
    path = tmp_path / "mine.toml"
    path.write_text(
        '[floor]\nkind = "lead"\nsentences = 1\n'
        f'[chat]\nkind = "causal"\nweights = {{ folder = "{tiny_folder("llama", dated=False)}" }}\n'
        f'[half]\nkind = "causal"\ndtype = "bfloat16"\ntasks = ["answer"]\n'
        f'weights = {{ folder = "{tiny_folder("llama", dated=False)}" }}\n'
        f'[reader]\nkind = "extractive"\nweights = {{ folder = "{tiny_folder("bert_qa")}" }}\n'
        f'[writer]\nkind = "seq2seq"\nmax_new_tokens = 4\nweights = {{ folder = "{tiny_folder("bart")}" }}\n'
        '[broken]\nkind = "causal"\nweights = { folder = "empty" }\n'
        '[gone]\nkind = "causal"\nweights = { folder = "nowhere" }\n',
        encoding="utf-8",
    )
    return path


def test_each_model_is_loaded_and_asked_once_a_task(
    roster: Path, suite_folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """The authority on sizes is transformers, of the checkpoint by itself."""
    from transformers import AutoModelForCausalLM, AutoTokenizer

    arguments = ["models", "--check", "--roster", str(roster), "--suite", str(suite_folder)]
    assert main([*arguments, "--json"]) == 1
    checks = {check["model"]: check for check in json.loads(capsys.readouterr().out)}
    names = ["floor", "chat", "half", "reader", "writer", "broken", "gone"]
    assert list(checks) == names
    assert checks["floor"]["loaded"] is None
    (trial,) = checks["floor"]["trials"]
    assert (trial["example"], trial["text"]) == ("first", "Ann met Bob in Rome on Monday.")
    folder = roster.read_text(encoding="utf-8").split('folder = "')[1].partition('"')[0]
    model = AutoModelForCausalLM.from_pretrained(folder)
    count = model.num_parameters()
    loaded = checks["chat"]["loaded"]
    assert (loaded["device"], loaded["dtype"], loaded["parameters"]) == ("cpu", "float32", count)
    assert loaded["bytes"] == pytest.approx(4 * count, rel=0.01)  # buffers take a few
    assert checks["half"]["loaded"]["dtype"] == "bfloat16"
    assert checks["half"]["loaded"]["bytes"] == pytest.approx(2 * count, rel=0.01)
    asked = [(trial["task"], trial["example"]) for trial in checks["chat"]["trials"]]
    assert asked == [("summarize", "first"), ("answer", "first/who")]
    trial = checks["chat"]["trials"][1]
    assert "Who met Bob?" in trial["prompt"]
    ids = AutoTokenizer.from_pretrained(folder)(trial["prompt"])["input_ids"]
    assert trial["input_tokens"] == len(ids)
    assert trial["seconds"] > 0
    assert checks["reader"]["trials"][0]["prompt"] is None
    assert checks["reader"]["trials"][0]["error"] is None
    assert checks["broken"]["error"].startswith("ModelError: empty: cannot be loaded: ")
    assert checks["gone"]["error"].startswith("WeightsError: ")
    assert checks["gone"]["trials"] == []


def test_a_failure_is_a_line_and_the_exit_code_1(
    roster: Path, suite_folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    arguments = ["models", "--check", "--suite", str(suite_folder), "--roster"]
    assert main([*arguments, str(roster)]) == 1
    lines = capsys.readouterr().out.splitlines()
    (line,) = [line for line in lines if line.startswith("broken: ")]
    assert line.startswith("broken: FAILED: ModelError: empty: cannot be loaded: ")
    assert lines[-1] == "2 of 7 models failed: broken, gone"
    floors = roster.with_name("floors.toml")
    floors.write_text('[floor]\nkind = "lead"\nsentences = 1\n', encoding="utf-8")
    assert main([*arguments, str(floors)]) == 0
    first, second, third = capsys.readouterr().out.splitlines()
    assert first == "floor: lead, no weights here"
    assert second.startswith("  summarize first: ")
    assert third == "    says: Ann met Bob in Rome on Monday."


def test_a_server_is_asked_and_its_refusal_is_the_models(
    suite_folder: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    pytest.importorskip("openai")
    roster = tmp_path / "served.toml"
    arguments = ["models", "--check", "--suite", str(suite_folder), "--roster", str(roster)]
    with answering(lambda request: request.reply("Ann")) as server:
        entry = f'[m]\nkind = "endpoint"\nurl = "{server.url}"\nmodel = "m"\n'
        roster.write_text(entry, encoding="utf-8")
        assert main(arguments) == 0
        assert len(server.seen) == 2
    said = capsys.readouterr().out.splitlines()
    assert said[0] == "m: endpoint, no weights here"
    assert said[4].startswith("  answer first/who: 100 tokens read, 10 tokens written, ")
    assert said[5].startswith("    prompt: [system] You answer questions ")
    assert said[6] == "    says: Ann"
    with answering(lambda request: request.send(401, '{"error": {"message": "no"}}')) as server:
        roster.write_text(entry.replace(entry.split('"')[3], server.url), encoding="utf-8")
        assert main(arguments) == 1
    said = capsys.readouterr().out.splitlines()
    assert said[1].startswith("  summarize first: FAILED: ModelError: ")
    assert said[1].endswith("answered 401: no; look at the variable that `api_key_env` names")
    assert said[-1] == "1 of 1 models failed: m"


def test_one_model_is_in_memory_at_a_time(roster: Path, suite_folder: Path) -> None:
    from harness.models.roster.check import check_models
    from harness.models.roster.roster import read_rosters
    from harness.suite.suite import read_suite

    entries = list(read_rosters([roster]).values())
    for count, _ in enumerate(check_models(entries, read_suite(suite_folder))):
        held = [entry.name for entry in entries if "_loaded" in entry.model.__dict__]
        assert set(held) <= {entries[count].name}
    assert not any("_loaded" in entry.model.__dict__ for entry in entries)
