"""What `harness eval --dry-run` tells, against what the run then does, and against transformers."""

import json
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from harness.cli import main
from harness.models.endpoint.endpoint import Endpoint
from harness.models.model import Model
from harness.models.roster.roster import read_rosters
from harness.records import Query
from harness.run.store import Store
from harness.suite.suite import read_suite
from tests import small_runs, squads
from tests.servers import Request, answering

Make = Callable[[str], Model]
Tiny = Callable[..., Path]
Told = dict[tuple[str, str], dict[str, Any]]


def _roster(tmp_path: Path, **entries: str) -> Path:
    path = tmp_path / "mine.toml"
    text = "\n".join(f"[{name}]\n{entry}\n" for name, entry in entries.items())
    path.write_text(text, encoding="utf-8")
    return path


def _told(capsys: pytest.CaptureFixture[str], *arguments: object) -> Told:
    """Return the rows of a dry run by model and task."""
    assert main(["eval", *map(str, arguments), "--dry-run", "--json"]) == 0
    told = json.loads(capsys.readouterr().out)
    return {(row["model"], row["task"]): row for row in told["rows"]}


def _state(folder: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in folder.iterdir()}


def test_it_tells_what_the_run_then_does_and_changes_nothing(
    suite_folder: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    broken = True

    def answer(request: Request) -> None:
        if broken and "cost" in request.asked:
            request.send(400, '{"error": {"message": "no"}}')
        else:
            request.reply("Ann")

    out = tmp_path / "out"
    with answering(answer) as server:
        entry = f'kind = "endpoint"\nurl = "{server.url}"\nmodel = "m"\n'
        roster = _roster(tmp_path, m=entry, same=entry + 'tasks = ["answer"]\n')
        arguments = ["--suite", suite_folder, "--roster", roster, "--out", out]
        before = _told(capsys, *arguments)
        assert not out.exists()
        assert server.seen == []
        wanted = {key: (row["examples"], row["calls"]) for key, row in before.items()}
        assert wanted == {
            ("lead-3", "summarize"): (2, 2),
            ("random-3", "summarize"): (2, 2),
            ("lexrank", "summarize"): (2, 2),
            ("best-sentence", "answer"): (4, 4),
            ("no-answer", "answer"): (4, 4),
            ("m", "summarize"): (2, 2),
            ("m", "answer"): (4, 4),
            ("same", "answer"): (4, 4),
        }
        assert {row["stored"] for row in before.values()} == {0}
        models = ["--models", "m"]
        assert main(["eval", *map(str, [*arguments, *models])]) == 3  # of each article one
        capsys.readouterr()
        assert len(server.seen) == 6
        stored = _state(out)
        after = _told(capsys, *arguments)
        assert _state(out) == stored
        assert len(server.seen) == 6
        done = {key: (row["stored"], row["to_predict"], row["calls"]) for key, row in after.items()}
        assert done["m", "summarize"] == (2, 0, 0)
        assert done["m", "answer"] == (2, 2, 2)  # a failure is tried again
        assert done["same", "answer"] == (2, 2, 2)  # the same model under another name
        assert done["lead-3", "summarize"] == (2, 0, 0)
        broken = False
        assert main(["eval", *map(str, [*arguments, *models])]) == 0
        assert len(server.seen) == 8
        capsys.readouterr()
        assert all(row["to_predict"] == 0 for row in _told(capsys, *arguments).values())


def test_questions_that_are_alike_are_one_call(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    questions = [("Who?", ["Ann"]), ("Who?", ["Ann"]), ("When?", [])]
    suite = squads.write(tmp_path / "set.json", {"T": [("Ann met Bob.", questions)]})
    told = _told(capsys, "--suite", f"squad:{suite}", "--out", tmp_path / "out")
    row = told["no-answer", "answer"]
    assert (row["examples"], row["to_predict"], row["calls"]) == (3, 3, 2)


def test_a_store_that_a_killed_run_left_is_read_as_it_is(
    suite_folder: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Its last predictions stand in the log beside it; here a copy of a store that is open."""
    out, left = tmp_path / "out", tmp_path / "left"
    arguments = ["--suite", suite_folder, "--models", "lead-3"]
    assert main(["eval", *map(str, arguments), "--out", str(out)]) == 0
    capsys.readouterr()
    with Store(out / "predictions.sqlite") as store:
        lead = next(iter(read_rosters().values())).model
        (example,) = read_suite().examples("summarize")[:1]
        store.put(zip(["k"], lead.predict([example.query]), strict=True), {}, {})
        shutil.copytree(out, left)
    assert (left / "predictions.sqlite-wal").stat().st_size > 0
    names = {path.name: path.read_bytes() for path in left.iterdir() if "-shm" not in path.name}
    told = _told(capsys, *arguments, "--out", left)
    assert told["lead-3", "summarize"]["stored"] == 2
    with Store(left / "predictions.sqlite", read_only=True) as store:
        assert store.stored_keys(["k", "other"]) == {"k"}
    assert {p.name: p.read_bytes() for p in left.iterdir() if "-shm" not in p.name} == names


@pytest.mark.parametrize("long", ["cut", "map-reduce"])
def test_a_causal_models_tokens_are_those_of_its_chat_template(
    make_model: Make, tiny_folder: Tiny, long: str
) -> None:
    """The authority is transformers' own template; the model is never loaded."""
    from transformers import AutoTokenizer

    folder = tiny_folder("llama", dated=False)
    model = make_model(f'kind = "causal"\nlong = "{long}"\nweights = {{ folder = "{folder}" }}')
    tokenizer = AutoTokenizer.from_pretrained(folder)
    for example in read_suite().examples("answer")[:3]:
        messages = model.prompts["answer"].render(example.query)  # type: ignore[attr-defined]
        ids = tokenizer.apply_chat_template(
            messages, add_generation_prompt=True, return_dict=False, tokenize=True
        )
        estimate = model.estimate(example.query)
        assert estimate.input_tokens == estimate.max_input_tokens == len(ids)
        assert estimate.max_output_tokens == 32  # as prompts/answer-span.toml says
        assert (estimate.calls, estimate.cut) == (1, False)
    assert "_loaded" not in model.__dict__


def test_a_summary_of_summaries_is_a_call_a_window(make_model: Make, tiny_folder: Tiny) -> None:
    entry = f'kind = "causal"\nweights = {{ folder = "{tiny_folder("llama")}" }}\nwindow = 1024\n'
    query = read_suite().examples("summarize")[0].query
    cut = make_model(entry).estimate(query)
    assert (cut.calls, cut.cut) == (1, True)
    assert cut.input_tokens == 1024 - 192  # what the window leaves beside the reply
    reduced = make_model(entry + 'long = "map-reduce"').estimate(query)
    assert reduced.cut is False
    assert reduced.calls > 1
    assert reduced.max_output_tokens == 192 * reduced.calls


def test_an_encoders_tokens_are_those_of_its_tokenizer(
    make_model: Make, tiny_folder: Tiny, tmp_path: Path
) -> None:
    """The authority is transformers' own truncation; the length is generation_config's."""
    from transformers import AutoTokenizer

    folder = shutil.copytree(tiny_folder("bart"), tmp_path / "bart")
    path = folder / "generation_config.json"
    settings = json.loads(path.read_text(encoding="utf-8"))
    # It counts the token that starts the decoder.
    path.write_text(json.dumps(settings | {"max_length": 21}), encoding="utf-8")
    model = make_model(f'kind = "seq2seq"\nweights = {{ folder = "{folder}" }}')
    tokenizer = AutoTokenizer.from_pretrained(folder)
    for text in ("Ann met Bob.", "Ann met Bob in Rome. " * 50):
        estimate = model.estimate(Query("summarize", text))
        ids = tokenizer(text, truncation=True)["input_ids"]
        assert estimate.input_tokens == len(ids)
        assert estimate.cut == (len(tokenizer(text)["input_ids"]) > 128)
    assert estimate.max_output_tokens == 20
    limited = make_model(
        f'kind = "seq2seq"\nweights = {{ folder = "{folder}" }}\nmax_new_tokens = 7'
    )
    assert limited.estimate(Query("summarize", "Ann.")).max_output_tokens == 7


def test_a_readers_tokens_are_those_of_its_windows(make_model: Make, tiny_folder: Tiny) -> None:
    """The authority is transformers' own overflowing windows."""
    from transformers import AutoTokenizer

    folder = tiny_folder("bert_qa")
    model = make_model(
        f'kind = "extractive"\nweights = {{ folder = "{folder}" }}\nmax_tokens = 64\nstride = 16'
    )
    tokenizer = AutoTokenizer.from_pretrained(folder)
    query = read_suite().examples("answer")[0].query
    windows = tokenizer(
        query.question,
        query.context,
        truncation="only_second",
        max_length=64,
        stride=16,
        return_overflowing_tokens=True,
    )["input_ids"]
    model.prepare_estimates()
    assert model.estimate(query).input_tokens == sum(map(len, windows))
    assert len(windows) > 1
    assert "_loaded" not in model.__dict__


def test_sentences_are_counted_by_themselves(make_model: Make, tiny_folder: Tiny) -> None:
    from transformers import AutoTokenizer

    folder = tiny_folder("bert")
    entry = f'kind = "embedding-lexrank"\nweights = {{ folder = "{folder}" }}\nmax_tokens = '
    tokenizer = AutoTokenizer.from_pretrained(folder)
    lengths = [len(tokenizer(text)["input_ids"]) for text in ("Ann met Bob.", "It rained all day.")]
    query = Query("summarize", "Ann met Bob. It rained all day.")
    whole = make_model(entry + "100").estimate(query)
    assert (whole.input_tokens, whole.cut) == (sum(lengths), False)
    cut = make_model(entry + "8").estimate(query)
    assert (cut.input_tokens, cut.cut) == (sum(min(length, 8) for length in lengths), True)


def test_it_reads_no_weights_and_counts_what_the_run_records(
    tiny_folder: Tiny, suite_folder: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Without weights there is no run, but a dry one; with them the run cuts as it was told."""
    folder = shutil.copytree(tiny_folder("bart", window=32), tmp_path / "model")
    entry = f'kind = "seq2seq"\nweights = {{ folder = "{folder}" }}\nmax_new_tokens = 4'
    roster = _roster(tmp_path, m=entry)
    arguments = ["--suite", suite_folder, "--roster", roster, "--out", tmp_path / "out"]
    weights = (folder / "model.safetensors").read_bytes()
    (folder / "model.safetensors").unlink()
    row = _told(capsys, *arguments)["m", "summarize"]
    (folder / "model.safetensors").write_bytes(weights)
    assert row["calls"] == row["cut"] == 2
    assert row["tokens"]["max_output"] == 8
    assert main(["eval", *map(str, arguments)]) == 0
    board = json.loads((tmp_path / "out" / "leaderboard.json").read_text(encoding="utf-8"))
    (counts,) = [row["counts"] for row in board["rows"] if row["model"] == "m"]
    assert counts["truncated"] == 2


def test_what_cannot_be_asked_is_told_before(
    tiny_folder: Tiny, suite_folder: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    small = f'kind = "causal"\nweights = {{ folder = "{tiny_folder("llama")}" }}\nwindow = 64\n'
    (tmp_path / "empty").mkdir()
    (tmp_path / "empty" / "config.json").write_text("{}", encoding="utf-8")
    broken = 'kind = "causal"\nweights = { folder = "empty" }\n'
    roster = _roster(tmp_path, small=small, broken=broken)
    arguments = ["eval", "--suite", str(suite_folder), "--roster", str(roster), "--dry-run"]
    arguments += ["--tasks", "answer", "--out", str(tmp_path / "out")]
    assert main(arguments) == 0
    lines = capsys.readouterr().out.splitlines()
    assert any(
        line.startswith("small answer: 4 cannot be predicted; the first: the prompt has ")
        for line in lines
    )
    assert any(
        line.startswith("Tokens are not known of broken: its tokenizer cannot be read: empty: ")
        for line in lines
    )
    assert any(line.startswith("16 predictions to make in 12 calls, 0 stored") for line in lines)


def test_a_priced_models_cost(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """By hand: before any reply by the bytes of the messages, then by what the server counted.

    It counts 100 tokens of each prompt and 10 of each reply.
    """
    suite = small_runs.suite(tmp_path / "suite", articles=2, questions=3)
    with answering(lambda request: request.reply("Ann")) as server:
        roster = _roster(
            tmp_path,
            m=f'kind = "endpoint"\nurl = "{server.url}"\nmodel = "m"\ntasks = ["answer"]\n'
            "prices = { input = 2.0, output = 8.0 }",
        )
        arguments = ["--suite", suite, "--roster", roster, "--out", tmp_path / "out"]
        model = read_rosters([roster])["m"].model
        assert isinstance(model, Endpoint)
        prompt = model.prompts["answer"]
        sizes = [
            [len(message["content"].encode()) for message in prompt.render(example.query)]
            for example in read_suite(suite).examples("answer")
        ]
        row = _told(capsys, *arguments)["m", "answer"]
        expected = sum(-(-sum(size) // 4) for size in sizes)
        most = sum(sum(size) + 64 + 16 * len(size) for size in sizes)
        assert row["tokens"] == {
            "input": expected, "max_input": most, "output": 6 * 32, "max_output": 6 * 32,
        }  # fmt: skip
        assert row["cost"] == pytest.approx((2 * expected + 8 * 192) / 1e6, rel=1e-12)
        assert row["max_cost"] == pytest.approx((2 * most + 8 * 192) / 1e6, rel=1e-12)
        assert main(["eval", *map(str, arguments), "--limit", "2"]) == 0
        capsys.readouterr()
        assert len(server.seen) == 2
        row = _told(capsys, *arguments)["m", "answer"]
        rest = sum(-(-sum(size) // 4) for size in sizes[2:])
        counted = round(rest * 200 / (expected - rest))
        assert row["calls"] == 4
        assert (row["tokens"]["input"], row["tokens"]["output"]) == (counted, 40)
        assert row["cost"] == pytest.approx((2 * counted + 8 * 40) / 1e6, rel=1e-12)
        assert main(["eval", *map(str, arguments), "--dry-run", "--max-cost", "1"]) == 0
        assert "--max-cost 1 is enough." in capsys.readouterr().out
        assert main(["eval", *map(str, arguments), "--dry-run", "--max-cost", "0"]) == 0
        assert "--max-cost 0 may stop it before the end." in capsys.readouterr().out
        assert main(["eval", *map(str, arguments)]) == 0
        capsys.readouterr()
        row = _told(capsys, *arguments)["m", "answer"]
        assert (row["calls"], row["cost"], row["max_cost"]) == (0, 0, 0)
