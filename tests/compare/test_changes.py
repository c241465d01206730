from pathlib import Path

import pytest

from harness.compare.changes import changes, refusals
from harness.leaderboard.leaderboard import Leaderboard, PromptLine, Row
from harness.leaderboard.run_folder import read_run

BOARD = read_run(Path(__file__).parents[1] / "frozen").board
IDENTITY = {
    "kind": "causal",
    "revision": 1,
    "weights": {"package": "p", "sha256": "b" * 64},
    "dtype": "float32",
    "device": "cpu",
    "backend": {"torch": "2.13.0", "transformers": "5.23.0"},
    "prompt": "a" * 64,
    "window": 8192,
    "decoding": {"beams": 1},
}
PROMPT = PromptLine(name="short", version=1, sha256="a" * 64)
ENVIRONMENT = {
    "harness": "0.1.0",
    "python": "3.11.7",
    "cpu": "Xeon",
    "threads": 2,
    "packages": {"torch": "2.13.0"},
    "git_commit": "c" * 40,
    "git_dirty": True,
}
ROW = next(one for one in BOARD.rows if one.task == "answer").model_copy(
    update={"identity": IDENTITY, "environments": [ENVIRONMENT], "prompt": PROMPT}
)


def _identity(**new: object) -> dict[str, object]:
    return {"identity": IDENTITY | new}


def _environment(**new: object) -> dict[str, object]:
    return {"environments": [ENVIRONMENT | new]}


@pytest.mark.parametrize(
    ("update", "expected"),
    [
        (_identity(weights={"package": "p", "sha256": "0" * 64}),
         "model: weights.sha256 bbbbbbbbbbbb -> 000000000000"),
        (_identity(dtype="bfloat16"), "model: dtype float32 -> bfloat16"),
        (_identity(adapter="mine"), "model: adapter none -> mine"),
        (_identity(window=64), "decoding: window 8192 -> 64"),
        (_identity(decoding={"beams": 4}), "decoding: decoding.beams 1 -> 4"),
        (_identity(backend={"torch": "2.13.0", "transformers": "6.0"}),
         "package: transformers 5.23.0 -> 6.0"),
        (_identity(revision=2), "code: revision 1 -> 2"),
        (_identity(device="cuda"), "machine: device cpu -> cuda"),
        (_identity(prompt="f" * 64), "prompt: prompt aaaaaaaaaaaa -> ffffffffffff"),
        (_identity(prompt="f" * 64) | {"prompt": PromptLine(name="long", version=2, sha256="f" * 64)},
         "prompt: template short version 1 (aaaaaaaaaaaa) -> long version 2 (ffffffffffff)"),
        ({"prompt": None},
         "prompt: template short version 1 (aaaaaaaaaaaa) -> none"),
        (_environment(git_commit="e" * 40), "code: commit cccccccccccc -> eeeeeeeeeeee"),
        (_environment(git_dirty=False), "code: uncommitted changes true -> false"),
        (_environment(python="3.13.1"), "package: python 3.11.7 -> 3.13.1"),
        (_environment(harness="0.2.0"), "package: golden-harness 0.1.0 -> 0.2.0"),
        (_environment(packages={}), "package: torch 2.13.0 -> none"),
        (_environment(cpu="abacus"), "machine: cpu Xeon -> abacus"),
        (_environment(threads=8), "machine: threads 2 -> 8"),
        ({"environments": [ENVIRONMENT, ENVIRONMENT | {"cpu": "abacus"}]},
         "machine: cpu Xeon -> Xeon or abacus"),
    ],
)  # fmt: skip
def test_the_part_that_changed_is_named(update: dict[str, object], expected: str) -> None:
    assert [str(one) for one in changes(ROW, ROW.model_copy(update=update))] == [expected]


def test_a_package_is_told_once_and_the_parts_have_an_order() -> None:
    update = _identity(backend={"torch": "3", "transformers": "5.23.0"}, window=1)
    update |= _environment(packages={"torch": "3"}, threads=1)
    assert [str(one) for one in changes(ROW, ROW.model_copy(update=update))] == [
        "decoding: window 8192 -> 1",
        "package: torch 2.13.0 -> 3",
        "machine: threads 2 -> 1",
    ]


def test_nothing_changed_is_nothing() -> None:
    assert changes(ROW, ROW) == []


def _refusals(board: Leaderboard, row: Row, metric: str = "f1") -> list[str]:
    return [str(one) for one in refusals((BOARD, ROW), (board, row), metric)]


def _signed(metric: str, signature: str) -> Row:
    number = ROW.metrics[metric].model_copy(update={"signature": signature})
    return ROW.model_copy(update={"metrics": ROW.metrics | {metric: number}})


def test_the_same_is_comparable() -> None:
    assert _refusals(BOARD, ROW) == []


def test_other_goldens_are_refused() -> None:
    other = BOARD.suite.model_copy(update={"hash": "0" * 64})
    assert _refusals(BOARD.model_copy(update={"suite": other}), ROW) == [
        f"data: suite {BOARD.suite.hash[:12]} -> 000000000000"
    ]


def test_another_primary_metric_is_refused() -> None:
    other = BOARD.model_copy(update={"primary": BOARD.primary | {"answer": "exact_match"}})
    assert _refusals(other, ROW) == ["metric: primary f1 -> exact_match"]


def test_a_row_without_the_primary_metric_is_refused() -> None:
    rest = {name: number for name, number in ROW.metrics.items() if name != "f1"}
    assert _refusals(BOARD, ROW.model_copy(update={"metrics": rest})) == [
        "metric: primary f1 -> none"
    ]


def test_another_signature_is_refused_by_what_differs_in_it() -> None:
    old = ROW.metrics["f1"].signature
    version = old.split("|")[-1]
    assert _refusals(BOARD, _signed("f1", old.replace(version, "other-9"))) == [
        f"metric: signature of f1 {version} -> other-9"
    ]


def test_a_metric_that_means_another_thing_is_refused() -> None:
    line = BOARD.metrics["f1"].model_copy(update={"direction": "lower"})
    board = BOARD.model_copy(update={"metrics": BOARD.metrics | {"f1": line}})
    assert _refusals(board, ROW) == [
        "metric: range of f1 0 to 1, higher is better -> 0 to 1, lower is better"
    ]


def test_the_signature_of_a_secondary_metric_is_told_and_refused_only_by_it() -> None:
    row = _signed("exact_match", "exact_match|x")
    assert _refusals(BOARD, row) == []
    assert len(_refusals(BOARD, row, "exact_match")) == 1
    (found,) = changes(ROW, row)
    assert (found.part, found.name) == ("metric", "signature of exact_match")
