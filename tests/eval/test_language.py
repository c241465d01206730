"""A suite in another language than English: refused by the usual metrics, run by its own."""

import json
from collections.abc import Callable
from pathlib import Path

import pytest

from harness.cli import main
from harness.errors import DataError, UsageError
from harness.eval.evaluate import evaluate
from harness.leaderboard.printing.notes import cautions
from harness.metrics.declaration import SHARE
from harness.metrics.options import MetricOptions
from harness.report.building.numbers import value
from harness.verify.verification import verify
from tests import hindi, small_runs, squads


def test_without_its_language_it_is_refused_before_any_model_runs(tmp_path: Path) -> None:
    suite = hindi.suite(tmp_path / "suite", "")
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
    suite = hindi.suite(tmp_path / "suite", manifest, article)
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


def test_options_of_what_is_not_scored_are_refused(tmp_path: Path) -> None:
    suite = hindi.suite(tmp_path / "suite", 'language = "hi"')
    options = MetricOptions(tokenizer="unicode", stemmer=False)
    with pytest.raises(UsageError, match="no summaries are scored, and --tokenizer, --no-stemmer"):
        evaluate(suite, models=["no-answer"], tasks=["answer"], out=tmp_path, options=options)
    with pytest.raises(UsageError, match="no answers are scored, and --normalization"):
        evaluate(
            suite, models=["lead-3"], tasks=["summarize"], out=tmp_path,
            options=MetricOptions(normalization="unicode"),
        )  # fmt: skip


def test_the_flags_of_eval(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    suite = hindi.suite(tmp_path / "suite", "")
    command = [
        "eval",
        "--suite",
        str(suite),
        "--models",
        "lead-3,no-answer",
        "--out",
        str(tmp_path / "out"),
    ]
    assert main([*command, "--dry-run"]) == 2
    assert main([*command, "--language", "german"]) == 2
    assert "the language 'german' is no code; give one such as de" in capsys.readouterr().err
    flags = (
        "--language hi --tokenizer spaces --no-stemmer --sentences newline "
        "--several-references mean --normalization squad"
    )
    assert main([*command, *flags.split()]) == 0
    board = json.loads((tmp_path / "out" / "leaderboard.json").read_text(encoding="utf-8"))
    assert board["metric_options"] == {
        "language": "hi", "tokenizer": "spaces", "stemmer": False, "sentences": "newline", "references": "mean",
        "normalization": "squad", "further": None, "encoder": None,
    }  # fmt: skip
    assert main(["verify", str(tmp_path / "out")]) == 0


def test_a_reader_whose_answers_grow_to_whole_words_is_told_of(
    tmp_path: Path, tiny_folder: Callable[..., Path], capsys: pytest.CaptureFixture[str]
) -> None:
    """Where words have no spaces between them, its answer may be the whole paragraph."""
    context = "港は一九一一年にホルトが建てた。橋の修理は十一週間かかる。"
    answer = {"text": "ホルト", "answer_start": 8}
    question = {"id": "a", "question": "誰が港を建てたか。", "answers": [answer]}
    paragraph = {"context": context, "qas": [question]}
    data = tmp_path / "ja.json"
    data.write_text(
        json.dumps({"version": "1.1", "data": [{"title": "港", "paragraphs": [paragraph]}]}),
        encoding="utf-8",
    )
    roster = tmp_path / "r.toml"
    entry = f'[reader]\nkind = "extractive"\nweights = {{ folder = "{tiny_folder("bert_qa")}" }}\n'
    roster.write_text(entry, encoding="utf-8")
    command = ["eval", "--suite", f"squad:{data}", "--roster", str(roster), "--models", "reader"]
    command += ["--out", str(tmp_path / "out"), "--dry-run"]
    assert main(command) == 2
    told = capsys.readouterr().err
    assert "reader: its answers grow to whole words" in told
    assert "ja: 100.0 % of the letters of references are of scripts without spaces" in told
    assert main([*command, "--language", "ja"]) == 0
    assert "align_to_words = false" in capsys.readouterr().err
    roster.write_text(f"{entry}align_to_words = false\n", encoding="utf-8")
    assert main([*command, "--language", "ja"]) == 0
    assert "align_to_words" not in capsys.readouterr().err


def test_letters_that_are_not_seen_are_told_of_before_any_model_runs(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Two of the 19 letters of the answers."""
    text = "Holt built the big harbour of Bergen (卑尔根)."
    questions = [("Who?", ["Holt"]), ("What?", ["the big harbour"]), ("中文?", ["卑尔"])]
    squads.write(tmp_path / "mixed.json", {"Bergen": [(text, questions)]})
    suite = f"squad:{tmp_path / 'mixed.json'}"
    command = ["eval", "--suite", suite, "--models", "no-answer", "--out", str(tmp_path / "out")]
    assert main([*command, "--dry-run"]) == 0
    told = capsys.readouterr().err
    assert "harness: mixed: 10.5 % of the letters of references are of scripts" in told
    assert main([*command, "--dry-run", "--normalization", "unicode"]) == 0
    assert "% of the" not in capsys.readouterr().err


def test_shares_of_letters_are_told_once_of_all_rows_and_beside_each_number(tmp_path: Path) -> None:
    suite = hindi.suite(tmp_path / "suite", 'language = "hi"')
    rows = [
        row.model_copy(
            update={
                "metrics": {
                    name: number.model_copy(update={"unseen": share})
                    for name, number in row.metrics.items()
                }
            }
        )
        for share, row in zip(
            (0.031, 0.05, None),
            evaluate(suite, models=["lead-3"], tasks=["summarize"], out=tmp_path).leaderboard.rows,
            strict=False,
        )
    ]
    told = cautions(rows, "rougeLsum")
    assert told[0].startswith(
        "Caution: ROUGE's default tokenizer drops 3.1 to 5.0 % of the letters of references and "
        "predictions; name their language (--language), or"
    )
    assert len(told) == 1
    assert "drops 5.0 % of the letters" in (
        value("rouge1", rows[1].metrics["rouge1"], SHARE).caution or ""
    )
    assert "letters" not in (value("rouge1", rows[2].metrics["rouge1"], SHARE).caution or "")
