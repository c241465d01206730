"""A prompt under way: what is asked for, what it has written, and when it ends."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from harness.models.decoding.choice import Choice

if TYPE_CHECKING:
    from harness.models.attention.shared_prefixes import SharedPrefix

Tokens = tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Request:
    """A prompt to continue with at most `max_new_tokens` tokens, in two parts.

    Its prefix is computed alone, once for all prompts that share it. `place` is what the caller
    calls it.
    """

    place: int
    prefix: Tokens
    suffix: Tokens
    max_new_tokens: int

    @property
    def prompt(self) -> list[int]:
        """All its tokens."""
        return [*self.prefix, *self.suffix]


def split_prompt(
    place: int, prompt: Sequence[int], max_new_tokens: int, shared: int = 0
) -> Request:
    """Return the request for a prompt, `shared` of whose first tokens other prompts may have too.

    One that shares nothing is a prefix by itself, but for its last token: suffixes of many
    tokens wait for each other.
    """
    end = shared or len(prompt) - 1
    return Request(place, tuple(prompt[:end]), tuple(prompt[end:]), max_new_tokens)


@dataclass(frozen=True, slots=True)
class Reply:
    """What was written for a prompt or a source, and how many were decoded with it.

    `tokens` are a prompt's continuation, its end token left out; of an encoder-decoder all tokens,
    those that start the decoder and end the text too. `ended` says whether the model ended it, not
    the limit, and `finite` whether all its logits were numbers. `guessed` counts the tokens that
    were guessed, and `right` those that were right; both are `None` where nothing guesses.
    """

    tokens: list[int]
    batch_size: int
    ended: bool
    finite: bool
    guessed: int | None = None
    right: int | None = None


Outcome = Reply | Exception


@dataclass(frozen=True, slots=True)
class Rules:
    """What transformers prepares for a prompt: processors of its scores, and what ends its reply.

    `stop` is its criterion of stop strings, `None` for a checkpoint that has none.
    """

    processors: Any
    stop: Any
    eos_ids: frozenset[int]


@dataclass(slots=True)
class Row:
    """A request with its reply so far.

    `cached` counts the tokens after its prefix whose keys and values are kept. `fed` goes through
    the model next; the last `drafted` of it are guesses at the reply. `reach` is how many
    may be guessed. `guessed` and `right` count all guesses so far, and those that were right.
    """

    request: Request
    prefix: "SharedPrefix"
    rules: Rules
    fed: list[int]
    cached: int = 0
    drafted: int = 0
    reach: int = 0
    guessed: int = 0
    right: int = 0
    batch_size: int = 1
    written: list[int] = field(default_factory=list)
    finite: bool = True
    undecided: bool = False
    done: bool = False

    @property
    def kept_logits(self) -> int:
        """How many of the last fed tokens are followed by a token of the reply."""
        return self.drafted + 1

    def tokens_before(self, guesses: int) -> list[int]:
        """Return all tokens that stand before the one after so many guesses."""
        guessed = self.fed[len(self.fed) - self.drafted :]
        return [*self.request.prompt, *self.written, *guessed[:guesses]]

    def take(self, choices: Sequence[Choice]) -> int:
        """Go on by what is said after the last fed tokens; return how many guesses were right."""
        guesses = self.fed[len(self.fed) - self.drafted :]
        right = 0
        for choice, guess in zip(choices, [*guesses, None], strict=True):
            self.finite = choice.finite
            self.undecided = choice.finite and choice.close
            if not choice.finite or choice.close:
                self.done = True
                break
            if choice.token in self.rules.eos_ids:
                self.done = True
                break
            self.written.append(choice.token)
            self.done = self._is_complete()
            if self.done or choice.token != guess:
                break
            right += 1
        self.cached += len(self.fed) - self.drafted + right
        self.guessed += self.drafted
        self.right += right
        self.fed = self.written[-1:]
        return right

    def _is_complete(self) -> bool:
        if len(self.written) == self.request.max_new_tokens:
            return True
        if self.rules.stop is None:
            return False
        import torch

        ids = torch.tensor([self.tokens_before(0)])
        return bool(self.rules.stop(ids, None).all())

    def reply(self) -> Reply:
        """Return what came of it, when it is done."""
        ended = len(self.written) < self.request.max_new_tokens
        return Reply(self.written, self.batch_size, ended, self.finite, self.guessed, self.right)
