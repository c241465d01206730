"""What transformers makes of a checkpoint's files, without code or network of others."""

import contextlib
import io
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from harness.errors import ModelError
from harness.models.checkpoint.checkpoint_files import CheckpointFiles, read_files
from harness.models.checkpoint.completeness import refuse_incomplete
from harness.models.checkpoint.limits import refuse_outsized
from harness.models.checkpoint.silence import silence_transformers
from harness.models.gguf.conversion import alone
from harness.models.gguf.parsed_once import parsed_once


def from_files(auto_class: Any, files: CheckpointFiles, label: str, **options: Any) -> Any:
    """Return `auto_class.from_pretrained` for files: a tokenizer, a configuration or a model.

    Raises ModelError, in one line that begins with the label, for files that transformers cannot
    make one of.
    """
    from safetensors import SafetensorError

    refuse_outsized(files)
    if files.gguf:
        options["gguf_file"] = files.gguf
    try:
        # Reading a GGUF draws a bar that no setting turns off; our own bar says what matters.
        with alone(files) as folder, contextlib.redirect_stderr(io.StringIO()):
            return auto_class.from_pretrained(
                folder, local_files_only=True, trust_remote_code=False, **options
            )
    except SafetensorError as error:
        raise ModelError(f"{label}: {_damaged(files)}: {error}; download it again") from error
    except (
        AttributeError, ImportError, LookupError, OSError, RuntimeError, TypeError, ValueError,
    ) as error:  # fmt: skip
        reason = " ".join(str(error).split())[:300]
        raise ModelError(f"{label}: cannot be loaded: {reason}") from error


def _damaged(files: CheckpointFiles) -> str:
    """Return which of a checkpoint's weights cannot be opened, as a download that broke off."""
    from safetensors import SafetensorError, safe_open

    for name, path in sorted(read_files(files.folder, ["*.safetensors*"]).items()):
        if name.endswith(".safetensors"):
            try:
                with safe_open(path, framework="pt"):
                    pass
            except SafetensorError:
                return f"{path} is cut off or damaged"
    return "its weights cannot be read"


def gguf_parts(files: CheckpointFiles, gguf: Path, label: str) -> Iterator[Any]:
    """Yield the tokenizer and the model in a GGUF file, in float32, ready to be saved.

    After a decoder come the blocks of few bits that the file holds its weights in.
    """
    import torch
    from transformers import AutoConfig, AutoModelForCausalLM, AutoModelForSeq2SeqLM, AutoTokenizer

    from harness.models.gguf.file_blocks import file_blocks

    silence_transformers()
    with parsed_once():
        yield from_files(AutoTokenizer, files, label)
        config = from_files(AutoConfig, files, label)
        auto_class = AutoModelForSeq2SeqLM if config.is_encoder_decoder else AutoModelForCausalLM
        model, info = from_files(
            auto_class, files, label, dtype=torch.float32, output_loading_info=True
        )
        blocks = file_blocks(gguf, model)
    refuse_incomplete(label, model, info)
    # In float32 it is a model as any other, which transformers refuses to save if these say not.
    model.hf_quantizer = None
    if hasattr(model.config, "quantization_config"):
        del model.config.quantization_config
    yield model
    if not config.is_encoder_decoder:
        yield blocks
