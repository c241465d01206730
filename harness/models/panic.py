"""Panics of the libraries in Rust (tokenizers, safetensors), which are no `Exception` in Python."""

import contextlib
from collections.abc import Iterator

from harness.errors import ModelError


@contextlib.contextmanager
def panics_as_errors() -> Iterator[None]:
    """Raise ModelError for a panic within the block: it is one model's failure, as any other."""
    try:
        yield
    except (Exception, KeyboardInterrupt, SystemExit, GeneratorExit):
        raise
    except BaseException as panic:  # each library has a class of its own for them
        reason = " ".join(f"{type(panic).__name__}: {panic}".split())
        raise ModelError(f"a library that the model needs broke down: {reason}") from panic
