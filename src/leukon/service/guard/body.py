"""The body of a request: whole, in time, not too large, not packed, not nested without end."""

from __future__ import annotations

import asyncio

from starlette.requests import ClientDisconnect
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from leukon.service.errors import find_header, write_error
from leukon.service.guard.shape import find_excess

__all__ = ["BodyLimits"]

_CLOSE = {"Connection": "close"}  # the rest of the body is not waited for


class BodyLimits:
    """Reads the body before anything else sees it; what is refused is never parsed."""

    def __init__(self, app: ASGIApp, most_bytes: int, time_limit_s: float) -> None:
        self._app, self._most, self._limit = app, most_bytes, time_limit_s

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        try:
            body = await self._read(scope, receive)
        except ClientDisconnect:
            return
        except _RefusedError as refused:
            answer = write_error(scope, refused.status, str(refused), _CLOSE)
            await answer(scope, receive, send)
            return
        await self._app(scope, _Replay(body, receive), send)

    async def _read(self, scope: Scope, receive: Receive) -> bytes:
        packed = find_header(scope, b"content-encoding")
        if packed is not None and packed.strip().lower() not in ("", "identity"):
            raise _RefusedError(415, "packed bodies (Content-Encoding) are not read; send it as it is")
        told = find_header(scope, b"content-length")
        if told is not None and told.isdecimal() and int(told) > self._most:
            raise self._too_large()
        parts: list[bytes] = []
        left = self._most
        try:
            async with asyncio.timeout(self._limit):
                more = True
                while more:
                    message = await receive()
                    if message["type"] == "http.disconnect":
                        raise ClientDisconnect
                    parts.append(message.get("body", b""))
                    more = message.get("more_body", False)
                    left -= len(parts[-1])
                    if left < 0:
                        raise self._too_large()
        except TimeoutError:
            raise _RefusedError(408, f"the request did not arrive within {self._limit:g} s") from None
        body = b"".join(parts)
        if excess := find_excess(body):
            raise _RefusedError(400, excess)
        return body

    def _too_large(self) -> _RefusedError:
        return _RefusedError(413, f"the request is larger than {self._most / 1e6:g} MB")


class _RefusedError(Exception):
    def __init__(self, status: int, line: str) -> None:
        super().__init__(line)
        self.status = status


class _Replay:
    """Gives the body that was read, then whatever the connection brings."""

    def __init__(self, body: bytes, receive: Receive) -> None:
        self._body: bytes | None = body
        self._receive = receive

    async def __call__(self) -> Message:
        if self._body is None:
            return await self._receive()
        body, self._body = self._body, None
        return {"type": "http.request", "body": body, "more_body": False}
