import json
import shutil
import sqlite3
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any, Literal

import pytest

from harness.cli import main
from harness.errors import DataError, UsageError
from harness.eval.evaluate import evaluate
from harness.files import sha256_file
from harness.metrics.options import MetricOptions
from harness.metrics.rouge.stems import stemming
from harness.suite.selection import Selection
from harness.verify.verification import Verification, verify
from tests import small_runs

Tampering = Callable[[Path, Path], None]


@pytest.fixture(scope="module")
def original(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with a small suite and a run of it."""
    folder = tmp_path_factory.mktemp("original")
    small_runs.suite(folder / "suite", articles=3, questions=2)
    small_runs.run(folder / "suite", folder / "run")
    return folder


@pytest.fixture
def copy(original: Path, tmp_path: Path) -> Path:
    shutil.copytree(original, tmp_path / "copy")
    return tmp_path / "copy"


def _verified(folder: Path) -> Verification:
    return verify(folder / "run", folder / "suite")


def test_a_run_is_equal_to_its_recomputation(original: Path) -> None:
    """Six rows: lead-3, random-3, lexrank, oracle; best-sentence, no-answer. One reference each,
    so there is no row of people.
    """
    found = _verified(original)
    assert found.differences == ()
    assert found.notes == ()
    assert (found.rows, found.predictions) == (6, 4 * 3 + 2 * 6)


def test_the_record_of_the_embedded_models_is_equal() -> None:
    assert verify(Path(__file__).parents[1] / "frozen").differences == ()


def test_people_the_event_and_a_limit_are_recomputed(tmp_path: Path) -> None:
    """The shipped suite has several references, so it has people, and an event."""
    done = evaluate(
        models=small_runs.FLOORS, reader="none", selection=Selection(limit=1), out=tmp_path
    )
    assert {row.role for row in done.leaderboard.rows} == {"floor", "oracle", "people"}
    assert {row.scope for row in done.leaderboard.rows} == {"article", "event"}
    assert verify(done.path).differences == ()
    small_runs.edit_board(
        tmp_path,
        lambda board: small_runs.row(board, "people", "summarize")["metrics"]["rouge1"].update(
            mean=0.5
        ),
    )
    assert [one.where for one in verify(done.path).differences] == [
        "rows.people summarize article.metrics.rouge1.mean"
    ]


def test_failed_and_cut_predictions_are_recomputed(
    tmp_path: Path, tiny_folder: Callable[..., Path]
) -> None:
    """The tiny BART reads 128 tokens, far less than thirty sentences."""
    suite = small_runs.suite(tmp_path / "suite", articles=2, questions=30)
    roster = tmp_path / "models.toml"
    bart, gone = tiny_folder("bart"), tmp_path / "gone"
    gone.mkdir()
    (gone / "config.json").write_text("{}", encoding="utf-8")
    roster.write_text(
        f'[bart]\nkind = "seq2seq"\nmax_new_tokens = 8\nweights = {{ folder = "{bart}" }}\n'
        f'[gone]\nkind = "seq2seq"\nweights = {{ folder = "{gone}" }}\n',
        encoding="utf-8",
    )
    done = evaluate(suite, rosters=[roster], tasks=["summarize"], out=tmp_path / "run")
    rows = {row.model: row for row in done.leaderboard.rows}
    assert set(rows["bart"].cut) == {"a", "b"}
    assert rows["gone"].counts.error == 2
    assert _verified(tmp_path).differences == ()


def _line(model: str, example: str, **changes: object) -> Tampering:
    def tamper(run: Path, suite: Path) -> None:
        def change(line: small_runs.Line) -> small_runs.Line:
            return line | changes if (line["model"], line["example"]) == (model, example) else line

        small_runs.changed_copy(run, run, change)

    return tamper


def _score(model: str, example: str, metric: str, value: float) -> Tampering:
    def tamper(run: Path, suite: Path) -> None:
        def change(line: small_runs.Line) -> small_runs.Line:
            if (line["model"], line["example"]) != (model, example):
                return line
            return line | {"scores": line["scores"] | {metric: value}}

        small_runs.changed_copy(run, run, change)

    return tamper


def _row(model: str, task: str, edit: Callable[[dict[str, Any]], object]) -> Tampering:
    def tamper(run: Path, suite: Path) -> None:
        small_runs.edit_board(run, lambda board: edit(small_runs.row(board, model, task)))

    return tamper


def _board(edit: Callable[[dict[str, Any]], object]) -> Tampering:
    def tamper(run: Path, suite: Path) -> None:
        small_runs.edit_board(run, edit)

    return tamper


def _swapped_names(run: Path, suite: Path) -> None:
    """Give two rows each other's name, in both files: each key still fits its row."""
    names = {"lead-3": "random-3", "random-3": "lead-3"}
    path = run / "predictions.jsonl"
    lines = [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]
    board = json.loads((run / "leaderboard.json").read_text(encoding="utf-8"))
    for line in (*lines, *board["rows"]):
        line["model"] = names.get(line["model"], line["model"])
    path.write_text("".join(json.dumps(line) + "\n" for line in lines), encoding="utf-8")
    board["predictions_sha256"] = sha256_file(path)
    (run / "leaderboard.json").write_text(json.dumps(board), encoding="utf-8")


def _unsealed(edit: Callable[[dict[str, Any]], object]) -> Tampering:
    def tamper(run: Path, suite: Path) -> None:
        small_runs.edit_board(run, edit, seal=False)

    return tamper


def _golden(old: str, new: str) -> Tampering:
    def tamper(run: Path, suite: Path) -> None:
        path = suite / "goldens" / "a.yaml"
        text = path.read_text(encoding="utf-8")
        assert old in text
        path.write_text(text.replace(old, new), encoding="utf-8")

    return tamper


def _swapped(run: Path, suite: Path) -> None:
    """Swap the texts of two predictions that both score nothing: no score tells."""
    path = run / "predictions.jsonl"
    lines = [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]
    one, two = (x for x in lines if (x["model"], x["example"]) in (
        ("best-sentence", "a/q0"), ("best-sentence", "b/q0")))  # fmt: skip
    one["key"], two["key"] = two["key"], one["key"]
    small_runs.rewrite(run, lines)


def _dropped(run: Path, suite: Path) -> None:
    small_runs.changed_copy(run, run, lambda x: None if x["example"] == "b/q1" else x)


def _dropped_oracle(run: Path, suite: Path) -> None:
    """Drop a line that is recomputed whole, and so is missed by nobody."""
    oracle = ("oracle-extractive", "b")
    small_runs.changed_copy(run, run, lambda x: None if (x["model"], x["example"]) == oracle else x)


def _reordered(run: Path, suite: Path) -> None:
    path = run / "predictions.jsonl"
    lines = path.read_text(encoding="utf-8").splitlines(keepends=True)
    path.write_text("".join(reversed(lines)), encoding="utf-8")


def _stored(run: Path, suite: Path) -> None:
    db = sqlite3.connect(run / "predictions.sqlite")
    (key, text), *_ = db.execute("SELECT key, prediction FROM predictions ORDER BY key")
    db.execute(
        "UPDATE predictions SET prediction = ? WHERE key = ?",
        (json.dumps(json.loads(text) | {"text": "tampered"}), key),
    )
    db.commit()
    db.close()


def _forgotten(run: Path, suite: Path) -> None:
    db = sqlite3.connect(run / "predictions.sqlite")
    db.execute("DELETE FROM predictions WHERE key = (SELECT min(key) FROM predictions)")
    db.commit()
    db.close()


@pytest.mark.parametrize(
    ("tamper", "where"),
    [
        (_line("lead-3", "a", text="Ann met Bob at aplace."), "jsonl: lead-3 summarize a.scores.rou"),
        # "wrong" scores 0, as did "": only the store tells where the hash was made anew.
        (_line("no-answer", "a/q0", text="wrong"), "predictions.sqlite: no-answer answer a/q0.text"),
        (_line("no-answer", "a/q0", raw="wrong"), "predictions.sqlite: no-answer answer a/q0.raw"),
        (_line("no-answer", "a/q0", key="0" * 64), "jsonl: no-answer answer a/q0.key"),
        (_line("oracle-extractive", "a", text="x"), "jsonl: oracle-extractive summarize a.text"),
        (_line("oracle-extractive", "a", key="0" * 64), "oracle-extractive summarize a.key"),
        (_line("no-answer", "a/q0", error="E", scores={}, text=""), "no-answer answer article.counts.ok"),
        (_line("lead-3", "a", source_tokens=9, kept_tokens=8), "lead-3 summarize article.counts.trunc"),
        (_line("lead-3", "a", dropped=[[0, 10]]), "rows.lead-3 summarize article.cut"),
        (_line("lead-3", "a", dropped=[[0, 10]]), "rows.lead-3 summarize article.uncut"),
        (_line("lead-3", "a", evidence_seen=False), "predictions.jsonl: lead-3 summarize a.evidence_"),
        (_line("lead-3", "a", steps=[{"level": 1, "rendered_sha256": "0", "text": "b"}]), "lead-3 summarize a.steps"),
        (_line("lead-3", "a", cut={"a": 0.5}), "predictions.jsonl: lead-3 summarize a.cut"),
        (_line("lead-3", "a", cut={"a": 0.0001}), "predictions.jsonl: lead-3 summarize a.cut"),
        (_score("lead-3", "a", "rouge1", 0.5), "predictions.jsonl: lead-3 summarize a.scores.rouge1"),
        (_score("lead-3", "a", "mine", 1.0), "predictions.jsonl: lead-3 summarize a.scores.mine"),
        (_golden("They signed", "They met"), "suite.hash"),
        (_golden("Ann met Bob at", "Eve saw Cyd in"), "rows.lead-3 summarize article.metrics.rouge1.mean"),
        (_golden("aword0", "aword9"), "suite.hash"),
        (_row("lead-3", "summarize", lambda r: r["metrics"]["rouge1"].update(mean=0.5)), "rouge1.mean"),
        (_row("lead-3", "summarize", lambda r: r["metrics"]["rouge1"].update(n=4)), "rouge1.n"),
        (_row("lead-3", "summarize", lambda r: r.update(by_reference=[0.1])), "by_reference"),
        (_row("lead-3", "summarize", lambda r: r["metrics"]["rouge1"].update(signature="rouge1|x")),
         "rows.lead-3 summarize article.metrics.rouge1.signature"),
        (_row("lead-3", "summarize", lambda r: r["metrics"]["rouge1"].update(signature_short="r:0")),
         "rows.lead-3 summarize article.metrics.rouge1.signature_short"),
        (_row("best-sentence", "answer", lambda r: r["metrics"]["f1"]["interval"].update(high=0.1)),
         "rows.best-sentence answer article.metrics.f1.interval.high"),
        (_board(lambda b: b["metrics"]["f1"].update(direction="lower")), "metrics.f1.direction"),
        (_row("lead-3", "summarize", lambda r: r["metrics"].pop("rouge1")), "article.metrics.rouge1"),
        (_row("lead-3", "summarize", lambda r: r["counts"].update(ok=2)), "article.counts.ok"),
        (_row("lead-3", "summarize", lambda r: r["counts"].update(expected=4)), "counts.expected"),
        (_row("lead-3", "summarize", lambda r: r.update(cut={"a": 0.5})), "lead-3 summarize article.cut"),
        (_row("lead-3", "summarize", lambda r: r["identity"].update(sentences=4)),
         "predictions.jsonl: lead-3 summarize a.key"),
        (_row("lead-3", "summarize", lambda r: r.update(kind="causal")), "lead-3 summarize article.kind"),
        (_row("lead-3", "summarize", lambda r: r.update(weights={"sha256": "0"})), "article.weights"),
        (_row("lead-3", "summarize", lambda r: r.update(rank=9)), "lead-3 summarize article.rank"),
        (_row("lead-3", "summarize", lambda r: r.update(model="lead-4")), "has predictions and no row"),
        (_row("lead-3", "summarize", lambda r: r.update(role="oracle")), "has predictions and no row"),
        (_board(lambda b: b["comparisons"][0].update(p=0.001)), "comparisons."),
        (_board(lambda b: b["power"][0].update(minimum_difference=0.001)), "power.summarize article.min"),
        (_board(lambda b: b["suite"].update(hash="0" * 64)), "suite.hash"),
        (_board(lambda b: b["suite"].update(limit=2)), "is no example of the suite"),
        (_board(lambda b: b["rows"].pop(0)), "rows.oracle-extractive summarize article: stored nothing"),
        (_board(lambda b: b["rows"].reverse()), "order of rows"),
        (_board(lambda b: b["primary"].update(answer="exact_match")), "primary.answer"),
        (_board(lambda b: b.update(predictions_sha256="0" * 64)), "predictions_sha256"),
        (_swapped, "predictions.jsonl: best-sentence answer a/q0.key"),
        (_dropped, "no-answer answer article: b/q1 has no prediction"),
        (_dropped_oracle, "stored no line of oracle-extractive summarize b"),
        (_reordered, "stored lines in another order"),
        (_stored, "predictions.sqlite: "),
        (_stored, "stored no intact prediction of this key"),
        (_forgotten, "stored no intact prediction of this key"),
        (_swapped_names, "content_sha256: stored"),
        (_unsealed(lambda b: b["rows"][0].update(trained_on=["squad"])), "content_sha256: stored"),
        (_unsealed(lambda b: b["rows"][0].update(licence="MIT")), "content_sha256: stored"),
    ],
)  # fmt: skip
def test_tampering_is_found(copy: Path, tamper: Tampering, where: str) -> None:
    tamper(copy / "run", copy / "suite")
    found = [str(one) for one in _verified(copy).differences]
    assert any(where in one for one in found), found


def test_a_difference_says_by_how_much(copy: Path) -> None:
    """The mean of no-answer is 0: nothing it says is an answer."""
    small_runs.edit_board(
        copy / "run",
        lambda board: small_runs.row(board, "no-answer", "answer")["metrics"]["f1"].update(
            mean=0.25
        ),
    )
    (one,) = _verified(copy).differences
    assert str(one) == (
        "rows.no-answer answer article.metrics.f1.mean: stored 0.25, recomputed 0.0 (by +0.25)"
    )


def test_costs_are_not_looked_at(copy: Path) -> None:
    def edit(board: dict[str, Any]) -> None:
        board["environment"]["cpu"] = "abacus"
        for row in board["rows"]:
            row.update(seconds=9.0, peak_memory_bytes=1, environments=[])
            row["counts"]["cached"] = row["counts"]["expected"]

    small_runs.edit_board(copy / "run", edit)
    assert _verified(copy).differences == ()


def test_without_a_store_and_hashes_what_cannot_be_seen_is_said(copy: Path) -> None:
    (copy / "run" / "predictions.sqlite").unlink()
    hashes = ("predictions_sha256", "content_sha256")
    small_runs.edit_board(copy / "run", lambda board: [*map(board.pop, hashes)], seal=False)
    found = _verified(copy)
    assert found.differences == ()
    assert [note.split(":")[0] for note in found.notes] == [
        "the leaderboard has no hash of its predictions",
        "the leaderboard has no hash of itself",
        "there is no predictions.sqlite beside it to hold the predictions against",
    ]


def test_another_suite_is_refused(original: Path, tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="was run on the suite 'suite', and this is 'us-japan-"):
        verify(original / "run", "shipped")
    other = small_runs.suite(tmp_path / "other", articles=2, questions=1)
    with pytest.raises(UsageError, match="name its folder with --suite"):
        verify(original / "run", other)


def test_what_is_no_run_is_refused(tmp_path: Path) -> None:
    with pytest.raises(DataError, match="no run: leaderboard.json is missing"):  # noqa: RUF043
        verify(tmp_path)


def test_the_verb_s_exit_codes(copy: Path, capsys: pytest.CaptureFixture[str]) -> None:
    command = ["verify", str(copy / "run" / "leaderboard.json"), "--suite", str(copy / "suite")]
    assert main(command) == 0
    assert capsys.readouterr().out.endswith("6 rows and 24 predictions recomputed: all equal\n")
    _dropped(copy / "run", copy / "suite")
    assert main(command) == 1
    assert "no-answer answer article: b/q1 has no prediction" in capsys.readouterr().out
    assert main([*command, "--json"]) == 1
    found = json.loads(capsys.readouterr().out)
    assert not found["equal"]
    assert found["differences"][0]["where"] == "predictions.jsonl"
    assert main(["verify", str(copy)]) == 2
    assert "no run: leaderboard.json is missing" in capsys.readouterr().err


def test_rouge_is_computed_by_the_package_too(original: Path) -> None:
    """lead-3, random-3, lexrank and the oracle have 3 scores of each of the 4 types and of ROUGE-2's
    precision against the article, and a mean.
    """
    found = verify(original / "run", original / "suite", reference=True)
    assert found.differences == ()
    assert found.notes == (
        "80 scores and means of ROUGE computed by rouge-score-0.1.2 too: all equal",
    )


@pytest.mark.parametrize("rule", [None, "mean", "best"])
def test_people_and_several_references_are_computed_by_the_package_too(
    tmp_path: Path, rule: Literal["mean", "best"] | None
) -> None:
    """lead-3, random-3, lexrank and the oracle have a score and a mean of each of the 4 types and of
    ROUGE-2's precision against the article, and people a mean, on an article and on the event.
    """
    options = MetricOptions(references=rule)
    done = evaluate(
        models=["lead-3"], selection=Selection(limit=1), out=tmp_path, tasks=["summarize"],
        options=options, reader="none",
    )  # fmt: skip
    assert done.leaderboard.chosen_options() == options
    found = verify(done.path, reference=True)
    assert found.differences == ()
    assert found.notes[0].startswith(f"{(4 * 2 + 1) * 5 * 2} scores and means")


def test_what_the_package_has_otherwise_is_told(
    original: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A stemmer that makes all long words one: ROUGE-1 is another number than the package has."""
    monkeypatch.setattr(stemming, "stem", lambda form: b"x")
    found = verify(original / "run", original / "suite", reference=True)
    told = [one.where for one in found.differences if one.where.startswith("rouge-score-0.1.2: ")]
    assert "rouge-score-0.1.2: rows.lead-3 summarize article.rouge1" in told
    assert f"too: {len(told)} differ" in found.notes[0]


def test_other_rouge_is_not_the_packages(original: Path, tmp_path: Path) -> None:
    options = MetricOptions(tokenizer="unicode")
    done = evaluate(original / "suite", models=["lead-3"], out=tmp_path, options=options)
    note = verify(done.path, reference=True).notes[0]
    assert note == "no number of this run is said to equal that of rouge-score-0.1.2"


def test_without_the_package_it_says_what_to_install(
    original: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "rouge_score.rouge_scorer", None)
    with pytest.raises(
        UsageError, match=r"needed for harness verify --reference: rouge-score.*; run:"
    ):
        verify(original / "run", original / "suite", reference=True)
