"""YAML that a person writes: how deep it may nest, and how much its aliases may repeat."""

import re

import yaml

MOST_CHARACTERS = 16_000_000
MOST_LEVELS = 100
_BRACKET = re.compile(r"[\[\]{}]")
# A level of a list or a table takes a space at least, or a mark on the line of the one above it.
_DEEP_BLOCK = re.compile(rf"^ {{{2 * MOST_LEVELS}}}|(?:[-?][ \t]+){{{MOST_LEVELS}}}", re.MULTILINE)


def yaml_problem(text: str) -> tuple[str, int | None] | None:
    """Return what of a YAML text passes the bounds, and in which line; `None` if nothing does."""
    if len(text) > MOST_CHARACTERS:
        return f"is longer than {MOST_CHARACTERS:,} characters", None
    if deep := _DEEP_BLOCK.search(text):
        line = text.count("\n", 0, deep.start()) + 1
        return f"is nested more than {MOST_LEVELS} deep", line
    level = 0
    for bracket in _BRACKET.finditer(text) if max(map(text.count, "[{")) > MOST_LEVELS else ():
        level = max(0, level + (1 if bracket[0] in "[{" else -1))
        if level > MOST_LEVELS:
            line = text.count("\n", 0, bracket.start()) + 1
            return f"opens more than {MOST_LEVELS} brackets in one another", line
    return None


def repeats_without_end(root: yaml.Node, text: str) -> bool:
    """Return whether aliases make a document larger than its text could hold, or endless.

    Nine lines of which each names the one before nine times stand for a billion values.
    """
    if "*" not in text:
        return False
    sizes: dict[int, int] = {}  # of what stands below each node; 0 while that is not known
    waiting = [root]
    while waiting:
        node = waiting[-1]
        if sizes.get(id(node), 0):
            waiting.pop()
            continue
        below = _below(node)
        if id(node) in sizes:  # all below it are known now, or it holds itself
            sizes[id(node)] = 1 + sum(sizes[id(child)] or len(text) for child in below)
            waiting.pop()
            continue
        sizes[id(node)] = 0
        waiting += [child for child in below if id(child) not in sizes]
    return sizes[id(root)] > len(text)


def _below(node: yaml.Node) -> list[yaml.Node]:
    if isinstance(node, yaml.SequenceNode):
        return list(node.value)
    if isinstance(node, yaml.MappingNode):
        return [part for pair in node.value for part in pair]
    return []
