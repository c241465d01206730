"""`harness view`: its options, and what it prints."""

import argparse
from pathlib import Path

from harness.command.options import add_run_argument, add_suite_option

DESCRIPTION = (
    "Serve a run's report to a browser on this machine, until Ctrl-C. The report is written first "
    "if it is not there or older than the run. Nothing else is served, and to no other machine."
)


def add_options(command: argparse.ArgumentParser) -> None:
    """Add the options of `harness view`."""
    add_run_argument(command, "a run, or a page that `harness report` has written")
    add_suite_option(command, of_run=True)
    command.add_argument("--port", type=_port, metavar="N", default=0,
                         help="the port to serve on (default: a free one)")  # fmt: skip


def run(options: argparse.Namespace) -> int:
    """Serve the report until it is interrupted, and return the exit code."""
    from harness.errors import UsageError
    from harness.view.server import LOOPBACK, report_server

    page = _report_page(options.run_folder, options.suite)
    try:
        server = report_server(page, options.port)
    except OSError as error:
        raise UsageError(
            f"port {options.port} cannot be served on: {error.strerror}; leave --port out for a "
            "free one"
        ) from None
    with server:
        print(f"http://{LOOPBACK}:{server.server_port}/  (Ctrl-C ends it)",
              flush=True)  # fmt: skip
        try:
            server.serve_forever()
        except KeyboardInterrupt:
            return 0
    return 0


def _report_page(path: Path, suite: str | None) -> Path:
    """Return the page of a run, written anew where it is older than the run."""
    from harness.leaderboard.run_folder import LEADERBOARD, REPORT
    from harness.report.rendering.freshness import is_current
    from harness.report.write import write_report

    if path.suffix == ".html" and path.is_file():
        return path.resolve()  # a link that a person names is followed, and no other
    folder = path if path.is_dir() else path.parent
    page, board = folder / REPORT, folder / LEADERBOARD
    there = page.is_file() and board.is_file()
    # A second run writes its leaderboard, and leaves a page that would be drawn as it is.
    if there and (page.stat().st_mtime >= board.stat().st_mtime or is_current(page, board)):
        return page
    return write_report(path, suite)


def _port(text: str) -> int:
    if not text.isdecimal() or not 1 <= int(text) <= 65535:
        raise argparse.ArgumentTypeError(f"must be a port from 1 to 65535, not {text!r}")
    return int(text)
