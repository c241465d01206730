"""Where a suite is: as a command line names it, and as a run records it.

    shipped                the articles and goldens of the project's own repository
    demo                   a small suite of invented articles, in the package
    FOLDER                 a folder with seeds/ and goldens/
    squad:FILE#SPLIT       a data set, in a file or folder
    squad:OWNER/NAME@...   a data set on the Hub

A run records a folder relative to its own: it says nothing of the machine that it was made on, and
the two may move together.
"""

import os
from pathlib import Path

from harness.errors import DataError
from harness.files import package_path, shipped_path

SHIPPED = "shipped"
DEMO = "demo"
DATA_SET = "squad:"


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


def recorded_location(name: str | Path | None, run: Path) -> str:
    """Return what a run in a folder records of where its suite is; of nothing, what ships."""
    text = str(name) if name is not None else default_suite()
    if text.startswith(DATA_SET):
        file, hash_sign, split = _split_data_set(text)
        return f"{DATA_SET}{_relative(file, run)}{hash_sign}{split}" if file.exists() else text
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
    if location.startswith(DATA_SET):
        file, hash_sign, split = _split_data_set(location)
        beside = os.path.normpath(run / file)
        return f"{DATA_SET}{beside}{hash_sign}{split}" if Path(beside).exists() else location
    return os.path.normpath(run / location)


def _split_data_set(text: str) -> tuple[Path, str, str]:
    """Return the file or folder that a data set's name begins with, and its split."""
    whole = Path(text.removeprefix(DATA_SET)).expanduser()
    file, hash_sign, split = str(whole).rpartition("#")
    return (Path(file), hash_sign, split) if file and not whole.exists() else (whole, "", "")


def _relative(path: Path, run: Path) -> str:
    """Return a path as seen from the run's folder; as it stands where there is no way between."""
    try:
        return Path(os.path.relpath(path.resolve(), run.resolve())).as_posix()
    except ValueError:  # another drive
        return path.resolve().as_posix()
