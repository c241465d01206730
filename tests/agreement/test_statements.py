"""Statements that people looked for in summaries, made up, and those of public judgments."""

import json
import os
from pathlib import Path
from typing import Any

import pytest

from harness.agreement.agreement import Request
from harness.agreement.judgments.reading import read_sets
from harness.agreement.statements import statement_agreements
from harness.cli import main
from tests.agreement.made import write

# What people found, and what words find: of both statements of each summary.
#   told        1 0 | 1 1 | 0 0
#   told_words  1 1/4 | 1 1 | 1/2 0
SUMMARIES: list[tuple[str, list[tuple[str, float]]]] = [
    ("Ann met Bob in Rome.", [("Ann met Bob", 1), ("Bob signed two pacts", 0)]),
    ("Ann met Bob; Bob signed two pacts.", [("Ann met Bob", 1), ("Bob signed two pacts", 2 / 3)]),
    ("Bob met nobody.", [("Bob slept", 0.5), ("Two pacts came", 1 / 3)]),
]


def _lines() -> list[dict[str, object]]:
    return [
        {
            "article_id": f"a{article}",
            "system": f"s{place}",
            "summary": summary,
            "scores": {"share": sum(present > 0.5 for _, present in statements) / 2},
            "labels": [{"statement": text, "present": share} for text, share in statements],
        }
        for article in range(2)
        for place, (summary, statements) in enumerate(SUMMARIES)
    ]


def _sets(path: Path, *arguments: str) -> list[dict[str, Any]]:
    """Return the statements' set and that of the shares, as JSON has them."""
    (judged,) = read_sets([path], arguments)
    return [vars_of(found) for found in statement_agreements(judged, Request(draws=20))]


def vars_of(found: Any) -> dict[str, Any]:
    return {name: getattr(found, name) for name in found.__slots__}


def test_a_statement_is_told_where_more_than_half_of_the_people_found_it(tmp_path: Path) -> None:
    """Of six statements people found three: 1 0, 1 1, 0 0; half of them is not more than half.

    `told` says the very same. So do the words at a half but for "Bob slept", of which Bob is there:
    5 of 6 are right. AUC of the words: 1, 1, 1 are above 1/4, 1/2 and 0 in all nine pairs.
    """
    statements, _ = _sets(write(tmp_path / "made.jsonl", _lines()))
    assert (statements["texts"], statements["articles"], statements["nouns"]) == (
        12, 2, ("statements", "article"),
    )  # fmt: skip
    figures = {figure.measure: figure for figure in statements["answers"]}
    told, words = figures["told"], figures["told_words"]
    assert told.accuracy.value == told.auc.value == 1
    assert words.accuracy.value == pytest.approx(5 / 6)
    assert words.auc.value == 1
    assert words.accuracy.always == 0.5


def test_the_share_of_statements_is_held_against_the_scores_of_summaries(tmp_path: Path) -> None:
    """People: 1/2, 1, 0 in each article; told the same, the words 5/8, 1, 1/4: all in one order."""
    _, shares = _sets(write(tmp_path / "made.jsonl", _lines()))
    figures = {figure.measure: figure for figure in shares["summaries"]}
    assert {"told", "told_words", "told_support", "words"} == figures.keys()  # no references here
    for name in ("told", "told_words"):
        assert figures[name].article.level.spearman.value == pytest.approx(1)
    # Of (1/2, 1, 0) and (5/8, 1, 1/4): deviations 0, 1/2, -1/2 and 0, 3/8, -3/8.
    assert figures["told_words"].article.level.pearson.value == pytest.approx(1)


def test_without_statements_the_sentences_of_the_references_are_these(tmp_path: Path) -> None:
    lines = [
        {name: line[name] for name in ("article_id", "system", "summary", "scores")}
        | {"references": ["Ann met Bob. Bob signed two pacts."]}
        for line in _lines()
    ]
    (shares,) = _sets(write(tmp_path / "made.jsonl", lines))
    figures = {figure.measure: figure for figure in shares["summaries"]}
    assert figures["told"].article.level.spearman.value == pytest.approx(1)  # 1/2, 1, 0
    assert "rouge1_recall" in figures


def test_the_verb_prints_both_and_says_what_is_wrong(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = write(tmp_path / "made.jsonl", _lines())
    assert main(["agreement", str(path), "--statements", "-q"]) == 0
    text = capsys.readouterr().out
    assert "made, statements, present: 12 statements of 2 articles by 3 systems" in text
    assert "made, shares, share: 6 summaries of 2 articles by 3 systems" in text
    assert main(["agreement", str(path), "--statements", "--json", "-q"]) == 0
    assert [found["name"] for found in json.loads(capsys.readouterr().out)["sets"]] == [
        "made, statements", "made, shares",
    ]  # fmt: skip
    bad = _lines()
    bad[1]["labels"] = [{"statement": "x", "present": 3}]
    bare = [{k: v for k, v in line.items() if k != "labels"} for line in _lines()]
    for name, lines, arguments, message in (
        ("bad", bad, [], "bad.jsonl:2: statement 1: present: must be from 0 to 1, not 3"),
        ("bare", bare, [], "--statements: no summaries here have statements, or references"),
        ("ok", _lines(), ["--measures", "words"], "--measures: --statements has measures of its"),
    ):
        file = write(tmp_path / f"{name}.jsonl", lines)
        assert main(["agreement", str(file), "--statements", "-q", *arguments]) == 2
        (line,) = capsys.readouterr().err.splitlines()
        assert message in line


@pytest.mark.slow
def test_what_people_found_of_realsumm_is_the_score_that_its_authors_give() -> None:
    """`litepyramid_recall` is the share of statements that a majority found (Bhandari et al., 2020).

    So the rule for a statement is theirs: where half of four people found it, it is not there.
    """
    folder = os.environ.get("JUDGMENTS_FOLDER")
    if not folder:
        pytest.skip("JUDGMENTS_FOLDER names no folder with public judgments")
    (judged,) = read_sets([Path(folder) / "realsumm.jsonl.gz"])
    assert sum(len(judgment.statements) for judgment in judged.judgments) == 26_400
    for judgment in judged.judgments:
        share = sum(bool(one.present) for one in judgment.statements) / len(judgment.statements)
        assert share == pytest.approx(judgment.scores["litepyramid_recall"], abs=1e-4)
