"""The authority is transformers' own `generate`, one prompt at a time."""

import gc
import random
import sys
from collections.abc import Sequence
from typing import Any

import pytest
import torch
import transformers

from harness.models.attention.shared_prefixes import SharedPrefix, SuffixCache
from harness.models.decoding.decoder import Decoder
from harness.models.decoding.greedy_loop import Tally
from harness.models.decoding.row import Reply, split_prompt

VOCABULARY, PAD = 120, 0
SMALL = {
    "vocab_size": VOCABULARY,
    "hidden_size": 32,
    "num_hidden_layers": 2,
    "num_attention_heads": 4,
}
LIKE_LLAMA = {**SMALL, "intermediate_size": 64, "num_key_value_heads": 2, "head_dim": 8}
CONFIGS: dict[str, dict[str, Any]] = {
    "Llama": LIKE_LLAMA,
    "Llama, wide heads": {**LIKE_LLAMA, "head_dim": 32},  # compiled code attends
    "GPT2": {"vocab_size": VOCABULARY, "n_embd": 32, "n_layer": 2, "n_head": 4, "n_positions": 256},
    "Qwen2": LIKE_LLAMA,
}  # fmt: skip
SETTINGS: dict[str, dict[str, Any]] = {
    "none": {},
    "several ends": {"eos_token_id": [1, *range(4, 30)]},
    "penalty": {"repetition_penalty": 1.2, "no_repeat_ngram_size": 3},
    "least": {"eos_token_id": [1, *range(4, 60)], "min_new_tokens": 7},
    "least, prompt included": {"eos_token_id": [1, *range(4, 60)], "min_length": 40},
    "forced": {"forced_eos_token_id": 9, "bad_words_ids": [[5], [6, 7]], "suppress_tokens": [8]},
    "of the prompt": {"encoder_repetition_penalty": 1.3, "encoder_no_repeat_ngram_size": 2},
}
LIMITS = (30, 5, 1)


def _model(name: str, **settings: Any) -> Any:
    torch.manual_seed(0)
    config = getattr(transformers, f"{name.split(',', maxsplit=1)[0]}Config")(
        **CONFIGS[name], pad_token_id=PAD, eos_token_id=1, bos_token_id=2, initializer_range=0.3
    )
    model = transformers.AutoModelForCausalLM.from_config(config, dtype=torch.float32).eval()
    for key, value in settings.items():
        setattr(model.generation_config, key, value)
    return model


def _prompts() -> list[tuple[list[int], int]]:
    """Return prompts and how many first tokens each shares with others, 0 for none."""
    draw = random.Random(3)

    def tokens(count: int) -> list[int]:
        return [draw.randrange(4, VOCABULARY) for _ in range(count)]

    article, other = tokens(30), tokens(21)
    shared = [([*article, *tokens(count)], 30) for count in (6, 1, 11, 3, 6)]
    shared += [([*other, *tokens(count)], 21) for count in (2, 9)]
    return [*shared, *((tokens(count), 0) for count in (2, 17, 40))]


def _alone(model: Any, prompt: Sequence[int], limit: int) -> list[int]:
    eos = model.generation_config.eos_token_id
    ends = set(eos if isinstance(eos, list) else [eos])
    with torch.inference_mode():
        ids = torch.tensor([prompt])
        output = model.generate(
            input_ids=ids,
            attention_mask=torch.ones_like(ids),
            do_sample=False,
            max_new_tokens=limit,
            pad_token_id=PAD,
        )
    tokens: list[int] = output[0, len(prompt) :].tolist()
    end = next((place for place, token in enumerate(tokens) if token in ends), len(tokens))
    return tokens[:end]


def _decode(
    model: Any, prompts: Sequence[tuple[list[int], int]], limits: Sequence[int], budget: int = 9999
) -> tuple[list[Reply | Exception], Tally, list[int]]:
    """Return outcomes in the prompts' order, what was done, and in what order they came."""
    decoder = Decoder(model, PAD, budget)
    requests = (
        split_prompt(place, prompt, limit, shared)
        for place, ((prompt, shared), limit) in enumerate(zip(prompts, limits, strict=True))
    )
    pairs = list(decoder.stream(requests))
    outcomes = dict(pairs)
    assert decoder.tally
    return [outcomes[i] for i in range(len(prompts))], decoder.tally, [place for place, _ in pairs]


@pytest.mark.filterwarnings("ignore:Unfeasible length constraints")
@pytest.mark.parametrize("name", CONFIGS)
@pytest.mark.parametrize("settings", SETTINGS)
def test_a_text_is_what_generate_writes_alone(name: str, settings: str) -> None:
    prompts = _prompts()
    limits = [LIMITS[place % len(LIMITS)] for place in range(len(prompts))]
    model = _model(name, **SETTINGS[settings])
    pairs = zip(prompts, limits, strict=True)
    expected = [_alone(model, prompt, limit) for (prompt, _), limit in pairs]
    for budget in (9999, 130):
        outcomes, tally, _ = _decode(model, prompts, limits, budget)
        replies = [outcome for outcome in outcomes if isinstance(outcome, Reply)]
        assert [reply.tokens for reply in replies] == expected
        most = max(reply.batch_size for reply in replies)
        assert most == len(prompts) if budget == 9999 else most < len(prompts)
        if budget == 9999:  # none was tried again for another reason than scores that are close
            assert sum(reply.batch_size == 1 for reply in replies) == tally.alone
        for reply, limit in zip(replies, limits, strict=True):
            assert reply.ended == (len(reply.tokens) < limit)


@pytest.mark.parametrize("name", CONFIGS)
def test_compiled_code_attends_where_heads_are_wide_enough(
    name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Without Numba texts are the same: both are `generate`'s."""
    decoder = Decoder(_model(name), PAD, 9999)
    assert decoder.tally is not None
    assert decoder.method.endswith("compiled attention") == (name == "Llama, wide heads")
    monkeypatch.setitem(sys.modules, "harness.models.attention.compiled_task", None)
    decoder = Decoder(_model(name), PAD, 9999)
    assert decoder.tally is not None
    assert "compiled" not in decoder.method


def test_a_row_leaves_when_it_is_done_and_the_next_comes() -> None:
    """Two rows fit: the passes are those of a schedule worked out by hand.

    Rows of 12, 2, 2, 2 and 2 tokens that end by their limits alone. Two at a time in batches that
    wait for their longest take 12 + 2 + 2 passes; here the short ones go by beside the long one.
    """
    model = _model("Llama", eos_token_id=1, suppress_tokens=[1])
    draw = random.Random(5)
    prompts = [([draw.randrange(4, VOCABULARY) for _ in range(10)], 0) for _ in range(5)]
    # Keys and values of prompt and reply: 22 of the long row, 12 of each other.
    _, tally, order = _decode(model, prompts, [12, 2, 2, 2, 2], 40)
    assert tally.passes <= 12
    assert order == [1, 2, 3, 4, 0]


def test_what_a_row_held_is_released_with_it() -> None:
    """Keys and values are most of the memory: none waits for the garbage collector."""
    model = _model("Llama")
    gc.collect()
    gc.disable()
    try:
        _decode(model, _prompts(), [5] * len(_prompts()))
        held = [item for item in gc.get_objects() if type(item) in (SuffixCache, SharedPrefix)]
    finally:
        gc.enable()
    assert held == []


def test_what_is_guessed_right_saves_passes_and_changes_no_token() -> None:
    """A model whose last token alone decides goes round: what stood before comes again."""
    model = _model("Llama", suppress_tokens=[1])
    for layer in model.model.layers:
        layer.self_attn.o_proj.weight.data.zero_()
    prompt = list(range(4, 14))
    (reply,), tally, _ = _decode(model, [(prompt, 0)], [80])
    assert isinstance(reply, Reply)
    assert reply.tokens == _alone(model, prompt, 80)
    assert tally.written == 80
    assert tally.passes == 80 - tally.right
    assert tally.passes < 60
    assert (reply.guessed, reply.right) == (tally.guessed, tally.right)  # it was alone


def test_where_rounding_would_decide_generate_alone_does() -> None:
    """Two tokens have one row of the head, and so the same score: the texts are `generate`'s."""
    model = _model("Llama", suppress_tokens=[1])
    model.lm_head.weight.data[60:] = model.lm_head.weight.data[:60]
    prompts = _prompts()
    outcomes, tally, _ = _decode(model, prompts, [8] * len(prompts))
    assert tally.alone == len(prompts)
    for outcome, (prompt, _) in zip(outcomes, prompts, strict=True):
        assert isinstance(outcome, Reply)
        assert outcome.tokens == _alone(model, prompt, 8)
        assert outcome.batch_size == 1
    _, tally, _ = _decode(model.to(torch.bfloat16), prompts, [8] * len(prompts))
    assert tally.alone == 0  # there it is common, and no promise is made


def test_what_fails_fails_alone() -> None:
    """A token that the model has not makes a pass fail: for its own row, and for no other."""
    prompts = _prompts()
    prompts[3] = ([*prompts[3][0], VOCABULARY], prompts[3][1])
    model = _model("Llama")
    outcomes, _, _ = _decode(model, prompts, [6] * len(prompts))
    assert isinstance(outcomes[3], IndexError)
    for place, (outcome, (prompt, _)) in enumerate(zip(outcomes, prompts, strict=True)):
        if place != 3:
            assert isinstance(outcome, Reply)
            assert outcome.tokens == _alone(model, prompt, 6)
