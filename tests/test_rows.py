from collections.abc import Callable
from pathlib import Path

import pytest

from harness.evaluate import evaluate
from harness.records import Article, Example, Part, Prediction, Query, Scored
from harness.rows import cut_of, kept_chars

EVENT = Article(
    "event",
    "One:\n\naaaa\n\nTwo:\n\nbbbbbbbb",
    "f",
    "",
    parts=(Part("one", 6, 10), Part("two", 18, 26)),
)
SINGLE = Article("single", "aaaabbbb", "f", "")


def _scored(article: Article, kept: int | None) -> Scored:
    example = Example("x", article, Query("summarize", article.text), ("r",))
    return Scored(example, "k", Prediction("p", kept_chars=kept), False, {})


@pytest.mark.parametrize(
    ("article", "kept", "expected"),
    [
        (EVENT, 26, {}),
        (EVENT, 22, {"two": 4 / 8}),
        (EVENT, 18, {"two": 1.0}),
        (EVENT, 12, {"two": 1.0}),  # between the articles
        (EVENT, 7, {"one": 3 / 4, "two": 1.0}),
        (EVENT, 0, {"one": 1.0, "two": 1.0}),
        (EVENT, None, {}),  # a model that does not read from the beginning to a cut
        (SINGLE, 8, {}),
        (SINGLE, 6, {"single": 2 / 8}),
    ],
)
def test_what_was_cut_by_article(
    article: Article, kept: int | None, expected: dict[str, float]
) -> None:
    assert cut_of(_scored(article, kept)) == expected


@pytest.mark.parametrize(
    ("article", "kept"),
    [(EVENT, 26), (EVENT, 22), (EVENT, 18), (EVENT, 7), (SINGLE, 8), (SINGLE, 6)],
)
def test_what_was_kept_follows_from_what_was_cut(article: Article, kept: int) -> None:
    assert kept_chars(article, cut_of(_scored(article, kept))) == kept


def test_a_small_window_cuts_the_event_and_says_which_articles(
    tiny_folder: Callable[..., Path], tmp_path: Path
) -> None:
    """The tiny BART reads 128 tokens: some of the first article, nothing of the other four."""
    roster = tmp_path / "models.toml"
    roster.write_text(
        f'[bart]\nkind = "seq2seq"\nmax_new_tokens = 8\nweights = {{ folder = "{tiny_folder("bart")}" }}\n',
        encoding="utf-8",
    )
    board = evaluate(rosters=[roster], tasks=["summarize"], out=tmp_path / "out").leaderboard
    rows = {row.scope: row for row in board.rows if row.model == "bart"}
    event = rows["event"].cut
    assert sorted(event.values())[1:] == [1.0] * 4
    assert 0.5 < event["ians-tokyo-visit"] < 1
    assert rows["event"].counts.truncated == 1
    assert set(rows["article"].cut) == set(event)
    assert all(0 < share < 1 for share in rows["article"].cut.values())
