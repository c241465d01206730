"""Changes from one run to another as a person reads them: shares in points, others as they are."""

from harness.compare.examples import Loss
from harness.leaderboard.printing.number_text import score_text
from harness.metrics.declaration import Declaration
from harness.visible import visible_excerpt

# Of an output, so much is shown. `--json` has all of it.
MAX_OUTPUT_CHARACTERS = 300

# More digits are never shown, however near two numbers are.
MOST_DIGITS = 8


def change_text(value: float, declaration: Declaration, digits: int = 1) -> str:
    """Return a change with its sign; no zero has one.

    >>> from harness.metrics.declaration import SHARE
    >>> change_text(-0.0314, SHARE), change_text(0.0, SHARE), change_text(-0.0314, SHARE, 2)
    ('-3.1', '0.0', '-3.14')
    """
    text = f"{100 * value if declaration.is_share else value:+.{digits}f}"
    return text[1:] if float(text) == 0 else text


def ends_text(low: float, high: float, declaration: Declaration, digits: int = 1) -> str:
    """Return the two ends of what a change lies between."""
    ends = (change_text(low, declaration, digits), change_text(high, declaration, digits))
    return f"[{', '.join(ends)}]"


def size_text(value: float, declaration: Declaration) -> str:
    """Return a size that a person gave, such as a tolerance, with its unit if it has one.

    >>> from harness.metrics.declaration import SHARE
    >>> size_text(0.02, SHARE), size_text(0.01, SHARE), size_text(3.5, Declaration(high=9))
    ('2 points', '1 point', '3.5')
    """
    text = f"{100 * value if declaration.is_share else value:g}"
    return f"{text}{unit(declaration, text)}"


def unit(declaration: Declaration, number: str = "") -> str:
    """Return what follows a number of a metric: points for shares, nothing for others."""
    if not declaration.is_share:
        return ""
    return " point" if number == "1" else " points"


def digits_to_tell(value: float, limit: float, declaration: Declaration) -> int:
    """Return with how many digits a number stands on the side of the limit that it is on.

    >>> from harness.metrics.declaration import SHARE
    >>> digits_to_tell(-0.05, 0.0, SHARE), digits_to_tell(-0.0002, 0.0, SHARE)
    (1, 2)
    """
    scale = 100 if declaration.is_share else 1
    for digits in range(1, MOST_DIGITS):
        rounded = round(scale * value, digits)
        if (rounded > scale * limit, rounded < scale * limit) == (value > limit, value < limit):
            return digits
    return 1 if value == limit else MOST_DIGITS


def loss_lines(loss: Loss, declaration: Declaration) -> list[str]:
    """Return a loss in three lines: the scores, and both outputs, cut to what fits."""
    base, head = (score_text(score, declaration) for score in (loss.base, loss.head))
    return [
        f"{loss.example}: {base} -> {head}",
        f"  base: {_output(loss.base_text)}",
        f"  head: {_output(loss.head_text)}",
    ]


def _output(text: str) -> str:
    """Return an output on one line, without what would command a terminal."""
    return f"“{visible_excerpt(text, MAX_OUTPUT_CHARACTERS)}”"
