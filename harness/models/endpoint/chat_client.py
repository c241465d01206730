"""One question to a chat server and its reply: deadline, retries, and what is never passed on.

Only 429 and 5xx are tried again. A redirect is not followed, and the key appears in no text
that leaves this module. What a server sends is checked before it is believed.
"""

import asyncio
import email.utils
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC
from typing import TYPE_CHECKING, Any
from urllib.parse import urljoin, urlsplit

from pydantic import ValidationError

from harness.errors import ModelError
from harness.files import parse_json
from harness.models.endpoint.completion import Completion
from harness.models.endpoint.prices import Bill
from harness.models.endpoint.reply_bound import ReplyTooLongError
from harness.prompting.prompts import Message

if TYPE_CHECKING:
    from openai import APIConnectionError, APIStatusError, AsyncOpenAI

# A wrong key, and a wrong path or model.
_STATUSES_OF_EVERY_QUERY = (401, 403, 404)
# Shorter keys are the dummies that local servers want ("EMPTY", "none"): words, not secrets.
_MIN_SECRET_LENGTH = 8
# So many characters of what a server says go into a message.
_EXCERPT_LENGTH = 200


class _EveryQueryError(ModelError):
    """A failure that every other query would get as well: a wrong key, path or model."""


class _ThisQueryError(ModelError):
    """A failure that says nothing about the next query: an article too long for the server."""


@dataclass(frozen=True)
class RetryPolicy:
    """How long to wait, in seconds, and how often to ask again.

    `timeout` is for one attempt, from asking to the last byte. The waits between attempts begin
    at `backoff` and double, up to `longest_wait`; a server's Retry-After takes their place.
    """

    timeout: float
    retries: int
    backoff: float
    longest_wait: float


@dataclass
class ChatClient:
    """Asks one server; stops after `max_failures` in a row that are not about the query.

    Messages name it as `host` does.
    """

    client: "AsyncOpenAI"
    host: str
    key: str | None
    retry_policy: RetryPolicy
    slots: asyncio.Semaphore
    max_failures: int
    failures: int = 0
    stop_reason: str | None = None

    async def complete(
        self, messages: Sequence[Message], parameters: Mapping[str, Any], bill: Bill
    ) -> Completion:
        """Return the server's reply; raise ModelError, in words that hold no secret.

        To be called in one of the `slots`. The bill is `bill.most` afterwards, unless the server
        was not reached or refused.
        """
        if self.stop_reason:
            raise ModelError(f"not asked, since before: {self.stop_reason}")
        try:
            completion = await self._with_retries(messages, parameters, bill)
        except ModelError as error:
            raise self._count_failure(error) from None
        self.failures = 0
        return completion

    async def _with_retries(
        self, messages: Sequence[Message], parameters: Mapping[str, Any], bill: Bill
    ) -> Completion:
        from openai import APIConnectionError, APIStatusError, APITimeoutError, Omit

        headers: dict[str, Any] = {} if self.key else {"Authorization": Omit()}
        for attempt in range(self.retry_policy.retries + 1):
            bill.cost = bill.most  # whatever comes now, the server may have written a reply
            try:
                async with asyncio.timeout(self.retry_policy.timeout):
                    response = await self.client.chat.completions.with_raw_response.create(
                        messages=list(messages),  # type: ignore[arg-type]  # their types name each role
                        extra_headers=headers,
                        **parameters,
                    )
                return self._parse(response.http_response.content)
            except (TimeoutError, APITimeoutError):
                raise ModelError(
                    f"{self.host}: no whole answer in {self.retry_policy.timeout:g} s; "
                    "is the server overloaded? raise `timeout` or lower `concurrency`"
                ) from None
            except APIConnectionError as error:
                if isinstance(error.__cause__, ReplyTooLongError):
                    raise _ThisQueryError(f"{self.host}: {error.__cause__}") from None
                if _was_not_reached(error):
                    bill.cost = 0.0
                raise ModelError(f"{self.host}: {_connection_message(error)}") from None
            except APIStatusError as error:
                bill.cost = 0.0
                wait = self._retry_delay(error, attempt)
            await asyncio.sleep(wait)
        raise AssertionError  # the last attempt returns or raises

    def _retry_delay(self, error: "APIStatusError", attempt: int) -> float:
        """Return the seconds until the next attempt; raise ModelError if there is to be none."""
        status = error.status_code
        if 300 <= status < 400:
            raise _EveryQueryError(f"{self.host}: {_redirect_message(error)}")
        refusal = f"{self.host} answered {status}{self._server_message(error)}{_way_out(error)}"
        if status != 429 and status < 500:
            raise (
                _EveryQueryError(refusal)
                if status in _STATUSES_OF_EVERY_QUERY
                else _ThisQueryError(refusal)
            )
        if attempt == self.retry_policy.retries:
            raise ModelError(f"{refusal} (asked {attempt + 1} times)")
        requested = _retry_after(error.response.headers.get("retry-after"))
        if requested is None:
            return min(self.retry_policy.backoff * 2.0**attempt, self.retry_policy.longest_wait)
        if requested > self.retry_policy.longest_wait:
            raise ModelError(
                f"{refusal}; it asks to wait {requested:.0f} s, longer than `longest_wait` "
                f"({self.retry_policy.longest_wait:g} s)"
            )
        return requested

    def _parse(self, content: bytes) -> Completion:
        try:
            completion = Completion.model_validate(parse_json(content))
        except ValidationError as error:
            first = error.errors(include_url=False, include_context=False, include_input=False)[0]
            where = ".".join(str(part) for part in first["loc"])
            raise self._no_completion(f"{where}: {first['msg']}", content) from None
        except (ValueError, RecursionError) as error:
            raise self._no_completion(f"JSON: {error}", content) from None
        if completion.is_broken:
            excerpt = self._excerpt(content.decode(errors="replace"))
            raise ModelError(f"{self.host}: the server reports an error in its reply: {excerpt}")
        choice = completion.choice
        texts = (choice.message.content, choice.finish_reason, completion.model)
        if self._secret and any(self._secret in (text or "") for text in texts):
            raise ModelError(f"{self.host}: the answer repeats the API key; it is not kept")
        return completion

    def _no_completion(self, problem: str, content: bytes) -> ModelError:
        excerpt = self._excerpt(content.decode(errors="replace"))
        return ModelError(f"{self.host}: the answer is no chat completion ({problem}): {excerpt}")

    @property
    def _secret(self) -> str | None:
        return self.key if self.key and len(self.key) >= _MIN_SECRET_LENGTH else None

    def without_key(self, text: str) -> str:
        """Return a text with the key, if it is there, taken out."""
        return text.replace(self._secret, "[API key]") if self._secret else text

    def _server_message(self, error: "APIStatusError") -> str:
        """Return what a server says of its refusal, as the end of a line."""
        body = error.body
        message = body.get("message") or body.get("detail") if isinstance(body, dict) else None
        text = self._excerpt(message if isinstance(message, str) else error.response.text)
        return f": {text}" if text else ""

    def _excerpt(self, text: str) -> str:
        # The key first: half a key would no longer be found.
        return " ".join(self.without_key(text).split())[:_EXCERPT_LENGTH]

    def _count_failure(self, error: ModelError) -> ModelError:
        """Return the error without the key, and see whether there is any use in asking more."""
        message = self.without_key(str(error))
        self.failures = 0 if isinstance(error, _ThisQueryError) else self.failures + 1
        if isinstance(error, _EveryQueryError) or self.failures >= self.max_failures:
            self.stop_reason = message
        return ModelError(message)


def _redirect_message(error: "APIStatusError") -> str:
    response = error.response
    url = str(response.request.url)
    target = urlsplit(urljoin(url, response.headers.get("location", "")))
    other = "another host, " if target.netloc != urlsplit(url).netloc else ""
    return (
        f"redirects ({response.status_code}) to {other}{target.hostname}{target.path}; redirects "
        "are not followed: if you trust it, put that address into `url`"
    )


def _connection_message(error: "APIConnectionError") -> str:
    cause = error.__cause__
    name = type(cause).__name__ if cause else "connection error"
    reason = f"{name}: {cause}" if str(cause or "") else name
    if _was_not_reached(error):
        return f"cannot be reached ({reason}); is the server running, and `url` right?"
    return f"the answer broke off ({reason})"


def _was_not_reached(error: "APIConnectionError") -> bool:
    return type(error.__cause__).__name__ in ("ConnectError", "ProxyError")


def _way_out(error: "APIStatusError") -> str:
    """Return where the roster's entry is probably wrong, as the end of a message; mostly ""."""
    if error.status_code in (401, 403):
        return "; look at the variable that `api_key_env` names"
    if error.status_code == 404 and error.request.url.path == "/chat/completions":
        return "; of most servers `url` ends in /v1"
    return ""


def _retry_after(value: str | None) -> float | None:
    """Return the seconds that a Retry-After header asks for: a number or a date (RFC 9110).

    A date that names no zone, as that of C's asctime(), is in UTC.

    >>> _retry_after("2"), _retry_after("soon"), _retry_after("Wed, 21 Oct 2015 07:28:00 GMT")
    (2.0, None, 0.0)
    """
    if value is None:
        return None
    if value.strip().isdecimal():
        return float(value)
    try:
        date = email.utils.parsedate_to_datetime(value)
        moment = date if date.tzinfo else date.replace(tzinfo=UTC)
        return max(0.0, moment.timestamp() - time.time())
    except (ValueError, OverflowError):  # no date, and one of a year with too many digits
        return None
