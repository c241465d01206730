"""Embeddings of tokens, held against what transformers gives for each text alone."""

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
import torch
from transformers import AutoModel, AutoTokenizer

from harness.errors import ModelError, WeightsError
from harness.models.encoder.token_encoder import CheckpointEncoder
from harness.models.model import Model
from tests import tiny_spans

MakeModel = Callable[[str], Model]

TEXTS = [
    "Ann met Bob in Rome.",
    "",
    "  They signed a pact 🙂 on trade,\nand on rare earths.  ",
    "Rain fell. " * 12,
    "x",
]
# The tokens of a window: positions, or what the tokenizer allows.
WINDOWS = {"bert": 128, "electra": 128, "distilbert": 128, "albert": 128, "roberta": 128}
SHAPES = [*WINDOWS, "deberta", "xlnet", "bart"]


@pytest.fixture(scope="module")
def shape(shared_folder: Path, tiny_folder: Callable[..., Path]) -> Callable[[str], Path]:
    def make(name: str) -> Path:
        if name == "bart":
            return tiny_folder("bart")
        folder = shared_folder / "encoders" / name
        if not folder.exists():
            getattr(tiny_spans, name)(folder)
        return folder

    return make


def _encoder(make_model: MakeModel, folder: Path, more: str = "") -> CheckpointEncoder:
    model = make_model(f'kind = "embedding-lexrank"\nweights = {{ folder = "{folder}" }}\n{more}')
    return CheckpointEncoder(model)


@pytest.mark.parametrize("name", SHAPES)
def test_embeddings_are_the_hidden_states_of_a_text_alone(
    make_model: MakeModel, shape: Callable[[str], Path], name: str
) -> None:
    folder = shape(name)
    tokenizer, network = AutoTokenizer.from_pretrained(folder), AutoModel.from_pretrained(folder)
    network = network.eval().encoder if name == "bart" else network.eval()
    encoder = _encoder(make_model, folder)
    for layer in (2, 1, 2):
        for text, encoded in zip(TEXTS, encoder.encode(TEXTS, layer), strict=True):
            ids = tokenizer(text.strip(), return_tensors="pt")["input_ids"]
            with torch.inference_mode():
                states = network(ids, output_hidden_states=True).hidden_states
            assert list(encoded.tokens.ids) == ids[0].tolist()
            assert len(states) == 3
            assert encoded.embeddings == pytest.approx(states[layer][0].numpy(), abs=1e-5)
            assert not encoded.tokens.cut


@pytest.mark.parametrize("name", WINDOWS)
def test_a_long_text_is_cut_as_the_tokenizer_cuts_it(
    make_model: MakeModel, shape: Callable[[str], Path], name: str
) -> None:
    tokenizer = AutoTokenizer.from_pretrained(shape(name))
    text = "Ann met Bob in Rome, and rain fell. " * 40
    (encoded,) = _encoder(make_model, shape(name)).encode([text], 1)
    expected = tokenizer(text.strip(), truncation=True, max_length=WINDOWS[name])["input_ids"]
    assert list(encoded.tokens.ids) == expected
    assert encoded.embeddings.shape[0] == len(encoded.tokens) == WINDOWS[name]
    assert encoded.tokens.cut
    assert [i for i, special in enumerate(encoded.tokens.special) if special] == [
        0,
        WINDOWS[name] - 1,
    ]


def test_what_a_text_spells_out_is_no_special_token(
    make_model: MakeModel, shape: Callable[[str], Path]
) -> None:
    (tokens,) = _encoder(make_model, shape("bert")).tokenize(["Ann [SEP] met [CLS] Bob"])
    assert [i for i, special in enumerate(tokens.special) if special] == [0, len(tokens) - 1]


def test_the_signature_is_that_of_the_files(
    make_model: MakeModel, shape: Callable[[str], Path]
) -> None:
    bert = _encoder(make_model, shape("bert")).signature
    # What the kind of the entry does with its embeddings changes none of them.
    assert _encoder(make_model, shape("bert"), "sentences = 5").signature == bert
    assert _encoder(make_model, shape("electra")).signature != bert
    assert _encoder(make_model, shape("bert"), 'dtype = "bfloat16"').signature != bert
    assert bert.startswith("encoder:")
    assert f"|torch:{torch.__version__}|transformers:" in bert


def test_a_layer_that_is_not_there_is_refused(
    make_model: MakeModel, shape: Callable[[str], Path]
) -> None:
    encoder = _encoder(make_model, shape("albert"))
    with pytest.raises(ModelError, match="albert: has 2 layers; layer 3 is none of them"):
        encoder.encode(["x"], 3)
    assert np.isfinite(encoder.encode(["x"], 2)[0].embeddings).all()


def test_a_network_whose_layers_are_nowhere_known_is_refused(
    make_model: MakeModel, tiny_folder: Callable[..., Path]
) -> None:
    encoder = _encoder(make_model, tiny_folder("t5"))
    with pytest.raises(ModelError, match="where its layers are is not known"):
        encoder.encode(["x"], 1)


def test_a_folder_without_weights_is_refused(make_model: MakeModel, tmp_path: Path) -> None:
    with pytest.raises(WeightsError, match="no such folder"):
        _encoder(make_model, tmp_path / "nowhere").encode(["x"], 1)


def test_a_model_without_weights_is_refused(make_model: MakeModel) -> None:
    with pytest.raises(ModelError, match="an encoder needs weights"):
        CheckpointEncoder(make_model('kind = "lead"'))
