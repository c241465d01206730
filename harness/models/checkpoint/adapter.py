"""The roster key `adapter`: a PEFT adapter that is merged into a checkpoint's weights.

    adapter = { folder = "weights/minilm-qa" }
    adapter = { hub = "owner/name", revision = "commit" }

Nothing here imports torch or peft before `merge_adapter`.
"""

import warnings
from collections.abc import Mapping
from typing import Annotated, Any, ClassVar

from pydantic import Tag

from harness.environment import package_versions
from harness.errors import ModelError
from harness.models.checkpoint.checkpoint_files import read_json_object
from harness.models.checkpoint.weights import BY_KEY, FolderWeights, HubWeights, PackageWeights

_WEIGHTS = "adapter_model.safetensors"
_PREFIX = "base_model.model."


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
    """Return what pins an adapter, and the version of what merges it.

    Raises WeightsError if it is not there.
    """
    return {**adapter.identity(), **package_versions(["peft"])}


def merge_adapter(model: Any, adapter: Adapter) -> tuple[Any, set[str]]:
    """Return the model with the adapter in its weights, and the names of weights it brought whole.

    Raises ModelError, in one line, for an adapter that does not fit the model, that has no
    safetensors, that is made of others, or of a kind that cannot be merged.
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
            keys = file.keys()  # an open file of theirs cannot be iterated over
            names = {name.removeprefix(_PREFIX) for name in keys}
        with warnings.catch_warnings():
            # peft asks transformers something in a way that the next version will not answer.
            warnings.simplefilter("ignore", FutureWarning)
            adapted = PeftModel.from_pretrained(model, str(folder), local_files_only=True)
        expected = {name.removeprefix(_PREFIX) for name in _adapter_weights(adapted)}
        if expected - names:
            raise ModelError(
                f"{adapter.label}: the adapter lacks {min(expected - names)}, which its "
                "configuration promises"
            )
        merged = adapted.merge_and_unload(safe_merge=True)
    except ModelError:
        raise
    except (
        AttributeError, KeyError, OSError, RuntimeError, SafetensorError, TypeError, ValueError,
    ) as error:  # fmt: skip
        reason = " ".join(str(error).split())[:300]
        raise ModelError(f"{adapter.label}: the adapter cannot be merged: {reason}") from error
    return merged, names


def _adapter_weights(adapted: Any) -> list[str]:
    """Return the names that the adapter's file must have, as its configuration says."""
    from peft import get_peft_model_state_dict

    # Else peft asks the Hub whether the base model's vocabulary has grown.
    return list(get_peft_model_state_dict(adapted, save_embedding_layers=False))
