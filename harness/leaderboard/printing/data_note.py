"""Which data set was run, how its columns were read, and which of its rows were left out."""

from collections.abc import Iterator

from harness.leaderboard.suite_line import SuiteLine
from harness.tables.table import Note

# So many rows that were left out are shown; the JSON has more.
SHOWN = 3


def data_notes(suite: SuiteLine) -> Iterator[Note]:
    """Yield what is to be known of the data set, and of the suite's licence and citation."""
    if data := suite.data:
        if data.bad_rows:
            rows = "1 row" if data.bad_rows == 1 else f"{data.bad_rows:,} rows"
            more = f"; and {data.bad_rows - SHOWN:,} more" if data.bad_rows > SHOWN else ""
            listed = "; ".join(data.listed_bad_rows[:SHOWN])
            yield Note(
                f"Not all of the data: {rows} could not be read and were left out "
                f"(--skip-bad-rows): {listed}{more}.",
                "warning",
            )
        described = f", as {data.described_by} describes it" if data.described_by else ""
        columns = ", ".join(f"{role} = {' + '.join(names)}" for role, names in data.columns.items())
        yield Note(f"Data: {data.source}{described}: {columns}.")
    if suite.licence or suite.citation:
        licence = f"Licence: {suite.licence}." if suite.licence else ""
        citation = f"Cite: {suite.citation}." if suite.citation else ""
        yield Note(f"{licence} {citation}".strip())
