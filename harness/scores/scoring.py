"""Files of predictions, scored against a file of references, to a leaderboard.

Texts pass through some at a time: they lie in temporary files on the disk. What is kept of a
prediction in memory is its scores.
"""

import itertools
from array import array
from collections.abc import Mapping, Sequence
from dataclasses import replace

from harness.command.locations import REFERENCES, recorded_location
from harness.environment import environment
from harness.errors import DataError, UsageError
from harness.external.formats import Format, format_of
from harness.external.outputs import FieldNames
from harness.external.reference_suite import ReferenceSuite, reference_suite
from harness.external.references import References
from harness.files import make_folder, write_atomically, write_lines
from harness.leaderboard.assembly import assemble_leaderboard, primary_metrics
from harness.leaderboard.code_lines import with_code_lines
from harness.leaderboard.leaderboard import Leaderboard
from harness.leaderboard.prediction_lines import RowKey, prediction_lines
from harness.leaderboard.run_folder import LEADERBOARD, PREDICTIONS
from harness.leaderboard.suite_line import ReferencesLine
from harness.metrics import Metrics
from harness.metrics.blind_spot import LetterTally
from harness.metrics.canaries import check_canaries
from harness.metrics.options import MetricOptions
from harness.models.roster.encoders import with_answer_judge, with_encoder
from harness.progress import warn
from harness.records import ScoredPrediction, Task
from harness.run.scoring import suite_metrics
from harness.scores.items import ItemWriter, open_items
from harness.scores.matching import match_predictions, tell_long_rows
from harness.scores.predictions import SystemPredictions
from harness.scores.request import (
    ScoreRequest,
    System,
    check_distinct_names,
    check_options,
    check_places,
    with_id_fields,
)
from harness.scores.system_row import scored_predictions, system_row, with_keys
from harness.suite.data_set.answers import none_answerable, squad_rules
from harness.suite.selection import Selection


def score_files(request: ScoreRequest) -> Leaderboard:
    """Score each system's file; write the run and the items where asked, and return its board.

    A reference without a prediction scores 0 and is counted as `missing`. All files are read and
    matched before the first text is scored. Intervals, comparisons and ranks are those of
    `harness eval`, over what `References.clusters` says. Raises HarnessError: DataError for a bad
    file, an id that the references lack or that comes twice, texts by lines that are not as many,
    and references of whose letters the metrics do not see a fifth; UsageError for a primary metric
    that there is not;
    MetricError, naming the id, for a text that cannot be scored honestly.
    """
    check_distinct_names(request.systems)
    check_places(request)
    file_format = format_of(request.references, request.references_format)
    request, fields = with_id_fields(request, file_format)
    with References(request.references, file_format, fields) as references:
        task = request.task or references.task
        if task == "summarize" and (empty := references.first_unanswerable()):
            raise DataError(f"{empty}: has no reference; a summary needs one")
        if told := none_answerable(len(references), references.answerable.count(0)):
            warn(f"{request.references}: {told}")
        check_options(request, task)
        weighs = any(system.probabilities for system in request.systems)
        rules = request.squad or squad_rules(
            references.version, weighs or 0 in references.answerable
        )
        suite = replace(
            reference_suite(references, rules, request.exceptions), chosen_primary=request.primary
        )
        if task == "summarize":
            request = replace(request, options=with_encoder(request.options))
        else:
            request = replace(request, options=with_answer_judge(request.options))
        request = replace(request, options=_with_own(request.options))
        primary_metrics(suite, {task}, request.options)  # a metric that there is not is raised here
        family = suite_metrics(suite, task, request.options)
        check_canaries(task, family)
        _refuse_unseen_letters(references, family)
        tell_long_rows(request.references, file_format)
        predictions = [match_predictions(system, references, request) for system in request.systems]
        if request.out:
            make_folder(request.out)
        with open_items(request.items, list(family.signatures)) as item_writer:
            board, scored = _scored_board(
                request,
                suite,
                task,
                family,
                predictions,
                _line(request, suite, file_format, fields),
            )
            for system in request.systems if request.items else ():
                _write_items(item_writer, system, references, scored[_row_key(system, task)])
        return _written(request, board, scored)


def _with_own(options: MetricOptions) -> MetricOptions:
    """Return the options with the metrics of one's own; raise UsageError for one of articles."""
    options = options.with_own()
    for metric in options.own:
        if metric.asks_article:
            raise UsageError(
                f"--score-with: {metric.name} asks for the article, and outputs made elsewhere "
                "have none; leave it out"
            )
    return options


def _scored_board(
    request: ScoreRequest,
    suite: ReferenceSuite,
    task: Task,
    family: Metrics,
    predictions: Sequence[SystemPredictions],
    line: ReferencesLine,
) -> tuple[Leaderboard, Mapping[RowKey, Sequence[ScoredPrediction]]]:
    """Return the leaderboard, and each row's predictions with their scores."""
    rows, scored = [], {}
    for system, system_predictions in zip(request.systems, predictions, strict=True):
        key = _row_key(system, task)
        scored[key] = scored_predictions(system.name, system_predictions, suite, task, family)
        rows.append(system_row(system, task, scored[key], family, suite))
        if task == "answer" and 0 in suite.references.answerable:
            _tell_empty_cells(system, system_predictions, request)
    name = f"{REFERENCES}{request.references}"
    return assemble_leaderboard(
        suite,
        Selection(),
        recorded_location(name, request.out) if request.out else None,
        {(task, "article"): suite.examples(task)},
        {task: family},
        rows,
        scored,
        environment(threads=1),
        request.options,
        line,
    )


def _written(
    request: ScoreRequest,
    board: Leaderboard,
    scored: Mapping[RowKey, Sequence[ScoredPrediction]],
) -> Leaderboard:
    """Write the run where one is asked for; return its board as it is written."""
    if not request.out:
        return board.sealed()
    keyed = {
        (row.model, row.task, row.scope): with_keys(
            scored[row.model, row.task, row.scope], row.identity
        )
        for row in board.rows
    }
    board = with_code_lines(board, request.options.own, request.out)
    predictions_sha256 = write_lines(request.out / PREDICTIONS, prediction_lines(board, keyed))
    board = board.model_copy(update={"predictions_sha256": predictions_sha256}).sealed()
    write_atomically(request.out / LEADERBOARD, board.to_json())
    return board


def _line(
    request: ScoreRequest, suite: ReferenceSuite, file_format: Format, fields: FieldNames
) -> ReferencesLine:
    exceptions = None
    if request.exceptions:
        exceptions = str(request.exceptions)
        if request.out:
            exceptions = recorded_location(request.exceptions, request.out)
    return ReferencesLine(
        format=file_format,
        id_field=fields.id,
        reference_field=fields.reference,
        cluster_field=fields.cluster,
        clusters=suite.references.clusters,
        rules=suite.rules,
        exceptions=exceptions,
    )


def _row_key(system: System, task: Task) -> RowKey:
    return system.name, task, "article"


def _refuse_unseen_letters(references: References, family: Metrics) -> None:
    letters = LetterTally(family.blind_spot)
    letters.add(itertools.chain.from_iterable(references.all_texts()))
    if letters.refusal:
        raise DataError(f"{references.path}: {letters.refusal}")


def _write_items(
    item_writer: ItemWriter,
    system: System,
    references: References,
    scored: Sequence[ScoredPrediction],
) -> None:
    missing: list[bool] = []
    values: dict[str, array[float]] = {}
    for item in scored:
        missing.append(item.prediction.missing)
        for name, value in item.scores.items():
            values.setdefault(name, array("d")).append(value)
    item_writer.add(system.name, references.ids(), missing, values)


def _tell_empty_cells(
    system: System, predictions: SystemPredictions, request: ScoreRequest
) -> None:
    """Say how many answers of a table are empty cells, as silence and a failure both are."""
    if predictions.empty and format_of(system.path, request.predictions_format) in ("csv", "tsv"):
        warn(
            f"{system.path}: {predictions.empty:,} empty cells count as the answer that there is "
            "none; if some are failed predictions, save the file as .jsonl, with null for those"
        )
