"""A suite's articles as a person reads them: what `harness articles` prints."""

from harness.errors import UsageError, did_you_mean
from harness.locations import suite_folder
from harness.suite.opening import open_suite
from harness.suite.squad.suite import SquadSuite
from harness.suite.suite import Suite


def articles_text(suite_name: str, name: str | None, removed: bool) -> str:
    """Return the table of a suite's articles, or of the named one its text or what cleaning took.

    Raises UsageError for an article that the suite does not have.
    """
    if name is None and removed:
        raise UsageError("--removed needs an article's id; `harness articles` lists them")
    suite = open_suite(suite_name)
    if isinstance(suite, SquadSuite):
        return _data_set_text(suite, name, removed)
    return _articles_table(suite) if name is None else _article_text(suite_name, name, removed)


def _articles_table(suite: Suite) -> str:
    from tabulate import tabulate

    goldens = suite.goldens
    rows = [
        [
            article.id,
            article.outlet or "",
            article.date or "",
            len(article.text.split()),
            len(goldens[article.id].references) if article.id in goldens else 0,
            len(goldens[article.id].questions) if article.id in goldens else 0,
        ]
        for article in suite.articles.values()
    ]
    return tabulate(rows, ["article", "outlet", "date", "words", "references", "questions"])


def _article_text(suite_name: str, name: str, removed: bool) -> str:
    from harness.suite.articles import clean_article, read_manifest

    folder = suite_folder(suite_name) / "seeds"
    entries = {entry.id: entry for entry in read_manifest(folder).article}
    if name not in entries:
        raise UsageError(f"no article {name!r} in the suite{did_you_mean(name, [*entries])}")
    text, removed_paragraphs = clean_article(folder, entries[name])
    return (
        "\n".join(f"[{paragraph.rule}] {paragraph.text}" for paragraph in removed_paragraphs)
        if removed
        else text
    )


def _data_set_text(suite: SquadSuite, name: str | None, removed: bool) -> str:
    """Return the table of a data set's titles, or the paragraph of a name such as `Title#1`."""
    from tabulate import tabulate

    if removed:
        raise UsageError("--removed: of a data set nothing is removed; it is asked as it is")
    if name is not None:
        if name not in suite.database:
            raise UsageError(
                f"no paragraph {name!r} in {suite.id}; they are named TITLE#1, TITLE#2, ..."
            )
        return suite.database[name].text
    header = ["title", "paragraphs", "characters", "questions", "unanswerable"]
    table = tabulate(suite.database.title_counts(), header)
    ids = f'{{ name = "{suite.id}", ids_sha256 = "{suite.database.ids_sha256}" }}'
    return f"{table}\n\nIn `trained_on` of a model that was trained on it: {ids}"
