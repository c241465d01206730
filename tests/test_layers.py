"""Data flows one way: a room imports only from the rooms above it, and so do files within one."""

import ast
import re
import subprocess
import sys
from pathlib import Path

import pytest

PACKAGE = Path(__file__).parent.parent / "harness"

# From the top down. The ground is a few files, `text` and `bounded`; every other room is a folder.
GROUND = [
    "errors", "records", "environment", "requirements", "text", "visible", "encoding", "bounded",
    "files", "stream", "hub", "output", "progress", "own_code",
]  # fmt: skip
ROOMS = [
    *GROUND,
    "command",
    "tables",
    "validation",
    "stats",
    "suite",
    "external",
    "prompting",
    "metrics",
    "models",
    "check",
    "run",
    "judging",
    "leaderboard",
    "scores",
    "agreement",
    "tracking",
    "eval",
    "merge",
    "compare",
    "board",
    "gate",
    "verify",
    "plan",
    "show",
    "report",
    "history",
    "view",
    "export",
    "api",
    "pytest_plugin",
    "cli",
    "__main__",
]
# The same within the rooms where it matters. A wing is a folder; its files may import each other.
INSIDE = {
    "command": ["fault", "meant", "locations", "settings", "data_choice", "options"],
    "suite": [
        "metric_keys", "manifest", "articles", "golden_file", "goldens",
        "suite", "data_set", "keys", "opening", "selection", "listing", "verb",
    ],
    "tables": ["cells", "table", "fit", "terminal", "markdown", "notebook", "formats"],
    "validation": ["attribute_texts", "yaml_file", "wording", "validation", "key_tables", "key_formats"],
    "prompting": [
        "delimiters", "dropped", "postprocessing", "prompt_file", "prompts", "keys", "fewshot",
    ],
    "metrics": [
        "languages", "blind_spot", "declaration", "length", "references",
        "__init__",
        "rouge", "chrf", "bertscore", "agreement", "answers", "answer", "unsupported", "support", "summary", "own", "options",
        "canaries", "scorer", "ceiling",
    ],
    "models": [
        "panic",
        "checkpoint.names",
        "checkpoint.memory",
        "checkpoint.seal",
        "checkpoint.checkpoint_files",
        "checkpoint.weights",
        "pinned", "model",
        "__init__",
        "streaming", "task_prompts",
        "compiled", "low_bit", "gguf", "onednn",
        "checkpoint",
        "floors", "own", "extractive", "encoder", "attention", "decoding", "generative", "endpoint", "judges",
        "roster",
    ],
    "run": [
        "keys", "shard", "store_failure", "store", "time_taken", "in_use", "uniting", "asking", "batching", "predict", "repeats",
        "engines", "engines.engine", "engines.local",
        "engines.ray.fleet", "engines.ray.work", "engines.ray.dispatch",
        "engines.ray.worker", "engines.ray.model_process", "engines.ray.actors",
        "engines.ray.cluster", "engines.ray.engine",
        "score_table", "scoring",
    ],
    "judging": [
        "judgment", "sources", "controls", "weights", "coverage", "people_texts", "inquiry", "reader", "judge", "judgment_lines",
        "pairs", "opinions",
    ],
    "leaderboard": [
        "numbers", "judges.preferences_line", "judge_line", "canary_lines", "suite_line", "leaderboard",
        "code_lines", "rows.evidence", "positions", "line_places", "prediction_lines", "board_judgments", "run_folder", "run_time", "judged_metrics",
        "judges",
        "rows",
        "ranking",
        "printing",
        "assembly",
    ],
    "agreement": [
        "judgments", "correlations",
        "plain", "further", "measures", "judges",
        "summaries", "answers", "agreement", "statements", "sets",
        "printing", "verb",
    ],
    "tracking": ["mlflow_process", "content", "tracker", "finished", "options"],
    "history": ["history", "text", "course_plot", "page", "verb"],
    "report": ["content", "safety", "task_group", "examples", "building", "rendering", "write", "verb"],
}  # fmt: skip
HEAVY = {
    "torch", "transformers", "huggingface_hub", "tokenizers", "safetensors", "openai", "torchao",
    "bitsandbytes", "peft",
}  # fmt: skip


def _imports(path: Path) -> set[str]:
    """Return the dotted names that a file imports, wherever in it."""
    names = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            names |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module:
            assert node.level == 0, f"{path}: a relative import"
            names |= {f"{node.module}.{alias.name}" for alias in node.names}
    return names


def _module(path: Path) -> str:
    """Return a file's dotted name within the package: `models.checkpoint.weights`."""
    return ".".join(path.relative_to(PACKAGE).with_suffix("").parts)


def _room(module: str) -> str:
    return module.partition(".")[0]


def _place(module: str, order: list[str]) -> int:
    """Return where a module stands in a room's order: by the longest name that it begins with."""
    fitting = [name for name in order if f"{module}.".startswith(f"{name}.")]
    assert fitting, f"{module} has no place in the order {order}"
    return order.index(max(fitting, key=len))


FILES = sorted(path for path in PACKAGE.rglob("*.py") if path != PACKAGE / "__init__.py")
MODULES = {_module(path) for path in FILES}


def _used(path: Path) -> set[str]:
    """Return the package's own modules that a file imports."""
    names = {name.removeprefix("harness.") for name in _imports(path) if name[:8] == "harness."}
    used = set()
    for name in names:
        owner = name.rpartition(".")[0]
        used |= {name, owner, f"{name}.__init__", f"{owner}.__init__"} & MODULES
    return used


@pytest.mark.parametrize("path", FILES, ids=_module)
def test_a_room_imports_only_from_the_rooms_above_it(path: Path) -> None:
    room = _room(_module(path))
    assert room in ROOMS, f"{room} has no place in the order of rooms"
    rooms = {_room(module) for module in _used(path)}
    assert {other for other in rooms if ROOMS.index(other) > ROOMS.index(room)} == set()
    assert room not in rooms or (PACKAGE / room).is_dir()


def _ordered(module: str) -> bool:
    """Return whether a module has a place within its room: a door without code has none."""
    room, _, within = module.partition(".")
    return room in INSIDE and (within != "__init__" or within in INSIDE[room])


@pytest.mark.parametrize("path", [path for path in FILES if _ordered(_module(path))], ids=_module)
def test_within_a_room_a_file_imports_only_from_above_it(path: Path) -> None:
    room, _, module = _module(path).partition(".")
    order = INSIDE[room]
    used = [
        name.partition(".")[2] for name in _used(path) if _room(name) == room and _ordered(name)
    ]
    here = _place(module, order)
    assert {name for name in used if _place(name, order) > here} == set()


def test_every_room_is_in_the_order_once() -> None:
    assert sorted(ROOMS) == sorted({_room(_module(path)) for path in FILES})


def test_every_file_of_an_ordered_room_has_its_place() -> None:
    for room, order in INSIDE.items():
        for name in order:
            at = PACKAGE.joinpath(room, *name.split("."))
            assert at.is_dir() or at.with_suffix(".py").is_file(), f"{room}: no {name}"


def test_the_page_of_the_architecture_shows_the_rooms_and_files_that_there_are() -> None:
    page = (PACKAGE.parent / "docs" / "architecture.md").read_text(encoding="utf-8")
    shown = set(re.findall(r"`([\w/]+)`", page))
    assert {name for name in ROOMS if {name, f"{name}/"} & shown == set()} == set()
    files = re.findall(r"`(\w[\w/]*/\w+\.py)`", page)
    assert len(files) > 10
    for file in files:
        assert any((root / file).is_file() for root in (PACKAGE, PACKAGE.parent)), file


def test_no_room_is_crowded() -> None:
    folders = [PACKAGE, *(path for path in PACKAGE.rglob("*") if path.is_dir())]
    crowded = {
        str(folder.relative_to(PACKAGE)): count
        for folder in folders
        if (count := len([*folder.glob("*.py")])) > 15  # fourteen files and the folder's own
    }
    assert crowded == {}


@pytest.mark.parametrize("path", FILES, ids=_module)
def test_only_the_models_room_imports_what_is_heavy(path: Path) -> None:
    """And `hub`, of which models and data sets come, the client that it speaks for."""
    heavy = {name.split(".")[0] for name in _imports(path)} & HEAVY
    if _room(_module(path)) == "hub":
        heavy -= {"huggingface_hub"}
    assert not heavy or _room(_module(path)) == "models"


@pytest.mark.parametrize(
    "statement",
    [
        "from harness.cli import main\ntry: main(['--help'])\nexcept SystemExit: pass",
        "from harness.cli import main\ntry: main(['eval', '--help'])\nexcept SystemExit: pass",
        "from harness.cli import main\nmain(['models', '-q'])",
        "import harness",
    ],
)
def test_what_needs_no_model_imports_nothing_heavy(statement: str) -> None:
    check = (
        f"{statement}\nimport sys\nprint(*sorted({HEAVY!r} & set(sys.modules)), file=sys.stderr)"
    )
    finished = subprocess.run(
        [sys.executable, "-c", check], capture_output=True, text=True, check=True, timeout=600
    )
    assert finished.stderr.strip() == ""


def test_no_file_holds_two_nouns() -> None:
    lengths = {str(p.relative_to(PACKAGE)): len(p.read_text().splitlines()) for p in FILES}
    assert {name: lines for name, lines in lengths.items() if lines > 300} == {}
