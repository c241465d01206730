"""Tables and text as a notebook shows them: Markdown that is no wider than its page."""

import re
from collections.abc import Sequence

from harness.tables.fit import fitted
from harness.tables.markdown import markdown_text
from harness.tables.table import Note, Notes, Part, Table

# Cells of a table that a notebook shows without a bar to scroll by.
_WIDTH = 100


def notebook_text(parts: Sequence[Part], whole: str) -> str:
    """Return the tables without the columns that do not fit, which the last line names.

    A number and its interval stay on one line. `whole` is what has all columns.
    """
    fit = fitted([part for part in parts if isinstance(part, Table)], _WIDTH)
    tables = iter(fit.tables)
    shown: list[Part] = [next(tables) if isinstance(part, Table) else part for part in parts]
    if fit.gone:
        shown.append(Notes((Note(f"Left out to fit: {', '.join(fit.gone)}; {whole} has all."),)))
    lines = markdown_text(shown).split("\n")
    return "\n".join(_unbroken(line) if line.startswith("| ") else line for line in lines)


def _unbroken(line: str) -> str:
    """Return a table's line whose cells do not break where they have a space."""
    return re.sub(r"(?<=[^ |]) (?=[^ |])", "\N{NO-BREAK SPACE}", line)
