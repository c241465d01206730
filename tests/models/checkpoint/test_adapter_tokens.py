"""Adapters that were trained with more tokens than their base model has, or fewer."""

import json
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from harness.errors import ModelError
from harness.models.checkpoint.checkpoint import Checkpoint
from harness.models.model import Model
from harness.records import Query

pytest.importorskip("peft")
# peft's, while an adapter is made here
pytestmark = [
    pytest.mark.filterwarnings("ignore::FutureWarning:transformers.*"),
    pytest.mark.filterwarnings("ignore::UserWarning:peft.*"),
]

Make = Callable[[str], Model]
Tiny = Callable[..., Path]

NEW = ["<|one|>", "<|two|>", "<|three|>"]
QUERY = Query("answer", "Ann met Bob.", "Who met Bob?")


def _load(folder: Path, kind: str = "causal") -> Any:
    import torch
    from transformers import AutoModelForCausalLM, AutoModelForSeq2SeqLM

    auto: Any = AutoModelForCausalLM if kind == "causal" else AutoModelForSeq2SeqLM
    return auto.from_pretrained(folder, dtype=torch.float32)


def _train(
    base: Path, folder: Path, kind: str = "causal", rows: int | None = None, **options: Any
) -> Any:
    """Save an adapter and a tokenizer with three tokens more, as its users do; return PEFT's model.

    Without `rows`, the embeddings get one for each token.
    """
    import torch
    from peft import LoraConfig, get_peft_model
    from transformers import AutoTokenizer

    torch.manual_seed(1)
    tokenizer: Any = AutoTokenizer.from_pretrained(base)
    tokenizer.add_tokens(NEW, special_tokens=True)
    model = _load(base, kind)
    model.resize_token_embeddings(rows or len(tokenizer), mean_resizing=False)
    saving = {"save_embedding_layers": options.pop("save", "auto")}
    options = {"target_modules": ["q_proj"], "init_lora_weights": False} | options
    adapted = get_peft_model(model, LoraConfig(r=4, **options)).eval()
    adapted.save_pretrained(folder, **saving)
    tokenizer.save_pretrained(folder)
    return adapted


def _entry(base: Path, adapter: Path, kind: str = "causal") -> str:
    more = "" if kind == "causal" else "\nmax_new_tokens = 8"
    return (
        f'kind = "{kind}"\nweights = {{ folder = "{base}" }}\n'
        f'adapter = {{ folder = "{adapter}" }}{more}'
    )


def _merged(make_model: Make, base: Path, adapter: Path, kind: str = "causal") -> tuple[Any, Any]:
    """Return the tokenizer and the network that the harness makes of an adapter."""
    model = make_model(_entry(base, adapter, kind))
    assert isinstance(model, Checkpoint)
    model.prepare()
    tokenizer, network = model.__dict__["_loaded"]
    return tokenizer, network


def _logits(network: Any, ids: list[int]) -> Any:
    import torch

    inputs = {"input_ids": torch.tensor([ids])}
    if network.config.is_encoder_decoder:
        inputs["decoder_input_ids"] = torch.tensor([ids[-8:]])
    with torch.inference_mode():
        return network(**inputs).logits


@pytest.fixture(scope="session")
def base_folder(shared_folder: Path, tiny_folder: Tiny) -> Callable[[str], Path]:
    """Return a base model: a tiny one, with its head tied, or with 640 rows for 600 tokens."""

    def build(name: str) -> Path:
        if name not in ("tied", "padded"):
            return tiny_folder(name)
        folder = shared_folder / f"adapter-base-{name}"
        if not folder.exists():
            shutil.copytree(tiny_folder("llama"), folder)
            model = _load(folder)
            if name == "tied":
                model.config.tie_word_embeddings = True
                model.tie_weights()
            else:
                model.resize_token_embeddings(640, mean_resizing=False)
            model.save_pretrained(folder)
        return folder

    return build


SAVED_BY_USERS: dict[str, tuple[str, str, dict[str, Any]]] = {
    "resized, so peft saves them": ("llama", "causal", {}),
    "saved on demand": ("llama", "causal", {"save": True}),
    "padded to 64": ("llama", "causal", {"rows": 640}),
    "trained whole": ("llama", "causal", {"modules_to_save": ["embed_tokens", "lm_head"]}),
    "input alone": ("llama", "causal", {"modules_to_save": ["embed_tokens"]}),
    "adapted": ("llama", "causal", {"target_modules": ["q_proj", "embed_tokens", "lm_head"]}),
    "some rows": ("llama", "causal", {"trainable_token_indices": [600, 602]}),
    "tied": ("tied", "causal", {}),
    "tied, trained whole": ("tied", "causal", {"modules_to_save": ["embed_tokens"]}),
    "tied, adapted": ("tied", "causal", {"target_modules": ["q_proj", "embed_tokens"]}),
    "tied, some rows": ("tied", "causal", {"trainable_token_indices": [600, 602]}),
    "base padded": ("padded", "causal", {"rows": 640}),
    "base padded, made smaller": ("padded", "causal", {}),
    "BART": ("bart", "seq2seq", {}),
    "BART, trained whole": ("bart", "seq2seq", {"modules_to_save": ["shared", "lm_head"]}),
    "BART, adapted": ("bart", "seq2seq", {"target_modules": ["q_proj", "shared"]}),
    "T5": ("t5", "seq2seq", {"target_modules": ["q"]}),
}


@pytest.mark.parametrize("name", SAVED_BY_USERS)
def test_embeddings_that_were_resized_compute_what_pefts_own_model_does(
    make_model: Make, base_folder: Callable[[str], Path], tmp_path: Path, name: str
) -> None:
    import torch

    base, kind, options = SAVED_BY_USERS[name]
    theirs = _train(base_folder(base), tmp_path / "adapter", kind, **options)
    tokenizer, ours = _merged(make_model, base_folder(base), tmp_path / "adapter", kind)
    ids = tokenizer(f"Ann met Bob in Rome. {''.join(NEW)}", add_special_tokens=False)["input_ids"]
    assert ids[-3:] == [600, 601, 602]
    made, expected = _logits(ours, ids), _logits(theirs, ids)
    assert made.shape == expected.shape
    # The adapters are large; the base model's scores are of the order of one.
    assert torch.allclose(made, expected, atol=1e-4, rtol=1e-4)
    assert ours.config.vocab_size == made.shape[-1]


def test_a_large_enough_vocabulary_stays_where_no_embeddings_are_saved(
    make_model: Make, base_folder: Callable[[str], Path], tmp_path: Path
) -> None:
    """As `AutoPeftModelForCausalLM` leaves it."""
    from peft import AutoPeftModelForCausalLM

    base = base_folder("padded")
    _train(base, tmp_path / "adapter", rows=640, save=False, task_type="CAUSAL_LM")
    tokenizer, ours = _merged(make_model, base, tmp_path / "adapter")
    theirs = AutoPeftModelForCausalLM.from_pretrained(tmp_path / "adapter")
    assert len(tokenizer) == 603
    assert ours.get_input_embeddings().weight.shape[0] == 640
    assert theirs.get_input_embeddings().weight.shape[0] == 640


def test_rows_that_nobody_saved_are_where_training_began(
    make_model: Make, base_folder: Callable[[str], Path], tmp_path: Path
) -> None:
    """transformers draws them from a normal distribution around the mean of the others.

    Its covariance is 1e-9 of theirs (`PreTrainedModel._init_added_embeddings_weights_with_mean`).
    """
    import torch
    from peft import AutoPeftModelForCausalLM

    base = base_folder("llama")
    _train(base, tmp_path / "adapter", save=False, task_type="CAUSAL_LM")
    theirs = AutoPeftModelForCausalLM.from_pretrained(tmp_path / "adapter")
    made = [_merged(make_model, base, tmp_path / "adapter")[1] for _ in range(2)]
    for name in ("get_input_embeddings", "get_output_embeddings"):
        first, again, expected = (getattr(one, name)().weight for one in (*made, theirs))
        assert torch.equal(first, again)
        assert torch.allclose(first, expected, atol=1e-4)


def test_the_adapters_tokenizer_and_its_chat_template_are_used(
    make_model: Make, tiny_folder: Tiny, tmp_path: Path
) -> None:
    base = tiny_folder("llama", chat=False)
    _train(base, tmp_path / "adapter")
    (tmp_path / "adapter" / "chat_template.jinja").write_text(
        "{% for m in messages %}<|one|>{{ m['content'] }}<|two|>{% endfor %}", encoding="utf-8"
    )
    text = make_model(_entry(base, tmp_path / "adapter")).rendered_prompt(QUERY)
    assert text is not None
    assert text.startswith("<|one|>")
    identity: Any = make_model(_entry(base, tmp_path / "adapter")).identity("answer")
    assert identity["adapter"]["tokenizer"] == "its own, if it has one"
    for name in ("tokenizer.json", "tokenizer_config.json", "chat_template.jinja"):
        (tmp_path / "adapter" / name).unlink()
    plain: Any = make_model(_entry(base, tmp_path / "adapter")).identity("answer")
    assert "tokenizer" not in plain["adapter"]


@pytest.mark.parametrize("kind", ["causal", "seq2seq"])
def test_a_reply_ends_with_the_end_that_the_adapter_learnt(
    make_model: Make, tiny_folder: Tiny, tmp_path: Path, kind: str
) -> None:
    """A model that can write nothing but the adapter's end token has ended, and not run on."""
    base = shutil.copytree(tiny_folder("llama" if kind == "causal" else "t5"), tmp_path / "base")
    targets = ["q_proj" if kind == "causal" else "q"]
    _train(base, tmp_path / "adapter", kind, target_modules=targets)
    path = tmp_path / "adapter" / "tokenizer_config.json"
    config = json.loads(path.read_text(encoding="utf-8"))
    path.write_text(json.dumps(config | {"eos_token": "<|two|>"}), encoding="utf-8")
    settings = json.loads((base / "generation_config.json").read_text(encoding="utf-8"))
    settings["suppress_tokens"] = [token for token in range(603) if token != 601]
    (base / "generation_config.json").write_text(json.dumps(settings), encoding="utf-8")
    model = make_model(_entry(base, tmp_path / "adapter", kind))
    model.prepare()
    query = QUERY if kind == "causal" else Query("summarize", QUERY.context)
    (prediction,) = model.predict([query])
    assert (prediction.text, prediction.error) == ("", None)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ("fewer rows", r"^adapter: the adapter's embeddings have 602 rows, and the tokenizer 603"),
        ("two sizes", r"^adapter: the adapter's embeddings have 603 and 640 rows, and the token"),
        ("a further layer", r"^adapter: the adapter has model\.layers\.9\.q\.lora_A\.weight, for"),
    ],
)
def test_what_does_not_fit_is_refused_in_one_line(
    make_model: Make, tiny_folder: Tiny, tmp_path: Path, change: str, message: str
) -> None:
    import torch
    from safetensors.torch import load_file, save_file

    _train(tiny_folder("llama"), tmp_path / "adapter")
    path = tmp_path / "adapter" / "adapter_model.safetensors"
    weights = load_file(path)
    if change == "fewer rows":
        for name in ("lm_head", "model.embed_tokens"):
            key = f"base_model.model.{name}.weight"
            weights[key] = weights[key][:602].clone()
    elif change == "two sizes":
        weights["base_model.model.lm_head.weight"] = torch.zeros(640, 32)
    else:
        weights["base_model.model.model.layers.9.q.lora_A.weight"] = torch.zeros(4, 32)
    save_file(weights, path, metadata={"format": "pt"})
    with pytest.raises(ModelError, match=message) as raised:
        make_model(_entry(tiny_folder("llama"), tmp_path / "adapter")).prepare()
    assert "\n" not in str(raised.value)
