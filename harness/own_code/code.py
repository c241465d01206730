"""What a class is found by that is not of this package, wherever it is."""

from collections.abc import Mapping
from typing import Protocol

from harness.own_code.loaded import Loaded


class Code(Protocol):
    """What a class is found by that is not of this package."""

    @property
    def label(self) -> str:
        """How a message names it."""

    @property
    def origin(self) -> str:
        """Where a signature says that it is from."""

    @property
    def options(self) -> Mapping[str, object]:
        """What it is made with."""

    @property
    def fingerprint(self) -> str:
        """One hash over all that it is."""

    def load(self, method: str) -> Loaded:
        """Import it; raise ModelError on one line, also where it lacks a method."""


# Such a class, and the name that it was given where that is not its own.
NamedCode = tuple[Code, str | None]
