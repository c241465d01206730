import os
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

import pytest

import harness
from harness import Metric, Model, Prediction, Query, Suite, UsageError, evaluate, read_run
from harness.api.suite import as_suite, open_suite
from harness.cli import main
from harness.errors import DataError
from harness.models.floors.lead import Lead
from harness.models.roster.roster import read_rosters

pd = pytest.importorskip("pandas")
ARTICLES = ["Ann met Bob in Rome. They signed a pact.", "Cy sold a boat in Oslo. It was old."]
REFERENCES: list[str | list[str]] = ["Ann met Bob.", ["Cy sold a boat.", "A boat was sold."]]
QUESTIONS: list[list[tuple[str, str | list[str]]]] = [
    [("Who met Bob?", "Ann"), ("Who paid?", [])],
    [("What was sold?", ["a boat"])],
]


def first_sentence(queries: list[Query]) -> list[str]:
    return [query.context.partition(".")[0] + "." for query in queries]


class Shouting:
    tasks = ("answer",)

    def predict(self, queries: list[Query]) -> list[Prediction]:
        return [Prediction("Ann", confidence=1.0) for _ in queries]


def brevity(prediction: str, references: Sequence[str]) -> float:
    return 1.0 if len(prediction.split()) < 5 else 0.0


def test_lists_functions_and_a_metric_make_a_run(tmp_path: Path) -> None:
    told: list[tuple[str, int, int]] = []
    suite = Suite.of(ARTICLES, REFERENCES, QUESTIONS)
    run = evaluate(
        suite,
        [Model(first_sentence, version="1", tasks=("summarize",)), Shouting(), "lead-3"],
        out=tmp_path / "run",
        metrics=[Metric(brevity, "brevity", tasks=("summarize",))],
        progress=lambda name, done, total: told.append((name, done, total)),
    )
    assert told[-1][1] == told[-1][2]
    assert {name for name, _, _ in told} >= {"first_sentence summarize", "Shouting answer"}
    row = run.row("first_sentence", "summarize")
    # "Ann met Bob in Rome." has five words, "Cy sold a boat in Oslo." has six.
    assert (row.metrics["brevity"].mean, row.metrics["words"].mean) == (0.0, 5.5)
    assert run.row("Shouting", "answer").metrics["exact_match"].mean == pytest.approx(1 / 3)
    assert run.failed == 0
    table = run.table()
    line = table[(table.model == "Shouting") & (table.metric == "f1")].iloc[0]
    assert (line["primary"], line["n"]) == (True, 3)
    said = {(one.model, one.example): one for one in run.examples()}
    one = said["first_sentence", "2-1"]
    assert (one.text, one.references) == (
        "Cy sold a boat in Oslo.", ("Cy sold a boat.", "A boat was sold."),
    )  # fmt: skip
    assert "| Shouting" in run._repr_markdown_()
    assert read_run(run.folder).rows == run.rows
    again = evaluate(
        suite, [Model(first_sentence, version="1", tasks=("summarize",))], out=tmp_path / "run"
    )
    assert again.row("first_sentence", "summarize").counts.cached == 2
    assert main(["verify", str(again.folder)]) == 0


def test_without_a_version_a_function_is_asked_anew(tmp_path: Path) -> None:
    for _ in range(2):
        run = evaluate(Suite.of(ARTICLES, REFERENCES), {"mine": first_sentence}, out=tmp_path)
        assert run.row("mine", "summarize").counts.cached == 0


def test_a_metric_of_a_program_is_not_computed_again_by_the_command(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    metric = Metric(brevity, "brevity")
    evaluate(Suite.of(ARTICLES, REFERENCES), ["lead-3"], out=tmp_path, metrics=[metric])
    assert main(["verify", str(tmp_path), "--allow-code"]) == 2
    assert "brevity of a program computed a metric" in capsys.readouterr().err


def test_entries_and_models_of_the_package_are_models(tmp_path: Path) -> None:
    entry = read_rosters()["random-3"]
    with pytest.raises(UsageError, match="another one is called 'random-3'"):
        evaluate("demo", [entry], out=tmp_path)
    run = evaluate("demo", {"two": Lead(sentences=2)}, out=tmp_path, limit=1)
    assert run.row("two", "summarize").counts.ok == 1


def test_a_function_that_fails_is_counted(tmp_path: Path) -> None:
    def partly(queries: list[Query]) -> list[str]:
        return [query.context for query in queries if "Ann" in query.context]

    run = evaluate(Suite.of(ARTICLES, REFERENCES), [partly], out=tmp_path, floors=False)
    assert run.failed == 1
    errors = {one.example: one.error for one in run.examples() if one.model == "partly"}
    assert errors["1"] is None
    assert "predict returned 0 outputs for 1 query" in str(errors["2"])


@pytest.mark.parametrize("shape", ["frame", "dataset", "dicts"])
def test_tables_are_suites(shape: str) -> None:
    rows = [{"document": a, "summary": "x y"} for a in ARTICLES]
    table: object = rows
    if shape == "frame":
        table = pd.DataFrame(rows)
    elif shape == "dataset":
        datasets = pytest.importorskip("datasets")
        table = datasets.Dataset.from_list(rows)
    examples = as_suite(table).examples("summarize")
    assert [example.query.context for example in examples] == ARTICLES
    named = Suite.of_table(table, {"article": "summary", "reference": "document"})
    assert named.examples("summarize")[0].references == (ARTICLES[0],)


@pytest.mark.parametrize("missing", [pd.NA, pd.NaT, float("nan"), None])
def test_what_is_missing_of_a_frame_is_no_text(missing: object) -> None:
    """Whichever of its values pandas has for that: none of them is a summary."""
    table = pd.DataFrame({"article": ARTICLES, "summary": ["Ann met Bob.", missing]})
    with pytest.raises(DataError, match=r":2: summary: must be a text.*, not null"):
        Suite.of_table(table).open()


def test_a_suite_has_its_examples() -> None:
    suite = Suite.of(ARTICLES, questions=QUESTIONS)
    assert [e.references for e in suite.examples("answer")] == [("Ann",), (), ("a boat",)]
    assert len(open_suite("demo").examples("summarize")) == 4  # three articles and an event


@pytest.mark.parametrize(
    ("call", "said"),
    [
        (lambda: Suite.of(ARTICLES), "give references, questions, or both"),
        (lambda: Suite.of(ARTICLES, ["a"]), "there are 2 articles and 1 references"),
        (lambda: Suite.of(ARTICLES, REFERENCES, [[("a", "b")], []]), "article 1 has no question"),
        (lambda: as_suite(3), "not a int"),
        (lambda: as_suite({"test": []}), "name one of its splits"),
        (lambda: as_suite(["a"]), "row 0 is a str, and must be a dict"),
        (
            lambda: Suite.of_table([], {"articles": "x"}),
            "there is no role 'articles'; did you mean",
        ),
    ],
)
def test_what_is_no_suite_is_told(call: object, said: str) -> None:
    assert callable(call)
    with pytest.raises(UsageError, match=said):
        call()


def test_what_is_no_model_is_told(tmp_path: Path) -> None:
    for models, said in (
        ([3], "3 is no model"),
        ([Shouting], "is no model"),
        ([Shouting(), Shouting()], "two are called 'Shouting'"),
        ("lead-3", "must be a list"),
    ):
        with pytest.raises(UsageError, match=said):
            evaluate("demo", models, out=tmp_path)


def test_a_notebook_shows_the_page(tmp_path: Path) -> None:
    pytest.importorskip("vl_convert")
    run = evaluate(Suite.of(ARTICLES, REFERENCES), ["lead-3"], out=tmp_path)
    shown = run.report()._repr_html_()
    assert shown.startswith('<iframe sandbox="allow-scripts"')
    assert "&lt;!doctype html&gt;" in shown


def test_the_package_has_all_that_it_names() -> None:
    for name in harness.__all__:
        assert getattr(harness, name)
    check = "import harness, sys; print('pydantic' in sys.modules, 'numpy' in sys.modules)"
    finished = subprocess.run(
        [sys.executable, "-c", check], capture_output=True, text=True, check=True, timeout=600
    )
    assert finished.stdout.split() == ["False", "False"]


CLIENT = """\
from pathlib import Path

from harness import Metric, Model, Query, Suite, evaluate, read_run


def first(queries: list[Query]) -> list[str]:
    return [query.context.split(".")[0] for query in queries]


run = evaluate(Suite.of(["A b. C."], ["A b."]), [Model(first, version="1")], out=Path("run"))
mean: float | None = run.row("first", "summarize").metrics["rouge1"].mean
texts: list[str] = [example.text for example in read_run("run").examples()]
short = Metric(lambda prediction, references: 1.0, "short")
"""


@pytest.mark.minutes
def test_a_client_is_typed(tmp_path: Path) -> None:
    pytest.importorskip("mypy")
    (tmp_path / "client.py").write_text(CLIENT, encoding="utf-8")
    command = [sys.executable, "-m", "mypy", "--strict", "--follow-imports=silent", "client.py"]
    root = Path(harness.__file__).parents[1]
    finished = subprocess.run(
        command,
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=False,
        timeout=1200,
        env=os.environ | {"MYPYPATH": str(root)},
    )
    assert finished.returncode == 0, finished.stdout
