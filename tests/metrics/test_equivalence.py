"""Equivalence: what its judge says of a reply and a golden answer, and what needs no judge."""

import json
from collections.abc import Callable, Sequence
from pathlib import Path

import pytest
import torch
from transformers import AutoModelForSequenceClassification, AutoTokenizer

from harness.cli import main
from harness.errors import ModelError
from harness.eval.evaluate import evaluate
from harness.metrics.answers.equivalence import Equivalence
from harness.metrics.options import MetricOptions
from harness.models.judges.answer_judge import SupportsAnswers
from harness.models.roster.encoders import with_answer_judge
from harness.models.roster.roster import read_judges
from harness.verify.verification import verify
from tests.small_runs import FLOORS
from tests.tiny_judges import classifier

ASKED = MetricOptions(further=("equivalence",))


@pytest.fixture
def roster(tmp_path: Path) -> Path:
    folder = classifier(tmp_path / "tiny", labels="unsupported,supported")
    file = tmp_path / "judges.toml"
    file.write_text(
        f'[judges.minilm-answers]\nkind = "supports"\nweights = {{ folder = "{folder}" }}\n',
        encoding="utf-8",
    )
    return file


@pytest.fixture
def metric(roster: Path) -> Equivalence:
    return Equivalence(SupportsAnswers(read_judges([roster])["minilm-answers"].model))


def _by_transformers(folder: Path, pairs: Sequence[tuple[str, str]]) -> list[float]:
    """What the checkpoint says of replies with golden answers, by transformers alone."""
    tokenizer = AutoTokenizer.from_pretrained(folder)
    network = AutoModelForSequenceClassification.from_pretrained(folder).eval()
    with torch.inference_mode():
        return [
            network(**tokenizer(*pair, return_tensors="pt")).logits.softmax(-1)[0, 1].item()
            for pair in pairs
        ]


def test_it_is_the_greatest_probability_over_the_golden_answers(
    metric: Equivalence, tmp_path: Path
) -> None:
    replies = ["Ann met Bob in Rome.", "It rained."]
    answers = [["Rome", "Oslo"], ["on Monday"]]
    pairs = [("Ann met Bob in Rome.", "Rome"), ("Ann met Bob in Rome.", "Oslo"),
             ("It rained.", "on Monday")]  # fmt: skip
    rome, oslo, monday = _by_transformers(tmp_path / "tiny", pairs)
    assert abs(rome - oslo) > 1e-5
    assert metric.scores(replies, answers) == pytest.approx([max(rome, oslo), monday], abs=2e-6)


def test_of_silence_nobody_is_asked(metric: Equivalence) -> None:
    """As SQuAD 2.0 has it: silence is right where there is no answer, and a reply is not."""
    replies = ["", "?!", "", "Rome", "Rome"]
    answers = [["Rome"], ["Rome"], [], [], ["..."]]
    assert metric.scores(replies, answers) == [0.0, 0.0, 1.0, 0.0, 0.0]


def test_a_long_reply_is_read_to_its_end(metric: Equivalence, tmp_path: Path) -> None:
    """The window has 64 tokens; of its parts one is the sentence that alone is most like it."""
    sentence = "Ann met Bob in Rome."
    (whole,) = metric.scores([" ".join(["It rained."] * 40 + [sentence])], [["Rome"]])
    (rain,) = metric.scores([" ".join(["It rained."] * 40)], [["Rome"]])
    assert whole >= rain
    assert 0 < whole < 1


def test_only_a_judge_of_sentences_is_taken(tmp_path: Path) -> None:
    folder = classifier(tmp_path / "nli")
    file = tmp_path / "other.toml"
    file.write_text(
        f'[judges.minilm-answers]\nkind = "nli"\nweights = {{ folder = "{folder}" }}\n',
        encoding="utf-8",
    )
    with pytest.raises(ModelError, match='minilm-answers: must be of the kind "supports"'):
        with_answer_judge(ASKED, [file])


def test_it_is_a_column_that_can_be_verified(suite_folder: Path, tmp_path: Path) -> None:
    out = tmp_path / "out"
    board = evaluate(suite_folder, models=FLOORS, out=out, options=ASKED).leaderboard
    assert board.metrics["equivalence"].role == "gated"
    assert board.chosen_options() == ASKED
    silent = next(row for row in board.rows if row.model == "no-answer" and row.task == "answer")
    lines = (out / "predictions.jsonl").read_text(encoding="utf-8").splitlines()
    answers = [line for line in map(json.loads, lines) if line["task"] == "answer"]
    assert all(0 <= line["scores"]["equivalence"] <= 1 for line in answers)
    silence = {x["scores"]["equivalence"] for x in answers if x["model"] == "no-answer"}
    assert silence == {0.0, 1.0}
    assert "|judge:" in silent.metrics["equivalence"].signature
    assert verify(out).differences == ()


def test_what_ships_tells_other_words_from_another_answer() -> None:
    """Dates and names that nobody trained it on, each against one of another meaning."""
    judge = with_answer_judge(ASKED, ["shipped"]).loaded_judge
    assert judge is not None
    metric = Equivalence(judge)
    answers = ["2 May 2014", "the United Kingdom", "fourteen", "Marie Curie"]
    same = ["It was on May 2nd, 2014.", "Great Britain", "14", "Curie, the physicist"]
    other = ["It was on May 3rd, 2014.", "Germany", "15", "Pierre Curie"]
    same_scores = metric.scores(same, [[answer] for answer in answers])
    other_scores = metric.scores(other, [[answer] for answer in answers])
    assert sum(same_scores) > sum(other_scores)


JUDGED = (("In Rome.", 1), ("Oslo", 0), ("Rome", 1), ("", 0))


def test_it_is_held_against_people(
    tmp_path: Path, roster: Path, capsys: pytest.CaptureFixture[str], metric: Equivalence
) -> None:
    lines = [
        {"question_id": f"q{n}", "answer": text, "golds": ["Rome"], "scores": {"correct": right}}
        for n, (text, right) in enumerate(JUDGED)
    ]
    file = tmp_path / "judged.jsonl"
    file.write_text("".join(f"{json.dumps(line)}\n" for line in lines), encoding="utf-8")
    line = ["agreement", str(file), "--json", "--measures", "equivalence,f1"]
    assert main([*line, "--roster", str(roster)]) == 0
    (found,) = json.loads(capsys.readouterr().out)["sets"]
    figure = next(x for x in found["answers"] if x["measure"] == "equivalence")
    scores = metric.scores([text for text, _ in JUDGED], [["Rome"]] * len(JUDGED))
    agreed = [
        (score >= 0.5) == bool(right) for score, (_, right) in zip(scores, JUDGED, strict=True)
    ]
    assert figure["accuracy"]["value"] == sum(agreed) / len(JUDGED)


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (["--tasks", "summarize"], "no answers are scored, and --with equivalence is of answers"),
        (["--encoder", "minilm-lexrank#1"], "embeds for bertscore, which is not asked for"),
    ],
)
def test_what_cannot_be_is_refused_in_a_line(
    suite_folder: Path,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    options: list[str],
    message: str,
) -> None:
    line = ["eval", "--suite", str(suite_folder), "--models", "lead-3,no-answer"]
    line += ["--out", str(tmp_path / "out"), "--with", "equivalence"]
    assert main([*line, *options]) == 2
    (error,) = [x for x in capsys.readouterr().err.splitlines() if x.startswith("harness: ")]
    assert message in error


def test_scores_of_files_have_it(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], make_answers: Callable[[], list[str]]
) -> None:
    assert main(make_answers()) == 0
    (row,) = json.loads(capsys.readouterr().out)["rows"]
    assert 0 <= row["metrics"]["equivalence"]["mean"] <= 1
    assert verify(tmp_path / "out").differences == ()


@pytest.fixture
def make_answers(tmp_path: Path) -> Callable[[], list[str]]:
    def make() -> list[str]:
        (tmp_path / "references.jsonl").write_text(
            '{"id": "a", "question": "Where?", "answers": ["Rome"]}\n', encoding="utf-8"
        )
        (tmp_path / "mine.jsonl").write_text(
            '{"id": "a", "answer": "In Rome."}\n', encoding="utf-8"
        )
        line = ["score", "--references", str(tmp_path / "references.jsonl"), "--predictions"]
        line += [str(tmp_path / "mine.jsonl"), "--with", "equivalence", "--json"]
        return [*line, "--task", "answer", "--out", str(tmp_path / "out")]

    return make
