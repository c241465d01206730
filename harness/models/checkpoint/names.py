"""The forms of the names in a checkpoint's roster keys, and examples of them for messages."""

import re
from typing import Annotated

from pydantic import AfterValidator, StringConstraints

from harness.hub import is_repository
from harness.validation.wording import Words, shown


def _commit(revision: str) -> str:
    """Return a commit; raise ValueError for what is none, and so may be another tomorrow."""
    if not re.fullmatch(r"[0-9a-f]{7,40}", revision):
        raise ValueError(
            f"must be a commit; {shown(revision) or 'this'} is none and can move; pin it: "
            "harness models --roster FILE --pin"
        )
    return revision


def _repository(name: str) -> str:
    if not is_repository(name):
        raise ValueError("is no name on the Hub")
    return name


GgufName = Annotated[
    str,
    StringConstraints(pattern=r"^[^/\\]+\.gguf$"),
    Words("file name", "must be the name of a file that ends in .gguf, without folders"),
]
HubName = Annotated[
    str,
    StringConstraints(pattern=r"^[\w.-]+/[\w.-]+$"),
    AfterValidator(_repository),
    Words("name", "must be OWNER/NAME, as the Hub shows it, such as facebook/bart-large-cnn"),
]
Commit = Annotated[str, AfterValidator(_commit), Words("commit")]

# What the messages for missing keys show.
EXAMPLE_SHA256 = "53aa51172d142c89d9012cce15ae4d6cc0ca6895895114379cacb4fab128d9db"
EXAMPLE = {
    "hub": "facebook/bart-large-cnn",
    "revision": "37f520fa929c961707657b28798b30c003dd100b",
}
