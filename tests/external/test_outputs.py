import json
from pathlib import Path

import pytest

from harness.errors import DataError
from harness.external.formats import Format
from harness.external.outputs import (
    FieldNames,
    read_predictions,
    read_probabilities,
    read_references,
)


@pytest.mark.parametrize(
    ("form", "content", "expected"),
    [
        ("jsonl", '{"id": "a", "references": ["x", "y"]}', ("a", ("x", "y"), "references")),
        ("jsonl", '{"id": 7, "reference": "x"}', ("7", ("x",), "reference")),
        ("jsonl", '{"id": "a", "answers": []}', ("a", (), "answers")),
        ("jsonl", '{"id": "a", "answers": null}', ("a", (), "answers")),
        ("jsonl", '{"id": "a", "answers": {"text": ["x"], "answer_start": [0]}}', ("a", ("x",), "answers")),
        ("jsonl", '{"id": "a", "answers": [{"text": "x"}]}', ("a", ("x",), "answers")),
        ("jsonl", '{"highlights": "x", "article": "y"}', (None, ("x",), "highlights")),
        ("jsonl", '{"id": "a", "summary": "x", "reference": "y"}', ("a", ("y",), "reference")),
        ("jsonl", '{"id": "a", "reference": "x\\ud800"}', ("a", ("x\ufffd",), "reference")),
        # TriviaQA, DROP with one span and with a number: their published layouts.
        ("jsonl", '{"id": "a", "answer": {"value": "x", "aliases": ["x", "y"], "type": "Wikipedia"}}', ("a", ("x", "y"), "answer")),
        ("jsonl", '{"id": "a", "answers": {"spans": ["x"], "types": ["span"]}}', ("a", ("x",), "answers")),
        ("jsonl", '{"id": "a", "answer": {"number": "3", "date": {"day": "", "month": "", "year": ""}, "spans": []}}', ("a", ("3",), "answer")),
        ("jsonl", '{"id": "a", "answer": {"number": "", "date": {"day": "", "month": "May", "year": "1911"}, "spans": []}}', ("a", ("May 1911",), "answer")),
        ("jsonl", '{"id": "a", "answers": {"text": "", "answer_start": -1}}', ("a", (), "answers")),
        ("jsonl", '{"id": "a", "answers": [{"text": "", "answer_start": -1}, {"text": "x"}]}', ("a", ("x",), "answers")),
        ("jsonl", '{"id": "a", "reference": ["[1, 2]"]}', ("a", ("[1, 2]",), "reference")),
        ("jsonl", '{"id": "a", "reference": "[1, 2]"}', ("a", ("[1, 2]",), "reference")),
        # What pandas' to_csv makes of a list and of an object.
        ("csv", """id,answers\na,"{'text': ['x', 'y'], 'answer_start': [0, 5]}\"""", ("a", ("x", "y"), "answers")),
        ("csv", """id,answers\na,"{'text': [], 'answer_start': []}\"""", ("a", (), "answers")),
        ("csv", """id,answers\na,"['x', ""y's""]\"""", ("a", ("x", "y's"), "answers")),
        ("csv", "id,answers\na,[]", ("a", (), "answers")),
        ("csv", "id,reference\na,[sic]", ("a", ("[sic]",), "reference")),
        ("csv", "id,reference,reference2,reference_3\na,x,,z", ("a", ("x", "z"), "reference")),
        ("csv", "id,answer\na,", ("a", (), "answer")),
        ("json", '{"a": "x"}', ("a", ("x",), "")),
        ("json", '{"a": ["x", "y"]}', ("a", ("x", "y"), "")),
        ("lines", "x", (None, ("x",), "")),
        ("lines", "\n", (None, ("",), "")),
    ],
)  # fmt: skip
def test_references(
    tmp_path: Path, form: Format, content: str, expected: tuple[str | None, tuple[str, ...], str]
) -> None:
    path = tmp_path / "file"
    path.write_text(content, encoding="utf-8")
    (one,) = read_references(path, form, FieldNames())
    assert (one.id, one.texts, one.field) == expected


@pytest.mark.parametrize(
    ("form", "content", "expected"),
    [
        ("jsonl", '{"id": "a", "prediction": "x", "text": "y"}', ("a", "x", None)),
        ("jsonl", '{"id": 7, "output": ""}', ("7", "", None)),
        ("jsonl", '{"id": "a", "prediction": null}', ("a", None, None)),
        ("jsonl", '{"id": "a", "prediction_text": "x", "no_answer_probability": 1}', ("a", "x", 1.0)),
        ("jsonl", '{"id": "a", "prediction": "x", "na_prob": null}', ("a", "x", None)),
        ("csv", "id,prediction,na_prob\na,,0.25", ("a", "", 0.25)),
        ("json", '{"a": "x"}', ("a", "x", None)),
        ("lines", "x", (None, "x", None)),
    ],
)  # fmt: skip
def test_outputs(
    tmp_path: Path,
    form: Format,
    content: str,
    expected: tuple[str | None, str | None, float | None],
) -> None:
    path = tmp_path / "file"
    path.write_text(content, encoding="utf-8")
    (one,) = read_predictions(path, form, FieldNames())
    assert (one.id, one.text, one.probability) == expected


def test_fields_of_the_user(tmp_path: Path) -> None:
    path = tmp_path / "file"
    path.write_text('{"key": 3, "id": "x", "gold": "g", "said": "s"}', encoding="utf-8")
    fields = FieldNames(id="key", reference="gold", prediction="said")
    (reference,) = read_references(path, "jsonl", fields)
    (output,) = read_predictions(path, "jsonl", fields)
    assert (reference.id, reference.texts) == ("3", ("g",))
    assert (output.id, output.text) == ("3", "s")


@pytest.mark.parametrize(
    ("content", "fields", "message"),
    [
        ('{"id": "a", "said": "x"}', FieldNames(), "file:1: no field prediction or prediction_text or "),
        ('{"id": "a", "said": "x"}', FieldNames(), "(there are: 'id', 'said'); name it with --prediction-field"),
        ('{"id": "a"}', FieldNames(prediction="said"), "file:1: no field said (there are: 'id')"),
        ('{"id": "a", "text": "x"}\n{"id": "b"}', FieldNames(), "file:2: has no field 'text'; those before have it"),
        ('{"id": "a", "text": "x"}\n{"text": "y"}', FieldNames(), "file:2: has no field 'id'; those before have one"),
        ('{"text": "x"}\n{"id": "b", "text": "y"}', FieldNames(), "file:2: has a field 'id'; those before have none"),
        ('{"text": "x"}', FieldNames(id="key"), "file:1: has no field 'key', which --id-field names"),
        ('{"id": 1.5, "text": "x"}', FieldNames(), "file:1: id must be a text or a whole number"),
        ('{"id": true, "text": "x"}', FieldNames(), "file:1: id must be a text or a whole number"),
        ('{"id": null, "text": "x"}', FieldNames(), "file:1: id must be a text or a whole number"),
        ('{"id": "a", "text": 5}', FieldNames(), "file:1: text must be a text, or null for none"),
        ('{"id": "a", "text": "x", "na_prob": 1.5}', FieldNames(), "file:1: the no-answer probability must be a number from 0 to 1, not 1.5"),
        ('{"id": "a", "text": "x", "na_prob": "much"}', FieldNames(), "not 'much'"),
        ('{"id": "a", "text": "x", "na_prob": true}', FieldNames(), "not True"),
    ],
)  # fmt: skip
def test_a_bad_prediction_is_refused(
    tmp_path: Path, content: str, fields: FieldNames, message: str
) -> None:
    path = tmp_path / "file"
    path.write_text(content, encoding="utf-8")
    with pytest.raises(DataError) as caught:
        list(read_predictions(path, "jsonl", fields))
    assert message in str(caught.value)


@pytest.mark.parametrize("name", ["generated_summary", "modelOutput", "pred", "LLM response"])
def test_a_reference_beside_the_predictions_is_not_taken_for_one(tmp_path: Path, name: str) -> None:
    """A copy of the reference scores 100, whatever the model wrote."""
    path = tmp_path / "file"
    record = {"id": "a", "summary": "gold", name: "said", "output_tokens": 3, "predictable": "x"}
    path.write_text(json.dumps(record), encoding="utf-8")
    with pytest.raises(DataError, match=f"'summary' may be the reference, and '{name}'"):
        list(read_predictions(path, "jsonl", FieldNames()))
    (one,) = read_predictions(path, "jsonl", FieldNames(prediction=name))
    assert one.text == "said"
    path.write_text(json.dumps({**record, name: None}), encoding="utf-8")
    (one,) = read_predictions(path, "jsonl", FieldNames())
    assert one.text == "gold"


@pytest.mark.parametrize("text", ["{'text': 'Ann', 'score': 0.9}", "['Ann']", '["Ann", "Bob"]'])
def test_a_prediction_that_pandas_wrote_as_a_list_is_refused(tmp_path: Path, text: str) -> None:
    path = tmp_path / "file"
    path.write_text('id,prediction\na,"{}"'.format(text.replace('"', '""')), encoding="utf-8")
    with pytest.raises(DataError, match="file:2: prediction is a list or an object"):
        list(read_predictions(path, "csv", FieldNames()))
    path.write_text(json.dumps({"id": "a", "prediction": text}), encoding="utf-8")
    (one,) = read_predictions(path, "jsonl", FieldNames())
    assert one.text == text


@pytest.mark.parametrize("text", ["[sic]", "[1] Ann", "{'label': 3}", "[]", "('Ann')"])
def test_a_prediction_in_brackets_is_a_text(tmp_path: Path, text: str) -> None:
    path = tmp_path / "file"
    path.write_text(f'id,prediction\na,"{text}"', encoding="utf-8")
    (one,) = read_predictions(path, "csv", FieldNames())
    assert one.text == text


@pytest.mark.parametrize(
    ("form", "content", "texts"),
    [
        # pandas writes a tuple so, and DROP's numbers may be numbers.
        ("csv", """id,answer\na,"('Ann', 'Ann Lee')\"""", ("Ann", "Ann Lee")),
        ("csv", """id,answer\na,"('Ann' and 'Bob', too)\"""", ("('Ann' and 'Bob', too)",)),
        ("jsonl", '{"answer": {"number": 0, "date": {}, "spans": []}}', ("0",)),
    ],
)
def test_more_shapes_of_answers(
    tmp_path: Path, form: Format, content: str, texts: tuple[str, ...]
) -> None:
    path = tmp_path / "file"
    path.write_text(content, encoding="utf-8")
    (one,) = read_references(path, form, FieldNames())
    assert one.texts == texts


@pytest.mark.parametrize(
    "record",
    [
        {"reference": "x", "reference2": "y", "reference_3": "z"},
        {"reference": "x", "reference.1": "y", "reference 2": "z"},
        {"summary1": "x", "summary2": "y", "summary3": "z"},  # as DialogSum's test set
        {"highlights-1": "x", "highlights-2": "y", "highlights-3": "z", "other1": "no"},
    ],
)
def test_numbered_fields_are_several_references(tmp_path: Path, record: dict[str, str]) -> None:
    path = tmp_path / "file"
    path.write_text(json.dumps({"id": "a", **record}), encoding="utf-8")
    (one,) = read_references(path, "jsonl", FieldNames())
    assert one.texts == ("x", "y", "z")


def test_a_named_field_is_the_only_one(tmp_path: Path) -> None:
    path = tmp_path / "file"
    path.write_text('{"id": "a", "ref1": "x", "ref12": "y", "ref1_2": "z"}', encoding="utf-8")
    (one,) = read_references(path, "jsonl", FieldNames(reference="ref1"))
    assert one.texts == ("x",)


@pytest.mark.parametrize(
    ("form", "content", "message"),
    [
        ("jsonl", '{"answer": {"short": "x", "long": "y"}}', "answer must be a text or a list of texts, not an object of 'short', 'long'"),
        ("jsonl", '{"answer": {}}', "not an object of no keys"),
        ("jsonl", '{"answer": {"spans": ["x", "y"]}}', "answer has 2 `spans`, which are one answer together"),
        ("jsonl", '{"answer": {"spans": []}}', "answer has no `spans`, number or date"),
        ("jsonl", '{"answer": {"value": "", "aliases": []}}', "answer has neither a `value` nor `aliases`"),
        ("jsonl", '{"answer": "[\\"x\\", \\"y\\"]"}', "answer is a list in quotes; write it without them"),
        ("jsonl", """{"answer": "{'text': ['x']}"}""", "answer is an object in quotes"),
        # Words of data sets for what is no answer: MS MARCO's, and those of TriviaQA's test split.
        ("jsonl", '{"answers": ["No Answer Present."]}', "is how MS MARCO says that there is no answer; write []"),
        ("jsonl", '{"answers": [{"text": "CANNOTANSWER"}]}', "is how QuAC says that there is no answer; write []"),
        ("jsonl", '{"answer": {"value": "<unk>", "aliases": []}}', "TriviaQA holds an answer back"),
        ("csv", """id,answer\na,"{'short': 'x'}\"""", "not an object of 'short'"),
        ("csv", "id,answer\na,[3]", "answer must be a text or a list of texts, not 3"),
        ("csv", """id,answer\na,"['x' 'y']\"""", "cannot be read back; save the file as .jsonl"),
        ("csv", """id,answer\na,"{'text': array(['x'], dtype=object)}\"""", "cannot be read back"),
    ],
)  # fmt: skip
def test_answers_of_an_unknown_shape_are_refused_with_their_row(
    tmp_path: Path, form: Format, content: str, message: str
) -> None:
    path = tmp_path / "file"
    path.write_text(content, encoding="utf-8")
    with pytest.raises(DataError) as caught:
        list(read_references(path, form, FieldNames()))
    assert f"file:{content.count(chr(10)) + 1}: " in str(caught.value)
    assert message in str(caught.value)


@pytest.mark.parametrize("value", ["5", "[5]", '[{"answer": "x"}]', '{"texts": 3, "text": 3}'])
def test_a_bad_reference_is_refused(tmp_path: Path, value: str) -> None:
    path = tmp_path / "file"
    path.write_text(f'{{"id": "a", "references": {value}}}', encoding="utf-8")
    with pytest.raises(DataError, match="file:1: references must be a text or a list of texts"):
        list(read_references(path, "jsonl", FieldNames()))


def test_a_bad_text_by_id_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "file"
    path.write_text('{"a": [{"text": "x"}, {}]}', encoding="utf-8")
    with pytest.raises(DataError, match="file: 'a': the prediction must be a text, or null"):
        list(read_predictions(path, "json", FieldNames()))
    with pytest.raises(DataError, match="file: 'a': it must be a text or a list of texts"):
        list(read_references(path, "json", FieldNames()))


def test_probabilities(tmp_path: Path) -> None:
    path = tmp_path / "na.json"
    path.write_text('{"b": 1, "a": 0.5}', encoding="utf-8")
    assert list(read_probabilities(path).items()) == [("b", 1.0), ("a", 0.5)]
    path.write_text('{"b": -0.1}', encoding="utf-8")
    with pytest.raises(DataError, match="'b': the no-answer probability must be a number"):
        read_probabilities(path)
    path.write_text("[1]", encoding="utf-8")
    with pytest.raises(DataError, match="must be an object of probabilities by id"):
        read_probabilities(path)
