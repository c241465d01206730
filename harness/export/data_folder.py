"""A run's suite as a folder that `datasets.load_dataset` reads; the folder is a suite again.

load_dataset("OUT", "summarize")        harness eval --suite OUT

The suite's own files lie beside its rows. A suite that is a data set itself has none: a task of it
is then OUT/summarize.toml or OUT/answer.toml.
"""

import json
import re
from collections.abc import Iterator, Sequence
from pathlib import Path

import yaml

from harness.command.locations import suite_folder
from harness.errors import UsageError
from harness.export.exported import Exported
from harness.export.suite_files import copy_suite_files
from harness.files import (
    canonical_json,
    make_folder,
    refuse_foreign_file,
    write_atomically,
    write_lines,
)
from harness.leaderboard.run_folder import Run
from harness.records import TASKS, Example, Task
from harness.suite.suite import Suite

_SPLIT = "test"
_WRITTEN_BY = "as `harness export` wrote them"
_TEXT = {"dtype": "string"}
_FEATURES: dict[Task, list[dict[str, object]]] = {
    "summarize": [
        {"name": "id", **_TEXT},
        {"name": "article", **_TEXT},
        {"name": "references", "list": "string"},
    ],
    "answer": [
        {"name": "id", **_TEXT},
        {"name": "article_id", **_TEXT},
        {"name": "article", **_TEXT},
        {"name": "question", **_TEXT},
        {"name": "answers", "list": "string"},
    ],
}


def export_data_folder(run: Run, out: Path) -> Exported:
    """Write the run's suite, both tasks, and return what was written.

    Raises UsageError for what `harness score` wrote and for a folder that has a card of its own,
    DataError for a suite that is gone.
    """
    if run.verb == "score":
        raise UsageError(f"{run.folder}: has references and no articles, and so no data set")
    suite = run.suite()
    card = out / "README.md"
    refuse_foreign_file(card, rf".*{_WRITTEN_BY}", "data card of an export", "--out")
    make_folder(out)
    paths: list[Path] = []
    configs: dict[Task, int] = {}
    for task in TASKS:
        examples = suite.examples(task)
        if not examples:
            continue
        data = out / task / f"{_SPLIT}.jsonl"
        make_folder(data.parent)
        write_lines(data, _rows(task, examples, of_rows=suite.data is not None))
        description = out / f"{task}.toml"
        write_atomically(description, _description(suite, task, examples))
        configs[task] = len(examples)
        paths += [data, description]
    write_atomically(card, _card(suite, configs))
    notes = ["It holds the articles: publish it only as far as their licence allows."]
    if suite.files and run.suite_name is not None:
        copies, told = copy_suite_files(suite, suite_folder(run.suite_name), out)
        paths += copies
        notes += told
        where = "in seeds/ and goldens/ beside them"
    else:
        where = "in the suite's own files"
    notes.append(
        "Its rows have no room for the golden's evidence, kinds of question and length, nor for "
        f"articles that report one event: those are {where}."
    )
    return Exported((*paths, card), tuple(notes))


def _rows(task: Task, examples: Sequence[Example], *, of_rows: bool) -> Iterator[str]:
    """Yield the lines; `of_rows` says that the suite is of rows, whose ids have no cluster."""
    for example in examples:
        name = example.id.removeprefix(f"{example.cluster}/") if of_rows else example.id
        row: dict[str, object] = {"id": name, "article": example.query.context}
        if task == "summarize":
            row["references"] = list(example.references)
        else:
            row |= {
                "article_id": example.cluster,
                "question": example.query.question,
                "answers": list(example.references),
            }
        yield canonical_json(row) + "\n"


def _description(suite: Suite, task: Task, examples: Sequence[Example]) -> str:
    """Return the TOML by which the folder is a suite again."""
    keys: dict[str, object] = {
        "suite": _identifier(f"{suite.id}-{task}"),
        "data": f"{task}/{_SPLIT}.jsonl",
        "language": suite.language,
        "licence": suite.licence,
        "citation": suite.citation,
    }
    if task == "summarize":
        words = {example.query.words for example in examples}
        keys["words"] = list(words.pop() or ()) if len(words) == 1 else None
    else:
        keys["cluster"] = "article_id"
    columns = {"article": "article", "id": "id"}
    columns |= (
        {"reference": "references"}
        if task == "summarize"
        else {"question": "question", "answers": "answers"}
    )
    lines = [f"{name} = {json.dumps(value)}" for name, value in keys.items() if value]
    lines += [
        "",
        "[columns]",
        *(f"{name} = {json.dumps(value)}" for name, value in columns.items()),
    ]
    return "\n".join([*lines, ""])


def _identifier(name: str) -> str:
    """Return a name as a manifest takes one."""
    return re.sub(r"[^a-z0-9]+", "-", name.lower()).strip("-")[:63]


def _card(suite: Suite, configs: dict[Task, int]) -> str:
    """Return the data card: what `load_dataset` needs at its head, and what a person reads."""
    head = {
        "license": "other" if suite.licence else "unknown",
        "license_name": suite.licence,
        "language": [suite.language or "en"],
        "task_categories": [
            {"summarize": "summarization", "answer": "question-answering"}[task] for task in configs
        ],
        "configs": [
            {
                "config_name": task,
                "data_files": [{"split": _SPLIT, "path": f"{task}/{_SPLIT}.jsonl"}],
            }
            for task in configs
        ],
        "dataset_info": [{"config_name": task, "features": _FEATURES[task]} for task in configs],
    }
    known = {name: value for name, value in head.items() if value}
    front = yaml.safe_dump(known, sort_keys=False, allow_unicode=True)
    counts = "\n".join(f"- `{task}`: {count} examples" for task, count in configs.items())
    cited = f"\n\n## Citation\n\n{suite.citation}" if suite.citation else ""
    return (
        f"---\n{front}---\n\n# {suite.id}\n\nArticles with golden summaries and questions by "
        f"people, {_WRITTEN_BY}.\n\n{counts}\n\nA question without answers is one "
        "that its article does not answer. The suite that this is of has the SHA-256 "
        f"`{suite.hash}`.\n\nLicence: {suite.licence or 'not stated'}.{cited}\n"
    )
