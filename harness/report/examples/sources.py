"""An article or event as examples show it, read once for all of them."""

from functools import cached_property

from harness.metrics.unsupported import Facts
from harness.records import Article
from harness.report.content.example import Source
from harness.report.examples.evidence_spans import Searchable
from harness.report.safety.visible_text import Visible, shown


class ReadSource:
    """An article with its visible text, and what is looked up in it."""

    def __init__(self, article: Article) -> None:
        """Keep the article."""
        self.article = article
        self.visible = Visible(article.text)
        self.searchable = Searchable(article.text)

    @cached_property
    def facts(self) -> Facts:
        """Its numbers and words."""
        return Facts(self.article.text)

    def source(self) -> Source:
        """Return it as the page has it."""
        article = self.article
        return Source(
            id=shown(article.id),
            title=shown(article.headline or article.id),
            outlet=None if article.outlet is None else shown(article.outlet),
            date=None if article.date is None else str(article.date),
            text=self.visible.marked(),
            articles=tuple(
                (shown(part.article), *self.visible.place(part.start, part.end))
                for part in article.parts
            ),
        )
