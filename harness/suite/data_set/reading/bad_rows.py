"""Rows of a data set that cannot be read: the first is an error, or all are counted and listed."""

from harness.errors import DataError

# So many are listed; of the others their number is told.
MOST_LISTED = 100


class BadRows:
    """Raises DataError for the first bad row, or with `skip` counts all and keeps the first ones.

    `None` is for where nobody could say so.
    """

    def __init__(self, skip: bool | None = None) -> None:
        """Begin with none."""
        self.skip = skip
        self.count = 0
        self.listed: list[str] = []

    def refuse(self, where: str, message: str) -> None:
        """Take a bad row: where it stands, and what is wrong with it and in which column."""
        if not self.skip:
            way = "" if self.skip is None else "; or leave such rows out with --skip-bad-rows"
            raise DataError(f"{where}: {message}{way}")
        self.count += 1
        if len(self.listed) < MOST_LISTED:
            self.listed.append(f"{where}: {message}")

    @property
    def warning(self) -> str | None:
        """What to tell a person; `None` where no row was left out."""
        if not self.count:
            return None
        told = "1 row was" if self.count == 1 else f"{self.count:,} rows were"
        return f"{told} left out, first {self.listed[0]}"
