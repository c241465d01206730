"""What is said of a row's change is true of its numbers, in every combination of them."""

from itertools import product
from typing import Any

import pytest

from harness.compare.changes import Change
from harness.compare.explanation import explanation, selection_note, selection_text
from harness.compare.pairs import PairedScores, RowName, RowPair, RunPair
from harness.metrics.declaration import SHARE
from harness.records import Role
from harness.suite.selection import Selection

CHANGE = Change("package", "torch", "1", "2")


def _scores(worse: int) -> PairedScores:
    return PairedScores(
        n=10, clusters=1, base=0.5, head=0.5, difference=0.0, standard_error=None, freedom=None,
        interval=None, simultaneous=None, p=None, p_adjusted=None, improved=0, worse=worse,
        equal=10 - worse, losses=(),
    )  # fmt: skip


def _row(outputs: int, worse: int = 0, role: Role = "model", **fields: Any) -> RowPair:
    known: dict[str, Any] = {
        "refused": (), "changes": (), "missing": (), "added": (), "failed": (), "recovered": (),
        "unscored": (), "newly_scored": (), "noun": "article",
        "scores": _scores(worse),
    } | fields  # fmt: skip
    return RowPair(
        name=RowName("m", "answer", "article"), role=role, metric="f1", declaration=SHARE,
        other_outputs=outputs, **known,
    )  # fmt: skip


CHANCE = (
    "Nothing that is recorded changed: the model may draw at random, or what is not recorded "
    "differs, such as a server or code that is not committed."
)


@pytest.mark.parametrize(
    ("row", "lines"),
    [
        (_row(0), ()),
        (_row(0, changes=(CHANGE,)), ()),
        (_row(1, 1), (f"m answer: 1 output differs. {CHANCE}",)),
        (_row(3, 2), (f"m answer: 3 outputs differ. {CHANCE}",)),
        (_row(3, 0), (f"m answer: 3 outputs differ, and no f1 with them. {CHANCE}",)),
        (_row(1, 0), (f"m answer: 1 output differs, and no f1 with it. {CHANCE}",)),
        (_row(3, 2, changes=(CHANGE,)),
         ("m answer: 3 outputs differ. What changed:", "  package: torch 1 -> 2")),
        # A floor has no chance in it.
        (_row(3, 2, role="floor"),
         ("m answer: 3 outputs differ. Nothing that is recorded changed: code that is not "
          "committed may differ.",)),
        (_row(0, failed=("a", "b")),
         ("m answer: no output differs where both runs have one. Nothing that is recorded changed.",
          "  failed in the head: a, b")),
        (_row(0, recovered=("a",), changes=(CHANGE,)),
         ("m answer: no output differs where both runs have one. What changed:",
          "  package: torch 1 -> 2", "  failed in the base: a")),
        (_row(0, missing=("a",), added=("b",)),
         ("m answer: no output differs where both runs have one. Nothing that is recorded changed.",
          "  missing in the head: a", "  only in the head: b")),
        (_row(0, failed=("a",), scores=None),
         ("m answer: no example was scored in both runs. Nothing that is recorded changed.",
          "  failed in the head: a")),
        (_row(2, failed=("a",), scores=None, refused=(CHANGE,)), ()),
        (_row(0, missing=tuple("abcdefghijkl")),
         ("m answer: no output differs where both runs have one. Nothing that is recorded changed.",
          "  missing in the head: a, b, c, d, e, f, g, h, i, j and 2 more")),
    ],
)  # fmt: skip
def test_what_is_said_of_a_row(row: RowPair, lines: tuple[str, ...]) -> None:
    assert explanation(row) == lines


def test_chance_is_named_only_where_outputs_differ_and_nothing_recorded_does() -> None:
    roles: tuple[Role, ...] = ("model", "floor", "oracle")
    for outputs, worse, changed, failed, role in product(
        (0, 2), (0, 1), ((), (CHANGE,)), ((), ("a",)), roles
    ):
        if worse and not outputs:
            continue  # refused: the same text has another score
        text = "\n".join(explanation(_row(outputs, worse, role, changes=changed, failed=failed)))
        assert ("random" in text) == bool(outputs and not changed and role == "model")
        assert ("outputs differ" in text) == bool(outputs)
        assert ("Nothing that is recorded" in text) == bool((outputs or failed) and not changed)
        assert ("no f1 with them" in text) == bool(outputs and not worse)


def test_examples_that_were_not_chosen_are_no_news() -> None:
    row = _row(0, missing=("a",), added=("b",))
    assert explanation(row, same_selection=False) == ()


@pytest.mark.parametrize(
    ("selection", "text"),
    [
        (Selection(), "all"),
        (Selection(limit=4), "limit 4"),
        (Selection(("a/*", "b"), "who", 4), "examples a/* b, text who, limit 4"),
    ],
)
def test_a_selection_in_words(selection: Selection, text: str) -> None:
    assert selection_text(selection) == text


def test_runs_on_other_examples_are_told_apart() -> None:
    selections = (Selection(limit=4), Selection())
    note = selection_note(RunPair("base", "head", (_row(0, added=("a",)),), (), (), *selections))
    assert note is not None
    assert "(base: limit 4; head: all)" in note
    assert selection_note(RunPair("base", "head", (_row(0),), (), (), *selections)) is None
    assert selection_note(RunPair("base", "head", (_row(0, added=("a",)),), (), ())) is None
