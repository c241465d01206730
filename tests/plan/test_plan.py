import json
import shutil
from pathlib import Path

import pytest

from harness.cli import main
from harness.errors import DataError, UsageError
from harness.plan.plan import plan
from harness.plan.text import plan_parts
from harness.stats import articles_needed, questions_needed
from harness.tables.terminal import Display, terminal_text

FROZEN = Path(__file__).parents[1] / "frozen"


def _scores(model: str, task: str, metric: str) -> dict[str, float]:
    lines = (FROZEN / "predictions.jsonl").read_text(encoding="utf-8").splitlines()
    return {
        line["example"]: line["scores"][metric]
        for line in map(json.loads, lines)
        if (line["model"], line["task"]) == (model, task)
        and not line["example"].startswith("us-japan-rare-earths-2025")
    }


def test_a_plan_for_each_task_by_its_primary_metric() -> None:
    made = plan(FROZEN, 0.05)
    assert [(one.task, one.metric) for one in made] == [
        ("summarize", "rougeLsum"),
        ("answer", "f1"),
    ]
    for one in made:
        a, b = (_scores(name, one.task, one.metric) for name in one.models)
        assert a.keys() == b.keys()
        now = one.spread
        assert now.clusters == 5
        assert now.per_cluster == len(a) / 5
        assert one.articles == articles_needed(0.05, now.sd, now.correlation, now.per_cluster)
        assert one.questions_per_article == questions_needed(0.05, now.sd, now.correlation, 5)
        assert 0.05 < one.minimum_difference < 1


def test_summaries_spread_as_statistics_says() -> None:
    """One summary an article: the sample's standard deviation of five differences."""
    from statistics import stdev

    one = plan(FROZEN, 0.05)[0]
    a, b = (_scores(name, "summarize", "rougeLsum") for name in one.models)
    assert one.spread.sd == pytest.approx(stdev(a[name] - b[name] for name in a))


def test_a_smaller_difference_needs_more() -> None:
    needed = [plan(FROZEN, x, metric="f1")[0].articles for x in (0.1, 0.05, 0.02, 0.01)]
    assert needed == sorted(needed)
    assert needed[-1] > 10 * needed[1]


def test_plan_text() -> None:
    text = terminal_text(plan_parts(plan(FROZEN, 0.05)), Display())
    assert "summarize, rougeLsum: to show a difference of 5 points" in text
    assert "5 articles with 26.2 questions each show" in text
    assert "no number of questions: 5 articles show nothing by an exact test" in text
    assert "caution  seen from 5 articles this is a rough guess" in text


def test_a_run_on_another_suite_is_refused(suite_folder: Path) -> None:
    with pytest.raises(DataError, match="a run on another suite, us-japan-rare-earths-2025"):
        plan(FROZEN, 0.05, suite_folder)


def test_a_suite_of_one_s_own(suite_folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Its two articles differ in a city that no reference names, so their answers score alike."""
    out = suite_folder / "out"
    assert main(
        ["eval", "--suite", str(suite_folder), "--models", "lead-3,best-sentence", "--out", str(out)]
    ) == 0  # fmt: skip
    capsys.readouterr()
    arguments = ["plan", str(out), "--difference", "0.1"]
    assert main([*arguments, "--metric", "rouge1"]) == 0
    assert "2 articles with one summary each" in capsys.readouterr().out
    assert main([*arguments, "--metric", "f1"]) == 2
    assert "answer: no two rows of the run differ by more on one article" in capsys.readouterr().err


def test_json_has_the_same_facts(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["plan", str(FROZEN), "--difference", "0.05", "--json"]) == 0
    read = json.loads(capsys.readouterr().out)
    assert [one["articles"] for one in read] == [one.articles for one in plan(FROZEN, 0.05)]


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["--difference", "5"], "must be between 0 and 1, not '5': 0.05 is five points"),
        (["--difference", "nan"], "must be between 0 and 1, not 'nan'"),
        (["--difference", "much"], "must be between 0 and 1, not 'much'"),
        ([], "the following arguments are required: --difference"),
        (["--difference", "0.1", "--out", "x"], "unknown '--out'; name the run itself, without"),
        (["--difference", "0.1", "--metric", "f2"], "no metric 'f2' in"),
        (["--difference", "1e-8"], "no suite can be large enough to show 1e-08"),
    ],
)
def test_bad_usage_is_one_line(
    capsys: pytest.CaptureFixture[str], arguments: list[str], message: str
) -> None:
    assert main(["plan", "-q", str(FROZEN), *arguments]) == 2
    out, err = capsys.readouterr()
    assert out == ""
    assert message in err
    assert len(err.splitlines()) == 1


@pytest.mark.parametrize(
    ("file", "old", "new", "message"),
    [
        ("leaderboard.json", "{", "", "leaderboard.json: not valid JSON: Extra data: line 2"),
        (
            "leaderboard.json",
            '"schema_version"',
            '"schema"',
            "no leaderboard of version 2, but of None",
        ),
        ("predictions.jsonl", "{", "", "predictions.jsonl:1: not valid JSON"),
        ("predictions.jsonl", '"rougeLsum"', '"rougeLmax"', "was changed after it was written"),
    ],
)
def test_a_broken_run_is_refused(
    tmp_path: Path, file: str, old: str, new: str, message: str
) -> None:
    shutil.copytree(FROZEN, tmp_path / "run")
    path = tmp_path / "run" / file
    path.write_text(path.read_text(encoding="utf-8").replace(old, new, 1), encoding="utf-8")
    with pytest.raises((DataError, UsageError), match=message):
        plan(tmp_path / "run", 0.05)
