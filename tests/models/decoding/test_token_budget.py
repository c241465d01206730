import os
import subprocess
import sys
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

import pytest

from harness.models.checkpoint.memory import free_memory
from harness.models.decoding.token_budget import TokenBudget

Tiny = Callable[..., Path]


def _sizes(
    budget: TokenBudget, items: Sequence[int], most: int, results_before: int = 0
) -> tuple[list[int | Exception], list[int]]:
    """Return what came of the items, and the sizes of the batches tried, failed ones included.

    More than `most` at once raise a real MemoryError, after so many results.
    """
    tried = []

    def work(batch: Sequence[int]) -> Iterator[tuple[int, int]]:
        tried.append(len(batch))
        for place, item in enumerate(batch):
            if len(batch) > most and place == results_before:
                bytearray(1 << 62)
            yield place, 10 * item

    outcomes = list(budget.run_batches(work, iter(items), sum))
    assert [item for item, _ in outcomes] == list(items)
    return [outcome for _, outcome in outcomes], tried


@pytest.mark.parametrize(
    ("tokens", "items", "most", "tried"),
    [
        (100, [1] * 8, 8, [8]),
        (4, [1] * 8, 8, [4, 4]),
        (5, [4, 3, 2, 1, 1, 1], 6, [1, 2, 3]),  # 4; 3 + 2; 1 + 1 + 1
        (1, [9, 9], 6, [1, 1]),  # what is over the budget by itself goes alone
        (100, [1] * 8, 3, [8, 4, 2, 2, 2, 2]),
        (100, [2, 2, 2, 1], 1, [4, 2, 1, 1, 1, 1]),
        (100, [], 1, []),
    ],
)
def test_batches_fit_and_halve(tokens: int, items: list[int], most: int, tried: list[int]) -> None:
    assert _sizes(TokenBudget(tokens), items, most) == ([10 * item for item in items], tried)


def test_what_did_not_fit_is_not_tried_again() -> None:
    budget = TokenBudget(100)
    assert _sizes(budget, [1] * 8, 4)[1] == [8, 4, 4]
    assert _sizes(budget, [1] * 8, 4)[1] == [4, 4]


def test_what_was_done_before_memory_ran_out_is_not_done_again() -> None:
    """Of eight three are done: of the other five two are tried, and no more together."""
    outcomes, tried = _sizes(TokenBudget(100), [1] * 8, 4, results_before=3)
    assert outcomes == [10] * 8
    assert tried == [8, 2, 2, 1]


def test_one_that_does_not_fit_has_failed() -> None:
    outcomes, tried = _sizes(TokenBudget(100), [1, 1], 0)
    assert [type(outcome) for outcome in outcomes] == [MemoryError, MemoryError]
    assert tried == [2, 1, 1]


def test_what_fails_fails_alone_and_halves_nothing() -> None:
    """The third makes the first batch fail; all four go alone then, and the rest together again."""
    tried = []

    def work(batch: Sequence[int]) -> Iterator[tuple[int, int]]:
        tried.append(list(batch))
        if 3 in batch:
            raise RuntimeError("shapes cannot be multiplied")
        yield from enumerate(batch)

    outcomes = list(TokenBudget(10).run_batches(work, iter([1, 2, 3, 4, 5, 5]), sum))
    assert [item for item, _ in outcomes] == [1, 2, 3, 4, 5, 5]
    assert [str(outcome) for _, outcome in outcomes if isinstance(outcome, Exception)] == [
        "shapes cannot be multiplied"
    ]
    assert tried == [[1, 2, 3, 4], [1], [2], [3], [4], [5, 5]]


def test_items_are_taken_when_their_batch_begins() -> None:
    taken = []

    def items() -> Iterator[int]:
        for item in (3, 3, 3, 3):
            taken.append(item)
            yield item

    outcomes = TokenBudget(6).run_batches(enumerate, items(), sum)
    next(outcomes)
    assert len(taken) == 3  # two that fit, and the one that does not


def test_free_memory_is_the_machines() -> None:
    psutil = pytest.importorskip("psutil")
    before = psutil.virtual_memory().available
    free = free_memory("cpu")
    after = psutil.virtual_memory().available
    if free is not None:  # other processes take some and give some back meanwhile
        assert 0.8 * min(before, after) < free < 1.2 * max(before, after)


SCRIPT = """
import resource, sys
from pathlib import Path
from harness.models.roster.roster import read_rosters
from harness.records import Query

model = read_rosters([Path(sys.argv[1])])["model"].model
model.load()
queries = [Query(sys.argv[2], "Ann met Bob in Rome. " * 20, f"Who met {i}?") for i in range(24)]
model.predict(queries[:2])  # what is made once is made
pages = int(Path("/proc/self/statm").read_text().split()[0])
whole = model.predict(queries)
limit = pages * resource.getpagesize() + 72 * 2**20
resource.setrlimit(resource.RLIMIT_AS, (limit, limit))
halved = model.predict(queries)
assert all(one.raw for one in whole), whole
assert [one.raw for one in halved] == [one.raw for one in whole], (whole, halved)
print(min(one.batch for one in whole), min(one.batch for one in halved))
"""
# A few tokens do: each step needs the same memory.
SHORT = """
name = "short"
version = 1
task = "answer"
max_new_tokens = 8
no_answer = "unanswerable"
user = "{article} {question}"
"""
ROSTERS = {
    "causal": 'kind = "causal"\nprompts = { answer = "short" }\n',
    "seq2seq": 'kind = "seq2seq"\nmax_new_tokens = 8\n',
}


@pytest.mark.skipif(not Path("/proc/self/statm").exists(), reason="limits memory as Linux does")
@pytest.mark.parametrize(
    ("kind", "task"),
    [("causal", "answer"), pytest.param("seq2seq", "summarize", marks=pytest.mark.minutes)],
)
def test_a_batch_that_memory_does_not_hold_is_halved_and_nothing_is_lost(
    tiny_folder: Tiny, tmp_path: Path, kind: str, task: str
) -> None:
    from tests import tiny

    # Vocabularies are what makes batches large: a row of scores for each prompt.
    folder = tiny.wide(tmp_path / kind, tiny_folder("llama" if kind == "causal" else "bart"))
    roster = tmp_path / "roster.toml"
    roster.write_text(f'[model]\n{ROSTERS[kind]}weights = {{ folder = "{folder}" }}\n')
    (tmp_path / "prompts").mkdir()
    (tmp_path / "prompts" / "short.toml").write_text(SHORT, encoding="utf-8")
    done = subprocess.run(
        [sys.executable, "-c", SCRIPT, str(roster), task],
        env={**os.environ, "OMP_NUM_THREADS": "1", "MALLOC_ARENA_MAX": "1"},
        capture_output=True,
        text=True,
        timeout=600,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    together, fewer = map(int, done.stdout.split())
    assert together == 24
    assert fewer < together
