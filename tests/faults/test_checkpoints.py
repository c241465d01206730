"""Checkpoints that ask for all memory, for ever, or for code: each a line, and the model's own."""

import gc
import json
import os
import shutil
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import pytest

from harness.errors import HarnessError, ModelError, WeightsError
from harness.models.model import Model
from harness.records import Query

Make = Callable[[str], Model]
Tiny = Callable[..., Path]
SUMMARY = Query("summarize", "Ann met Bob in Rome on Monday. They signed a pact. It rained.")
ANSWER = Query("answer", SUMMARY.context, "Who met Bob?")
KINDS = {"llama": "causal", "bart": "seq2seq", "t5": "seq2seq", "bert_qa": "extractive"}
POINTER = "version https://git-lfs.github.com/spec/v1\noid sha256:4d7a\nsize 12345\n"


def _entry(kind: str, folder: Path) -> str:
    more = "\nmax_new_tokens = 8" if kind == "seq2seq" else ""
    return f'kind = "{kind}"\nweights = {{ folder = "{folder}" }}{more}'


def _copy(source: Path, folder: Path, **config: object) -> Path:
    """Copy a checkpoint, with other values in its config.json."""
    shutil.copytree(source, folder)
    path = folder / "config.json"
    path.write_text(json.dumps(json.loads(path.read_text()) | config))
    return folder


def _failure(model: Model, query: Query) -> str:
    def load() -> None:
        model.identity(query.task)
        model.prepare()

    with pytest.raises(HarnessError) as caught:
        load()
    return str(caught.value)


@pytest.mark.parametrize(
    ("name", "key", "value"),
    [
        ("llama", "num_hidden_layers", 10**6),
        ("bart", "encoder_layers", 10**6),
        ("bart", "decoder_layers", 10**6),
        ("t5", "num_layers", 10**6),
        ("bert_qa", "num_hidden_layers", 10**6),
        ("llama", "vocab_size", 10**9),
        ("llama", "hidden_size", 10**8),
        ("bart", "max_position_embeddings", 10**9),
        ("bert_qa", "num_labels", 10**9),
    ],
)
def test_a_configuration_that_asks_for_more_than_there_is(
    tmp_path: Path, make_model: Make, tiny_folder: Tiny, name: str, key: str, value: int
) -> None:
    folder = _copy(tiny_folder(name), tmp_path / "model", **{key: value})
    told = _failure(make_model(_entry(KINDS[name], folder)), SUMMARY)
    assert told.startswith(f"{folder}/config.json: {key} is {value:.4g}, which the weights beside")


@pytest.mark.parametrize("key", ["_attn_implementation", "attn_implementation"])
def test_code_on_the_hub_is_not_computed_with(
    tmp_path: Path, make_model: Make, tiny_folder: Tiny, key: str
) -> None:
    value = "kernels-community/flash-attn"
    folder = _copy(tiny_folder("llama"), tmp_path / "model", **{key: value})
    told = _failure(make_model(_entry("causal", folder)), SUMMARY)
    assert f"{key} = '{value}' names code on the Hub, which is not run" in told


@pytest.mark.parametrize(
    "file", ["model.safetensors", "tokenizer.json", "generation_config.json", "extra.json"]
)
@pytest.mark.parametrize("make", [os.mkfifo, lambda path: path.symlink_to("/dev/zero")])
def test_a_pipe_or_a_device_among_the_files_is_found_before_anything_runs(
    tmp_path: Path, make_model: Make, tiny_folder: Tiny, file: str, make: Callable[[Path], None]
) -> None:
    folder = _copy(tiny_folder("llama"), tmp_path / "model")
    (folder / file).unlink(missing_ok=True)
    make(folder / file)
    with pytest.raises(WeightsError, match=f"{file}: is a pipe or a device; put the file itself"):
        make_model(_entry("causal", folder)).identity("summarize")


@pytest.mark.parametrize("file", ["model.safetensors", "tokenizer.json"])
def test_what_git_lfs_left_in_a_file_s_place_is_told(
    tmp_path: Path, make_model: Make, tiny_folder: Tiny, file: str
) -> None:
    folder = _copy(tiny_folder("llama"), tmp_path / "model")
    (folder / file).write_text(POINTER)
    with pytest.raises(WeightsError, match=f"{file}: is a pointer of Git LFS .* `git lfs pull`"):
        make_model(_entry("causal", folder)).identity("summarize")


@pytest.mark.parametrize(
    "header", [b"", (2**40).to_bytes(8, "little") + b"{}", b"\2" + b"\0" * 7 + b"[]"]
)
def test_weights_whose_header_is_none(
    tmp_path: Path, make_model: Make, tiny_folder: Tiny, header: bytes
) -> None:
    folder = _copy(tiny_folder("llama"), tmp_path / "model")
    (folder / "model.safetensors").write_bytes(header)
    told = _failure(make_model(_entry("causal", folder)), SUMMARY)
    assert "model.safetensors: no safetensors (" in told


@pytest.mark.parametrize(
    ("template", "message"),
    [
        pytest.param(
            "{% for a in range(99999) %}{% for b in range(99999) %}{% endfor %}{% endfor %}",
            "the chat template takes more than 5 s to render",
            marks=pytest.mark.minutes,
        ),
        (
            "{% set n = namespace(x='aaaaaaaa') %}{% for a in range(40) %}{% set n.x = n.x + n.x %}"
            "{% endfor %}{{ n.x }}",
            "the chat template takes more than 1 GB to render",
        ),
        ("{{ 10 ** 10 ** 10 }}", "its chat template multiplies what it computes"),
        (
            "{% set n = namespace(x=7) %}{% generation %}{% for a in range(99) %}"
            "{% set n.x = n.x * n.x %}{% endfor %}{% endgeneration %}",
            "its chat template multiplies what it computes",
        ),
    ],
    ids=["loops", "doubling", "power", "squares"],
)
def test_a_chat_template_without_an_end(
    tmp_path: Path, make_model: Make, tiny_folder: Tiny, template: str, message: str
) -> None:
    folder = _copy(tiny_folder("llama"), tmp_path / "model")
    (folder / "chat_template.jinja").write_text(template)
    assert message in _failure(make_model(_entry("causal", folder)), SUMMARY)


def test_a_panic_is_the_failure_of_one_query_and_the_next_is_predicted(
    make_model: Make, tiny_folder: Tiny, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A truncation that the tokenizers package panics on, as `stride` above `max_length` is."""
    from tokenizers import Tokenizer

    model = make_model(_entry("seq2seq", tiny_folder("bart")))
    model.prepare()
    tokenizer: Any = vars(model)["_tokenizer"]
    encode: Callable[..., Any] = tokenizer.__call__
    written = json.loads(tokenizer.backend_tokenizer.to_str())
    written["truncation"] = {
        "direction": "Right", "max_length": 2, "strategy": "LongestFirst", "stride": 5,
    }  # fmt: skip
    panicking = Tokenizer.from_str(json.dumps(written))

    def panics(text: str, **options: Any) -> Any:
        if "Cyd" in text:
            return panicking.encode(text, add_special_tokens=False)
        return encode(text, **options)

    monkeypatch.setattr(
        type(tokenizer), "__call__", lambda _, text, **options: panics(text, **options)
    )
    broken, well = model.predict([Query("summarize", "Cyd objected. " * 9), SUMMARY])
    assert broken.error
    assert "a library that the model needs broke down: PanicException: " in broken.error
    assert well.error is None


@pytest.fixture(scope="module")
def experts(tmp_path_factory: pytest.TempPathFactory, tiny_folder: Tiny) -> dict[str, Path]:
    """Two encoder-decoders that route tokens to experts."""
    import torch
    from transformers import (
        AutoTokenizer,
        NllbMoeConfig,
        NllbMoeForConditionalGeneration,
        SwitchTransformersConfig,
        SwitchTransformersForConditionalGeneration,
    )

    torch.manual_seed(0)
    folder = tmp_path_factory.mktemp("experts")
    t5, bart = (AutoTokenizer.from_pretrained(tiny_folder(name)) for name in ("t5", "bart"))
    switch = SwitchTransformersConfig(
        vocab_size=len(t5), d_model=32, d_kv=8, d_ff=64, num_layers=2, num_decoder_layers=2, num_heads=4, num_experts=2,
        num_sparse_encoder_layers=1, num_sparse_decoder_layers=1, pad_token_id=t5.pad_token_id,
        eos_token_id=t5.eos_token_id, decoder_start_token_id=t5.pad_token_id,
    )  # fmt: skip
    nllb = NllbMoeConfig(
        vocab_size=len(bart), d_model=32, encoder_layers=2, decoder_layers=2,
        encoder_attention_heads=4, decoder_attention_heads=4, encoder_ffn_dim=64,
        decoder_ffn_dim=64, max_position_embeddings=128, num_experts=2, encoder_sparse_step=2,
        decoder_sparse_step=2, pad_token_id=bart.pad_token_id, eos_token_id=bart.eos_token_id,
        bos_token_id=bart.bos_token_id, decoder_start_token_id=bart.eos_token_id,
    )  # fmt: skip
    for name, network, tokenizer in (
        ("switch", SwitchTransformersForConditionalGeneration(switch), t5),
        ("nllb", NllbMoeForConditionalGeneration(nllb), bart),
    ):
        for parameter in network.parameters():  # as they are made, they write nothing
            torch.nn.init.normal_(parameter, std=0.3)
        network.eval().save_pretrained(folder / name)
        tokenizer.save_pretrained(folder / name)
    return {name: folder / name for name in ("switch", "nllb")}


@pytest.mark.parametrize("name", ["switch", "nllb"])
@pytest.mark.parametrize("beams", [1, pytest.param(2, marks=pytest.mark.minutes)])
def test_a_mixture_of_experts_says_what_its_own_generate_says(
    make_model: Make, experts: dict[str, Path], name: str, beams: int
) -> None:
    import torch
    from transformers import AutoModelForSeq2SeqLM, AutoTokenizer

    model = make_model(_entry("seq2seq", experts[name]) + f"\nbeams = {beams}")
    (made,) = model.predict([SUMMARY])
    assert made.error is None
    tokenizer = AutoTokenizer.from_pretrained(experts[name])
    network = AutoModelForSeq2SeqLM.from_pretrained(experts[name], dtype=torch.float32)
    with torch.inference_mode():
        inputs = tokenizer(SUMMARY.context, return_tensors="pt")
        (row,) = network.generate(**inputs, num_beams=beams, do_sample=False, max_new_tokens=8)
    assert made.raw == tokenizer.decode(row, skip_special_tokens=True)


@pytest.mark.parametrize("positions", [61, 100])
def test_a_table_of_positions_that_is_no_multiple_of_eight(
    tmp_path: Path, make_model: Make, tiny_folder: Tiny, positions: int
) -> None:
    """The weights are those of 128 positions, cut: each text is read in windows that fit."""
    from safetensors.torch import load_file, save_file

    folder = _copy(tiny_folder("bert_qa"), tmp_path / "model", max_position_embeddings=positions)
    tensors = load_file(folder / "model.safetensors")
    name = "bert.embeddings.position_embeddings.weight"
    tensors[name] = tensors[name][:positions].clone()
    save_file(tensors, folder / "model.safetensors", metadata={"format": "pt"})
    long = Query("answer", SUMMARY.context * 40, "Who met Bob?")
    (made,) = make_model(_entry("extractive", folder)).predict([long])
    assert made.error is None
    assert (made.windows or 0) > 1


def _resident() -> int:
    """Return how many bytes of memory the process holds."""
    pages = int(Path("/proc/self/statm").read_text().split()[1])
    return pages * os.sysconf("SC_PAGE_SIZE")


@pytest.mark.minutes
@pytest.mark.parametrize(
    ("name", "kind", "queries"),
    [
        ("llama", "causal", [SUMMARY, ANSWER]),
        ("bart", "seq2seq", [SUMMARY]),
        ("t5", "seq2seq", [SUMMARY]),
        ("bert_qa", "extractive", [ANSWER]),
        ("bert", "embedding-lexrank", [SUMMARY]),
    ],
)
def test_loading_a_model_twenty_times_takes_no_more_memory(
    make_model: Make, tiny_folder: Tiny, name: str, kind: str, queries: Sequence[Query]
) -> None:
    grown = 0
    for number in range(20):
        model = make_model(_entry(kind, tiny_folder(name)))
        model.prepare()
        assert [made.error for made in model.predict(queries)] == [None] * len(queries)
        model.unload()
        del model
        gc.collect()
        if number == 1:
            grown = _resident()
    assert _resident() - grown < 50_000_000


def test_an_infinite_number_is_found_in_the_roster(make_model: Make, tiny_folder: Tiny) -> None:
    for more in ("threshold = inf", "threshold = nan"):
        with pytest.raises(HarnessError, match="threshold: must be a number"):
            make_model(_entry("extractive", tiny_folder("bert_qa")) + f"\n{more}")
    with pytest.raises(HarnessError, match=r"prices\.input: must be a number"):
        make_model(
            'kind = "endpoint"\nurl = "http://a/v1"\nmodel = "m"\nprices = { input = inf, output = 1 }'
        )


def test_a_model_error_is_what_a_bound_raises() -> None:
    from harness.models.generative.template_bounds import EndlessTemplateError

    assert issubclass(EndlessTemplateError, ModelError)
