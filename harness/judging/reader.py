"""Which model of a roster is asked about summaries."""

from collections.abc import Mapping
from dataclasses import dataclass

from harness.errors import UsageError, did_you_mean
from harness.models.roster.roster import Entry, refuse_missing
from harness.suite.suite import Suite

NONE = "none"


@dataclass(frozen=True)
class ChosenReader:
    """The reader, or in a sentence why there is none though one was named or could be."""

    entry: Entry | None = None
    absent: str | None = None


def choose_reader(named: str | None, suite: Suite, entries: Mapping[str, Entry]) -> ChosenReader:
    """Return the model that `named` says, else the suite; nothing where neither names one.

    `named` may be "none". Raises UsageError for a model that the rosters lack or that cannot
    answer, ModelError for one that lacks packages; where the suite names it and no package is
    there, it is absent instead, since nobody asked for it. Raises WeightsError for wrong weights.
    """
    name = suite.reader if named is None else named
    if name is None or (named == NONE and suite.reader is None):
        return ChosenReader()
    if name == NONE:
        return ChosenReader(absent="--reader none was given")
    where = f"--reader {name}" if named else f"{suite.id}: the manifest's reader"
    if name not in entries:
        raise UsageError(
            f"{where}: the roster has no model {name!r}{did_you_mean(name, list(entries))}; add it "
            "to the roster, or give --reader none"
        )
    entry = entries[name]
    if "answer" not in entry.tasks:
        raise UsageError(
            f"{where}: {name} does not answer questions (tasks: {', '.join(entry.tasks)}); name a "
            "model that does, or give --reader none"
        )
    if entry.model.missing and named is None:
        return ChosenReader(absent=f"what {name} needs is not installed")
    refuse_missing([entry], instead="give --reader none")
    entry.model.identity("answer")  # wrong weights are raised here
    return ChosenReader(entry)
