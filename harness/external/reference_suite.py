"""References as a suite: what outputs made elsewhere are scored against, and read again by."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from harness.errors import DataError
from harness.external.formats import Format, format_of
from harness.external.outputs import FieldNames
from harness.external.references import CLUSTER_NOUNS, References
from harness.records import Example, Scope, Task
from harness.stream import Stream
from harness.suite.suite import Suite


@dataclass(frozen=True, kw_only=True)
class ReferenceSuite(Suite):
    """A suite of references, on texts only where their file has some; nothing can be asked of it.

    `squad_rules` are those by which answers are scored, `exceptions` the folder of WordNet's
    exception lists by which ROUGE stems, `None` for none.
    """

    references: References
    squad_rules: Literal["1.1", "2.0"]
    exceptions: Path | None = None

    @property
    def rules(self) -> Literal["1.1", "2.0"]:
        """The version of SQuAD's rules by which answers are scored."""
        return self.squad_rules

    @property
    def has_sources(self) -> bool:
        """Whether models are asked: they are not."""
        return False

    @property
    def cluster_noun(self) -> str:
        """What a cluster is called."""
        return CLUSTER_NOUNS[self.references.clusters]

    def metric_options(self, task: Task) -> Mapping[str, object]:
        """Return how metrics are made where nothing else is chosen: the best reference counts.

        There are no people to be compared with, for whom one would have to be left out.
        Of articles nothing is known.
        """
        if task == "answer":
            return {"squad": self.squad_rules}
        return {"references": "best", "exceptions": self.exceptions, "articles": False}

    def examples(
        self, task: Task, scope: Scope = "article", limit: int | None = None
    ) -> Sequence[Example]:
        """Return the references as examples of a task, read from the disk each time."""
        if scope != "article":
            return []
        count = len(self.references)
        return Stream(
            count if limit is None else min(limit, count),
            lambda start: self.references.examples(task, start),
        )


def reference_suite(
    references: References, rules: Literal["1.1", "2.0"], exceptions: Path | None = None
) -> ReferenceSuite:
    """Return the suite of references that were read."""
    return ReferenceSuite(
        id=references.path.stem,
        hash=references.hash,
        articles={},
        files=(),
        primary={},
        references=references,
        squad_rules=rules,
        exceptions=exceptions,
    )


def open_references(path: Path, file_format: Format, fields: FieldNames) -> References:
    """Return references that a run was made on; raise DataError where they are not there."""
    if not path.exists():
        raise DataError(
            f"{path}: the references that the run was scored against are not there any more; put "
            f"them back, or name them with --suite references:FILE"
        )
    return References(path, format_of(path, file_format), fields)
