"""What is said of packages that are not installed: all of it at once, and a command that works."""

import importlib.util
import re
import tomllib
from pathlib import Path

import pytest

from harness.cli import main
from harness.requirements import Missing, import_failed, missing_packages, missing_wheel

ROOT = Path(__file__).parent.parent
EXTRAS = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"][
    "optional-dependencies"
]


def test_what_is_installed_is_not_missing() -> None:
    assert not missing_packages("numpy", "pytest")
    assert missing_packages("numpy", "no-such-package") == Missing(packages=("no-such-package",))


def test_a_wheel_of_another_version_is_missing() -> None:
    assert missing_wheel("pytest", "0.1") == Missing(wheels=("pytest==0.1",))
    assert not missing_wheel("pytest", pytest.__version__)


@pytest.mark.parametrize(
    ("extra", "name"),
    [("report", "jinja2"), ("data", "pyarrow"), ("quantization", "torchao"), ("fast", "numba")],
)
def test_a_hint_names_the_versions_of_the_extra(extra: str, name: str) -> None:
    (requirement,) = [text for text in EXTRAS[extra] if re.match(rf"{name}\b", text)]
    hint = import_failed("it", name)
    assert hint.startswith(f"not installed, but needed for it: {name}; run: ")
    assert hint.endswith(f"pip install '{requirement}'")


def test_each_package_that_a_hint_names_is_one_of_an_extra() -> None:
    code = "\n".join(path.read_text("utf-8") for path in (ROOT / "harness").rglob("*.py"))
    calls = re.findall(r"(?:missing_packages|import_failed)\(([^()]*)\)", code)
    named = {name for call in calls for name in re.findall(r'"([a-z][a-z0-9-]+)"', call)}
    assert named >= {"torch", "transformers", "peft", "gguf", "openai", "jinja2", "datasets"}
    known = {re.split(r"[<>=]", text)[0] for texts in EXTRAS.values() for text in texts}
    assert named <= known
    assert "golden-harness[" not in code


def test_one_command_installs_everything(monkeypatch: pytest.MonkeyPatch) -> None:
    missing = missing_wheel("b", "2") | Missing(packages=("torch>=2.8",)) | missing_wheel("a", "1")
    missing |= missing_wheel("b", "2")
    command = missing.command.replace("uv pip", "pip")
    assert command == "pip install 'torch>=2.8' && pip install --no-deps b==2 a==1"
    said = missing.message("m", instead="go without")
    assert said.startswith("not installed, but needed for m: torch, b 2, a 1; go without, or run: ")
    assert said.endswith(missing.command)
    monkeypatch.setattr(importlib.util, "find_spec", lambda _: None)  # as where uv made it
    assert missing.command == "uv pip install 'torch>=2.8' && uv pip install --no-deps b==2 a==1"


def test_eval_names_what_all_models_lack_in_one_line(
    tmp_path: Path, suite_folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    def weights(package: str) -> str:
        return f'{{ package = "{package}", version = "1", file = "f", sha256 = "{"0" * 64}" }}'

    roster = tmp_path / "mine.toml"
    roster.write_text(
        f'[one]\nkind = "extractive"\nweights = {weights("no-wheel")}\n'
        f"adapter = {weights('no-adapter')}\n"
        f'[two]\nkind = "causal"\nweights = {weights("no-gguf")}\n'
        f'[three]\nkind = "causal"\nweights = {weights("no-wheel")}\n',
        encoding="utf-8",
    )
    out = tmp_path / "out"
    command = [
        "eval",
        "-q",
        "--suite",
        str(suite_folder),
        "--roster",
        str(roster),
        "--out",
        str(out),
    ]
    assert main(command) == 2
    said = capsys.readouterr().err
    assert said.startswith(
        "harness: not installed, but needed for one, two, three: no-wheel 1, no-adapter 1, no-gguf 1; "
        "leave them out with --models, or run: "
    )
    assert said.endswith("pip install --no-deps no-wheel==1 no-adapter==1 no-gguf==1\n")
    assert said.count("\n") == 1
    assert not out.exists()
