import csv
import json
import shutil
from pathlib import Path

import pytest

from harness.cli import main
from harness.errors import DataError, UsageError
from harness.plan.plan import plan
from harness.plan.text import plan_parts
from harness.tables.terminal import Display, terminal_text
from tests.agreement.made import write

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
    """Of pairs, 5 rows have 10 and 4 have 6; the two floors' own (3 and 1 of them) are not told."""
    made = plan(FROZEN, 0.05)
    assert [(one.task, one.metric, one.rows, one.pairs) for one in made] == [
        ("summarize", "rougeLsum", 5, 7),
        ("answer", "f1", 4, 5),
    ]
    for one in made:
        a, b = (_scores(name, one.task, one.metric) for name in one.models)
        assert a.keys() == b.keys()
        now = one.spread
        assert now.clusters == 5
        assert now.per_cluster == len(a) / 5
        assert one.minimum_difference is None
        assert one.questions_per_article is None
        assert 6 <= one.articles_low < one.articles < (one.articles_high or 0)
        assert one.power.value >= 0.8
        assert one.questions == round(one.articles * now.per_cluster)


def test_no_number_of_articles_is_promised_that_can_show_nothing() -> None:
    """Six at least: 2 / 2 ** 5 is 0.0625."""
    assert min(one.articles for one in plan(FROZEN, 0.99)) >= 6


def test_the_pair_is_held_against_the_whole_family() -> None:
    """As one pair, by R's power.t.test, 12.94 points of sd need 6 articles for 20 points.

    power.t.test(delta = 20, sd = 12.94, power = .8, type = "paired"): n = 5.50. For seven pairs at
    once 5 % are left, so that each of them needs more.
    """
    one = plan(FROZEN, 0.2)[0]
    assert one.spread.sd == pytest.approx(0.1294, abs=1e-4)
    assert one.articles > 6


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
    assert "5 articles with 26.2 questions each show none: p is at least 0.0625" in text
    assert "more references: what they would bring cannot be told; a golden names one" in text
    assert "that of the table, all 7 pairs of 5 rows at once, at the 5 % level" in text
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


def test_every_format_has_the_same_facts(capsys: pytest.CaptureFixture[str]) -> None:
    plans = plan(FROZEN, 0.05)
    arguments = ["plan", str(FROZEN), "--difference", "0.05"]
    assert main([*arguments, "--json"]) == 0
    for one, read in zip(plans, json.loads(capsys.readouterr().out), strict=True):
        assert (read["articles"], read["articles_low"], read["articles_high"]) == (
            one.articles,
            one.articles_low,
            one.articles_high,
        )
        assert read["power"] == {"value": one.power.value, "error": one.power.error}
        assert read["references"] == one.references
    assert main([*arguments, "--format", "csv"]) == 0
    for one, line in zip(plans, csv.DictReader(capsys.readouterr().out.splitlines()), strict=True):
        assert (line["articles"], line["articles_low"]) == (
            f"{one.articles}",
            f"{one.articles_low}",
        )
        assert (line["rows"], line["pairs"]) == (f"{one.rows}", f"{one.pairs}")
        assert line["power"] == f"{one.power.value}"
        assert line["minimum_difference"] == ""
    assert main([*arguments, "--format", "markdown"]) == 0
    cells = [cell.strip() for cell in capsys.readouterr().out.split("|")]
    for one in plans:
        place = cells.index(one.metric)
        assert cells[place + 1 : place + 5] == [
            "5 points",
            "none",
            f"{one.articles}",
            f"{one.articles_low:,} to {one.articles_high:,}",
        ]


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["--difference", "5"], "must be below 1 for rougeLsum, not 5: 0.05 is five points"),
        (["--difference", "-1"], "must be a number above 0, not '-1'"),
        (["--difference", "nan"], "must be a number above 0, not 'nan'"),
        (["--difference", "much"], "must be a number above 0, not 'much'"),
        ([], "the following arguments are required: --difference"),
        (["--difference", "0.1", "--out", "x"], "unknown '--out'; name the run itself, without"),
        (["--difference", "0.1", "--metric", "f2"], "--metric: no metric 'f2' in this run"),
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


def test_a_plan_by_a_count_of_which_less_is_better_and_some_texts_have_none() -> None:
    """In its own unit: the sample's standard deviation of five differences, not times 100."""
    from statistics import stdev

    (one,) = plan(FROZEN, 0.5, metric="unsupported")
    a, b = (_scores(name, "summarize", "unsupported") for name in one.models)
    assert one.spread.sd == pytest.approx(stdev(a[name] - b[name] for name in a))
    text = " ".join(terminal_text(plan_parts([one]), Display()).split())
    assert "summarize, unsupported: to show a difference of 0.5 now 5 articles" in text
    assert f"with a standard deviation of {one.spread.sd:.1f} rule" in text
    assert not one.is_share


def test_what_is_only_shown_is_not_planned_for(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["plan", str(FROZEN), "--difference", "5", "--metric", "words", "-q"]) == 2
    (line,) = capsys.readouterr().err.splitlines()
    assert "--metric: words is only shown, so that nothing is judged by it; there are" in line


def test_a_scored_file_is_told_in_its_own_nouns(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Six items of three topics, of which a system has one, two or three words right."""
    references = [
        {"id": f"{i}", "summary": "one two three", "topic": f"t{i // 2}"} for i in range(6)
    ]
    outputs = {
        "p": ["one", "one two", "one two three", "one", "two", "x"],
        "q": ["x", "one", "one two", "one two three", "one", "two"],
    }
    write(tmp_path / "r.jsonl", references)
    for name, texts in outputs.items():
        rows = [{"id": f"{i}", "summary": text} for i, text in enumerate(texts)]
        write(tmp_path / f"{name}.jsonl", rows)
    files = [str(tmp_path / f"{name}.jsonl") for name in outputs]
    for field, told in (
        ([], "6 items with one summary each"),
        (["--cluster-field", "topic"], "3 clusters with 2.0 summaries each"),
    ):
        out = tmp_path / f"run{len(field)}"
        score = ["score", "--references", str(tmp_path / "r.jsonl"), "--predictions", *files]
        assert main([*score, *field, "--out", str(out)]) == 0
        capsys.readouterr()
        assert main(["plan", str(out), "--difference", "0.3"]) == 0
        text = " ".join(capsys.readouterr().out.split())
        assert told in text
        assert "articles" not in text
        assert main(["compare", str(out), str(out)]) == 0
        assert f"clustered by {'cluster' if field else 'item'};" in " ".join(
            capsys.readouterr().out.split()
        )
