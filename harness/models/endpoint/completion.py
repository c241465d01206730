"""What we read of a chat completion (OpenAI's API reference, "The chat completion object")."""

import math
from collections.abc import Mapping
from typing import Annotated, Any

from pydantic import AfterValidator, BaseModel, BeforeValidator, Field

from harness.errors import ModelError
from harness.prompting.postprocessing import is_silence
from harness.records import Candidate

# More tokens than any model reads: what a server says beyond is no count.
Count = Annotated[int, Field(ge=0, le=10**9)]

# Asks for the alternatives of each token: for as many as OpenAI's API gives.
LOGPROBS: Mapping[str, Any] = {"logprobs": True, "top_logprobs": 20}


def _joined_text(content: object) -> object:
    """Return the text of a content that comes in parts, as Mistral's does; thoughts are none of it.

    What is no list of such parts is returned as it is.
    """
    if not isinstance(content, list) or not all(isinstance(part, dict) for part in content):
        return content
    kinds = {part.get("type") for part in content}
    if not kinds <= {"text", "output_text", "thinking", "reasoning"}:
        return content
    texts = [part.get("text") for part in content if part["type"] in ("text", "output_text")]
    # Thoughts alone are no text, and so no answer.
    return "".join(map(str, texts)) if texts else None


class Message(BaseModel):
    """A reply's text, and what servers send in its place: each in a field of its own."""

    content: Annotated[str | None, BeforeValidator(_joined_text)] = None
    refusal: Any = None
    reasoning_content: Any = None  # vLLM, SGLang, llama.cpp, DeepSeek
    reasoning: Any = None  # OpenRouter, Ollama, newer vLLM
    reasoning_details: Any = None  # OpenRouter
    thinking: Any = None  # Ollama
    tool_calls: Any = None
    function_call: Any = None

    @property
    def instead(self) -> str | None:
        """What stands beside the text, of which an empty one is then no answer; `None`: nothing."""
        if self.refusal:
            return "a refusal"
        thoughts = (
            self.reasoning_content, self.reasoning, self.reasoning_details, self.thinking,
        )  # fmt: skip
        if any(thoughts):
            return "thoughts alone; the server may take the answer for one of them"
        return "a call of a tool" if self.tool_calls or self.function_call else None


def _log_probability(value: float) -> float:
    """Return a number that can be the logarithm of a probability, rounded up a little perhaps.

    NaN cannot: it must not be taken for any probability.
    """
    if not value <= 1:
        raise ValueError(f"{value} is no log probability")
    return value


class TokenLogprob(BaseModel):
    """A token with the natural logarithm of its probability."""

    token: str
    logprob: Annotated[float, AfterValidator(_log_probability)]


class WrittenToken(TokenLogprob):
    """A token of the reply, with what else could have stood in its place, likeliest first."""

    top_logprobs: list[TokenLogprob] = []


class Logprobs(BaseModel):
    """The tokens of the reply, where they were asked for and are given."""

    content: list[WrittenToken] | None = None


class Choice(BaseModel):
    """One reply, its number among several, why it ended, and what broke it off (OpenRouter)."""

    index: int = 0
    message: Message
    logprobs: Logprobs | None = None
    finish_reason: str | None = None
    error: Any = None

    @property
    def first_tokens(self) -> tuple[Candidate, ...]:
        """What could have stood where the reply has its first letter or digit, likeliest first."""
        for written in (self.logprobs.content if self.logprobs else None) or ():
            if any(map(str.isalnum, written.token)):
                return tuple(
                    Candidate(one.token, 0, 0, min(1.0, math.exp(one.logprob)))
                    for one in written.top_logprobs
                )
        return ()


class Usage(BaseModel):
    """How many tokens the server counted; `None` where it does not say."""

    prompt_tokens: Count | None = None
    completion_tokens: Count | None = None


# How servers say that they, or a filter of theirs, broke a reply off: what stands there is a part.
# OpenAI's and Azure's words, SGLang's, DeepSeek's, Gemini's, and what gateways make of them.
_BROKEN_OFF = (
    "error", "abort", "aborted", "cancelled", "canceled", "timeout", "content_filter",
    "insufficient_system_resource", "safety", "recitation", "blocklist", "prohibited_content",
    "spii",
)  # fmt: skip
# No language has so many characters a token in a text as long as this.
_CHARACTERS_OF_A_TOKEN, _LONG_PROMPT = 8, 2000
# What servers call an end that the model chose: OpenAI's and TGI's. Of no other is "" an answer.
_CHOSEN_ENDS = ("stop", "eos_token", "stop_sequence")
# So many tokens may end a reply that says nothing: an end token, line breaks, empty thoughts.
_SILENT_TOKENS = 16


class Completion(BaseModel):
    """The server's replies, the model that it names, its counts, and an error beside them."""

    choices: Annotated[list[Choice], Field(min_length=1)]
    model: str | None = None
    usage: Usage | None = None
    error: Any = None

    @property
    def choice(self) -> Choice:
        """The first reply by the numbers that they have, whatever their order."""
        return min(self.choices, key=lambda choice: choice.index)

    @property
    def is_broken(self) -> bool:
        """Whether the server says that it failed, under a status that says it did not."""
        choice = self.choice
        return bool(self.error or choice.error) or choice.finish_reason == "error"

    @property
    def is_broken_off(self) -> bool:
        """Whether the server says that what it sends is the beginning of a reply."""
        return (self.choice.finish_reason or "").lower() in _BROKEN_OFF

    def told_of_cut(self, characters: int) -> str | None:
        """Return what to tell where the server counts too few tokens for a prompt this long."""
        read = (self.usage or Usage()).prompt_tokens
        if not read or characters < max(_LONG_PROMPT, _CHARACTERS_OF_A_TOKEN * read):
            return None
        return (
            f"counts {read:,} tokens in a prompt of {characters:,} characters: it may have cut it, "
            "as Ollama does at its num_ctx, or counts only what it has not read before; see its log"
        )

    def answer(self, host: str) -> str:
        """Return the reply's text; raise ModelError where what came from `host` is no answer.

        An empty text is one, "the article does not say", where the model chose to say nothing.
        """
        choice = self.choice
        raw = choice.message.content
        if raw is None:  # a filter, a tool call, or thoughts alone: not an empty answer
            raise ModelError(f"{host}: the reply has no text (it ended by: {choice.finish_reason})")
        if is_silence(raw) and choice.message.instead:
            raise ModelError(f"{host}: the reply has no text but {choice.message.instead}")
        if (choice.finish_reason or "").lower() not in _CHOSEN_ENDS and is_silence(raw):
            raise ModelError(
                f"{host}: the reply has no text, and it is not said that the model chose to stop "
                f"(it ended by: {choice.finish_reason}); if its tokens were used up, raise the "
                "prompt's max_new_tokens"
            )
        if self.is_broken_off:
            raise ModelError(
                f"{host}: the reply was broken off (it ended by: {choice.finish_reason}), so its "
                "text is a part"
            )
        usage = self.usage or Usage()
        if not raw.strip() and (usage.completion_tokens or 0) > _SILENT_TOKENS:
            raise ModelError(
                f"{host}: the server counts {usage.completion_tokens:,} tokens of the reply and "
                "sends no text; they may be thoughts, which it keeps: raise the prompt's "
                "max_new_tokens, or let it send them"
            )
        return raw
