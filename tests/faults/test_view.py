"""`harness view` against links out of the run and clients that say nothing."""

import os
import socket
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from harness.view.server import MOST_CONNECTIONS, ReportServer, report_server
from tests.view.test_view import CHUNK, PAGE, ask


@pytest.fixture
def served(tmp_path: Path) -> Iterator[ReportServer]:
    """A page with a file of examples, and a secret beside the run."""
    run = tmp_path / "run"
    (run / "report-examples").mkdir(parents=True)
    (run / "report.html").write_text(PAGE, encoding="utf-8")
    (run / "report-examples" / CHUNK).write_text("harnessChunk(0,{});", encoding="utf-8")
    (tmp_path / "secret").mkdir()
    (tmp_path / "secret" / CHUNK).write_text("secret", encoding="utf-8")
    with report_server(run / "report.html") as server:
        thread = threading.Thread(target=server.serve_forever, args=(0.01,))
        thread.start()
        try:
            yield server
        finally:
            server.shutdown()
            thread.join()


def test_port_80_is_said_by_no_browser(served: ReportServer) -> None:
    assert ask(served.server_port, "/", host="127.0.0.1")[0] == 200
    assert ask(served.server_port, "/", host="localhost")[0] == 200
    assert ask(served.server_port, "/", host="evil.example")[0] == 404


def test_a_link_out_of_the_run_is_not_followed(served: ReportServer, tmp_path: Path) -> None:
    run, port = tmp_path / "run", served.server_port
    target = f"/report-examples/{CHUNK}"
    assert ask(port, target)[0] == 200
    (run / "report-examples" / CHUNK).unlink()
    (run / "report-examples" / CHUNK).symlink_to(tmp_path / "secret" / CHUNK)
    assert ask(port, target)[0] == 404
    (run / "report-examples" / CHUNK).unlink()
    os.mkfifo(run / "report-examples" / CHUNK)
    assert ask(port, target)[0] == 404  # and is not waited for
    (run / "report-examples" / CHUNK).unlink()
    (run / "report-examples").rmdir()
    (run / "report-examples").symlink_to(tmp_path / "secret")
    assert ask(port, target)[0] == 404
    (run / "report.html").unlink()
    (run / "report.html").symlink_to("/etc/passwd")
    assert ask(port, "/")[0] == 404


def test_clients_that_say_nothing_hold_no_more_than_so_many_connections(
    served: ReportServer,
) -> None:
    before = threading.active_count()
    address = ("127.0.0.1", served.server_port)
    slow = [socket.create_connection(address) for _ in range(3 * MOST_CONNECTIONS)]
    try:
        assert ask(served.server_port, "/")[0] == 200
        assert threading.active_count() - before <= MOST_CONNECTIONS + 5
    finally:
        for client in slow:
            client.close()
