"""Metrics that are asked for: ROUGE's parts, chrF and BERTScore as columns of a run."""

import json
from collections.abc import Callable
from pathlib import Path

import pytest
from rouge_score.rouge_scorer import RougeScorer
from sacrebleu.metrics import CHRF

from harness.cli import main
from harness.eval.evaluate import evaluate
from harness.metrics.options import MetricOptions
from harness.metrics.rouge.parts import RougeWithParts
from harness.metrics.rouge.rouge import Rouge
from harness.verify.verification import verify
from tests.small_runs import FLOORS

ALL = ("rouge_parts", "chrf", "bertscore")
REFERENCE = "Ann met Bob in Rome. They signed a pact."


def _with_keys(suite: Path, keys: str) -> Path:
    manifest = suite / "seeds" / "manifest.toml"
    manifest.write_text(f"{keys}\n{manifest.read_text(encoding='utf-8')}", encoding="utf-8")
    return suite


def _scores(out: Path) -> list[tuple[str, dict[str, float]]]:
    lines = (out / "predictions.jsonl").read_text(encoding="utf-8").splitlines()
    read = [json.loads(line) for line in lines]
    return [(line["text"], line["scores"]) for line in read if line["task"] == "summarize"]


def test_rouge_parts_are_those_of_rouge_score() -> None:
    scorer = RougeScorer(["rouge1", "rouge2", "rougeL"], use_stemmer=True)
    for text in ("Ann met Bob.", "A pact on trade was signed by Ann and Bob, in Rome."):
        scores = RougeWithParts(Rouge()).score(text, [REFERENCE])
        for name, triple in scorer.score(REFERENCE, text).items():
            assert scores[name] == triple.fmeasure
            assert scores[f"{name}_precision"] == triple.precision
            assert scores[f"{name}_recall"] == triple.recall


def test_they_are_columns_that_can_be_verified(
    suite_folder: Path, tmp_path: Path, tiny_folder: Callable[..., Path]
) -> None:
    options = MetricOptions(further=ALL, encoder=f"{tiny_folder('bert')}#1")
    out = tmp_path / "out"
    board = evaluate(suite_folder, models=FLOORS, out=out, options=options).leaderboard
    assert board.chosen_options() == options
    roles = {name: line.role for name, line in board.metrics.items()}
    assert roles["rouge1_recall"] == roles["bertscore_recall"] == "shown"
    assert roles["chrf"] == roles["bertscore_f1"] == "ranked"
    for row in board.rows:
        if row.task == "summarize":
            assert {"rougeLsum_precision", "chrf_plus_plus", "bertscore_f1"} <= row.metrics.keys()
            assert "|layer:1|" in row.metrics["bertscore_f1"].signature
    scores = _scores(out)
    assert scores
    for text, values in scores:
        assert values["chrf"] == CHRF().sentence_score(text, [REFERENCE]).score / 100
    assert verify(out).differences == ()


def test_a_manifest_asks_for_them_and_ranks_by_one(suite_folder: Path, tmp_path: Path) -> None:
    suite = _with_keys(suite_folder, 'metrics = ["chrf"]\nprimary = { summarize = "chrf" }')
    board = evaluate(suite, models=FLOORS, out=tmp_path / "out").leaderboard
    assert board.primary["summarize"] == "chrf"
    assert board.chosen_options().further == ("chrf",)
    assert verify(tmp_path / "out").differences == ()
    # What the line says goes before it, and a task without summaries has none.
    options = MetricOptions(further=("rouge_parts",))
    with pytest.raises(Exception, match=r"there is no metric 'chrf' that ranks"):
        evaluate(suite, models=FLOORS, out=tmp_path / "other", options=options)
    answers = evaluate(suite, models=FLOORS, tasks=["answer"], out=tmp_path / "answers")
    assert "chrf" not in answers.leaderboard.metrics


def test_without_being_asked_for_nothing_changes(suite_folder: Path, tmp_path: Path) -> None:
    board = evaluate(suite_folder, models=FLOORS, out=tmp_path / "out").leaderboard
    assert board.metric_options is None
    assert not {"chrf", "bertscore_f1", "rouge1_recall"} & board.metrics.keys()


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (["--with", "chr"], "--with: there is no further metric 'chr'; did you mean chrf?"),
        (["--with", "chrf", "--encoder", "a#1"], "embeds for bertscore, which is not asked for"),
        (["--with", "bertscore", "--encoder", "minilm-lexrank"], "must end with the number of the"),
        (["--with", "bertscore", "--encoder", "lead-3#1"], "an encoder needs weights"),
        (["--with", "bertscore", "--encoder", "nobody#1"], "is no entry of the roster, no folder"),
        (["--with", "chrf", "--tasks", "answer"], "no summaries are scored, and --with chrf is of"),
    ],
)
def test_what_cannot_be_is_refused_in_a_line(
    suite_folder: Path,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    options: list[str],
    message: str,
) -> None:
    out = tmp_path / "out"
    line = ["eval", "--suite", str(suite_folder), "--models", "lead-3,no-answer"]
    assert main([*line, "--out", str(out), *options]) == 2
    (error,) = [x for x in capsys.readouterr().err.splitlines() if x.startswith("harness: ")]
    assert message in error
    assert not (out / "leaderboard.json").exists()


def test_scores_of_files_have_them_too(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], tiny_folder: Callable[..., Path]
) -> None:
    (tmp_path / "references.txt").write_text(f"{REFERENCE}\nRain fell.\n", encoding="utf-8")
    (tmp_path / "mine.txt").write_text("Ann met Bob.\nIt rained.\n", encoding="utf-8")
    line = ["score", "--references", str(tmp_path / "references.txt"), "--predictions"]
    line += [str(tmp_path / "mine.txt"), "--with", "chrf,bertscore", "--json"]
    line += ["--encoder", f"{tiny_folder('bert')}#1", "--out", str(tmp_path / "out")]
    assert main(line) == 0
    (row,) = json.loads(capsys.readouterr().out)["rows"]
    texts = [("Ann met Bob.", REFERENCE), ("It rained.", "Rain fell.")]
    mean = sum(CHRF().sentence_score(a, [b]).score / 100 for a, b in texts) / 2
    assert row["metrics"]["chrf"]["mean"] == pytest.approx(mean, abs=1e-12)
    assert 0 < row["metrics"]["bertscore_f1"]["mean"] < 1
    assert verify(tmp_path / "out").differences == ()
