"""Which judges of the rosters are asked about summaries."""

from collections.abc import Collection, Mapping, Sequence

from harness.errors import ModelError, UsageError, did_you_mean
from harness.judging.opinions.meanings import asks_meanings
from harness.judging.opinions.measures import OpinionMeasures
from harness.judging.pairs.pairing import asks_pairs
from harness.models.roster.contamination import contaminating_data_sets
from harness.models.roster.roster import Entry, refuse_missing
from harness.records import Task
from harness.suite.suite import Suite

NONE = "none"

_TEXTS: Mapping[Task, str] = {"summarize": "summaries", "answer": "answers"}


def choose_judges(
    named: Sequence[str] | None,
    judges: Mapping[str, Entry],
    *,
    reader: str | None = None,
) -> list[Entry]:
    """Return the judges that `named` says, in its order; nobody where it says nothing, or "none".

    Raises UsageError for a name that the rosters lack, is there twice, or is the reader's; and
    ModelError for a judge that lacks packages, or of whose labels it is unclear what they mean, as
    far as that is on this disk. Raises WeightsError for wrong weights.
    """
    if named is None or list(named) == [NONE]:
        return []
    for name in named:
        where = f"--judges {','.join(named)}"
        if name == NONE:
            raise UsageError(f"{where}: none stands beside judges; give one or the other")
        if name not in judges:
            known = did_you_mean(name, list(judges)) or "; they have none"
            raise UsageError(
                f"{where}: the rosters have no judge {name!r}{known}; a judge is a "
                "[judges.NAME] of a roster"
            )
        if list(named).count(name) > 1:
            raise UsageError(f"{where}: {name} is there twice; name it once")
        if name == reader:
            raise UsageError(
                f"{where}: {name} is the reader's name too; call one of them otherwise"
            )
    chosen = [judges[name] for name in named]
    refuse_missing(chosen, instead="leave them out with --judges")
    for entry in chosen:
        entry.model.identity("answer")  # wrong weights are raised here
        weights = entry.model.checkpoint
        if weights is not None and weights.is_here():
            try:
                entry.model.prepare_estimates()  # unclear labels are raised here
            except ModelError as error:
                raise ModelError(f"the judge {entry.name}: {error}") from None
    return chosen


def refuse_trained_judges(judges: Sequence[Entry], suite: Suite) -> None:
    """Raise UsageError for a judge that was trained on the suite."""
    for entry in judges:
        if names := contaminating_data_sets(entry, suite):
            raise UsageError(
                f"the judge {entry.name} was trained on this data ({', '.join(names)}); leave it "
                "out of --judges, or give --allow-trained-on"
            )


def refuse_unasked(judges: Sequence[Entry], tasks: Collection[Task]) -> None:
    """Raise UsageError for a judge of what none of the tasks makes."""
    for entry in judges:
        can = judged_tasks(entry)
        if not set(can) & set(tasks):
            raise UsageError(
                f"--judges {entry.name}: it judges {' and '.join(_TEXTS[task] for task in can)}, "
                f"and none are made; leave it out, or have {can[0]} among the tasks"
            )


def judged_tasks(entry: Entry) -> list[Task]:
    """Return the tasks whose texts a judge is asked about."""
    identity = entry.model.identity("answer")
    of_summaries = OpinionMeasures(entry.name, entry.kind, identity).declarations
    tasks: list[Task] = ["summarize"] if of_summaries or asks_pairs(identity) else []
    return [*tasks, "answer"] if asks_meanings(identity) else tasks
