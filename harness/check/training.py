"""Rows of a data set that models were trained on, or that their prompts hold."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from harness.errors import DataError
from harness.models.roster.contamination import contaminating_data_sets
from harness.models.roster.prompt_variants import prompts_of
from harness.models.roster.roster import Entry
from harness.prompting.fewshot import copied_shots
from harness.records import TASKS, Example, Task
from harness.suite.data_set.suite import DataSuite, read_data_set


@dataclass(frozen=True)
class _Trained:
    """What a model was trained on: the ids of each task's rows, or the texts, by 8 bytes each."""

    model: str
    data: str
    ids: dict[Task, frozenset[int]] | None
    texts: frozenset[int]

    def has(self, example: Example) -> str | None:
        """Return by what a row is one of these: its id, or its article where a set has no ids."""
        if self.ids is None:
            return "article" if hash(example.article.sha256) in self.texts else None
        task = example.query.task
        name = example.article.id if task == "summarize" else example.id.partition("/")[2]
        return "id" if hash(name) in self.ids[task] else None


class TrainedRows:
    """Knows the rows that models were trained on, as far as a roster says where that data is."""

    def __init__(self, entries: Iterable[Entry], suite: DataSuite) -> None:
        """Read that data; raise DataError where it is not there."""
        self._trained = [
            _read(entry.name, data_set.name, data_set.data, suite)
            for entry in entries
            for data_set in entry.trained_on
            if data_set.data is not None
        ]

    def problems(self, example: Example) -> Iterator[tuple[str, str]]:
        """Yield of each model that was trained on a row: its name, and what is wrong."""
        for trained in self._trained:
            if by := trained.has(example):
                yield trained.model, f"{trained.model} was trained on it ({trained.data}, its {by})"


def _read(model: str, name: str, data: str, suite: DataSuite) -> _Trained:
    try:
        database = read_data_set(data).database
    except DataError as error:
        raise DataError(f"trained_on of {model}: {str(error).removeprefix('--suite ')}") from None
    both_have_ids = database.ids_sha256 is not None and suite.database.ids_sha256 is not None
    return _Trained(
        model,
        name,
        {task: frozenset(map(hash, database.ids(task))) for task in TASKS}
        if both_have_ids
        else None,
        frozenset() if both_have_ids else frozenset(map(hash, database.text_hashes())),
    )


def trained_on_all(entries: Iterable[Entry], suite: DataSuite) -> Iterator[tuple[str, str]]:
    """Yield of each model that was trained on the whole set: its name, and what is wrong."""
    rows = suite.database.questions + suite.database.summaries
    for entry in entries:
        if names := contaminating_data_sets(entry, suite):
            told = f"{entry.name} was trained on this data ({', '.join(names)}), all {rows:,} rows"
            yield entry.name, told


def copied_examples(entries: Iterable[Entry], suite: DataSuite) -> Iterator[tuple[str, str]]:
    """Yield of each prompt of the models that holds a text of the set: its name, and what is wrong.

    A run is refused for it.
    """
    prompts = {
        prompt.name: prompt for entry in entries for prompt in prompts_of(entry.model).values()
    }
    for copied in copied_shots(prompts.values(), suite):
        yield copied.prompt, f"{copied}; write another example"
