"""How many bytes a server may reply with: counted as they come, unpacked, and no more is read.

A few kilobytes of gzip can unpack to gigabytes, and a server may send without end.
"""

import zlib
from collections.abc import AsyncIterator
from typing import Any

from harness.errors import ModelError

_UNPACKED = ("", "identity")
_PACKED = ("gzip", "x-gzip", "deflate")


class ReplyTooLongError(ModelError):
    """A reply that is longer than the roster lets it be, or packed in a way that none asked for."""


async def bound_reply(response: Any, most: int) -> None:
    """Let a response of the client's HTTP library be read up to so many bytes, unpacked.

    What reads it raises ReplyTooLongError at the first byte beyond.
    """
    encoding = response.headers.pop("content-encoding", "").strip().lower()
    # The class of the library's streams, whichever library it is.
    kind: Any = next(
        kind for kind in type(response.stream).__mro__ if kind.__name__ == "AsyncByteStream"
    )
    source = response.stream

    class Bounded(kind):  # type: ignore[misc]
        async def __aiter__(self) -> AsyncIterator[bytes]:
            async for chunk in _bounded(source, encoding, most):
                yield chunk

        async def aclose(self) -> None:
            await source.aclose()

    response.stream = Bounded()


async def _bounded(source: Any, encoding: str, most: int) -> AsyncIterator[bytes]:
    if encoding not in (*_UNPACKED, *_PACKED):
        raise ReplyTooLongError(
            f"the reply is packed by {encoding[:40]!r}, which was not asked for"
        )
    # zlib sees for itself which of the two it is, but for deflate without a head.
    unpack = zlib.decompressobj(zlib.MAX_WBITS | 32) if encoding in _PACKED else None
    count = 0
    async for chunk in source:
        try:
            data = unpack.decompress(chunk, most - count + 1) if unpack else chunk
        except zlib.error as error:
            raise ReplyTooLongError(f"the reply is not what {encoding} packs: {error}") from None
        count += len(data)
        if count > most:
            raise ReplyTooLongError(
                f"the reply is longer than {most:,} bytes; if it should be, raise "
                "`max_reply_bytes` in the roster"
            )
        yield data
