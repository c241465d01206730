import math
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from harness.errors import DataError, ModelError
from harness.models.extractive.extractive import Extractive
from harness.models.model import Model
from harness.records import Prediction, Query
from harness.suite.suite import read_suite

Make = Callable[[str], Model]
Tiny = Callable[..., Path]

ANSWERS = [example.query for example in read_suite().examples("answer")]
SOME = [*ANSWERS[:6], ANSWERS[60], ANSWERS[110]]
WINDOWS = "max_tokens = 96\nstride = 24\nmax_answer_tokens = 8\n"


def _load(make_model: Make, folder: Path, more: str = "no_answer = false") -> Extractive:
    model = make_model(
        f'kind = "extractive"\nweights = {{ folder = "{folder}" }}\nscreen = false\n{WINDOWS}{more}'
    )
    assert isinstance(model, Extractive)
    model.load()
    return model


@pytest.fixture
def model(make_model: Make, tiny_folder: Tiny) -> Extractive:
    return _load(make_model, tiny_folder("bert_qa"))


def _by_hand(model: Extractive, query: Query) -> tuple[str, float, float, float]:
    """The pipeline's answer in plain loops over one window at a time, without padding.

    Also its weight's share, and the greatest score of a span and the least of none, in logits.
    """
    import torch
    from transformers import AutoModelForQuestionAnswering, AutoTokenizer

    folder = model.weights.fetch().folder
    tokenizer: Any = AutoTokenizer.from_pretrained(folder)
    network = AutoModelForQuestionAnswering.from_pretrained(folder, dtype=torch.float32)
    encoded = tokenizer(
        query.question, query.context, truncation="only_second", max_length=model.max_tokens,
        stride=model.stride, return_overflowing_tokens=True,
    )  # fmt: skip
    weights: dict[str, float] = {}
    shown: dict[str, str] = {}
    best, null = -math.inf, math.inf
    for row, ids in enumerate(encoded["input_ids"]):
        types = encoded["token_type_ids"][row]
        with torch.inference_mode():
            output = network(input_ids=torch.tensor([ids]), token_type_ids=torch.tensor([types]))
        starts, ends = output.start_logits[0].tolist(), output.end_logits[0].tolist()
        inside = [i for i, part in enumerate(encoded.sequence_ids(row)) if part == 1]
        total = math.prod(sum(math.exp(v[i]) for i in [0, *inside]) for v in (starts, ends))
        sums = [
            (starts[i] + ends[j], i, j)
            for i in inside
            for j in inside
            if i <= j < i + model.max_answer_tokens
        ]
        sums.sort(key=lambda one: -one[0])
        best, null = max(best, sums[0][0]), min(null, starts[0] + ends[0])
        for score, i, j in sums[:12]:
            first = encoded.word_to_chars(row, encoded.token_to_word(row, i), 1).start
            last = encoded.word_to_chars(row, encoded.token_to_word(row, j), 1).end
            text = query.context[first:last]
            shown.setdefault(text.lower(), text)
            weights[text.lower()] = weights.get(text.lower(), 0) + math.exp(score) / total
    text = max(weights, key=lambda one: weights[one])
    return shown[text], weights[text] / sum(weights.values()), best, null


def test_answers_are_those_of_plain_loops(model: Extractive) -> None:
    found = model.predict(SOME)
    by_hand = [_by_hand(model, query) for query in SOME]
    assert [one.text for one in found] == [text for text, *_ in by_hand]
    assert len({one.text for one in found}) > 3
    for one, (_, share, best, null) in zip(found, by_hand, strict=True):
        assert one.confidence == pytest.approx(share, abs=1e-5)
        assert one.no_answer_probability == pytest.approx(1 / (1 + math.exp(best - null)), abs=1e-5)


def _same(one: Prediction, other: Prediction) -> bool:
    """Whether two predictions are equal, and their probabilities as far as float32 has them."""
    facts = [(p.text, p.raw, p.span, p.windows, p.source_tokens) for p in (one, other)]
    texts = [[(c.text, c.start, c.end) for c in p.candidates[:2]] for p in (one, other)]
    return (
        facts[0] == facts[1]
        and texts[0] == texts[1]
        and one.confidence == pytest.approx(other.confidence, abs=1e-5)
        and one.no_answer_probability == pytest.approx(other.no_answer_probability, abs=1e-5)
    )


def test_company_order_and_batches_change_no_answer(
    model: Extractive, monkeypatch: pytest.MonkeyPatch
) -> None:
    short = [Query("answer", q.context[:600], q.question) for q in ANSWERS[::2]]
    edges = [Query("answer", "Ann met Bob.", "Who?"), Query("answer", "", "Who?")]
    queries = [*ANSWERS[:6], *short, *edges]
    together = model.predict(queries)
    assert len({one.text for one in together}) > 20
    backwards = model.predict(queries[::-1])[::-1]
    assert all(map(_same, together, backwards))
    monkeypatch.setattr(
        "harness.models.extractive.extractive._CHUNK_CHARS", 1
    )  # each question for itself
    assert all(map(_same, together, model.predict(queries)))
    reader = model.__dict__["_loaded"][1]
    monkeypatch.setattr(reader, "_budget", 1)  # each window for itself
    assert all(map(_same, together, model.predict(queries)))


def test_no_answer_wins_by_more_than_the_threshold(
    make_model: Make, tiny_folder: Tiny, model: Extractive
) -> None:
    query = ANSWERS[0]
    text, share, best, null = _by_hand(model, query)
    nothing = 1 / (1 + math.exp(best - null))
    for threshold, expected in ((null - best - 0.01, ""), (null - best + 0.01, text)):
        more = f"threshold = {threshold}\nn_best = 500"
        abstaining = _load(make_model, tiny_folder("bert_qa"), more)
        (made,) = abstaining.predict([query])
        assert (made.text, made.raw) == (expected, text)
        assert made.no_answer_probability == pytest.approx(nothing, abs=1e-5)
        likely = share * (1 - nothing) if expected else nothing
        assert made.confidence == pytest.approx(likely, abs=1e-5)
        assert ("", 0, 0) in [(c.text, c.start, c.end) for c in made.candidates]


def test_the_candidates_are_the_best_ones_each_once(make_model: Make, tiny_folder: Tiny) -> None:
    model = _load(make_model, tiny_folder("bert_qa"), "n_best = 40")
    (many,) = model.predict(ANSWERS[:1])
    few = _load(make_model, tiny_folder("bert_qa"), "n_best = 3\nno_answer = false").predict(
        ANSWERS[:1]
    )[0]
    scores = [one.score for one in many.candidates]
    assert scores == sorted(scores, reverse=True)
    assert len({one.text.lower() for one in many.candidates}) == len(many.candidates) > 12
    context = ANSWERS[0].context
    assert all(context[one.start : one.end] == one.text for one in many.candidates)
    assert few.candidates[0].text == few.raw == many.raw
    assert few.candidates[0].score == few.confidence
    assert len(few.candidates) == 3
    answers = [one.text for one in many.candidates if one.text]
    assert [one.text for one in few.candidates] == answers[:3]


def test_costs_and_windows_are_told(model: Extractive) -> None:
    (made,) = model.predict(ANSWERS[:1])
    cutter = model.__dict__["_loaded"][0]
    count = len(cutter.split("", ANSWERS[0].context)[0].article.ids)
    assert made.source_tokens == made.kept_tokens == count
    assert made.windows is not None
    assert made.windows > count / 96


# Each word of the question's answer is whole, and stands where the prediction says.
TEXTS = [
    "🙂🙂 Ann 🙂 met Bob. 👩‍👩‍👧 🇯🇵",
    "Ann me\u0301t Bo\u0308b.\r\nThey\tsigned.\r\n\r\n",
    "التقى ترامب تاكايتشي في طوكيو",
    "נפגשו באוקינאווה ביום שני",
    "東京で会談した。",
    "[SEP] Ann [CLS] met [PAD] Bob [SEP]",
    "<s> Ann </s></s> met <pad> Bob </s>",
    "  \t\n Ann  ",
    "\ufeffAnn\u200b met\u00a0Bob\u2028",
    "x",
]


@pytest.mark.parametrize("context", TEXTS)
def test_the_answer_is_the_articles_own_text(model: Extractive, context: str) -> None:
    (made,) = model.predict([Query("answer", context, "Who met Bob?")])
    assert made.text
    assert made.span is not None
    assert context[slice(*made.span)] == made.raw
    assert made.raw.strip() == made.text
    for one in made.candidates:
        assert context[one.start : one.end] == one.text


def test_offsets_count_characters(model: Extractive) -> None:
    """Whatever stands before an article's text moves the answer by its characters, not bytes."""
    plain = "Ann met Bob in Rome."
    (expected,) = model.predict([Query("answer", plain, "Who met Bob?")])
    for before in ("", "🙂", "\r\n", "e\u0301", "\u200e"):
        context = before + plain
        (made,) = model.predict([Query("answer", context, "Who met Bob?")])
        assert made.span is not None
        assert context[slice(*made.span)] == made.raw
        if not before.strip():  # the tokens are the same ones
            assert expected.span is not None
            assert made.span == tuple(at + len(before) for at in expected.span)


def test_an_answer_at_a_windows_edge_is_whole_in_the_next(
    make_model: Make, tiny_folder: Tiny
) -> None:
    """Every span of up to `stride` tokens stands whole in some window."""
    model = _load(make_model, tiny_folder("bert_qa"))
    windows = model.__dict__["_loaded"][0].split("Who met Bob?", ANSWERS[0].context)
    held = [range(one.start, one.start + one.size) for one in windows]
    assert len(held) > 20
    for at in range(len(windows[0].article.ids) - 24 + 1):
        assert any({at, at + 23} <= set(window) for window in held), at


@pytest.mark.parametrize("context", ["", " \r\n\t", "\u200b"])
@pytest.mark.parametrize("more", ["no_answer = false", "no_answer = true"])
def test_an_empty_article_has_no_answer(
    make_model: Make, tiny_folder: Tiny, context: str, more: str
) -> None:
    model = _load(make_model, tiny_folder("bert_qa"), more)
    empty, other = model.predict([Query("answer", context, "Who?"), ANSWERS[0]])
    assert (empty.text, empty.raw, empty.span) == ("", "", None)
    assert (empty.confidence, empty.no_answer_probability, empty.windows) == (1.0, 1.0, 1)
    assert [one.text for one in empty.candidates] == [""]
    assert other.raw


def test_a_question_that_fills_the_window_fails_alone(model: Extractive) -> None:
    long, other = model.predict([Query("answer", "Ann met Bob.", "Why? " * 60), ANSWERS[0]])
    assert long.error == (
        "ModelError: the question takes 183 tokens: a window of 96 leaves 0 for the article, not "
        "more than the stride of 24; raise max_tokens, or lower stride"
    )
    assert other.text
    assert other.error is None


def test_a_random_head_is_never_scored(make_model: Make, tiny_folder: Tiny) -> None:
    with pytest.raises(ModelError, match=r"has no qa_outputs\.bias \(and 1 more\): what is"):
        _load(make_model, tiny_folder("bert"))


def test_a_slow_tokenizer_is_refused(make_model: Make, tiny_folder: Tiny, tmp_path: Path) -> None:
    """CANINE reads characters; transformers has no fast tokenizer for it."""
    from transformers import CanineConfig, CanineForQuestionAnswering, CanineTokenizer

    config = CanineConfig(
        hidden_size=32, num_hidden_layers=1, num_attention_heads=2, intermediate_size=32
    )
    CanineForQuestionAnswering(config).save_pretrained(tmp_path / "canine")
    CanineTokenizer().save_pretrained(tmp_path / "canine")
    with pytest.raises(ModelError, match="only a slow tokenizer, which gives no offsets"):
        _load(make_model, tmp_path / "canine")


@pytest.mark.parametrize(
    ("key", "value"),
    [("stride", -1), ("max_tokens", 8), ("n_best", 0), ("max_answer_tokens", 0)],
)
def test_settings_that_cannot_be_are_refused(
    make_model: Make, tmp_path: Path, key: str, value: int
) -> None:
    with pytest.raises(DataError, match=f"model.{key}: "):
        make_model(f'kind = "extractive"\nweights = {{ folder = "{tmp_path}" }}\n{key} = {value}')


def test_all_that_changes_an_answer_is_in_the_identity(make_model: Make, tiny_folder: Tiny) -> None:
    start = f'kind = "extractive"\nweights = {{ folder = "{tiny_folder("bert_qa")}" }}\n'
    options = [
        "screen = false", "screen = true", "screen = true\nscreen_margin = 3",
        "max_tokens = 96", "stride = 3", "max_answer_tokens = 3", "align_to_words = false",
        "no_answer = false", "threshold = 0.5", "n_best = 2",
    ]  # fmt: skip
    rows = [f"screen = false\n{one}" if "screen" not in one else one for one in options]
    seen = [str(make_model(start + one).identity("answer")) for one in rows]
    assert len(set(seen)) == len(seen)
