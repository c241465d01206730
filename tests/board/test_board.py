import json
import os
from pathlib import Path
from typing import Any

import pytest

from harness.cli import main
from harness.eval.evaluate import evaluate
from harness.metrics.options import MetricOptions
from harness.suite.selection import Selection
from tests import small_runs


@pytest.fixture(scope="module")
def suite(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return small_runs.suite(tmp_path_factory.mktemp("board") / "birds", 4, 2)


def _eval(suite: Path, out: Path, **options: Any) -> None:
    evaluate(suite, out=out, tasks=("summarize",), **options)


def _roster(folder: Path, name: str, words: int) -> Path:
    model = folder / "my_model.py"
    model.write_text(
        "class Words:\n    tasks = ('summarize',)\n"
        "    def __init__(self, words):\n        self.words = words\n"
        "    def predict(self, queries):\n"
        "        return [' '.join(q.context.split()[: self.words]) for q in queries]\n",
        encoding="utf-8",
    )
    path = folder / f"{name}-{words}.toml"
    path.write_text(
        f'[{name}]\nkind = "python"\nfile = "my_model.py"\nclass = "Words"\n'
        f"options = {{ words = {words} }}\n",
        encoding="utf-8",
    )
    return path


def test_rows_of_two_runs_are_ranked_as_if_one_had_made_them(
    suite: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    rosters = [_roster(tmp_path, name, words) for name, words in (("a", 5), ("b", 9))]
    for name, roster in zip("ab", rosters, strict=True):
        _eval(suite, tmp_path / name, rosters=[roster])
    _eval(suite, tmp_path / "both", rosters=rosters)
    capsys.readouterr()
    assert main(["board", str(tmp_path / "a"), str(tmp_path / "b"), "--json"]) == 0
    united = json.loads(capsys.readouterr().out)
    expected = json.loads((tmp_path / "both" / "leaderboard.json").read_text("utf-8"))
    for field in ("comparisons", "power"):
        assert united[field] == expected[field]
    told = ("model", "rank", "worst_rank", "beats", "metrics", "above_floor")
    assert [[row[key] for key in told] for row in united["rows"]] == [
        [row[key] for key in told] for row in expected["rows"]
    ]


def test_runs_of_one_task_and_of_both_are_united(
    suite: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """In either order, and with the metrics that all runs have which were asked a task."""
    evaluate(suite, out=tmp_path / "both", models=["lead-3", "no-answer"])
    evaluate(suite, out=tmp_path / "one", models=["lead-3"], tasks=("summarize",))
    both = json.loads((tmp_path / "both" / "leaderboard.json").read_text("utf-8"))
    for order in (("both", "one"), ("one", "both")):
        capsys.readouterr()
        assert main(["board", *(str(tmp_path / name) for name in order), "--json"]) == 0
        united = json.loads(capsys.readouterr().out)
        assert united["primary"] == both["primary"]
        assert {line["task"] for line in united["suite"]["asked"]} == {"summarize", "answer"}
        for told in ("model", "metrics", "rank"):
            assert [row[told] for row in united["rows"]] == [row[told] for row in both["rows"]]


def test_a_row_made_twice_is_one_or_has_its_dates(
    suite: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    for words in (5, 9):
        _eval(suite, tmp_path / str(words), rosters=[_roster(tmp_path, "a", words)])
    os.utime(tmp_path / "5" / "leaderboard.json", (1_700_000_000, 1_700_000_000))  # 2023-11-14
    capsys.readouterr()
    assert main(["board", str(tmp_path / "5"), str(tmp_path / "9"), "--json"]) == 0
    names = [row["model"] for row in json.loads(capsys.readouterr().out)["rows"]]
    assert names.count("lead-3") == 1
    assert "a (2023-11-14)" in names
    assert len([name for name in names if name.startswith("a (")]) == 2
    assert (
        main(["history", str(tmp_path / "9"), str(tmp_path / "5"), "--models", "a", "--json"]) == 0
    )
    (course,) = json.loads(capsys.readouterr().out)
    first, second = course["runs"]
    assert first["made_on"] == "2023-11-14T22:13:20+00:00"
    assert (first["changes"], second["comparable"]) == ([], True)
    changed = {(c["name"], c["base"], c["head"]) for c in second["changes"]}
    assert ("options.words", "5", "9") in changed
    assert main(["history", str(tmp_path / "9"), str(tmp_path / "5"), "--models", "a"]) == 0
    assert "options.words 5 -> 9" in " ".join(capsys.readouterr().out.split())


def test_what_does_not_belong_together_is_refused(
    suite: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    other = small_runs.suite(tmp_path / "bees", 2, 2)
    lead: dict[str, Any] = {"models": ["lead-3"]}
    _eval(suite, tmp_path / "a", **lead)
    _eval(other, tmp_path / "b", **lead)
    _eval(suite, tmp_path / "c", **lead, selection=Selection(limit=2))
    _eval(suite, tmp_path / "d", **lead, options=MetricOptions(stemmer=False))
    _eval(suite, tmp_path / "e", **lead, primary={"summarize": "rouge1"})
    for name, said in (
        ("b", "was run on another suite"),
        ("c", "was asked other examples of summarize (2)"),
        ("d", "of summarize has another signature"),
        ("e", "is ranked by rouge1 of summarize, and"),
    ):
        assert main(["board", str(tmp_path / "a"), str(tmp_path / name)]) == 2
        assert said in capsys.readouterr().err
    assert main(["history", str(tmp_path / "a"), str(tmp_path / "d")]) == 0
    assert "NOT COMPARABLE" in capsys.readouterr().out
    for options, said in (
        (["--models", "led-3"], "no run has a row 'led-3'; did you mean lead-3"),
        (["--metric", "rogue1"], "no run has 'rogue1'; did you mean rouge1"),
    ):
        assert main(["history", str(tmp_path / "a"), *options]) == 2
        assert said in capsys.readouterr().err


@pytest.mark.parametrize("verb", ["board", "history"])
def test_a_run_named_twice_is_refused(
    verb: str, suite: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """By whatever path: a history would have it as a second measurement, equal to the first."""
    _eval(suite, tmp_path / "a", models=["lead-3"])
    capsys.readouterr()
    for again in ("a", "b/../a", "a/leaderboard.json"):
        (tmp_path / "b").mkdir(exist_ok=True)
        assert main([verb, str(tmp_path / "a"), str(tmp_path / again)]) == 2
        (line,) = capsys.readouterr().err.splitlines()
        assert line.endswith(f"is the same folder as {tmp_path / 'a'}; name it once")
