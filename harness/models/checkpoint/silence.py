"""transformers and its kin kept from speaking: what matters to a person, we say."""

import warnings
from logging import ERROR, getLogger


def silence_transformers() -> None:
    """Keep transformers' own bars and notes off the terminal; ours say what matters."""
    from transformers.utils import logging

    logging.set_verbosity_error()
    logging.disable_progress_bar()
    warnings.filterwarnings("ignore", module=r"transformers\.")
    for name in ("torchao", "torch.utils._pytree"):  # they speak when they are imported
        getLogger(name).setLevel(ERROR)
