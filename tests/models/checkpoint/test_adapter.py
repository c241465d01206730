import json
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from harness.errors import HarnessError, ModelError
from harness.models.checkpoint.adapter import AdapterFolder, merge_adapter
from harness.models.generative.causal import Causal
from harness.models.model import Model
from harness.records import Query
from harness.suite.suite import read_suite

pytest.importorskip("peft")
# peft's, while an adapter is made here
pytestmark = pytest.mark.filterwarnings("ignore::FutureWarning:transformers.*")

Make = Callable[[str], Model]
Tiny = Callable[..., Path]

ANSWERS = [example.query for example in read_suite().examples("answer")]
WINDOWS = "max_tokens = 96\nstride = 24\nmax_answer_tokens = 8\nno_answer = false\n"


def _adapt(auto: Any, base: Path, folder: Path, targets: list[str], saved: list[str]) -> Any:
    """Save an adapter that changes what the base model says, as PEFT's users do; return both."""
    import torch
    from peft import LoraConfig, get_peft_model

    torch.manual_seed(1)
    model = auto.from_pretrained(base, dtype=torch.float32)
    config = LoraConfig(
        r=4, lora_alpha=8, target_modules=targets, modules_to_save=saved, init_lora_weights=False
    )
    adapted = get_peft_model(model, config).eval()
    adapted.save_pretrained(folder)
    return adapted


@pytest.fixture
def adapter(tmp_path: Path, tiny_folder: Tiny) -> Path:
    """A span head and an adapter for the tiny BERT that has no head."""
    from transformers import AutoModelForQuestionAnswering

    folder = tmp_path / "adapter"
    _adapt(
        AutoModelForQuestionAnswering, tiny_folder("bert"), folder, ["query", "dense"],
        ["qa_outputs"],
    )  # fmt: skip
    return folder


def _entry(base: Path, adapter: Path, more: str = WINDOWS) -> str:
    return (
        f'kind = "extractive"\nweights = {{ folder = "{base}" }}\n'
        f'adapter = {{ folder = "{adapter}" }}\n{more}'
    )


def test_a_merged_adapter_computes_what_pefts_own_model_does(
    tiny_folder: Tiny, tmp_path: Path
) -> None:
    import torch
    from transformers import AutoModelForQuestionAnswering, AutoTokenizer

    base, auto = tiny_folder("bert"), AutoModelForQuestionAnswering
    unmerged = _adapt(auto, base, tmp_path / "adapter", ["query", "dense"], ["qa_outputs"])
    plain = auto.from_pretrained(base, dtype=torch.float32).eval()
    tokenizer: Any = AutoTokenizer.from_pretrained(base)
    adapter = AdapterFolder(folder=tmp_path / "adapter")
    merged, brought = merge_adapter(plain, adapter, tokenizer)
    assert {"qa_outputs.weight", "qa_outputs.bias"} <= brought
    encoded = tokenizer("Who met Bob?", "Ann met Bob in Rome.", return_tensors="pt")
    with torch.inference_mode():
        ours, theirs = merged(**encoded), unmerged(**encoded)
    assert torch.allclose(ours.start_logits, theirs.start_logits, atol=1e-5)
    assert torch.allclose(ours.end_logits, theirs.end_logits, atol=1e-5)


def test_a_head_that_the_adapter_brings_answers(
    make_model: Make, tiny_folder: Tiny, adapter: Path
) -> None:
    model = make_model(_entry(tiny_folder("bert"), adapter))
    model.prepare()
    (prediction,) = model.predict([Query("answer", "Ann met Bob in Rome.", "Who met Bob?")])
    assert prediction.text
    assert prediction.text in "Ann met Bob in Rome."


def test_an_adapter_changes_what_a_language_model_says(
    make_model: Make, tiny_folder: Tiny, tmp_path: Path
) -> None:
    """The scores of the next token are those of PEFT's own model, and far from the plain one's."""
    import torch
    from transformers import AutoModelForCausalLM

    base = tiny_folder("llama")
    theirs = _adapt(AutoModelForCausalLM, base, tmp_path / "adapter", ["q_proj", "v_proj"], [])
    entry = f'kind = "causal"\nweights = {{ folder = "{base}" }}\n'
    plain = make_model(entry)
    adapted = make_model(entry + f'adapter = {{ folder = "{tmp_path / "adapter"}" }}')
    scores = []
    for model in (plain, adapted):
        assert isinstance(model, Causal)
        model.prepare()
        tokenizer, ours = model._loaded
        ids = tokenizer(ANSWERS[0].context[:400], return_tensors="pt")["input_ids"]
        with torch.inference_mode():
            scores.append(ours(input_ids=ids).logits)
    with torch.inference_mode():
        expected = theirs(input_ids=ids).logits
    assert torch.allclose(scores[1], expected, atol=1e-4)
    assert (scores[0] - expected).abs().mean() > 0.1


def test_the_adapter_is_part_of_the_identity(
    make_model: Make, tiny_folder: Tiny, adapter: Path, tmp_path: Path
) -> None:
    entry = f'kind = "extractive"\nweights = {{ folder = "{tiny_folder("bert")}" }}\n'
    without = make_model(entry).identity("answer")
    with_it = make_model(_entry(tiny_folder("bert"), adapter)).identity("answer")
    assert "adapter" not in without
    weights = adapter / "adapter_model.safetensors"
    weights.write_bytes(weights.read_bytes() + b" ")
    changed = make_model(_entry(tiny_folder("bert"), adapter)).identity("answer")
    assert with_it["adapter"] != changed["adapter"]


def test_a_head_that_nobody_brings_is_still_refused(
    make_model: Make, tiny_folder: Tiny, tmp_path: Path
) -> None:
    from transformers import AutoModelForQuestionAnswering

    base = tiny_folder("bert")
    _adapt(AutoModelForQuestionAnswering, base, tmp_path / "adapter", ["query"], [])
    model = make_model(_entry(base, tmp_path / "adapter"))
    with pytest.raises(ModelError, match=r"has no qa_outputs\.bias \(and 1 more\): what is"):
        model.load()


def test_an_adapter_that_does_not_fit_is_one_line(
    make_model: Make, tiny_folder: Tiny, adapter: Path
) -> None:
    llama = f'kind = "causal"\nweights = {{ folder = "{tiny_folder("llama")}" }}\n'
    model = make_model(llama + f'adapter = {{ folder = "{adapter}" }}')
    with pytest.raises(ModelError, match=r"^adapter: the adapter cannot be merged: .+$"):
        model.prepare()


def test_pickled_adapters_are_not_read(make_model: Make, tiny_folder: Tiny, adapter: Path) -> None:
    (adapter / "adapter_model.safetensors").rename(adapter / "adapter_model.bin")
    model = make_model(_entry(tiny_folder("bert"), adapter))
    with pytest.raises(ModelError, match=r"has no adapter_model\.safetensors; save it as"):
        model.prepare()


def test_an_adapter_that_is_made_of_others_is_refused(
    make_model: Make, tiny_folder: Tiny, adapter: Path
) -> None:
    """PEFT reads those from wherever the configuration says."""
    config = json.loads((adapter / "adapter_config.json").read_text(encoding="utf-8"))
    config |= {"peft_type": "XLORA", "adapters": {"0": "../elsewhere"}}
    (adapter / "adapter_config.json").write_text(json.dumps(config), encoding="utf-8")
    model = make_model(_entry(tiny_folder("bert"), adapter))
    with pytest.raises(ModelError, match=r"^adapter: an XLORA adapter is made of others, which"):
        model.prepare()


def test_a_folder_without_an_adapter_is_refused_before_anything_runs(
    make_model: Make, tiny_folder: Tiny, tmp_path: Path
) -> None:
    model = make_model(_entry(tiny_folder("bert"), tmp_path))
    with pytest.raises(HarnessError, match=r"has no adapter_config\.json; correct `folder`"):
        model.identity("answer")


def _causal_adapter(base: Path, folder: Path, **options: Any) -> None:
    from peft import LoraConfig, get_peft_model
    from transformers import AutoModelForCausalLM

    config = LoraConfig(r=4, target_modules=["q_proj"], task_type="CAUSAL_LM", **options)
    get_peft_model(AutoModelForCausalLM.from_pretrained(base), config).save_pretrained(folder)


def _causal(make_model: Make, base: Path, folder: Path) -> Model:
    return make_model(
        f'kind = "causal"\nweights = {{ folder = "{base}" }}\nadapter = {{ folder = "{folder}" }}'
    )


@pytest.mark.parametrize(
    ("options", "told"),
    [
        ({}, True),  # as peft begins a training: lora_B is 0
        ({"init_lora_weights": False}, False),
        ({"init_lora_weights": False, "lora_alpha": 0}, True),
        ({"modules_to_save": ["lm_head"]}, False),
    ],
)
def test_an_adapter_that_changes_nothing_is_told_of(
    make_model: Make,
    tiny_folder: Tiny,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    options: dict[str, Any],
    told: bool,
) -> None:
    base = tiny_folder("llama")
    _causal_adapter(base, tmp_path / "adapter", **options)
    _causal(make_model, base, tmp_path / "adapter").load()
    assert ("the adapter changes no weight" in capsys.readouterr().err) == told


def test_weights_under_names_that_peft_passes_over_are_not_there(
    make_model: Make, tiny_folder: Tiny, tmp_path: Path
) -> None:
    """Without what peft puts before each name it loads none of them, and says so in a warning."""
    from safetensors.torch import load_file, save_file

    base, path = tiny_folder("llama"), tmp_path / "adapter" / "adapter_model.safetensors"
    _causal_adapter(base, path.parent, init_lora_weights=False)
    weights = load_file(path)
    save_file({name.removeprefix("base_model.model."): weights[name] for name in weights}, path)
    with pytest.raises(ModelError, match=r"the adapter lacks base_model\.model\.model\.layers\.0"):
        _causal(make_model, base, path.parent).load()


@pytest.mark.parametrize(
    ("trained_on", "told"),
    [("meta/Other-7B", True), ("meta/LLAMA", False), ("/data/other", False), (None, False)],
)
def test_an_adapter_of_another_model_is_told_of(
    make_model: Make,
    tiny_folder: Tiny,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    trained_on: str | None,
    told: bool,
) -> None:
    base, path = tmp_path / "llama", tmp_path / "adapter" / "adapter_config.json"
    shutil.copytree(tiny_folder("llama"), base)
    _causal_adapter(base, path.parent, init_lora_weights=False)
    config = json.loads(path.read_text()) | {"base_model_name_or_path": trained_on}
    path.write_text(json.dumps(config))
    _causal(make_model, base, path.parent).load()
    assert ("was trained on meta/Other-7B" in capsys.readouterr().err) == told
