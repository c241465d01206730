"""A suite's own files in another folder, which is then that suite again, with the same hash."""

import shutil
from collections.abc import Iterator
from pathlib import Path

from harness.files import make_folder, replacing
from harness.own_code.file import OwnCode
from harness.suite.manifest import FILE
from harness.suite.suite import Suite


def copy_suite_files(suite: Suite, root: Path, out: Path) -> tuple[list[Path], list[str]]:
    """Copy the articles, goldens and manifest in `root`; return the copies, and what is to be told.

    A measure of one's own whose file is not in `root` is named and not copied.
    """
    files = [root / "seeds" / FILE]
    single = (article for article in suite.articles.values() if not article.parts)
    files += [root / "seeds" / article.file for article in single]
    files += [golden.path for golden in suite.files]
    outside = []
    for code, name in suite.own_metrics:
        if not isinstance(code, OwnCode):
            continue
        for path in code.paths.values():
            if path.is_relative_to(root.resolve()):
                files.append(root / path.relative_to(root.resolve()))
            else:
                outside.append(
                    f"The suite's measure {name} needs {path.name}, which lies outside of its "
                    "folder: put it where the manifest says."
                )
    return [*_copies(files, root, out)], list(dict.fromkeys(outside))


def _copies(files: list[Path], root: Path, out: Path) -> Iterator[Path]:
    for file in dict.fromkeys(files):
        copy = out / file.relative_to(root)
        make_folder(copy.parent)
        with replacing(copy) as temporary:
            shutil.copyfile(file, temporary)
        yield copy
