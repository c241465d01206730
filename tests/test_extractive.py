from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from harness.errors import ModelError
from harness.models import Model
from harness.models.extractive import Extractive
from harness.records import Query
from harness.suite import read_suite

Make = Callable[[str], Model]
Tiny = Callable[..., Path]

ANSWERS = [example.query for example in read_suite().examples("answer")]
WINDOWS = "max_tokens = 96\nstride = 24\nmax_answer_tokens = 8\n"


def _load(make_model: Make, folder: Path, more: str = "no_answer = false") -> Extractive:
    model = make_model(f'kind = "extractive"\nweights = {{ folder = "{folder}" }}\n{WINDOWS}{more}')
    assert isinstance(model, Extractive)
    model.load()
    return model


def _by_hand(model: Extractive, query: Query) -> tuple[str, float, float]:
    """The best span by plain loops over one window at a time, with its and the null's score."""
    import torch
    from transformers import AutoModelForQuestionAnswering, AutoTokenizer

    folder = model.weights.fetch().folder
    tokenizer: Any = AutoTokenizer.from_pretrained(folder)
    network = AutoModelForQuestionAnswering.from_pretrained(folder, dtype=torch.float32)
    question = tokenizer(query.question, add_special_tokens=False)["input_ids"]
    article = tokenizer(query.context, add_special_tokens=False, return_offsets_mapping=True)
    room = model.max_tokens - len(question) - 3
    best, null, at = ("", float("-inf")), float("inf"), 0
    while True:
        part = article["input_ids"][at : at + room]
        head = [tokenizer.cls_token_id, *question, tokenizer.sep_token_id]
        ids = [*head, *part, tokenizer.sep_token_id]
        types = [0] * len(head) + [1] * (len(part) + 1)
        with torch.inference_mode():
            output = network(input_ids=torch.tensor([ids]), token_type_ids=torch.tensor([types]))
        starts, ends = output.start_logits[0].tolist(), output.end_logits[0].tolist()
        null = min(null, starts[0] + ends[0])
        for i in range(len(part)):
            for j in range(i, min(i + model.max_answer_tokens, len(part))):
                score = starts[len(head) + i] + ends[len(head) + j]
                if score > best[1]:
                    offsets = article["offset_mapping"][at : at + room]
                    best = (query.context[offsets[i][0] : offsets[j][1]], score)
        if at + room >= len(article["input_ids"]):
            return best[0], best[1], null
        at += room - model.stride


@pytest.fixture
def model(make_model: Make, tiny_folder: Tiny) -> Extractive:
    return _load(make_model, tiny_folder("bert_qa"))


def test_spans_are_those_of_plain_loops_whatever_the_company(model: Extractive) -> None:
    queries = [*ANSWERS[:6], ANSWERS[60], ANSWERS[110]]
    together = [p.text for p in model.predict(queries)]
    assert together == [_by_hand(model, query)[0] for query in queries]
    assert len(set(together)) > 3
    assert [p.text for p in model.predict(queries[::-1])][::-1] == together
    assert [model.predict([query])[0].text for query in queries] == together
    assert all(text and text in q.context for text, q in zip(together, queries, strict=True))


def test_no_answer_wins_by_more_than_the_threshold(
    make_model: Make, tiny_folder: Tiny, model: Extractive
) -> None:
    query = ANSWERS[0]
    text, score, null = _by_hand(model, query)
    margin = null - score
    for threshold, expected in ((margin - 0.01, ""), (margin + 0.01, text)):
        abstaining = _load(make_model, tiny_folder("bert_qa"), f"threshold = {threshold}")
        (prediction,) = abstaining.predict([query])
        assert prediction.text == expected
        assert prediction.raw == text


@pytest.mark.parametrize(
    "context",
    [
        "🙂🙂 Ann 🙂 met Bob.",
        "Ann me\u0301t Bo\u0308b.\r\nThey\tsigned.",
        "التقى ترامب تاكايتشي في طوكيو",
        "[SEP] Ann [CLS] met [PAD] Bob [SEP]",
        "x",
    ],
)
def test_the_answer_is_the_articles_own_text(model: Extractive, context: str) -> None:
    (prediction,) = model.predict([Query("answer", context, "Who met Bob?")])
    assert prediction.text in context
    assert prediction.text


def test_an_empty_article_has_no_answer(model: Extractive) -> None:
    empty, other = model.predict([Query("answer", "", "Who?"), ANSWERS[0]])
    assert empty.text == ""
    assert other.text


def test_a_question_that_fills_the_window_is_an_error(model: Extractive) -> None:
    with pytest.raises(ModelError, match=r"the question has \d+ tokens: a window of 96 leaves"):
        model.predict([Query("answer", "Ann met Bob.", "Why? " * 60)])


def test_a_random_head_is_never_scored(make_model: Make, tiny_folder: Tiny) -> None:
    with pytest.raises(ModelError, match=r"has no qa_outputs\.bias: it was not trained to extract"):
        _load(make_model, tiny_folder("bert"))
