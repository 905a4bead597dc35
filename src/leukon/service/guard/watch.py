"""What the guards have in common: acting when a response begins."""

from __future__ import annotations

from collections.abc import Callable

from starlette.types import Message, Send

__all__ = ["on_start"]


def on_start(send: Send, act: Callable[[Message], None]) -> Send:
    """A `send` that shows the beginning of the response (status and headers) before it goes out."""

    async def told(message: Message) -> None:
        if message["type"] == "http.response.start":
            act(message)
        await send(message)

    return told
