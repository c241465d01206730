"""Encoders by oneDNN, against what the same network says in float64."""

import copy
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import torch
import transformers
from torch import Tensor, nn

from harness.models.extractive.extractive import Extractive
from harness.models.model import Model
from harness.models.onednn.packed_linear import PackedLinear, can_pack, has_packed_layers
from harness.models.onednn.packed_network import pack_layers, pack_network
from harness.suite.suite import read_suite
from tests.tiny import LIKE_BART

Make = Callable[[str], Model]
Tiny = Callable[..., Path]

pytestmark = pytest.mark.skipif(
    not can_pack(torch.float32), reason="this PyTorch has no oneDNN for this processor"
)

SMALL = {
    "vocab_size": 60,
    "hidden_size": 32,
    "num_hidden_layers": 2,
    "num_attention_heads": 4,
    "intermediate_size": 64,
    "max_position_embeddings": 40,
}
BART = {**LIKE_BART, "vocab_size": 60, "max_position_embeddings": 40, "eos_token_id": 2}
DISTILBERT = {
    "vocab_size": 60,
    "dim": 32,
    "n_layers": 2,
    "n_heads": 4,
    "hidden_dim": 64,
    "max_position_embeddings": 40,
}


def _network(name: str, options: dict[str, Any]) -> Any:
    """Return a network of transformers with weights large enough that its activations matter."""
    family = name.split("For", maxsplit=1)[0].removesuffix("Model")
    torch.manual_seed(7)
    config = getattr(transformers, f"{family}Config")(**options)
    network = getattr(transformers, name)(config).eval()
    for parameter in network.parameters():
        if parameter.dim() > 1:
            nn.init.normal_(parameter, std=0.3)
    return network


def _output(network: Any) -> Tensor:
    ids = torch.tensor([[5, 9, 11, 30, 41, 7, 2], [8, 12, 40, 3, 2, 1, 1]])
    with torch.inference_mode():
        output: Tensor = network(input_ids=ids, attention_mask=(ids != 1).long())[0]
    return output[:, :5]


@pytest.mark.parametrize(
    ("name", "options", "activations"),
    [
        ("BertForQuestionAnswering", SMALL, 2),
        ("RobertaForSequenceClassification", SMALL, 2),
        ("ElectraForQuestionAnswering", {**SMALL, "embedding_size": 16}, 2),
        ("DebertaV2ForSequenceClassification", SMALL, 2),
        ("DistilBertModel", DISTILBERT, 2),
        (
            "AlbertModel",
            {**SMALL, "embedding_size": 16, "hidden_act": "gelu"},
            1,
        ),  # layers share it
        ("AlbertModel", {**SMALL, "embedding_size": 16, "hidden_act": "gelu_new"}, 0),
        ("BertModel", {**SMALL, "hidden_act": "relu"}, 0),
        ("BartForSequenceClassification", BART, 4),
    ],
)
def test_says_what_the_network_says_in_float64(
    name: str, options: dict[str, Any], activations: int
) -> None:
    network = _network(name, options)
    exact = _output(copy.deepcopy(network).double())
    layers = sum(type(module) is nn.Linear for module in network.modules())
    size = network.get_memory_footprint()
    assert pack_network(network)
    assert sum(isinstance(module, PackedLinear) for module in network.modules()) == layers
    assert sum(type(module) is nn.Identity for module in network.modules()) == activations
    assert _output(network).double().numpy() == pytest.approx(
        exact.numpy(), abs=1e-4 * float(exact.abs().max())
    )
    assert network.get_memory_footprint() == size


def test_what_is_no_number_stays_in_its_row() -> None:
    layer = nn.Linear(48, 32)
    states = torch.randn(4, 48)
    states[1, 5], states[2, 5] = float("nan"), float("inf")
    packed = PackedLinear(layer, torch.float32, gelu=True)(states)
    assert packed.isfinite().all(dim=1).tolist() == [True, False, False, True]


class _Reading(nn.Module):  # type: ignore[misc] # torch has no types here
    """A network that does something with the weights of a layer beside what the layer does."""

    def __init__(self, network: Any) -> None:
        super().__init__()
        self.inner = network
        self.device = network.device

    def forward(self, input_ids: Tensor) -> tuple[Tensor]:
        (output,) = self.inner(input_ids=input_ids, return_dict=False)[:1]
        query = self.inner.encoder.layer[0].attention.self.query
        return (output * (2 if isinstance(query, PackedLinear) else 1),)


def _left_alone(network: Any) -> bool:
    modules = [type(module) for module in network.modules()]
    before = copy.deepcopy(network.state_dict())
    packed = pack_network(network)
    now = network.state_dict()
    return (
        not packed
        and not has_packed_layers(network)
        and [type(module) for module in network.modules()] == modules
        and list(now) == list(before)
        and all(
            torch.allclose(now[name], before[name], rtol=0, atol=0, equal_nan=True)
            for name in before
        )
    )


def test_a_network_that_would_say_something_else_is_left_alone() -> None:
    assert _left_alone(_Reading(_network("BertModel", SMALL)))


@pytest.mark.parametrize("dtype", [torch.bfloat16, torch.float64])
def test_other_number_formats_are_left_alone(dtype: torch.dtype) -> None:
    assert _left_alone(_network("BertModel", SMALL).to(dtype))


def test_weights_that_are_no_numbers_are_left_alone() -> None:
    network = _network("BertModel", SMALL)
    network.encoder.layer[1].output.dense.weight.data[3, 4] = float("nan")
    assert _left_alone(network)


def test_a_network_that_wants_more_than_tokens_is_left_alone() -> None:
    options = {"vocab_size": 60, "d_model": 32, "d_kv": 8, "d_ff": 64, "num_heads": 4}
    assert _left_alone(_network("T5ForConditionalGeneration", {**options, "num_layers": 1}))


def test_weights_that_two_layers_have_are_left_alone() -> None:
    network = _network("BertForMaskedLM", SMALL)
    assert network.cls.predictions.decoder.weight is network.get_input_embeddings().weight
    assert pack_network(network)
    assert type(network.cls.predictions.decoder) is nn.Linear
    assert network.cls.predictions.decoder.weight is network.get_input_embeddings().weight


def test_a_kept_layer_stays() -> None:
    network = _network("BertForQuestionAnswering", SMALL)
    assert pack_layers(network, torch.float32, keep=network.qa_outputs)
    assert type(network.qa_outputs) is nn.Linear


def test_a_reader_gives_the_answers_of_its_own_layers(
    make_model: Make, tiny_folder: Tiny, monkeypatch: pytest.MonkeyPatch
) -> None:
    roster = f"""
        kind = "extractive"
        weights = {{ folder = "{tiny_folder("bert_qa")}" }}
        screen = false
    """
    queries = [example.query for example in read_suite().examples("answer")[:12]]
    model = make_model(roster)
    assert isinstance(model, Extractive)
    given = model.predict(queries)
    assert model.execution() == {"encoding": "products by oneDNN"}
    loaded = model.loaded()
    monkeypatch.setattr(torch.backends.mkldnn, "is_available", lambda: False)
    plain_model = make_model(roster)
    assert isinstance(plain_model, Extractive)
    plain = plain_model.predict(queries)
    assert plain_model.execution() == {}
    assert (loaded.parameters, loaded.bytes) == (
        plain_model.loaded().parameters,
        plain_model.loaded().bytes,
    )
    assert [one.span for one in given] == [one.span for one in plain]
    assert [one.confidence for one in given] == pytest.approx(
        [one.confidence for one in plain], abs=1e-5
    )
