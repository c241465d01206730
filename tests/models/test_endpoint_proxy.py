"""Which way articles go: past every proxy that variables name, unless the roster asks for it."""

import base64
import shutil
import ssl
import subprocess
from collections.abc import Callable, Iterator
from importlib.util import find_spec
from pathlib import Path

import pytest

from harness.cli import main
from harness.errors import ModelError
from harness.models.endpoint.address import environment_proxy
from harness.models.model import Model
from harness.records import Query
from tests.servers import Request, Server, answering

pytest.importorskip("openai")

Make = Callable[[str], Model]

QUERY = Query("answer", "Ann met Bob.", "Who met Bob?")
VARIABLES = ("HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY")


def _entry(url: str, more: str = "") -> str:
    return f'kind = "endpoint"\nurl = "{url}"\nmodel = "m"\nbackoff = 0.01\n{more}'


def _answer(request: Request) -> None:
    request.reply("Ann")


@pytest.fixture(autouse=True)
def no_proxy(monkeypatch: pytest.MonkeyPatch) -> None:
    """Whoever runs the tests may have a proxy."""
    for name in (*VARIABLES, "NO_PROXY", "REQUEST_METHOD", "SSL_CERT_FILE", "SSL_CERT_DIR"):
        monkeypatch.delenv(name, raising=False)
        monkeypatch.delenv(name.lower(), raising=False)


@pytest.fixture
def servers(monkeypatch: pytest.MonkeyPatch) -> Iterator[tuple[Server, Server]]:
    """A server, and a proxy that every variable names. What it is sent has a whole address."""
    with answering(_answer) as server, answering(_answer) as proxy:
        address = proxy.url.removesuffix("/v1").replace("//", "//ann:geheim@")
        for name in (*VARIABLES, *map(str.lower, VARIABLES)):
            monkeypatch.setenv(name, address)
        yield server, proxy


def test_nothing_reaches_a_proxy_that_the_roster_does_not_ask_for(
    make_model: Make, servers: tuple[Server, Server]
) -> None:
    server, proxy = servers
    model = make_model(_entry(server.url))
    assert [one.text for one in model.predict([QUERY])] == ["Ann"]
    assert (len(server.seen), proxy.seen) == (1, [])
    assert model.network == f"sends articles and questions to {_host(server)}"


@pytest.mark.parametrize("command", [["eval"], ["models", "--check"]])
def test_a_proxy_that_the_roster_asks_for_is_used_and_said(
    servers: tuple[Server, Server],
    suite_folder: Path,
    tmp_path: Path,
    capfd: pytest.CaptureFixture[str],
    command: list[str],
) -> None:
    """A request to a proxy has the whole address of the server (RFC 9112, 3.2.2)."""
    server, proxy = servers
    roster, out = tmp_path / "mine.toml", tmp_path / "out"
    roster.write_text(f"[m]\n{_entry(server.url, 'use_proxy = true')}\n", encoding="utf-8")
    out.mkdir()
    if command[0] == "eval":
        command = [*command, "--out", str(out)]
    assert main([*command, "--suite", str(suite_folder), "--roster", str(roster)]) == 0
    assert server.seen == []
    assert {one.path for one in proxy.seen} == {f"{server.url}/chat/completions"}
    password = base64.b64encode(b"ann:geheim").decode()
    assert {one.headers["Proxy-Authorization"] for one in proxy.seen} == {f"Basic {password}"}
    said = capfd.readouterr()
    way = f"{_host(server)} through the proxy {_host(proxy)}"
    assert f"harness: m sends articles and questions to {way}\n" in said.err
    for text in [said.out, said.err, *map(_content, out.rglob("*"))]:
        assert "geheim" not in text
        assert password not in text


def test_a_proxy_changes_no_key(make_model: Make, servers: tuple[Server, Server]) -> None:
    plain, through = (
        make_model(_entry("http://x/v1")),
        make_model(_entry("http://x/v1", "use_proxy = true")),
    )
    assert plain.identity("answer") == through.identity("answer")


def test_where_the_environment_names_no_proxy_that_is_said(
    make_model: Make, servers: tuple[Server, Server], monkeypatch: pytest.MonkeyPatch
) -> None:
    server, proxy = servers
    monkeypatch.setenv("NO_PROXY", "127.0.0.0/8")
    monkeypatch.setenv("no_proxy", "127.0.0.0/8")
    model = make_model(_entry(server.url, "use_proxy = true"))
    assert [one.text for one in model.predict([QUERY])] == ["Ann"]
    assert (len(server.seen), proxy.seen) == (1, [])
    said = f"to {_host(server)}, directly: the environment names no proxy for it"
    assert model.network is not None
    assert model.network.endswith(said)


def test_a_proxy_that_is_not_there_is_named_without_its_password(
    make_model: Make, monkeypatch: pytest.MonkeyPatch
) -> None:
    with answering(_answer) as proxy:
        address = proxy.url.removesuffix("/v1")
    monkeypatch.setenv("https_proxy", address.replace("//", "//ann:geheim@"))
    model = make_model(_entry("https://server.invalid/v1", "use_proxy = true"))
    (made,) = model.predict([QUERY])
    assert made.error is not None
    way = f"server.invalid through the proxy {_host(proxy)}: cannot be reached (ConnectError"
    assert way in made.error
    assert "geheim" not in made.error


@pytest.mark.parametrize(
    ("url", "variables", "host"),
    [
        ("http://x/v1", {}, None),
        ("http://x/v1", {"HTTP_PROXY": "http://p:3128"}, "p:3128"),
        ("http://x/v1", {"http_proxy": "p:3128"}, "p:3128"),
        ("https://x/v1", {"HTTP_PROXY": "http://p:3128"}, None),
        ("https://x/v1", {"HTTPS_PROXY": "http://p:3128", "ALL_PROXY": "http://q"}, "p:3128"),
        ("https://x/v1", {"ALL_PROXY": "http://q"}, "q"),
        ("http://x/v1", {"ALL_PROXY": "http://me:geheim@q:1/"}, "q:1"),
        ("http://x.org/v1", {"ALL_PROXY": "http://q", "NO_PROXY": "a,x.org"}, None),
        ("http://a.x.org/v1", {"ALL_PROXY": "http://q", "NO_PROXY": ".x.org"}, None),
        ("http://ax.org/v1", {"ALL_PROXY": "http://q", "NO_PROXY": "x.org"}, "q"),
        ("http://x.org:81/v1", {"ALL_PROXY": "http://q", "NO_PROXY": "x.org:81"}, None),
        ("http://x.org:82/v1", {"ALL_PROXY": "http://q", "NO_PROXY": "x.org:81"}, "q"),
        ("http://x.org/v1", {"ALL_PROXY": "http://q", "NO_PROXY": "*"}, None),
        ("http://10.1.2.3/v1", {"ALL_PROXY": "http://q", "NO_PROXY": "10.0.0.0/8"}, None),
        ("http://11.1.2.3/v1", {"ALL_PROXY": "http://q", "NO_PROXY": "10.0.0.0/8"}, "q"),
        ("http://[::1]:8000/v1", {"ALL_PROXY": "http://q", "NO_PROXY": "::1"}, None),
    ],
)
def test_which_proxy_the_environment_names(
    monkeypatch: pytest.MonkeyPatch, url: str, variables: dict[str, str], host: str | None
) -> None:
    """As curl's manual has it, under Environment, and --noproxy for networks."""
    for name, value in variables.items():
        monkeypatch.setenv(name, value)
    proxy = environment_proxy(url)
    assert (proxy.host if proxy else None) == host
    assert "geheim" not in repr(proxy)


@pytest.mark.parametrize(
    ("address", "message"),
    [
        ("ftp://p:21", "no address; correct HTTP_PROXY or ALL_PROXY; write one like http://proxy"),
        ("http://me:gehe#im@p:3128", "no address"),
        ("http://me:12/geheim@p:3128", "no address"),
        ("http://me:geheim@p:port", "no address"),
        pytest.param(
            "socks5://me:geheim@p:1080",
            "speaks SOCKS, which takes the package socksio",
            marks=pytest.mark.skipif(bool(find_spec("socksio")), reason="it is installed here"),
        ),
    ],
)
def test_a_proxy_that_cannot_be_used_is_one_line_without_its_password(
    make_model: Make, monkeypatch: pytest.MonkeyPatch, address: str, message: str
) -> None:
    monkeypatch.setenv("HTTP_PROXY", address)
    with pytest.raises(ModelError, match=message) as caught:
        make_model(_entry("http://x/v1", "use_proxy = true")).identity("answer")
    assert "gehe" not in str(caught.value)
    assert "\n" not in str(caught.value)
    make_model(_entry("http://x/v1")).identity("answer")


def test_certificates_of_one_s_own_are_heeded(
    make_model: Make, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    if not (openssl := shutil.which("openssl")):
        pytest.skip("there is no openssl here to make a certificate")
    key, certificate = tmp_path / "key.pem", tmp_path / "certificate.pem"
    subprocess.run(
        [openssl, "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1",
         "-nodes", "-keyout", key, "-out", certificate, "-subj", "/CN=here",
         "-addext", "subjectAltName=IP:127.0.0.1"],
        check=True, capture_output=True,
    )  # fmt: skip
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate, key)
    with answering(_answer) as server:
        server.socket = context.wrap_socket(server.socket, server_side=True)
        model = make_model(_entry(server.url.replace("http:", "https:")))
        (refused,) = model.predict([QUERY])
        assert "CERTIFICATE_VERIFY_FAILED" in (refused.error or "")
        monkeypatch.setenv("SSL_CERT_FILE", str(certificate))
        assert [one.text for one in model.predict([QUERY])] == ["Ann"]
        monkeypatch.setenv("SSL_CERT_FILE", str(tmp_path / "nowhere.pem"))
        with pytest.raises(ModelError, match=r"SSL_CERT_FILE or SSL_CERT_DIR: no certificates can"):
            model.predict([QUERY])


def _host(server: Server) -> str:
    return server.url.removeprefix("http://").removesuffix("/v1")


def _content(path: Path) -> str:
    return path.read_bytes().decode("latin-1") if path.is_file() else ""
