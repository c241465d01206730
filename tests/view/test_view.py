"""`harness view`: what it serves, to whom, and how it ends."""

import http.client
import re
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from harness.view.server import requested_file

PAGE = "<!doctype html><title>The page</title>"
# Ctrl-C is heard, as on a terminal: a shell's background jobs are started deaf to it.
HEARING = """
import signal, sys
signal.signal(signal.SIGINT, signal.default_int_handler)
from harness.cli import main
sys.exit(main())
"""
CHUNK = "00000-0123456789abcdef.js"


@pytest.fixture
def served(tmp_path: Path) -> Iterator[tuple[int, "subprocess.Popen[str]"]]:
    """A page with a file of examples, a secret beside it, and the command that serves it."""
    (tmp_path / "report.html").write_text(PAGE, encoding="utf-8")
    (tmp_path / "predictions.jsonl").write_text("secret", encoding="utf-8")
    folder = tmp_path / "report-examples"
    folder.mkdir()
    (folder / CHUNK).write_text("harnessChunk(0,{});", encoding="utf-8")
    (folder / "other.js").write_text("secret", encoding="utf-8")
    command = [sys.executable, "-c", HEARING, "view", "-q", str(tmp_path / "report.html")]
    with subprocess.Popen(
        command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
    ) as process:  # fmt: skip
        assert process.stdout
        said = process.stdout.readline()
        found = re.match(r"http://127\.0\.0\.1:(\d+)/ ", said)
        assert found, said
        yield int(found[1]), process
        process.kill()


def ask(
    port: int, target: str, host: str | None = None, method: str = "GET"
) -> tuple[int, str, str]:
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=300)
    connection.request(method, target, headers={"Host": host or f"127.0.0.1:{port}"})
    answer = connection.getresponse()
    body = answer.read().decode()
    connection.close()
    return answer.status, answer.headers.get("Content-Type", ""), body


def test_it_serves_the_report_alone_and_ends_at_ctrl_c(
    served: "tuple[int, subprocess.Popen[str]]",
) -> None:
    port, process = served
    assert ask(port, "/") == (200, "text/html; charset=utf-8", PAGE)
    assert ask(port, "/report.html?x=1")[2] == PAGE
    script = ask(port, f"/report-examples/{CHUNK}")
    assert script == (200, "text/javascript; charset=utf-8", "harnessChunk(0,{});")
    assert ask(port, "/", method="HEAD")[::2] == (200, "")
    for target in ("/predictions.jsonl", "/../report.html", "/report-examples/other.js",
                   "/report-examples/%2e%2e/predictions.jsonl", f"/report-examples/0{CHUNK}",
                   "/report-examples/", "//predictions.jsonl"):  # fmt: skip
        assert ask(port, target)[0] == 404, target
    # A name that someone else points at this machine is not this machine's.
    assert ask(port, "/", host=f"evil.example:{port}")[0] == 404
    assert ask(port, "/", host=f"localhost:{port}")[0] == 200
    assert ask(port, "/", method="POST")[0] == 501
    process.send_signal(signal.SIGINT)
    assert process.wait(300) == 0
    assert process.stderr
    assert process.stderr.read() == ""


@pytest.mark.parametrize(
    ("target", "expected"),
    [
        ("/", "r/report.html"),
        ("/report.html#x", "r/report.html"),
        (f"/report-examples/{CHUNK}", f"r/report-examples/{CHUNK}"),
        (f"/report-examples/../report-examples/{CHUNK}", None),
        ("/leaderboard.json", None),
        (f"/{CHUNK}", None),
    ],
)
def test_a_target_names_a_file_of_the_report_or_none(target: str, expected: str | None) -> None:
    found = requested_file(Path("r/report.html"), target)
    assert (found and found.as_posix()) == expected
