"""How words are made alike before they are compared."""

from pathlib import Path
from typing import TYPE_CHECKING

from harness.metrics.rouge.porter import stem
from harness.metrics.rouge.tokenization import Stemmer

if TYPE_CHECKING:
    from harness.metrics.rouge.wordnet_exceptions import WordNetExceptions


def read_exceptions(folder: Path) -> "WordNetExceptions":
    """Return the exception lists of a folder; raise DataError for what is none."""
    # What reads files takes longer to import than all the rest.
    from harness.metrics.rouge.wordnet_exceptions import read_wordnet_exceptions

    return read_wordnet_exceptions(folder)


def stemmer_after(exceptions: "WordNetExceptions | None") -> Stemmer:
    """Return Porter's stemmer, which is asked after the exceptions if there are some."""
    if exceptions is None:
        return stem
    bases = exceptions.bases
    return lambda form: bases.get(form) or stem(form)
