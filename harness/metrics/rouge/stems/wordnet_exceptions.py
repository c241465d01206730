"""WordNet's exception lists, which ROUGE-1.5.5 with `-m` asks before it stems a word."""

from collections.abc import Mapping
from pathlib import Path
from typing import NamedTuple

from harness.errors import DataError
from harness.files import read_text, sha256

# ROUGE-1.5.5 reads them in the folder's order, whatever that is; here the last one wins.
FILES = ("adj.exc", "adv.exc", "noun.exc", "verb.exc")


class WordNetExceptions(NamedTuple):
    """The base form of each irregular one, and a short hash of all of them."""

    bases: Mapping[bytes, bytes]
    hash: str


def read_wordnet_exceptions(folder: Path) -> WordNetExceptions:
    """Read WordNet's four exception lists from a folder; raise DataError if they are not there.

    A line is an inflected form and its base, then maybe other bases, which ROUGE-1.5.5 ignores.
    """
    missing = [name for name in FILES if not (folder / name).is_file()]
    if missing:
        raise DataError(
            f"{folder}: has no {', '.join(missing)}; the exceptions of ROUGE-1.5.5 are a folder "
            f"with WordNet's {', '.join(FILES)}"
        )
    bases: dict[bytes, bytes] = {}
    for name in FILES:
        path = folder / name
        for number, line in enumerate(read_text(path).splitlines(), 1):
            fields = line.encode("utf-8", "surrogatepass").split()
            if len(fields) == 1:
                raise DataError(
                    f"{path}:{number}: one word; a line holds an inflected form and its base"
                )
            if fields:
                bases[fields[0]] = fields[1]
    if not bases:
        raise DataError(f"{folder}: the exception lists are empty; copy WordNet's there")
    text = b"\n".join(b" ".join(pair) for pair in sorted(bases.items()))
    return WordNetExceptions(bases, sha256(text)[:12])
