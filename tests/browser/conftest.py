"""Pages in a real Chromium. A page that logs an error or asks for anything elsewhere fails its test."""

import os
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlsplit

import pytest

from harness.report.write import write_report

playwright = pytest.importorskip("playwright.sync_api", reason="the extra `test` is not installed")
pytest.importorskip("vl_convert", reason="the extra `report` is not installed")

Page = Any
# Milliseconds: what takes longer never comes, on the slowest of machines.
TIMEOUT_MS = 300_000
FROZEN = Path(__file__).parent.parent / "frozen"
# The browser reaches for nothing by itself; root may not have its sandbox.
QUIET = ["--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
         "--disable-component-update", "--disable-sync", "--no-sandbox"]  # fmt: skip


def launched(chromium: Any, *more: str) -> Any:
    """Start the Chromium of this machine, with more arguments."""
    path = shutil.which("chromium") or shutil.which("chromium-browser")
    if path is None:
        reason = "no Chromium: install it, as with `apt-get install chromium`"
        if os.environ.get("CI"):
            pytest.fail(reason)
        pytest.skip(reason)
    return chromium.launch(executable_path=path, args=[*QUIET, *more], timeout=TIMEOUT_MS)


# Closed after this folder: while it is open, nothing else can run an event loop.
@pytest.fixture(scope="package")
def browser() -> Iterator[Any]:
    with playwright.sync_playwright() as driver:
        found = launched(driver.chromium)
        yield found
        found.close()


@pytest.fixture(scope="session")
def shipped_report(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The report of the recorded run of the shipped suite."""
    folder = tmp_path_factory.mktemp("shipped") / "run"
    shutil.copytree(FROZEN, folder)
    return write_report(folder)


@pytest.fixture
def show(browser: Any) -> Iterator[Callable[..., Page]]:
    """Open a page from the disk: `show(path, "#answer/first/q1", color_scheme="dark")`.

    What the console says fails the test, but for what has the words of `expects` in it.
    """
    contexts: list[Any] = []
    complaints: list[str] = []

    def complain(text: str, expects: str | None) -> None:
        if expects is None or expects not in text:
            complaints.append(text)

    def opened(path: Path, address: str = "", expects: str | None = None, **options: Any) -> Page:
        context = browser.new_context(**{"viewport": {"width": 1280, "height": 900}, **options})
        contexts.append(context)
        context.set_default_timeout(TIMEOUT_MS)
        page = context.new_page()
        page.on("console", lambda message: complain(f"console: {message.text}", expects))
        page.on("pageerror", lambda error: complaints.append(f"error: {error}"))
        page.on("dialog", lambda dialog: complaints.append(f"dialog: {dialog.message}"))
        page.on("request", lambda request: complaints.extend(_outside(request.url, path)))
        page.goto(path.as_uri() + address)
        return page

    yield opened
    for context in contexts:
        context.close()
    assert complaints == []


def _outside(url: str, page: Path) -> list[str]:
    """Return the address if it is neither the page nor one of its files."""
    parts = urlsplit(url)
    file = Path(unquote(parts.path))
    own = file == page or file.parent == page.with_name(f"{page.stem}-examples")
    return [] if parts.scheme == "file" and own else [f"request: {url}"]
