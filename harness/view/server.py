"""The server of one report: its page and the files that belong to it, on loopback, read only."""

import contextlib
import os
import re
import socket
import stat
import threading
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlsplit

LOOPBACK = "127.0.0.1"
CONTENT_TYPES = {".html": "text/html; charset=utf-8", ".js": "text/javascript; charset=utf-8"}
# How a file of examples is named: harness/report/rendering/chunks.py.
CHUNK_NAME = re.compile(r"[0-9]{5}-[0-9a-f]{16}\.js")
# A browser opens six connections at once.
MOST_CONNECTIONS = 32
# For which the other side may say, or take, nothing.
_SECONDS = 10.0


class ReportServer(ThreadingHTTPServer):
    """Serves with a thread for each connection, of which there are so many at most.

    One more closes the oldest: a browser is served, however many others wait and say nothing.
    """

    daemon_threads = True
    request_queue_size = MOST_CONNECTIONS

    def __init__(self, *arguments: Any) -> None:
        """Take what `ThreadingHTTPServer` takes."""
        self._lock = threading.Lock()
        self._open: dict[socket.socket, None] = {}  # the oldest first
        super().__init__(*arguments)

    def process_request(self, request: Any, client_address: Any) -> None:
        """Begin with a connection, and end the oldest if there are too many."""
        with self._lock:
            if len(self._open) >= MOST_CONNECTIONS:
                oldest = next(iter(self._open))
                del self._open[oldest]
                with contextlib.suppress(OSError):
                    oldest.shutdown(socket.SHUT_RDWR)
            self._open[request] = None
        super().process_request(request, client_address)

    def shutdown_request(self, request: Any) -> None:
        """End a connection."""
        with self._lock:
            self._open.pop(request, None)
        super().shutdown_request(request)

    def handle_error(self, request: object, client_address: object) -> None:
        """Say nothing of a client that went away."""


def report_server(page: Path, port: int = 0) -> ReportServer:
    """Return a server that is bound to a free port of this machine, or to the one given.

    It answers for the page and its files of examples alone, and only to who calls it by a name of
    this machine: a page elsewhere cannot read it by way of a name that leads here.
    Raises OSError if the port is taken.
    """

    class Handler(_Handler):
        report = page

    return ReportServer((LOOPBACK, port), Handler)


def requested_file(page: Path, target: str) -> Path | None:
    """Return the file that a request's target names, or None if it is none of the report's.

    >>> requested_file(Path("run/report.html"), "/").as_posix()
    'run/report.html'
    >>> requested_file(Path("run/report.html"), "/../secret") is None
    True
    """
    path = unquote(urlsplit(target).path)
    if path in ("/", f"/{page.name}"):
        return page
    folder, _, name = path.removeprefix("/").rpartition("/")
    if folder == f"{page.stem}-examples" and CHUNK_NAME.fullmatch(name):
        return page.parent / folder / name
    return None


def read_below(folder: Path, file: Path) -> bytes:
    """Return a file's content; raise OSError for what is none, or is reached through a link.

    The folder itself may be a link: a person has named it.
    """
    at = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    *parents, name = file.relative_to(folder).parts
    try:
        for parent in parents:
            below = os.open(parent, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW, dir_fd=at)
            os.close(at)
            at = below
        number = os.open(name, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK, dir_fd=at)
    finally:
        os.close(at)
    with open(number, "rb") as opened:  # noqa: PTH123  # by its number
        if not stat.S_ISREG(os.fstat(number).st_mode):
            raise FileNotFoundError(file)
        return opened.read()


class _Handler(BaseHTTPRequestHandler):
    report: Path
    server_version = "harness"
    sys_version = ""
    timeout = _SECONDS

    def do_GET(self) -> None:
        """Send a file of the report."""
        self._respond(body=True)

    def do_HEAD(self) -> None:
        """Send what stands before a file of the report."""
        self._respond(body=False)

    def _respond(self, *, body: bool) -> None:
        host = self.headers.get("Host", "").partition(":")[0]  # a port is said where it is not 80
        file = requested_file(self.report, self.path) if host in (LOOPBACK, "localhost") else None
        try:
            data = read_below(self.report.parent, file) if file else None
        except (OSError, ValueError):  # ValueError: a name with a null character
            data = None
        if file is None or data is None:
            self.send_error(HTTPStatus.NOT_FOUND)
            return
        self.send_response(HTTPStatus.OK)
        self.send_header("Content-Type", CONTENT_TYPES[file.suffix])
        self.send_header("Content-Length", str(len(data)))
        self.send_header("Cache-Control", "no-store")
        self.send_header("X-Content-Type-Options", "nosniff")
        self.send_header("X-Frame-Options", "DENY")
        self.end_headers()
        if body:
            self.wfile.write(data)

    def log_message(self, format: str, *arguments: Any) -> None:  # noqa: A002
        """Say nothing: the browser shows what it got."""
