import csv
import io
import json
import re
import shutil
from collections.abc import Callable
from pathlib import Path
from xml.etree import ElementTree as ET

import pytest

from harness.cli import main
from harness.verify.verification import verify
from tests import small_runs

FROZEN = Path(__file__).parents[1] / "frozen"


@pytest.fixture(scope="module")
def suite(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return small_runs.suite(tmp_path_factory.mktemp("gate") / "suite", articles=5, questions=2)


@pytest.fixture(scope="module")
def base(suite: Path) -> Path:
    """A run in which no-answer has every answer right, by luck."""
    change = small_runs.replacing_texts(suite, "no-answer", "answer", _answer)
    return small_runs.changed_copy(small_runs.run(suite, suite / "floors"), suite / "base", change)


@pytest.fixture
def bad(suite: Path, base: Path, tmp_path: Path) -> Path:
    """The same with every answer lost, and outputs that are hard to write down."""
    text = "| `` <b>\x00\x1b ]]> &amp; \ud83d\ude00".encode("utf-16", "surrogatepass").decode(
        "utf-16"
    )
    change = small_runs.replacing_texts(suite, "no-answer", "answer", lambda line: text)
    return small_runs.changed_copy(base, tmp_path / "bad", change)


def _answer(line: small_runs.Line) -> str:
    article, question = line["example"].split("/")
    return f"{article}word{question[1:]}"


def _gate(base: Path, head: Path, *more: str) -> int:
    return main(["gate", "--baseline", str(base), str(head), *more])


def test_an_equal_run_passes(
    base: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert _gate(base, shutil.copytree(base, tmp_path / "copy")) == 0
    printed = capsys.readouterr()
    assert printed.out.splitlines()[-1] == "Gate: passed (6 passed)"
    assert printed.err == ""


def test_a_run_that_is_its_own_baseline_is_told(
    base: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """As `--baseline results` is, where RUN is left out: it passes, quiet or not, whatever it is."""
    told = f"harness: {base}: is both RUN and its baseline, so no loss can be shown; name two runs"
    assert _gate(base / "leaderboard.json", base, "-q") == 0
    assert capsys.readouterr().err.splitlines() == [told]
    assert main(["compare", str(base), str(base)]) == 0
    told = f"harness: {base}: is both BASE and RUN, so nothing can differ; name two runs"
    assert capsys.readouterr().err.splitlines() == [told]


def test_a_regression_fails_and_shows_the_losses(
    base: Path, bad: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert _gate(base, bad) == 1
    printed = capsys.readouterr()
    assert "f1 -100.0 points in every article: a loss is shown" in printed.out
    assert "a/q0: 100.0 -> 0.0" in printed.out
    assert printed.err == "harness: Gate: failed (1 failed, 5 passed)\n"


def test_a_tolerance_lets_it_pass(base: Path, suite: Path, tmp_path: Path) -> None:
    """One of two answers is lost in every article: 50 points."""

    def half(line: small_runs.Line) -> str:
        return "wrong" if line["example"].endswith("q0") else _answer(line)

    head = small_runs.changed_copy(
        base, tmp_path / "half", small_runs.replacing_texts(suite, "no-answer", "answer", half)
    )
    assert _gate(base, head, "--tolerance", "f1=0.5", "--tolerance", "rougeLsum=0.01") == 0
    assert _gate(base, head, "--tolerance", "f1=0.49") == 1


def test_runs_of_other_parts_of_the_suite_are_refused_with_what_to_do(
    base: Path, suite: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Whichever of them is the smaller: nothing got lost, it was not asked for."""
    short = small_runs.run(suite, tmp_path / "short", limit=4)
    capsys.readouterr()
    for before, after, selections in (
        (base, short, "all -> limit 4"),
        (short, base, "limit 4 -> all"),
    ):
        assert _gate(before, after) == 2
        (line,) = capsys.readouterr().err.splitlines()
        assert line.endswith(
            f"data: selection {selections}; make one of the runs again with the other's choice of "
            "examples"
        )
    assert _gate(short, short) == 0
    assert _gate(base, small_runs.run(suite, tmp_path / "all", limit=10)) == 1  # all are lost


def test_fewer_examples_fail(base: Path, suite: Path, tmp_path: Path) -> None:
    """Of runs that say they were made on the same."""
    short = small_runs.run(suite, tmp_path / "short", limit=4)
    small_runs.edit_board(short, lambda board: board["suite"].update(limit=None))
    assert _gate(base, short) == 1


def test_a_further_metric_is_judged_where_it_is_named(
    base: Path, bad: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    report = tmp_path / "gate.xml"
    assert _gate(base, bad, "--json", "--tolerance", "exact_match=0.1", "--junit", str(report)) == 1
    verdicts = json.loads(capsys.readouterr().out)["verdicts"]
    failed = [one for one in verdicts if one["state"] == "failed"]
    assert [(one["metric"], one["standard"]) for one in failed] == [
        ("f1", {"name": "regression", "allowance": 0.0}),
        ("exact_match", {"name": "regression", "allowance": 0.1}),
    ]
    cases = [one.get("name") for one in ET.parse(report).getroot().iter("testcase")]  # noqa: S314
    assert [name for name in cases if name and "no-answer" in name] == [
        "no-answer", "no-answer, exact_match",
    ]  # fmt: skip
    assert len(cases) == len(verdicts) == 8  # the summaries have no exact match


def test_non_inferiority_asks_for_more_than_that_no_loss_is_shown(
    base: Path, suite: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """One answer of ten is lost: 10 points, with a standard error of 10 by article.

    In sums by article less the mean of two each: -0.8 and four times 0.2, squared and summed 0.8,
    times 5/4, over 10 ** 2, is 0.01. The bound is 10 + 2.131847 * 10 = 31.3 points.
    """

    def one_lost(line: small_runs.Line) -> str:
        return "wrong" if line["example"] == "a/q0" else _answer(line)

    change = small_runs.replacing_texts(suite, "no-answer", "answer", one_lost)
    head = small_runs.changed_copy(base, tmp_path / "head", change)
    assert _gate(base, head) == 0
    # A true loss of 3.0397 errors would be shown with 80 % power: tests/stats.
    assert "so much on: 30.4 points (no-answer answer, f1)." in " ".join(
        capsys.readouterr().out.split()
    )
    assert _gate(base, head, "--non-inferiority", "f1=0.32") == 0
    assert _gate(base, head, "--non-inferiority", "f1=0.31") == 1
    printed = capsys.readouterr()
    assert (
        "failed: no-answer answer: f1 -10.0 points [-31.3, +11.3]: the loss is not shown to be "
        "below 31 points"
    ) in printed.out
    assert printed.err == "harness: Gate: failed (1 failed, 5 passed)\n"


def test_a_metric_that_is_only_shown_is_not_judged(
    base: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    shown = small_runs.changed_copy(base, tmp_path / "shown", lambda line: line)
    small_runs.edit_board(shown, lambda board: board["metrics"]["rouge1"].update(role="shown"))
    for option in ("--tolerance", "--non-inferiority"):
        assert _gate(shown, shown, option, "rouge1=0.1") == 2
        (line,) = capsys.readouterr().err.splitlines()
        assert f"{option}: rouge1 is only shown, so that nothing is judged by it; there are" in line


def test_where_lower_is_better_a_rise_is_a_loss(base: Path, bad: Path, tmp_path: Path) -> None:
    """The same runs, if f1 were an error rate."""
    runs = []
    for run in (base, bad):
        runs.append(small_runs.changed_copy(run, tmp_path / f"{run.name}-lower", lambda line: line))
        small_runs.edit_board(
            runs[-1], lambda board: board["metrics"]["f1"].update(direction="lower")
        )
    lower_base, lower_bad = runs
    assert (_gate(base, bad), _gate(bad, base)) == (1, 0)
    assert (_gate(lower_base, lower_bad), _gate(lower_bad, lower_base)) == (0, 1)
    assert _gate(base, lower_base) == 2


def test_grown_failures_fail(base: Path, tmp_path: Path) -> None:
    def fail(line: small_runs.Line) -> small_runs.Line:
        return small_runs.failing(line) if line["example"] == "e/q1" else line

    head = small_runs.changed_copy(base, tmp_path / "failing", fail)
    report = tmp_path / "gate.xml"
    assert _gate(base, head, "--junit", str(report)) == 1
    causes = [one.get("type") for one in ET.parse(report).getroot().iter("failure")]  # noqa: S314
    assert causes == ["failures", "failures"]  # of both floors: no loss is shown
    assert _gate(head, base) == 0


def test_the_incomparable_is_refused_by_the_part_that_differs(
    base: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    head = small_runs.changed_copy(base, tmp_path / "other", lambda line: line)

    def edit(board: dict[str, dict[str, dict[str, dict[str, str]]]]) -> None:
        small_runs.row(board, "lead-3", "summarize")["metrics"]["rougeLsum"]["signature"] += (
            "|new:1"
        )

    small_runs.edit_board(head, edit)
    report = tmp_path / "gate.xml"
    assert _gate(base, head, "--junit", str(report)) == 2
    (line,) = capsys.readouterr().err.splitlines()
    assert line.startswith("harness: 1 row cannot be held against the baseline; lead-3 summarize")
    assert line.endswith("-> new:1")
    assert ET.parse(report).getroot().get("errors") == "1"  # noqa: S314


def test_a_run_scored_by_older_rules_is_told_how_it_is_made_comparable(
    suite: Path, base: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    old = small_runs.changed_copy(base, tmp_path / "old", lambda line: line)

    def edit(board: dict[str, dict[str, dict[str, dict[str, str]]]]) -> None:
        metrics = small_runs.row(board, "lead-3", "summarize")["metrics"]
        signature = metrics["rougeLsum"]["signature"]
        metrics["rougeLsum"]["signature"] = re.sub(
            "sentences:harness-[0-9]+", "sentences:harness-0", signature
        )

    small_runs.edit_board(old, edit)
    hint = (
        "scored by two versions of sentences:harness; `harness eval` again, as the older run was "
        "made, scores its stored predictions anew without a model"
    )
    assert _gate(old, base) == 2
    (line,) = capsys.readouterr().err.splitlines()
    assert line.endswith(f"; {hint}")
    assert main(["compare", str(old), str(base), "-q"]) == 0
    assert f"They were {hint}." in " ".join(capsys.readouterr().out.split())
    assert hint in verify(old, suite).notes


@pytest.mark.parametrize(
    ("more", "message"),
    [
        (
            ["--tolerance", "f1"],
            "must be METRIC=X with X from 0, in the metric's unit (0.02 is two points), not 'f1'",
        ),
        (["--tolerance", "f1=2"], "--tolerance: f1 goes from 0 to 1, so that f1=2 would pass"),
        (["--tolerance", "f1=nan"], "not 'f1=nan'"),
        (["--tolerance", "f1=inf"], "not 'f1=inf'"),
        (["--tolerance", "f1=-0.1"], "not 'f1=-0.1'"),
        (["--non-inferiority", "f1=0"], "must be METRIC=MARGIN with MARGIN above 0"),
        (["--non-inferiority", "f1=1"], "--non-inferiority: f1 goes from 0 to 1"),
        (
            ["--tolerance", "rouge_1=0.1"],
            "no metric 'rouge_1' in these runs; did you mean rouge1",
        ),
        (
            ["--tolerance", "f1=0.1", "--non-inferiority", "f1=0.1"],
            "f1 can be held to one standard only",
        ),
        (["--markdown", "/dev/null/x"], "/dev/null/x: cannot be written"),
    ],
)
def test_bad_usage_is_one_line(
    base: Path, capsys: pytest.CaptureFixture[str], more: list[str], message: str
) -> None:
    assert _gate(base, base, *more) == 2
    (line,) = capsys.readouterr().err.splitlines()
    assert message in line


def test_csv_has_losses_in_full(base: Path, bad: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Every answer is lost in every article, so the loss is its own bound."""
    assert _gate(base, bad, "--format", "csv", "--tolerance", "f1=0.1") == 1
    rows = list(csv.DictReader(io.StringIO(capsys.readouterr().out)))
    (row,) = [row for row in rows if row["verdict"] == "failed"]
    assert (row["model"], row["metric"], row["standard"]) == ("no-answer", "f1", "regression")
    assert [float(row[name]) for name in ("allowance", "loss", "loss_low", "loss_high")] == [
        0.1, 1.0, 1.0, 1.0,
    ]  # fmt: skip
    assert row["detectable_loss"] == ""


def test_json_has_the_verdicts(base: Path, bad: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert _gate(base, bad, "--json", "--tolerance", "f1=0.1") == 1
    found = json.loads(capsys.readouterr().out)
    assert found["exit_code"] == 1
    assert (found["tolerances"], found["margins"]) == ({"f1": 0.1}, {})
    assert (found["level"], found["power"]) == (0.05, 0.8)
    (failed,) = [one for one in found["verdicts"] if one["state"] == "failed"]
    assert failed["name"] == {"model": "no-answer", "task": "answer", "scope": "article"}
    assert failed["pair"]["scores"]["worse"] == 10
    assert (failed["causes"], failed["metric"]) == (["regression"], "f1")
    # Every article lost all: there is no spread, and the loss is its own bound.
    assert failed["decision"] == {
        "outcome": "failed", "loss": 1.0, "loss_low": 1.0, "loss_high": 1.0,
        "detectable_loss": None, "possible_loss": 1.0,
    }  # fmt: skip


def test_the_summary_is_markdown_that_outputs_cannot_break(
    base: Path, bad: Path, tmp_path: Path
) -> None:
    report = tmp_path / "gate.md"
    assert _gate(base, bad, "--markdown", str(report)) == 1
    text = report.read_text(encoding="utf-8")
    lines = text.split("\n")
    assert lines[0] == "### Gate: failed (1 failed, 5 passed)"
    cells = [[cell.strip() for cell in line.split("|")[1:-1]] for line in lines if line[:1] == "|"]
    assert cells[0] == ["row", "verdict", "why"]
    assert [
        "no-answer answer",
        "**FAILED**",
        "f1 -100.0 points in every article: a loss is shown",
    ] in cells
    assert text.count("<details>") == text.count("</details>") == 1
    # The output has two backticks, so the fence has three, twice, and each alone on its line.
    assert [line for line in lines if "```" in line] == ["```", "```"]


# Jenkins's junit-10.xsd: the attributes and children that each element may have.
ATTRIBUTES = {
    "testsuites": {"name", "time", "tests", "failures", "disabled", "errors"},
    "testsuite": {"name", "tests", "failures", "errors", "time", "disabled", "skipped",
                  "timestamp", "hostname", "id", "package"},
    "testcase": {"name", "classname", "assertions", "time", "status"},
    "failure": {"message", "type"},
    "error": {"message", "type"},
    "skipped": {"message", "type"},
    "system-out": set(),
}  # fmt: skip
CHILDREN = {
    "testsuites": {"testsuite"},
    "testsuite": {"testcase", "system-out", "properties"},
    "testcase": {"failure", "error", "skipped", "system-out"},
}


def test_the_xml_is_junit_s_whatever_the_outputs_hold(
    base: Path, bad: Path, suite: Path, tmp_path: Path
) -> None:
    report = tmp_path / "gate.xml"
    assert _gate(base, bad, "--junit", str(report)) == 1
    root = ET.parse(report).getroot()  # noqa: S314
    for element in root.iter():
        assert set(element.attrib) <= ATTRIBUTES[element.tag]
        assert {child.tag for child in element} <= CHILDREN.get(element.tag, set())
    (tests,) = root
    assert (tests.get("tests"), tests.get("failures"), tests.get("errors")) == ("6", "1", "0")
    assert len(list(tests)) == 6
    (failure,) = root.iter("failure")
    assert failure.get("message") == "f1 -100.0 points in every article: a loss is shown"
    assert failure.text is not None
    assert "| `` <b>⟦U+0000⟧⟦U+001B⟧ ]]> &amp; \U0001f600" in failure.text


def _with_dollars(count: int) -> Callable[[small_runs.Line], str]:
    """Return the text of each article: `count` numbers that it does not have, of a none."""

    def text(line: small_runs.Line) -> str:
        numbers = ["7000", "8000", "9000"][: 0 if line["example"] == "a" else count]
        return " ".join(["Ann met Bob", *numbers])

    return text


@pytest.fixture
def telling(suite: Path, base: Path, tmp_path: Path) -> Callable[[str, int], Path]:
    """Return a maker of runs in which lead-3 tells so many numbers of each article but the first."""

    def run(name: str, count: int) -> Path:
        change = small_runs.replacing_texts(suite, "lead-3", "summarize", _with_dollars(count))
        return small_runs.changed_copy(base, tmp_path / name, change)

    return run


def test_unsupported_is_judged_in_its_own_direction_and_unit(
    telling: Callable[[str, int], Path], capsys: pytest.CaptureFixture[str]
) -> None:
    """Of five articles four have one number more: a mean of 0.8, and no end that it may rise to.

    The deviations are -0.8 and four times 0.2, squared and summed 0.8; over 4, over 5, 0.04: the
    standard error is 0.2. One-sided t with 4 degrees of freedom at 95 % is 2.131847: 0.8 -+ 0.4264.
    """
    before, after = telling("before", 1), telling("after", 2)
    overlap = ("--tolerance", "rougeLsum=0.9")
    assert _gate(before, after, "--tolerance", "unsupported=0.3") == 1
    assert (
        "failed: lead-3 summarize: unsupported +0.8 [+0.4, +1.2]: a loss beyond the tolerance of "
        "0.3 is shown"
    ) in capsys.readouterr().out
    assert _gate(before, after, *overlap, "--tolerance", "unsupported=0.4", "--json") == 0
    (verdict,) = [
        verdict
        for verdict in json.loads(capsys.readouterr().out)["verdicts"]
        if verdict["metric"] == "unsupported" and verdict["name"]["model"] == "lead-3"
    ]
    decision = verdict["decision"]
    assert decision["loss"] == pytest.approx(0.8)
    assert decision["loss_low"] == pytest.approx(0.8 - 2.131847 * 0.2, abs=1e-6)
    assert decision["loss_high"] == pytest.approx(0.8 + 2.131847 * 0.2, abs=1e-6)
    assert decision["possible_loss"] is None
    assert _gate(before, after, *overlap, "--non-inferiority", "unsupported=1.3") == 0
    assert _gate(before, after, "--non-inferiority", "unsupported=1.2") == 1
    assert _gate(after, before, *overlap, "--tolerance", "unsupported=0") == 0  # fewer is no loss


def test_what_has_no_score_any_more_is_told_and_is_not_shown_to_be_no_worse(
    suite: Path,
    telling: Callable[[str, int], Path],
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
) -> None:
    """A summary without a word has nothing unsupported, and passes by that no standard."""
    before = telling("before", 1)
    silence = small_runs.replacing_texts(
        suite, "lead-3", "summarize",
        lambda line: "" if line["example"] == "b" else line["text"],
    )  # fmt: skip
    silent = small_runs.changed_copy(before, tmp_path / "silent", silence)
    why = "unsupported did not change, though 1 output differs; 1 example has no unsupported any more, such as b"
    arguments = ["--tolerance", "rougeLsum=0.9", "--json"]
    for option, state in (("--tolerance", "passed"), ("--non-inferiority", "failed")):
        _gate(before, silent, *arguments, option, "unsupported=0.5")
        verdicts = json.loads(capsys.readouterr().out)["verdicts"]
        (verdict,) = [
            verdict
            for verdict in verdicts
            if verdict["metric"] == "unsupported" and verdict["name"]["model"] == "lead-3"
        ]
        assert verdict["state"] == state
        assert verdict["reason"].replace(": the loss on these examples is 0.0", "") == why
    assert main(["compare", str(before), str(silent), "--metrics", "unsupported"]) == 0
    assert (
        "lead-3 summarize, unsupported: of some texts there is no score, and these are in no mean: "
        "scored in the base alone 1 (such as b)."
    ) in " ".join(capsys.readouterr().out.split())


def test_a_standard_may_be_of_one_scope(base: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """The record has an event, of which alone no loss can be shown to be below a margin."""
    arguments = ["--non-inferiority", "support@article=0.1", "--tolerance", "f1@event=0.2"]
    assert _gate(FROZEN, FROZEN, *arguments, "--json") == 0
    gate = json.loads(capsys.readouterr().out)
    standards = {
        (one["metric"], one["name"]["scope"]): (
            one["standard"]["name"],
            one["standard"]["allowance"],
        )
        for one in gate["verdicts"]
    }
    assert standards == {
        ("rougeLsum", "article"): ("regression", 0), ("rougeLsum", "event"): ("regression", 0),
        ("support", "article"): ("non-inferiority", 0.1),
        ("f1", "article"): ("regression", 0), ("f1", "event"): ("regression", 0.2),
    }  # fmt: skip
    for name, message in (
        ("f1@evnt", "there is no scope 'evnt', only article and event"),
        ("f1@event", f"{base} has no row of events with f1"),
    ):
        assert _gate(base, base, "--tolerance", f"{name}=0.1") == 2
        (line,) = capsys.readouterr().err.splitlines()
        assert message in line


def test_a_metric_that_one_run_lacks_is_one_line(
    base: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    def without(line: small_runs.Line) -> small_runs.Line:
        return line | {"scores": {n: s for n, s in line["scores"].items() if n != "support"}}

    old = small_runs.changed_copy(base, tmp_path / "old", without)
    small_runs.edit_board(
        old, lambda board: [row["metrics"].pop("support", 0) for row in board["rows"]]
    )
    for runs in ((old, base), (base, old)):
        assert _gate(*runs, "--tolerance", "support=0") == 2
        assert main(["compare", *map(str, runs), "--metrics", "support"]) == 2
        printed = capsys.readouterr()
        assert printed.out == ""
        lines = printed.err.splitlines()
        assert [line.partition(": ")[2] for line in lines] == [
            f"{option}: {old} was scored without support; `harness eval` again, as that run was "
            "made, scores its stored predictions anew without a model"
            for option in ("--tolerance", "--metrics")
        ]
    assert _gate(old, base) == 0  # by the primary metrics, which both have
