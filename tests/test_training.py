import json
import random
import signal
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

pytest.importorskip("peft")

from training.questions import (
    Paragraphs,
    Question,
    as_squad,
    is_held_out,
    join_neighbour,
    negatives,
    read_questions,
    without_answer,
)
from training.windows import batches, windows

Tiny = Callable[..., Path]

TEXT = "Ann met Bob in Rome. They signed a pact. Cyd objected to it."
WHERE = Question("where", "Where did Ann meet Bob?", TEXT, {(15, 19): 2, (12, 19): 1})
OTHERS = [
    Question(f"other-{i}", "Who objected?", f"In Oslo, Dee met {name}. Nobody objected there.", {(9, 12): 1})
    for i, name in enumerate(["Eve", "Fay", "Gus", "Hal"] * 6)
]  # fmt: skip


@pytest.fixture(scope="module")
def tokenizer(tiny_folder: Tiny) -> Any:
    from transformers import AutoTokenizer

    return AutoTokenizer.from_pretrained(tiny_folder("bert"))


def test_answers_keep_their_votes_and_misplaced_ones_are_left_out(tmp_path: Path) -> None:
    answers = [("Rome", 15), ("Rome", 15), ("in Rome", 12), ("Oslo", 15)]
    data = as_squad([WHERE])
    asked: Any = data["data"][0]["paragraphs"][0]["qas"][0]  # type: ignore[index]
    asked["answers"] = [{"text": text, "answer_start": start} for text, start in answers]
    (tmp_path / "data.json").write_text(json.dumps(data), encoding="utf-8")
    assert read_questions([f"squad:{tmp_path / 'data.json'}"]) == [WHERE]


def test_targets_are_the_shares_of_the_votes(tokenizer: Any) -> None:
    """By hand: of three votes two begin at "Rome" and one at "in"; all end with "Rome"."""
    (window,) = windows(tokenizer, [WHERE])
    tokens = tokenizer(WHERE.text, WHERE.context, return_offsets_mapping=True)
    where = {
        offset: i
        for i, (offset, part) in enumerate(
            zip(tokens["offset_mapping"], tokens.sequence_ids(0), strict=True)
        )
        if part == 1
    }
    first = {start: i for (start, _), i in where.items()}
    last = {end: i for (_, end), i in where.items()}
    assert dict(window.starts) == pytest.approx({first[15]: 2 / 3, first[12]: 1 / 3})
    assert dict(window.ends) == pytest.approx({last[19]: 1.0})


def test_a_window_without_the_answer_points_at_its_first_token(tokenizer: Any) -> None:
    far = "x y z " * 400 + TEXT
    shift = len("x y z " * 400)
    question = Question("far", "Where?", far, {(15 + shift, 19 + shift): 1})
    made = windows(tokenizer, [question])
    assert len(made) > 1
    assert made[0].starts == ((0, 1.0),)
    assert made[0].ends == ((0, 1.0),)
    assert made[-1].starts[0][0] > 0


def test_without_its_sentence_the_answer_is_gone() -> None:
    made = without_answer(WHERE)
    assert made is not None
    assert made.context == "They signed a pact. Cyd objected to it."
    assert not made.answers
    twice = Question("twice", "Where?", f"{TEXT} Rome is old.", {(15, 19): 1})
    assert without_answer(twice) is None  # "Rome" still stands there


def test_negatives_do_not_hold_an_answer_and_are_the_same_each_time() -> None:
    questions = [WHERE, *OTHERS]
    paragraphs = Paragraphs([*questions, *_more_paragraphs()])
    made = list(negatives(questions, paragraphs, 1.0, random.Random(1)))
    assert made == list(negatives(questions, paragraphs, 1.0, random.Random(1)))
    assert len(made) > 5
    answers = {q.id: {q.context[s:e].lower() for s, e in q.answers} for q in questions}
    for question in made:
        assert not question.answers
        assert not any(text in question.context.lower() for text in answers[question.id])


def _more_paragraphs() -> list[Question]:
    return [Question(f"p{i}", "?", f"Paragraph {i} of Rome and trade.", {}) for i in range(30)]


def test_a_joined_text_still_holds_its_answers() -> None:
    paragraphs = Paragraphs([WHERE, *_more_paragraphs()])
    places = set()
    for seed in range(8):
        made = join_neighbour(WHERE, paragraphs, random.Random(seed))
        assert {made.context[start:end] for start, end in made.answers} == {"Rome", "in Rome"}
        assert TEXT in made.context
        places.add(made.context.index(TEXT) > 0)
    assert places == {True, False}


def test_all_questions_of_a_paragraph_are_held_out_together() -> None:
    texts = [f"Text number {i}." for i in range(2000)]
    questions = [Question("a", "?", text, {}) for text in texts]
    share = sum(is_held_out(question, 0.05) for question in questions) / len(questions)
    assert 0.03 < share < 0.07
    assert all(
        is_held_out(q, 0.05) == is_held_out(Question("b", "!", q.context, {}), 0.05)
        for q in questions
    )


def test_batches_have_one_length_each_and_all_else_is_padding(tokenizer: Any) -> None:
    made = windows(tokenizer, [WHERE, *OTHERS])
    seen = 0
    for batch in batches(made, 4, tokenizer.pad_token_id, random.Random(0)):
        assert batch.ids.shape[1] % 32 == 0
        assert (batch.ids[batch.mask == 0] == tokenizer.pad_token_id).all()
        assert batch.starts.sum(axis=1) == pytest.approx(1.0)
        seen += len(batch.ids)
    assert seen > len(made) - 4 * 4


def test_the_network_begins_as_the_encoder_itself_padding_and_all(tiny_folder: Tiny) -> None:
    """A new adapter changes nothing, so transformers' own model is the authority."""
    import torch
    from transformers import AutoModelForQuestionAnswering

    from training.network import make_network

    with pytest.warns(FutureWarning, match="is_gradient_checkpointing"):
        network = make_network(tiny_folder("bert"), rank=4, dropout=0.0, seed=1).eval()
    reference: Any = AutoModelForQuestionAnswering.from_pretrained(tiny_folder("bert")).eval()
    head = network.base_model.model.qa_outputs.modules_to_save["default"]
    reference.qa_outputs.load_state_dict(head.state_dict())
    ids = torch.randint(5, 800, (2, 64))
    mask = torch.ones_like(ids)
    mask[:, 50:] = 0
    with torch.inference_mode():
        ours = network(input_ids=ids, attention_mask=mask)
        theirs = reference(input_ids=ids, attention_mask=mask)
    assert torch.allclose(ours.start_logits[:, :50], theirs.start_logits[:, :50], atol=1e-5)
    assert torch.allclose(ours.end_logits[:, :50], theirs.end_logits[:, :50], atol=1e-5)


# Killed while a checkpoint is put in the place of the one before: no later than the second.
KILLED = """
import os, runpy, signal, sys
places = []
def watch(event, arguments):
    if event == "os.rename" and str(arguments[1]).endswith("checkpoint.pt"):
        places.append(arguments[1])
        if len(places) == 2:
            os.kill(os.getpid(), signal.SIGKILL)
sys.addaudithook(watch)
runpy.run_module("training.train", run_name="__main__", alter_sys=True)
"""


def _arguments(encoder: Path, data: Path, folder: Path) -> list[str]:
    return [
        f"squad:{data}", "--encoder", str(encoder),
        "--out", str(folder / "out"), "--work", str(folder / "work"),
        "--epochs", "3", "--batch", "4", "--rank", "4", "--keep-every", "5",
    ]  # fmt: skip


def _child(program: list[str], arguments: list[str]) -> "subprocess.CompletedProcess[str]":
    return subprocess.run(
        [sys.executable, "-W", "ignore", *program, *arguments],
        cwd=Path(__file__).parent.parent, stderr=subprocess.PIPE, text=True, timeout=1800, check=False,
    )  # fmt: skip


def _train(monkeypatch: pytest.MonkeyPatch, arguments: list[str]) -> None:
    """Train in this process, which has everything imported."""
    import torch

    from training.train import main

    threads = torch.get_num_threads()
    monkeypatch.setattr(sys, "argv", ["train", *arguments])
    try:
        main()
    finally:
        torch.set_num_threads(threads)


@pytest.mark.minutes
@pytest.mark.filterwarnings("ignore")  # as `make train` does
def test_a_killed_training_goes_on_to_the_same_adapter(
    tmp_path: Path, tiny_folder: Tiny, monkeypatch: pytest.MonkeyPatch
) -> None:
    data = tmp_path / "data.json"
    questions = [
        Question(f"q{i}", "Where?", f"{TEXT} It was day {i}.", {(15, 19): 1}) for i in range(40)
    ]
    data.write_text(json.dumps(as_squad(questions)), encoding="utf-8")
    encoder = tiny_folder("bert")
    whole, killed = tmp_path / "whole", tmp_path / "killed"
    arguments = _arguments(encoder, data, killed)
    done = _child(["-c", KILLED], arguments)
    assert done.returncode == -signal.SIGKILL, done.stderr
    assert (killed / "work" / "checkpoint.pt").exists()
    assert not (killed / "out").exists()
    with pytest.raises(SystemExit, match="made with other arguments"):
        _train(monkeypatch, [*arguments, "--rate", "0.1"])
    done = _child(["-m", "training.train"], arguments)
    assert done.returncode == 0, done.stderr
    _train(monkeypatch, _arguments(encoder, data, whole))
    for name in ("adapter_model.safetensors", "adapter_config.json"):
        assert (killed / "out" / name).read_bytes() == (whole / "out" / name).read_bytes()
