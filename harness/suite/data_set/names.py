"""What rows of a data set are called, and what belongs together in it."""

from harness.suite.data_set.items import Item

UNTITLED = "untitled"


def row_id(item: Item) -> str:
    """Return an item's id; of a set without ids its number."""
    return str(item.number) if item.id is None else item.id


def given_twice(item: Item) -> str:
    """Return what is wrong with an item whose id another has."""
    return f"the id {row_id(item)!r} is given twice; each row needs its own"


def name_slug(name: str | None) -> str:
    """Return a name without what ids are made with, so that no two names become one.

    >>> name_slug("AC/DC"), name_slug("C#"), name_slug("100%"), name_slug(None)
    ('AC%2FDC', 'C%23', '100%25', 'untitled')
    """
    if not name:
        return UNTITLED
    return name.replace("%", "%25").replace("/", "%2F").replace("#", "%23")
