"""A small Hub on loopback: the few requests of its API by which a model or data set is fetched.

As https://huggingface.co/docs/hub/api and the client `huggingface_hub` have them. The client reads
its address once, from HF_ENDPOINT, so what asks it runs in a process of its own.
"""

import contextlib
import hashlib
import json
import os
import threading
from collections.abc import Iterator, Mapping
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Literal
from urllib.parse import unquote, urlsplit

Kind = Literal["models", "datasets"]

REPOSITORY = "ann/tiny"
COMMIT = "0123456789abcdef0123456789abcdef01234567"


class _Request(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server: "Hub"

    def do_GET(self) -> None:
        path = unquote(urlsplit(self.path).path)
        with self.server.lock:
            self.server.asked.append(path)
        if not self.server.answers:  # as a network that is gone: not a byte comes back
            self.close_connection = True
            return
        kind = self.server.kind
        about = f"/api/{kind}/{REPOSITORY}/"
        resolve = f"{'' if kind == 'models' else f'/{kind}'}/{REPOSITORY}/resolve/"
        if path.startswith(f"{about}revision/"):
            self._send_revision(path.removeprefix(f"{about}revision/"))
        elif path == f"{about}tree/{COMMIT}":
            self._send_json(self.server.tree())
        elif path.startswith(resolve):
            self._send_file(path.removeprefix(resolve).partition("/")[2])
        elif path.startswith(f"/api/{kind}/"):
            self._send_json({"error": "Repository not found"}, 404, "RepoNotFound")
        else:
            self._send_json({"error": "Not found"}, 404, "EntryNotFound")

    def do_HEAD(self) -> None:
        self.do_GET()

    def _send_revision(self, revision: str) -> None:
        if revision not in self.server.revisions and not COMMIT.startswith(revision):
            self._send_json({"error": "Invalid rev id"}, 404, "RevisionNotFound")
            return
        sha = self.server.revisions.get(revision, COMMIT)
        self._send_json({"id": REPOSITORY, "modelId": REPOSITORY, "sha": sha, "siblings": []})

    def _send_file(self, name: str) -> None:
        path = self.server.folder / name
        data = path.read_bytes()
        etag = hashlib.sha256(data).hexdigest() if _is_large(path) else _etag(data)
        self._send(data, {"ETag": f'"{etag}"', "X-Repo-Commit": COMMIT})

    def _send_json(self, content: object, status: int = 200, code: str | None = None) -> None:
        headers = {"Content-Type": "application/json"}
        self._send(
            json.dumps(content).encode(), headers | ({"X-Error-Code": code} if code else {}), status
        )

    def _send(self, data: bytes, headers: Mapping[str, str], status: int = 200) -> None:
        self.send_response(status)
        for name, value in headers.items():
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(data)))
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(data)

    def log_message(self, *_: object) -> None:
        """Say nothing."""


class Hub(ThreadingHTTPServer):
    """Serves the files of a folder, a model's or data set's, as the commit `COMMIT`."""

    daemon_threads = True

    def __init__(self, folder: Path, kind: Kind) -> None:
        super().__init__(("127.0.0.1", 0), _Request)
        self.folder, self.kind = folder, kind
        self.lock = threading.Lock()
        self.asked: list[str] = []
        self.answers = True
        self.revisions = {"main": COMMIT, "v1": COMMIT}

    def tree(self) -> list[dict[str, object]]:
        """Return the files, as the Hub lists them: large ones as git-lfs names them."""
        return [
            {
                "type": "file",
                "path": path.relative_to(self.folder).as_posix(),
                "size": path.stat().st_size,
                "oid": _etag(path.read_bytes()),
            }
            | ({"lfs": _lfs(path)} if _is_large(path) else {})
            for path in sorted(self.folder.rglob("*"))
            if path.is_file()
        ]

    @property
    def environment(self) -> dict[str, str]:
        """The environment of a process that asks this Hub, and has a cache beside the folder."""
        return {
            **os.environ,
            "HF_HOME": str(self.folder.parent / "hub-cache"),
            "HF_ENDPOINT": f"http://127.0.0.1:{self.server_address[1]}",
            "HF_HUB_DISABLE_TELEMETRY": "1",
        }

    def handle_error(self, request: object, client_address: object) -> None:
        """Say nothing of clients that went away."""


@contextlib.contextmanager
def serving(folder: Path, kind: Kind = "models") -> Iterator[Hub]:
    """Serve a checkpoint's folder, or a data set's, until the block ends."""
    with Hub(folder, kind) as hub:
        thread = threading.Thread(target=hub.serve_forever, args=(0.01,))
        thread.start()
        try:
            yield hub
        finally:
            hub.shutdown()
            thread.join()


def _is_large(path: Path) -> bool:
    return path.suffix in (".safetensors", ".gguf")


def _lfs(path: Path) -> dict[str, object]:
    data = path.read_bytes()
    return {"oid": hashlib.sha256(data).hexdigest(), "size": len(data), "pointerSize": 130}


def _etag(data: bytes) -> str:
    """Return git's name of a file: what the Hub gives as its ETag."""
    return hashlib.sha1(b"blob %d\0" % len(data) + data, usedforsecurity=False).hexdigest()
