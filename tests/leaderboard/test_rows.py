from collections.abc import Callable
from pathlib import Path

import pytest
import yaml

from harness.eval.evaluate import evaluate
from harness.leaderboard.numbers import Subset
from harness.leaderboard.printing.tables import tables
from harness.leaderboard.rows.evidence import cut_share_by_article, evidence_seen
from harness.leaderboard.run_folder import read_run
from harness.records import Article, Evidence, Example, Part, Prediction, Query, ScoredPrediction
from harness.suite.suite import read_suite
from harness.tables.terminal import Display, terminal_text
from harness.verify.verification import verify
from tests import small_runs

Ranges = tuple[tuple[int, int], ...]

EVENT = Article(
    "event",
    "One:\n\naaaa\n\nTwo:\n\nbbbbbbbb",
    "f",
    "",
    parts=(Part("one", 6, 10), Part("two", 18, 26)),
)
SINGLE = Article("single", "aaaabbbb", "f", "")


def _scored(
    article: Article, dropped: Ranges, *evidence: Evidence, error: str = ""
) -> ScoredPrediction:
    example = Example("x", article, Query("answer", article.text), ("r",), evidence)
    made = Prediction("p", dropped=dropped, error=error or None)
    return ScoredPrediction(example, "k", made, False, {})


@pytest.mark.parametrize(
    ("article", "dropped", "expected"),
    [
        (EVENT, (), {}),
        (EVENT, ((22, 26),), {"two": 4 / 8}),
        (EVENT, ((18, 26),), {"two": 1.0}),
        (EVENT, ((12, 26),), {"two": 1.0}),  # from between the articles
        (EVENT, ((7, 26),), {"one": 3 / 4, "two": 1.0}),
        (EVENT, ((0, 26),), {"one": 1.0, "two": 1.0}),
        (EVENT, ((8, 20),), {"one": 2 / 4, "two": 2 / 8}),  # a middle
        (EVENT, ((10, 18),), {}),  # a heading alone
        (EVENT, ((6, 7), (9, 10), (25, 26)), {"one": 2 / 4, "two": 1 / 8}),
        (SINGLE, (), {}),
        (SINGLE, ((6, 8),), {"single": 2 / 8}),
    ],
)
def test_what_was_cut_by_article(
    article: Article, dropped: Ranges, expected: dict[str, float]
) -> None:
    assert cut_share_by_article(_scored(article, dropped)) == expected


@pytest.mark.parametrize(
    ("article", "dropped", "evidence", "expected"),
    [
        (SINGLE, (), "abbb", True),
        (SINGLE, ((7, 8),), "abb", True),  # "aaaabbbb": it stands at 3 to 6
        (SINGLE, ((5, 8),), "abb", False),  # its last letter is gone
        (SINGLE, ((0, 3),), "abb", True),  # the cut ends where it begins
        (SINGLE, ((0, 4),), "abb", False),
        (SINGLE, ((4, 5),), "ab", False),
        (SINGLE, ((0, 2),), "aa", True),  # it stands three times, once whole after the cut
        (SINGLE, ((0, 3),), "aa", False),
        (SINGLE, ((0, 8),), "zz", None),  # evidence that cannot be found
        (EVENT, ((0, 12),), "bb", True),
        (EVENT, ((18, 26),), "bb", False),
        (EVENT, ((0, 26),), "One", None),  # stands in the event, and not in its article
    ],
)
def test_whether_the_evidence_was_seen(
    article: Article, dropped: Ranges, evidence: str, expected: bool | None
) -> None:
    about = "two" if article is EVENT else "single"
    assert evidence_seen(_scored(article, dropped, Evidence(about, evidence))) is expected


def test_of_several_articles_with_evidence_one_is_enough() -> None:
    both = (Evidence("one", "aa"), Evidence("two", "bb"))
    assert evidence_seen(_scored(EVENT, ((18, 26),), *both)) is True
    assert evidence_seen(_scored(EVENT, ((0, 26),), *both)) is False
    assert evidence_seen(_scored(EVENT, ())) is None
    assert evidence_seen(_scored(EVENT, (), *both, error="ModelError")) is None


def test_a_small_window_cuts_the_event_and_says_which_articles(
    tiny_folder: Callable[..., Path], tmp_path: Path
) -> None:
    """The tiny BART reads 128 tokens: some of the first article, nothing of the other four."""
    roster = tmp_path / "models.toml"
    roster.write_text(
        f'[bart]\nkind = "seq2seq"\nmax_new_tokens = 8\nweights = {{ folder = "{tiny_folder("bart")}" }}\n',
        encoding="utf-8",
    )
    board = evaluate(
        rosters=[roster], tasks=["summarize"], reader="none", out=tmp_path / "out"
    ).leaderboard
    rows = {row.scope: row for row in board.rows if row.model == "bart"}
    event = rows["event"].cut
    assert sorted(event.values())[1:] == [1.0] * 4
    assert 0.5 < event["ians-tokyo-visit"] < 1
    assert rows["event"].counts.truncated == 1
    assert set(rows["article"].cut) == set(event)
    assert all(0 < share < 1 for share in rows["article"].cut.values())
    assert rows["article"].uncut == Subset(n=0, means={})  # none of them was seen whole
    assert rows["article"].evidence_seen is None  # a summary has no evidence
    printed = " ".join(terminal_text(tables(board), Display()).split())
    assert "Cut, bart: 5 of 5 sources (100 %); 0 seen whole." in printed


def test_scores_stand_beside_those_of_what_was_seen(
    tiny_folder: Callable[..., Path], tmp_path: Path
) -> None:
    """The answers of an article stand one after the other: its beginning has the first ones."""
    small_runs.suite(tmp_path / "suite", articles=2, questions=60)
    golden = tmp_path / "suite" / "goldens" / "a.yaml"
    content = yaml.safe_load(golden.read_text(encoding="utf-8"))
    for i, question in enumerate(content["questions"]):
        question["evidence"] = f"Answer number {i} of a is aword{i}."
    golden.write_text(yaml.safe_dump(content), encoding="utf-8")
    roster = tmp_path / "models.toml"
    roster.write_text(
        f'[llama]\nkind = "causal"\nwindow = 700\nweights = {{ folder = "{tiny_folder("llama")}" }}\n',
        encoding="utf-8",
    )
    done = evaluate(tmp_path / "suite", [roster], tasks=["answer"], out=tmp_path / "out")
    lines = [line for line in read_run(tmp_path / "out").lines if line.model == "llama"]
    text = read_suite(tmp_path / "suite").articles["a"].text
    seen: dict[bool, list[float]] = {True: [], False: []}
    for line in lines:
        ((start, _),) = line.dropped
        if line.example.startswith("a/"):
            evidence = f"Answer number {line.example.removeprefix('a/q')} of a is"
            whole = text.index(evidence) + len(evidence) + len(" aword9.") < start
            assert line.evidence_seen is whole or abs(text.index(evidence) - start) < 60
            assert line.evidence_seen is not None
            seen[line.evidence_seen].append(line.scores["f1"])
        else:
            assert line.evidence_seen is None  # the golden names none
    assert all(len(scores) > 5 for scores in seen.values())
    (row,) = [row for row in done.leaderboard.rows if row.model == "llama"]
    assert row.uncut == Subset(n=0, means={})
    for subset, scores in ((row.evidence_seen, seen[True]), (row.evidence_cut, seen[False])):
        assert subset is not None
        assert subset.n == len(scores)
        assert subset.means["f1"] == pytest.approx(sum(scores) / len(scores), abs=1e-12)
    (floor,) = [row for row in done.leaderboard.rows if row.model == "no-answer"]
    assert floor.uncut is floor.evidence_seen is floor.evidence_cut is None
    assert verify(done.path, tmp_path / "suite").differences == ()
