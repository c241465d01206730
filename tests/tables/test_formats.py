"""The formats as a user gets them: on a terminal, in a pipe, with the environment's say."""

import argparse
import fcntl
import json
import os
import pty
import re
import struct
import subprocess
import sys
import termios
from collections.abc import Mapping
from pathlib import Path

import pytest

from harness.cli import main
from harness.tables.formats import add_format_options

ROOT = Path(__file__).parents[2]
MODELS = [sys.executable, "-m", "harness", "models", "-q"]
PLAIN = {name: value for name, value in os.environ.items() if name not in ("TERM", "COLUMNS")}


def _on_a_terminal(columns: int, command: list[str], environment: Mapping[str, str]) -> str:
    """Run a command whose stdout and stderr are a terminal; return what it shows."""
    ours, theirs = pty.openpty()
    fcntl.ioctl(theirs, termios.TIOCSWINSZ, struct.pack("HHHH", 24, columns, 0, 0))
    shown = b""
    with subprocess.Popen(
        command, stdin=subprocess.DEVNULL, stdout=theirs, stderr=theirs, cwd=ROOT,
        env={**PLAIN, "TERM": "xterm-256color", **environment},
    ) as child:  # fmt: skip
        os.close(theirs)
        while True:
            try:
                piece = os.read(ours, 65536)
            except OSError:  # Linux says so that nobody writes any more
                break
            if not piece:
                break
            shown += piece
        assert child.wait(timeout=300) == 0
    os.close(ours)
    return shown.decode().replace("\r\n", "\n")


@pytest.mark.parametrize(
    ("columns", "environment", "coloured", "header"),
    [
        (80, {}, True, "model kind tasks licence size present"),
        (200, {}, True, "model kind tasks weights licence size present"),
        (200, {"NO_COLOR": "1"}, False, "model kind tasks weights licence size present"),
        (200, {"NO_COLOR": ""}, True, "model kind tasks weights licence size present"),
        (80, {"TERM": "dumb"}, False, "model kind tasks licence size present"),
        (200, {"COLUMNS": "60", "NO_COLOR": "1"}, False, "model tasks size present"),
    ],
)
def test_on_a_terminal(
    columns: int, environment: dict[str, str], coloured: bool, header: str
) -> None:
    shown = _on_a_terminal(columns, MODELS, environment)
    assert ("\x1b[" in shown) == coloured
    lines = re.sub(r"\x1b\[\d*m", "", shown).splitlines()
    assert lines[0].split() == header.split()
    assert max(map(len, lines)) <= int(environment.get("COLUMNS", columns))
    assert any("Left out to fit" in line for line in lines) == ("weights" not in header)


def test_progress_is_shown_on_a_terminal_and_not_in_a_log(
    tmp_path: Path, suite_folder: Path
) -> None:
    command = [
        sys.executable,
        "-m",
        "harness",
        "eval",
        "--suite",
        str(suite_folder),
        "--models",
        "lead-3",
    ]
    shown = _on_a_terminal(80, [*command, "--out", str(tmp_path / "one")], {})
    assert "lead-3 summarize: " in shown
    assert "\r" in shown  # a bar is drawn over and over
    log = subprocess.run(
        [*command, "--out", str(tmp_path / "two")],
        env=PLAIN, cwd=ROOT, check=True, capture_output=True, text=True, timeout=300,
    ).stderr  # fmt: skip
    assert "\r" not in log
    rows = [f"{name} summarize: 2" for name in ("random-3", "lexrank", "lead-3")]
    subject, *lines = log.splitlines()
    assert subject.startswith("Suite ")
    assert [line.rpartition(",")[0] for line in lines] == [
        f"{row} predicted, 0 failed" for row in rows
    ]
    assert all(re.fullmatch(r" \d+\.\d s", line.rpartition(",")[2]) for line in lines)


def test_in_a_pipe_no_column_is_left_out(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["models"]) == 0
    first, *_, last = capsys.readouterr().out.splitlines()
    assert first.split() == ["model", "kind", "tasks", "weights", "licence", "size", "present"]
    assert last.split()[0] == "minilm-answers"


@pytest.mark.parametrize(
    ("columns", "more", "weights"),
    [("80", [], False), ("80", ["--wide"], True), ("0", [], True), ("x", [], True), ("", [], True)],
)
def test_columns_in_the_environment_are_a_pipe_s_width(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str],
    columns: str, more: list[str], weights: bool,
) -> None:  # fmt: skip
    monkeypatch.setenv("COLUMNS", columns)
    assert main(["models", *more]) == 0
    out = capsys.readouterr().out
    assert ("weights" in out.splitlines()[0]) == weights
    assert ("Left out to fit a width of 80: weights. --wide shows all." in out) == (not weights)
    assert "\x1b" not in out


def test_each_format_has_the_same_models(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["models", "--format", "json"]) == 0
    facts = capsys.readouterr().out
    assert main(["models", "--json"]) == 0
    assert capsys.readouterr().out == facts
    names = [model["model"] for model in json.loads(facts)]
    for name in ("table", "markdown", "csv"):
        assert main(["models", "--format", name]) == 0
        lines = capsys.readouterr().out.splitlines()
        body = lines[1:] if name == "csv" else lines[2:]
        assert [line.strip("| ").replace(",", " ").split()[0] for line in body] == names


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["--format", "xml"], "invalid choice: 'xml'"),
        (["--format", "csv", "--json"], "not allowed with argument --format"),
    ],
)
def test_one_format_is_chosen(
    capsys: pytest.CaptureFixture[str], arguments: list[str], message: str
) -> None:
    assert main(["models", *arguments]) == 2
    (line,) = capsys.readouterr().err.splitlines()
    assert message in line


def test_a_text_has_no_columns() -> None:
    command = argparse.ArgumentParser()
    add_format_options(command, formats=("text", "json"))
    assert vars(command.parse_args([])) == {"format": "text"}
    assert vars(command.parse_args(["--json"])) == {"format": "json"}
