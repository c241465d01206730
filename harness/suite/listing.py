"""A suite's articles as a person reads them: what `harness articles` prints."""

from pathlib import Path

from harness.errors import UsageError, nearest
from harness.files import shipped
from harness.suite.opening import open_suite
from harness.suite.squad.suite import SquadSuite
from harness.suite.suite import Suite


def articles_text(suite_name: str | None, name: str | None, removed: bool) -> str:
    """Return the table of a suite's articles, or of the named one its text or what cleaning took.

    Raises UsageError for an article that the suite does not have.
    """
    if name is None and removed:
        raise UsageError("--removed needs an article's id; `harness articles` lists them")
    suite = open_suite(suite_name)
    if isinstance(suite, SquadSuite):
        return _data_set(suite, name, removed)
    return _table(suite) if name is None else _article(suite_name, name, removed)


def _table(suite: Suite) -> str:
    from tabulate import tabulate

    goldens = suite.goldens
    rows = [
        [
            a.id,
            a.outlet or "",
            a.date or "",
            len(a.text.split()),
            len(goldens[a.id].references) if a.id in goldens else 0,
            len(goldens[a.id].questions) if a.id in goldens else 0,
        ]
        for a in suite.articles.values()
    ]
    return tabulate(rows, ["article", "outlet", "date", "words", "references", "questions"])


def _article(suite_name: str | None, name: str, removed: bool) -> str:
    from harness.suite.articles import clean, read_manifest

    folder = (Path(suite_name) if suite_name else shipped("")) / "seeds"
    entries = {entry.id: entry for entry in read_manifest(folder).article}
    if name not in entries:
        raise UsageError(f"no article {name!r} in the suite{nearest(name, [*entries])}")
    text, gone = clean(folder, entries[name])
    return "\n".join(f"[{one.rule}] {one.text}" for one in gone) if removed else text


def _data_set(suite: SquadSuite, name: str | None, removed: bool) -> str:
    """Return the table of a data set's titles, or the paragraph of a name such as `Title#1`."""
    from tabulate import tabulate

    if removed:
        raise UsageError("--removed: of a data set nothing is removed; it is asked as it is")
    if name is not None:
        if name not in suite.shelf:
            raise UsageError(
                f"no paragraph {name!r} in {suite.id}; they are named TITLE#1, TITLE#2, ..."
            )
        return suite.shelf[name].text
    header = ["title", "paragraphs", "characters", "questions", "unanswerable"]
    table = tabulate(suite.shelf.counts(), header)
    ids = f'{{ name = "{suite.id}", ids_sha256 = "{suite.shelf.ids_sha256}" }}'
    return f"{table}\n\nIn `trained_on` of a model that was trained on it: {ids}"
