"""The command line as a process: `harness` and `python -m harness`."""

import signal
import sys

# Until a command runs there is nothing to keep: Ctrl-C ends the process without a word.
signal.signal(signal.SIGINT, signal.SIG_DFL)


def run() -> int:
    """Run the command of this process, and return its exit code."""
    from harness.cli import main
    from harness.output import guard_streams

    guard_streams()
    signal.signal(signal.SIGINT, signal.default_int_handler)
    try:
        return main()
    finally:
        signal.signal(signal.SIGINT, signal.SIG_DFL)


if __name__ == "__main__":
    sys.exit(run())
