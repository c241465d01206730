"""Where a suite is: as a command line names it, and as a run records it.

    shipped                the articles and goldens of the project's own repository
    demo                   a small suite of invented articles, in the package
    FOLDER                 a folder with seeds/ and goldens/
    data:PATH#SPLIT        a data set, in a file, several by a glob, or a folder
    hub:NAME:CONFIG@...    a data set on the Hub
    known:NAME@...         one that ships described, on the Hub
    squad:PATH#SPLIT       the same as data:, and of OWNER/NAME@... the same as hub:
    FILE.toml              a data set that a file describes
    references:PATH        what outputs made elsewhere were scored against: no suite to run

A run records a folder relative to its own: it says nothing of the machine that it was made on, and
the two may move together.
"""

import os
import re
from collections.abc import Iterable
from pathlib import Path

from harness.errors import DataError, UsageError
from harness.files import package_path, shipped_path

SHIPPED = "shipped"
DEMO = "demo"
DATA = "data:"
HUB = "hub:"
KNOWN = "known:"
SQUAD = "squad:"
REFERENCES = "references:"

_HUB_NAME = re.compile(
    r"(?P<name>[\w-][\w.-]*/[\w.-]+)(?::(?P<config>[\w.-]+))?(?:@(?P<revision>[^#@]*))?(?:#(?P<split>\w+))?"
)
# Which files hold data sets, packed or not.
_FILE_NAME = re.compile(
    r"\.(json|jsonl|ndjson|parquet|csv|tsv|arrow)(\.\w+)?(#\w+)?\Z", re.IGNORECASE
)
_DESCRIPTION = ".toml"


def default_suite() -> str:
    """Return the name of what ships: the repository's suite, in a wheel the small one."""
    return SHIPPED if shipped_path("seeds").is_dir() else DEMO


def suite_folder(name: str | Path) -> Path:
    """Return the folder of a suite; raise DataError for the shipped one where it is not."""
    if name == DEMO:
        return package_path(DEMO)
    if name != SHIPPED:
        return Path(name).expanduser()
    if default_suite() != SHIPPED:
        raise DataError(
            "--suite shipped: its articles are in the project's repository and not in the package, "
            "since they may not be passed on; take --suite demo, or a folder of your own"
        )
    return shipped_path("")


def refuse_named_twice(folders: Iterable[Path]) -> None:
    """Raise UsageError for a folder that is among others twice, be it by another path."""
    names: dict[Path, Path] = {}
    for folder in folders:
        place = folder.resolve()
        if place in names:
            raise UsageError(f"{folder}: is the same folder as {names[place]}; name it once")
        names[place] = folder


def recorded_location(name: str | Path | None, run: Path) -> str:
    """Return what a run in a folder records of where its suite is; of nothing, what ships."""
    text = str(name) if name is not None else default_suite()
    if prefix := _prefix(text):
        if is_on_hub(text):
            return text
        path, split = data_set_path(text)
        return f"{prefix}{_as_path(_relative(path, run))}{split}"
    if text.startswith(REFERENCES):
        return f"{REFERENCES}{_relative(references_path(text), run)}"
    if text in (SHIPPED, DEMO):
        return text
    folder = Path(text).expanduser()
    for shipped in {default_suite(), DEMO}:
        if folder.resolve() == suite_folder(shipped).resolve():
            return shipped
    return _relative(folder, run)


def located_from(location: str, run: Path) -> str:
    """Return the name of a recorded suite as the command line would give it here.

    >>> located_from("../birds", Path("runs/new")), located_from("shipped", Path("runs/new"))
    ('runs/birds', 'shipped')
    """
    if location in (SHIPPED, DEMO):
        return location
    if prefix := _prefix(location):
        if is_on_hub(location):
            return location
        path, split = data_set_path(location, run)
        return f"{prefix}{_as_path(os.path.normpath(run / path))}{split}"
    if location.startswith(REFERENCES):
        return f"{REFERENCES}{os.path.normpath(run / references_path(location))}"
    return os.path.normpath(run / location)


def references_path(name: str) -> Path:
    """Return the file or folder of references that a name such as `references:gold.jsonl` is of."""
    return Path(name.removeprefix(REFERENCES)).expanduser()


def is_data_set(name: str | Path) -> bool:
    """Return whether a suite's name is that of a data set, however it is named.

    >>> [is_data_set(name) for name in ("data:a.csv", "known:xsum@1", "my.toml", "demo", "mine")]
    [True, True, True, False, False]
    """
    return bool(_prefix(str(name))) or is_description(name)


def is_description(name: str | Path) -> bool:
    """Return whether a suite's name is that of a file that describes a data set."""
    return not _prefix(str(name)) and Path(str(name)).suffix.lower() == _DESCRIPTION


def is_on_hub(data_set: str) -> bool:
    """Return whether a data set is named as one on the Hub is, and not by a path."""
    return data_set.startswith((HUB, KNOWN)) or hub_name(data_set) is not None


def hub_name(data_set: str) -> re.Match[str] | None:
    """Return the `name`, `config`, `revision` and `split` of a data set on the Hub, else `None`.

    What looks like OWNER/NAME is no path, whatever folders there are: one of that name is written
    ./OWNER/NAME. A file that ends as data sets do is a path, and so is all behind `data:`.

    >>> [bool(hub_name(f"squad:{text}")) for text in ("a/b@c", "./a/b", "a/b.json", "a", "a/b/c")]
    [True, False, False, False, False]
    """
    text = _without_prefix(data_set)
    if data_set.startswith(HUB):
        return _HUB_NAME.fullmatch(text)
    if data_set.startswith(DATA) or _FILE_NAME.search(text):
        return None
    return _HUB_NAME.fullmatch(text)


def data_set_path(data_set: str, base: Path = Path()) -> tuple[Path, str]:
    """Return the file or folder that a data set is, and its split with the sign before it.

    >>> path, split = data_set_path("data:tables#test")
    >>> str(path), split
    ('tables', '#test')
    """
    whole = Path(_without_prefix(data_set)).expanduser()
    path, hash_sign, split = str(whole).rpartition("#")
    if not path or not split or (base / whole).exists():
        return whole, ""
    return Path(path), f"{hash_sign}{split}"


def _prefix(name: str) -> str:
    """Return what a data set's name begins with, "" for all other names."""
    return next((word for word in (DATA, HUB, KNOWN, SQUAD) if name.startswith(word)), "")


def _without_prefix(name: str) -> str:
    return name.removeprefix(_prefix(name))


def _as_path(path: str) -> str:
    """Return a path that is taken for one where it is read again."""
    return f"./{path}" if hub_name(f"{SQUAD}{path}") else path


def _relative(path: Path, run: Path) -> str:
    """Return a path as seen from the run's folder; as it stands where there is no way between."""
    try:
        return Path(os.path.relpath(path.resolve(), run.resolve())).as_posix()
    except ValueError:  # another drive
        return path.resolve().as_posix()
