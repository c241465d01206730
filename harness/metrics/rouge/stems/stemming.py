"""How words are made alike before they are compared: by Porter's stemmer, or Snowball's."""

import importlib
import importlib.metadata
from collections.abc import Mapping
from pathlib import Path

from harness.errors import MetricError
from harness.metrics.rouge.stems.porter import stem
from harness.metrics.rouge.tokenization import Stemmer

# Snowball's algorithm for a language.
SNOWBALL: Mapping[str, str] = {
    "ar": "arabic", "ca": "catalan", "cs": "czech", "da": "danish", "de": "german", "el": "greek",
    "eo": "esperanto", "es": "spanish", "et": "estonian", "eu": "basque", "fa": "persian",
    "fi": "finnish", "fr": "french", "ga": "irish", "hi": "hindi", "hu": "hungarian",
    "hy": "armenian", "id": "indonesian", "it": "italian", "lt": "lithuanian", "nb": "norwegian",
    "ne": "nepali", "nl": "dutch", "nn": "norwegian", "no": "norwegian", "pl": "polish",
    "pt": "portuguese", "ro": "romanian", "ru": "russian", "sr": "serbian", "st": "sesotho",
    "sv": "swedish", "ta": "tamil", "tr": "turkish", "yi": "yiddish",
}  # fmt: skip


def _snowball(language: str) -> tuple[str, Stemmer]:
    """Return what Snowball's stemmer of a language is called in signatures, and the stemmer.

    Raises MetricError for a language that it has none for.
    """
    algorithm = SNOWBALL.get(language)
    if algorithm is None:
        raise MetricError(f"there is no stemmer for {language!r}; leave the stemmer out")
    # By the algorithm's own module: the package prefers a C library of any version, if it is there.
    module = importlib.import_module(f"snowballstemmer.{algorithm}_stemmer")
    stem_word = getattr(module, f"{algorithm.title()}Stemmer")().stemWord

    def stem_form(form: bytes) -> bytes:
        stemmed: str = stem_word(form.decode("utf-8", "surrogatepass"))
        return stemmed.encode("utf-8", "surrogatepass")

    return f"snowball-{algorithm}-{importlib.metadata.version('snowballstemmer')}", stem_form


def stemmer_of(language: str | None, exceptions: Path | None) -> tuple[str, Stemmer]:
    """Return what a language's stemmer is called in signatures, and the stemmer; `None`: English.

    English has Porter's, which is asked after WordNet's exceptions if their folder is given. Raises
    MetricError for a language without one, DataError for a folder of exceptions that is none.
    """
    if language is not None:
        return _snowball(language)
    if exceptions is None:
        return "porter", _porter({})
    # What reads files takes longer to import than all the rest.
    from harness.metrics.rouge.stems.wordnet_exceptions import read_wordnet_exceptions

    read = read_wordnet_exceptions(exceptions)
    return f"wordnet-{read.hash}+porter", _porter(read.bases)


def _porter(bases: Mapping[bytes, bytes]) -> Stemmer:
    """Return Porter's stemmer: for ASCII, and as in rouge-score for words of four letters up."""

    def stem_form(form: bytes) -> bytes:
        if len(form) <= 3 or not form.isascii():
            return form
        return bases.get(form) or stem(form)

    return stem_form
