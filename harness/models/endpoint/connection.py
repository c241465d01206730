"""The connection to a server: what is sent with a question, and which way. Imports the client.

The client of OpenAI reads variables of its own (OPENAI_CUSTOM_HEADERS, OPENAI_ORG_ID …), and what
it is built on others (HTTP_PROXY …). They are meant for one server, and a roster may name any: none
counts here but SSL_CERT_FILE and SSL_CERT_DIR, which say whom to trust.
"""

import os
import ssl
from functools import partial

from openai import AsyncOpenAI, DefaultAsyncHttpxClient, Omit, Timeout

from harness.errors import ModelError
from harness.models.endpoint.address import Proxy
from harness.models.endpoint.reply_bound import bound_reply


class _Client(AsyncOpenAI):
    """Sends no header but the key, and those that a chat completion takes."""

    @property
    def default_headers(self) -> dict[str, str | Omit]:
        return {
            "Accept": "application/json",
            "Accept-Encoding": "identity",  # replies are short, and what is packed has no length
            "Content-Type": "application/json",
            "User-Agent": self.user_agent,
        }


def open_client(
    url: str, key: str | None, timeout: Timeout, proxy: Proxy | None, most_bytes: int
) -> AsyncOpenAI:
    """Return a client for a server; it follows no redirect, and asks nothing again.

    Of a reply it reads so many bytes at most.

    Raises ModelError for certificates that cannot be read.
    """
    return _Client(
        base_url=url,
        api_key=key or "none",  # else it takes OPENAI_API_KEY
        timeout=timeout,
        max_retries=0,
        http_client=DefaultAsyncHttpxClient(
            follow_redirects=False,
            timeout=timeout,
            trust_env=False,
            proxy=proxy.url if proxy else None,
            verify=_trusted(),
            event_hooks={"response": [partial(bound_reply, most=most_bytes)]},
        ),
    )


def _trusted() -> ssl.SSLContext | bool:
    """Return the certificates that the environment names, `True` for those of the system."""
    file, folder = os.environ.get("SSL_CERT_FILE"), os.environ.get("SSL_CERT_DIR")
    if not file and not folder:
        return True
    try:
        return ssl.create_default_context(cafile=file or None, capath=folder or None)
    except OSError as error:
        reason = error.strerror or error
        raise ModelError(
            f"SSL_CERT_FILE or SSL_CERT_DIR: no certificates can be read from there ({reason}); "
            "correct it"
        ) from None
