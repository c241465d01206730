"""A suite in another language than English: refused by the usual metrics, run by its own."""

from pathlib import Path

import pytest

from harness.errors import DataError
from harness.eval.evaluate import evaluate
from harness.metrics.options import MetricOptions
from harness.verify.verification import verify
from tests import small_runs

ARTICLE = """महापौर ने मंगलवार को पुराना पुल खोला। मरम्मत में ग्यारह सप्ताह लगे।
नगर ने 2024 में काम के लिए धन दिया। लोग नदी के किनारे जमा हुए।
"""
GOLDEN = """article: pul
author: e
date: 2026-01-01
version: 1
references: ["महापौर ने ग्यारह सप्ताह बाद पुराना पुल खोला।", "पुराना पुल मंगलवार को खुल गया।"]
questions:
  - {id: q, kind: what, text: "महापौर ने क्या खोला?", answers: ["पुराना पुल"]}
"""


def _suite(folder: Path, manifest: str, article: str = "") -> Path:
    (folder / "seeds").mkdir(parents=True)
    (folder / "goldens").mkdir()
    (folder / "seeds" / "pul.txt").write_text(ARTICLE, encoding="utf-8")
    (folder / "seeds" / "manifest.toml").write_text(
        f'{manifest}\n[[article]]\nid = "pul"\nfile = "pul.txt"\n{article}', encoding="utf-8"
    )
    (folder / "goldens" / "pul.yaml").write_text(GOLDEN, encoding="utf-8")
    return folder


def test_without_its_language_it_is_refused_before_any_model_runs(tmp_path: Path) -> None:
    suite = _suite(tmp_path / "suite", "")
    with pytest.raises(DataError, match=r"suite: ROUGE's default .* 100\.0 % .*\(--language\)"):
        evaluate(suite, models=small_runs.FLOORS, out=tmp_path / "out")
    assert not (tmp_path / "out").exists()


@pytest.mark.parametrize(
    ("manifest", "article", "options"),
    [
        ('language = "hi"', "", MetricOptions()),
        ("", 'language = "hi-IN"', MetricOptions(sentences="newline")),  # all articles have it
        ("", "", MetricOptions(language="hi", stemmer=False, normalization="unicode")),
        ("", "", MetricOptions(tokenizer="unicode")),
    ],
)
def test_by_its_language_it_runs_and_can_be_verified(
    tmp_path: Path, manifest: str, article: str, options: MetricOptions
) -> None:
    suite = _suite(tmp_path / "suite", manifest, article)
    done = evaluate(suite, models=small_runs.FLOORS, out=tmp_path / "out", options=options)
    board = done.leaderboard
    assert {row.role for row in board.rows} == {"floor", "oracle", "people"}
    chosen = board.chosen_options()
    signatures = {
        name: number.signature for row in board.rows for name, number in row.metrics.items()
    }
    if options.tokenizer:
        assert chosen == options
        assert "|stemmer:porter|tokenizer:unicode-2" in signatures["rouge1"]
        assert "normalize:squad|" in signatures["f1"]
    else:
        assert (chosen.language or "")[:2] == "hi"
        stems = "none" if options.stemmer is False else "snowball-hindi"
        assert f"|language:hi|stemmer:{stems}" in signatures["rouge1"]
        rule = "unicode-2" if options.normalization else "mlqa-hi"
        assert f"|normalize:{rule}" in signatures["f1"]
    splitter = "newline" if options.sentences else "harness-"
    assert f"|sentences:{splitter}" in signatures["rougeLsum"]
    assert all(number.unseen is None for row in board.rows for number in row.metrics.values())
    assert verify(done.path).differences == ()
    other = {"language": "ta"}
    small_runs.edit_board(done.path.parent, lambda board: board.update(metric_options=other))
    assert verify(done.path).differences
