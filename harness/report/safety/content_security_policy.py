"""What the page may do: a content security policy that names its own scripts and styles by hash."""

import base64
import hashlib
from collections.abc import Iterable


def content_security_policy(scripts: Iterable[str], styles: Iterable[str], *, files: bool) -> str:
    """Return the policy of a page with these scripts and styles in it, and nothing from outside.

    With `files`, the page's own scripts may add others: the examples beside it. What would make
    markup or a script of a text is refused as a whole, by Trusted Types.
    """
    script_sources = [
        *(_hash(script) for script in scripts),
        *(["'strict-dynamic'"] if files else []),
    ]
    return "; ".join(
        (
            "default-src 'none'",
            f"script-src {' '.join(script_sources)}",
            f"style-src {' '.join(_hash(style) for style in styles)}",
            "base-uri 'none'",
            "form-action 'none'",
            "require-trusted-types-for 'script'",
            f"trusted-types {'chunk' if files else chr(39) + 'none' + chr(39)}",
        )
    )


def _hash(text: str) -> str:
    digest = hashlib.sha256(text.encode()).digest()
    return f"'sha256-{base64.b64encode(digest).decode()}'"
