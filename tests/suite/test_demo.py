"""The suite that the package carries and the docs use: it is what they tell readers to write."""

from collections import Counter

from harness.check.suite import check_suite
from harness.files import package_path
from harness.suite.articles import clean_article
from harness.suite.manifest import read_manifest
from harness.suite.suite import read_suite

DEMO = package_path("demo")
SUITE = read_suite(DEMO)
# The kinds of question that the shipped goldens have.
KINDS = {"how-many", "how-much", "quote", "what", "when", "where", "which", "who", "why"}


def test_the_check_finds_nothing_and_had_nothing_to_allow() -> None:
    report = check_suite(DEMO)
    assert [finding for finding in report.findings if finding.level != "note"] == []
    assert report.allowed == []


def test_three_articles_and_what_joins_them() -> None:
    scopes = Counter(article.scope for article in SUITE.articles.values())
    assert scopes == {"article": 3, "event": 1}
    assert len(SUITE.goldens) == 4
    for name, golden in SUITE.goldens.items():
        assert len(golden.references) == 3
        kinds = {question.kind for question in golden.questions if question.answers}
        assert kinds >= KINDS - {"what"}, name
        assert len(golden.questions) == 12
        assert sum(not question.answers for question in golden.questions) >= 2


def test_articles_are_news_of_a_usual_length() -> None:
    for article in SUITE.articles.values():
        if article.scope == "article":
            assert 250 <= len(article.text.split()) <= 450
            assert article.date


def test_each_page_has_something_around_or_twice_that_cleaning_removes() -> None:
    removed = {
        entry.id: {paragraph.rule for paragraph in clean_article(DEMO / "seeds", entry)[1]}
        for entry in read_manifest(DEMO / "seeds").article
    }
    around = {"before the article", "after the article"}
    assert removed == {
        "bridge-closed": around,
        "ferry-first-week": around | {"repeated"},
        "library-afloat": around,
    }


def test_a_sentence_that_a_page_breaks_is_joined_and_its_odd_spaces_are_regular() -> None:
    assert "put off twice because of high water." in SUITE.articles["bridge-closed"].text
    assert "“the boring but important part”" in SUITE.articles["library-afloat"].text
    assert not set("\u00a0\u200b") & set("".join(a.text for a in SUITE.articles.values()))


def test_all_of_it_is_given_away() -> None:
    for entry in read_manifest(DEMO / "seeds").article:
        assert entry.rights == "invented; CC0 1.0, no rights reserved"
        assert entry.sha256
    assert "CC0 1.0 Universal" in (DEMO / "LICENSE").read_text(encoding="utf-8")
