"""Languages by their codes."""

import re

from harness.errors import MetricError

_TAG = re.compile(r"([A-Za-z]{2,3})(?:[-_][A-Za-z0-9]{2,8})*")


def language_code(tag: str) -> str:
    """Return the language of a tag such as `de`, `pt-BR` or `zh_Hans`, without what follows it.

    Raises MetricError for what is no tag (BCP 47).

    >>> language_code("zh-Hans-CN")
    'zh'
    """
    match = _TAG.fullmatch(tag)
    if match is None:
        raise MetricError(f"the language {tag!r} is no code; give one such as de, pt-BR or zh")
    return match[1].lower()
