"""How long a chat template may take, and how much memory: it is a program that came with weights.

transformers renders templates in a sandbox, which keeps them from files and from the network, and
sets no bound on time.
"""

import contextlib
from collections.abc import Iterator

from harness.bounded.deadline import PastDeadlineError, deadline, memory_limit
from harness.errors import ModelError

# A prompt is rendered in a millisecond.
_SECONDS = 5.0
_BYTES = 1_000_000_000


class EndlessTemplateError(ModelError):
    """A chat template that passes a bound: no query can be asked with it."""


@contextlib.contextmanager
def bounded_rendering() -> Iterator[None]:
    """Raise EndlessTemplateError for a template rendered in the block that passes a bound.

    Nothing else is to be done in the block: to cut a long text into tokens takes time too.
    """
    try:
        with memory_limit(_BYTES), deadline(_SECONDS):
            yield
    except PastDeadlineError:
        raise EndlessTemplateError(
            f"the chat template takes more than {_SECONDS:.0f} s to render: does it end? take a "
            "checkpoint with another one"
        ) from None
    except MemoryError:
        raise EndlessTemplateError(
            f"the chat template takes more than {_BYTES // 10**9} GB to render; take a checkpoint "
            "with another one"
        ) from None


def refuse_power(template: str, label: str) -> None:
    """Raise ModelError for a template that could be busy in one step, which no deadline ends.

    That is a power, and a product of two values that the template computes: numbers with more
    digits than memory holds. A template that cannot be parsed is told of where it is rendered.
    """
    from jinja2 import TemplateSyntaxError, nodes
    from jinja2.environment import Environment
    from jinja2.ext import Extension
    from jinja2.parser import Parser

    class Generation(Extension):
        """The one tag that transformers adds: what it surrounds is a template as before."""

        tags = {"generation"}  # noqa: RUF012  # as the class that it is of has it

        def parse(self, parser: Parser) -> list[nodes.Node]:
            next(parser.stream)
            return parser.parse_statements(("name:endgeneration",), drop_needle=True)

    environment = Environment(  # nothing is rendered by it
        extensions=[Generation, "jinja2.ext.loopcontrols"]
    )
    try:
        tree = environment.parse(template)
    except (TemplateSyntaxError, RecursionError):
        return
    products = (
        node
        for node in tree.find_all(nodes.Mul)
        if not isinstance(node.left, nodes.Const) and not isinstance(node.right, nodes.Const)
    )
    if next(tree.find_all(nodes.Pow), None) or next(products, None):
        raise ModelError(
            f"{label}: its chat template multiplies what it computes, which may take for ever; "
            "take a checkpoint with another one"
        )
