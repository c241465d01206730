"""The authority is transformers' own `generate`, one source at a time."""

import random
from collections.abc import Iterator, Sequence
from types import SimpleNamespace
from typing import Any

import pytest
import torch
import transformers

from harness.models.decoding.row import Outcome, Reply
from harness.models.generative.encoder_decoder import EncoderDecoder, Source
from tests import tiny

VOCABULARY, PAD, END = 90, 0, 1
MANY_ENDS = [END, *range(4, 24)]
LIKE_BART = {**tiny.LIKE_BART, "init_std": 0.3}
CONFIGS: dict[str, dict[str, Any]] = {
    "Bart": {**LIKE_BART, "max_position_embeddings": 64, "forced_eos_token_id": END},
    "T5": {"d_model": 32, "d_kv": 8, "d_ff": 64, "num_layers": 2, "num_heads": 4},
    "MBart": {**LIKE_BART, "max_position_embeddings": 64, "forced_eos_token_id": END},
    "Marian": {**LIKE_BART, "max_position_embeddings": 64, "decoder_vocab_size": VOCABULARY},
    "Pegasus": {**LIKE_BART, "max_position_embeddings": 64},
    "LED": {
        **LIKE_BART,
        "max_encoder_position_embeddings": 64,
        "max_decoder_position_embeddings": 64,
        "attention_window": [16, 16],
    },
}
SETTINGS: dict[str, dict[str, Any]] = {
    "none": {},
    "several ends": {"eos_token_id": MANY_ENDS},
    "penalty": {"repetition_penalty": 1.2, "no_repeat_ngram_size": 2, "eos_token_id": MANY_ENDS},
    "least": {"eos_token_id": MANY_ENDS, "min_new_tokens": 5},
    "forced": {
        "forced_bos_token_id": 33,
        "forced_eos_token_id": 9,
        "bad_words_ids": [[50], [60, 70]],
        "suppress_tokens": [80],
        "begin_suppress_tokens": [81],
        "eos_token_id": [9, *MANY_ENDS],
    },
    "longer, likelier to end": {
        "exponential_decay_length_penalty": (2, 1.5),
        "renormalize_logits": True,
    },
    "of the source": {
        "encoder_repetition_penalty": 1.3,
        "encoder_no_repeat_ngram_size": 2,
        "eos_token_id": MANY_ENDS,
    },
}
LIMIT = 14


def _model(name: str, **settings: Any) -> Any:
    torch.manual_seed(0)
    config = getattr(transformers, f"{name}Config")(
        vocab_size=VOCABULARY,
        pad_token_id=PAD,
        eos_token_id=END,
        bos_token_id=2,
        decoder_start_token_id=PAD if name == "T5" else 3,
        **CONFIGS[name],
    )
    model = transformers.AutoModelForSeq2SeqLM.from_config(config, dtype=torch.float32).eval()
    if name == "T5":  # it begins with small numbers, and would write one token for ever
        for weights in model.parameters():
            weights.data.mul_(3)
    for key, value in settings.items():
        setattr(model.generation_config, key, value)
    return model


def _sources() -> list[list[int]]:
    draw = random.Random(3)
    lengths = (30, 21, 21, 21, 9, 3)
    return [[draw.randrange(24, VOCABULARY) for _ in range(count)] for count in lengths]


def _alone(model: Any, source: Sequence[int], limit: int = LIMIT, **options: Any) -> list[int]:
    ids = torch.tensor([source])
    if model.config.model_type == "led":
        options["global_attention_mask"] = torch.zeros_like(ids)
        options["global_attention_mask"][:, 0] = 1
    with torch.inference_mode():
        output = model.generate(
            input_ids=ids,
            attention_mask=torch.ones_like(ids),
            do_sample=False,
            max_new_tokens=limit,
            **options,
        )
    tokens: list[int] = output[0].tolist()
    return tokens


def _stream(
    model: Any, sources: Iterator[Source], budget: int = 9999, **options: Any
) -> Iterator[tuple[int, Outcome]]:
    tokenizer = SimpleNamespace(pad_token_id=PAD)
    return EncoderDecoder(model, tokenizer, budget, options).stream(sources, LIMIT)


def _replies(model: Any, sources: Sequence[Sequence[int]], budget: int = 9999) -> list[Reply]:
    outcomes = dict(_stream(model, iter(enumerate(sources)), budget))
    replies = [outcomes[place] for place in range(len(sources))]
    assert all(isinstance(reply, Reply) for reply in replies), replies
    return [reply for reply in replies if isinstance(reply, Reply)]


@pytest.mark.parametrize("name", CONFIGS)
@pytest.mark.parametrize("settings", SETTINGS)
def test_a_text_is_what_generate_writes_alone(name: str, settings: str) -> None:
    model = _model(name, **SETTINGS[settings])
    sources = _sources()
    expected = [_alone(model, source) for source in sources]
    eos = model.generation_config.eos_token_id
    ends = set(eos if isinstance(eos, list) else [eos])
    forced = model.generation_config.forced_eos_token_id
    for budget in (9999, 90):  # 90: two rows of 30 + 14, and more of those that are shorter
        replies = _replies(model, sources, budget)
        assert [reply.tokens for reply in replies] == expected
        for reply in replies:
            assert reply.finite
            length = len(reply.tokens) - 1
            by_itself = length < LIMIT or (forced is None and reply.tokens[-1] in ends)
            assert reply.ended == by_itself
        sizes = {reply.batch_size for reply in replies}
        if settings == "of the source":
            assert sizes == {1}
        else:
            assert max(sizes) == 6 if budget == 9999 else 1 < max(sizes) < 6


def test_rows_that_are_done_take_no_part_in_the_next_step() -> None:
    """A step for a row is one for each of its tokens; texts come in the order of their lengths."""
    model = _model("Bart", eos_token_id=MANY_ENDS)
    sources = _sources()
    lengths = [len(_alone(model, source)) - 1 for source in sources]
    assert len(set(lengths)) > 1, lengths
    rows: list[int] = []
    hook = model.register_forward_hook(lambda _, __, output: rows.append(len(output.logits)))
    stream = _stream(model, iter(enumerate(sources)))
    order = []
    for place, _ in stream:
        order.append(place)
        assert len(rows) == lengths[place]  # it came at once
    hook.remove()
    assert rows[1:] == [sum(length > step for length in lengths) for step in range(1, max(lengths))]
    assert [lengths[place] for place in order] == sorted(lengths)


def test_where_rounding_would_decide_generate_alone_does() -> None:
    """Two tokens have one row of the head, and so the same score: the texts are `generate`'s."""
    model = _model("Bart", suppress_tokens=[END], forced_eos_token_id=None)
    model.model.shared.weight.data[45:] = model.model.shared.weight.data[:45]
    sources = _sources()
    replies = _replies(model, sources)
    assert [reply.tokens for reply in replies] == [_alone(model, source) for source in sources]
    assert {reply.batch_size for reply in replies} == {1}
    replies = _replies(model.to(torch.bfloat16), sources)
    assert {reply.batch_size for reply in replies} == {6}  # there it is common: no promise is made


def test_a_row_whose_logits_are_no_numbers_leaves_and_spoils_no_other() -> None:
    model = _model("T5")
    model.lm_head.weight = torch.nn.Parameter(model.lm_head.weight.detach().clone())
    model.generation_config.suppress_tokens = [7]  # the decoder never reads it
    model.shared.weight.data[7] = torch.nan
    sources = _sources()
    sources[2][5] = 7
    replies = _replies(model, sources)
    assert [reply.finite for reply in replies] == [place != 2 for place in range(6)]
    for place, reply in enumerate(replies):
        if place != 2:
            assert reply.tokens == _alone(model, sources[place])
            assert reply.batch_size == 6


@pytest.mark.parametrize("beams", [1, 3])
def test_what_fails_fails_alone(beams: int) -> None:
    """A token that the model has not makes a batch fail: for its own row, and for no other."""
    sources = _sources()
    sources[3].append(VOCABULARY)
    model = _model("Bart", eos_token_id=MANY_ENDS)
    outcomes = dict(_stream(model, iter(enumerate(sources)), num_beams=beams))
    assert isinstance(outcomes.pop(3), IndexError)
    for place, outcome in outcomes.items():
        assert isinstance(outcome, Reply)
        assert outcome.tokens == _alone(model, sources[place], num_beams=beams)


def test_a_batch_of_beams_comes_before_the_next_is_looked_at() -> None:
    taken = []

    def sources() -> Iterator[Source]:
        for place, source in enumerate(_sources()):
            taken.append(place)
            yield place, source

    model = _model("Bart")
    stream = _stream(model, sources(), budget=2 * 2 * (30 + LIMIT), num_beams=2)
    place, outcome = next(stream)
    assert (place, taken) == (0, [0, 1, 2])  # two that fit, and the one that does not
    assert isinstance(outcome, Reply)
    assert outcome.batch_size == 2
    assert [place for place, _ in stream] == [1, 2, 3, 4, 5]
