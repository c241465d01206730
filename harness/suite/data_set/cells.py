"""Lists and objects that a tool wrote as a text: pandas does so with them in a CSV's cells."""

import ast
import contextlib
import re
import warnings

from harness.files import DuplicateKeyError, parse_json
from harness.suite.data_set.answers import answer_texts

# What begins like a list or an object of texts but cannot be read as one: NumPy's arrays.
_BEGINNING = re.compile(r"""\{\s*['"]\w+['"]\s*:|\[\s*(?:['"{]|array\()""")
# Texts with a comma after the first.
_TUPLE = re.compile(r"""\(\s*['"].*,.*\)$""", re.DOTALL)
# Two literals with nothing between: NumPy's list, which Python reads as one text.
_NO_COMMA = re.compile(r"""['"]\s+['"]""")


def structure_in(text: str) -> object | None:
    """Return the list or object that a text is, `None` for any other text.

    Raises ValueError for a text that begins like one and cannot be read.

    A tuple of texts is a list, and so is a set.

    >>> structure_in("{'text': ['Ann'], 'answer_start': [0]}"), structure_in("[sic]")
    ({'text': ['Ann'], 'answer_start': [0]}, None)
    >>> structure_in("('Ann', 'Ann Lee')"), structure_in("('Ann' said Bob)")
    (['Ann', 'Ann Lee'], None)
    >>> structure_in("{'Ann Lee', 'Ann'}")
    ['Ann', 'Ann Lee']
    """
    stripped = text.strip()
    if _TUPLE.match(stripped):
        with contextlib.suppress(ValueError, SyntaxError, RecursionError, MemoryError):
            value = _python_literal(stripped)
            if isinstance(value, tuple):
                return list(value)
        return None
    if not (stripped[:1] in ("[", "{") and stripped[-1:] in ("]", "}")):
        return None
    for read in (parse_json, _python_literal):
        try:
            value = read(stripped)
        except DuplicateKeyError:
            raise
        except (ValueError, SyntaxError, RecursionError, MemoryError):
            continue
        if isinstance(value, (list, dict)):
            return value
        if isinstance(value, set) and all(isinstance(item, str) for item in value):
            return sorted(value)
    if _BEGINNING.match(stripped):
        raise ValueError(
            "is a list or an object that was written as a text and cannot be read back; save the "
            "file as .jsonl or .parquet"
        )
    return None


def written_answer(text: str) -> bool:
    """Return whether a text is a list or an object that holds answers.

    >>> written_answer("{'text': 'Ann', 'score': 0.9}"), written_answer("['n/a']: none")
    (True, False)
    """
    try:
        structure = structure_in(text)
        return structure is not None and bool(answer_texts(structure))
    except ValueError:
        return False  # some other text in brackets


def _python_literal(text: str) -> object:
    if _NO_COMMA.search(text):
        raise ValueError("texts without a comma between them")
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # an unknown escape in a text is no concern of ours
        return ast.literal_eval(text)
