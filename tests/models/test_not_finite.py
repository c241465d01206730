"""A network whose numbers overflow is never ranked: of each kind, the prediction fails."""

import json
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from harness.models.model import Model
from harness.records import Prediction, Query

Make = Callable[[str], Model]
Tiny = Callable[..., Path]

# Of each kind a tiny checkpoint, a weight whose overflow reaches the output, and the task.
KINDS = {
    "causal": ("llama", "lm_head.weight", "answer"),
    "seq2seq": ("bart", "model.decoder.layers.1.fc2.bias", "summarize"),
    "embedding-lexrank": ("bert", "encoder.layer.1.output.dense.bias", "summarize"),
    "extractive": ("bert_qa", "qa_outputs.bias", "answer"),
}


def _predict(model: Model, task: str) -> list[Prediction]:
    article = "Ann met Bob in Rome on Monday. It rained."
    question = "Who met Bob?" if task == "answer" else None
    assert task in ("answer", "summarize")
    return model.predict([Query(task, article, question)])  # type: ignore[arg-type]


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("value", ["nan", "inf", "-inf"])
def test_what_is_no_number_is_a_failed_prediction(
    make_model: Make, tiny_folder: Tiny, tmp_path: Path, kind: str, value: str
) -> None:
    from safetensors.torch import load_file, save_file

    name, weight, task = KINDS[kind]
    folder = tmp_path / name
    shutil.copytree(tiny_folder(name), folder)
    weights = load_file(folder / "model.safetensors")
    weights[weight][0] = float(value)
    save_file(weights, folder / "model.safetensors", metadata={"format": "pt"})
    limit = "\nmax_new_tokens = 8" if kind == "seq2seq" else ""
    model = make_model(f'kind = "{kind}"\nweights = {{ folder = "{folder}" }}{limit}')
    model.load()
    if kind == "extractive":
        with pytest.raises(Exception, match="the model's logits are not all numbers"):
            _predict(model, task)
    else:
        (prediction,) = _predict(model, task)
        assert prediction.error is not None
        assert "are not all finite numbers; try another dtype" in prediction.error


def test_float16_that_overflows_fails_where_float32_does_not(
    make_model: Make, tiny_folder: Tiny, tmp_path: Path
) -> None:
    """The greatest float16 is 65,504 (IEEE 754, binary16)."""
    from safetensors.torch import load_file, save_file

    folder = tmp_path / "llama"
    shutil.copytree(tiny_folder("llama"), folder)
    weights = load_file(folder / "model.safetensors")
    weights["lm_head.weight"] *= 60_000 / weights["lm_head.weight"].abs().max()
    save_file(weights, folder / "model.safetensors", metadata={"format": "pt"})
    errors = []
    for dtype in ("float32", "float16"):
        model = make_model(
            f'kind = "causal"\nweights = {{ folder = "{folder}" }}\ndtype = "{dtype}"'
        )
        model.load()
        errors += [prediction.error for prediction in _predict(model, "answer")]
    assert errors[0] is None
    assert errors[1] is not None
    assert "are not all finite numbers" in errors[1]


@pytest.mark.parametrize("kind", ["causal", "seq2seq"])
@pytest.mark.parametrize("stops", [True, False])
def test_a_reply_that_the_limit_ended_is_no_silence(
    make_model: Make, tiny_folder: Tiny, tmp_path: Path, kind: str, stops: bool
) -> None:
    """A model that writes padding alone up to its limit has said nothing, and not chosen to."""
    from transformers import AutoTokenizer

    name, _, task = KINDS[kind]
    folder = tmp_path / name
    shutil.copytree(tiny_folder(name), folder)
    tokenizer = AutoTokenizer.from_pretrained(folder)
    only = tokenizer.eos_token_id if stops else tokenizer.pad_token_id
    settings = json.loads((folder / "generation_config.json").read_text())
    settings |= {"suppress_tokens": [i for i in range(len(tokenizer)) if i != only]}
    settings |= {"max_length": 30, "forced_eos_token_id": None}
    (folder / "generation_config.json").write_text(json.dumps(settings))
    model = make_model(f'kind = "{kind}"\nweights = {{ folder = "{folder}" }}')
    model.load()
    (prediction,) = _predict(model, task)
    assert prediction.text == ""
    if stops:
        assert prediction.error is None
    else:
        assert prediction.error is not None
        assert "ended by the limit of its tokens before it had any text" in prediction.error
