"""Models that were trained on the data they are to be scored on: refused, or allowed and marked."""

from collections.abc import Iterable

from harness.errors import UsageError
from harness.models.roster.roster import Entry
from harness.suite.suite import Suite


def contaminating_data_sets(entry: Entry, suite: Suite) -> list[str]:
    """Return the names of an entry's `trained_on` that are this suite, in their order.

    A name is one of the suite's, whatever the case; `ids_sha256` is that of its ids, and
    `sources_sha256` that of its texts, so that data is known again in another file, format or
    place.
    """
    suite_names = {name.casefold() for name in suite.names}
    hashes = {suite.data.ids_sha256, suite.data.sources_sha256} if suite.data else set()
    known_hashes = hashes - {None}
    return [
        data_set.name
        for data_set in entry.trained_on
        if data_set.name.casefold() in suite_names
        or data_set.ids_sha256 in known_hashes
        or data_set.sources_sha256 in known_hashes
    ]


def refuse_contaminated(entries: Iterable[Entry], suite: Suite) -> None:
    """Raise UsageError for a model that was trained on the suite."""
    for entry in entries:
        if names := contaminating_data_sets(entry, suite):
            raise UsageError(
                f"{entry.name} was trained on this data ({', '.join(names)}), so its scores would "
                "show what it remembers; leave it out of --models, or give --allow-trained-on to "
                "score it and mark its row"
            )
