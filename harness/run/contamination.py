"""Models that were trained on the data they are to be scored on: refused, or allowed and marked."""

from collections.abc import Iterable

from harness.errors import UsageError
from harness.models.roster.roster import Entry
from harness.suite.suite import Suite


def trained_on(entry: Entry, suite: Suite) -> list[str]:
    """Return the names of an entry's `trained_on` that are this suite, in their order.

    A name is one of the suite's, whatever the case; `ids_sha256` is that of its questions' ids,
    so that data is known again in another file, format or place.
    """
    names = {name.casefold() for name in suite.names}
    ids = suite.data.ids_sha256 if suite.data else None
    return [
        one.name
        for one in entry.trained_on
        if one.name.casefold() in names or (ids is not None and one.ids_sha256 == ids)
    ]


def refuse_trained(entries: Iterable[Entry], suite: Suite) -> None:
    """Raise UsageError for a model that was trained on the suite."""
    for entry in entries:
        if found := trained_on(entry, suite):
            raise UsageError(
                f"{entry.name} was trained on this data ({', '.join(found)}), so its scores would "
                "show what it remembers; leave it out of --models, or give --allow-trained-on to "
                "score it and mark its row"
            )
