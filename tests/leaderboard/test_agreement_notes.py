"""What stands below the tables of how far metrics agree with people."""

from pathlib import Path

from harness.eval.evaluate import evaluate
from harness.leaderboard.printing.agreement_notes import agreement_notes
from harness.metrics.options import MetricOptions
from tests.small_runs import FLOORS


def _texts(suite: Path, out: Path, options: MetricOptions, wide: bool = False) -> list[str]:
    board = evaluate(suite, models=FLOORS, out=out, options=options).leaderboard
    return [note.text for note in agreement_notes(board, wide)]


def test_the_primary_metrics_and_those_read_beside_them_are_told(
    suite_folder: Path, tmp_path: Path
) -> None:
    texts = _texts(suite_folder, tmp_path / "out", MetricOptions())
    assert len(texts) <= 6 + 1
    for name in ("rougeLsum", "f1", "support", "unsupported"):
        assert sum(text.startswith(f"- {name}: ") for text in texts) == 1
    (support,) = [text for text in texts if "- support:" in text]
    assert "consistency .46 [.39, .54] on summeval (even)" in support
    assert "relevance .10 " in support
    wide = _texts(suite_folder, tmp_path / "out", MetricOptions(), wide=True)
    assert len(wide) > len(texts)
    assert any("qags_cnndm" in text for text in wide)


def test_of_other_options_and_languages_nothing_is_told(suite_folder: Path, tmp_path: Path) -> None:
    texts = _texts(suite_folder, tmp_path / "a", MetricOptions(stemmer=False))
    assert any("rougeLsum" in text and "agreement not established" in text for text in texts)
    (_, german) = _texts(suite_folder, tmp_path / "b", MetricOptions(language="de"))
    assert german.endswith(": agreement not established.")
