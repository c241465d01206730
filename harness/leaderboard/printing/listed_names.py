"""Several names in a sentence."""

from collections.abc import Sequence


def listed(names: Sequence[str], max_names: int) -> str:
    """Return names as a sentence has them; of too many the first, and how many more.

    >>> listed(["a"], 3), listed(["a", "b", "c"], 3), listed(["a", "b", "c", "d"], 2)
    ('a', 'a, b and c', 'a, b and 2 more')
    """
    more = len(names) - max_names
    shown = [*names[:max_names], *([f"{more} more"] if more > 0 else [])]
    return shown[0] if len(shown) == 1 else f"{', '.join(shown[:-1])} and {shown[-1]}"
