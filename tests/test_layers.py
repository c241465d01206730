"""Data flows one way, and a module imports only from its left."""

import ast
import subprocess
import sys
from pathlib import Path

import pytest

PACKAGE = Path(__file__).parent.parent / "harness"

# Left to right. A module may import from earlier lines, and folders from within.
ORDER = [
    "errors",
    "records",
    "environment",
    "text",
    "files",
    "stream",
    "suite",
    "prompting",
    "models",
    "metrics",
    "run",
    "stats",
    "check",
    "leaderboard",
    "eval",
    "external",
    "plan",
    "compare",
    "gate",
    "verify",
    "show",
    "report",
    "view",
    "pytest_plugin",
    "cli",
]  # fmt: skip
# Rooms that are folders, whose files may import each other.
FOLDERS = {
    "suite",
    "prompting",
    "models",
    "metrics",
    "run",
    "stats",
    "check",
    "leaderboard",
    "eval",
    "external",
    "plan",
    "compare",
    "gate",
    "verify",
    "show",
    "report",
    "view",
}  # fmt: skip
HEAVY = {
    "torch", "transformers", "huggingface_hub", "tokenizers", "safetensors", "openai", "torchao",
    "bitsandbytes", "peft",
}  # fmt: skip


def _imports(path: Path) -> set[str]:
    """Return the dotted names that a file imports, wherever in it."""
    found = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module:
            assert node.level == 0, f"{path}: a relative import"
            found |= {node.module} | {f"{node.module}.{alias.name}" for alias in node.names}
    return found


def _room(path: Path) -> str:
    return path.relative_to(PACKAGE).parts[0].removesuffix(".py")


FILES = sorted(path for path in PACKAGE.rglob("*.py") if path != PACKAGE / "__init__.py")


@pytest.mark.parametrize("path", FILES, ids=lambda p: str(p.relative_to(PACKAGE)))
def test_a_module_imports_only_from_its_left(path: Path) -> None:
    room = _room(path)
    assert room in ORDER, f"{room} has no place in the order of rooms"
    used = {name.split(".")[1] for name in _imports(path) if name.startswith("harness.")}
    rooms = {name for name in used if name in ORDER}
    later = {name for name in rooms if ORDER.index(name) > ORDER.index(room)}
    itself = {room} & rooms - FOLDERS
    assert later | itself == set()


def test_every_room_is_in_the_order_once() -> None:
    assert sorted(ORDER) == sorted({_room(path) for path in FILES})


@pytest.mark.parametrize("path", FILES, ids=lambda p: str(p.relative_to(PACKAGE)))
def test_only_the_models_room_imports_what_is_heavy(path: Path) -> None:
    heavy = {name.split(".")[0] for name in _imports(path)} & HEAVY
    assert not heavy or _room(path) == "models"


@pytest.mark.parametrize(
    "statement",
    [
        "from harness.cli import main\ntry: main(['--help'])\nexcept SystemExit: pass",
        "from harness.cli import main\ntry: main(['eval', '--help'])\nexcept SystemExit: pass",
        "from harness.cli import main\nmain(['models'])",
        "import harness",
    ],
)
def test_what_needs_no_model_imports_nothing_heavy(statement: str) -> None:
    check = (
        f"{statement}\nimport sys\nprint(*sorted({HEAVY!r} & set(sys.modules)), file=sys.stderr)"
    )
    done = subprocess.run(
        [sys.executable, "-c", check], capture_output=True, text=True, check=True, timeout=300
    )
    assert done.stderr.strip() == ""


def test_no_file_holds_two_nouns() -> None:
    longest = {str(p.relative_to(PACKAGE)): len(p.read_text().splitlines()) for p in FILES}
    assert {name: lines for name, lines in longest.items() if lines > 300} == {}
