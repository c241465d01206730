"""A GGUF file, parsed once however often transformers asks for it.

transformers parses the whole file for a tokenizer, for a configuration and twice for a model, each
token of the vocabulary in Python; and makes the table of all names anew for each layer.
"""

import contextlib
import functools
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np


@contextlib.contextmanager
def parsed_once() -> Iterator[None]:
    """Let gguf's reader and table of names be kept, by file and by architecture, in the block."""
    import gguf

    reader, name_map = gguf.GGUFReader, gguf.get_tensor_name_map

    class PlainReader(reader):  # type: ignore[misc, valid-type]
        """A reader whose hundred thousands of parts are plain arrays, a fourth of the memory."""

        @property
        def data(self) -> Any:
            return self._data

        @data.setter
        def data(self, mapped: Any) -> None:
            self._data = np.asarray(mapped)

    kept = functools.cache(PlainReader)

    def read(path: str | Path) -> Any:
        return kept(Path(path).resolve())

    instead = {"GGUFReader": read, "get_tensor_name_map": functools.cache(name_map)}
    try:
        vars(gguf).update(instead)
        yield
    finally:
        vars(gguf).update(GGUFReader=reader, get_tensor_name_map=name_map)
