"""Endpoints against real servers: one with a real model, and one that does what servers do."""

import asyncio
import functools
import json
import re
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from harness.cli import main
from harness.files import canonical_json, sha256
from harness.models.endpoint.chat_client import _retry_after
from harness.models.endpoint.endpoint import Endpoint
from harness.models.model import Model
from harness.records import Prediction, Query
from tests.servers import HANG_GUARD, Request, answering, transformers_serve

pytest.importorskip("openai")

Make = Callable[[str], Model]
Tiny = Callable[..., Path]

KEY = "sk-proj-0123456789abcdef-VERYSECRET"
QUERIES = [Query("answer", "Ann met Bob.", f"Who {i}?") for i in range(6)]


def _entry(url: str, more: str = "", name: str = "served-model") -> str:
    return f'kind = "endpoint"\nurl = "{url}"\nmodel = "{name}"\nbackoff = 0.01\n{more}'


def _echo(request: Request) -> None:
    number = re.search(r"Who (\d)", request.asked)
    request.reply(f" {number[1]} " if number else "Ann met Bob in Rome.")


def _errors(predictions: list[Prediction]) -> list[str | None]:
    return [one.error for one in predictions]


@pytest.fixture(scope="module")
def served(tiny_folder: Tiny) -> Iterator[tuple[str, Path]]:
    pytest.importorskip("fastapi")
    pytest.importorskip("uvicorn")
    folder = tiny_folder("llama", dated=False)  # the server has no other date than today's
    with transformers_serve(folder) as url:
        yield url, folder


def test_a_served_model_says_what_it_says_here(make_model: Make, served: tuple[str, Path]) -> None:
    """The authority is transformers itself, on the same weights and messages.

    Each query's prompt has another length: the server's count tells whose reply it is, where two
    replies of such a model may be alike.
    """
    import torch
    from transformers import AutoModelForCausalLM, AutoTokenizer

    url, folder = served
    model = make_model(_entry(url, name=str(folder)))
    assert isinstance(model, Endpoint)
    told = ["Ann met Bob.", "Ann met Bob in Rome.", "Ann met Bob in Rome. They signed."]
    queries = [Query("answer", text, "Who met Bob?") for text in told]
    queries.append(Query("summarize", told[-1]))
    made = model.predict(queries)
    tokenizer = AutoTokenizer.from_pretrained(folder)
    local = AutoModelForCausalLM.from_pretrained(folder, dtype=torch.float32)
    for query, prediction in zip(queries, made, strict=True):
        prompt = model.prompts[query.task]
        inputs = tokenizer.apply_chat_template(
            prompt.render(query), add_generation_prompt=True, return_tensors="pt", return_dict=True
        )
        output = local.generate(**inputs, do_sample=False, max_new_tokens=prompt.max_new_tokens)
        said = output[0, inputs["input_ids"].shape[1] :]
        assert prediction.error is None
        assert prediction.raw == tokenizer.decode(said, skip_special_tokens=True)
        assert prediction.prompt_tokens == inputs["input_ids"].shape[1]
        assert prediction.output_tokens == len(said)
        ended = said[-1] == tokenizer.eos_token_id
        assert prediction.finish == ("stop" if ended else "length")
        assert prediction.served_by == f"{folder}@main"
        assert prediction.rendered_sha256 == sha256(canonical_json(prompt.render(query)))
        assert prediction.source_tokens is None  # the server has the tokenizer, we do not
    assert len({one.prompt_tokens for one in made}) == len(made)


def test_a_run_on_a_served_model(
    served: tuple[str, Path], suite_folder: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    url, folder = served
    roster = tmp_path / "mine.toml"
    entry = _entry(url, "prices = { input = 2.0, output = 6.0 }", str(folder))
    roster.write_text(f"[m]\n{entry}\n", encoding="utf-8")
    out = tmp_path / "out"
    arguments = ["--suite", str(suite_folder), "--roster", str(roster), "--out", str(out)]
    assert main(["eval", *arguments]) == 0
    said = capsys.readouterr()
    host = url.removeprefix("http://").removesuffix("/v1")
    assert f"harness: m sends articles and questions to {host}\n" in said.err
    assert "cost" in said.out
    board = json.loads((out / "leaderboard.json").read_text(encoding="utf-8"))
    text = (out / "predictions.jsonl").read_text(encoding="utf-8")
    lines = [one for one in map(json.loads, text.splitlines()) if one["model"] == "m"]
    for row in board["rows"]:
        if row["model"] != "m":
            assert row["cost"] is None
            continue
        mine = [one for one in lines if one["task"] == row["task"]]
        assert len(mine) == row["counts"]["ok"] > 0
        expected = sum((2 * x["prompt_tokens"] + 6 * x["output_tokens"]) / 1e6 for x in mine)
        assert row["cost"] == pytest.approx(expected, rel=1e-12)
        assert row["served_by"] == [f"{folder}@main"]
    assert {"lead-3", "no-answer", "m"} <= {row["model"] for row in board["rows"]}
    assert main(["verify", str(out), "--suite", str(suite_folder)]) == 0
    assert main(["eval", *arguments]) == 0  # from the store
    again = json.loads((out / "leaderboard.json").read_text(encoding="utf-8"))
    counts = [row["counts"] for row in again["rows"] if row["model"] == "m"]
    assert all(one["cached"] == one["expected"] for one in counts)


def test_replies_go_to_their_queries_in_any_order_of_coming(make_model: Make) -> None:
    """The first is held until another has come: here, or when all others have been asked."""
    together, another = threading.Barrier(3), threading.Event()

    def hold_the_first(request: Request) -> None:
        if request.number <= 3:
            together.wait(HANG_GUARD)
        if "Who 0?" in request.asked:
            another.wait(HANG_GUARD)
        elif "Who 5?" in request.asked:
            another.set()
        _echo(request)

    places = []
    with answering(hold_the_first) as server:
        model = make_model(_entry(server.url, "concurrency = 3"))
        assert isinstance(model, Endpoint)
        for place, _ in model.stream(QUERIES[:3]):
            places.append(place)
            another.set()
        another.clear()
        made = model.predict(QUERIES)
    assert sorted(places) == [0, 1, 2]
    assert places[0] != 0
    assert [one.text for one in made] == list("012345")
    assert server.most == 3
    assert all((one.finish, one.prompt_tokens) == ("stop", 100) for one in made)


def test_a_notebook_that_runs_a_loop_of_its_own_may_predict(make_model: Make) -> None:
    with answering(_echo) as server:
        model = make_model(_entry(server.url))

        async def cell() -> list[Prediction]:
            return model.predict(QUERIES[:2])

        assert [one.text for one in asyncio.run(cell())] == ["0", "1"]


def test_what_is_sent(make_model: Make, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MY_KEY", KEY)
    for name in ("OPENAI_API_KEY", "OPENAI_ORG_ID", "OPENAI_PROJECT_ID", "OPENAI_ADMIN_KEY"):
        monkeypatch.setenv(name, "of-another-server")
    names = ("Authorization", "Content-Type", "Host", "OpenAI-Project", "User-Agent", "X-Route")
    headers = "\n".join(f"{name}: of-another-server" for name in names)
    monkeypatch.setenv("OPENAI_CUSTOM_HEADERS", headers)
    monkeypatch.setenv("OPENAI_BASE_URL", "http://of-another-server.invalid/v1")
    with answering(_echo) as server:
        plain = make_model(_entry(server.url, "seed = 7"))
        plain.predict(QUERIES[:1])
        keyed = make_model(
            _entry(
                server.url,
                'api_key_env = "MY_KEY"\nomit = ["seed", "temperature"]\n'
                'limit_name = "max_completion_tokens"',
            )
        )
        keyed.predict(QUERIES[:1])
    first, second = server.seen
    limit = keyed.prompts["answer"].max_new_tokens  # type: ignore[attr-defined]
    messages = keyed.prompts["answer"].render(QUERIES[0])  # type: ignore[attr-defined]
    asked = {"messages": messages, "model": "served-model"}
    assert first.body == asked | {"temperature": 0, "seed": 7, "max_tokens": limit}
    assert second.body == asked | {"max_completion_tokens": limit}
    assert first.path == "/v1/chat/completions"
    assert first.headers["Authorization"] is None
    assert second.headers["Authorization"] == f"Bearer {KEY}"
    assert not [x for x in server.seen if "of-another-server" in str(x.headers)]


@pytest.mark.parametrize("status", [429, 500, 503])
def test_429_and_5xx_are_asked_again(make_model: Make, status: int) -> None:
    def busy_twice(request: Request) -> None:
        if request.number <= 2:
            request.send(status, '{"error": {"message": "busy"}}')
        else:
            _echo(request)

    with answering(busy_twice) as server:
        (made,) = make_model(_entry(server.url)).predict(QUERIES[:1])
    assert (made.text, made.error, len(server.seen)) == ("0", None, 3)


def test_who_stays_busy_is_an_error_with_its_words(make_model: Make) -> None:
    with answering(lambda r: r.send(500, '{"error": {"message": "out of\\nmemory"}}')) as server:
        (made,) = make_model(_entry(server.url, "retries = 2")).predict(QUERIES[:1])
    assert made.error is not None
    assert made.error.endswith("answered 500: out of memory (asked 3 times)")
    assert len(server.seen) == 3


@pytest.mark.parametrize(("after", "least", "calls"), [("1", 1.0, 2), ("600", 0.0, 1)])
def test_retry_after_is_heeded(make_model: Make, after: str, least: float, calls: int) -> None:
    def wait(request: Request) -> None:
        if request.number == 1:
            request.send(429, "{}", Retry_After=after)
        else:
            _echo(request)

    with answering(wait) as server:
        started = time.monotonic()
        model = make_model(_entry(server.url, "longest_wait = 3"))
        (made,) = model.predict(QUERIES[:1])
        assert least <= time.monotonic() - started < 600  # who waits for ten minutes does not heed
    assert len(server.seen) == calls
    if calls == 1:
        assert made.error is not None
        assert "asks to wait 600 s, longer than `longest_wait` (3 s)" in made.error


def test_retry_after_without_a_zone_is_in_utc(monkeypatch: pytest.MonkeyPatch) -> None:
    # RFC 9110, 5.6.7: the three forms of one moment, 784111777 by its Unix time; asctime's is UTC.
    monkeypatch.setenv("TZ", "America/Los_Angeles")
    time.tzset()
    monkeypatch.setattr(time, "time", lambda: 784111770.0)
    forms = (
        "Sun, 06 Nov 1994 08:49:37 GMT", "Sunday, 06-Nov-94 08:49:37 GMT",
        "Sun Nov  6 08:49:37 1994",
    )  # fmt: skip
    try:
        assert [_retry_after(form) for form in forms] == [7.0, 7.0, 7.0]
    finally:
        monkeypatch.undo()
        time.tzset()


def test_retry_after_that_is_no_date_is_none() -> None:
    assert _retry_after("Wed, 21 Oct 99999999999999999999 07:28:00 GMT") is None


@pytest.mark.parametrize("status", [400, 409, 413, 422])
def test_what_is_wrong_with_a_query_is_asked_once_and_the_rest_goes_on(
    make_model: Make, status: int
) -> None:
    def too_long(request: Request) -> None:
        if "Who 1?" in request.asked:
            message = "This model's maximum context length is 4096 tokens."
            request.send(status, json.dumps({"error": {"message": message}}))
        else:
            _echo(request)

    with answering(too_long) as server:
        made = make_model(_entry(server.url, "concurrency = 1")).predict(QUERIES)
    assert [one.text for one in made] == ["0", "", "2", "3", "4", "5"]
    assert made[1].error is not None
    assert f"answered {status}: This model's maximum context length" in made[1].error
    assert len(server.seen) == 6


@pytest.mark.parametrize(
    ("status", "path", "way_out"),
    [
        (404, "", "answered 404: no; of most servers `url` ends in /v1"),
        (404, "/v1", "answered 404: no"),
        (401, "", "answered 401: no; look at the variable that `api_key_env` names"),
    ],
)
def test_what_is_probably_wrong_with_the_entry_is_told(
    make_model: Make, status: int, path: str, way_out: str
) -> None:
    with answering(lambda r: r.send(status, '{"error": {"message": "no"}}')) as server:
        url = urlsplit(server.url)._replace(path=path).geturl()
        (error,) = _errors(make_model(_entry(url)).predict(QUERIES[:1]))
    assert error is not None
    assert error.endswith(way_out)


@pytest.mark.parametrize("status", [401, 403, 404])
def test_what_is_wrong_with_every_query_is_asked_once(make_model: Make, status: int) -> None:
    with answering(lambda r: r.send(status, '{"error": {"message": "no"}}')) as server:
        made = make_model(_entry(server.url, "concurrency = 1")).predict(QUERIES)
    assert len(server.seen) == 1
    assert all(f"answered {status}: no" in (error or "") for error in _errors(made))
    assert all("not asked" in (error or "") for error in _errors(made)[1:])


def test_a_stall_ends_at_the_timeout_and_a_trickle_too(make_model: Make) -> None:
    over = threading.Event()

    def stall(request: Request) -> None:
        if "Who 0?" in request.asked:
            over.wait(HANG_GUARD)
        elif "Who 1?" in request.asked:
            request.send_response(200)
            request.send_header("Content-Length", "1000")
            request.end_headers()
            for _ in range(1000):
                request.wfile.write(b" ")
                if over.wait(HANG_GUARD / 1000):
                    break
        else:
            _echo(request)

    # Long enough for the third query's reply on any machine.
    with answering(stall) as server:
        made = make_model(_entry(server.url, "timeout = 5")).predict(QUERIES[:3])
        over.set()
        assert len(server.seen) == 3  # not asked again
    assert made[2].text == "2"
    for one in made[:2]:
        assert one.error is not None
        assert "no whole answer in 5 s" in one.error


def test_half_a_body_is_an_error(make_model: Make) -> None:
    def half(request: Request) -> None:
        request.send(200, json.dumps({"choices": []}), short_by=5)

    with answering(half) as server:
        (made,) = make_model(_entry(server.url)).predict(QUERIES[:1])
    assert made.error is not None
    assert "the answer broke off" in made.error
    assert len(server.seen) == 1


@pytest.mark.parametrize(
    ("body", "message"),
    [
        ('{"choices": [{"mess', "the answer is no chat completion (JSON: "),
        ("<html>Welcome</html>", "<html>Welcome</html>"),
        ('{"error": "overloaded"}', '(choices: Field required): {"error": "overloaded"}'),
        (
            '{"choices": [{"message": {"content": "Ann", "content": "Bob"}}]}',
            "(JSON: 'content' is given twice in one object): {",
        ),
        ('{"choices": []}', "(choices: List should have at least 1 item"),
        (
            '{"choices": [{"message": {"content": null}, "finish_reason": "content_filter"}]}',
            "the reply has no text (it ended by: content_filter)",
        ),
    ],
)
def test_what_is_no_completion_is_an_error(make_model: Make, body: str, message: str) -> None:
    with answering(lambda request: request.send(200, body)) as server:
        (made,) = make_model(_entry(server.url)).predict(QUERIES[:1])
    assert made.error is not None
    assert message in made.error


@pytest.mark.parametrize("content", ["", " \n", "<think>Bob?</think>", "Bob?</think>\n"])
@pytest.mark.parametrize(
    "ended_by", ["length", "content_filter", "tool_calls", None, "stop", "STOP"]
)
def test_an_empty_reply_is_an_answer_only_of_a_model_that_stopped(
    make_model: Make, content: str, ended_by: str | None
) -> None:
    """OpenAI's reference: "stop" is a natural stop point, "length" the limit of tokens."""
    choice = {"message": {"content": content}, "finish_reason": ended_by}
    body = json.dumps({"choices": [choice]})
    with answering(lambda request: request.send(200, body)) as server:
        (made,) = make_model(_entry(server.url)).predict(QUERIES[:1])
    assert made.text == ""
    if ended_by in ("stop", "STOP"):  # Gemini's FinishReason has it in capitals
        assert made.error is None
    else:
        assert made.error is not None
        assert f"(it ended by: {ended_by})" in made.error


@pytest.mark.parametrize(
    ("field", "value", "message"),
    [
        ("reasoning_content", "Mara Holt", "has no text but thoughts alone"),
        ("reasoning", "Mara Holt", "has no text but thoughts alone"),
        ("thinking", "Mara Holt", "has no text but thoughts alone"),
        ("reasoning_details", [{"text": "Mara Holt"}], "has no text but thoughts alone"),
        ("refusal", "I cannot help with that.", "has no text but a refusal"),
        ("tool_calls", [{"id": "1", "type": "function"}], "has no text but a call of a tool"),
    ],
)
def test_an_empty_text_beside_something_else_is_no_answer(
    make_model: Make, field: str, value: object, message: str
) -> None:
    """A field of its own holds what was said; beside a text, or empty, it changes nothing."""
    for content, said, failed in (("", value, True), ("Ann", value, False), ("", None, False)):
        choice = {"message": {"content": content, field: said}, "finish_reason": "stop"}
        with answering(functools.partial(Request.reply, text=None, choices=[choice])) as server:
            (made,) = make_model(_entry(server.url)).predict(QUERIES[:1])
        assert (message in (made.error or "")) == failed
        assert made.text == ("" if failed else content)


@pytest.mark.parametrize(
    "ended_by", ["content_filter", "abort", "SAFETY", "insufficient_system_resource"]
)
def test_the_beginning_of_a_reply_that_was_broken_off_is_none(
    make_model: Make, ended_by: str
) -> None:
    """OpenAI's reference: "content_filter" if content was omitted due to a flag."""
    choice = {"message": {"content": "Ann said that"}, "finish_reason": ended_by}
    with answering(functools.partial(Request.reply, text=None, choices=[choice])) as server:
        (made,) = make_model(_entry(server.url)).predict(QUERIES[:1])
    assert made.text == ""
    assert f"the reply was broken off (it ended by: {ended_by})" in (made.error or "")


def test_tokens_that_were_counted_and_not_sent_are_no_silence(make_model: Make) -> None:
    for count, failed in ((1, False), (200, True)):
        usage = {"prompt_tokens": 100, "completion_tokens": count}
        with answering(functools.partial(Request.reply, text="", usage=usage)) as server:
            (made,) = make_model(_entry(server.url)).predict(QUERIES[:1])
        assert ("counts 200 tokens of the reply and sends no text" in (made.error or "")) == failed


def test_a_prompt_that_the_server_may_have_cut_is_told_of_once(
    make_model: Make, capsys: pytest.CaptureFixture[str]
) -> None:
    """Ollama cuts at num_ctx without a word; 10,000 characters are never 1,000 tokens."""
    long = [replace(query, context="port " * 2000) for query in QUERIES[:2]]
    for count, told in ((2500, 0), (1000, 1)):
        usage = {"prompt_tokens": count, "completion_tokens": 3}
        with answering(functools.partial(Request.reply, text="Ann", usage=usage)) as server:
            make_model(_entry(server.url)).predict(long)
        assert capsys.readouterr().err.count("counts 1,000 tokens in a prompt of 10,") == told


@pytest.mark.parametrize(
    ("parts", "text"),
    [
        ([{"type": "text", "text": "Mara "}, {"type": "text", "text": "Holt"}], "Mara Holt"),
        # Mistral's API reference, "Reasoning": thinking chunks before the text.
        (
            [
                {"type": "thinking", "thinking": [{"type": "text", "text": "Bob?"}]},
                {"type": "text", "text": "Mara Holt"},
            ],
            "Mara Holt",
        ),
        ([{"type": "thinking", "thinking": [{"type": "text", "text": "Bob?"}]}], None),
        ([], None),
        ([{"type": "image_url", "image_url": {"url": "x"}}], None),
    ],
)
def test_a_content_in_parts_is_its_texts(
    make_model: Make, parts: list[object], text: str | None
) -> None:
    choice = {"message": {"content": parts}, "finish_reason": "stop"}
    with answering(functools.partial(Request.reply, text=None, choices=[choice])) as server:
        (made,) = make_model(_entry(server.url)).predict(QUERIES[:1])
    assert made.text == (text or "")
    assert (made.error is None) == (text is not None)


def test_the_first_of_several_replies_is_the_one_of_the_lowest_index(make_model: Make) -> None:
    """OpenAI's reference: "index", the index of the choice in the list of choices."""
    replies = [
        {"index": i, "message": {"content": text}, "finish_reason": "stop"}
        for i, text in ((1, "Bob"), (0, "Ann"))
    ]
    with answering(lambda request: request.reply("", choices=replies)) as server:
        (made,) = make_model(_entry(server.url)).predict(QUERIES[:1])
    assert (made.text, made.error) == ("Ann", None)


@pytest.mark.parametrize(
    ("choice", "beside"),
    [
        ({"finish_reason": "stop", "error": {"message": "provider died"}}, {}),
        ({"finish_reason": "error"}, {"note": "provider died"}),
        ({"finish_reason": "stop"}, {"error": {"message": "provider died"}}),
    ],
)
def test_an_error_in_a_reply_of_status_200_is_an_error(
    make_model: Make, choice: dict[str, object], beside: dict[str, object]
) -> None:
    body = json.dumps({"choices": [{"message": {"content": "Ann"}, **choice}], **beside})
    with answering(lambda request: request.send(200, body)) as server:
        (made,) = make_model(_entry(server.url)).predict(QUERIES[:1])
    assert made.text == ""
    assert "reports an error in its reply" in (made.error or "")
    assert "provider died" in (made.error or "")


def test_the_reply_that_the_prompt_asks_for_is_an_answer_however_it_ended(make_model: Make) -> None:
    said = {"message": {"content": "Unanswerable."}, "finish_reason": "length"}
    body = json.dumps({"choices": [said]})
    with answering(lambda request: request.send(200, body)) as server:
        model = make_model(_entry(server.url))
        assert isinstance(model, Endpoint)
        assert model.prompts["answer"].no_answer == "unanswerable"
        (made,) = model.predict(QUERIES[:1])
    assert (made.text, made.error) == ("", None)


def test_a_reply_without_counts_has_no_cost(make_model: Make) -> None:
    with answering(lambda r: r.reply("Ann", usage=None, model=None)) as server:
        model = make_model(_entry(server.url, "prices = { input = 1, output = 1 }"))
        (made,) = model.predict(QUERIES[:1])
    assert (made.text, made.cost, made.prompt_tokens, made.served_by) == ("Ann", None, None, None)


def test_a_redirect_to_another_host_is_refused(
    make_model: Make, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("MY_KEY", KEY)
    with answering(_echo) as thief:
        target = thief.url.replace("127.0.0.1", "localhost") + "/chat/completions?k=" + KEY
        with answering(lambda r: r.send(307, "", Location=target)) as server:
            model = make_model(_entry(server.url, 'api_key_env = "MY_KEY"\nconcurrency = 1'))
            made = model.predict(QUERIES[:2])
    assert thief.seen == []
    assert len(server.seen) == 1
    assert made[0].error is not None
    assert "redirects (307) to another host, localhost/v1/chat/completions" in made[0].error
    assert KEY not in made[0].error


def test_a_server_that_is_not_there(make_model: Make) -> None:
    with answering(_echo) as server:
        url = server.url
    made = make_model(_entry(url, "concurrency = 1")).predict(QUERIES * 3)
    assert "cannot be reached" in (made[0].error or "")
    assert [("not asked" in (error or "")) for error in _errors(made)] == [False] * 10 + [True] * 8


def test_the_key_is_in_no_file_and_no_line_of_a_run(
    suite_folder: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capfd: pytest.CaptureFixture[str],
) -> None:
    """The server does its worst: it puts the key into errors, replies and names."""
    monkeypatch.setenv("MY_KEY", KEY)

    def spill(request: Request) -> None:
        told = request.headers["Authorization"]
        match request.number % 6:
            case 0:
                request.send(400, json.dumps({"error": {"message": f"no {told}"}}))
            case 1:
                request.reply(f"You sent {told}")
            case 2:
                request.reply("Ann", model=told)
            case 3:
                request.send(200, f"no JSON: {told}")
            case 4:  # where a message is cut
                request.send(400, json.dumps({"error": {"message": f"{'x' * 170} {told}"}}))
            case 5:
                request.send(422, told)

    out = tmp_path / "out"
    with answering(spill) as server:
        roster = tmp_path / "mine.toml"
        entry = _entry(server.url, 'api_key_env = "MY_KEY"\nconcurrency = 1')
        roster.write_text(f"[m]\n{entry}\n", encoding="utf-8")
        arguments = ["--suite", str(suite_folder), "--roster", str(roster), "--out", str(out)]
        assert main(["eval", *arguments]) == 3
        assert len(server.seen) >= 6
        assert all(one.headers["Authorization"] == f"Bearer {KEY}" for one in server.seen)
    files = [path for path in out.rglob("*") if path.is_file()]
    assert {"leaderboard.json", "predictions.jsonl", "predictions.sqlite"} <= {
        path.name for path in files
    }
    for path in files:
        assert KEY.encode() not in path.read_bytes(), path
        assert b"VERYSECRET" not in path.read_bytes(), path
        assert KEY[:14].encode() not in path.read_bytes(), path
    said = capfd.readouterr()
    assert "VERYSECRET" not in said.out + said.err
    assert "[API key]" in (out / "predictions.jsonl").read_text(encoding="utf-8")


def test_failures_are_tried_again_and_the_rest_is_not(suite_folder: Path, tmp_path: Path) -> None:
    broken = True

    def answer(request: Request) -> None:
        if broken and "cost" in request.asked:
            request.send(400, '{"error": {"message": "no"}}')
        else:
            request.reply("Ann")

    with answering(answer) as server:
        roster = tmp_path / "mine.toml"
        roster.write_text(f"[m]\n{_entry(server.url)}\n", encoding="utf-8")
        arguments = ["--suite", str(suite_folder), "--roster", str(roster), "--tasks", "answer"]
        arguments += ["--out", str(tmp_path / "out")]
        assert main(["eval", *arguments]) == 3
        assert len(server.seen) == 4
        broken = False
        assert main(["eval", *arguments]) == 0
        assert len(server.seen) == 6
        assert main(["eval", *arguments]) == 0
        assert len(server.seen) == 6


# Ctrl-C is heard, as on a terminal: a shell's background jobs are started deaf to it.
INTERRUPTED = """\
import signal, sys
signal.signal(signal.SIGINT, signal.default_int_handler)
from harness.cli import main
sys.exit(main(sys.argv[1:]))
"""


@pytest.mark.parametrize("sent", [signal.SIGINT, signal.SIGKILL])
def test_an_interrupted_run_keeps_what_was_finished(
    suite_folder: Path, tmp_path: Path, sent: signal.Signals
) -> None:
    """Of four questions the server answers three; then the run is stopped, and goes on later.

    The fourth reply is held until the run has ended: it ends without it, or not at all.
    """
    ended = threading.Event()

    def answer(request: Request) -> None:
        if request.number == 3:
            ended.wait(2 * HANG_GUARD)
        request.reply("Ann")

    out = tmp_path / "out"
    with answering(answer) as server:
        roster = tmp_path / "mine.toml"
        roster.write_text(f"[m]\n{_entry(server.url)}\n", encoding="utf-8")
        arguments = ["eval", "--suite", str(suite_folder), "--roster", str(roster)]
        arguments += ["--tasks", "answer", "--out", str(out)]
        with subprocess.Popen(
            [sys.executable, "-c", INTERRUPTED, *arguments], stderr=subprocess.PIPE, text=True
        ) as process:
            _wait_for(lambda: _stored(out) == 3, process)
            process.send_signal(sent)
            _, err = process.communicate(timeout=HANG_GUARD)
        if sent == signal.SIGINT:
            assert process.returncode == 130
            assert "harness: interrupted; what was predicted is kept" in err
            assert "Traceback" not in err
        assert _stored(out) == 3
        ended.set()
        assert main(arguments) == 0
        assert len(server.seen) == 5  # the one that was lost, again


def _stored(out: Path) -> int:
    if not (out / "predictions.sqlite").is_file():
        return 0
    import sqlite3

    db = sqlite3.connect(out / "predictions.sqlite", timeout=10)
    try:
        rows = db.execute(
            "SELECT prediction FROM predictions JOIN facts ON identity = sha256 "
            "WHERE json LIKE '%endpoint%'"
        ).fetchall()
    except sqlite3.OperationalError:
        return 0
    finally:
        db.close()
    return len(rows)


def _wait_for(true: Callable[[], bool], process: "subprocess.Popen[str]") -> None:
    deadline = time.monotonic() + HANG_GUARD
    while not true():
        assert process.poll() is None, process.communicate()
        assert time.monotonic() < deadline
        time.sleep(0.02)


@pytest.mark.parametrize(
    ("keys", "message"),
    [
        ('url = "localhost:8000"', r"m\.url: is no address; write one like http"),
        ('url = "ftp://x/v1"', r"m\.url: is no address"),
        ('url = "http://[::1/v1"', r"m\.url: is no address"),
        ('url = "http://x:port/v1"', r"m\.url: is no address"),
        ('url = "https://me:geheim@x/v1"', r"m\.url: must hold no password"),
        ('url = "https://x/v1?key=geheim"', r"m\.url: must end before '\?'"),
        ('url = "https://x/v1/chat/completions"', r"m\.url: is the base address"),
        ('url = "http://x/v1"\napi_key_env = "sk-geheim"', r"m\.api_key_env: must be the name"),
        ('url = "http://x/v1"\napi_key_env = "hf_geheim"', r"never the key itself"),
        ('url = "http://x/v1"\napi_key = "geheim"', r"m\.api_key: unknown key"),
        ('url = "http://x/v1"\nconcurrency = 0', r"m\.concurrency: must be 1 or more, not 0"),
        ('url = "http://x/v1"\nprices = { input = 1 }', r"m\.prices\.output: is missing"),
        ('url = "http://x/v1"\nomit = ["max_tokens"]', r'm\.omit\[0\]: must be "temp'),
        ("", r"m\.url: is missing"),
    ],
)
def test_a_wrong_entry_is_refused_in_one_line(
    suite_folder: Path,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    keys: str,
    message: str,
) -> None:
    roster = tmp_path / "mine.toml"
    roster.write_text(f'[m]\nkind = "endpoint"\nmodel = "x"\n{keys}\n', encoding="utf-8")
    arguments = ["--quiet", "--suite", str(suite_folder), "--roster", str(roster)]
    assert main(["eval", *arguments, "--out", str(tmp_path / "out")]) == 2
    said = capsys.readouterr().err
    assert re.search(message, said)
    assert said.count("\n") == 1
    assert "geheim" not in said
    assert not (tmp_path / "out").exists()


@pytest.mark.parametrize(("value", "message"), [("", "is not set"), ("two words", "holds no API")])
def test_a_missing_key_is_said_before_anything_runs(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    value: str,
    message: str,
) -> None:
    monkeypatch.setenv("MY_KEY", value)
    with answering(_echo) as server:
        roster = tmp_path / "mine.toml"
        entry = _entry(server.url, 'api_key_env = "MY_KEY"')
        roster.write_text(f"[m]\n{entry}\n", encoding="utf-8")
        assert main(["eval", "-q", "--roster", str(roster), "--out", str(tmp_path / "out")]) == 2
    said = capsys.readouterr().err
    assert f"the environment variable MY_KEY {message}" in said
    assert said.count("\n") == 1
    assert server.seen == []
    assert not (tmp_path / "out").exists()


def test_the_identity_holds_what_can_change_a_reply_and_nothing_else(make_model: Make) -> None:
    first = make_model(_entry("http://x/v1")).identity("answer")
    changes = [
        _entry("http://y/v1"),
        _entry("http://x/v2"),
        _entry("http://x/v1", name="other"),
        _entry("http://x/v1", "seed = 1"),
        _entry("http://x/v1", 'omit = ["seed"]'),
        _entry("http://x/v1", 'limit_name = "max_completion_tokens"'),
    ]
    others = [canonical_json(make_model(one).identity("answer")) for one in changes]
    assert len({canonical_json(first), *others}) == len(changes) + 1
    same = "concurrency = 9\ntimeout = 3\nretries = 1\nprices = { input = 1, output = 2 }"
    assert make_model(_entry("http://x/v1/", same)).identity("answer") == first
    assert make_model(_entry("http://x/v1")).identity("summarize") != first
