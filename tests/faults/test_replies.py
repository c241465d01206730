"""Servers that flood, pack gigabytes into kilobytes, or count what is no count."""

import gzip
import json
from collections.abc import Callable
from pathlib import Path

import pytest

from harness.models.model import Model
from harness.records import Query
from tests.servers import Request, answering

pytest.importorskip("openai")

Make = Callable[[str], Model]
QUERY = Query("answer", "Ann met Bob.", "Who met Bob?")


def _completion(text: str, **usage: object) -> bytes:
    message = {
        "index": 0,
        "message": {"role": "assistant", "content": text},
        "finish_reason": "stop",
    }
    return json.dumps({"model": "m", "choices": [message], "usage": usage}).encode()


def _send(request: Request, data: bytes, status: int = 200, **headers: str) -> None:
    request.send_response(status)
    for name, value in headers.items():
        request.send_header(name.replace("_", "-"), value)
    request.send_header("Content-Type", "application/json")
    request.send_header("Content-Length", str(len(data)))
    request.end_headers()
    request.wfile.write(data)


def _flood(request: Request, status: int = 200) -> None:
    request.send_response(status)
    request.send_header("Content-Type", "application/json")
    request.end_headers()
    request.close_connection = True
    try:
        while True:
            request.wfile.write(b" " * 1_000_000)
    except OSError:  # who asked has gone away
        return


def _error(make_model: Make, answer: Callable[[Request], None], more: str = "") -> str | None:
    with answering(answer) as server:
        entry = f'kind = "endpoint"\nurl = "{server.url}"\nmodel = "m"\nretries = 0\n{more}'
        (prediction,) = make_model(entry).predict([QUERY])
    return prediction.error


LONG = "the reply is longer than 1,000,000 bytes; if it should be, raise `max_reply_bytes`"


@pytest.mark.parametrize("status", [200, 400, 500])
def test_a_flood_is_read_no_further_than_the_bound(make_model: Make, status: int) -> None:
    assert LONG in str(_error(make_model, lambda request: _flood(request, status)))


def test_a_text_that_is_never_done_scoring_is_a_failure(make_model: Make) -> None:
    data = _completion("word " * 1_000_000)
    assert LONG in str(_error(make_model, lambda request: _send(request, data)))


@pytest.mark.parametrize("encoding", ["gzip", "deflate"])
def test_what_unpacks_to_gigabytes_is_unpacked_no_further(make_model: Make, encoding: str) -> None:
    """Of gzip a thousandth of it is sent."""
    bomb = gzip.compress(b" " * 100_000_000, compresslevel=1)
    told = _error(make_model, lambda request: _send(request, bomb, Content_Encoding=encoding))
    assert LONG in str(told)


def test_a_packed_reply_is_read(make_model: Make) -> None:
    data = gzip.compress(_completion("Ann", prompt_tokens=3, completion_tokens=1))
    assert _error(make_model, lambda request: _send(request, data, Content_Encoding="gzip")) is None


def test_a_packing_that_none_asked_for_is_told(make_model: Make) -> None:
    told = _error(make_model, lambda request: _send(request, b"x", Content_Encoding="br"))
    assert "the reply is packed by 'br', which was not asked for" in str(told)


@pytest.mark.parametrize("count", ["9" * 401, "1" + "0" * 10, "9" * 5000])
def test_a_count_of_tokens_that_is_none_is_a_failure(make_model: Make, count: str) -> None:
    data = _completion("Ann", prompt_tokens=777).replace(b"777", count.encode())
    told = _error(make_model, lambda request: _send(request, data))
    assert "the answer is no chat completion (" in str(told)


def test_the_roster_sets_the_bound(make_model: Make) -> None:
    data = _completion("word " * 1000)
    assert _error(make_model, lambda request: _send(request, data)) is None
    told = _error(make_model, lambda request: _send(request, data), "max_reply_bytes = 1000")
    assert "the reply is longer than 1,000 bytes" in str(told)


def test_a_cost_that_is_no_number_is_a_failure(make_model: Make, tmp_path: Path) -> None:
    """A price that is finite, times tokens that are."""
    from harness.records import Article, Example
    from harness.run.predict import predict
    from harness.run.store import Store

    data = _completion("Ann", prompt_tokens=10**9, completion_tokens=10**9)
    with answering(lambda request: _send(request, data)) as server, Store(tmp_path / "s") as store:
        prices = "prices = { input = 1e308, output = 1e308 }"
        entry = f'kind = "endpoint"\nurl = "{server.url}"\nmodel = "m"\n{prices}'
        example = Example("a/q", Article("a", QUERY.context, "f", ""), QUERY, ())
        (made,) = predict(make_model(entry), [example], store, {}, lambda done, total: None)
    assert made.stored.prediction.error == (
        "ModelError: its cost, or how sure it is, is no finite number"
    )
