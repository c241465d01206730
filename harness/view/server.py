"""The server of one report: its page and the files that belong to it, on loopback, read only."""

import re
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlsplit

LOOPBACK = "127.0.0.1"
CONTENT_TYPES = {".html": "text/html; charset=utf-8", ".js": "text/javascript; charset=utf-8"}
# How a file of examples is named: harness/report/rendering/chunks.py.
CHUNK_NAME = re.compile(r"[0-9]{5}-[0-9a-f]{16}\.js")


def report_server(page: Path, port: int = 0) -> ThreadingHTTPServer:
    """Return a server that is bound to a free port of this machine, or to the one given.

    It answers for the page and its files of examples alone, and only to who calls it by a name of
    this machine: a page elsewhere cannot read it by way of a name that leads here.
    Raises OSError if the port is taken.
    """

    class Handler(_Handler):
        report = page

    return ThreadingHTTPServer((LOOPBACK, port), Handler)


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


class _Handler(BaseHTTPRequestHandler):
    report: Path
    server_version = "harness"
    sys_version = ""

    def do_GET(self) -> None:
        """Send a file of the report."""
        self._respond(body=True)

    def do_HEAD(self) -> None:
        """Send what stands before a file of the report."""
        self._respond(body=False)

    def _respond(self, *, body: bool) -> None:
        host = self.headers.get("Host", "").rpartition(":")[0]
        file = requested_file(self.report, self.path) if host in (LOOPBACK, "localhost") else None
        try:
            data = file.read_bytes() if file else None
        except OSError:
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
