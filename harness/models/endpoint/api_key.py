"""The key of a server: named in the roster, and never in it."""

import os
from urllib.parse import urlsplit

from harness.errors import ModelError


def environment_variable(name: str) -> str:
    """Return the name of an environment variable; raise ValueError for what may be the key."""
    # What does not look like a name may be the key itself: it is not repeated.
    if not name.replace("_", "a").isalnum() or name != name.upper() or not name.isascii():
        raise ValueError(
            "must be the name of an environment variable, in capitals, such as OPENAI_API_KEY; "
            "never the key itself"
        )
    return name


def api_key(model: str, variable: str, url: str) -> str:
    """Return the key that the variable holds; raise ModelError if it is not set, or holds none."""
    key = os.environ.get(variable, "").strip()
    if not key:
        raise ModelError(
            f"{model}: the environment variable {variable} is not set; put the API key for "
            f"{urlsplit(url).netloc} into it"
        )
    if not key.isascii() or not key.isprintable() or " " in key:
        raise ModelError(
            f"{model}: the environment variable {variable} holds no API key, but something with "
            "spaces or letters that no key has"
        )
    return key
