"""What a request costs: known after it, at most before it, and never more than may be spent.

A server has its tokenizer and we do not. A text has no more tokens than bytes of UTF-8 with any
tokenizer in use, and about a quarter of them; the template of a chat adds a few to each message.
"""

import asyncio
import math
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field

from harness.errors import CostLimitError
from harness.models.model import CostLimit
from harness.prompting.prompts import Message

_MILLION = 1_000_000
_BYTES_PER_TOKEN = 4
# The most tokens that a server's template puts before a chat, and around each of its messages.
_TEMPLATE_TOKENS, _MESSAGE_TOKENS = 64, 16


class Prices(BaseModel):
    """What a million tokens cost, in any currency: the leaderboard's costs are in the same."""

    model_config = ConfigDict(extra="forbid", frozen=True, allow_inf_nan=False)

    input: Annotated[float, Field(ge=0, examples=[0.5])]
    """The price of a million tokens of prompts, in any currency."""
    output: Annotated[float, Field(ge=0, examples=[1.5])]
    """The price of a million tokens of replies, in the same."""

    def cost(self, input_tokens: float, output_tokens: float) -> float:
        """Return what so many tokens cost."""
        return (input_tokens * self.input + output_tokens * self.output) / _MILLION


def expected_tokens(messages: Sequence[Message]) -> int:
    """Return about how many tokens a prompt has: a quarter of its bytes."""
    return -(-_bytes(messages) // _BYTES_PER_TOKEN)


def max_tokens(messages: Sequence[Message]) -> int:
    """Return a number of tokens that a prompt does not pass."""
    return _bytes(messages) + _TEMPLATE_TOKENS + _MESSAGE_TOKENS * len(messages)


def _bytes(messages: Sequence[Message]) -> int:
    return sum(len(message["content"].encode()) for message in messages)


@dataclass
class Bill:
    """What a request costs: nothing before it is made, and `most` until the server says it."""

    most: float
    cost: float = 0.0


class Purse:
    """Pays for requests that are under way together, so that all of them keep the limit."""

    def __init__(self, limit: CostLimit) -> None:
        """Take the limit, which earlier requests may have spent some of."""
        self._limit = limit
        self._reserved: list[float] = []
        self._overrun = 1.0  # how many times the most a request did cost, if any cost more
        self._settled = asyncio.Condition()

    @asynccontextmanager
    async def paying(self, most: float) -> AsyncIterator[Bill]:
        """Set aside the most that a request can cost, and take from it what it did cost.

        Waits while there is no room for it beside the requests under way: they may cost less than
        they can. Raises CostLimitError if there is none when all of them are done. Once a server
        wrote more than it was allowed, or read more than it was sent, as much is set aside for it.
        """
        async with self._settled:
            await self._settled.wait_for(lambda: self._fits(most) or not self._reserved)
            reserved = most * self._overrun
            if not self._fits(most):
                spent = self._limit.spent
                raise CostLimitError(
                    f"{spent:.4g} is spent, and the next request may cost {reserved:.4g}"
                )
            self._reserved.append(reserved)
        bill = Bill(most)
        try:
            yield bill
        finally:
            async with self._settled:
                self._reserved.remove(reserved)
                self._limit.spent += bill.cost
                if bill.cost > most > 0:
                    self._overrun = max(self._overrun, bill.cost / most)
                self._settled.notify_all()

    def _fits(self, most: float) -> bool:
        costs = [self._limit.spent, *self._reserved, most * self._overrun]
        return math.fsum(costs) <= self._limit.limit
