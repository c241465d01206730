import json
import pickle
import sys
from pathlib import Path

import pytest

from harness.cli import main
from harness.errors import DataError, ModelError
from harness.models.model import Model
from harness.models.roster.roster import read_rosters
from harness.records import Prediction, Query
from tests.own import MODEL, roster

QUERIES = [Query("summarize", f"{n} two three four") for n in ("one", "uno", "eins")]
RAISES = "class FirstWords:\n    def predict(self, queries):\n        {}\n"


def _model(folder: Path, text: str = MODEL, more: str = "") -> Model:
    return read_rosters([roster(folder, text, more)])["mine"].model


def test_texts_are_predictions_and_what_is_printed_is_no_result(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    model = _model(tmp_path, more="options = { words = 2 }\n")
    assert model.tasks == ("summarize",)
    assert model.predict(QUERIES) == [
        Prediction("one two"), Prediction("uno two"), Prediction("eins two"),
    ]  # fmt: skip
    said = capsys.readouterr()
    assert (said.out, said.err) == ("", "said on stdout\n")


def test_the_class_may_load_unload_and_say_its_batch(tmp_path: Path) -> None:
    text = (
        "class FirstWords:\n"
        "    batch_size = 2\n"
        "    def load(self):\n        self.seen = []\n"
        "    def unload(self):\n        open('unloaded', 'w').close()\n"
        "    def predict(self, queries):\n"
        "        self.seen.append(len(queries))\n"
        "        from harness.records import Prediction\n"
        "        return (Prediction(str(self.seen), confidence=0.5) for _ in queries)\n"
    ).replace("'unloaded'", f"{str(tmp_path / 'unloaded')!r}")
    model = _model(tmp_path, text)
    assert model.tasks == ("summarize", "answer")
    model.prepare()
    assert model.batch_size(QUERIES[0]) == 2
    assert model.predict(QUERIES[:1]) == [Prediction("[1]", confidence=0.5)]
    model.unload()
    assert (tmp_path / "unloaded").exists()
    assert model.predict(QUERIES[:1]) == [Prediction("[1]", confidence=0.5)]  # it is loaded anew


@pytest.mark.parametrize(
    ("body", "said"),
    [
        ("return ['a']", "predict returned 1 outputs for 3 queries; it must return one for each"),
        ("return 'abc'", "predict returned a str; it must return a list with a text for each"),
        ("return None", "predict returned None; it must return a list"),
        ("return {q: '' for q in queries}", "predict returned a dict"),
        ("raise KeyError('x')", r"predict failed: KeyError: 'x' \(line 3\)"),
        ("import sys; sys.exit(3)", r"predict failed: it called exit\(3\)"),
    ],
)
def test_outputs_that_are_none_are_told_in_one_line(tmp_path: Path, body: str, said: str) -> None:
    model = _model(tmp_path, RAISES.format(body))
    with pytest.raises(ModelError, match=f"my_model.py:FirstWords: {said}") as raised:
        model.predict(QUERIES)
    assert "\n" not in str(raised.value)


def test_one_output_that_is_no_text_fails_alone(tmp_path: Path) -> None:
    model = _model(tmp_path, RAISES.format("return ['a', 3, None]"))
    good, number, nothing = model.predict(QUERIES)
    assert good == Prediction("a")
    assert "returned a int for this query" in str(number.error)
    assert "returned None for this query" in str(nothing.error)


def test_a_text_that_is_never_done_scoring_fails_alone(tmp_path: Path) -> None:
    body = "return ['a' * 1_000_000, 'a' * 1_000_001, Prediction('é' * 1_234_567)]"
    source = RAISES.format(body).replace(
        "class ", "from harness.records import Prediction\nclass ", 1
    )
    longest, longer, record = _model(tmp_path, source).predict(QUERIES)
    assert longest.error is None
    told = "predict returned a text of 1,000,001 characters; the most that are scored are 1,000,000"
    assert told in str(longer.error)
    assert "1,234,567 characters" in str(record.error)
    assert longer.text == record.text == ""


@pytest.mark.parametrize(
    ("text", "more", "said"),
    [
        ("x = (", "", "my_model.py:1: is no Python: '\\(' was never closed"),
        ("class Other: pass", "", "has no class 'FirstWords'; it has Other"),
        (
            "def FirstWords(queries): return []",
            "",
            "has no class 'FirstWords', but a function of that name; make it a method of a class",
        ),
        ("class FirstWords: pass", "", "the class FirstWords has no `predict`; write one"),
        (MODEL.replace("summarize", "sum"), "", "tasks has 'sum'; there are summarize and answer"),
        (MODEL, "files = ['no.py']\n", "no.py: there is no such file; `files` names it"),
        (MODEL, "option = {}\n", "option: unknown key; did you mean options"),
        (MODEL, "options = { a = 2026-01-01 }\n", "options: must be texts, numbers"),
    ],
)
def test_a_wrong_file_is_told_without_being_run(
    tmp_path: Path, text: str, more: str, said: str
) -> None:
    with pytest.raises(DataError, match=said):
        _model(tmp_path, "open('/nowhere/at/all')\n" + text if "(" not in text[:5] else text, more)


@pytest.mark.parametrize(
    ("text", "more", "said"),
    [
        ("import nothing_of_the_kind\n" + MODEL, "", "cannot be imported: ModuleNotFoundError"),
        (MODEL, "options = { word = 3 }\n", "its options do not fit: got an unexpected keyword"),
        ("class A: pass\nclass FirstWords(A): pass", "", "the class FirstWords has no `predict`"),
        ("import beside\n" + MODEL, "", 'imports beside.py, .* name it in  files = \\["beside.py"'),
    ],
)
def test_what_running_it_shows_is_told_before_the_run(
    tmp_path: Path, text: str, more: str, said: str
) -> None:
    (tmp_path / "beside.py").write_text("x = 1\n", encoding="utf-8")
    model = _model(tmp_path, text, more)
    with pytest.raises(ModelError, match=said):
        model.import_code()


def test_two_folders_may_have_modules_of_one_name(tmp_path: Path) -> None:
    texts = []
    for name in ("a", "b"):
        folder = tmp_path / name
        folder.mkdir()
        (folder / "beside.py").write_text(f"word = {name!r}\n", encoding="utf-8")
        body = "import beside; return [beside.word for _ in queries]"
        model = _model(folder, RAISES.format(body), 'files = ["beside.py"]\n')
        texts += [prediction.text for prediction in model.predict(QUERIES[:1])]
    assert texts == ["a", "b"]
    assert "beside" not in sys.modules


def test_the_identity_holds_the_files_the_options_and_versions(tmp_path: Path) -> None:
    def identity(more: str = "", beside: str = "x = 1", text: str = MODEL) -> object:
        (tmp_path / "beside.py").write_text(beside, encoding="utf-8")
        return _model(tmp_path, text, f'files = ["beside.py"]\n{more}').identity("summarize")

    first = identity()
    assert identity() == first
    assert identity("options = { words = 3 }\n") != first
    assert identity(beside="x = 2") != first
    assert identity(text=MODEL + "\n# changed\n") != first
    assert identity('packages = ["numpy"]\n') != first


def test_a_run_isolates_failures_resumes_and_can_be_verified(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    text = (
        "class FirstWords:\n    def predict(self, queries):\n"
        "        return [q.context[:50] for q in queries if 'ridge' not in q.context]\n"
    )
    path = roster(tmp_path, text)
    monkeypatch.chdir(tmp_path)
    command = ["eval", "--suite", "demo", "--roster", str(path), "--tasks", "summarize", "--json"]
    assert main(command) == 3
    said = capsys.readouterr()
    assert f"harness: runs the programs {tmp_path / 'my_model.py'}\n" in said.err
    assert "predict returned 0 outputs for 1 query" in said.err
    rows = [row for row in json.loads(said.out)["rows"] if row["model"] == "mine"]
    counts = {row["scope"]: row["counts"] for row in rows}
    assert counts["article"]["ok"] + counts["article"]["error"] == 3
    assert counts["article"]["error"] >= 1
    main(command)
    again = json.loads(capsys.readouterr().out)
    (row,) = [r for r in again["rows"] if (r["model"], r["scope"]) == ("mine", "article")]
    assert row["counts"]["cached"] == row["counts"]["ok"]
    assert main(["verify"]) == 0  # the keys say what was run: the model is not


def test_listing_runs_nothing_unless_it_is_allowed(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    ran = tmp_path / "ran"
    path = roster(tmp_path, f"open({str(ran)!r}, 'w').close()\n{MODEL}")
    assert main(["models", "--roster", str(path)]) == 0
    assert "mine runs the program my_model.py, which was not done" in capsys.readouterr().out
    assert main(["models", "--roster", str(path), "--suite", "demo", "--check"]) == 1
    assert "FAILED: runs the program my_model.py, which was not done" in capsys.readouterr().out
    assert not ran.exists()
    assert main(["models", "--roster", str(path), "--allow-code"]) == 0
    assert ran.exists()
    assert (
        main(["models", "--roster", str(path), "--suite", "demo", "--check", "--allow-code"]) == 0
    )
    assert "says: " in capsys.readouterr().out


def test_another_process_imports_it_anew(tmp_path: Path) -> None:
    model = _model(tmp_path, more="options = { words = 1 }\n")
    with model.reading():
        model.predict(QUERIES)
    copied = pickle.loads(pickle.dumps(model))  # noqa: S301
    assert copied.identity("summarize") == model.identity("summarize")
    assert copied.predict(QUERIES) == model.predict(QUERIES)


def test_a_file_that_changes_meanwhile_gives_nothing(tmp_path: Path) -> None:
    model = _model(tmp_path)
    with model.reading():
        model.predict(QUERIES)
    (tmp_path / "my_model.py").write_text(MODEL + "# changed", encoding="utf-8")
    with pytest.raises(Exception, match=r"my_model.py changed during the run"), model.reading():
        pass


PACKAGE_MODEL = """\
class Echo:
    '''Says a word.'''
    tasks = ("answer",)
    def __init__(self, word):
        self.word = word
    def predict(self, queries):
        return [self.word for _ in queries]
class Always(Echo):
    name = "always"
    def score(self, prediction, references):
        return 0.5
"""


@pytest.fixture
def package(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Put a package on the path that offers a kind of model and a metric."""
    (tmp_path / "echoes.py").write_text(PACKAGE_MODEL, encoding="utf-8")
    info = tmp_path / "echoes-1.5.dist-info"
    info.mkdir()
    (info / "METADATA").write_text("Metadata-Version: 2.1\nName: echoes\nVersion: 1.5\n", "utf-8")
    (info / "entry_points.txt").write_text(
        "[golden_harness.models]\necho = echoes:Echo\n[golden_harness.metrics]\n"
        "always = echoes:Always\n",
        encoding="utf-8",
    )
    monkeypatch.syspath_prepend(str(tmp_path))


@pytest.mark.usefixtures("package")
def test_a_package_offers_a_kind(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = tmp_path / "models.toml"
    path.write_text('[e]\nkind = "echo"\noptions = { word = "Rome" }\n', encoding="utf-8")
    (entry,) = read_rosters([path]).values()
    asked = [Query("answer", "Rome is old.", "What is old?")]
    assert entry.tasks == ("answer",)
    assert entry.model.predict(asked) == [Prediction("Rome")]
    assert entry.model.identity("answer") == {
        "kind": "echo",
        "revision": 1,
        "package": "echoes 1.5",
        "class": "echoes:Echo",
        "options": {"word": "Rome"},
    }
    assert main(["models", "--kinds", "--format", "csv"]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert "echo,model,,echoes 1.5,echoes:Echo" in lines
    assert "always,metric,,echoes 1.5,echoes:Always" in lines
    assert any(line.startswith("python,model,") for line in lines)
    assert main(["models", "--keys", "echo"]) == 0
    assert "Says a word." in capsys.readouterr().out
