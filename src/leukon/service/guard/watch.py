"""What the guards have in common: acting when a response begins, and finding a header."""

from __future__ import annotations

from collections.abc import Callable

from starlette.types import Message, Scope, Send

__all__ = ["find_header", "on_start"]


def on_start(send: Send, act: Callable[[Message], None]) -> Send:
    """A `send` that shows the beginning of the response (status and headers) before it goes out."""

    async def told(message: Message) -> None:
        if message["type"] == "http.response.start":
            act(message)
        await send(message)

    return told


def find_header(scope: Scope, name: bytes) -> str | None:
    """The first header of this name (in lower case)."""
    return next((value.decode("latin-1") for key, value in scope["headers"] if key == name), None)
