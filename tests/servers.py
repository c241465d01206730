"""Real HTTP servers on loopback: one that serves a tiny real model, and one that misbehaves."""

import contextlib
import json
import threading
import time
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any


@contextlib.contextmanager
def transformers_serve(folder: Path) -> Iterator[str]:
    """Serve a checkpoint with `transformers serve`, and give the address of its API."""
    from transformers.cli.serve import Serve

    class Served(Serve):  # type: ignore[misc]
        def start_server(self) -> None:
            # As there, but with a loop that is closed at the end.
            self._thread = threading.Thread(target=self.server.run)
            self._thread.start()

    served = Served(
        force_model=str(folder),
        host="127.0.0.1",
        port=0,  # any that is free
        device="cpu",
        dtype="float32",
        log_level="error",
        non_blocking=True,
    )
    try:
        while not served.server.started:
            assert served._thread.is_alive()
            time.sleep(0.01)
        port = served.server.servers[0].sockets[0].getsockname()[1]
        yield f"http://127.0.0.1:{port}/v1"
    finally:
        served.kill_server()
        served._thread.join()  # it waits for two seconds itself, and then goes on


Answer = Callable[["Request"], None]

# Nothing is held longer than so many seconds: a test that waits for ever is a poor one.
HANG_GUARD = 300.0


class Request(BaseHTTPRequestHandler):
    """One request, and how to answer it well or badly."""

    protocol_version = "HTTP/1.1"
    server: "Server"

    def do_POST(self) -> None:
        self.body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        with self.server.lock:
            self.server.seen.append(self)
            self.number = len(self.server.seen)
            self.server.now += 1
            self.server.most = max(self.server.most, self.server.now)
        self.under_way = True
        try:
            self.server.answer(self)
        finally:
            self._leave()

    def _leave(self) -> None:
        """Be under way no more, before the answer is out: who has it may ask again at once."""
        with self.server.lock:
            self.server.now -= self.under_way
            self.under_way = False

    def log_message(self, *_: object) -> None:
        """Say nothing."""

    @property
    def asked(self) -> str:
        """The last message."""
        return str(self.body["messages"][-1]["content"])

    def send(self, status: int, body: str, short_by: int = 0, **headers: str) -> None:
        """Send an answer that lacks its last `short_by` bytes, and close if it does."""
        data = body.encode()
        self.send_response(status)
        for name, value in headers.items():
            self.send_header(name.replace("_", "-"), value)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(data)))
        self.end_headers()
        self._leave()
        self.wfile.write(data[: len(data) - short_by])
        self.close_connection = bool(short_by)

    def reply(self, text: str | None, **more: Any) -> None:
        """Send a chat completion as OpenAI's API reference has it."""
        usage = {"prompt_tokens": 100, "completion_tokens": 10, "total_tokens": 110}
        choice = {
            "index": 0,
            "message": {"role": "assistant", "content": text},
            "finish_reason": "stop",
        }
        completion = {
            "id": "1",
            "object": "chat.completion",
            "created": 1,
            "model": "served-model",
            "choices": [choice],
            "usage": usage,
        }
        self.send(200, json.dumps(completion | more))


class Server(ThreadingHTTPServer):
    """A server that answers as it is told, and remembers what it was asked."""

    daemon_threads = True

    def __init__(self, answer: Answer) -> None:
        super().__init__(("127.0.0.1", 0), Request)
        self.answer = answer
        self.lock = threading.Lock()
        self.seen: list[Request] = []
        self.now = self.most = 0

    def handle_error(self, request: object, client_address: object) -> None:
        """Say nothing of clients that went away."""

    @property
    def url(self) -> str:
        """The address of its API."""
        return f"http://127.0.0.1:{self.server_address[1]}/v1"


@contextlib.contextmanager
def answering(answer: Answer) -> Iterator[Server]:
    """Serve until the block ends."""
    with Server(answer) as server:
        thread = threading.Thread(target=server.serve_forever, args=(0.01,))
        thread.start()
        try:
            yield server
        finally:
            server.shutdown()
            thread.join()
