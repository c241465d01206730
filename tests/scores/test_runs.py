"""What `harness score --out` writes is a run: the other verbs take it, from files to their words."""

import json
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from harness.cli import main
from tests.metrics.test_rouge import exception_lists

REFERENCES = {
    "a": ["Ann met Bob in Rome.", "Bob and Ann met."],
    "b": ["They signed a pact. Cyd objected.", "A pact was signed."],
    "c": ["It rained all day in Oslo.", "Rain fell on Oslo."],
}
BEFORE = {"a": "Ann met Bob in Rome.", "b": "They signed a pact.", "c": "It rained all day."}
# The same summary of a, a worse one of b, none of c.
AFTER = {"a": "Ann met Bob in Rome.", "b": "Nothing."}
SQUAD = {"version": "v2.0", "data": [
    {"title": "Oslo", "paragraphs": [{"context": "Ann Lee lives in Oslo. Bob left.", "qas": [
        {"id": "q1", "question": "Who lives in Oslo?", "answers": [{"text": "Ann Lee"}]},
        {"id": "q2", "question": "Who left?", "answers": [{"text": "Bob"}]},
        {"id": "q3", "question": "Who sings?", "answers": []}]}]},
    {"title": "AC/DC", "paragraphs": [{"context": "The band played in Rome.", "qas": [
        {"id": "q4", "question": "Where?", "answers": [{"text": "Rome"}]},
        {"id": "q5", "question": "When?", "answers": []}]}]},
]}  # fmt: skip
ANSWERS = {"q5": "1990", "q2": "Ann", "q1": "Ann Lee", "q3": ""}  # q4 is missing

Run = Callable[[str], tuple[int, str, str]]


@pytest.fixture
def harness(capsys: pytest.CaptureFixture[str]) -> Run:
    """Run a command line; the exit code, what is printed, and what is told."""

    def run(line: str) -> tuple[int, str, str]:
        capsys.readouterr()
        code = main(line.split())
        out, err = capsys.readouterr()
        return code, out, err

    return run


@pytest.fixture
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, harness: Run) -> Path:
    """A folder with two runs of one system's summaries, before and after, and one of answers."""
    monkeypatch.chdir(tmp_path)
    for folder in ("before", "after"):
        (tmp_path / folder).mkdir()
    _lines(tmp_path / "gold.jsonl", "references", REFERENCES)
    _lines(tmp_path / "before" / "mine.jsonl", "prediction", BEFORE)
    _lines(tmp_path / "after" / "mine.jsonl", "prediction", AFTER)
    (tmp_path / "squad.json").write_text(json.dumps(SQUAD), encoding="utf-8")
    (tmp_path / "said.json").write_text(json.dumps(ANSWERS), encoding="utf-8")
    # Equal ones, in an order of their own: the official script goes by it.
    (tmp_path / "na.json").write_text('{"q3": 0.5, "q1": 0.5, "q5": 0.5, "q2": 0.1}')
    for name in ("before", "after"):
        line = f"score --references gold.jsonl --predictions {name}/mine.jsonl --out runs/{name}"
        assert harness(line)[0] == 0
    line = "score --references squad.json --predictions said.json --out runs/answers"
    assert harness(f"{line} --no-answer-probabilities na.json")[0] == 0
    return tmp_path


def _lines(path: Path, field: str, values: object) -> None:
    assert isinstance(values, dict)
    text = "".join(json.dumps({"id": k, field: v}) + "\n" for k, v in values.items())
    path.write_text(text, encoding="utf-8")


@pytest.mark.parametrize(("run", "count"), [("before", 3), ("after", 3), ("answers", 5)])
def test_every_number_is_recomputed_from_the_run_and_the_references(
    here: Path, harness: Run, run: str, count: int
) -> None:
    code, out, err = harness(f"verify runs/{run}")
    assert out.splitlines() == [f"runs/{run}: 1 rows and {count} predictions recomputed: all equal"]
    assert code == 0
    assert f"Suite references:{'squad.json' if run == 'answers' else 'gold.jsonl'}" in err


def test_rouge_score_finds_the_same_numbers(here: Path, harness: Run) -> None:
    """Four scores of each of three texts and four means: of the two that are there."""
    code, out, _ = harness("verify runs/before --reference")
    assert code == 0
    assert "16 scores and means of ROUGE computed by rouge-score-0.1.2 too: all equal" in out


def _edit(path: Path, old: str, new: str) -> None:
    text = path.read_text(encoding="utf-8")
    assert old in text
    path.write_text(text.replace(old, new, 1), encoding="utf-8")


@pytest.mark.parametrize(
    ("file", "old", "new", "told"),
    [
        ("predictions.jsonl", "They signed a pact.", "They signed it.", "mine summarize b.scores.rouge1"),
        ("predictions.jsonl", '"rouge1":1.0', '"rouge1":0.9', "mine summarize a.scores.rouge1"),
        ("leaderboard.json", '"clusters": 3,\n          "caution"', '"clusters": 4,\n          "caution"',
         "rows.mine summarize article.metrics"),
        ("leaderboard.json", '"clusters": "item"', '"clusters": "title"', "suite.references.clusters"),
        ("leaderboard.json", '"file": "mine.jsonl"', '"file": "x.jsonl"', "mine summarize a.key"),
    ],
)  # fmt: skip
def test_what_was_changed_is_found(
    here: Path, harness: Run, file: str, old: str, new: str, told: str
) -> None:
    _edit(here / "runs" / "before" / file, old, new)
    code, out, _ = harness("verify runs/before")
    assert code == 1
    assert told in out
    assert harness("report runs/before")[0] == 2


def test_a_missing_prediction_cannot_pass_for_silence(here: Path, harness: Run) -> None:
    """q3 is unanswerable: silence is right there, and a missing prediction is not."""
    _edit(here / "runs/answers/predictions.jsonl", '"missing":true,', "")
    code, out, _ = harness("verify runs/answers")
    assert code == 1
    assert "counts.missing: stored 1, recomputed 0" in out


def test_references_that_are_elsewhere_are_named(here: Path, harness: Run) -> None:
    (here / "gold.jsonl").rename(here / "moved.jsonl")
    for verb in ("verify", "report", "show a --model mine"):
        code, out, err = harness(f"{verb} runs/before")
        assert (code, out) == (2, "")
        assert err.splitlines()[-1] == (
            "harness: gold.jsonl: the references that the run was scored against are not there any "
            "more; put them back, or name them with --suite references:FILE"
        )
    code, out, _ = harness("verify runs/before --suite references:moved.jsonl")
    assert "suite.location" not in out
    assert code == 0
    assert harness("report runs/before --suite references:moved.jsonl")[0] == 0


def test_references_that_have_changed_are_refused(here: Path, harness: Run) -> None:
    _edit(here / "gold.jsonl", "It rained", "It snowed")
    for verb in ("verify", "report", "show a --model mine", "plan --difference 0.1"):
        code, out, err = harness(f"{verb} runs/before")
        assert (code, out) == (2, "")
        assert "harness: gold.jsonl: is not what runs/before was scored against: " in err


def test_run_and_references_move_together(here: Path, harness: Run) -> None:
    (here / "elsewhere").mkdir()
    for name in ("runs", "gold.jsonl"):
        shutil.move(here / name, here / "elsewhere" / name)
    assert harness("verify elsewhere/runs/before")[0] == 0


def test_references_are_no_suite(here: Path, harness: Run) -> None:
    code, _, err = harness("eval --suite references:gold.jsonl --out runs/new")
    assert code == 2
    assert "holds references and no articles to ask about" in err
    code, _, err = harness("verify runs/before --suite demo")
    assert code == 2
    assert "outputs were scored here against references, and no suite was run" in err


def test_two_runs_are_compared_by_the_systems_names(here: Path, harness: Run) -> None:
    """a is the same, b worse, c missing: a zero, and worse too."""
    code, out, _ = harness("compare runs/before runs/after --json")
    (row,) = json.loads(out)["rows"]
    assert code == 0
    assert (row["scores"]["improved"], row["scores"]["worse"], row["scores"]["equal"]) == (0, 2, 1)
    assert (row["missing"], row["failed"], row["other_outputs"]) == ([], [], 2)
    assert {(one["part"], one["name"]) for one in row["changes"]} == {("model", "sha256")}
    assert [loss["example"] for loss in row["scores"]["losses"]][:1] in (["b"], ["c"])


def test_the_gate_takes_them(here: Path, harness: Run) -> None:
    code, out, _ = harness("gate runs/before --baseline runs/before --json")
    assert code == 0
    assert [verdict["state"] for verdict in json.loads(out)["verdicts"]] == ["passed"]


def test_other_references_are_not_compared(here: Path, harness: Run) -> None:
    _lines(here / "other.jsonl", "references", {**REFERENCES, "c": ["It snowed."]})
    line = "score --references other.jsonl --predictions before/mine.jsonl --out runs/other"
    assert harness(line)[0] == 0
    _, out, _ = harness("compare runs/before runs/other")
    assert "mine summarize: not compared, because the rows are not comparable:" in out
    assert "data: suite" in out
    assert harness("gate runs/other --baseline runs/before")[0] == 2


def test_an_output_is_shown_with_what_is_known_of_it(here: Path, harness: Run) -> None:
    code, out, _ = harness("show b runs/after --model mine")
    assert code == 0
    assert "== context" not in out
    assert "not known, for this was made elsewhere" in out
    assert "== scored text\nNothing.\n" in out
    assert "- A pact was signed." in out
    assert "the file of outputs has none" in harness("show c runs/after --model mine")[1]
    _, out, _ = harness("show Oslo/q2 runs/answers --model said")
    assert "== question\nWho left?" in out
    assert "Ann Lee lives in Oslo. Bob left." in out


def test_the_page_has_texts_references_and_scores(here: Path, harness: Run) -> None:
    assert harness("report runs/after")[0] == 0
    page = (here / "runs" / "after" / "report.html").read_text(encoding="utf-8")
    for text in ("Nothing.", "Rain fell on Oslo.", "harness score --references gold.jsonl"):
        assert text in page
    # Without an article nothing can be missing from it.
    assert '"unsupported":[{' not in page.replace(" ", "")
    assert harness("report runs/answers")[0] == 0
    page = (here / "runs" / "answers" / "report.html").read_text(encoding="utf-8")
    assert "The band played in Rome." in page
    assert harness("report runs/after --baseline runs/before")[0] == 0


def test_probabilities_go_by_the_order_of_their_file(here: Path, harness: Run) -> None:
    """By hand as evaluate-v2.0.py has it, for the four predictions that there are: refusing all
    gives q3 and q5, 2. q2 (0.1) is wrong: 2. Of the three of 0.5, q3 is silent: 2; q1 is right: 3,
    the first of the best; q5 speaks: 2. With q5 before q1 it is 1 and then 2: none is better than
    refusing all, though in the order of the data set q1 comes first."""
    board = json.loads((here / "runs/answers/leaderboard.json").read_text(encoding="utf-8"))
    squad = board["rows"][0]["squad"]
    assert (squad["best_exact"], squad["best_exact_thresh"]) == (100 * 3 / 5, 0.5)
    (here / "na.json").write_text('{"q5": 0.5, "q3": 0.5, "q1": 0.5, "q2": 0.1}')
    line = "score --references squad.json --predictions said.json --out runs/answers"
    assert harness(f"{line} --no-answer-probabilities na.json")[0] == 0
    board = json.loads((here / "runs/answers/leaderboard.json").read_text(encoding="utf-8"))
    squad = board["rows"][0]["squad"]
    assert (squad["best_exact"], squad["best_exact_thresh"]) == (100 * 2 / 5, 0.0)
    assert harness("verify runs/answers")[0] == 0


def test_exception_lists_are_found_again(here: Path, harness: Run) -> None:
    (here / "wordnet").mkdir()
    exception_lists(here / "wordnet")
    line = "score --references gold.jsonl --predictions before/mine.jsonl --out runs/stems"
    assert harness(f"{line} --exceptions wordnet")[0] == 0
    assert harness("verify runs/stems")[0] == 0
    (here / "wordnet" / "verb.exc").write_text("signed sign\n")
    assert harness("verify runs/stems")[0] == 1


def test_nothing_is_written_without_out(here: Path, harness: Run) -> None:
    before = sorted(here.rglob("*"))
    assert harness("score --references gold.jsonl --predictions before/mine.jsonl")[0] == 0
    assert sorted(here.rglob("*")) == before
