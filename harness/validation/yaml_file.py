"""YAML that a person wrote, with the line of each field, and without what YAML reads otherwise."""

import contextlib
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import yaml
from yaml.composer import Composer
from yaml.constructor import SafeConstructor

from harness.bounded.digits import parser_told
from harness.bounded.yaml_text import repeats_without_end, yaml_problem
from harness.errors import DataError, Problem, Problems
from harness.files import Location, field_path, read_text

_COMMENT = re.compile(r"[ \t]+(#.{0,20})")
_ANCHOR = re.compile(r"&([^\s,\[\]{}]+)")
_PLAIN_NUMBER = re.compile(r"[-+]?(?:0|[1-9][0-9]*)")
_CONTROL = re.compile(r"[\0-\x08\x0b\x0c\x0e-\x1f\x7f]")

if yaml.__with_libyaml__:

    class _EventLoader(Composer, yaml.CSafeLoader):
        """Nodes that Python composes of libyaml's events, which takes a tenth of Python's time.

        libyaml's own composer goes down by calls of C, and dies of what is nested too deeply.
        """

        def __init__(self, text: str) -> None:
            yaml.CSafeLoader.__init__(self, text)
            Composer.__init__(self)


def read_yaml(path: Path, found: Problems | None = None) -> tuple[Any, dict[Location, int]]:
    """Return a YAML file's content, and the line (from 1) where each field begins.

    A key is a text, also where YAML would take it for a number, a date or a "no". Raises DataError
    with the line for what is no YAML, and for all keys given twice, which YAML loaders otherwise
    drop in silence, and for what YAML reads otherwise than it is written (see `_misread`): or puts
    these two in `found`, to be told with what else is wrong in the file.
    """
    lines: dict[Location, int] = {}
    problems = Problems() if found is None else found
    text = read_text(path)
    if problem := yaml_problem(text):
        message, line = problem
        raise DataError(Problem(path, f"not usable YAML: {message}", line=line))
    try:
        loader, root = _composed(text)
        if root is None:
            raise DataError(Problem(path, "the file is empty"))
        if repeats_without_end(root, text):
            message = "its aliases (`*name`) repeat too much, or hold themselves; write it out"
            raise DataError(Problem(path, f"not usable YAML: {message}"))
        _collect_lines(path, root, (), lines, problems)
        for location, message in _misread(root, (), text):
            problems.append(Problem(path, message, field_path(location), lines[location]))
        if found is None:
            problems.raise_any()
        return loader.construct_document(root), lines
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        message = f"not valid YAML: {error.problem or error.context}"
        raise DataError(Problem(path, message, line=mark.line + 1 if mark else None)) from None
    except RecursionError:
        message = "not usable YAML: it is nested too deeply, or holds itself"
        raise DataError(Problem(path, message)) from None
    except (yaml.YAMLError, ValueError) as error:
        message = f"not valid YAML: {parser_told(error)}"
        raise DataError(Problem(path, message)) from None


def _composed(text: str) -> tuple[SafeConstructor, Any]:
    """Return what makes objects of a YAML text's nodes, and the topmost node.

    What libyaml refuses is read again by Python, whose messages say more, and so is a text with a
    tab, of which libyaml allows more.
    """
    if yaml.__with_libyaml__ and "\t" not in text:
        with contextlib.suppress(yaml.YAMLError):
            fast = _EventLoader(text)
            return fast, fast.get_single_node()
    loader = yaml.SafeLoader(text)
    return loader, loader.get_single_node()


def _collect_lines(
    path: Path, node: yaml.Node, location: Location, lines: dict[Location, int], problems: Problems
) -> None:
    lines[location] = node.start_mark.line + 1
    if isinstance(node, yaml.SequenceNode):
        for index, item in enumerate(node.value):
            _collect_lines(path, item, (*location, index), lines, problems)
    elif isinstance(node, yaml.MappingNode):
        for key, value in node.value:
            field = (*location, str(key.value))
            line = key.start_mark.line + 1
            if isinstance(key, yaml.ScalarNode) and key.tag != "tag:yaml.org,2002:merge":
                key.tag = "tag:yaml.org,2002:str"
            if field in lines:
                message = f"is given twice, first at line {lines[field]}; keep one"
                problems.append(Problem(path, message, field_path(field), line))
            _collect_lines(path, value, field, lines, problems)
            lines[field] = line


def _misread(node: yaml.Node, location: Location, text: str) -> Iterator[tuple[Location, str]]:
    """Yield where a value is read otherwise than it is written, and what to do.

    That is a text that a comment cuts short, or that loses its first word, as an anchor; a number
    in one of YAML 1.1's other notations (`010` is 8, `1:30` is 90); a backslash that makes a
    control character.
    """
    if isinstance(node, yaml.SequenceNode):
        for index, item in enumerate(node.value):
            yield from _misread(item, (*location, index), text)
    elif isinstance(node, yaml.MappingNode):
        for key, value in node.value:
            yield from _misread(value, (*location, str(key.value)), text)
    elif isinstance(node, yaml.ScalarNode):
        anchor = _ANCHOR.match(text, node.start_mark.index)
        comment = _COMMENT.match(text, node.end_mark.index)
        if anchor and f"*{anchor[1]}" not in text:
            yield location, f"loses its beginning {anchor[0]!r}, a mark in YAML; quote the text"
        elif not node.style and node.tag == "tag:yaml.org,2002:str" and comment:
            yield (
                location,
                f"is cut off at {comment[1]!r}, a comment; quote the text, or move the comment",
            )
        elif node.tag == "tag:yaml.org,2002:int" and not _PLAIN_NUMBER.fullmatch(node.value):
            yield location, f"{node.value} is another number in YAML; write it in plain digits"
        elif node.style == '"' and (control := _CONTROL.search(node.value)):
            yield (
                location,
                f"has the control character {control[0]!r}, which a backslash makes in double "
                "quotes; write two, or take single quotes",
            )
