import json
from pathlib import Path

import pytest

from harness.cli import main
from harness.errors import DataError, MetricError, UsageError
from harness.metrics.canaries import check_canaries
from harness.metrics.options import MetricOptions, task_metrics
from harness.metrics.own.metric import OwnMetric, named_metric
from harness.own_code.file import OwnCode
from harness.suite.suite import read_suite
from tests import small_runs
from tests.own import METRIC, metric

BODY = "class Brevity:\n    {}\n    def score(self, prediction, references{}):\n        {}\n"


def _own(folder: Path, text: str = METRIC, **options: object) -> OwnMetric:
    return OwnMetric(OwnCode(metric(folder, text), "Brevity", options))


def test_it_stands_beside_the_others_with_a_signature_of_its_own(tmp_path: Path) -> None:
    own = _own(tmp_path)
    family = task_metrics("answer", MetricOptions(own=(own,)))
    scores = family.score(" ".join(["word"] * 40), ["word"])
    assert scores["brevity"] == 0.5  # 20 / 40
    assert scores["contains"] == 1.0
    kind, *parts = family.signatures["brevity"].split("|")
    assert kind == "brevity"
    assert parts[:3] == ["own", "version:1", "file:my_metric.py"]
    changed = _own(tmp_path, METRIC + "# changed\n")
    assert changed.signature != own.signature
    check_canaries("answer", family)
    check_canaries("summarize", task_metrics("summarize", MetricOptions(own=(own,))))


def test_one_that_asks_for_the_article_gets_it(tmp_path: Path) -> None:
    text = BODY.format("name = 'share'", ", article", "return len(prediction) / len(article)")
    family = task_metrics("answer", MetricOptions(own=(_own(tmp_path, text),)))
    assert "share" not in family.score("ab", ["ab"])
    scored = getattr(family, "score_with_article")("ab", ["ab"], "abcd")  # noqa: B009
    assert (scored["share"], scored["exact_match"]) == (0.5, 1.0)


@pytest.mark.parametrize(
    ("attributes", "body", "said"),
    [
        ("low = 0", "return 2.0", "'gold against gold' has failed: it is 2.0, and must be from 0"),
        ("low = 0", "return float('nan')", "it is nan, and must be from 0 to 1"),
        ("low = 0", "return 'much'", "score returned 'much', no number"),
        ("low = 0", "return None", "score returned None, no number"),
        ("low = 0", "return references[0]['x']", r"failed: TypeError: .* \(line 4\)"),
        ("low = 0", "return 1 / len(prediction)", "'empty prediction' has failed: .*ZeroDivision"),
        ("n = [0]", "self.n.append(0); return 1 / len(self.n)", "'the same again' has failed"),
        (
            "direction = 'lower'",
            "return float(prediction in references)",
            "'shuffled pairs' has failed: golds against themselves have 1, and 0 against others: is",
        ),
    ],
)
def test_the_canaries_stop_a_broken_one(
    tmp_path: Path, attributes: str, body: str, said: str
) -> None:
    own = _own(tmp_path, BODY.format(attributes, "", body))
    with pytest.raises(MetricError, match=said) as raised:
        check_canaries("summarize", task_metrics("summarize", MetricOptions(own=(own,))))
    assert "\n" not in str(raised.value)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("import nothing_of_the_kind", "cannot be imported: ModuleNotFoundError"),
        ("class Brevity: pass", "the class Brevity has no `score`"),
        (BODY.format("low, high = 1, 1", "", "return 1"), "a range from 1 to 1 is empty"),
        (BODY.format("role = 'best'", "", "return 1"), "its role must be of ranked, gated, shown"),
        (BODY.format("direction = 'up'", "", "return 1"), "its direction must be of higher, lower"),
        (BODY.format("tasks = ('sing',)", "", "return 1"), "its tasks must be of summarize and"),
        (BODY.format("name = 'f1'", "", "return 1"), "another one is called 'f1'"),
    ],
)
def test_a_wrong_class_is_told_in_one_line(tmp_path: Path, text: str, said: str) -> None:
    with pytest.raises(MetricError, match=said):
        task_metrics("answer", MetricOptions(own=(_own(tmp_path, text),)))


def test_what_names_it_must_be_there(tmp_path: Path) -> None:
    for text, said in (("my_metric", "must be FILE:CLASS"), ("no.py:A", "there is no file no.py")):
        with pytest.raises(UsageError, match=said):
            named_metric(text, "--score-with", "golden_harness.metrics")


@pytest.fixture(scope="module")
def suite(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A small suite whose manifest names a metric of its own, and chrF."""
    folder = small_runs.suite(tmp_path_factory.mktemp("own") / "mine", 3, 2)
    metric(folder / "seeds")
    manifest = folder / "seeds" / "manifest.toml"
    table = '[metrics.short]\nfile = "my_metric.py"\nclass = "Brevity"\n[metrics.chrf]\n'
    manifest.write_text(manifest.read_text("utf-8") + table, encoding="utf-8")
    return folder


def test_a_manifest_names_it_and_verify_recomputes_it_where_that_is_allowed(
    suite: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out = tmp_path / "results"
    command = ["eval", "--suite", str(suite), "--models", "lead-3", "--out", str(out), "--json"]
    assert main(command) == 0
    said = capsys.readouterr()
    assert "runs the programs" in said.err
    board = json.loads(said.out)
    (lead,) = [row for row in board["rows"] if row["model"] == "lead-3"]
    assert {"short", "chrf"} <= lead["metrics"].keys()
    code = board["metrics"]["short"]["code"]
    assert (code["file"], code["class_name"]) == ("../../own0/mine/seeds/my_metric.py", "Brevity")
    for line in map(json.loads, (out / "predictions.jsonl").read_text("utf-8").splitlines()):
        expected = min(1.0, 20 / max(1, len(line["text"].split())))
        assert line["scores"]["short"] == expected
    assert main(["verify", str(out)]) == 2
    assert "my_metric.py, which was not run; read it, and add --allow-code" in (
        capsys.readouterr().err
    )
    assert main(["verify", str(out), "--allow-code"]) == 0
    small_runs.changed_copy(
        out, tmp_path / "changed", lambda line: line | {"scores": line["scores"] | {"short": 0.25}}
    )
    assert main(["verify", str(tmp_path / "changed"), "--allow-code"]) == 1
    assert "short: stored 0.25, recomputed" in capsys.readouterr().out
    file = suite / "seeds" / "my_metric.py"
    file.write_text(METRIC.replace("20", "30"), encoding="utf-8")
    assert main(["verify", str(out), "--allow-code"]) == 2
    assert "was computed by another" in capsys.readouterr().err
    file.write_text(METRIC, encoding="utf-8")


def test_a_score_outside_its_range_names_the_example(
    suite: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    body = "return 7.0 if 'aplace' in prediction else 0.0"
    path = metric(tmp_path, BODY.format("name = 'odd'; direction = 'neither'", "", body))
    out = tmp_path / "results"
    command = ["eval", "--suite", str(suite), "--models", "lead-3", "--out", str(out)]
    assert main([*command, "--tasks", "summarize", "--score-with", f"{path}:Brevity"]) == 2
    assert "harness: a: odd is 7.0, which is none of its scores: they go from 0 to 1" in (
        capsys.readouterr().err
    )
    assert (out / "predictions.sqlite").is_file()  # nothing that was predicted is lost


def test_it_may_be_the_primary_one(
    suite: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    text = METRIC.replace('name = "brevity"', 'name = "brevity"\n    role = "ranked"')
    path = metric(tmp_path, text)
    command = ["eval", "--suite", str(suite), "--models", "lead-3", "--out", str(tmp_path / "r")]
    command += ["--score-with", f"{path}:Brevity", "--primary", "summarize=brevity", "--json"]
    assert main([*command, "--tasks", "summarize"]) == 0
    assert json.loads(capsys.readouterr().out)["primary"] == {"summarize": "brevity"}


def test_outputs_made_elsewhere_are_scored_by_it(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "gold.jsonl").write_text('{"id": "1", "answers": ["Rome"]}\n', encoding="utf-8")
    (tmp_path / "said.jsonl").write_text('{"id": "1", "prediction": "Rome"}\n', encoding="utf-8")
    files = ["--references", str(tmp_path / "gold.jsonl")]
    files += ["--predictions", str(tmp_path / "said.jsonl")]
    assert main(["score", *files, "--score-with", f"{metric(tmp_path)}:Brevity", "--json"]) == 0
    (row,) = json.loads(capsys.readouterr().out)["rows"]
    assert row["metrics"]["brevity"]["mean"] == 1.0
    asking = metric(tmp_path, METRIC.replace("references)", "references, article)"))
    assert main(["score", *files, "--score-with", f"{asking}:Brevity"]) == 2
    assert "asks for the article" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("table", "said"),
    [
        ("[metrics.short]\n", "there is no metric 'short'"),
        ('[metrics.short]\nfile = "my_metric.py"\n', "needs `class` too"),
        ('[metrics.short]\nclass = "Brevity"\n', "needs `file` too"),
        ('[metrics.short]\nfile = "no.py"\nclass = "Brevity"\n', "no.py: cannot be read"),
        ('[metrics.short]\nfile = "my_metric.py"\nclass = "B"\n', "has no class 'B'"),
        ('[metrics.short]\nfiles = "x"\n', "files: must be a list"),
    ],
)
def test_a_wrong_table_in_a_manifest_is_told(
    suite: Path, tmp_path: Path, table: str, said: str
) -> None:
    folder = small_runs.suite(tmp_path / "mine", 1, 1)
    metric(folder / "seeds")
    manifest = folder / "seeds" / "manifest.toml"
    manifest.write_text(manifest.read_text("utf-8") + table, encoding="utf-8")
    with pytest.raises(DataError, match=f"metrics.short.*{said}"):
        read_suite(folder)
