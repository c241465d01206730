"""Texts that a limit of tokens ended are counted, whatever kind of model wrote them."""

import json
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from harness.eval.evaluate import evaluate
from harness.leaderboard.printing.tables import tables
from harness.leaderboard.rows.unfinished import unfinished_test
from harness.leaderboard.run_folder import read_run
from harness.models.roster.roster import read_rosters
from harness.records import Prediction, Step, Task
from harness.suite.suite import read_suite
from harness.tables.terminal import Display, terminal_text
from harness.verify.verification import verify
from tests import small_runs

STEP = Step(1, "0", "a window's summary")


@pytest.mark.parametrize(
    ("prediction", "limit", "stop", "unfinished"),
    [
        (Prediction("a", finish="length"), None, [], True),
        (Prediction("a", finish="MAX_TOKENS"), None, [], True),
        # Mistral's API, ChatCompletionChoice: stop, length, model_length, error, tool_calls.
        (Prediction("a", finish="model_length"), None, [], True),
        (Prediction("a", finish="stop", output_tokens=9), 9, [], False),
        (Prediction("a", finish="content_filter"), None, [], False),
        (Prediction("a", output_tokens=8), 9, [], False),
        (Prediction("a", output_tokens=9), 9, [], True),
        (Prediction("a", output_tokens=9), None, [], False),
        (Prediction("a", raw="a\nQ: b", output_tokens=9), 9, ["Q:"], False),
        (Prediction("a", raw="a\nb", output_tokens=9), 9, ["Q:"], True),
        (Prediction("a", output_tokens=40, steps=(STEP,)), 9, [], False),
        (Prediction("a", finish="length", output_tokens=40, steps=(STEP,)), 9, [], True),
        (Prediction("a"), None, [], False),
    ],
)
def test_what_a_limit_ended(
    prediction: Prediction, limit: int | None, stop: list[str], unfinished: bool
) -> None:
    assert unfinished_test(limit, {"stop": stop})(prediction) is unfinished


# A tiny checkpoint of each kind, what it is asked, and tokens that end its texts too.
KINDS: dict[str, tuple[str, Task, list[str]]] = {
    "causal": ("llama", "answer", ["a", "t", "c", "r", "K"]),
    "seq2seq": ("bart", "summarize", ["B"]),
}


@pytest.mark.parametrize("kind", KINDS)
def test_they_are_those_that_transformers_ends_without_an_end_token(
    tiny_folder: Callable[..., Path], tmp_path: Path, kind: str
) -> None:
    from transformers import AutoModelForCausalLM, AutoModelForSeq2SeqLM, AutoTokenizer

    name, task, ends = KINDS[kind]
    folder = tmp_path / "model"
    shutil.copytree(tiny_folder(name), folder)
    tokenizer = AutoTokenizer.from_pretrained(folder)
    eos_ids = tokenizer.convert_tokens_to_ids([tokenizer.eos_token, *ends])
    settings = {"eos_token_id": eos_ids, "forced_eos_token_id": None}
    path = folder / "generation_config.json"
    path.write_text(json.dumps(json.loads(path.read_text()) | settings), encoding="utf-8")
    suite = small_runs.suite(tmp_path / "suite", articles=12, questions=1)
    roster = tmp_path / "models.toml"
    limit = 24
    more = f"max_new_tokens = {limit}" if kind == "seq2seq" else ""
    roster.write_text(
        f'[tiny]\nkind = "{kind}"\nweights = {{ folder = "{folder}" }}\n{more}', encoding="utf-8"
    )
    entry = read_rosters([roster])["tiny"]
    if kind == "causal":
        limit = entry.model.prompts[task].max_new_tokens  # type: ignore[attr-defined]
    loader = AutoModelForCausalLM if kind == "causal" else AutoModelForSeq2SeqLM
    model = loader.from_pretrained(folder)
    expected = {}
    for example in read_suite(suite).examples(task):
        text = entry.model.rendered_prompt(example.query)
        ids = tokenizer(
            text, return_tensors="pt", add_special_tokens=kind == "seq2seq", truncation=True
        ).input_ids
        (row,) = model.generate(ids, max_new_tokens=limit, do_sample=False, num_beams=1).tolist()
        written = row[ids.shape[1] :] if kind == "causal" else row[1:]
        expected[example.id] = not set(eos_ids) & set(written)
    assert 0 < sum(expected.values()) < len(expected)

    done = evaluate(suite, [roster], ["tiny"], tasks=[task], out=tmp_path / "run")
    (row,) = [row for row in done.leaderboard.rows if row.model == "tiny"]
    assert row.counts.unfinished == sum(expected.values())
    is_unfinished = unfinished_test(row.output_limit, row.identity)
    lines = [line for line in read_run(tmp_path / "run").lines if line.model == "tiny"]
    assert {line.example: is_unfinished(line.prediction) for line in lines} == expected
    printed = terminal_text(tables(done.leaderboard), Display())
    assert f"Unfinished, tiny: {sum(expected.values())} of 12 texts ended at" in printed
    assert verify(tmp_path / "run").differences == ()
    small_runs.edit_board(
        tmp_path / "run",
        lambda board: small_runs.row(board, "tiny", task)["counts"].update(unfinished=0),
    )
    (difference,) = verify(tmp_path / "run").differences
    assert difference.where == f"rows.tiny {task} article.counts.unfinished"
