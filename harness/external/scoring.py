"""Files of predictions, scored against a file of references, to a leaderboard.

Texts pass through one at a time. What is kept of a prediction is its scores.
"""

import itertools
from array import array
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from pathlib import Path

from harness.environment import environment
from harness.errors import DataError
from harness.external.formats import Format, format_of
from harness.external.items import open_items
from harness.external.lines import several_lines
from harness.external.outputs import (
    ID_FIELD,
    ExternalPrediction,
    read_predictions,
    read_probabilities,
)
from harness.external.references import References
from harness.external.request import (
    ScoreRequest,
    System,
    check_distinct_names,
    check_options,
    check_places,
    with_id_fields,
)
from harness.external.system_scores import SystemScores, official_scores, system_row
from harness.files import make_folder, write_atomically
from harness.leaderboard.assembly import sorted_leaderboard
from harness.leaderboard.leaderboard import Leaderboard
from harness.leaderboard.suite_line import SuiteLine
from harness.metrics import Metrics, metrics
from harness.metrics.blind_spot import LetterTally
from harness.metrics.canaries import check_canaries
from harness.metrics.scorer import score_pairs
from harness.progress import note, progress_bar, warn
from harness.suite.squad.answers import none_answerable, squad_rules

_MAX_LISTED_IDS = 5  # ids that a message names
_CHUNK = 256  # texts that are scored at once


def score_files(request: ScoreRequest) -> Leaderboard:
    """Score each system's file; write the leaderboard and the items where asked, and return it.

    A reference without a prediction scores 0 and is counted as `missing`. All files are read and
    matched before the first text is scored. Raises HarnessError: DataError for a bad file, an id
    that the references lack or that comes twice, texts by lines that are not as many, and
    references of whose letters the metrics do not see a fifth;
    MetricError, naming the id, for a text that cannot be scored honestly.
    """
    check_distinct_names(request.systems)
    check_places(request)
    file_format = format_of(request.references, request.references_format)
    request, reference_fields = with_id_fields(request, file_format)
    with References(request.references, file_format, reference_fields) as references:
        task = request.task or references.task
        if task == "summarize" and (empty := references.first_unanswerable()):
            raise DataError(f"{empty}: has no reference; a summary needs one")
        if told := none_answerable(len(references), references.answerable.count(0)):
            warn(f"{request.references}: {told}")
        check_options(request, task)
        weighs = any(system.probabilities for system in request.systems)
        squad = request.squad or squad_rules(
            references.version, weighs or 0 in references.answerable
        )
        more: dict[str, object] = {"squad": squad}
        if task == "summarize":
            more = {"exceptions": request.exceptions}
        family = metrics(task, {**request.options.of(task), **more})
        check_canaries(task, family)
        letters = LetterTally(family.blind_spot)
        letters.add(itertools.chain.from_iterable(references.all_texts()))
        if letters.refusal:
            raise DataError(f"{request.references}: {letters.refusal}")
        _tell_long_rows(request.references, file_format)
        for system in request.systems:
            seen = bytearray(len(references))
            for place, _ in _match_predictions(system, references, request):
                seen[place] = 1
            _check_vanished_rows(system, references, request, seen)
        if request.out:
            make_folder(request.out)
        rows = []
        with open_items(request.items, list(family.signatures)) as item_writer:
            for system in request.systems:
                scores = _score(system, references, request, family)
                missing = [not present for present in scores.has_prediction]
                item_writer.add(system.name, references.ids(), missing, scores.values)
                if task == "answer" and 0 in references.answerable:
                    _tell_empty_cells(system, scores, request)
                official = official_scores(scores, references, squad) if task == "answer" else None
                both = letters + scores.letters
                rows.append(system_row(system, task, scores, family, both, official))
        suite = SuiteLine(id=request.references.stem, hash=references.hash, limit=None)
    board = sorted_leaderboard(
        suite, environment(threads=1), rows, family.declarations, options=request.options
    )
    board = board.sealed()
    if request.out:
        write_atomically(request.out / "leaderboard.json", board.to_json())
    return board


def _match_predictions(
    system: System, references: References, request: ScoreRequest
) -> Iterator[tuple[int, ExternalPrediction]]:
    """Yield each prediction with the place of its references; raise DataError."""
    file_format = format_of(system.path, request.predictions_format)
    seen = bytearray(len(references))
    count = 0
    unknown_ids: list[str] = []
    unknown_count = 0
    fields = replace(request.fields, id=request.fields.id or system.id_field)
    for prediction in read_predictions(system.path, file_format, fields):
        if (prediction.id is not None) != references.has_ids:
            has, lacks = (references.path, system.path) if references.has_ids else (
                system.path, references.path)  # fmt: skip
            raise DataError(f"{has} has ids and {lacks} has none; give both ids, or neither")
        count += 1
        place = references.find(prediction.id if prediction.id is not None else str(count))
        if place is None:
            unknown_count += 1
            unknown_ids += [str(prediction.id)] if unknown_count <= _MAX_LISTED_IDS else []
        elif seen[place]:
            raise DataError(
                f"{prediction.where}: the id {prediction.id!r} has a prediction already; keep one"
            )
        else:
            seen[place] = 1
            yield place, prediction
    if not references.has_ids and count != len(references):
        raise DataError(
            f"{system.path} has {count} predictions and {references.path} {len(references)} "
            "references; without ids they belong together one by one"
        )
    _refuse_unknown_ids(system.path, references.path, unknown_count, unknown_ids)


def _tell_long_rows(path: Path, file_format: Format) -> Sequence[tuple[int, Mapping[str, str]]]:
    """Say how many rows of a CSV go over several lines; return those lines that look like rows."""
    told, inner_rows = several_lines(path) if file_format == "csv" else (None, [])
    if told:
        note(told)
    return inner_rows


def _tell_empty_cells(system: System, scores: SystemScores, request: ScoreRequest) -> None:
    """Say how many answers of a table are empty cells, as silence and a failure both are."""
    empty = sum(scores.has_prediction) - sum(scores.nonempty)
    if empty and format_of(system.path, request.predictions_format) in ("csv", "tsv"):
        warn(
            f"{system.path}: {empty:,} empty cells count as the answer that there is none; if some "
            "are failed predictions, save the file as .jsonl, with null for those"
        )


def _check_vanished_rows(
    system: System, references: References, request: ScoreRequest, seen: Sequence[int]
) -> None:
    """Raise DataError where the row of an id that has no prediction stands in another's cell."""
    file_format = format_of(system.path, request.predictions_format)
    id_field = request.fields.id or system.id_field or ID_FIELD
    for line, row in _tell_long_rows(system.path, file_format):
        place = references.find(row[id_field]) if id_field in row else None
        if place is not None and not seen[place]:
            raise DataError(
                f"{system.path}:{line}: the row of {row[id_field]!r} stands within a quoted cell "
                "that begins above; close the quote, or double it if it is part of the text"
            )


def _refuse_unknown_ids(path: Path, references: Path, count: int, first: Sequence[str]) -> None:
    if count:
        named = ", ".join(map(repr, first)) + (", …" if count > len(first) else "")
        ids = "id is" if count == 1 else "ids are"
        raise DataError(f"{path}: {count} {ids} not in {references}: {named}")


def _score(
    system: System, references: References, request: ScoreRequest, family: Metrics
) -> SystemScores:
    size = len(references)
    zeros = bytes(8 * size)
    scores = SystemScores(
        {name: array("d", zeros) for name in family.signatures},
        bytearray(size),
        bytearray(size),
        {},
        LetterTally(family.blind_spot),
    )
    with progress_bar(size, system.name, "prediction") as bar:
        predictions = (
            match
            for match in _match_predictions(system, references, request)
            if match[1].text is not None
        )
        while chunk := list(itertools.islice(predictions, _CHUNK)):
            _add_chunk(chunk, references, family, scores)
            bar.update(len(chunk))
    _add_probabilities(system, references, scores)
    return scores


def _add_chunk(
    chunk: Sequence[tuple[int, ExternalPrediction]],
    references: References,
    family: Metrics,
    scores: SystemScores,
) -> None:
    pairs = [(prediction.text or "", references.texts(place)) for place, prediction in chunk]
    item_scores = score_pairs(family, pairs, lambda i: chunk[i][1].where)
    scores.letters.add(prediction for prediction, _ in pairs)
    for (place, prediction), item in zip(chunk, item_scores, strict=True):
        for name, values in scores.values.items():
            values[place] = item[name]
        scores.has_prediction[place] = 1
        scores.nonempty[place] = bool(prediction.text)
        if prediction.probability is not None:
            scores.no_answer_probabilities[place] = prediction.probability


def _add_probabilities(system: System, references: References, scores: SystemScores) -> None:
    """Take the probabilities from their own file, if any; see that all or none are there."""
    if system.probabilities:
        probability_by_id = read_probabilities(system.probabilities)
        places = {name: references.find(name) for name in probability_by_id}
        unknown_ids = [name for name, place in places.items() if place is None]
        _refuse_unknown_ids(
            system.probabilities, references.path, len(unknown_ids), unknown_ids[:_MAX_LISTED_IDS]
        )
        scores.no_answer_probabilities = {
            place: probability_by_id[name]
            for name, place in places.items()
            if place is not None and scores.has_prediction[place]
        }
    lacking = sum(scores.has_prediction) - len(scores.no_answer_probabilities)
    if scores.no_answer_probabilities and lacking:
        raise DataError(
            f"{system.probabilities or system.path}: {lacking} predictions have no no-answer "
            "probability; give one to each, or to none"
        )
