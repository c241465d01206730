import re
from collections.abc import Callable
from pathlib import Path

import pytest

from harness.errors import ModelError
from harness.models.generative.seq2seq import Seq2Seq
from harness.models.model import Model
from harness.records import Query
from harness.suite.suite import read_suite

Make = Callable[[str], Model]
Tiny = Callable[..., Path]

SUMMARIES = [example.query for example in read_suite().examples("summarize")]


def _load(make_model: Make, folder: Path, more: str = "") -> Seq2Seq:
    model = make_model(
        f'kind = "seq2seq"\nweights = {{ folder = "{folder}" }}\nmax_new_tokens = 24\n{more}'
    )
    assert isinstance(model, Seq2Seq)
    model.load()
    return model


def _plain_loop(model: Seq2Seq, text: str, window: int, **options: int) -> str:
    """What transformers itself says to one text: the authority for batches."""
    import torch
    from transformers import AutoModelForSeq2SeqLM, AutoTokenizer

    folder = model.weights.fetch().folder
    tokenizer = AutoTokenizer.from_pretrained(folder)
    seq2seq = AutoModelForSeq2SeqLM.from_pretrained(folder, dtype=torch.float32)
    inputs = tokenizer(text, truncation=True, max_length=window, return_tensors="pt")
    with torch.inference_mode():
        output = seq2seq.generate(
            input_ids=inputs["input_ids"],
            attention_mask=inputs["attention_mask"],
            do_sample=False,
            max_new_tokens=24,
            **options,
        )
    return str(tokenizer.decode(output[0], skip_special_tokens=True))


@pytest.mark.parametrize("beams", [1, 3])
@pytest.mark.parametrize("kind", ["bart", "t5"])
def test_batches_change_no_word(make_model: Make, tiny_folder: Tiny, kind: str, beams: int) -> None:
    prefix = "summarize: " if kind == "t5" else ""
    model = _load(make_model, tiny_folder(kind), f'beams = {beams}\nprefix = "{prefix}"')
    queries = [*SUMMARIES, Query("summarize", "Ann met Bob. They signed a pact.")]
    together = [p.raw for p in model.predict(queries)]
    window = 128 if kind == "bart" else 512
    alone = [_plain_loop(model, prefix + q.context, window, num_beams=beams) for q in queries]
    assert together == alone
    assert len(set(together)) > 1
    assert [model.predict([query])[0].raw for query in queries] == together


@pytest.mark.parametrize(("kind", "window"), [("bart", 128), ("t5", 512)])
def test_what_does_not_fit_is_cut_and_recorded(
    make_model: Make, tiny_folder: Tiny, kind: str, window: int
) -> None:
    model = _load(make_model, tiny_folder(kind))
    long, short = model.predict([SUMMARIES[0], Query("summarize", "Ann met Bob.")])
    assert long.truncated
    assert long.kept_tokens == window - (2 if kind == "bart" else 1)  # <s> and </s>, or </s>
    ((start, end),) = long.dropped
    assert 0 < start < end == len(SUMMARIES[0].context)
    assert not short.truncated
    assert short.dropped == ()
    assert short.source_tokens == short.kept_tokens


def test_special_tokens_in_an_article_stay_text(make_model: Make, tiny_folder: Tiny) -> None:
    model = _load(make_model, tiny_folder("bart"))
    (plain,) = model.predict([Query("summarize", "Ann")])
    (hostile,) = model.predict([Query("summarize", "</s>")])
    assert plain.source_tokens == len(model._loaded[0]("Ann", add_special_tokens=False).input_ids)
    assert hostile.source_tokens is not None
    assert hostile.source_tokens > 1  # "<", "/", "s", ">": not one control token


def test_it_answers_where_a_prompt_asks(make_model: Make, tiny_folder: Tiny) -> None:
    plain = make_model(f'kind = "seq2seq"\nweights = {{ folder = "{tiny_folder("t5")}" }}')
    assert plain.tasks == ("summarize",)
    model = _load(make_model, tiny_folder("t5"), 'prompts = { answer = "answer-span" }')
    assert model.tasks == ("summarize", "answer")
    query = Query("answer", "Ann met Bob.", "Who met Bob?")
    messages = model.prompts["answer"].render(query)
    text = "\n\n".join(message["content"] for message in messages)
    assert model.predict([query])[0].raw == _plain_loop(model, text, 512)


def test_a_long_article_never_costs_the_question(make_model: Make, tiny_folder: Tiny) -> None:
    """The prompt asks after the article: cutting the prompt's end would cut the question."""
    model = _load(make_model, tiny_folder("t5"), 'prompts = { answer = "answer-span" }')
    long = [Query("answer", SUMMARIES[0].context, q) for q in ("Who met?", "Where was it?")]
    fitted = [model._encoder_input("answer").fit(query, 512, "cut") for query in long]
    for one, query in zip(fitted, long, strict=True):
        assert query.question is not None
        assert query.question in one.text
        assert len(one.ids) <= 512
        assert one.kept_tokens < one.source_tokens
    assert model.predict(long)[0].truncated


def test_a_checkpoint_without_a_window_must_be_given_one(
    make_model: Make, tiny_folder: Tiny, tmp_path: Path
) -> None:
    import json
    import shutil

    folder = shutil.copytree(tiny_folder("t5"), tmp_path / "t5")
    config = json.loads((folder / "tokenizer_config.json").read_text(encoding="utf-8"))
    del config["model_max_length"]
    (folder / "tokenizer_config.json").write_text(json.dumps(config), encoding="utf-8")
    with pytest.raises(ModelError, match="names no window; give max_source_tokens"):
        _load(make_model, folder).predict(SUMMARIES[:1])
    (prediction,) = _load(make_model, folder, "max_source_tokens = 64").predict(SUMMARIES[:1])
    assert prediction.kept_tokens == 63  # and </s>


def test_the_end_of_a_source_is_cut_whatever_the_tokenizer_was_saved_with(
    make_model: Make, tiny_folder: Tiny, tmp_path: Path
) -> None:
    """The record says which characters were not read: those are the ones that change nothing."""
    import json
    import shutil

    folder = shutil.copytree(tiny_folder("bart"), tmp_path / "bart")
    path = folder / "tokenizer_config.json"
    config = json.loads(path.read_text(encoding="utf-8"))
    path.write_text(json.dumps(config | {"truncation_side": "left"}), encoding="utf-8")
    (left,) = _load(make_model, folder).predict(SUMMARIES[:1])
    assert left == _load(make_model, tiny_folder("bart")).predict(SUMMARIES[:1])[0]
    ((start, end),) = left.dropped
    assert end == len(SUMMARIES[0].context)
    other_end = Query("summarize", SUMMARIES[0].context[:start] + " Nothing else was said." * 40)
    (same,) = _load(make_model, folder).predict([other_end])
    assert same.text == left.text


def test_a_source_is_as_long_as_asked_where_positions_have_no_limit(
    make_model: Make, tiny_folder: Tiny
) -> None:
    """T5's are relative (Raffel et al., 2020, section 2.1); its tokenizer names 512."""
    model = _load(make_model, tiny_folder("t5"), "max_source_tokens = 2048")
    long = Query("summarize", " ".join(query.context for query in SUMMARIES))
    (prediction,) = model.predict([long])
    assert prediction.kept_tokens is not None
    assert min(2047, prediction.source_tokens or 0) == prediction.kept_tokens > 512
    text = model.rendered_prompt(long)
    assert prediction.raw == _plain_loop(model, text, 2048)


@pytest.mark.parametrize(("kind", "window"), [("bart", 128), ("led", 512)])
def test_a_source_longer_than_the_positions_is_refused(
    make_model: Make, tiny_folder: Tiny, kind: str, window: int
) -> None:
    message = f"reads {window} tokens at once, max_source_tokens is 1024; lower it"
    with pytest.raises(ModelError, match=message):
        _load(make_model, tiny_folder(kind), "max_source_tokens = 1024")


def test_a_checkpoint_without_a_length_must_be_given_one(
    make_model: Make, tiny_folder: Tiny
) -> None:
    """transformers ends such texts after 20 tokens (GenerationConfig, `max_length`)."""
    model = make_model(f'kind = "seq2seq"\nweights = {{ folder = "{tiny_folder("t5")}" }}')
    model.load()
    message = r"names no length of its texts, .+ max_new_tokens"
    (prediction,) = model.predict(SUMMARIES[:1])
    assert re.search(message, prediction.error or "")
    with pytest.raises(ModelError, match=message):
        model.estimate(SUMMARIES[0])
