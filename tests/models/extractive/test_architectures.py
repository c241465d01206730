"""The architectures that people train to answer questions, each with its own ways."""

import math
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from harness.errors import ModelError
from harness.models.extractive.extractive import Extractive
from harness.models.extractive.windows import PAD_TO_MULTIPLE_OF, batches
from harness.models.model import Model
from harness.records import Query
from harness.suite.suite import read_suite
from tests import tiny_spans

Make = Callable[[str], Model]
Shape = Callable[[str], Path]

# The most tokens that a shape reads, and how it attends.
SHAPES = {
    "bert": (128, "sdpa"),
    "electra": (128, "sdpa"),
    "distilbert": (128, "sdpa"),
    "albert": (128, "sdpa"),
    "roberta": (128, "sdpa"),  # of 130 positions
    "longformer": (128, "eager"),  # transformers has no other
    "deberta": (None, "eager"),
}
CONTEXTS = [example.query.context for example in read_suite().examples("answer")]
# Long and short ones, and texts that tokenizers treat in their own ways.
QUERIES = [
    Query("answer", CONTEXTS[0][:3000], "What did the two leaders do on the carrier?"),
    Query("answer", CONTEXTS[60][:1000], "Who met  Bob ?"),
    Query("answer", "Ann 🙂 me\u0301t Bob.\r\nThey\tsigned.", " Who met Bob?\n"),
    Query("answer", "التقى ترامب تاكايتشي", "متى؟"),
    Query("answer", "[CLS] Ann </s> met [SEP] Bob <pad> in <s> Rome", "[SEP] Who met Bob </s>?"),
    Query("answer", "x", "?"),
]
EMPTY = Query("answer", "", "Who?")


@pytest.fixture(scope="module")
def shape(tmp_path_factory: pytest.TempPathFactory) -> Shape:
    root = tmp_path_factory.mktemp("shapes")

    def build(name: str) -> Path:
        folder = root / name
        if not folder.exists():
            getattr(tiny_spans, name)(folder)
        return folder

    return build


def _load(make_model: Make, folder: Path, more: str = "screen = false") -> Extractive:
    model = make_model(
        f'kind = "extractive"\nweights = {{ folder = "{folder}" }}\nno_answer = false\n{more}'
    )
    assert isinstance(model, Extractive)
    model.load()
    return model


def _parts(model: Extractive) -> tuple[Any, Any]:
    parts: tuple[Any, Any] = model.__dict__["_loaded"]
    return parts


@pytest.mark.parametrize("name", SHAPES)
def test_windows_are_the_tokenizers_own(make_model: Make, shape: Shape, name: str) -> None:
    from transformers import AutoTokenizer

    model = _load(make_model, shape(name), "screen = false\nmax_tokens = 64\nstride = 20")
    cutter, reader = _parts(model)
    tokenizer: Any = AutoTokenizer.from_pretrained(shape(name))
    for query in QUERIES:
        assert query.question is not None
        encoded = tokenizer(
            query.question, query.context, truncation="only_second", max_length=64, stride=20,
            return_overflowing_tokens=True, split_special_tokens=True, return_token_type_ids=True,
        )  # fmt: skip
        windows = cutter.split(query.question, query.context)
        rows = {row: batch for batch in batches(windows, 512, 0) for row in batch.rows}
        assert len(windows) == len(encoded["input_ids"])
        for number, (window, ids) in enumerate(zip(windows, encoded["input_ids"], strict=True)):
            batch, size = rows[number], len(ids)
            at = batch.rows.index(number)
            assert len(window) == size
            assert batch.ids[at, :size].tolist() == ids
            if "token_type_ids" in reader._input_names:
                assert batch.types[at, :size].tolist() == encoded["token_type_ids"][number]
            assert batch.mask[at].tolist() == [1] * size + [0] * (batch.ids.shape[1] - size)
            parts = encoded.sequence_ids(number)
            assert batch.context[at, :size].tolist() == [part == 1 for part in parts]
            assert ids[window.null_position] == tokenizer.cls_token_id
            for token in (i for i, part in enumerate(parts) if part == 1):
                for words, place in (
                    (False, encoded[number].offsets[token]),
                    (True, encoded[number].word_to_chars(encoded[number].word_ids[token], 1)),
                ):
                    assert window.characters(token, token, align_to_words=words) == place


@pytest.mark.parametrize(("name", "limit", "attends"), [(n, *facts) for n, facts in SHAPES.items()])
def test_a_model_reads_as_much_as_it_can(
    make_model: Make, shape: Shape, name: str, limit: int | None, attends: str
) -> None:
    """A window of the limit is read, one token more would be no window."""
    cutter, reader = _parts(_load(make_model, shape(name)))
    assert cutter.size == (limit or 384)
    assert cutter.stride == (64 if limit else 128)
    assert reader.network.config._attn_implementation == attends
    windows = cutter.split("Who met Bob?", CONTEXTS[0])
    assert len(windows[0]) == cutter.size
    (answers,) = reader.read([(CONTEXTS[0], windows)])
    assert answers.ranked
    if limit:
        with pytest.raises(
            ModelError, match=f"{name}: reads {limit} tokens at once, max_tokens is"
        ):
            _load(make_model, shape(name), f"screen = false\nmax_tokens = {limit + 1}")


@pytest.mark.parametrize("name", SHAPES)
def test_logits_are_those_of_each_window_alone(make_model: Make, shape: Shape, name: str) -> None:
    """As transformers has them from its own tokenizer's output, unpadded."""
    import torch
    from transformers import AutoModelForQuestionAnswering, AutoTokenizer

    model = _load(make_model, shape(name), "screen = false\nmax_tokens = 64\nstride = 20")
    tokenizer: Any = AutoTokenizer.from_pretrained(shape(name))
    network = AutoModelForQuestionAnswering.from_pretrained(shape(name), dtype=torch.float32)
    made = model.predict(QUERIES)
    for query, one in zip(QUERIES, made, strict=True):
        encoded = tokenizer(
            query.question, query.context, truncation="only_second", max_length=64, stride=20,
            return_overflowing_tokens=True, split_special_tokens=True,
        )  # fmt: skip
        best, null = -math.inf, math.inf
        for row, ids in enumerate(encoded["input_ids"]):
            given = {"input_ids": torch.tensor([ids])}
            if name in {"bert", "electra", "albert"}:
                given["token_type_ids"] = torch.tensor([encoded["token_type_ids"][row]])
            with torch.inference_mode():
                output = network(**given)
            starts, ends = output.start_logits[0].tolist(), output.end_logits[0].tolist()
            inside = [i for i, part in enumerate(encoded.sequence_ids(row)) if part == 1]
            sums = [starts[i] + ends[j] for i in inside for j in inside if i <= j < i + 30]
            best, null = max([best, *sums]), min(null, starts[0] + ends[0])
        expected = 1 / (1 + math.exp(best - null))
        assert one.error is None
        assert one.no_answer_probability == pytest.approx(expected, abs=2e-5)
        assert one.span is not None
        assert query.context[slice(*one.span)] == one.raw


@pytest.mark.parametrize("name", SHAPES)
def test_screened_answers_are_those_of_float32(make_model: Make, shape: Shape, name: str) -> None:
    plain = _load(make_model, shape(name)).predict([*QUERIES, EMPTY])
    # Random models weigh everything nearly alike, so that rounding moves more than a trained one's.
    more = "screen = true\nscreen_margin = 0.2"
    screened = _load(make_model, shape(name), more).predict([*QUERIES, EMPTY])
    assert (plain[-1].text, plain[-1].error) == ("", None)
    assert [(one.text, one.span) for one in screened] == [(one.text, one.span) for one in plain]


def test_a_tokenizer_that_pads_on_the_left_is_refused(make_model: Make, shape: Shape) -> None:
    with pytest.raises(ModelError, match="xlnet: the tokenizer pads on the left"):
        _load(make_model, shape("xlnet"))


def test_batches_keep_the_budget_and_few_lengths(make_model: Make, shape: Shape) -> None:
    cutter, _ = _parts(_load(make_model, shape("bert")))
    windows = [w for n in range(40, 3000, 57) for w in cutter.split("Who?", CONTEXTS[0][:n])]
    made = list(batches(windows, 1000, 7))
    assert sorted(row for batch in made for row in batch.rows) == list(range(len(windows)))
    for batch in made:
        rows, width = batch.ids.shape
        assert rows * width <= 1000
        assert width % PAD_TO_MULTIPLE_OF == 0
        assert width - max(len(windows[row]) for row in batch.rows) < PAD_TO_MULTIPLE_OF
        assert (batch.ids[~batch.mask] == 7).all()
        assert not batch.types[~batch.mask].any()
    longest = [batch.ids.shape[1] for batch in made]
    assert longest == sorted(longest, reverse=True)
    assert [len(batch.rows) for batch in batches(windows[-3:], 1, 7)] == [1, 1, 1]
