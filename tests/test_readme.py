import re
from pathlib import Path

import pytest

from harness.cli import main

README = (Path(__file__).parent.parent / "README.md").read_text(encoding="utf-8")


def _block(content: str) -> str:
    """Return the README's one block of code that has `content` in it."""
    blocks = re.findall(r"^```\w*\n(.*?)^```", README, re.DOTALL | re.MULTILINE)
    (found,) = [block for block in blocks if content in block]
    return str(found)


def test_the_python_of_scoring_runs(capsys: pytest.CaptureFixture[str]) -> None:
    """Three words are shared, of three and of five: F1 is 3/4."""
    exec(_block("from harness import Scorer"), {})  # noqa: S102
    first, second = capsys.readouterr().out.splitlines()
    mean, _, signature = first.split(" ", 2)
    assert float(mean) == pytest.approx(3 / 4, rel=1e-15)
    assert "rouge1|f1|" in signature
    assert second == "1.0"


def test_the_command_of_scoring_runs(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """The records of the table of formats, in files of the command's names."""
    table = README[README.index("| suffix | references") :]
    gold, said = re.findall(r"`(\{.*?\})` a line", table)
    monkeypatch.chdir(tmp_path)
    (tmp_path / "gold.jsonl").write_text(gold.replace("...", "Ann"), encoding="utf-8")
    (tmp_path / "bart.jsonl").write_text(said, encoding="utf-8")
    (tmp_path / "outputs.csv").write_text("id,prediction\na,x\n", encoding="utf-8")
    command = _block("harness score --references gold.jsonl").split()
    assert main(command[1:]) == 0
    assert [line.split()[0] for line in capsys.readouterr().out.splitlines()[2:4]] == ["bart", "t5"]
    assert len((tmp_path / "items.jsonl").read_text(encoding="utf-8").splitlines()) == 2
