import json
import socket
from pathlib import Path
from typing import Any

import jsonschema
import pytest
import yaml

from harness.cli import main
from harness.export.exported import hub_data_set
from harness.leaderboard.run_folder import read_run
from harness.suite.opening import open_suite
from tests import small_runs

SCHEMAS = Path(__file__).parent / "schemas"


@pytest.fixture(scope="module")
def suite(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return small_runs.suite(tmp_path_factory.mktemp("export") / "birds", 3, 2)


@pytest.fixture(scope="module")
def run(suite: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A run of floors of which one prediction failed."""
    folder = small_runs.run(suite, tmp_path_factory.mktemp("export") / "run")

    def one_fails(line: small_runs.Line) -> small_runs.Line:
        is_it = (line["model"], line["example"]) == ("lead-3", "b")
        return small_runs.failing(line) if is_it else line

    small_runs.changed_copy(folder, folder, one_fails)

    def counted(board: dict[str, Any]) -> None:
        counts = small_runs.row(board, "lead-3", "summarize")["counts"]
        counts.update(ok=2, error=1)

    return small_runs.edit_board(folder, counted)


def _read_lines(path: Path) -> list[Any]:
    return [json.loads(line) for line in path.read_text("utf-8").splitlines()]


def _export(run: Path, out: Path, *options: str) -> list[Path]:
    assert main(["export", str(run), "--out", str(out), *options, "-q"]) == 0
    return sorted(path.relative_to(out) for path in out.rglob("*") if path.is_file())


def test_every_eval_ever_takes_each_file_and_line(
    run: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """By the format's own schemas, 0.3.0, of the package every-eval-ever."""
    options = ["--to", "every-eval-ever", "--models", "lead-3,no-answer", "--organization", "us"]
    files = _export(run, tmp_path, *options)
    assert len(files) == 4
    said = capsys.readouterr().out
    assert "lead-3 summarize: 1 of 3 predictions failed" in said
    assert "no room for comparisons" in said
    schemas = {
        suffix: jsonschema.Draft7Validator(json.loads((SCHEMAS / name).read_text("utf-8")))
        for suffix, name in (
            (".json", "eval.schema.json"), (".jsonl", "instance_level_eval.schema.json"),
        )
    }  # fmt: skip
    board = json.loads((run / "leaderboard.json").read_text("utf-8"))
    for file in files:
        lines = (tmp_path / file).read_text("utf-8")
        documents = lines.splitlines() if file.suffix == ".jsonl" else [lines]
        for document in map(json.loads, documents):
            schemas[file.suffix].validate(document)
        if file.suffix == ".jsonl":
            continue
        (content,) = map(json.loads, documents)
        model = content["model_info"]["additional_details"]["roster_name"]
        instances = tmp_path / content["detailed_evaluation_results"]["file_path"]
        rows = [json.loads(line) for line in instances.read_text("utf-8").splitlines()]
        assert len(rows) == content["detailed_evaluation_results"]["total_rows"]
        assert file.stem + "_samples.jsonl" == instances.name
        for result in content["evaluation_results"]:
            task, scope, metric = result["evaluation_result_id"].split("-", 2)
            stated = small_runs.row(board, model, task)["metrics"][metric]
            assert (scope, result["score_details"]["score"]) == ("article", stated["mean"])
            signature = result["metric_config"]["metric_parameters"]["signature"]
            assert signature == stated["signature"]
            own = [r for r in rows if r["evaluation_result_id"] == result["evaluation_result_id"]]
            failed = int(result["score_details"]["details"]["failed"])
            expected = int(result["score_details"]["details"]["expected"])
            assert len(own) <= expected - failed
            assert {row["evaluation_id"] for row in own} <= {content["evaluation_id"]}
    again = tmp_path / "again"
    assert _export(run, again, *options) == files  # the same run is the same files


def test_a_run_of_floors_alone_is_asked_what_to_export(
    run: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    for options, said in (
        (["--to", "hub"], "has rows of floors alone; name what to export with --models, of"),
        (["--to", "hub", "--models", "lead"], "the run has no row 'lead'; did you mean lead-3"),
        (["--to", "hub", "--models", "lead-3"], "its suite is not on the Hub; name the data set's"),
        (["--to", "lm-eval", "--url", "x"], "--url: lm-eval has no room for it"),
        (["--to", "lm-eval", "--out", str(run)], "is the folder of a run; choose another"),
    ):
        assert main(["export", str(run), "--out", str(tmp_path), *options]) == 2
        assert said in capsys.readouterr().err


def test_the_hub_takes_results_and_the_model_index(run: Path, tmp_path: Path) -> None:
    """By the readers of huggingface_hub: `EvalResultEntry`, and `model_index_to_eval_results`."""
    hub = pytest.importorskip("huggingface_hub")
    from huggingface_hub._eval_results import parse_eval_result_entries

    options = ["--models", "lead-3,no-answer", "--dataset", "us/birds", "--url", "https://x.org/r"]
    files = _export(run, tmp_path, "--to", "hub", *options)
    assert list(map(str, files)) == [
        "eval.yaml",
        "local/lead-3/.eval_results/birds.yaml",
        "local/lead-3/model-index.yaml",
        "local/no-answer/.eval_results/birds.yaml",
        "local/no-answer/model-index.yaml",
    ]
    folder = tmp_path / "local" / "no-answer"
    listed = yaml.safe_load((folder / ".eval_results" / "birds.yaml").read_text("utf-8"))
    entries = {entry["dataset"]["task_id"]: entry for entry in listed}
    assert set(entries) >= {"answer_f1", "answer_exact_match"}
    board = json.loads((run / "leaderboard.json").read_text("utf-8"))
    row = small_runs.row(board, "no-answer", "answer")
    assert entries["answer_f1"]["value"] == row["metrics"]["f1"]["mean"]
    assert all(isinstance(entry["date"], str) for entry in listed)  # in quotes, so no YAML date
    assert row["metrics"]["f1"]["signature"] in entries["answer_f1"]["notes"]
    parsed = parse_eval_result_entries(listed)
    assert [entry.value for entry in parsed] == [entry["value"] for entry in listed]
    tasks = yaml.safe_load((tmp_path / "eval.yaml").read_text("utf-8"))["tasks"]
    assert {task["id"] for task in tasks} >= set(entries)
    index = yaml.safe_load((folder / "model-index.yaml").read_text("utf-8"))
    card = hub.ModelCardData(**index)
    found = {result.metric_name: result.metric_value for result in card.eval_results}
    assert found["f1"] == row["metrics"]["f1"]["mean"]


@pytest.mark.parametrize(
    ("location", "name"),
    [
        (f"hub:abisee/cnn:1.0@{'a' * 40}#test", "abisee/cnn"),
        (f"squad:rajpurkar/squad@{'a' * 40}", "rajpurkar/squad"),
        ("squad:./a.json", None),
        ("data:a/b.jsonl", None),
        ("runs/birds", None),
        (None, None),
    ],
)
def test_a_data_set_of_the_hub_is_known_by_its_location(
    run: Path, tmp_path: Path, location: str | None, name: str | None
) -> None:
    copied = small_runs.changed_copy(run, tmp_path / "copied", lambda line: line)
    small_runs.edit_board(copied, lambda board: board["suite"].update(location=location))
    assert hub_data_set(read_run(copied)) == name


def _offline(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let nobody be asked: whoever asks fails."""

    def refused(*arguments: object, **others: object) -> None:
        raise AssertionError("the network was asked")

    monkeypatch.setattr(socket.socket, "connect", refused)
    monkeypatch.setattr(socket, "getaddrinfo", refused)


def test_load_dataset_reads_both_tasks(
    suite: Path, run: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """By `datasets` itself: the rows of the suite, with the features that the card says."""
    datasets = pytest.importorskip("datasets")
    _offline(monkeypatch)
    out = tmp_path / "out"
    _export(run, out, "--to", "datasets")
    own = open_suite(suite)
    cache = str(tmp_path / "cache")
    assert datasets.get_dataset_config_names(str(out)) == ["summarize", "answer"]
    summaries = datasets.load_dataset(str(out), "summarize", cache_dir=cache)["test"]
    assert [(row["id"], row["article"], tuple(row["references"])) for row in summaries] == [
        (e.id, e.query.context, e.references) for e in own.examples("summarize")
    ]
    answers = datasets.load_dataset(str(out), "answer", cache_dir=cache)["test"]
    assert [
        (row["id"], row["article_id"], row["article"], row["question"], tuple(row["answers"]))
        for row in answers
    ] == [
        (e.id, e.cluster, e.query.context, e.query.question, e.references)
        for e in own.examples("answer")
    ]


@pytest.mark.parametrize("name", ["demo", "birds"])
def test_the_exported_folder_is_that_suite_again(
    name: str, suite: Path, run: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """With events, evidence and lengths: it has the same hash, so its runs may be held together."""
    out, again = tmp_path / "out", tmp_path / "again"
    if name == "demo":
        run = tmp_path / "run"
        assert main(["eval", "--suite", "demo", "--models", "lead-3", "--out", str(run), "-q"]) == 0
    _export(run, out, "--to", "datasets")
    own = open_suite(suite if name == "birds" else "demo")
    assert open_suite(out).hash == own.hash
    options = ["--models", "lead-3", "--out", str(again), "-q"]
    assert main(["eval", "--suite", str(out), *options]) == 0
    capsys.readouterr()
    if name == "demo":
        assert main(["gate", str(again), "--baseline", str(run)]) == 0


def test_a_task_of_it_is_a_data_set(
    suite: Path, run: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Named by its TOML file: the same means over the same articles. And that is exported again."""
    _export(run, tmp_path / "out", "--to", "datasets")
    means = {}
    for name in (suite, tmp_path / "out" / "answer.toml"):
        out = tmp_path / name.stem
        options = ["--models", "best-sentence", "--tasks", "answer", "--json", "-q"]
        capsys.readouterr()
        assert main(["eval", "--suite", str(name), "--out", str(out), *options]) == 0
        row = small_runs.row(json.loads(capsys.readouterr().out), "best-sentence", "answer")
        means[name.stem] = (row["metrics"]["f1"]["mean"], row["metrics"]["f1"]["clusters"])
    assert means["birds"] == means["answer"]
    files = _export(tmp_path / "answer", tmp_path / "twice", "--to", "datasets")
    assert list(map(str, files)) == ["README.md", "answer/test.jsonl", "answer.toml"]
    first, second = (tmp_path / name / "answer" / "test.jsonl" for name in ("out", "twice"))
    assert _read_lines(first) == _read_lines(second)
    for named, said in (
        (str(tmp_path / "twice"), "answer.toml describe data sets: name one"),
        (
            f"data:{tmp_path / 'out'}",
            "has the configurations summarize, answer; name one in a TOML",
        ),
    ):
        assert main(["eval", "--suite", named, "--out", str(tmp_path / "none")]) == 2
        assert said in capsys.readouterr().err


def test_a_card_of_ones_own_stays(
    run: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "README.md").write_text("# Mine\n", encoding="utf-8")
    assert main(["export", str(run), "--to", "datasets", "--out", str(tmp_path)]) == 2
    assert "README.md: is there already and is no data card" in capsys.readouterr().err
    assert list(tmp_path.iterdir()) == [tmp_path / "README.md"]


def test_tasks_of_lm_eval_score_as_the_run_was_scored(run: Path, tmp_path: Path) -> None:
    """What its `process_results` returns, called as lm-evaluation-harness calls it."""
    files = _export(run, tmp_path, "--to", "lm-eval")
    assert list(map(str, files)) == [
        "answer.jsonl", "golden_answer.yaml", "golden_scores.py", "golden_summarize.yaml",
        "summarize.jsonl",
    ]  # fmt: skip
    functions: dict[str, Any] = {}
    exec((tmp_path / "golden_scores.py").read_text("utf-8"), functions)  # noqa: S102
    docs = {
        task: {d["id"]: d for d in _read_lines(tmp_path / f"{task}.jsonl")}
        for task in ("summarize", "answer")
    }
    for line in _read_lines(run / "predictions.jsonl"):
        if line.get("error") or line["model"] not in ("lead-3", "no-answer"):
            continue
        doc = docs[line["task"]][line["example"]]
        assert functions[line["task"]](doc, [line["text"]]) == line["scores"]
    text = (tmp_path / "golden_answer.yaml").read_text("utf-8")
    task = yaml.safe_load(text.replace("!function ", ""))
    assert task["doc_to_target"] == "target"
    assert {"metric": "f1", "aggregation": "mean", "higher_is_better": True} in task["metric_list"]
    assert Path(task["dataset_kwargs"]["data_files"]["test"]).is_absolute()


def test_what_lm_eval_wrote_is_scored_and_the_difference_told(
    run: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Samples as lm-eval 0.4.13 writes them, whose exact_match is 1 where ours is 0."""
    _export(run, tmp_path, "--to", "lm-eval")
    docs = _read_lines(tmp_path / "answer.jsonl")
    samples = tmp_path / "samples_golden_answer.jsonl"
    samples.write_text(
        "".join(
            json.dumps(
                {
                    "doc_id": number, "doc": doc, "target": doc["target"], "arguments": {},
                    "resps": [["Unanswerable."]], "filtered_resps": ["Unanswerable."],
                    "exact_match": 1.0,
                }
            )
            + "\n"
            for number, doc in enumerate(docs)
        ),
        encoding="utf-8",
    )  # fmt: skip
    capsys.readouterr()
    files = ["--references", str(tmp_path / "answer.jsonl"), "--predictions", f"m={samples}"]
    assert main(["score", *files, "--task", "answer", "--reference-field", "references"]) == 0
    said = capsys.readouterr()
    assert "m: exact_match is 0 here and 1 by lm-eval, a difference of -1" in said.err
