"""How long a request may take until its answer begins."""

from __future__ import annotations

import asyncio

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from leukon.service.errors import write_error
from leukon.service.guard.watch import on_start

__all__ = ["TimeLimit"]


class TimeLimit:
    """Gives up a request that has no answer in time (504); an answer that has begun may take as long as it needs."""

    def __init__(self, app: ASGIApp, seconds: float) -> None:
        self._app, self._seconds = app, seconds

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        try:
            async with asyncio.timeout(self._seconds) as time:

                def begun(_: Message) -> None:
                    time.reschedule(None)

                await self._app(scope, receive, on_start(send, begun))
        except TimeoutError:
            if not time.expired():
                raise
            answer = write_error(scope, 504, f"no answer within {self._seconds:g} s")
            await answer(scope, receive, send)
