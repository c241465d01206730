"""What installed packages offer by entry points."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from importlib.metadata import EntryPoint, entry_points

from harness.errors import ModelError
from harness.files import canonical_json, sha256
from harness.own_code.loaded import Loaded

# The entry points by which an installed package offers kinds of model, and metrics.
KIND_GROUP = "golden_harness.models"
METRIC_GROUP = "golden_harness.metrics"


@dataclass(frozen=True)
class InstalledCode:
    """What an installed package offers under a name by an entry point, and what it is made with."""

    entry: EntryPoint
    options: Mapping[str, object] = field(default_factory=dict)

    @property
    def label(self) -> str:
        """How a message names it: `bleurt of their-package`."""
        return f"{self.entry.name} of {self.package}"

    @property
    def origin(self) -> str:
        """Where a signature says that it is from."""
        return f"package:{self.package}"

    @property
    def package(self) -> str:
        """The package and its version."""
        return f"{self.entry.dist.name} {self.entry.dist.version}" if self.entry.dist else "?"

    @property
    def fingerprint(self) -> str:
        """One hash over the package's version, the class and its options."""
        return sha256(canonical_json([self.package, self.entry.value, self.options]))

    def load(self, method: str) -> Loaded:
        """Import the class and return it; raise ModelError where that fails, on one line."""
        loaded = Loaded(self.label)
        with loaded.running("cannot be imported"):
            found = self.entry.load()
        if not isinstance(found, type) or not callable(getattr(found, method, None)):
            raise ModelError(f"{self.label}: {self.entry.value} is no class with `{method}`")
        loaded.cls = found
        return loaded


def installed(group: str) -> dict[str, EntryPoint]:
    """Return what installed packages offer under a group of entry points, by name."""
    return {entry.name: entry for entry in entry_points(group=group)}
