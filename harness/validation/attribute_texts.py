"""The texts that stand below the attributes of a model of Pydantic: what each of them means.

They are read when they are asked for. Pydantic reads them whenever a class is made
(`use_attribute_docstrings`), which was a seventh of the time that the harness takes to start.
"""

import ast
import inspect
import textwrap
from itertools import pairwise
from typing import Any

from pydantic import BaseModel


def attribute_texts(cls: type[BaseModel]) -> dict[str, str]:
    """Return the text below each attribute of a model, and of those that it is made from."""
    texts: dict[str, str] = {}
    for part in reversed(cls.__mro__):
        if part is BaseModel or not issubclass(part, BaseModel):
            continue
        try:
            (definition,) = ast.parse(textwrap.dedent(inspect.getsource(part))).body
        except OSError:  # a class that was made as the program ran has no text
            continue
        for attribute, text in pairwise(getattr(definition, "body", ())):
            match attribute, text:
                case (
                    ast.AnnAssign(target=ast.Name(id=name)),
                    ast.Expr(value=ast.Constant(value=str(written))),
                ):
                    texts[name] = inspect.cleandoc(written)
    return texts


def describe_properties(schema: dict[str, Any], cls: type[BaseModel]) -> None:
    """Put a model's texts into its JSON Schema, as Pydantic's `json_schema_extra` does it."""
    texts = attribute_texts(cls)
    for name, content in schema.get("properties", {}).items():
        if name in texts:
            content["description"] = texts[name]
