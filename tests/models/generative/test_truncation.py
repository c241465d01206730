"""What is dropped of a long source is exact: the model reads all else, and nothing more."""

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import pytest

from harness.errors import ModelError
from harness.files import sha256
from harness.models.generative.causal import Causal
from harness.models.generative.map_reduce import map_reduce, split_into_windows
from harness.models.generative.seq2seq import Seq2Seq
from harness.models.generative.truncation import GAP
from harness.models.model import Model
from harness.records import Prediction, Query
from harness.suite.suite import read_suite

Make = Callable[[str], Model]
Tiny = Callable[..., Path]

SUITE = read_suite()
ARTICLES = [example.query for example in SUITE.examples("summarize")]
EVENT = SUITE.examples("summarize", "event")[0].query
QUESTION = SUITE.examples("answer")[0].query
# Letters that are several tokens each, and blanks that some tokenizers lose.
ODD = Query(
    "summarize", "Ann 🙂🙃 met  Bob.\n\n  日本語 été ﬁn … \u00a0“so”. " * 60, words=(50, 70)
)

KINDS = {
    "llama": 'kind = "causal"\nwindow = 640\nprompts = { summarize = "brief" }',
    "bart": 'kind = "seq2seq"',
    "pegasus": 'kind = "seq2seq"',
    "t5": 'kind = "seq2seq"\nmax_source_tokens = 128\nprefix = "summarize: "',
    "mbart": 'kind = "seq2seq"\nsource_language = "en_XX"\ntarget_language = "en_XX"',
}


@pytest.fixture
def make_kind(make_model: Make, tiny_folder: Tiny, tmp_path: Path) -> Callable[..., Any]:
    (tmp_path / "prompts").mkdir()
    (tmp_path / "prompts" / "brief.toml").write_text(
        'name = "brief"\nversion = 1\ntask = "summarize"\nmax_new_tokens = 24\n'
        'user = "{article}\\nIn {words} words."\n',
        encoding="utf-8",
    )

    def make(kind: str, more: str = "") -> Causal | Seq2Seq:
        length = "" if kind == "llama" else "\nmax_new_tokens = 24"
        model = make_model(
            f'{KINDS[kind]}{length}\nweights = {{ folder = "{tiny_folder(kind)}" }}\n{more}'
        )
        assert isinstance(model, Causal | Seq2Seq)
        return model

    return make


@pytest.mark.parametrize("query", [*ARTICLES[:2], EVENT, ODD], ids=["one", "two", "event", "odd"])
@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("long", ["cut", "middle"])
def test_what_was_dropped_is_exact(
    make_kind: Callable[..., Any], kind: str, query: Query, long: str
) -> None:
    model = make_kind(kind, f'long = "{long}"')
    (made,) = model.predict([query])
    ((start, end),) = made.dropped
    text = query.context
    assert 0 < start < end <= len(text)
    assert (end == len(text)) is (long == "cut")
    seen = text[:start] + (GAP + text[end:] if long == "middle" else "")
    read = model.rendered_prompt(query)
    assert sha256(read) == made.rendered_sha256
    assert seen in read
    around = read.replace(seen, "")
    assert around == model.rendered_prompt(Query("summarize", "", words=query.words))
    assert made.kept_tokens < made.source_tokens
    if long == "middle":
        assert abs(start - (len(text) - end)) < max(start, len(text) - end)


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("long", ["cut", "middle"])
def test_as_much_is_kept_as_fits(make_kind: Callable[..., Any], kind: str, long: str) -> None:
    """The tokens that were read fill the window but for the few that a new cut may change."""
    model = make_kind(kind, f'long = "{long}"')
    (made,) = model.predict([EVENT])
    room = model._window - (24 if kind == "llama" else 0)
    tokenizer = model._tokenizer
    read = tokenizer(model.rendered_prompt(EVENT), add_special_tokens=kind != "llama")["input_ids"]
    assert room - 8 <= len(read) <= room
    assert made.source_tokens == len(
        tokenizer(EVENT.context, add_special_tokens=False)["input_ids"]
    )


def test_each_way_is_another_identity(make_kind: Callable[..., Any]) -> None:
    for kind in ("llama", "bart"):
        ways = ["cut", "middle", "map-reduce"]
        made = [make_kind(kind, f'long = "{way}"') for way in ways]
        assert [one.identity("summarize")["long"] for one in made] == ways
    model = make_kind("bart", 'prompts = { answer = "answer-span" }\nlong = "map-reduce"')
    assert model.identity("answer")["long"] == "cut"  # an answer is not made of answers


@pytest.mark.parametrize("query", [ARTICLES[0], EVENT, ODD], ids=["one", "event", "odd"])
@pytest.mark.parametrize("kind", ["llama", "bart"])
def test_windows_leave_nothing_out(make_kind: Callable[..., Any], kind: str, query: Query) -> None:
    model = make_kind(kind, 'long = "map-reduce"')
    parts = model._windows(query)
    assert len(parts) > 2
    text = query.context
    joined = "".join(part.context for part in parts)
    assert text.startswith(joined)
    assert not text[len(joined) :].strip()
    for part in parts:
        assert model._windows(part) == [part]
        assert part.words == query.words
    if query is not ODD:
        ends = [part.context.rstrip()[-1] for part in parts[:-1]]
        assert all(end in ".”!?:" or end.isalnum() for end in ends)
        assert any(end in ".”!?" for end in ends)


@pytest.mark.parametrize("kind", ["llama", "bart"])
def test_summaries_are_summarized(make_kind: Callable[..., Any], kind: str) -> None:
    """Made by hand, window by window, with the model that cuts."""
    model = make_kind(kind, 'long = "map-reduce"')
    plain = make_kind(kind)
    short = Query("summarize", "Ann met Bob. They signed a pact.", words=(50, 70))
    made, alone, again = model.predict([EVENT, short, EVENT])
    assert made == again
    assert alone == plain.predict([short])[0]
    assert alone.steps == ()

    expected = []
    asked, level = EVENT, 0
    while len(parts := model._windows(asked)) > 1:
        level += 1
        told = plain.predict(parts)
        expected += [(level, one.rendered_sha256, one.text) for one in told]
        asked = Query("summarize", "\n\n".join(one.text for one in told), words=EVENT.words)
    (last,) = plain.predict([asked])
    assert [(one.level, one.rendered_sha256, one.text) for one in made.steps] == expected
    assert level > 1 or kind == "llama"  # of windows, and of their summaries
    assert (made.raw, made.rendered_sha256) == (last.raw, last.rendered_sha256)
    assert made.dropped == ()
    assert not made.truncated
    assert made.source_tokens == made.kept_tokens
    tokens = len(model._tokenizer(EVENT.context, add_special_tokens=False)["input_ids"])
    assert abs(made.source_tokens - tokens) < len(expected) * 2  # a cut may split a word anew


@pytest.mark.usefixtures("make_kind")  # and its prompt
def test_answers_are_cut_where_summaries_are_reduced(make_model: Make, tiny_folder: Tiny) -> None:
    prompts = 'prompts = { summarize = "brief", answer = "answer-span" }'
    entry = f'kind = "causal"\nwindow = 700\n{prompts}\nweights = {{ folder = "{tiny_folder("llama")}" }}'
    reduces, cuts = make_model(f'{entry}\nlong = "map-reduce"'), make_model(entry)
    queries = [QUESTION, ARTICLES[0]]
    answer, summary = reduces.predict(queries)
    assert answer == cuts.predict(queries[:1])[0]  # the summary's windows are read by themselves
    assert answer.dropped
    assert summary.steps


def test_summaries_that_are_no_shorter_are_an_error() -> None:
    """Else there would be no end to it: here each window of ten letters is told in twenty."""

    def split(query: Query) -> list[Query]:
        text = query.context
        return [Query("summarize", text[at : at + 10]) for at in range(0, len(text), 10)]

    def predict(queries: Sequence[Query]) -> list[Prediction]:
        return [Prediction(query.context * 2) for query in queries]

    with pytest.raises(ModelError, match="the summaries of 3 windows are no shorter than the 30"):
        map_reduce([Query("summarize", "a" * 30)], split, predict, lambda _: False)


def test_a_window_that_fails_fails_the_summary_of_all() -> None:
    """A summary of the other windows would not be one of the source."""

    def split(query: Query) -> list[Query]:
        text = query.context
        return [Query("summarize", text[at : at + 10]) for at in range(0, len(text), 10)]

    def predict(queries: Sequence[Query]) -> list[Prediction]:
        return [
            Prediction("", error="no memory") if "b" in query.context else Prediction("a")
            for query in queries
        ]

    whole, broken = map_reduce(
        [Query("summarize", "a" * 30), Query("summarize", "a" * 15 + "b" * 15)],
        split,
        predict,
        lambda last: len(last.text) > 3,
    )
    assert whole.finish is None
    assert (whole.text, whole.error) == ("a", None)
    assert (broken.text, broken.error) == ("", "no memory")


def test_a_middle_is_cut_around_the_question(make_model: Make, tiny_folder: Tiny) -> None:
    model = make_model(
        f'kind = "causal"\nwindow = 700\nlong = "middle"\nweights = {{ folder = "{tiny_folder("llama")}" }}'
    )
    (made,) = model.predict([QUESTION])
    ((start, end),) = made.dropped
    read = model.rendered_prompt(QUESTION)
    assert read is not None
    assert QUESTION.context[:start] + GAP + QUESTION.context[end:] in read
    assert str(QUESTION.question) in read


def test_a_window_without_room_for_a_word_is_an_error(
    make_kind: Callable[..., Any],
) -> None:
    tokenizer = make_kind("bart")._tokenizer

    def render(query: Query) -> tuple[str, list[int]]:
        return query.context, tokenizer(query.context)["input_ids"]

    with pytest.raises(ModelError, match="no room for a single word"):
        split_into_windows(tokenizer, ARTICLES[0], render, 2)
