"""Numbers, names and quotes that an article does not have: the stated rules, one by one."""

import pytest

from harness.metrics.unsupported import ArticleFacts, checked_spans, unsupported_spans

ARTICLE = (
    "Tokyo: Prime Minister Sanae Takaichi met U.S. President Donald Trump on Tuesday, the second leg "
    "of his two-day tour. Japan’s firms may invest $400 billion; 1,000 people came, 3.50 % fewer "
    "than in 2024. “We are,” she said,\n“an ally at the strongest level.” US-led talks on the F-35 go on."
)


@pytest.mark.parametrize(
    ("summary", "expected"),
    [
        ("Japan may invest $400 billion.", []),
        ("Japan may invest $400bn, or 400,000 million.", []),
        ("Japan may invest $400.", []),  # its digits are there
        ("Japan may invest $400 million.", ["number: 400 million"]),
        ("It came to 1000 people, or 1 thousand.", []),
        ("It was 3.5 % and 3.50 %.", []),
        ("It was 35 % in 2023.", ["number: 2023"]),  # 35 is in F-35
        ("A tour of 2 days, the 2nd, with 7 stops.", ["number: 7"]),
        ("Two people and twelve others came.", []),  # words for numbers are not looked at
        ("It was 10,00.", ["number: 10", "number: 00"]),
        ("Officials met Takaichi and TAKAICHI’S guests.", []),
        ("Officials met Shinzo Abe in Tokyo.", ["name: Shinzo", "name: Abe"]),
        ("Takahashi met Trump.", []),  # the first word is not looked at
        ("She met the US president, a U.S. man.", []),
        ("The Japan-China talks were UN-led.", ["name: Japan-China", "name: UN-led"]),
        ("She said “Nothing is lost” to Trump.", ["quote: “Nothing is lost”"]),
        ("She called it “an ally at  the Strongest level”.", []),
        ("“We are an ally” is cut short but in a row.", ["quote: “We are an ally”"]),
        ('She said "we are," and left.', []),
        ("She is “strongest”.", []),
        ("She is “”, and “ ”.", []),
        ("I think Mr Trump came.", []),
        ("", []),
    ],
)
def test_what_the_article_does_not_have(summary: str, expected: list[str]) -> None:
    found = unsupported_spans(summary, ArticleFacts(ARTICLE))
    assert [f"{what}: {summary[start:end]}" for start, end, what in found] == expected


def test_a_name_is_one_however_its_accents_are_written() -> None:
    """Unicode's composed and decomposed forms (NFC, NFD)."""
    article = "In Oslo, Adéba\u0301yo\u0323\u0300 met Zoe\u0308."
    assert unsupported_spans("He met Zoë and Ade\u0301báyọ\u0300.", ArticleFacts(article)) == []
    summary = "He met Zoé and Zoe\u0301."
    assert [summary[start:end] for start, end, _ in unsupported_spans(summary, ArticleFacts(article))] == [
        "Zoé", "Zoe\u0301",
    ]  # fmt: skip


def test_all_that_is_looked_for_is_told_with_what_was_found() -> None:
    summary = "Officials met Takaichi and Abe, 2 men, who said “We are” and “No”, 3 times."
    spans = checked_spans(summary, ArticleFacts(ARTICLE))
    assert [(summary[span.start : span.end], span.kind, span.supported) for span in spans] == [
        ("Takaichi", "name", True),
        ("Abe", "name", False),
        ("2", "number", True),  # the second leg
        ("“We are”", "quote", True),
        ("“No”", "quote", False),
        ("3", "number", False),
    ]
