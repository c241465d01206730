"""Attention over shared prefixes and suffixes. The authority is the definition, in float64."""

import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import pytest
import torch

from harness.models.attention.compiled import CompiledAttention, can_compile
from harness.models.attention.prefix_cache import PrefixCache
from harness.models.attention.shared_prefixes import SharedPrefix, Span, SuffixCache
from harness.models.compiled import openmp

CPU = torch.device("cpu")
KINDS = {"compiled": True, "by torch": False}
# Keys that come at once, and many: 1,024 are a piece of few tokens, 256 are worked on together.
STEPS = {
    "one token": [(0, 70, 5, 1)],
    "few tokens of one row": [(0, 1500, 3, 7)],
    "rows of different prefixes": [(0, 33, 2, 1), (1, 64, 31, 1), (2, 1100, 0, 3)],
    "rows that share a prefix": [(0, 300, 2, 1), (0, 300, 40, 1), (0, 300, 31, 1)],
    "rows that come beside others": [(0, 300, 40, 1), (0, 300, 0, 40), (0, 300, 7, 2)],
    "many tokens": [(0, 1030, 0, 70), (0, 1030, 300, 70)],
}
HEADS = {"9 of 3": (9, 3), "2 of 2": (2, 2), "8 of 1": (8, 1)}


@pytest.fixture(autouse=True)
def _same_numbers() -> None:
    torch.manual_seed(0)


@dataclass
class _Row:
    """A row's prefix and its own keys and values, heads x tokens x width, and its new queries."""

    prefix: tuple[torch.Tensor, torch.Tensor]
    own: tuple[torch.Tensor, torch.Tensor]
    queries: torch.Tensor


def _by_definition(row: _Row) -> torch.Tensor:
    """Return tokens x heads x width of a row's attention: softmax of products, causal."""
    keys, values = (
        torch.cat(parts, dim=1).double() for parts in zip(row.prefix, row.own, strict=True)
    )
    heads, tokens, _ = row.queries.shape
    group = heads // len(keys)
    keys, values = keys.repeat_interleave(group, 0), values.repeat_interleave(group, 0)
    scores = row.queries.double() @ keys.transpose(1, 2)
    last = keys.shape[1] - tokens + torch.arange(tokens)
    scores[:, torch.arange(keys.shape[1]) > last[:, None]] = -torch.inf
    return (scores.softmax(dim=-1) @ values).transpose(0, 1)


def _rows(
    spans: Sequence[tuple[int, int, int, int]], heads: int, kv_heads: int, width: int
) -> list[_Row]:
    prefixes = {
        name: (torch.randn(kv_heads, length, width), torch.randn(kv_heads, length, width))
        for name, length, _, _ in spans
    }
    return [
        _Row(
            prefixes[name],
            (
                torch.randn(kv_heads, cached + fed, width),
                torch.randn(kv_heads, cached + fed, width),
            ),
            torch.randn(heads, fed, width) * 0.3,
        )
        for name, _, cached, fed in spans
    ]


def _attend(
    rows: Sequence[_Row], spans: Sequence[tuple[int, int, int, int]], *, compiled: bool
) -> list[torch.Tensor]:
    """Return what each row's attention comes to, tokens x heads x width."""
    prefixes: dict[int, SharedPrefix] = {}
    for row, (name, length, _, _) in zip(rows, spans, strict=True):
        if name not in prefixes:
            cache = PrefixCache(1, length, compiled=compiled)
            cache.update(row.prefix[0][None], row.prefix[1][None], 0)
            prefixes[name] = SharedPrefix(cache)
    suffixes = SuffixCache(1)
    before = [(slot, span) for slot, span in enumerate(spans) if span[2]]
    for fed in (False, True):
        told = [
            Span(prefixes[name], slot, cached, new)
            if fed
            else Span(prefixes[name], slot, 0, cached)
            for slot, (name, _, cached, new) in (enumerate(spans) if fed else before)
        ]
        if not told:
            continue
        suffixes.feed(told, CPU)
        states = [
            torch.cat(
                [
                    rows[span.slot].own[which][:, span.cached : span.cached + span.fed]
                    for span in told
                ],
                dim=1,
            )
            for which in (0, 1)
        ]
        keys, values = suffixes.update(states[0][None], states[1][None], 0)
    assert isinstance(suffixes._attention, CompiledAttention) == compiled
    query = torch.cat([row.queries for row in rows], dim=1)[None]
    # As a model has it: tokens x heads x width in memory.
    query = query.transpose(1, 2).contiguous().transpose(1, 2)
    out = suffixes.attend(0, query, keys, values)
    return list(out[0].split([row.queries.shape[1] for row in rows]))


@pytest.mark.parametrize("heads", HEADS)
@pytest.mark.parametrize("width", [32, 64, 96])
@pytest.mark.parametrize("step", STEPS)
@pytest.mark.parametrize("kind", KINDS)
def test_attention_is_that_of_the_definition(kind: str, step: str, width: int, heads: str) -> None:
    rows = _rows(STEPS[step], *HEADS[heads], width)
    for given, row in zip(_attend(rows, STEPS[step], compiled=KINDS[kind]), rows, strict=True):
        torch.testing.assert_close(given.double(), _by_definition(row), rtol=0, atol=1e-5)


def test_one_thread_comes_to_the_same(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(openmp, "_gnu_parallel", lambda: None)
    spans = STEPS["rows that come beside others"]
    rows = _rows(spans, 9, 3, 64)
    for given, row in zip(_attend(rows, spans, compiled=True), rows, strict=True):
        torch.testing.assert_close(given.double(), _by_definition(row), rtol=0, atol=1e-5)


@pytest.mark.parametrize("scale", [1e-6, 30.0])
def test_scores_that_are_small_and_such_that_one_key_has_all_the_weight(scale: float) -> None:
    spans = STEPS["few tokens of one row"]
    (row,) = _rows(spans, 9, 3, 64)
    row.queries *= scale
    (given,) = _attend([row], spans, compiled=True)
    # A score has a relative error, and weights its exponential.
    torch.testing.assert_close(given.double(), _by_definition(row), rtol=0, atol=2e-4)


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize(
    ("place", "bad"),
    [("key", torch.nan), ("query", torch.nan), ("value", torch.nan), ("value", torch.inf)],
)
def test_what_is_no_number_stays_with_its_row(kind: str, place: str, bad: float) -> None:
    """Where a row looks at it, it has no number there; no other row is touched."""
    spans = STEPS["rows that share a prefix"]
    rows = _rows(spans, 9, 3, 64)
    tensor = {"key": rows[1].own[0], "value": rows[1].own[1], "query": rows[1].queries}[place]
    tensor[0, 0, 5] = bad
    first, second, third = _attend(rows, spans, compiled=KINDS[kind])
    heads = slice(1) if place == "query" else slice(3)
    widths = slice(5, 6) if place == "value" else slice(None)
    touched = torch.zeros(second.shape, dtype=torch.bool)
    touched[:, heads, widths] = True
    assert torch.equal(~second.isfinite(), touched)
    assert first.isfinite().all()
    assert third.isfinite().all()


@pytest.mark.parametrize("lengths", [(1,), (512, 512, 77), (31, 2, 300)])
def test_a_prefix_is_attended_to_while_it_comes(lengths: tuple[int, ...]) -> None:
    cache = PrefixCache(2, sum(lengths), compiled=True)
    keys, values = torch.randn(2, 3, sum(lengths), 64)
    queries = torch.randn(9, sum(lengths), 64) * 0.3
    begin, given = 0, []
    for length in lengths:
        part = slice(begin, begin + length)
        for layer in (0, 1):
            kept = cache.update(keys[None, :, part], values[None, :, part], layer)
            out = cache.attend(layer, queries[None, :, part], *kept)
        given.append(out[0])
        begin += length
    nothing = torch.empty(3, 0, 64)
    expected = _by_definition(_Row((nothing, nothing), (keys, values), queries))
    torch.testing.assert_close(torch.cat(given).double(), expected, rtol=0, atol=1e-5)
    assert cache.get_seq_length() == sum(lengths)


def test_what_compiled_code_cannot_read_is_refused() -> None:
    for width, dtype in ((8, torch.float32), (48, torch.float32)):
        cache = PrefixCache(1, 5, compiled=True)
        cache.update(torch.ones(1, 2, 5, width, dtype=dtype), torch.ones(1, 2, 5, width), 0)
        with pytest.raises(ValueError, match="heads"):
            SharedPrefix(cache)


def test_without_numba_nothing_is_compiled(monkeypatch: pytest.MonkeyPatch) -> None:
    assert can_compile()
    monkeypatch.setitem(sys.modules, "harness.models.attention.compiled_task", None)
    assert not can_compile()


def test_one_thread_does_not_stand_in_for_several(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(openmp, "_gnu_parallel", lambda: None)
    monkeypatch.setattr(torch, "get_num_threads", lambda: 2)
    assert not can_compile()
    monkeypatch.setattr(torch, "get_num_threads", lambda: 1)
    assert can_compile()


def test_a_task_is_kept_under_what_its_files_are(tmp_path: Path) -> None:
    """Numba looks at a task's own file alone: what it calls of others must not be an older one."""
    from harness.models.compiled.tasks import _sources

    (tmp_path / "a.py").write_text("1")
    first = _sources(tmp_path)
    (tmp_path / "b.py").write_text("2")
    second = _sources(tmp_path)
    (tmp_path / "b.py").write_text("3")
    assert len({first, second, _sources(tmp_path)}) == 3
