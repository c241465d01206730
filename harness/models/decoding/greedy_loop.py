"""The loop over a model's forward passes: rows come, go on by what greedy decoding says, and leave.

A text is what transformers' own `generate` writes, one prompt at a time, in float32. How numbers
are rounded depends on what is computed together; where the two best scores of a token are so near
that this could decide between them, the prompt is given to `generate` alone.
"""

import inspect
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import torch

from harness.models.attention.registration import attention_by
from harness.models.attention.shared_prefixes import SharedPrefix, Span, SuffixCache
from harness.models.checkpoint.memory import release_memory, trim_memory
from harness.models.checkpoint.row_count import check_row_count
from harness.models.decoding.choice import Choice, greedy_choices
from harness.models.decoding.lookup import continuation
from harness.models.decoding.products import Products
from harness.models.decoding.row import Outcome, Reply, Request, Row, Rules, Tokens
from harness.models.decoding.token_budget import TokenBudget, out_of_memory
from harness.models.decoding.waiting import Waiting, cost_of

# More rows are a twentieth faster on a CPU, and hold tens of megabytes of keys and values.
_MOST_ROWS = {"cpu": 24}
_MOST_ROWS_ELSEWHERE = 64
# Tokens that go through a model together for little more than the time of one, which its weights
# take to come out of memory; guesses are among them.
_TOKENS_FOR_ONE = 8
_FIRST_REACH, _MOST_REACH = 3, 7


@dataclass(slots=True)
class Tally:
    """What was done: passes, tokens written, guessed and guessed right, rows decided alone."""

    passes: int = 0
    written: int = 0
    guessed: int = 0
    right: int = 0
    alone: int = 0


@dataclass(frozen=True)
class Loop:
    """What the loop asks of a loaded model.

    `prefill` gives the keys and values of first tokens, `rules` what transformers prepares for a
    prompt, `alone` what its `generate` writes, `products` how its layers multiply. `exact` says
    that texts are to be those of `generate`.
    """

    model: Any
    prefill: Callable[[Tokens], SharedPrefix]
    rules: Callable[[Request], Rules]
    alone: Callable[[Request], Reply]
    products: Products
    exact: bool


class GreedyLoop:
    """Rows under way, and the keys and values that they need."""

    def __init__(self, loop: Loop, budget: TokenBudget) -> None:
        """Hold no row yet."""
        self._loop = loop
        self._budget = budget
        self._most_rows = _MOST_ROWS.get(loop.model.device.type, _MOST_ROWS_ELSEWHERE)
        self._prefixes: dict[Tokens, SharedPrefix] = {}
        self._forget_rows()
        self._keeps_logits = "logits_to_keep" in _parameters(loop.model)
        self.tally = Tally()

    def run(self, requests: Iterator[Request]) -> Iterator[tuple[int, Outcome]]:
        """Yield each request's place and its reply, or why it has none, as they are done.

        Requests are taken when there is room. What fails with others is tried again without.
        """
        waiting = Waiting(requests)
        one_by_one = 0
        try:
            while waiting or self._rows:
                failure: Exception | None = None
                finished: list[tuple[Request, Outcome]] = []
                try:
                    self._admit(waiting, 1 if one_by_one else self._most_rows)
                    finished = self._step()
                except Exception as error:  # a row's failure, or memory's
                    failure = error.with_traceback(None)  # which holds what is to be released
                if failure is not None:
                    under_way = self._give_back()
                    if len(under_way) == 1:
                        finished = [(under_way[0], failure)]
                    else:
                        waiting.put_back(under_way)
                        if out_of_memory(failure):
                            self._budget.tokens = cost_of(under_way[: len(under_way) // 2])
                        else:
                            one_by_one = len(under_way)
                for request, outcome in finished:
                    one_by_one = max(0, one_by_one - 1)
                    yield request.place, outcome
        finally:
            self._forget_rows()
            self._prefixes.clear()
            trim_memory()

    def _forget_rows(self) -> None:
        self._slots: list[Row | None] = []
        self._joining: Request | None = None
        self._cache: SuffixCache | None = None

    @property
    def _rows(self) -> list[Row]:
        return [row for row in self._slots if row]

    def _give_back(self) -> list[Request]:
        """Return the requests under way, to be begun anew, and release what they hold."""
        under_way = [row.request for row in self._rows]
        if self._joining:
            under_way.append(self._joining)
        self._forget_rows()
        self._prefixes.clear()
        release_memory()
        return under_way

    def _admit(self, waiting: Waiting[Request], most_rows: int) -> None:
        """Take requests while they fit."""
        while len(self._rows) < most_rows and waiting:
            request = waiting.first
            together = [*(row.request for row in self._rows), request]
            if self._rows and cost_of(together) > self._budget.tokens:
                return
            self._joining = waiting.take()
            row = Row(
                request, self._prefix(request), self._loop.rules(request), list(request.suffix)
            )
            row.reach = _FIRST_REACH
            hole = next((slot for slot, held in enumerate(self._slots) if held is None), None)
            if hole is None:
                self._slots.append(row)
            else:
                self._slots[hole] = row
            self._joining = None

    def _prefix(self, request: Request) -> SharedPrefix:
        if request.prefix not in self._prefixes:
            used = {row.request.prefix for row in self._rows}
            for tokens in self._prefixes.keys() - used:
                del self._prefixes[tokens]
            self._prefixes[request.prefix] = self._loop.prefill(request.prefix)
            trim_memory()  # what lay between the layers
        return self._prefixes[request.prefix]

    def _step(self) -> list[tuple[Request, Outcome]]:
        """Let each row go on; return those that are done, which leave."""
        rows = self._rows
        self._guess(rows)
        cache = self._cache = self._cache or SuffixCache(len(rows[0].prefix.layers))
        choices = iter(self._choices(rows, self._forward(cache, rows)))
        for row in rows:
            row.batch_size = max(row.batch_size, len(rows))
            before = len(row.written)
            self.tally.guessed += row.drafted
            right = row.take([next(choices) for _ in range(row.kept_logits)])
            self.tally.right += right
            self.tally.written += len(row.written) - before
            if row.drafted:
                row.reach = _MOST_REACH if right == row.drafted else max(1, right)
            row.drafted = 0
        done = [row for row in rows if row.done]
        finished: list[tuple[Request, Outcome]] = [(row.request, self._reply(row)) for row in done]
        for row in done:
            self._leave(cache, row)
        if not self._rows:
            self._cache = None
        return finished

    def _reply(self, row: Row) -> Reply:
        if not row.undecided:
            return row.reply()
        self.tally.alone += 1
        return self._loop.alone(row.request)

    def _leave(self, cache: SuffixCache, row: Row) -> None:
        """Free a row's slot; the last of its neighbours with the same prefix moves there."""
        slot = last = next(index for index, held in enumerate(self._slots) if held is row)
        if not row.finite:  # what is masked is multiplied by 0, which leaves no number as it is
            cache.clear(slot)
        while last + 1 < len(self._slots):
            neighbour = self._slots[last + 1]
            if neighbour is None or neighbour.prefix is not row.prefix:
                break
            last += 1
        if last != slot:
            cache.move(last, slot)
            self._slots[slot] = self._slots[last]
        self._slots[last] = None
        while self._slots and self._slots[-1] is None:
            self._slots.pop()

    def _guess(self, rows: Sequence[Row]) -> None:
        """Let rows that have written feed guesses too, as long as these cost next to nothing."""
        room = _TOKENS_FOR_ONE - sum(len(row.fed) for row in rows)
        writing = [row for row in rows if row.written]
        for count, row in enumerate(writing):
            most = min(
                row.reach,
                room // (len(writing) - count),
                row.request.max_new_tokens - len(row.written) - 1,
            )
            if most > 0:
                guesses = continuation([*row.request.prompt, *row.written], most)
                row.fed = [*row.fed, *guesses]
                row.drafted = len(guesses)
                room -= row.drafted

    def _forward(self, cache: SuffixCache, rows: Sequence[Row]) -> Any:
        """Return the logits after each row's last fed tokens, tokens x vocabulary."""
        model = self._loop.model
        device = model.device
        spans = [
            Span(row.prefix, slot, row.cached, len(row.fed))
            for slot, row in enumerate(self._slots)
            if row
        ]
        cache.feed(spans, device)
        ids: list[int] = []
        positions: list[int] = []
        kept: list[int] = []
        for row in rows:
            begin = row.prefix.length + row.cached
            ids += row.fed
            positions += range(begin, begin + len(row.fed))
            kept += range(len(ids) - row.kept_logits, len(ids))
        places = torch.tensor(kept, device=device)
        options = {"logits_to_keep": places} if self._keeps_logits else {}
        with (
            torch.inference_mode(),
            attention_by(model, cache),
            self._loop.products.in_use(),
        ):
            logits = model(
                input_ids=torch.tensor([ids], device=device),
                position_ids=torch.tensor([positions], device=device),
                past_key_values=cache,
                use_cache=True,
                **options,
            ).logits
        check_row_count(logits, 1)
        self.tally.passes += 1
        return logits[0] if self._keeps_logits else logits[0][places]

    def _choices(self, rows: Sequence[Row], logits: Any) -> list[Choice]:
        """Return what greedy decoding says of each row of logits, as `generate` would alone."""
        with torch.inference_mode():
            scores = logits.to(torch.float32, copy=True)
            place = 0
            for row in rows:
                for guesses in range(row.kept_logits):
                    if row.rules.processors:
                        before = torch.tensor([row.tokens_before(guesses)], device=scores.device)
                        scores[place] = row.rules.processors(before, scores[place][None])[0]
                    place += 1
            return greedy_choices(logits, scores, exact=self._loop.exact)


def _parameters(model: Any) -> set[str]:
    return set(inspect.signature(model.forward).parameters)
