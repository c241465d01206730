"""A run that was written: its leaderboard, and its predictions line by line."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path
from typing import Any, Literal

from pydantic import TypeAdapter

from harness.command.data_choice import NOTHING_CHOSEN
from harness.command.locations import (
    REFERENCES,
    is_data_set,
    located_from,
    references_path,
    refuse_named_twice,
)
from harness.errors import DataError, UsageError
from harness.external.outputs import FieldNames
from harness.external.reference_suite import open_references, reference_suite
from harness.files import parse_json, read_text, refuse_foreign_file, sha256_file
from harness.judging.judgment_lines import JudgmentLine, read_judgments
from harness.leaderboard.leaderboard import SCHEMA_VERSION, Leaderboard, Row, content_sha256
from harness.leaderboard.line_places import Places, with_place
from harness.leaderboard.prediction_lines import PredictionLine, read_lines, select_lines
from harness.leaderboard.suite_line import ReferencesLine, SuiteLine
from harness.records import Task
from harness.suite.opening import open_suite
from harness.suite.suite import Suite
from harness.validation.validation import validate_output

LEADERBOARD = "leaderboard.json"
PREDICTIONS = "predictions.jsonl"
JUDGMENTS = "judgments.jsonl"
STORE = "predictions.sqlite"
REPORT = "report.html"
# How the first line of a run's predictions begins: with the first of its keys, which are sorted.
_FIRST_JUDGMENT = r'\{"(?:against|answer)":"'
_FIRST_LINE = r'\{"(?:candidates|confidence|cost|cut|dropped|error|evidence_seen|example)":\S'


_BOARD = TypeAdapter(Leaderboard)

Verb = Literal["eval", "score"]


@dataclass(frozen=True)
class Run:
    """A folder of results: the leaderboard, and the lines in the order of the file.

    `board_sha256`, `lines_sha256` and `judgments_sha256` are what the leaderboard's
    `content_sha256`, `predictions_sha256` and `judgments_sha256` would be if it was written as it
    is now; without judges there are no judgments, and no hash of them.
    """

    folder: Path
    board: Leaderboard
    lines: Sequence[PredictionLine]
    board_sha256: str
    lines_sha256: str
    judgments: Sequence[JudgmentLine] = ()
    judgments_sha256: str | None = None

    @property
    def verb(self) -> Verb:
        """Which verb wrote it."""
        return "score" if self.board.suite.references else "eval"

    @property
    def suite_name(self) -> str | None:
        """The suite that the run says it was made on, as `--suite` would name it from here.

        Of what `harness score` wrote those are its references.
        """
        location = self.board.suite.location
        return None if location is None else located_from(location, self.folder)

    def suite(self, name: str | Path | None = None) -> Suite:
        """Return the suite of a name; of none the one that the run says it was made on.

        Raises DataError for what is no suite: also where it is not in its place any more, and for
        references that have changed; UsageError for a suite in the place of references.
        """
        name = self.suite_name if name is None else name
        if self.board.suite.references is None:
            data = self.board.suite.data
            # Another suite that a person names is read as the run's own was, if it is a data set.
            chosen = data.choice if data and name and is_data_set(name) else NOTHING_CHOSEN
            return open_suite(name, chosen)
        return _open_references(name, self.board.suite, self.board.suite.references, self.folder)

    def lines_of(self, row: Row) -> Sequence[PredictionLine]:
        """Return a row's lines, none for people; raise DataError if they do not fit the row.

        A line does not say its scope. The file has the leaderboard's order, so of one model and
        task the articles stand before the events.
        """
        if row.role == "people":
            return ()
        name = (row.model, row.task)
        model_rows = [other for other in self.board.rows if (other.model, other.task) == name]
        positions = self.line_numbers.get(name, range(0))
        expected = sum(model_row.counts.expected for model_row in model_rows)
        if len(positions) != expected:
            raise DataError(
                f"{self.folder / PREDICTIONS}: {len(positions)} predictions of {row.model} "
                f"{row.task}, but {LEADERBOARD} counts {expected}; "
                "look closer with `harness verify`"
            )
        start = 0
        for model_row in model_rows:
            if model_row.scope == row.scope:
                break
            start += model_row.counts.expected
        complete = {name for name in row.metrics if not self.board.metrics[name].partial}
        row_lines = select_lines(self.lines, positions[start : start + row.counts.expected])
        for line in row_lines:
            if line.error is None and not complete <= line.scores.keys():
                raise DataError(
                    f"{self.folder / PREDICTIONS}: {row.model} {line.example} has not all scores "
                    "of its row; look closer with `harness verify`"
                )
        return row_lines

    @cached_property
    def line_numbers(self) -> dict[tuple[str, Task], Places]:
        """Where in the file each model's lines of a task stand, counted from 0."""
        positions: dict[tuple[str, Task], Places] = {}
        for position, line in enumerate(self.lines):
            name = (line.model, line.task)
            positions[name] = with_place(positions.get(name, range(0)), position)
        return positions


def read_run(path: Path, *, altered: bool = False) -> Run:
    """Return the run in a folder, or beside one of its files.

    Raises DataError for what is no run, or not as it is written; also where a file is
    other than it was written, unless `altered` runs are wanted.
    """
    folder = path if path.is_dir() else path.parent
    board_path = path if path.is_file() and path.suffix == ".json" else folder / LEADERBOARD
    for file in (board_path, folder / PREDICTIONS):
        if not path.exists() or not file.is_file():
            wrong = f"no run: {file.name} is missing"
            raise DataError(
                f"{path}: {wrong}; name a folder that `harness eval` or `harness score --out` has "
                "written"
            )
    board, board_sha256 = _read_board(board_path)
    lines = read_lines(folder / PREDICTIONS)
    run = Run(folder, board, lines, board_sha256, sha256_file(folder / PREDICTIONS))
    if board.judges:
        run = _with_judgments(run)
    if not altered:
        _refuse_altered(run, board_path)
    return run


def read_runs(paths: Iterable[Path]) -> list[Run]:
    """Return several runs, in the order given.

    Raises as `read_run` does, and UsageError for a run that is named twice: what is told of several
    would be told of fewer than a person means.
    """
    runs = [read_run(path) for path in paths]
    refuse_named_twice(run.folder for run in runs)
    return runs


def _with_judgments(run: Run) -> Run:
    path = run.folder / JUDGMENTS
    if not path.is_file():
        raise DataError(
            f"{path}: is missing, and {LEADERBOARD} rests on it; `harness eval` writes it anew "
            "from what is stored"
        )
    return replace(run, judgments=read_judgments(path), judgments_sha256=sha256_file(path))


def _open_references(
    name: str | Path | None, suite: SuiteLine, line: ReferencesLine, folder: Path
) -> Suite:
    if name is None or not str(name).startswith(REFERENCES):
        raise UsageError(
            f"{folder}: outputs were scored here against references, and no suite was run; name "
            "their file with --suite references:FILE"
        )
    path = references_path(str(name))
    names = FieldNames(line.id_field, line.reference_field, cluster=line.cluster_field)
    references = open_references(path, line.format, names)
    if references.hash != suite.hash:
        raise DataError(
            f"{path}: is not what {folder} was scored against: ids, clusters or texts of the "
            "references differ; put that file back, or run `harness score` again"
        )
    exceptions = None if line.exceptions is None else Path(located_from(line.exceptions, folder))
    return replace(reference_suite(references, line.rules, exceptions), id=suite.id)


def _refuse_altered(run: Run, board_path: Path) -> None:
    for path, recorded, actual in (
        (board_path, run.board.content_sha256, run.board_sha256),
        (run.folder / PREDICTIONS, run.board.predictions_sha256, run.lines_sha256),
        (run.folder / JUDGMENTS, run.board.judgments_sha256, run.judgments_sha256),
    ):
        if recorded not in (None, actual):
            raise DataError(
                f"{path}: was changed after it was written (its SHA-256 differs); "
                f"`harness verify {run.folder}` says where, `harness {run.verb}` writes it anew"
            )


def refuse_other_run(folder: Path, suite: str, kind: Verb, way: str) -> None:
    """Raise UsageError where a folder has a leaderboard that a new one is no later state of.

    That is one of another suite, one that another verb than `kind` wrote, or what is no
    leaderboard. A run without one must not replace predictions that are
    none of a run's. `way` says what to do instead.
    """
    path = folder / LEADERBOARD
    if not path.is_file():
        refuse_foreign_file(folder / PREDICTIONS, _FIRST_LINE, "file of a run", "--out")
        refuse_foreign_file(folder / JUDGMENTS, _FIRST_JUDGMENT, "file of a run", "--out")
        return
    try:
        content = parse_json(read_text(path))
        name = content["suite"]["id"]
        verb = _verb(content)
    except (DataError, ValueError, KeyError, TypeError):
        raise UsageError(f"{path}: is no leaderboard, and would be replaced; {way}") from None
    if verb != kind or name != suite:
        raise UsageError(
            f"{folder}: holds what `harness {verb}` made of {name!r}, which {suite!r} would "
            f"replace; {way}"
        )


def _verb(content: Any) -> Verb:
    """Return which verb wrote a leaderboard, by its rows, whatever its version is."""
    is_scores = {row["kind"] for row in content["rows"]} == {"predictions"}
    return "score" if is_scores else "eval"


def _refuse_impossible_numbers(path: Path, board: Leaderboard) -> None:
    """Raise DataError for a metric that is not declared, and a mean outside its metric's range."""
    try:
        declarations = {name: line.declaration for name, line in board.metrics.items()}
    except ValueError as error:
        raise DataError(f"{path}: metrics: {error}; run `harness eval` anew") from None
    for row in board.rows:
        for name, number in row.metrics.items():
            where = f"{path}: {row.model} {row.task} {name}"
            if name not in declarations:
                raise DataError(f"{where}: no such metric is declared; run `harness eval` anew")
            if number.mean is not None and not declarations[name].holds(number.mean):
                raise DataError(
                    f"{where}: {number.mean!r} is outside the range of the metric; run "
                    "`harness eval` anew"
                )


def _read_board(path: Path) -> tuple[Leaderboard, str]:
    """Return the leaderboard of a file, and what its content's hash is."""
    try:
        content = parse_json(read_text(path))
    except ValueError as error:
        raise DataError(f"{path}: not valid JSON: {error}") from None
    version = content.get("schema_version") if isinstance(content, dict) else None
    if version == SCHEMA_VERSION and "metrics" not in content and "rows" in content:
        version = "its draft"  # before metrics declared their ranges
    if version != SCHEMA_VERSION:
        try:
            verb = _verb(content)
        except (KeyError, TypeError):
            verb = "eval"
        raise DataError(
            f"{path}: no leaderboard of version {SCHEMA_VERSION}, but of {version}; "
            f"`harness {verb} --out {path.parent}` again, with the options of that run, makes it "
            "anew from the same predictions, without a model"
        )
    board = validate_output(_BOARD, content, path)
    names = [f"{row.model} {row.task} {row.scope}" for row in board.rows]
    duplicates = [name for name in names if names.count(name) > 1]
    if duplicates:
        raise DataError(f"{path}: two rows of {duplicates[0]}; run `harness eval` anew")
    _refuse_impossible_numbers(path, board)
    missing = [row.task for row in board.rows if row.task not in board.primary]
    if missing:
        raise DataError(f"{path}: primary: has no metric of {missing[0]}; add it")
    try:
        return board, content_sha256(content)
    except ValueError:  # in what is recorded as it came: validation has seen to all numbers of ours
        raise DataError(
            f"{path}: holds NaN or Infinity, which are no JSON; run `harness eval` anew"
        ) from None
