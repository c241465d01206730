"""Encoder-decoders that want more than an article: a language's code, or global attention."""

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
SHORT = Query("summarize", "Ann met Bob in Rome. They signed a pact.")


def _load(make_model: Make, folder: Path, more: str = "") -> Seq2Seq:
    model = make_model(
        f'kind = "seq2seq"\nweights = {{ folder = "{folder}" }}\nmax_new_tokens = 16\n{more}'
    )
    assert isinstance(model, Seq2Seq)
    model.load()
    return model


def _transformers(
    model: Seq2Seq, query: Query, window: int, source: str = "", target: str = ""
) -> tuple[str, int]:
    """What transformers itself says to one text, and how many tokens it read: the authority."""
    import torch
    from transformers import AutoModelForSeq2SeqLM, AutoTokenizer

    folder = model.weights.fetch().folder
    tokenizer = AutoTokenizer.from_pretrained(folder)
    options: dict[str, object] = {}
    if source:
        tokenizer.src_lang = source
        options["forced_bos_token_id"] = tokenizer.convert_tokens_to_ids(target)
    seq2seq = AutoModelForSeq2SeqLM.from_pretrained(folder, dtype=torch.float32)
    inputs = tokenizer(query.context, truncation=True, max_length=window, return_tensors="pt")
    if seq2seq.config.model_type == "led":
        first = torch.zeros_like(inputs["input_ids"])
        first[:, 0] = 1
        options["global_attention_mask"] = first
    with torch.inference_mode():
        output = seq2seq.generate(
            input_ids=inputs["input_ids"],
            attention_mask=inputs["attention_mask"],
            do_sample=False,
            max_new_tokens=16,
            **options,
        )
    text = tokenizer.decode(output[0], skip_special_tokens=True)
    return str(text), inputs["input_ids"].shape[1]


@pytest.mark.parametrize(
    ("kind", "window", "source", "target"),
    [
        ("pegasus", 128, "", ""),
        ("led", 512, "", ""),
        ("mbart", 128, "en_XX", "en_XX"),
        ("mbart", 128, "de_DE", "fr_XX"),
        ("nllb", 128, "eng_Latn", "eng_Latn"),
        ("nllb", 128, "deu_Latn", "fra_Latn"),
    ],
)
def test_it_says_what_transformers_says(
    make_model: Make, tiny_folder: Tiny, kind: str, window: int, source: str, target: str
) -> None:
    languages = f'source_language = "{source}"\ntarget_language = "{target}"' if source else ""
    model = _load(make_model, tiny_folder(kind), languages)
    queries = [*SUMMARIES[:2], SHORT]
    expected = [_transformers(model, query, window, source, target) for query in queries]
    made = model.predict(queries)
    assert [one.raw for one in made] == [text for text, _ in expected]
    assert len({one.raw for one in made}) > 1
    specials = model._tokenizer.num_special_tokens_to_add()
    assert [one.kept_tokens for one in made] == [count - specials for _, count in expected]
    assert [one.truncated for one in made] == [True, True, False]
    assert [model.predict([query])[0].raw for query in queries] == [one.raw for one in made]


def test_leds_first_token_sees_the_whole_article(make_model: Make, tiny_folder: Tiny) -> None:
    """With it another word far away changes the encoder's first state; without it, it does not."""
    import torch

    model = _load(make_model, tiny_folder("led"))
    tokenizer, led = model._loaded
    ids = torch.tensor([tokenizer("Ann met Bob in Rome. " * 40)["input_ids"][:256]])
    other = ids.clone()
    other[0, 200] = ids[0, 1]
    assert other[0, 200] != ids[0, 200]
    reach = []
    for mark in (0, 1):
        mask = torch.zeros_like(ids)
        mask[:, 0] = mark
        with torch.inference_mode():
            first, second = (
                led.get_encoder()(
                    input_ids=one, attention_mask=torch.ones_like(one), global_attention_mask=mask
                ).last_hidden_state[0, 0]
                for one in (ids, other)
            )
        reach.append(bool((first - second).abs().max() > 1e-6))
    assert reach == [False, True]


@pytest.mark.parametrize(
    ("kind", "more", "message"),
    [
        (
            "mbart",
            'source_language = "english"',
            "no language 'english'; its codes look like 'en_XX'",
        ),
        (
            "nllb",
            'source_language = "en_XX"',
            "no language 'en_XX'; its codes look like 'eng_Latn'",
        ),
        ("nllb", 'source_language = "the"', "no language 'the'"),
        ("bart", 'source_language = "en_XX"', "has no languages; remove the language 'en_XX'"),
    ],
)
def test_a_language_that_there_is_not(
    make_model: Make, tiny_folder: Tiny, kind: str, more: str, message: str
) -> None:
    with pytest.raises(ModelError, match=message):
        _load(make_model, tiny_folder(kind), more)


def test_a_wrong_target_is_found_when_loading(make_model: Make, tiny_folder: Tiny) -> None:
    with pytest.raises(ModelError, match="no language 'klingon'"):
        _load(make_model, tiny_folder("nllb"), 'target_language = "klingon"')


@pytest.mark.parametrize("kind", ["bart", "pegasus", "t5", "mbart", "led"])
def test_the_checkpoints_settings_are_those_that_transformers_reads(
    make_model: Make, tiny_folder: Tiny, kind: str
) -> None:
    """`generation_config` of the loaded model is the authority."""
    model = _load(make_model, tiny_folder(kind))
    loaded = model._loaded[1].generation_config.to_dict()
    shown = model.generation_settings()
    assert shown
    assert {name: loaded[name] for name in shown} == dict(shown)
    if kind == "pegasus":
        assert (shown["num_beams"], shown["length_penalty"]) == (3, 0.8)


def test_settings_in_an_old_checkpoints_config_are_found(
    make_model: Make, tiny_folder: Tiny, tmp_path: Path
) -> None:
    import json
    import shutil

    folder = shutil.copytree(tiny_folder("bart"), tmp_path / "old")
    (folder / "generation_config.json").unlink()
    config = json.loads((folder / "config.json").read_text(encoding="utf-8"))
    (folder / "config.json").write_text(
        json.dumps(config | {"num_beams": 2, "no_repeat_ngram_size": 3}), encoding="utf-8"
    )
    model = _load(make_model, folder)
    loaded = model._loaded[1].generation_config.to_dict()
    shown = model.generation_settings()
    assert (shown["num_beams"], shown["no_repeat_ngram_size"]) == (2, 3)
    assert {name: loaded[name] for name in shown} == dict(shown)
