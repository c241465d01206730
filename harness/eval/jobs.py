"""What a run is asked to do: which models, on which examples of which suite."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Self

from harness.command.data_choice import NOTHING_CHOSEN, DataChoice
from harness.errors import UsageError
from harness.judging.opinions.choice import (
    choose_judges,
    refuse_trained_judges,
    refuse_unasked,
)
from harness.judging.reader import NONE, ChosenReader, choose_reader
from harness.leaderboard.rows.model_facts import ModelFacts
from harness.models.roster.contamination import refuse_contaminated
from harness.models.roster.prompt_variants import prompt_variants, prompts_of
from harness.models.roster.roster import Entry, choose, read_judges, read_rosters, refuse_missing
from harness.progress import note
from harness.prompting.fewshot import refuse_contaminated_shots
from harness.records import TASKS, Example, Scope, Task
from harness.run.shard import Shard
from harness.suite.opening import open_suite
from harness.suite.selection import Selection, refuse_unknown_examples
from harness.suite.suite import Suite
from harness.text.letters import LetterCount

ALL_EXAMPLES = Selection()


@dataclass(frozen=True)
class Jobs:
    """The models, floors first, and the examples of each task and scope that any of them does.

    `reader` and `judges` are asked about the summaries.
    """

    suite: Suite
    entries: Sequence[Entry]
    examples: Mapping[tuple[Task, Scope], Sequence[Example]]
    reader: ChosenReader
    judges: Sequence[Entry] = ()

    @property
    def asked(self) -> list[Entry]:
        """All that are asked, each once: the models, the reader and the judges."""
        entries = {entry.name: entry for entry in (*self.entries, self.reader.entry) if entry}
        return [*entries.values(), *self.judges]

    def share(self, shard: Shard) -> Self:
        """Return the same with the examples of a shard alone, of which there may be none."""
        return replace(self, examples=shard.share(self.examples))

    def model_facts(self) -> list[ModelFacts]:
        """Return what rows say of the models, on each task that they do here."""
        return [
            ModelFacts.of(entry, task, self.suite)
            for entry in self.entries
            for task in dict.fromkeys(task for task, *_ in self.of(entry))
        ]

    def of(self, entry: Entry) -> Iterator[tuple[Task, Scope, Sequence[Example]]]:
        """Yield what each of a model's rows is made of."""
        for (task, scope), examples in self.examples.items():
            if task in entry.tasks:
                yield task, scope, examples

    def references(self, task: Task) -> Iterator[Sequence[str]]:
        """Yield the references of a task's examples; of a whole suite no article is read for it."""
        for (name, scope), examples in self.examples.items():
            if name != task:
                continue
            if len(examples) == len(self.suite.examples(task, scope)):
                yield from self.suite.all_references(task, scope)
            else:
                yield from (example.references for example in examples)

    def counted_letters(self, task: Task) -> LetterCount | None:
        """Return the letters of a task's references, if those of just these were counted."""
        chosen, whole = self.examples.get((task, "article"), ()), self.suite.examples(task)
        return self.suite.counted_letters(task) if len(chosen) == len(whole) else None


def choose_jobs(
    suite_name: str | Path | None = None,
    rosters: Sequence[str | Path] | None = None,
    models: Sequence[str] | None = None,
    tasks: Sequence[Task] = TASKS,
    selection: Selection = ALL_EXAMPLES,
    prompts: Sequence[str] | None = None,
    prompt_folder: Path | None = None,
    allow_trained_on: bool = False,
    floors: bool = True,
    primary: Mapping[Task, str] | None = None,
    reader: str | None = None,
    data_choice: DataChoice = NOTHING_CHOSEN,
    own_entries: Sequence[Entry] = (),
    judges: Sequence[str] | None = None,
) -> Jobs:
    """Return what is to be run, by the options of `harness eval`.

    `suite_name` is as `harness.command.locations` has it, `rosters` as `read_rosters` takes them;
    `models` are names and patterns of names. With `prompts`, each prompted model runs once under
    each of those that are named; they are looked for in `prompt_folder` first. The shipped floors
    run too, unless `floors` is false. `primary` are metrics by task that go before the suite's own.
    `reader` is asked about summaries, the suite's own where it is `None`: a model of the rosters,
    or of the one that ships; `judges` are too, the rosters' or those of the one that ships, nobody
    where it is `None`. `data_choice` says how a data set is read. `own_entries` are run beside
    those that are chosen. Loads no model.
    Raises a HarnessError for whatever is wrong with suite, roster or choice, for weights that are
    missing or wrong, and for a model that was trained on the suite, unless `allow_trained_on`.
    """
    suite = replace(open_suite(suite_name, data_choice), chosen_primary=primary or {})
    refuse_unknown_examples(selection, suite)
    # A floor that ships may be named whatever the roster: it runs beside the models in any case.
    named_floors = {entry.name: entry for entry in _floors() if entry.name in (models or ())}
    entries_by_name = read_rosters(rosters, prompt_folder)
    chosen_entries = choose(named_floors | entries_by_name, models)
    chosen_entries += _no_other_s(own_entries, chosen_entries)
    if prompts is not None:
        chosen_entries = prompt_variants(chosen_entries, prompts, tasks)
    refuse_contaminated_shots(
        [prompt for entry in chosen_entries for prompt in prompts_of(entry.model).values()], suite
    )
    done = {task for entry in chosen_entries for task in entry.tasks}
    examples = selection.by_kind(suite, done.intersection(tasks))
    if not examples:
        raise UsageError(
            "nothing to run: no chosen model can do a chosen task on a chosen example of this "
            "suite; choose more with --models, --tasks, --examples or -k"
        )
    _note_small_tasks(selection, examples)
    entries = _with_floors(chosen_entries) if floors else _without_floors(chosen_entries)
    chosen_reader = ChosenReader()
    if any(task == "summarize" for task, _ in examples):
        known = read_rosters() | entries_by_name if reader or suite.reader else {}
        chosen_reader = choose_reader(reader, suite, known)
    elif reader not in (None, NONE):
        raise UsageError(f"--reader {reader}: no summaries are made to ask about; leave it out")
    chosen_judges = _judges(judges, rosters, prompt_folder, examples, chosen_reader)
    jobs = Jobs(suite, entries, examples, chosen_reader, chosen_judges)
    if not allow_trained_on:
        refuse_contaminated((entry for entry in jobs.entries if any(jobs.of(entry))), suite)
        refuse_trained_judges(chosen_judges, suite)
    refuse_missing([entry for entry in jobs.entries if any(jobs.of(entry))])
    for entry in jobs.entries:
        for task, *_ in jobs.of(entry):
            entry.model.identity(task)  # wrong weights are raised here
    return jobs


def _no_other_s(own: Sequence[Entry], chosen: Sequence[Entry]) -> Sequence[Entry]:
    """Return entries of one's own; raise UsageError for one whose name another has."""
    names = {entry.name for entry in [*_floors(), *chosen]}
    for entry in own:
        if entry.name in names:
            raise UsageError(f"models: another one is called {entry.name!r}; choose another name")
    return own


def _judges(
    named: Sequence[str] | None,
    rosters: Sequence[str | Path] | None,
    prompt_folder: Path | None,
    examples: Mapping[tuple[Task, Scope], Sequence[Example]],
    reader: ChosenReader,
) -> list[Entry]:
    """Return the judges that are named; raise UsageError where there is nothing to ask them."""
    if not named or list(named) == [NONE]:
        return []
    known = read_judges() | read_judges(rosters, prompt_folder)
    chosen = choose_judges(named, known, reader=reader.entry.name if reader.entry else None)
    refuse_unasked(chosen, {task for task, _ in examples})
    return chosen


def _note_small_tasks(
    selection: Selection, examples: Mapping[tuple[Task, Scope], Sequence[Example]]
) -> None:
    """Say of which tasks a sample takes all examples, because they are fewer."""
    fewer = [
        f"{task}{': event' if scope == 'event' else ''} ({len(task_examples)})"
        for (task, scope), task_examples in examples.items()
        if len(task_examples) < (selection.sample or 0)
    ]
    if fewer:
        note(
            f"--sample {selection.sample}: there are fewer examples of {', '.join(fewer)}; "
            "all are taken"
        )


def _with_floors(chosen_entries: Sequence[Entry]) -> list[Entry]:
    """Return the chosen models and the shipped floors: without a floor no score says much."""
    names = {entry.name for entry in chosen_entries}
    return [*(entry for entry in _floors() if entry.name not in names), *chosen_entries]


def _floors() -> list[Entry]:
    """Return the floors of the shipped roster."""
    return [entry for entry in read_rosters().values() if entry.model.role == "floor"]


def _without_floors(chosen_entries: Sequence[Entry]) -> list[Entry]:
    """Return the chosen models; raise UsageError if all of them are floors."""
    entries = [entry for entry in chosen_entries if entry.model.role != "floor"]
    if not entries:
        raise UsageError("--no-floors: all chosen models are floors; leave it out")
    return entries
