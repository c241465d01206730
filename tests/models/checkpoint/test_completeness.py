"""What a checkpoint lacks is never made up; the authority is what each file was made without."""

import json
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from harness.errors import ModelError
from harness.models.model import Model
from harness.records import Query

Make = Callable[[str], Model]
Tiny = Callable[..., Path]

KINDS = {
    "causal": ("llama", "model.layers.1.mlp.up_proj.weight"),
    "seq2seq": ("bart", "model.decoder.layers.1.fc1.weight"),
    "embedding-lexrank": ("bert", "encoder.layer.1.output.dense.weight"),
    "extractive": ("bert_qa", "bert.encoder.layer.1.output.dense.weight"),
}


@pytest.fixture
def load(make_model: Make, tiny_folder: Tiny, tmp_path: Path) -> Callable[..., Model]:
    """Load a model of a kind from a tiny checkpoint whose weights were changed."""

    def make(kind: str, name: str, change: Callable[[dict[str, Any]], None]) -> Model:
        from safetensors.torch import load_file, save_file

        folder = tmp_path / name
        shutil.copytree(tiny_folder(name), folder)
        weights = load_file(folder / "model.safetensors")
        change(weights)
        save_file(weights, folder / "model.safetensors", metadata={"format": "pt"})
        model = make_model(f'kind = "{kind}"\nweights = {{ folder = "{folder}" }}')
        model.load()
        return model

    return make


@pytest.mark.parametrize("kind", KINDS)
def test_a_weight_that_is_missing_is_not_made_up(load: Callable[..., Model], kind: str) -> None:
    name, weight = KINDS[kind]
    with pytest.raises(ModelError, match=f"the checkpoint has no {weight}: what is missing would"):
        load(kind, name, lambda weights: weights.pop(weight))


@pytest.mark.parametrize("kind", KINDS)
def test_a_checkpoint_without_any_weight_of_the_network_is_refused(
    load: Callable[..., Model], kind: str
) -> None:
    """As a dump of a wrapped model is, whose names all have something in front."""

    def wrap(weights: dict[str, Any]) -> None:
        wrapped = {f"wrapper.{name}": weights[name] for name in weights}
        weights.clear()
        weights.update(wrapped)

    with pytest.raises(ModelError, match=r"the checkpoint has no .+ \(and \d+ more\)"):
        load(kind, KINDS[kind][0], wrap)


def test_a_head_that_is_missing_is_not_made_up(load: Callable[..., Model]) -> None:
    with pytest.raises(ModelError, match=r"the checkpoint has no lm_head\.weight"):
        load("causal", "llama", lambda weights: weights.pop("lm_head.weight"))


@pytest.mark.parametrize("kind", KINDS)
def test_a_layer_that_the_configuration_has_no_place_for_is_refused(
    load: Callable[..., Model], kind: str
) -> None:
    name, weight = KINDS[kind]

    def add_layer(weights: dict[str, Any]) -> None:
        weights[weight.replace(".1.", ".2.")] = weights[weight].clone()

    further = weight.replace(".1.", ".2.")
    with pytest.raises(ModelError, match=f"holds {further}, for which its config.json has no pl"):
        load(kind, name, add_layer)


@pytest.mark.parametrize("kind", KINDS)
def test_a_weight_of_another_shape_is_refused(load: Callable[..., Model], kind: str) -> None:
    name, weight = KINDS[kind]

    def halve(weights: dict[str, Any]) -> None:
        weights[weight] = weights[weight][: len(weights[weight]) // 2].clone()

    with pytest.raises(ModelError, match=f"'s {weight}.* has another shape than its config.json"):
        load(kind, name, halve)


@pytest.mark.parametrize("name", ["bart", "t5", "pegasus", "mbart", "nllb", "led"])
def test_a_head_that_is_tied_to_the_embeddings_is_there(
    load: Callable[..., Model], name: str
) -> None:
    """transformers saves one of two tensors that share their memory."""

    def is_tied(weights: dict[str, Any]) -> None:
        assert "lm_head.weight" not in weights

    load("seq2seq", name, is_tied)


def test_a_language_model_whose_head_is_tied_is_whole(
    make_model: Make, tiny_folder: Tiny, tmp_path: Path
) -> None:
    from safetensors.torch import load_file
    from transformers import AutoModelForCausalLM

    folder = tmp_path / "tied"
    shutil.copytree(tiny_folder("llama"), folder)
    config = json.loads((folder / "config.json").read_text())
    (folder / "config.json").write_text(json.dumps(config | {"tie_word_embeddings": True}))
    network = AutoModelForCausalLM.from_config(AutoModelForCausalLM.from_pretrained(folder).config)
    network.save_pretrained(folder)
    assert "lm_head.weight" not in load_file(folder / "model.safetensors")
    make_model(f'kind = "causal"\nweights = {{ folder = "{folder}" }}').load()


def test_an_encoder_is_read_from_a_checkpoint_with_a_head(load: Callable[..., Model]) -> None:
    """A span head has nothing to do with hidden states, nor has the pooler that it lacks."""
    model = load("embedding-lexrank", "bert_qa", lambda _: None)
    (prediction,) = model.predict([Query("summarize", "Ann met Bob. It rained.")])
    assert prediction.text == "Ann met Bob.\nIt rained."


@pytest.mark.parametrize("kept", [True, False])
def test_a_gguf_file_that_lacks_a_tensor_is_refused(
    make_model: Make,
    tiny_folder: Tiny,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    kept: bool,
) -> None:
    """Whether or not its conversion can be kept: none is made of it."""
    (tmp_path / "a-file").touch()
    cache = tmp_path / ("cache" if kept else "a-file")
    monkeypatch.setenv("GOLDEN_HARNESS_CACHE", str(cache))
    folder = tiny_folder("gguf", without="blk.1.ffn_up.weight")
    entry = f'kind = "causal"\nweights = {{ folder = "{folder}", gguf = "tiny.gguf" }}'
    for _ in range(2):
        with pytest.raises(ModelError, match=r"has no model\.layers\.1\.mlp\.up_proj\.weight"):
            make_model(entry).load()


@pytest.mark.parametrize("kind", KINDS)
def test_weights_that_are_cut_off_are_told_by_their_file(
    make_model: Make, tiny_folder: Tiny, tmp_path: Path, kind: str
) -> None:
    """As a download that broke off leaves a shard: its header promises more than follows."""
    from safetensors.torch import load_file, save_file

    folder = shutil.copytree(tiny_folder(KINDS[kind][0]), tmp_path / "cut")
    weights = load_file(folder / "model.safetensors")
    (folder / "model.safetensors").unlink()
    shards = {name: f"model-0000{place % 2 + 1}-of-00002.safetensors"
              for place, name in enumerate(sorted(weights))}  # fmt: skip
    for shard in set(shards.values()):
        own = {name: weights[name] for name in weights if shards[name] == shard}
        save_file(own, folder / shard, metadata={"format": "pt"})
    index = json.dumps({"metadata": {}, "weight_map": shards})
    (folder / "model.safetensors.index.json").write_text(index, encoding="utf-8")
    second = folder / "model-00002-of-00002.safetensors"
    second.write_bytes(second.read_bytes()[:-100])
    model = make_model(f'kind = "{kind}"\nweights = {{ folder = "{folder}" }}')
    with pytest.raises(ModelError, match=f"{second.name} is cut off or damaged: .*; download it"):
        model.load()
