"""An article or event as examples show it, read once for all of them."""

from functools import cached_property

from harness.metrics.unsupported import ArticleFacts
from harness.records import Article
from harness.report.content.example import Source
from harness.report.examples.evidence_spans import Searchable
from harness.report.safety.visible_text import VisibleText
from harness.visible import visible_text


class PreparedSource:
    """An article with its visible text, and what is looked up in it."""

    def __init__(self, article: Article) -> None:
        """Keep the article."""
        self.article = article
        self.visible = VisibleText(article.text)
        self.searchable = Searchable(article.text)

    @cached_property
    def facts(self) -> ArticleFacts:
        """Its numbers and words."""
        return ArticleFacts(self.article.text)

    def source(self) -> Source:
        """Return it as the page has it."""
        article = self.article
        return Source(
            id=visible_text(article.id),
            title=visible_text(article.headline or article.id),
            outlet=None if article.outlet is None else visible_text(article.outlet),
            date=None if article.date is None else str(article.date),
            text=self.visible.marked(),
            articles=tuple(
                (visible_text(part.article), *self.visible.map_span(part.start, part.end))
                for part in article.parts
            ),
        )
