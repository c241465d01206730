"""What the judge of answers is trained on, and that its training makes an adapter."""

import json
import random
import sys
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

pytest.importorskip("peft")

from harness.models.judges.answer_judge import SupportsAnswers
from harness.models.roster.roster import read_judges
from training.answers import (
    SAME,
    AnswerPair,
    annotated_pairs,
    asked_questions,
    balanced_weights,
    judged_pairs,
)
from training.questions import Question

TEXT = "Ann met Bob in Rome on 2 May. They signed a pact with Cyd of Oslo on 5 June."


def _question(text: str, *answers: str) -> Question:
    places = {(TEXT.index(answer), TEXT.index(answer) + len(answer)): 1 for answer in answers}
    return Question(text, text, TEXT, places)


def _judged(file: Path, *lines: dict[str, object]) -> Path:
    file.write_text("".join(f"{json.dumps(line)}\n" for line in lines), encoding="utf-8")
    return file


def _line(question: str | None, answer: str, right: int, **more: object) -> dict[str, object]:
    golds = ["Oslo", "in Rome"]
    return {
        "question_id": "q", "question": question, "answer": answer, "golds": golds,
        "scores": {"correct": right}, **more,
    }  # fmt: skip


def test_a_judged_reply_stands_once_beside_the_answer_that_is_most_like_it(tmp_path: Path) -> None:
    file = _judged(
        tmp_path / "mine.jsonl",
        _line("Where?", "It was in Rome.", 1),
        _line("Where?", "It was in Rome.", 1),
        _line("Where?", "Rome, Oslo", 0),
        _line("Where now?", "Oslo", 1, labels={"improper": True}),
        _line("Who?", "Ann", 0),
        _line("Why?", " ", 0),
    )
    others = _judged(tmp_path / "other.jsonl", _line("WHO", "Bob", 1), _line(None, "Bob", 1))
    left_out = asked_questions([others])
    assert left_out == {"who", "q"}
    assert list(judged_pairs([file], "correct", left_out)) == [
        AnswerPair("It was in Rome.", "in Rome", 1.0, "mine"),
        AnswerPair("Rome, Oslo", "Oslo", 0.0, "mine"),
    ]


def test_annotators_answers_to_one_question_or_to_two() -> None:
    """By hand: "Rome" stands in "in Rome"; another question's answer shares no word, and has digits
    where the golden answer has some."""
    questions = [
        _question("Where?", "Rome", "in Rome"),
        _question("Whose?", "Cyd of Oslo"),
        _question("When?", "2 May"),
        _question("When then?", "5 June"),
    ]
    made = {
        pair
        for seed in range(40)
        for pair in annotated_pairs(questions, frozenset(), random.Random(seed))
    }
    same = {(pair.reply, pair.answer) for pair in made if pair.same == SAME}
    assert same == {("Rome", "in Rome"), ("in Rome", "Rome")}
    others = {(pair.reply, pair.answer) for pair in made if pair.same == 0}
    assert others == {
        ("Cyd of Oslo", "Rome"), ("Cyd of Oslo", "in Rome"), ("Rome", "Cyd of Oslo"),
        ("in Rome", "Cyd of Oslo"), ("2 May", "5 June"), ("5 June", "2 May"),
    }  # fmt: skip
    assert not list(annotated_pairs(questions[:1], frozenset({"where"}), random.Random(0)))


def test_of_each_source_both_classes_weigh_alike() -> None:
    """By hand: of three right and one wrong, 1 / (2 * 3/4) = 2/3 each and 1 / (2 * 1/4) = 2."""
    pairs = [AnswerPair("a", "b", same, "s") for same in (1.0, 1.0, 1.0, 0.0)]
    weights = balanced_weights([*pairs, AnswerPair("a", "b", 1.0, "alone")])
    assert weights == pytest.approx([2 / 3, 2 / 3, 2 / 3, 2, 1])


def test_batches_have_every_row_once_and_few_tokens() -> None:
    from training.train_answers import batches

    lengths = [5 + i % 40 for i in range(100)]
    made = batches(lengths, 128, np.random.default_rng(1))
    assert sorted(row for _, rows in made for row in rows) == list(range(100))
    for width, rows in made:
        assert width % 16 == 0
        assert max(lengths[row] for row in rows) <= width
        assert width * len(rows) <= 128


@pytest.mark.slow
@pytest.mark.filterwarnings("ignore")  # as `make train-answers` does
def test_a_training_makes_an_adapter_that_a_judge_reads(
    tmp_path: Path, tiny_folder: Callable[..., Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Where every reply with "Rome" is right, a few steps tell it from one with "Oslo"."""
    import torch

    from training.train_answers import main

    lines = [
        _line(f"Where {i}?", f"day {i} in {city}", int(city == "Rome"))
        for i in range(60)
        for city in ("Rome", "Oslo")
    ]
    file = _judged(tmp_path / "judged.jsonl", *({**line, "golds": ["Rome"]} for line in lines))
    encoder, out = tiny_folder("bert"), tmp_path / "out"
    arguments = ["--judged", str(file), "--encoder", str(encoder), "--out", str(out)]
    arguments += ["--epochs", "8", "--batch-tokens", "256", "--rank", "4", "--rate", "0.01"]
    threads = torch.get_num_threads()
    monkeypatch.setattr(sys, "argv", ["train", *arguments])
    try:
        main()
    finally:
        torch.set_num_threads(threads)
    roster = tmp_path / "judges.toml"
    roster.write_text(
        f'[judges.mine]\nkind = "supports"\nsupported = "LABEL_1"\n'
        f'weights = {{ folder = "{encoder}" }}\nadapter = {{ folder = "{out}" }}\n',
        encoding="utf-8",
    )
    judge = SupportsAnswers(read_judges([roster])["mine"].model)
    right, wrong = judge.support([("day 70 in Rome", "Rome"), ("day 70 in Oslo", "Rome")])
    assert right > 0.5 > wrong
