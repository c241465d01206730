import os
import re
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

from tests import small_runs, squads

ROOT = Path(__file__).parent.parent
PAGE = (ROOT / "docs" / "python.md").read_text(encoding="utf-8")


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """A user's project: a suite, and the plugin as pyproject.toml says that it is installed."""
    entries = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]["entry-points"]
    info = tmp_path / "installed" / "plugin-1.dist-info"
    info.mkdir(parents=True)
    (info / "METADATA").write_text("Metadata-Version: 2.1\nName: plugin\nVersion: 1\n")
    # Under another name, so that what the environment has installed is left out.
    lines = "\n".join(f"tested-{name} = {module}" for name, module in entries["pytest11"].items())
    (info / "entry_points.txt").write_text(f"[pytest11]\n{lines}\n")
    small_runs.suite(tmp_path / "my-suite", articles=2, questions=2)
    return tmp_path


def _pytest(project: Path, test: str, *options: str) -> tuple[int, str]:
    """Run a test file in the project, away from this one's configuration."""
    (project / "test_it.py").write_text(test, encoding="utf-8")
    path = os.pathsep.join([str(ROOT), str(project / "installed")])
    done = subprocess.run(
        [
            sys.executable,
            "-m",
            "pytest",
            "-p",
            "no:cacheprovider",
            "-p",
            "no:golden-harness",
            "-W",
            "error",
            *options,
        ],
        cwd=project,
        env={**os.environ, "PYTHONPATH": path, "PYTEST_ADDOPTS": ""},
        check=False,
        capture_output=True,
        text=True,
        timeout=300,
    )
    return done.returncode, done.stdout + done.stderr


def test_the_fixture_has_the_examples_of_both_tasks(project: Path) -> None:
    """Two articles with a summary and two questions each."""
    test = (
        "def test_it(golden_examples):\n"
        "    assert [(e.task, e.scope, e.id) for e in golden_examples] == [\n"
        "        ('summarize', 'article', 'a'), ('summarize', 'article', 'b'),\n"
        "        ('answer', 'article', 'a/q0'), ('answer', 'article', 'a/q1'),\n"
        "        ('answer', 'article', 'b/q0'), ('answer', 'article', 'b/q1')]\n"
        "    first, last = golden_examples[0], golden_examples[-1]\n"
        "    assert first.article.startswith('Ann met Bob on Monday at aplace.')\n"
        "    assert first.question is None and last.question == 'What is number 1?'\n"
        "    assert last.references == ('bword1',)\n"
        "    assert last.score('bword1')['f1'] == last.score('the bword1')['exact_match'] == 1\n"
        "    assert last.score('no')['f1'] == 0\n"
        "    assert first.score(first.references[0])['rouge1'] == 1\n"
    )
    code, printed = _pytest(project, test, "--golden-suite", "my-suite")
    assert code == 0, printed
    assert "1 passed" in printed


def test_a_project_s_own_option_and_package_of_that_name_go_on(project: Path) -> None:
    (project / "conftest.py").write_text(
        "def pytest_addoption(parser):\n"
        "    parser.addoption('--goldens', type=int)\n"
        "    parser.addini('goldens', 'theirs', type='bool')\n"
    )
    (project / "harness").mkdir()
    (project / "harness" / "__init__.py").write_text("WHOSE = 'mine'\n")
    test = (
        "def test_own(request):\n"
        "    import harness\n"
        "    assert harness.WHOSE == 'mine' and request.config.getoption('--goldens') == 3\n"
        "def test_it(golden_examples): pass\n"
    )
    code, printed = _pytest(project, test, "--goldens", "3", "--golden-suite", "my-suite")
    assert code == 1
    assert "1 passed, 1 error" in printed
    assert "golden_examples needs the package harness of golden-harness, and" in printed


def test_the_suite_may_be_named_in_the_configuration(project: Path) -> None:
    (project / "pytest.ini").write_text("[pytest]\ngoldens = my-suite\n")
    code, printed = _pytest(
        project, "def test_it(golden_examples): assert len(golden_examples) == 6"
    )
    assert code == 0, printed


def test_the_suite_of_the_package_has_its_name(project: Path) -> None:
    """Three articles, each with summaries and questions."""
    test = (
        "def test_it(golden_examples):\n"
        "    assert len({e.id for e in golden_examples if e.task == 'summarize' and e.scope == 'article'}) == 3\n"
    )
    code, printed = _pytest(project, test, "--goldens", "demo")
    assert code == 0, printed


@pytest.mark.parametrize("configured", [False, True])
def test_a_data_set_is_a_suite_too(project: Path, configured: bool) -> None:
    """The first of its questions, by a path as from the folder, wherever a test has gone since."""
    squads.write(project / "rivers.json", squads.RIVERS)
    test = (
        "import os, pytest\n"
        "@pytest.fixture(scope='session', autouse=True)\n"
        "def elsewhere(tmp_path_factory): os.chdir(tmp_path_factory.mktemp('x'))\n"
        "def test_it(elsewhere, golden_examples):\n"
        "    assert {e.task for e in golden_examples} == {'answer'}\n"
        "    first, last = golden_examples[0], golden_examples[-1]\n"
        "    assert len(golden_examples) == 6\n"
        "    assert first.question == 'Where does it rise?'\n"
        "    assert first.article == 'The Rhine rises in Switzerland. It ends at Rotterdam.'\n"
        "    assert first.score('switzerland')['exact_match'] == 1\n"
    )
    if configured:
        (project / "pytest.ini").write_text("[pytest]\ngoldens = squad:rivers.json\n")
    options = [] if configured else ["--goldens", "squad:rivers.json"]
    code, printed = _pytest(project, test, *options)
    assert code == 0, printed


def test_a_data_set_that_is_not_seen_is_scored_by_its_language(project: Path) -> None:
    """Three of the five characters: F1 is 2 * 1 * (3/5) / (1 + 3/5)."""
    squads.write(project / "zh.json", {"港": [("港由霍尔特市长建。", [("谁建?", ["霍尔特市长"])])]})
    test = (
        "import pytest\n"
        "def test_it(golden_examples):\n"
        "    (one,) = golden_examples\n"
        "    with pytest.raises(Exception, match='100.0 % of the letters .*language=') as raised:\n"
        "        one.score('霍尔特')\n"
        "    assert type(raised.value).__name__ == 'MetricError'\n"
        "    assert one.score('霍尔特', language='zh')['f1'] == pytest.approx(0.75)\n"
    )
    code, printed = _pytest(project, test, "--goldens", "squad:zh.json")
    assert code == 0, printed


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ([], "golden_examples needs a suite: pytest --golden-suite SUITE"),
        (["--goldens", "nowhere"], "nowhere: there is no such suite folder"),
        (["--goldens", "data:mine.csv"], "a TOML file that describes the data names it under"),
        (
            ["--goldens", "squad:nowhere.json"],
            "nowhere.json: there is no such file or folder",
        ),
        (["--goldens", "installed"], "installed: not a suite; it needs the folders seeds/ and go"),
    ],
)
def test_a_wrong_suite_is_a_plain_error(project: Path, options: list[str], message: str) -> None:
    (project / "mine.csv").write_text("body,gold\nAnn met Bob.,Ann met Bob.\n", encoding="utf-8")
    code, printed = _pytest(project, "def test_it(golden_examples): pass", *options)
    assert code == 1
    assert message in printed
    assert "Traceback" not in printed


def test_the_page_s_example_holds_a_model_to_its_goldens(project: Path) -> None:
    """A model that finds every answer passes, and one that finds none fails."""
    (test,) = [
        block
        for block in re.findall(r"^```python\n(.*?)^```", PAGE, re.DOTALL | re.MULTILINE)
        if "golden_examples" in block
    ]
    assert len(test.strip().splitlines()) <= 10
    (project / "my_model.py").write_text(
        "import re\n"
        "def answer(article, question):\n"
        "    number = re.search(r'\\d+', question)[0]\n"
        "    return re.search(rf'number {number} of \\w+ is (\\w+)', article)[1]\n"
    )
    code, printed = _pytest(project, test, "--goldens", "my-suite")
    assert code == 0, printed
    (project / "my_model.py").write_text("def answer(article, question): return 'no'\n")
    code, printed = _pytest(project, test, "--goldens", "my-suite")
    assert code == 1
    assert "assert (0.0 / 4) >= 0.8" in printed


def test_loading_the_plugin_imports_nothing_of_the_harness_s_own_needs(project: Path) -> None:
    """Every pytest of the environment loads it."""
    test = (
        "import sys\n"
        "def test_it():\n"
        "    assert 'golden_harness_pytest' in sys.modules\n"
        "    assert not {'harness', 'pydantic', 'numpy', 'yaml', 'torch'} & set(sys.modules)\n"
    )
    code, printed = _pytest(project, test)
    assert code == 0, printed
