"""What Git LFS leaves in a file's place, wherever a file is read: a line, and never a text."""

from pathlib import Path

import pytest

from harness.cli import main
from harness.encoding import IS_LFS_POINTER
from harness.files import sha256
from tests import small_runs

# The example of https://github.com/git-lfs/git-lfs/blob/main/docs/spec.md.
POINTER = """\
version https://git-lfs.github.com/spec/v1
oid sha256:4d7a214614ab2935c943f9e0ff69d22eadbb8f32b1258daaa5e2ca24d17e2393
size 12345
"""


def _told(capsys: pytest.CaptureFixture[str], *command: object) -> str:
    """Run a command that predicts nothing, and return what it says on stderr at last."""
    assert main([*map(str, command)]) == 2
    return capsys.readouterr().err.splitlines()[-1].strip().removeprefix("harness: ")


@pytest.mark.parametrize(
    "name",
    ["a.json", "a.jsonl", "a.csv", "a.tsv", "a.parquet", "a.arrow", "a.jsonl.gz", "a.csv.zst"],
)
def test_of_a_data_set(tmp_path: Path, capsys: pytest.CaptureFixture[str], name: str) -> None:
    file = tmp_path / name
    file.write_text(POINTER)
    out = tmp_path / "run"
    told = _told(capsys, "eval", "--suite", f"data:{file}", "--skip-bad-rows", "--out", out)
    assert told == f"{file}: {IS_LFS_POINTER}"
    assert not out.exists()


@pytest.mark.parametrize("name", ["goldens/a.yaml", "seeds/a.txt", "seeds/manifest.toml"])
@pytest.mark.parametrize("pinned", [False, True])
def test_of_a_suite(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], name: str, pinned: bool
) -> None:
    suite = small_runs.suite(tmp_path / "suite", 2, 1)
    if pinned:  # the article's hash is in the manifest, and the pointer has another
        manifest, seed = suite / "seeds" / "manifest.toml", suite / "seeds" / "a.txt"
        text = manifest.read_text(encoding="utf-8")
        pin = f'file = "a.txt"\nsha256 = "{sha256(seed.read_bytes())}"'
        assert 'file = "a.txt"' in text
        manifest.write_text(text.replace('file = "a.txt"', pin), encoding="utf-8")
    (suite / name).write_text(POINTER)
    told = _told(capsys, "eval", "--suite", suite, "--out", tmp_path / "run")
    assert told == f"{suite / name}: {IS_LFS_POINTER}"


@pytest.mark.parametrize("suffix", ["txt", "jsonl", "csv", "tsv", "json", "parquet"])
@pytest.mark.parametrize("which", ["references", "predictions"])
def test_of_outputs_made_elsewhere_and_their_references(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], suffix: str, which: str
) -> None:
    files = {name: tmp_path / f"{name}.txt" for name in ("references", "predictions")}
    for file in files.values():
        file.write_text("Ann met Bob.\nThey signed.\nIt rained.\n")
    files[which] = tmp_path / f"{which}.{suffix}"
    files[which].write_text(POINTER)
    places = ["--references", files["references"], "--predictions", files["predictions"]]
    assert _told(capsys, "score", *places) == f"{files[which]}: {IS_LFS_POINTER}"


def test_of_rosters_judgments_classes_and_runs(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    suite = small_runs.suite(tmp_path / "suite", 2, 1)
    out, file = tmp_path / "run", tmp_path / "file.toml"
    small_runs.run(suite, out)
    file.write_text(POINTER)
    code, judgments = tmp_path / "own.py", tmp_path / "judgments.jsonl"
    code.write_text(POINTER)
    judgments.write_text(POINTER)
    again = ["--suite", suite, "--out", tmp_path / "other"]
    for path, command in (
        (file, ["eval", *again, "--roster", file]),
        (file, ["eval", *again, "--suite", file]),
        (code, ["eval", *again, "--score-with", f"{code}:Own"]),
        (judgments, ["agreement", judgments]),
    ):
        assert _told(capsys, *command) == f"{path}: {IS_LFS_POINTER}"
    for name in ("predictions.sqlite", "predictions.jsonl", "leaderboard.json"):
        (out / name).write_text(POINTER)
        assert _told(capsys, "verify", out) == f"{out / name}: {IS_LFS_POINTER}", name
    for name in ("predictions.jsonl", "leaderboard.json"):
        (out / name).unlink()  # no command writes over what is none of a run's
    assert _told(capsys, "eval", "--suite", suite, "--out", out) == (
        f"{out / 'predictions.sqlite'}: {IS_LFS_POINTER}"
    )
    assert (out / "predictions.sqlite").read_text() == POINTER
