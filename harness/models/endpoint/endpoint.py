"""Models behind a server that speaks OpenAI's chat API: vLLM, TGI, llama.cpp, Ollama, hosted ones.

    [my-model]
    kind = "endpoint"
    url = "http://localhost:8000/v1"
    model = "owner/name"
    api_key_env = "MY_KEY"     # the name of an environment variable, never the key

The server applies its own chat template and cuts nothing for us: an article that it finds too
long is an error, recorded with the server's words.
"""

import asyncio
import json
import math
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import Future, as_completed
from typing import Annotated, Any, ClassVar, Literal, Self
from urllib.parse import urlsplit

from pydantic import AfterValidator, Field, PrivateAttr, StringConstraints

from harness.errors import CostLimitError, ModelError
from harness.files import canonical_json, sha256
from harness.models.endpoint.address import Proxy, environment_proxy, server_address
from harness.models.endpoint.api_key import api_key, environment_variable
from harness.models.endpoint.chat_client import ChatClient, RetryPolicy
from harness.models.endpoint.completion import LOGPROBS, Completion, Usage
from harness.models.endpoint.prices import Prices, Purse, expected_tokens, max_tokens
from harness.models.model import CostLimit, Estimate
from harness.models.streaming import Streaming
from harness.models.task_prompts import DEFAULT_PROMPTS, Prompts
from harness.progress import note
from harness.prompting.prompts import Message, Prompt
from harness.records import Prediction, Query, Task
from harness.requirements import Missing, missing_packages

# So many failures in a row, or twice the requests under way: then the rest is not asked.
_MAX_FAILURES = 10


class Endpoint(Streaming):
    """A chat model behind a server, asked in the words of a prompt, by default at temperature 0.

    What the server runs under the model's name is the server's word: the name that it returns is
    recorded with each prediction.
    """

    can: ClassVar[tuple[Task, ...]] = ("summarize", "answer")
    served: ClassVar[bool] = True
    revision: ClassVar[int] = 2

    url: Annotated[
        str, AfterValidator(server_address), Field(examples=["http://localhost:8000/v1"])
    ]
    """The server's base address, usually ending in /v1."""
    model: Annotated[
        str, StringConstraints(min_length=1), Field(examples=["Qwen/Qwen2.5-0.5B-Instruct"])
    ]
    """The model's name on that server."""
    api_key_env: Annotated[str, AfterValidator(environment_variable)] | None = None
    """The name of the environment variable that holds the key; without it no key is sent."""
    use_proxy: bool = False
    """Ask through the proxy that the environment names, by HTTP_PROXY, HTTPS_PROXY or ALL_PROXY,
    unless NO_PROXY exempts the server; otherwise none is used, whatever they say."""
    prompts: Prompts = Field(default=DEFAULT_PROMPTS, validate_default=True)
    """The prompt of each task, by its file's name; it sets the most tokens of a reply."""
    temperature: Annotated[float, Field(ge=0, le=2)] = 0
    """Sent with each request; above 0 the server draws its words, so see `--repeats`."""
    seed: int = 0
    """Sent with each request, for servers that heed it; of `--repeats` each has the next one."""
    omit: tuple[Literal["temperature", "seed"], ...] = ()
    """Parameters that this server refuses, and so are not sent."""
    limit_name: Literal["max_tokens", "max_completion_tokens"] = "max_tokens"
    """What this server calls the most tokens of a reply."""
    logprobs: bool = False
    """Ask how probable each beginning of a reply is, for a judge's grade; few servers say it."""
    concurrency: Annotated[int, Field(ge=1, le=1000)] = 4
    """How many requests are under way at once."""
    timeout: Annotated[float, Field(gt=0)] = 120.0
    """Seconds for one attempt, to the last byte of the reply."""
    connect_timeout: Annotated[float, Field(gt=0)] = 10.0
    """Seconds to reach the server."""
    retries: Annotated[int, Field(ge=0, le=20)] = 4
    """How often a 429 or 5xx is asked again; nothing else is."""
    backoff: Annotated[float, Field(ge=0)] = 1.0
    """Seconds before the first retry, doubled with each."""
    longest_wait: Annotated[float, Field(ge=0)] = 60.0
    """The longest wait before a retry, in seconds; a server that wants more is asked no more."""
    max_reply_bytes: Annotated[int, Field(ge=1000)] = 1_000_000
    """The most bytes of a reply, unpacked; no more is read, and a longer one is a failure."""
    prices: Prices | None = None
    """What a million tokens cost, for the leaderboard's costs and `--max-cost`."""

    _cost_limit: CostLimit = PrivateAttr(default_factory=lambda: CostLimit(math.inf))
    _told: set[str] = PrivateAttr(default_factory=set)

    @property
    def tasks(self) -> tuple[Task, ...]:
        """The tasks that it has a prompt for."""
        return tuple(task for task in self.can if task in self.prompts)

    @property
    def missing(self) -> Missing:
        """The client, if it is not installed."""
        return missing_packages("openai")

    @property
    def network(self) -> str:
        """Where the articles go, and by which proxy if the roster asks for one."""
        direct = self.use_proxy and self._proxy is None
        way = ", directly: the environment names no proxy for it" if direct else ""
        return f"sends articles and questions to {self._way}{way}"

    def identity(self, task: Task) -> Mapping[str, object]:
        """Return the server, the model's name there, the prompt and the decoding.

        Raises ModelError if the client is not installed, the key is not in the environment, or its
        proxy is none that can be used.
        """
        if missing := self.missing:
            raise ModelError(missing.message(self.model))
        _ = self._key, self._proxy
        return {
            "kind": "endpoint",
            "revision": self.revision,
            "url": self.url,
            "model": self.model,
            "prompt": self.prompts[task].sha256,
            "decoding": self._decoding(self.prompts[task]),
        }

    @property
    def varies(self) -> bool:
        """A server may answer otherwise each time, at temperature 0 too."""
        return True

    def for_repeat(self, number: int) -> Self:
        """Return the model with the seed that the repeat has: the first has the roster's."""
        return self.model_copy(update={"seed": self.seed + number - 1})

    def estimate(self, query: Query) -> Estimate:
        """Return the tokens of the messages, by their bytes, and the most of the reply."""
        prompt = self.prompts[query.task]
        messages = prompt.render(query)
        return Estimate(
            input_tokens=expected_tokens(messages),
            max_input_tokens=max_tokens(messages),
            max_output_tokens=prompt.max_new_tokens,
        )

    def cost(self, input_tokens: float, output_tokens: float) -> float | None:
        """Return what so many tokens cost by the roster's prices."""
        return self.prices.cost(input_tokens, output_tokens) if self.prices else None

    def limit_cost(self, limit: CostLimit) -> None:
        """Ask no more than the limit allows; raise ModelError if there are no prices to know it."""
        if self.prices is None:
            raise ModelError(
                f"{self.model}: --max-cost needs its `prices`; give them in the roster"
            )
        self._cost_limit = limit

    def stream(self, queries: Sequence[Query]) -> Iterator[tuple[int, Prediction]]:
        """Yield the replies as they come; at most `concurrency` requests are under way.

        Raises CostLimitError, when all that was asked has come, if the rest might cost too much.
        """
        from anyio.from_thread import start_blocking_portal
        from openai import Timeout

        from harness.models.endpoint.connection import open_client

        timeout = Timeout(self.timeout, connect=self.connect_timeout)
        client = open_client(self.url, self._key, timeout, self._proxy, self.max_reply_bytes)
        retry_policy = RetryPolicy(self.timeout, self.retries, self.backoff, self.longest_wait)
        with start_blocking_portal() as portal, portal.wrap_async_context_manager(client):
            slots = asyncio.Semaphore(self.concurrency)
            max_failures = max(_MAX_FAILURES, 2 * self.concurrency)
            chat_client = ChatClient(
                client, self._way, self._key, retry_policy, slots, max_failures
            )
            purse = Purse(self._cost_limit)
            places: dict[Future[Prediction | CostLimitError], int] = {
                portal.start_task_soon(self._predict_one, chat_client, purse, query): place
                for place, query in enumerate(queries)
            }
            refusal: CostLimitError | None = None
            try:
                for future in as_completed(places):
                    outcome = future.result()
                    if isinstance(outcome, CostLimitError):
                        refusal = outcome
                    else:
                        yield places[future], outcome
                if refusal:
                    raise refusal
            finally:
                for future in places:
                    future.cancel()

    def rendered_prompt(self, query: Query) -> str:
        """Return the messages for a query as JSON; what the server makes of them it alone knows."""
        return canonical_json(self.prompts[query.task].render(query))

    def readable_prompt(self, rendered: str) -> str:
        """Return messages one below the other, each below its role."""
        messages: list[Message] = json.loads(rendered)
        return "\n\n".join(f"[{message['role']}]\n{message['content']}" for message in messages)

    async def _predict_one(
        self, chat_client: ChatClient, purse: Purse, query: Query
    ) -> Prediction | CostLimitError:
        """Return what one request comes to; a CostLimitError for one that was not made."""
        prompt = self.prompts[query.task]
        messages = prompt.render(query)
        rendered = sha256(canonical_json(messages))
        parameters = {"model": self.model, **self._decoding(prompt)}
        most = self.cost(max_tokens(messages), prompt.max_new_tokens) or 0.0
        try:
            async with chat_client.slots, purse.paying(most) as bill:
                completion = await chat_client.complete(messages, parameters, bill)
                cost = self._reported_cost(completion)
                bill.cost = most if cost is None else cost
            cut = completion.told_of_cut(sum(len(message["content"]) for message in messages))
            if cut and not self._told:
                self._told.add(cut)
                note(f"{chat_client.host} {cut}")
            return self._prediction(prompt, rendered, completion, chat_client.host)
        except CostLimitError as error:
            return error
        except Exception as error:  # whatever comes of one request is that one's own failure
            message = chat_client.without_key(f"{type(error).__name__}: {error}")
            return Prediction("", rendered_sha256=rendered, error=" ".join(message.split())[:500])

    def _prediction(
        self, prompt: Prompt, rendered: str, completion: Completion, host: str
    ) -> Prediction:
        raw = completion.answer(host)
        usage = completion.usage or Usage()
        return Prediction(
            text=prompt.postprocess(raw),
            raw=raw,
            rendered_sha256=rendered,
            output_tokens=usage.completion_tokens,
            finish=completion.choice.finish_reason,
            prompt_tokens=usage.prompt_tokens,
            served_by=completion.model,
            cost=self._reported_cost(completion),
            candidates=completion.choice.first_tokens,
        )

    def _reported_cost(self, completion: Completion) -> float | None:
        """Return a reply's cost by what the server counted, `None` where it does not say."""
        usage = completion.usage or Usage()
        if usage.prompt_tokens is None or usage.completion_tokens is None:
            return None
        return self.cost(usage.prompt_tokens, usage.completion_tokens)

    def _decoding(self, prompt: Prompt) -> dict[str, Any]:
        """Return the parameters of a request that decide how the reply is written."""
        # A whole 0, as ever: 0.0 would be another identity.
        decoding = {"temperature": self.temperature or 0, "seed": self.seed}
        sent = {name: value for name, value in decoding.items() if name not in self.omit}
        more = LOGPROBS if self.logprobs else {}
        return {**sent, **more, self.limit_name: prompt.max_new_tokens}

    @property
    def _proxy(self) -> Proxy | None:
        """The proxy that stands between; raises ModelError for one that cannot be used."""
        return environment_proxy(self.url) if self.use_proxy else None

    @property
    def _way(self) -> str:
        """The server's host, and the proxy's if one stands between."""
        host = urlsplit(self.url).netloc
        return f"{host} through the proxy {self._proxy.host}" if self._proxy else host

    @property
    def _key(self) -> str | None:
        """The API key; raises ModelError if its variable is not set, or holds no key."""
        if self.api_key_env is None:
            return None
        return api_key(self.model, self.api_key_env, self.url)
