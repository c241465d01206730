"""Which field of a record holds the references, or what was predicted, by its name."""

import re
from collections.abc import Sequence

from harness.errors import DataError
from harness.external.formats import UNNAMED, Record

# The names under which fields are looked for; of several, the first counts.
REFERENCE_FIELDS = (
    "references",
    "reference",
    "answers",
    "answer",
    "highlights",
    "summary",
    "target",
)
PREDICTION_FIELDS = (
    "prediction", "prediction_text", "output", "generated", "summary", "answer", "text",
)  # fmt: skip
# reference2, reference_2; reference.1 is what pandas makes of a second column of one name.
NUMBER = re.compile(r"[_ .-]?[0-9]+$")
# Names that a prediction has and a reference may have as well; and those of predictions alone:
# model_output, predictedAnswer, generated_text.
_UNSURE_FIELDS = ("summary", "answer", "text")
_WORDS = re.compile(r"[A-Z]?[a-z]+|[A-Z]+")
_SAID = {
    "pred", "preds", "predicted", "prediction", "predictions", "generated", "generation",
    "generations", "output", "outputs", "hypothesis", "hyp", "hypo", "response", "completion",
}  # fmt: skip
_BESIDE = {
    "model", "llm", "system", "text", "summary", "summaries", "answer", "answers", "final",
    "decoded",
}  # fmt: skip


def _choose_field(record: Record, candidate_names: Sequence[str], what: str) -> str:
    if UNNAMED in record.fields:
        return UNNAMED
    for name in candidate_names:
        if name in record.fields:
            return name
    present = ", ".join(map(repr, sorted(record.fields))) or "none"
    raise DataError(
        f"{record.where}: no field {' or '.join(candidate_names)} (there are: {present}); "
        f"name it with --{what}-field"
    )


def choose_reference(record: Record, candidate_names: Sequence[str]) -> str:
    """Return the field of the references, or the name that numbered ones of them share."""
    shared = (name for name in candidate_names if numbered(record, name))
    if not record.fields.keys() & {UNNAMED, *candidate_names} and len(candidate_names) > 1:
        return next(shared, None) or _choose_field(record, candidate_names, "reference")
    return _choose_field(record, candidate_names, "reference")


def numbered(record: Record, name: str) -> list[str]:
    """Return the fields of a record that are a name with a number behind it."""
    return [
        field
        for field in record.fields
        if name and field.startswith(name) and NUMBER.fullmatch(field.removeprefix(name))
    ]


def choose_prediction(record: Record, candidate_names: Sequence[str]) -> str:
    """Return the field of the predictions; raise DataError where it may hold the references."""
    chosen = _choose_field(record, candidate_names, "prediction")
    others = [name for name, value in record.fields.items() if is_said(name) and value is not None]
    if len(candidate_names) > 1 and chosen in _UNSURE_FIELDS and others:
        raise DataError(
            f"{record.where}: {chosen!r} may be the reference, and {others[0]!r} what was "
            "predicted; name the prediction with --prediction-field"
        )
    return chosen


def is_said(name: str) -> bool:
    """Return whether a field's name is that of a prediction and of nothing else."""
    words = {word.lower() for word in _WORDS.findall(name)}
    return bool(words & _SAID) and words <= _SAID | _BESIDE
